import Foundation
import Tensors
import Testing

/// Counts of reads: every molecule has some hundred of them, some have hundreds of thousands.
@Suite struct ReadCountTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      var generator = RandomGenerator(seed: 3)
      let lengths = (0..<SimulatedCells.genes).map { _ in exp(generator.normal()) }
      var counts = Matrix(SimulatedCells.counts)
      for i in 0..<counts.rows {
        for j in 0..<counts.columns where counts[i, j] > 0 {
          let amplification = 200 * lengths[j] * exp(0.7 * generator.normal())
          counts[i, j] = max(1, (Float(amplification) * counts[i, j]).rounded())
        }
      }
      counts[5, 7] = 2_400_000
      cells.x = .sparse(SparseMatrix(counts))
    }
  }

  @Test("are learnt from and clustered")
  func clusters() throws {
    let trained = try shell.run(
      "sc-preprocess -q in.st --labels type | sc-knn -q | sc-pretrain -v --epochs 30 -o model.st",
      timeout: 120)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.contains("the counts look like reads"))
    let share = try #require(
      trained.errors.firstMatch(of: /; ([0-9.]+) % of the deviance explained/))
    #expect(try #require(Double(share.1)) > 5)
    #expect(!trained.errors.contains("warning"))
    #expect(
      try shell.run("sc-cluster -q model.st --clusters 3 -o out.st", timeout: 120).status == 0)
    let report = try shell.run("sc-eval out.st --labels type --json")
    let figures = try #require(
      try JSONSerialization.jsonObject(with: report.output) as? [String: Any])
    #expect(try #require(figures["ari"] as? Double) > 0.9)
  }

  @Test("a step that is too large is made smaller, and that is said")
  func restart() throws {
    #expect(try shell.run("sc-preprocess -q in.st | sc-knn -q -o knn.st").status == 0)
    let options = "--models 1 --epochs 6 --batch-size 32 --learning-rate 20"
    let whole = try shell.run("sc-pretrain knn.st \(options) -o whole.st", timeout: 120)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.errors.contains("training restarts with --learning-rate 4"), "\(whole.errors)")
  }
}
