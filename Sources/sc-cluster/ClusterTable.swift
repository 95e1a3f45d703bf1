import CellData
import Colors
import StageSupport

/// Tab-separated text with a header: every cell's barcode and cluster, and the further columns.
func clusterTable(
  barcodes: [String], _ cluster: (_ cell: Int) -> String,
  _ further: [(name: String, value: (_ cell: Int) -> String)]
) -> String {
  var lines = [(["barcode", "cluster"] + further.map(\.name)).joined(separator: "\t")]
  for (i, barcode) in barcodes.enumerated() {
    let values = [barcode.printable, cluster(i)] + further.map { $0.value(i) }
    lines.append(values.joined(separator: "\t"))
  }
  return lines.joined(separator: "\n") + "\n"
}

/// The colors of that many clusters, as uns keeps them.
func storedColors(_ count: Int) -> String {
  JSONValue.array((0..<count).map { .string(Palette.color($0).hexadecimal) }).text
}

/// `8 clusters of 120 to 1403 cells`, `1 cluster of 700 cells`.
func clusterSizes(_ sizes: [Int]) -> String {
  let (smallest, largest) = (sizes.min() ?? 0, sizes.max() ?? 0)
  let cells =
    smallest == largest ? counted(largest, "cell") : "\(smallest) to \(counted(largest, "cell"))"
  return "\(counted(sizes.count, "cluster")) of \(cells)"
}
