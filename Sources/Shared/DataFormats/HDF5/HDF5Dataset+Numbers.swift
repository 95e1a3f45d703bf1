import CHDF5
import Tensors

extension HDF5Dataset {
  /// Reads the block of `extent` values from `start` on into `target`, beginning at its element
  /// `offset`.
  func readBlock<Element: StoredNumber>(
    into target: inout Buffer<Element>, at offset: Int, start: [Int], extent: [Int], field: String?
  ) throws {
    let part = try field.map { try fileType.field($0, at: path) } ?? fileType
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
