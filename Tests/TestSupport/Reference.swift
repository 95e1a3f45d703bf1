import Foundation
import Tensors

/// The reference numbers that some tests compare with: a folder `shared/reference` beside the
/// checkout, or the one that SC_SHARED names. Tests that need it are enabled only if it is there,
/// and show as skipped otherwise.
package enum Reference {
  /// The folder with `reference/` and `data/`.
  package static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["SC_SHARED"] {
      return URL(fileURLWithPath: path)
    }
    return packageFolder.deletingLastPathComponent().appendingPathComponent("shared")
  }()

  /// The root of this package.
  package static let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  package static let isAvailable = exists("reference")

  /// Whether a file or folder is below the shared folder.
  package static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
  }

  /// The values of `reference/NAME.safetensors` by tensor name, all as Double.
  package static func load(_ name: String) throws -> [String: Matrix<Double>] {
    let file = folder.appendingPathComponent("reference/\(name).safetensors")
    let data = try Data(contentsOf: file)
    let headerSize = Int(number(UInt64.self, in: data, at: 0))
    let header = try JSONSerialization.jsonObject(with: data.subdata(in: 8..<8 + headerSize))
    var result: [String: Matrix<Double>] = [:]
    for case (let key, let entry as [String: Any]) in header as? [String: Any] ?? [:] {
      guard let type = entry["dtype"] as? String, let shape = entry["shape"] as? [Int],
        let offsets = entry["data_offsets"] as? [Int]
      else { continue }
      let count = shape.reduce(1, *)
      let start = 8 + headerSize + offsets[0]
      let values = (0..<count).map { i -> Double in
        switch type {
        case "F64": Double(bitPattern: number(UInt64.self, in: data, at: start + 8 * i))
        case "F32": Double(Float(bitPattern: number(UInt32.self, in: data, at: start + 4 * i)))
        case "I64": Double(number(Int64.self, in: data, at: start + 8 * i))
        case "I32": Double(number(Int32.self, in: data, at: start + 4 * i))
        default: Double(data[start + i])
        }
      }
      let columns = shape.count < 2 ? count : count / max(1, shape[0])
      result[key] = Matrix(
        rows: columns == 0 ? 0 : count / columns, columns: columns, elements: Buffer(values))
    }
    return result
  }

  private static func number<T: FixedWidthInteger>(_ type: T.Type, in data: Data, at offset: Int)
    -> T
  {
    var value: T = 0
    for i in (0..<MemoryLayout<T>.size).reversed() { value = value << 8 | T(data[offset + i]) }
    return value
  }
}
