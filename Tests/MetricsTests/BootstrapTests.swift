import Metrics
import Tensors
import TestSupport
import Testing

@Suite struct BootstrapTests {
  private let truth = (0..<400).map { $0 % 3 }
  private let predicted = (0..<400).map { ($0 * 7) % 10 < 7 ? $0 % 3 : $0 % 2 }

  @Test("an accuracy's interval is the binomial's: mean ± 1.96 √(p (1 − p) / N)")
  func binomial() throws {
    let table = try ContingencyTable(truth: truth, predicted: predicted)
    let intervals = Bootstrap(replicates: 4000, seed: 3).intervals(of: table)
    #expect(intervals.map(\.key) == Agreement(table).named.map(\.key))
    let accuracy = table.accuracy
    let width = 1.96 * (accuracy * (1 - accuracy) / 400).squareRoot()
    let interval = try #require(intervals.first { $0.key == "acc" }).interval
    assertClose([interval.low], [accuracy - width], tolerance: 0.01)
    assertClose([interval.high], [accuracy + width], tolerance: 0.01)
    for (figure, interval) in zip(Agreement(table).named, intervals) {
      #expect(interval.interval.low < figure.value && figure.value < interval.interval.high)
    }
  }

  @Test("a mean's interval is the normal one")
  func means() throws {
    let values = (0..<500).map { Double(($0 * 37) % 101) }
    let mean = values.reduce(0, +) / 500
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 500
    let interval = try #require(Bootstrap(replicates: 4000, seed: 1).interval(ofMean: values))
    let width = 1.96 * (variance / 500).squareRoot()
    assertClose([interval.low, interval.high], [mean - width, mean + width], tolerance: 0.01)
    #expect(Bootstrap(replicates: 10, seed: 1).interval(ofMean: []) == nil)
  }

  @Test("the same for any threads, another for another seed")
  func repeatable() throws {
    let table = try ContingencyTable(truth: truth, predicted: predicted)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = Bootstrap(replicates: 100, seed: 0).intervals(of: table).map(\.interval)
    Threads.count = 3
    #expect(Bootstrap(replicates: 100, seed: 0).intervals(of: table).map(\.interval) == one)
    #expect(Bootstrap(replicates: 100, seed: 1).intervals(of: table).map(\.interval) != one)
  }

  @Test("perfect agreement and single cells have intervals without width")
  func degenerate() throws {
    for labels in [[0], [4, 4, 4], [0, 1, 1]] {
      let table = try ContingencyTable(truth: labels, predicted: labels)
      for (key, interval) in Bootstrap(replicates: 50, seed: 0).intervals(of: table) {
        #expect(interval.high - interval.low < 1e-12 || key == "fowlkes_mallows", "\(key)")
      }
    }
  }
}
