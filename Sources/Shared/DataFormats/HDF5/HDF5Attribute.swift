import CHDF5
import Tensors

/// A small value attached to a group or dataset.
struct HDF5Attribute: StoredAttribute {
  let identifier: HDF5Identifier
  let file: HDF5File
  let place: String
  let shape: [Int]
  let type: HDF5Type

  var count: Int { shape.reduce(1, *) }
  var kind: ValueKind { type.kind }

  /// The values as whole numbers.
  func integers() throws -> [Int] {
    guard type.kind.isNumeric, type.dimensions.isEmpty else {
      throw FormatFault(place, "holds \(type.kind.name) where numbers are needed")
    }
    var values = Buffer<Int>(repeating: 0, count: count)
    // SAFETY: the buffer holds as many values as the attribute.
    try checked(unsafe H5Aread(identifier.raw, Int.nativeType, values.mutablePointer()), at: place)
    return Array(values)
  }

  /// The values as text.
  func strings() throws -> [String] {
    guard case .string(let isVariable) = type.kind, type.dimensions.isEmpty else {
      throw FormatFault(place, "holds \(type.kind.name) where text is needed")
    }
    let text = try type.memoryTextType(at: place)
    let space = try HDF5Identifier(H5Aget_space(identifier.raw), at: place)
    let decoder = HDF5TextDecoder(type: text, isVariable: isVariable, policy: .refuse, place: place)
    // SAFETY: the name is passed as a text that ends with a zero byte.
    return unsafe try decoder.decode(count, first: 0, memoryType: text, space: space) { target in
      // SAFETY: the decoder's buffer holds as many values as the attribute.
      unsafe H5Aread(identifier.raw, text.raw, target)
    }
  }

  /// The dataset that the attribute refers to.
  func referencedArray() throws -> any StoredArray {
    guard type.kind == .objectReference, count == 1 else {
      throw FormatFault(place, "holds \(type.kind.name) where a reference is needed")
    }
    var reference = Buffer<UInt64>(repeating: 0, count: 1)
    // SAFETY: an object reference takes eight bytes.
    try checked(
      unsafe H5Aread(identifier.raw, sc_object_reference(), reference.mutablePointer()), at: place)
    // SAFETY: the reference was read from this file.
    let raw = unsafe H5Rdereference2(
      file.identifier.raw, sc_default(), H5R_OBJECT, reference.pointer)
    let object = try HDF5Identifier(raw, at: place)
    guard case .dataset(let dataset) = try StoredNode(object, file: file, path: place) else {
      throw FormatFault(place, "refers to a group where an array is needed")
    }
    return dataset
  }
}

extension HDF5Object {
  /// The attribute of that name; nil if there is none, or if it holds nothing.
  func attribute(_ name: String) throws -> (any StoredAttribute)? {
    let place = "\(path)@\(name)"
    // SAFETY: the name is passed as a text that ends with a zero byte.
    guard unsafe H5Aexists(identifier.raw, name) > 0 else { return nil }
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let attribute = unsafe try HDF5Identifier(
      H5Aopen(identifier.raw, name, sc_default()), at: place)
    let space = try HDF5Identifier(H5Aget_space(attribute.raw), at: place)
    if H5Sget_simple_extent_type(space.raw) == H5S_NULL { return nil }
    let shape = try HDF5Dataset.dimensions(of: space, at: place)
    let type = try HDF5Type(HDF5Identifier(H5Aget_type(attribute.raw), at: place), at: place)
    let count = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard shape.allSatisfy({ $0 <= 1 << 24 }), (0...1 << 24).contains(count),
      type.size <= 1 << 20, count * type.size <= 1 << 28
    else { throw FormatFault(place, "claims the dimensions \(shape)", "the file is damaged") }
    return HDF5Attribute(
      identifier: attribute, file: file, place: place, shape: shape, type: type)
  }
}
