// What X is scaled by. sc-preprocess writes X as logarithms, and the mean and deviation of every
// gene to var; later stages subtract and divide. Columns of these names that another program wrote
// differ: scanpy's scale writes `mean` and `std` of values that it has already scaled.

import Tensors

extension CellData {
  /// Mean and standard deviation of every gene by which X is to be scaled; nil if X is used
  /// unchanged.
  ///
  /// sc-preprocess wrote them last. They count only if they still fit X: somebody may have changed
  /// the values, or removed cells.
  package var scaling: (mean: [Double], deviation: [Double])? {
    guard let names = scalingColumns, let mean = self.var[names.mean]?.numbers,
      let deviation = self.var[names.deviation]?.numbers
    else { return nil }
    let holds = featureKind != nil || (isScaled ?? fits(mean, deviation))
    return holds ? (mean, deviation) : nil
  }

  /// Settles whether X is scaled. Call it before cells are selected from the object, or added to
  /// it. The result is then scaled like these cells.
  package mutating func recordScaling() { isScaled = scaling != nil }

  /// The same for a stored model: X is scaled as in sc-pretrain's training, even if cells were
  /// removed since.
  package mutating func recordScalingOfModel() {
    if let names = scalingColumns, isOwn(names.mean, of: .var), isOwn(names.deviation, of: .var),
      let training = history.last(where: { $0.tool == "sc-pretrain" })
    {
      isScaled = training.settings[Self.scaledSetting] != "false"
    } else {
      recordScaling()
    }
  }

  /// What sc-pretrain notes if X is not scaled: `false`.
  package static let scaledSetting = "scaled"

  /// Why X is not scaled; nil if it is.
  package var scalingRemark: String? {
    if x == nil || scaling != nil { return nil }
    let reason =
      if scalingColumns != nil {
        "X or var/mean, var/std were changed after sc-preprocess; run it again to scale the values"
      } else if hasRun("sc-preprocess") { "sc-preprocess wrote no var/mean and var/std" } else {
        "there are no var/mean and var/std of sc-preprocess"
      }
    return "the values of X are used without scaling: \(reason)"
  }

  /// The columns to which the last run of sc-preprocess wrote them; nil if it wrote none. A
  /// prepared second modality has them under their own names.
  private var scalingColumns: (mean: String, deviation: String)? {
    if featureKind != nil { return ("mean", "std") }
    guard let made = history.last(where: { $0.tool == "sc-preprocess" }) else { return nil }
    func name(_ role: String) -> String? {
      self.var.columnNames.first { made.roles(of: $0, on: .var).contains(role) }
    }
    guard let mean = name("mean"), let deviation = name("std") else { return nil }
    return (mean, deviation)
  }

  /// Makes these the scaling of X.
  package mutating func setScaling(mean: Buffer<Float>, deviation: Buffer<Float>) {
    var columns = OwnColumns()
    columns.write(.float32(mean), "mean", as: ownColumn("mean", of: .var), to: &self, of: .var)
    columns.write(.float32(deviation), "std", as: ownColumn("std", of: .var), to: &self, of: .var)
    let settings = Dictionary(
      columns.settings(in: self).map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
    isScaled = true
    history.append(
      Provenance(tool: "sc-preprocess", version: "", settings: settings, seed: 0, inputCRC: ""))
  }

  /// Whether the columns of X have these means and deviations, up to rounding; a constant column
  /// has the deviation 1.
  private func fits(_ means: [Double], _ deviations: [Double]) -> Bool {
    guard let x, cellCount > 0 else { return false }
    let (sums, squares) = x.columnSums
    let count = Double(cellCount)
    func isNear(_ found: Double, _ known: Double) -> Bool {
      !found.isFinite || !(abs(found - known) > 1e-3 * abs(known) + 1e-4)
    }
    // Values that are not finite, and deviations that are not positive, have messages of their own.
    return means.indices.allSatisfy { j in
      let mean = sums[j] / count
      let spread = max(0, squares[j] - mean * sums[j]) / max(1, count - 1)
      let isExempt = deviations[j] <= 0 || (deviations[j] == 1 && spread < 1e-6)
      return isNear(mean, means[j]) && (isExempt || isNear(spread.squareRoot(), deviations[j]))
    }
  }
}

extension MatrixValues {
  /// Σ x and Σ x² of every column.
  fileprivate var columnSums: (sums: [Double], squares: [Double]) {
    var sums = [Double](repeating: 0, count: columns)
    var squares = sums
    func add(_ value: Float, to column: Int) {
      sums[column] += Double(value)
      squares[column] += Double(value) * Double(value)
    }
    switch self {
    case .sparse(let matrix):
      let (indices, values) = (matrix.indices.span, matrix.values.span)
      for k in values.indices { add(values[k], to: Int(indices[k])) }
    case .dense(let matrix):
      for i in 0..<matrix.rows {
        let row = matrix.row(i)
        for j in 0..<matrix.columns { add(row[j], to: j) }
      }
    }
    return (sums, squares)
  }
}
