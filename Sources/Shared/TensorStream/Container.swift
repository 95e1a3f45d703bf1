import CellData
import Tensors

/// The contents of a safetensors file: tensors and metadata by name, all checked as far as the
/// container goes.
struct Container {
  var tensors: [String: Tensor]
  var metadata: [String: String]
  /// The identity of the stream: `header_crc32` if it is there, else the CRC-32 of all bytes.
  var crc: UInt32
  /// The file that the tensors are mapped from; nil if they were read from a pipe.
  private let mapping: Buffer<UInt8>?

  /// Reads a container to the end of the input. A regular file at its first byte is mapped; any
  /// other input is read piece by piece.
  init(
    descriptor: Int32, prefix: [UInt8], verifying: Bool,
    inspecting: (DataExtent) throws -> Void = { _ in }
  ) throws {
    let file = Descriptor(descriptor, isOwned: false)
    let fileSize = try file.regularSize()
    let isMapped = fileSize != nil && prefix.isEmpty && file.isAtStart
    var reader = DescriptorReader(file, prefix: prefix)
    let size = try Header.size(try reader.take(8, for: "the header's size"))
    if isMapped, let fileSize, size > fileSize - 8 {
      throw StreamFault.cut(at: fileSize, missing: size - (fileSize - 8), of: "the header")
    }
    let bytes = try reader.take(size, for: "the header")
    let header = try Header(scanning: bytes)
    let crcs = verifying ? try header.tensorCRCs(checkedWith: bytes) : nil
    metadata = header.metadata
    crc = header.crc(of: bytes)
    if isMapped, let fileSize {
      let file = try Self.mapping(header, headerSize: size, fileSize: fileSize, file)
      tensors = Self.tensors(header, start: 8 + size, in: file)
      mapping = file
      if let extent = header.extent { try inspecting(extent) }
    } else {
      if let extent = header.extent { try inspecting(extent) }
      tensors = try Self.piped(header, &reader)
      mapping = nil
    }
    for entry in header.entries {
      guard let bytes = tensors[entry.name]?.bytes else { continue }
      if let crcs, let expected = crcs[entry.name], expected != hexDigits(crc32(bytes)) {
        throw StreamFault.tensor(
          entry.name, "its bytes do not have the CRC-32 \(expected)",
          remedy: "the stream is damaged: make it again, or read it with --no-verify")
      }
      if header.crcPosition == nil { crc = crc32(bytes.span, continuing: crc) }
    }
  }

  /// Gives back the memory of the pages that checking and converting has touched. Pages that are
  /// used later are read from the file again.
  func releasePages() { mapping.map(releaseMappedPages) }

  private static func mapping(
    _ header: Header, headerSize: Int, fileSize: Int, _ file: Descriptor
  ) throws -> Buffer<UInt8> {
    let start = 8 + headerSize
    let end = start + header.dataSize
    if end < fileSize { throw StreamFault.trailing(at: end) }
    if end > fileSize {
      throw StreamFault.cut(at: fileSize, missing: end - fileSize, of: "its tensors")
    }
    return try mapFile(file, size: fileSize)
  }

  private static func tensors(_ header: Header, start: Int, in mapping: Buffer<UInt8>) -> [String:
    Tensor]
  {
    var tensors = [String: Tensor](minimumCapacity: header.entries.count)
    for entry in header.entries {
      var bytes = mapping.slice(start + entry.range.lowerBound..<start + entry.range.upperBound)
      if (start + entry.range.lowerBound) % entry.elementType.size != 0 {
        bytes = bytes.converted { $0 }
      }
      tensors[entry.name] = Tensor(
        elementType: entry.elementType, shape: entry.shape, bytes: bytes)
    }
    return tensors
  }

  private static func piped(_ header: Header, _ reader: inout DescriptorReader) throws
    -> [String: Tensor]
  {
    var tensors = [String: Tensor](minimumCapacity: header.entries.count)
    for entry in header.entries {
      let bytes = try reader.take(entry.range.count, for: "tensor \(shown(entry.name))")
      tensors[entry.name] = Tensor(
        elementType: entry.elementType, shape: entry.shape, bytes: bytes)
    }
    try reader.expectEnd()
    return tensors
  }
}

extension Header {
  /// The CRCs that the tensors must have, by name; nil if the stream carries none. Checks the
  /// header's own CRC first.
  fileprivate func tensorCRCs(checkedWith bytes: Buffer<UInt8>) throws -> [String: String]? {
    if let stored = metadata[Profile.headerCRCKey], stored != hexDigits(crc(of: bytes)) {
      throw StreamFault.metadata(
        Profile.headerCRCKey, "the header does not have the CRC-32 \(stored)",
        remedy: "the stream is damaged: make it again, or read it with --no-verify")
    }
    guard let text = metadata[Profile.tensorCRCKey] else {
      if metadata[Profile.headerCRCKey] == nil { return nil }
      throw StreamFault.metadata(Profile.tensorCRCKey, "missing beside \(Profile.headerCRCKey)")
    }
    if metadata[Profile.headerCRCKey] == nil, metadata[Profile.formatKey] == Profile.format {
      throw StreamFault.metadata(Profile.headerCRCKey, "missing beside \(Profile.tensorCRCKey)")
    }
    let label = "metadata \(shown(Profile.tensorCRCKey))"
    var scanner = JSONScanner(text: text, label: label)
    var crcs: [String: String] = [:]
    try scanner.members { scanner, name, offset in
      let digits = try scanner.string()
      if !isCRC(digits) { throw scanner.fault("not eight lower-case hex digits", at: offset) }
      crcs[name] = digits
    }
    try scanner.end()
    for entry in entries where crcs[entry.name] == nil {
      throw StreamFault.tensor(entry.name, "it has no CRC-32 in the metadata")
    }
    guard crcs.count == entries.count else {
      throw StreamFault.metadata(Profile.tensorCRCKey, "a CRC-32 for a tensor that is not there")
    }
    return crcs
  }
}
