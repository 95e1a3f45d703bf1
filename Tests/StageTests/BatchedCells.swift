import CellData
import Tensors

/// The simulated cells in two samples, the second with other genes amplified.
enum BatchedCells {
  /// The sample of every cell. (120)
  static let samples = (0..<SimulatedCells.cells).map { "s\($0 / 3 % 2)" }

  /// (120, 200)
  static let counts: [[Float]] = zip(SimulatedCells.counts, samples).map { row, sample in
    row.enumerated().map { gene, count in
      sample == "s1" && gene % 4 == 0 ? 3 * count + 2 : count
    }
  }
}

extension Shell {
  /// Writes `in.st`: the cells of two samples, with `obs/sample`, and other columns that are no
  /// samples. These are `one` of one class, `gaps` with a cell without, `depth` of numbers, `each`
  /// of as many classes as cells, `many` of 13.
  func writeBatches(_ change: (inout CellData) -> Void = { _ in }) throws {
    let count = SimulatedCells.cells
    try writeInput { cells in
      cells.x = .sparse(SparseMatrix(Matrix(BatchedCells.counts)))
      cells.obs["sample"] = .strings(BatchedCells.samples)
      cells.obs["one"] = .strings((0..<count).map { _ in "a" })
      cells.obs["gaps"] = .categorical(
        Categories((0..<count).map { $0 == 3 ? nil : "y\($0 % 2)" }))
      cells.obs["depth"] = .float64(Buffer((0..<count).map { Double($0) + 0.5 }))
      cells.obs["each"] = .integer(Buffer((0..<count).map { 7 * $0 }))
      cells.obs["many"] = .strings((0..<count).map { "m\($0 % 13)" })
      change(&cells)
    }
  }
}
