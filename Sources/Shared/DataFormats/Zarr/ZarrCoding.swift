import Tensors

/// How a chunk becomes a file: the order of its dimensions, the order of the bytes, and the codecs
/// in the order of writing.
struct ZarrCoding {
  /// Which dimension of the array is each of the chunk's; nil for the same order.
  var order: [Int]?
  var isBigEndian = false
  var codecs: [ZarrCodec] = []

  /// The bytes of a chunk, unpacked. `size` is the number that there must be, if known.
  func unpacked(_ file: Buffer<UInt8>, size: Int?, limit: Int) throws -> Buffer<UInt8> {
    var bytes = file
    // A checksum adds four bytes to what the codecs before it made.
    let room = limit + 4 * codecs.count + 1024
    for (i, codec) in codecs.enumerated().reversed() {
      bytes = try codec.decode(
        bytes, size: i == 0 ? size : nil, limit: i == 0 ? limit : max(room, 2 * limit))
    }
    if let size, bytes.count != size {
      throw ZarrCodec.fault("holds \(bytes.count) bytes where \(size) belong")
    }
    return bytes
  }

  /// The numbers of a chunk of the dimensions `chunk`, in C order and this machine's order of
  /// bytes.
  func numbers(_ file: Buffer<UInt8>, _ type: ZarrType, chunk: [Int]) throws -> Buffer<UInt8> {
    let size = chunk.reduce(type.size, *)
    var bytes = try unpacked(file, size: size, limit: size)
    if isBigEndian, type.wordSize > 1 { bytes = ZarrCoding.swapped(bytes, type.wordSize) }
    if let order, chunk.count > 1 { bytes = permuted(bytes, type.size, order, chunk) }
    guard type == .float16 else { return bytes }
    let halves = bytes.reinterpreted(as: UInt16.self)
    return halves.mapped { Float(Float16(bitPattern: $0)) }.reinterpreted(as: UInt8.self)
  }

  private static func swapped(_ bytes: Buffer<UInt8>, _ size: Int) -> Buffer<UInt8> {
    switch size {
    case 2: bytes.reinterpreted(as: UInt16.self).mapped(\.byteSwapped).reinterpreted(as: UInt8.self)
    case 4: bytes.reinterpreted(as: UInt32.self).mapped(\.byteSwapped).reinterpreted(as: UInt8.self)
    default:
      bytes.reinterpreted(as: UInt64.self).mapped(\.byteSwapped).reinterpreted(as: UInt8.self)
    }
  }

  /// The values in C order of the array's dimensions.
  private func permuted(
    _ bytes: Buffer<UInt8>, _ size: Int, _ order: [Int], _ chunk: [Int]
  ) -> Buffer<UInt8> {
    // The distances in the file of neighbors along each of the array's dimensions.
    var steps = chunk.map { _ in 0 }
    var step = 1
    for dimension in order.reversed() {
      steps[dimension] = step
      step *= chunk[dimension]
    }
    switch size {
    case 1: return ZarrCoding.gathered(bytes, chunk, steps)
    case 2: return ZarrCoding.gathered(bytes.reinterpreted(as: UInt16.self), chunk, steps)
    case 4: return ZarrCoding.gathered(bytes.reinterpreted(as: UInt32.self), chunk, steps)
    case 8: return ZarrCoding.gathered(bytes.reinterpreted(as: UInt64.self), chunk, steps)
    default:
      // Text of a fixed size: byte by byte.
      return ZarrCoding.gathered(bytes, chunk + [size], steps.map { $0 * size } + [1])
    }
  }

  private static func gathered<Value: BitwiseCopyable>(
    _ source: Buffer<Value>, _ shape: [Int], _ steps: [Int]
  ) -> Buffer<UInt8> {
    var result = Buffer<Value>(uninitializedCount: source.count)
    let (values, last) = (source.span, shape.count - 1)
    var target = result.mutableSpan
    var place = 0
    var counter = Counter(Array(shape[..<last]))
    repeat {
      var from = 0
      for d in 0..<last { from += counter.numbers[d] * steps[d] }
      for _ in 0..<shape[last] {
        target[place] = values[from]
        place += 1
        from += steps[last]
      }
    } while counter.advance()
    return result.reinterpreted(as: UInt8.self)
  }
}

/// Counts through the places of a block in C order.
struct Counter {
  private(set) var numbers: [Int]
  private let shape: [Int]

  init(_ shape: [Int]) {
    self.shape = shape
    numbers = shape.map { _ in 0 }
  }

  /// Moves to the next position; false after the last.
  mutating func advance() -> Bool {
    for d in shape.indices.reversed() {
      numbers[d] += 1
      if numbers[d] < shape[d] { return true }
      numbers[d] = 0
    }
    return false
  }
}
