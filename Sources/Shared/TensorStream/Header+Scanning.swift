import CellData
import Tensors

extension Header {
  /// Scans and checks the N bytes of a header, which begin at offset 8 of the input.
  init(scanning bytes: Buffer<UInt8>) throws {
    guard bytes.first == UInt8(ascii: "{") else {
      throw StreamFault.bytes(at: 8, "the header does not begin with {")
    }
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw StreamFault.bytes(at: 8 + error.byteOffsets.lowerBound, "the header is not UTF-8")
    }
    entries = []
    metadata = [:]
    crcPosition = nil
    var scanner = JSONScanner(bytes) { StreamFault.bytes(at: 8 + $0, $1) }
    // An entry takes about 64 bytes. A huge header of another kind must not reserve more for
    // nothing.
    let count = min(bytes.count / 64, 200_000)
    entries.reserveCapacity(count)
    try scanner.members(expecting: count) { scanner, key, offset in
      if key == "__metadata__" {
        try scanMetadata(&scanner)
      } else if key.isEmpty {
        throw scanner.fault("a tensor with an empty name", at: offset)
      } else {
        entries.append(try Entry(name: key, scanning: &scanner, at: offset))
      }
    }
    try scanner.end()
    try checkTiling()
  }

  private mutating func scanMetadata(_ scanner: inout JSONScanner) throws {
    guard scanner.next == UInt8(ascii: "{") else {
      throw scanner.fault("__metadata__ is not an object")
    }
    try scanner.members { scanner, key, offset in
      guard scanner.next == UInt8(ascii: "\"") else {
        throw scanner.fault("the metadata value of \(shown(key)) is not a string")
      }
      let start = scanner.position + 1
      let value = try scanner.string()
      if key == Profile.headerCRCKey {
        guard isCRC(value), scanner.position == start + 9 else {
          throw scanner.fault("\(key) is not eight lower-case hex digits", at: start)
        }
        crcPosition = start
      }
      metadata[key] = value
    }
  }

}

extension Header.Entry {
  /// Reads `{"dtype":…,"shape":[…],"data_offsets":[begin,end]}`, in any order, each once, nothing
  /// else.
  init(name: String, scanning scanner: inout JSONScanner, at offset: Int) throws {
    var type: Tensor.ElementType?
    var shape: [Int]?
    var range: Range<Int>?
    guard scanner.next == UInt8(ascii: "{") else {
      throw scanner.fault("the description of tensor \(shown(name)) is not an object")
    }
    try scanner.members { scanner, key, offset in
      switch key {
      case "dtype":
        let start = scanner.position
        let word = try scanner.string()
        guard let known = Tensor.ElementType(rawValue: word) else {
          throw scanner.fault(
            "tensor \(shown(name)) has the unknown dtype \(shown(word))", at: start)
        }
        type = known
      case "shape": shape = try Self.integers(&scanner)
      case "data_offsets": range = try Self.offsets(of: name, &scanner)
      default:
        throw scanner.fault("tensor \(shown(name)) has the unknown field \(shown(key))", at: offset)
      }
    }
    guard let type, let shape, let range else {
      throw scanner.fault(
        "tensor \(shown(name)) lacks \(type == nil ? "dtype" : shape == nil ? "shape" : "data_offsets")",
        at: offset)
    }
    guard let size = Self.byteCount(type, shape) else {
      throw StreamFault.tensor(
        name, "its shape \(shownShape(shape)) has more elements than possible")
    }
    guard size == range.count else {
      throw StreamFault.tensor(
        name, "\(range.count) bytes for \(type.rawValue) of shape \(shownShape(shape)), not \(size)"
      )
    }
    self.init(name: name, elementType: type, shape: shape, range: range)
  }

  private static func integers(_ scanner: inout JSONScanner) throws -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(2)
    guard scanner.next == UInt8(ascii: "[") else { throw scanner.fault("an array expected") }
    try scanner.elements { scanner in
      result.append(Int(try scanner.plainInteger(below: Header.numberLimit)))
    }
    return result
  }

  private static func offsets(of name: String, _ scanner: inout JSONScanner) throws -> Range<Int> {
    let start = scanner.position
    let numbers = try integers(&scanner)
    guard numbers.count == 2 else {
      throw scanner.fault(
        "tensor \(shown(name)) has \(numbers.count) data_offsets instead of 2", at: start)
    }
    guard numbers[0] <= numbers[1] else {
      throw scanner.fault("tensor \(shown(name)) ends before it begins", at: start)
    }
    return numbers[0]..<numbers[1]
  }

  /// The bytes of a shape; nil if the product without its zeros does not fit.
  private static func byteCount(_ type: Tensor.ElementType, _ shape: [Int]) -> Int? {
    var product = type.size
    for dimension in shape where dimension != 0 {
      let (value, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      product = value
    }
    return shape.contains(0) ? 0 : product
  }
}

/// A shape for a message; only its first dimensions if there are many.
func shownShape(_ shape: [Int]) -> String {
  let numbers = shape.prefix(6).map(String.init).joined(separator: ",")
  return shape.count > 6 ? "[\(numbers),…]" : "[\(numbers)]"
}
