import CellData
import Tensors

extension Header {
  /// The size of the object; nil if the tensors of X do not show it.
  var extent: DataExtent? {
    let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var extent = mainExtent(byName)
    extent?.decodedRawBytes = decodedRawBytes
    let second = widestModality(byName)
    extent?.secondFeatures = second.features
    extent?.secondEntries = second.entries
    return extent
  }

  /// The features of the modality that has most, and its entries; zeros without a modality.
  private func widestModality(_ byName: [String: Entry]) -> (features: Int, entries: Int) {
    let (begin, end) = ("mod.", ".var._index.offsets")
    var widest = (features: 0, entries: 0)
    for (name, offsets) in byName where name.hasPrefix(begin) && name.hasSuffix(end) {
      let features = offsets.shape.reduce(1, *) - 1
      if features <= widest.features { continue }
      let place = String(name.dropLast(end.count))
      let values = byName["\(place).X.data"] ?? byName["\(place).X"]
      widest = (features, values.map { $0.shape.reduce(1, *) } ?? 0)
    }
    return widest
  }

  private func mainExtent(_ byName: [String: Entry]) -> DataExtent? {
    let genes = byName["var._index.offsets"].map { $0.shape.reduce(1, *) - 1 }
    if let x = byName["X"], x.shape.count == 2 {
      // Only a matrix without values can claim more: the decoder reports that.
      if x.shape.contains(where: { $0 > Int(Int32.max) }) { return nil }
      return DataExtent(
        cells: x.shape[0], genes: x.shape[1], entries: x.shape[0] * x.shape[1], bytes: bytesInMemory
      )
    }
    guard let starts = byName["X.indptr"], let values = byName["X.data"] else { return nil }
    return DataExtent(
      cells: max(0, starts.shape.reduce(1, *) - 1), genes: genes ?? 0,
      entries: values.shape.reduce(1, *), bytes: bytesInMemory)
  }

  /// The bytes of the stored tensors and of what is decoded from them.
  private var bytesInMemory: Int {
    entries.reduce(0) { $0 + $1.range.count + ($1.isOfRaw ? 0 : $1.decodedBytes) }
  }

  private var decodedRawBytes: Int {
    entries.reduce(0) { $0 + ($1.isOfRaw ? $1.decodedBytes : 0) }
  }
}

extension Header.Entry {
  /// Whether it belongs to the matrix of raw, which stays as stored until a stage reads it.
  fileprivate var isOfRaw: Bool { name.hasPrefix("raw.X") }

  /// The bytes that it takes decoded. Values and indices take four bytes, row starts eight, a
  /// string forty. It is 0 if the tensor is stored in that form.
  fileprivate var decodedBytes: Int {
    let size =
      if name.hasSuffix(".data") || name.hasSuffix(".indices") {
        4
      } else if name.hasSuffix(".indptr") {
        8
      } else {
        name.hasSuffix(".offsets") ? 40 : 0
      }
    let bytes = size * shape.reduce(1, *)
    return range.count == bytes ? 0 : bytes
  }
}
