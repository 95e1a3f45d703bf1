import Tensors
import TestSupport
import Testing
import Training

@Suite struct FilterCalibrationTests {
  private func calibration(margin: Bool, neighbors: Bool) -> FilterCalibration {
    var result = FilterCalibration()
    (result.setsMargin, result.setsNeighbors) = (margin, neighbors)
    return result
  }

  /// A hundred cells on a line, in two clusters, with margins 0.005, 0.01, … of a hundred steps.
  private let line = Matrix<Float>((0..<100).map { [Float($0)] })
  private let soft = Matrix<Float>(
    (0..<100).map { [0.5025 + 0.0025 * Float($0), 0.4975 - 0.0025 * Float($0)] })

  @Test(arguments: [0.5, 0.8, 1]) func theShareOfTheCellsPasses(_ share: Double) throws {
    var calibration = calibration(margin: true, neighbors: false)
    calibration.confidentShare = share
    let filter = try ReliabilityFilter().calibrated(
      calibration, codes: line, softAssignment: soft)
    let result = try filter(codes: line, softAssignment: soft)
    #expect(result.reliability.count { $0 != .margin } == Int(100 * share))
    #expect(filter.neighbors == 4)
  }

  /// ε is at most the paper's, and at least 0.
  @Test func bounds() throws {
    let calibration = calibration(margin: true, neighbors: false)
    let sure = Matrix<Float>(repeating: 0.999, rows: 100, columns: 1)
    let torn = Matrix<Float>(repeating: 0.5, rows: 100, columns: 2)
    func margin(_ soft: Matrix<Float>) throws -> Double {
      try ReliabilityFilter().calibrated(calibration, codes: line, softAssignment: soft).margin
    }
    #expect(try margin(sure) == 0.8)
    #expect(try margin(torn) == 0)
  }

  @Test func whatIsGivenStays() throws {
    let given = ReliabilityFilter(margin: 0.93, neighbors: 7)
    let same = try given.calibrated(FilterCalibration(), codes: line, softAssignment: soft)
    #expect(same == given)
  }

  /// Groups of four cells within one cluster: three neighbors tie each group together, from four on
  /// groups are tied to each other.
  @Test func theFewestNeighborsThatConnect() throws {
    let codes = Matrix<Float>(
      (0..<40).map { [Float($0 % 4) + 10 * Float($0 / 4)] })
    let sure = Matrix<Float>((0..<40).map { _ in [0.99, 0.01] })
    let filter = try ReliabilityFilter(margin: 0.5).calibrated(
      calibration(margin: false, neighbors: true), codes: codes, softAssignment: sure)
    #expect(filter.margin == 0.5 && filter.neighbors == 4)
    for (neighbors, connected) in [(3, 4), (4, 40)] {
      var other = filter
      (other.neighbors, other.outlierShare) = (neighbors, 0)
      #expect(try other(codes: codes, softAssignment: sure).reliableCount == connected)
    }
  }

  /// Two groups that no number of neighbors brings together: the most.
  @Test func theMostWhereNoneConnects() throws {
    let codes = Matrix<Float>((0..<60).map { [Float($0 % 30) + 1e4 * Float($0 / 30)] })
    let filter = try ReliabilityFilter().calibrated(
      calibration(margin: true, neighbors: true), codes: codes,
      softAssignment: Matrix(repeating: 1, rows: 60, columns: 1))
    #expect(filter.neighbors == 10)
  }

  @Test(arguments: [0, 1, 2]) func fewCells(_ count: Int) throws {
    let filter = try ReliabilityFilter().calibrated(
      calibration(margin: true, neighbors: true), codes: Matrix.zeros(count, 2),
      softAssignment: Matrix(repeating: 1, rows: count, columns: 1))
    #expect((0...0.8).contains(filter.margin) && filter.neighbors >= 2)
  }
}
