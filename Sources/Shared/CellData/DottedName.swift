// Names that are paths of components joined by dots: `obs.leiden.codes`, `uns.pca.variance`. A
// component that denotes a name of the user's is escaped, so that it holds no dot: `%` becomes
// `%25`, `.` becomes `%2E`. Other percent signs are kept unchanged.

/// Components of dotted names.
package enum DottedName {
  /// A name as one component.
  package static func escaped(_ name: String) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "%"): bytes += Array("%25".utf8)
      case UInt8(ascii: "."): bytes += Array("%2E".utf8)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The name that a component denotes. `%5F`, which is `_`, occurs in streams.
  package static func unescaped(_ component: String) -> String {
    let source = Array(component.utf8)
    guard source.contains(UInt8(ascii: "%")) else { return component }
    var bytes: [UInt8] = []
    var i = 0
    while i < source.count {
      switch String(decoding: source[i..<min(i + 3, source.count)], as: UTF8.self) {
      case "%25": bytes.append(UInt8(ascii: "%"))
      case "%2E": bytes.append(UInt8(ascii: "."))
      case "%5F": bytes.append(UInt8(ascii: "_"))
      default:
        bytes.append(source[i])
        i -= 2
      }
      i += 3
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The names that the components of a path denote.
  package static func names(in path: String) -> [String] {
    path.split(separator: ".", omittingEmptySubsequences: false).map { unescaped(String($0)) }
  }
}
