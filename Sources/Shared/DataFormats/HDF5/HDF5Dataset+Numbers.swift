import CHDF5
import Tensors

extension HDF5Dataset {
  /// All values as numbers, in C order.
  func numbers<Element: HDF5Number>(_ element: Element.Type, field: String? = nil) throws
    -> Buffer<Element>
  {
    var width = 1
    if let field { width = try type.field(field, at: path).dimensions.reduce(1, *) }
    let (total, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow else { throw FormatFault(path, "claims the dimensions \(shape)") }
    try checkBudget(total, size: MemoryLayout<Element>.stride)
    var result = Buffer<Element>(uninitializedCount: total)
    if total > 0 && !isNull {
      try read(into: &result, at: 0, start: shape.map { _ in 0 }, extent: shape, field: field)
    }
    return result
  }

  /// A list, read in parts of whole chunks, after each of which the file's `progress` is called
  /// with that `before` and what was read of it are done of `total`.
  func numbers<Element: HDF5Number>(
    _ element: Element.Type, tellingOf total: Int, before: Int
  ) throws -> Buffer<Element> {
    precondition(shape.count == 1, "a list is read in parts, not the dimensions \(shape)")
    try checkBudget(
      SpooledMemory.residentBytes(of: count * MemoryLayout<Element>.stride), size: 1)
    var result = Buffer<Element>(spooledCount: count)
    guard !isNull else { return result }
    let chunk = max(1, chunk?.first ?? 1)
    let part = chunk * max(1, (1 << 21) / chunk)
    for begin in stride(from: 0, to: count, by: part) {
      let size = min(part, count - begin)
      try read(into: &result, at: begin, start: [begin], extent: [size])
      SpooledMemory.trim()
      file.progress(before + begin + size, total)
    }
    return result
  }

  /// Reads the block of `extent` values from `start` on into `target`, beginning at its element
  /// `offset`.
  func read<Element: HDF5Number>(
    into target: inout Buffer<Element>, at offset: Int, start: [Int], extent: [Int],
    field: String? = nil
  ) throws {
    let part = try field.map { try type.field($0, at: path) } ?? type
    guard part.kind.isNumeric else {
      throw FormatFault(path, "holds \(part.kind.name) where numbers are needed")
    }
    let width = part.dimensions.reduce(1, *)
    let needed = extent.reduce(width, *)
    precondition(offset >= 0 && needed >= 0 && offset + needed <= target.count, "block too large")
    let memoryType = try memoryType(Element.nativeType, dimensions: part.dimensions, field: field)
    let (fileSpace, memorySpace) = try spaces(start: start, extent: extent)
    // SAFETY: the target holds the block's values from `offset` on, checked above; the memory space
    // is as large as the block.
    let status = unsafe H5Dread(
      identifier.raw, memoryType.raw, memorySpace.raw, fileSpace.raw, sc_default(),
      target.mutablePointer() + offset)
    try checked(status, at: path)
  }

  /// The type in memory: `base`, arrays of it, or a record of that one field.
  func memoryType(_ base: hid_t, dimensions: [Int] = [], field: String? = nil) throws
    -> HDF5Identifier
  {
    var type = try HDF5Identifier(H5Tcopy(base), at: path)
    if !dimensions.isEmpty {
      let sizes = dimensions.map { hsize_t($0) }
      // SAFETY: `sizes` holds as many values as the call gets.
      type = try HDF5Identifier(
        unsafe H5Tarray_create2(type.raw, UInt32(sizes.count), sizes), at: path)
    }
    guard let field else { return type }
    let record = try HDF5Identifier(H5Tcreate(H5T_COMPOUND, H5Tget_size(type.raw)), at: path)
    // SAFETY: the name is passed as a text that ends with a zero byte.
    unsafe try checked(H5Tinsert(record.raw, field, 0, type.raw), at: path)
    return record
  }

  /// The selection in the file and the space in memory of a block.
  func spaces(start: [Int], extent: [Int]) throws -> (HDF5Identifier, HDF5Identifier) {
    let fileSpace = try HDF5Identifier(H5Dget_space(identifier.raw), at: path)
    if shape.isEmpty { return (fileSpace, fileSpace) }
    precondition(start.count == shape.count && extent.count == shape.count, "rank of a block")
    for i in shape.indices {
      precondition(start[i] >= 0 && extent[i] >= 0 && start[i] + extent[i] <= shape[i], "block")
    }
    let from = start.map { hsize_t($0) }
    let size = extent.map { hsize_t($0) }
    // SAFETY: both hold one value a dimension.
    try checked(
      unsafe H5Sselect_hyperslab(fileSpace.raw, H5S_SELECT_SET, from, nil, size, nil), at: path)
    let memorySpace = try HDF5Identifier(
      unsafe H5Screate_simple(Int32(size.count), size, nil), at: path)
    return (fileSpace, memorySpace)
  }
}
