// CRC-32 digests of the parts of an object. By them a later stage sees whether somebody changed a
// part. They cover values, not their storage. A column that another program wrote again in a wider
// type keeps its digest.

import Tensors

extension Column {
  /// A digest of the rows' values and of the rows' names. For categories it covers the names that
  /// occur, in their order.
  package var digest: String {
    if let numbers {
      return digestOf(Buffer(numbers.map { $0.isNaN ? .nan : $0 }))
    }
    return classes?.digest ?? ""
  }
}

extension Categories {
  fileprivate var digest: String {
    let used = Set(codes).filter { $0 >= 0 }.sorted()
    let place = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, Int32($0)) })
    let rows = digestOf(Buffer(codes.map { place[$0] ?? -1 }))
    return digestOf([rows] + used.map { names[Int($0)] })
  }
}

extension CellData {
  /// A digest of every part of obsm, obsp and varm, and of every value in `uns`, by place:
  /// `obsm/X_pca`, `uns/pca/variance`.
  package var partDigests: [String: String] {
    var result: [String: String] = [:]
    for (name, matrix) in obsm { result["obsm/\(name)"] = matrix.digest }
    for (name, matrix) in varm { result["varm/\(name)"] = matrix.digest }
    for (name, graph) in obsp {
      result["obsp/\(name)"] = digestOf([
        digestOf(graph.indptr), digestOf(graph.indices), digestOf(graph.values),
      ])
    }
    for (name, tensor) in tensors where name.hasPrefix("uns.") {
      result[place(ofUns: name)] = digestOf([
        tensor.elementType.rawValue, "\(tensor.shape)", digestOf(tensor.bytes),
      ])
    }
    for (name, text) in settings where name.hasPrefix("uns.") {
      // A number is the same however it is written.
      let value = Double(text).map { String($0.bitPattern) } ?? text
      result[place(ofUns: name)] = digestOf([value])
    }
    return result
  }

  private func place(ofUns name: String) -> String {
    DottedName.names(in: name).joined(separator: "/")
  }
}

extension RawValues {
  /// A digest of the matrix and the names of its genes.
  package var digest: String {
    let values =
      switch x {
      case .sparse(let matrix):
        [digestOf(matrix.indptr), digestOf(matrix.indices), digestOf(matrix.values)]
      case .dense(let matrix): [matrix.digest]
      }
    return digestOf(values + [digestOf(self.var.index)])
  }
}

extension Matrix where Element == Float {
  fileprivate var digest: String { digestOf(["\(rows) \(columns)", digestOf(elements)]) }
}

private func digestOf<Element: BitwiseCopyable>(_ values: Buffer<Element>) -> String {
  hexDigits(crc32(values.reinterpreted(as: UInt8.self)))
}

/// A digest of texts, none of which runs into the next.
func digestOf(_ texts: [String]) -> String {
  let parts = texts.map { "\($0.utf8.count):\($0)" }
  return hexDigits(crc32(Array(parts.joined().utf8).span))
}
