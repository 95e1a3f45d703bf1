import CellData
import Foundation
import Tensors

/// The simulated cells with twelve proteins, three of them high in each type.
enum PairedCells {
  static let proteinNames = (0..<12).map { "Protein\($0)" }

  /// Counts; the fourth protein of each four is the same in all types. (120, 12)
  static let proteins: [[Float]] = {
    var generator = RandomGenerator(seed: 11)
    return (0..<SimulatedCells.cells).map { cell in
      (0..<12).map { j in
        let isHigh = j / 4 == cell % SimulatedCells.types && j % 4 < 3
        return Float(Int((isHigh ? 40 : 6) * (0.6 + 0.8 * generator.uniform())))
      }
    }
  }()

  /// The proteins, or other values of theirs, of the cells in the order given.
  static func modality(
    _ name: String = "adt", _ values: [[Float]] = proteins, features: [String] = proteinNames,
    order: [Int] = Array(0..<SimulatedCells.cells)
  ) -> Modality {
    Modality(
      name: name,
      data: CellData(
        obs: Frame(index: order.map { SimulatedCells.barcodes[$0] }), var: Frame(index: features),
        x: .sparse(SparseMatrix(Matrix(order.map { values[$0] })))))
  }

  /// Forty peaks, ten of them open more often in each type. (120, 40)
  private static let peaks: [[Float]] = {
    var generator = RandomGenerator(seed: 13)
    return (0..<SimulatedCells.cells).map { cell in
      (0..<40).map { j in
        let rate = j / 10 == cell % SimulatedCells.types ? 0.7 : 0.1
        return generator.uniform() < rate ? (generator.uniform() < 0.3 ? 2 : 1) : 0
      }
    }
  }()

  private static func withPeaks(_ peaks: [[Float]]) -> CellData {
    let names = peaks[0].indices.map { "chr1:\($0 * 1000)-\($0 * 1000 + 500)" }
    var result = object()
    result.modalities = [modality("atac", peaks, features: names)]
    return result
  }

  /// The RNA beside peaks.
  static func withPeaks() -> CellData { withPeaks(peaks) }

  /// The RNA beside 20,000 peaks, of which one is open.
  static func withManyPeaks() -> CellData {
    var row = [Float](repeating: 0, count: 20_000)
    row[7] = 1
    return withPeaks(Array(repeating: row, count: SimulatedCells.cells))
  }

  /// Both measurements, the cells in the order given.
  static func object(order: [Int] = Array(0..<SimulatedCells.cells)) -> CellData {
    var result = CellData(
      obs: Frame(index: order.map { SimulatedCells.barcodes[$0] }),
      var: Frame(index: SimulatedCells.geneNames),
      x: .sparse(SparseMatrix(Matrix(order.map { SimulatedCells.counts[$0] }))))
    result.obs["type"] = .strings(order.map { SimulatedCells.typeNames[$0 % 3] })
    result.modalities = [modality(order: order)]
    return result
  }
}
