// What X is scaled by. sc-preprocess leaves X as logarithms and writes mean and deviation of every
// gene beside them; the stages that come after subtract and divide. Columns of these names that
// another program wrote are something else: scanpy's scale leaves `mean` and `std` beside values
// that it has scaled already.

import Tensors

extension CellData {
  /// Mean and standard deviation of every gene by which X is to be scaled; nil where it is to be
  /// taken as it is.
  ///
  /// They are what sc-preprocess wrote last. Where somebody has changed X or them since, they count
  /// only if the means are still those of X.
  package var scaling: (mean: [Double], deviation: [Double])? {
    guard let names = scalingColumns, let mean = self.var[names.mean]?.numbers,
      let deviation = self.var[names.deviation]?.numbers
    else { return nil }
    var isAsWritten = isOwn(names.mean, of: .var) && isOwn(names.deviation, of: .var)
    if case .dense = x, featureKind == nil { isAsWritten = false }
    return isAsWritten || featureKind != nil || hasMeans(mean) ? (mean, deviation) : nil
  }

  /// Why X is not scaled; nil where it is.
  package var scalingRemark: String? {
    if x == nil || scaling != nil { return nil }
    let reason =
      if scalingColumns != nil {
        "X or var/mean, var/std were changed after sc-preprocess"
      } else if wasThrough("sc-preprocess") { "sc-preprocess wrote no var/mean and var/std" } else {
        "there are no var/mean and var/std of sc-preprocess"
      }
    return "the values of X are used without scaling: \(reason)"
  }

  /// Where the last run of sc-preprocess put them; nil where it put them nowhere. A prepared second
  /// modality has them under their own names.
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
    history.append(
      Provenance(tool: "sc-preprocess", version: "", settings: settings, seed: 0, inputCRC: ""))
  }

  /// Whether the columns of X have these means, but for rounding.
  private func hasMeans(_ means: [Double]) -> Bool {
    guard let x, cellCount > 0 else { return false }
    var sums = [Double](repeating: 0, count: means.count)
    switch x {
    case .sparse(let values):
      for k in 0..<values.entryCount { sums[Int(values.indices[k])] += Double(values.values[k]) }
    case .dense(let values):
      for i in 0..<values.rows {
        let row = values.row(i)
        for j in 0..<values.columns { sums[j] += Double(row[j]) }
      }
    }
    return zip(sums, means).allSatisfy { sum, mean in
      abs(sum / Double(cellCount) - mean) <= 1e-3 * abs(mean) + 1e-4
    }
  }
}
