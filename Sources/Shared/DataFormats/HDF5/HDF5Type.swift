import CHDF5

/// The type of an array on disk.
struct HDF5Type {
  let identifier: HDF5Identifier
  let kind: ValueKind
  /// Bytes a value, as stored.
  let size: Int
  /// The dimensions of a value that is itself an array; none for most.
  let dimensions: [Int]

  /// Reads a type; for a type of arrays the kind is that of their elements.
  init(_ identifier: HDF5Identifier, at place: String) throws {
    var element = identifier
    var dimensions: [Int] = []
    if H5Tget_class(identifier.raw) == H5T_ARRAY {
      let rank = try checked(H5Tget_array_ndims(identifier.raw), at: place)
      var sizes = [hsize_t](repeating: 0, count: max(rank, 1))
      // SAFETY: `sizes` holds `rank` values.
      try checked(unsafe H5Tget_array_dims2(identifier.raw, &sizes), at: place)
      dimensions = sizes.prefix(rank).map { Int(clamping: $0) }
      element = try HDF5Identifier(H5Tget_super(identifier.raw), at: place)
    }
    self.identifier = element
    self.dimensions = dimensions
    size = Int(H5Tget_size(identifier.raw))
    kind = HDF5Type.kind(of: element)
  }

  private static func kind(of type: HDF5Identifier) -> ValueKind {
    switch H5Tget_class(type.raw) {
    case H5T_INTEGER: .integer(isSigned: H5Tget_sign(type.raw) != H5T_SGN_NONE)
    case H5T_FLOAT: .float
    case H5T_STRING: .string(isVariable: H5Tis_variable_str(type.raw) > 0)
    case H5T_ENUM: .enumeration
    case H5T_COMPOUND: .compound
    case H5T_REFERENCE: H5Tget_size(type.raw) == 8 ? .objectReference : .other
    default: .other
    }
  }

  /// The names of a record's fields, in their order; nil if one is not UTF-8.
  var fieldNames: [String]? {
    guard kind == .compound else { return nil }
    let count = Int(H5Tget_nmembers(identifier.raw))
    var names: [String] = []
    for i in 0..<max(0, count) {
      // SAFETY: the library hands over a text that ends with a zero byte and is freed here.
      guard let text = unsafe H5Tget_member_name(identifier.raw, UInt32(i)) else { return nil }
      defer { unsafe H5free_memory(text) }
      guard let name = unsafe String(validatingCString: text) else { return nil }
      names.append(name)
    }
    return names
  }

  /// The type of a record's field.
  func field(_ name: String, at place: String) throws -> HDF5Type {
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let index = unsafe H5Tget_member_index(identifier.raw, name)
    try checked(index, at: "\(place).\(name)")
    let member = try HDF5Identifier(
      H5Tget_member_type(identifier.raw, UInt32(index)), at: "\(place).\(name)")
    return try HDF5Type(member, at: "\(place).\(name)")
  }

  /// The type in the readers' terms; for records with the types of their fields.
  func description(at place: String, isField: Bool = false) throws -> ValueType {
    var fields: [(name: String, type: ValueType)]?
    if !isField, let names = fieldNames {
      fields = try names.map { name in
        (name, try field(name, at: place).description(at: "\(place).\(name)", isField: true))
      }
    }
    return ValueType(
      kind: kind, size: size, elementSize: elementSize, dimensions: dimensions, fields: fields)
  }

  /// The bytes of an element, for choosing between Float and Double.
  var elementSize: Int { Int(H5Tget_size(identifier.raw)) }

  /// The type for texts in memory: the file's own padding and character set, variable length if the
  /// file has it.
  func memoryTextType(at place: String) throws -> HDF5Identifier {
    let copy = try HDF5Identifier(H5Tcopy(sc_c_string()), at: place)
    if kind == .string(isVariable: true) {
      try checked(H5Tset_size(copy.raw, sc_variable_size()), at: place)
    } else {
      try checked(H5Tset_size(copy.raw, elementSize), at: place)
      try checked(H5Tset_strpad(copy.raw, H5Tget_strpad(identifier.raw)), at: place)
    }
    try checked(H5Tset_cset(copy.raw, H5Tget_cset(identifier.raw)), at: place)
    return copy
  }
}
