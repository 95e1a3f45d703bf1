import CHDF5
import Tensors

/// An array in an HDF5 file. Opening it checks that it is stored in the file itself, by known
/// filters. It also checks that it does not claim more than the file can hold.
struct HDF5Dataset: HDF5Object, StoredArray {
  let file: HDF5File
  let identifier: HDF5Identifier
  let path: String
  /// Its dimensions; empty for a single value.
  let shape: [Int]
  /// Whether it holds nothing at all, not even one value.
  let isNull: Bool
  let type: ValueType
  /// The type as the library has it.
  let fileType: HDF5Type
  /// The dimensions of its chunks; nil if it is stored contiguously.
  let chunk: [Int]?
  /// The filters that chunks pass through when they are written, in their order.
  let filters: [H5Z_filter_t]

  init(file: HDF5File, identifier: HDF5Identifier, path: String) throws {
    self.file = file
    self.path = path
    let space = try HDF5Identifier(H5Dget_space(identifier.raw), at: path)
    isNull = H5Sget_simple_extent_type(space.raw) == H5S_NULL
    shape = isNull ? [0] : try HDF5Dataset.dimensions(of: space, at: path)
    fileType = try HDF5Type(HDF5Identifier(H5Dget_type(identifier.raw), at: path), at: path)
    type = try fileType.description(at: path)
    let plan = try HDF5Identifier(H5Dget_create_plist(identifier.raw), at: path)
    (chunk, filters) = try HDF5Dataset.storage(plan, rank: shape.count, at: path)
    self.identifier = identifier
    try checkSize()
  }

  static func dimensions(of space: HDF5Identifier, at place: String) throws -> [Int] {
    let rank = try checked(H5Sget_simple_extent_ndims(space.raw), at: place)
    var sizes = [hsize_t](repeating: 0, count: max(rank, 1))
    // SAFETY: `sizes` holds `rank` values; the largest dimensions are not asked for.
    try checked(unsafe H5Sget_simple_extent_dims(space.raw, &sizes, nil), at: place)
    return sizes.prefix(rank).map { Int(clamping: $0) }
  }

  /// The dimensions of the chunks and their filters, after these and the layout have been found
  /// acceptable.
  private static func storage(
    _ plan: HDF5Identifier, rank: Int, at place: String
  ) throws -> ([Int]?, [H5Z_filter_t]) {
    if H5Pget_external_count(plan.raw) > 0 {
      throw FormatFault(place, "is stored in another file", "copy the data into this file")
    }
    let layout = H5Pget_layout(plan.raw)
    if layout == H5D_VIRTUAL {
      throw FormatFault(
        place, "a virtual dataset, made of other files", "copy the data into this file")
    }
    let filters = try (0..<max(0, H5Pget_nfilters(plan.raw))).map {
      try filter(plan, UInt32($0), at: place)
    }
    guard layout == H5D_CHUNKED, rank > 0 else { return (nil, filters) }
    var sizes = [hsize_t](repeating: 0, count: rank)
    // SAFETY: `sizes` holds `rank` values.
    try checked(unsafe H5Pget_chunk(plan.raw, Int32(rank), &sizes), at: place)
    return (sizes.map { Int(clamping: $0) }, filters)
  }

  /// One filter, which must be known.
  private static func filter(
    _ plan: HDF5Identifier, _ index: UInt32, at place: String
  ) throws -> H5Z_filter_t {
    var flags: UInt32 = 0
    var valueCount = 0
    var name = [CChar](repeating: 0, count: 64)
    // SAFETY: no values are asked for; `name` is as long as the call gets.
    let filter = unsafe H5Pget_filter2(
      plan.raw, index, &flags, &valueCount, nil, name.count, &name, nil)
    try checked(filter, at: place)
    let known = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32, H5Z_FILTER_SZIP]
    guard known.contains(filter) || filter == 32_000 else {
      let own = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let text = HDF5Dataset.registeredFilters[filter] ?? own
      throw FormatFault(
        place,
        "compressed by filter \(filter)\(text.isEmpty ? "" : " (\(text))"), which is not supported",
        "write the file again with gzip", kind: .missingLibrary)
    }
    return filter
  }

  /// What the HDF Group has registered for the numbers that files of the field are met with.
  private static let registeredFilters: [H5Z_filter_t: String] = [
    5: "nbit", 6: "scaleoffset", 305: "lzo", 307: "bzip2", 32001: "blosc", 32002: "mafisc",
    32003: "snappy", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd",
    32017: "sz", 32018: "fcidecomp", 32023: "granular bitround", 32024: "sz3", 32026: "blosc2",
  ]

  /// Deflate packs at most 1032 to 1: no program wrote an array that would need more than that.
  private func checkSize() throws {
    let bytes = try Self.byteCount(shape, size: type.size, at: path)
    guard bytes <= 1 << 26 || bytes / 1100 <= file.byteCount else {
      throw FormatFault(
        path, "claims \(bytes) bytes, more than a file of \(file.byteCount) bytes can hold",
        "the file is damaged")
    }
    try checkChunks(isReadInParts: PackedRows.canRead(self))
  }

  func rowReader() throws -> (any RowReader)? { try PackedRows(of: self) }
}
