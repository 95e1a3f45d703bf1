import CHDF5
import Glibc
import Tensors

extension HDF5Dataset {
  /// All values as text, in C order. Padding is taken off.
  func readStrings(field: String?, policy: TextPolicy) throws -> [String] {
    if isNull { return [] }
    let part = try field.map { try fileType.field($0, at: path) } ?? fileType
    guard case .string(let isVariable) = part.kind, part.dimensions.isEmpty else {
      throw FormatFault(path, "holds \(part.kind.name) where text is needed")
    }
    try checkBudget(count, size: max(16, isVariable ? 16 : part.elementSize))
    let text = try part.memoryTextType(at: path)
    let memoryType = try memoryType(text.raw, field: field)
    let decoder = HDF5TextDecoder(type: text, isVariable: isVariable, policy: policy, place: path)
    guard shape.count == 1 else {
      let (fileSpace, memorySpace) = try spaces(start: shape.map { _ in 0 }, extent: shape)
      return try block(count, decoder, memoryType, fileSpace, memorySpace)
    }
    var result: [String] = []
    result.reserveCapacity(count)
    for begin in stride(from: 0, to: count, by: 65_536) {
      let size = min(65_536, count - begin)
      let (fileSpace, memorySpace) = try spaces(start: [begin], extent: [size])
      result += try block(size, decoder, memoryType, fileSpace, memorySpace, first: begin)
    }
    return result
  }

  private func block(
    _ count: Int, _ decoder: HDF5TextDecoder, _ memoryType: HDF5Identifier,
    _ fileSpace: HDF5Identifier, _ memorySpace: HDF5Identifier, first: Int = 0
  ) throws -> [String] {
    // SAFETY: the name is passed as a text that ends with a zero byte.
    unsafe try decoder.decode(count, first: first, memoryType: memoryType, space: memorySpace) {
      target in
      // SAFETY: the decoder's buffer holds `count` values of the memory type.
      unsafe H5Dread(
        identifier.raw, memoryType.raw, memorySpace.raw, fileSpace.raw, sc_default(), target)
    }
  }
}

/// Turns what the library reads into Swift text.
struct HDF5TextDecoder {
  /// The type of the text in memory.
  let type: HDF5Identifier
  let isVariable: Bool
  let policy: TextPolicy
  let place: String

  /// Reads `count` values by `read`, the first of which is number `first` of its array.
  func decode(
    _ count: Int, first: Int, memoryType: HDF5Identifier, space: HDF5Identifier,
    _ read: (UnsafeMutableRawPointer) -> herr_t
  ) throws -> [String] {
    let size = Int(H5Tget_size(type.raw))
    var bytes = Buffer<UInt8>(repeating: 0, count: count * size)
    // SAFETY: the buffer holds `count` values of `size` bytes; zero bytes are valid (absent) texts.
    try checked(unsafe read(UnsafeMutableRawPointer(bytes.mutablePointer())), at: place)
    guard isVariable else {
      return try (0..<count).map { i in
        try policy.text(
          fixed(bytes.slice(i * size..<(i + 1) * size)), number: first + i, at: place)
      }
    }
    defer {
      // SAFETY: gives the texts back to the library, which allocated them by this same type and
      // space.
      unsafe _ = H5Dvlen_reclaim(
        memoryType.raw, space.raw, sc_default(), UnsafeMutableRawPointer(bytes.mutablePointer()))
    }
    let addresses = bytes.reinterpreted(as: UInt.self)
    return try (0..<count).map { i in
      // SAFETY: the library left the address of a text that ends with a zero byte, or none.
      guard let start = unsafe UnsafePointer<UInt8>(bitPattern: addresses[i]) else { return "" }
      let length = unsafe strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
      return unsafe try policy.text(
        unsafe UnsafeBufferPointer(start: start, count: Int(length)), number: first + i, at: place)
    }
  }

  private func fixed(_ bytes: Buffer<UInt8>) -> Buffer<UInt8> {
    var end = bytes.count
    if H5Tget_strpad(type.raw) == H5T_STR_SPACEPAD {
      while end > 0, bytes[end - 1] == 0x20 || bytes[end - 1] == 0 { end -= 1 }
    } else {
      end = bytes.firstIndex(of: 0) ?? end
    }
    return bytes.slice(0..<end)
  }
}
