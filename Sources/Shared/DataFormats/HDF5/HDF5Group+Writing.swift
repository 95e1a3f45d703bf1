import CHDF5
import Tensors

/// Throws if a call that writes failed.
@discardableResult
func written(_ status: some SignedInteger, at place: @autoclosure () -> String) throws -> Int64 {
  guard status >= 0 else { throw FormatFault.writing(place(), HDF5Library.lastReason) }
  return Int64(status)
}

extension HDF5Group: WritableGroup {
  package var isForAnnData07: Bool { file.isForAnnData07 }

  package func contains(_ name: String) throws -> Bool { try self[name] != nil }

  package func child(_ name: String) throws -> (any WritableGroup)? {
    guard case .group(let group) = try self[name] else { return nil }
    return group as? HDF5Group
  }

  package func makeGroup(_ name: String) throws -> any WritableGroup {
    let path = path(of: name)
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let raw = unsafe H5Gcreate2(identifier.raw, name, sc_default(), sc_default(), sc_default())
    try written(raw, at: path)
    return HDF5Group(file: file, identifier: try HDF5Identifier(raw, at: path), path: path)
  }

  /// Gives the object at `path`, counted from the root, a further name in this group. Attaches the
  /// text `derived` to it as the attribute `mark`.
  func link(_ path: String, as name: String, marked mark: String) throws {
    let root = try file.root
    guard let object = try root[path]?.object as? any HDF5Object else {
      preconditionFailure("nothing stands at \(path)")
    }
    try HDF5Group(file: file, identifier: object.identifier, path: object.path)
      .setAttribute(mark, "derived")
    // SAFETY: the names are passed as texts that end with a zero byte.
    let status = unsafe H5Lcreate_hard(
      root.identifier.raw, path, identifier.raw, name, sc_default(), sc_default())
    try written(status, at: self.path(of: name))
  }

  package func makeArray<Element: StoredNumber>(
    _ name: String, _ values: Buffer<Element>, shape: [Int], type: NumberType
  ) throws -> any WritableObject {
    let target = try createDataset(name, shape: shape, type: type.native)
    if shape.count == 1 {
      try HDF5Dataset(file: file, identifier: target.identifier, path: target.path).write(values)
    } else if values.count > 0 {
      // SAFETY: the buffer holds as many values as the dataset.
      let status = unsafe H5Dwrite(
        target.identifier.raw, Element.nativeType, sc_all(), sc_all(), sc_default(), values.pointer)
      try written(status, at: target.path)
    }
    return target
  }

  /// AnnData has booleans as an enumeration of FALSE and TRUE in a byte each.
  package func makeArray(_ name: String, booleans: Buffer<UInt8>, shape: [Int]) throws
    -> any WritableObject
  {
    let type = try HDF5Identifier(booleanType(), at: path)
    let target = try createDataset(name, shape: shape, type: type.raw)
    if booleans.count > 0 {
      // SAFETY: a byte a value; the enumeration takes one.
      let status = unsafe H5Dwrite(
        target.identifier.raw, type.raw, sc_all(), sc_all(), sc_default(), booleans.pointer)
      try written(status, at: target.path)
    }
    return target
  }

  /// Texts of variable length in UTF-8.
  package func makeArray(_ name: String, texts: [String], shape: [Int]) throws
    -> any WritableObject
  {
    let type = try HDF5Identifier(textType(), at: path)
    let target = try createDataset(name, shape: shape, type: type.raw)
    if !texts.isEmpty {
      let packed = try PackedTexts(texts, at: target.path)
      // SAFETY: one address of a text a value; the texts live in `packed` through the call.
      let status = unsafe H5Dwrite(
        target.identifier.raw, type.raw, sc_all(), sc_all(), sc_default(),
        packed.addresses.pointer)
      try written(status, at: target.path)
    }
    return target
  }

  /// A new dataset, seen as the carrier of attributes. Large arrays are packed by gzip, in chunks
  /// of about a megabyte.
  private func createDataset(_ name: String, shape: [Int], type: hid_t) throws -> HDF5Group {
    let path = path(of: name)
    let plan = try HDF5Identifier(H5Pcreate(sc_property_list_for_dataset_creation()), at: path)
    // Without times equal content gives equal bytes.
    try written(H5Pset_obj_track_times(plan.raw, false), at: path)
    let size = Int(H5Tget_size(type))
    if shape.reduce(size, *) >= 1 << 16 {
      let width = max(1, shape.dropFirst().reduce(size, *))
      let rows = min(max(1, (1 << 20) / width), shape[0])
      let chunk = ([rows] + shape.dropFirst()).map { hsize_t($0) }
      // SAFETY: `chunk` holds as many values as the call gets.
      try written(unsafe H5Pset_chunk(plan.raw, Int32(chunk.count), chunk), at: path)
      try written(H5Pset_shuffle(plan.raw), at: path)
      try written(H5Pset_deflate(plan.raw, 4), at: path)
    }
    let space = try HDF5Identifier(HDF5Group.space(shape), at: path)
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let raw = unsafe H5Dcreate2(
      identifier.raw, name, type, space.raw, sc_default(), plan.raw, sc_default())
    try written(raw, at: path)
    return HDF5Group(file: file, identifier: try HDF5Identifier(raw, at: path), path: path)
  }

  fileprivate static func space(_ shape: [Int]) -> hid_t {
    if shape.isEmpty { return H5Screate(H5S_SCALAR) }
    let sizes = shape.map { hsize_t($0) }
    // SAFETY: `sizes` holds as many values as the call gets.
    return unsafe H5Screate_simple(Int32(sizes.count), sizes, nil)
  }

  fileprivate func textType() -> hid_t {
    let type = H5Tcopy(sc_c_string())
    H5Tset_size(type, sc_variable_size())
    H5Tset_cset(type, H5T_CSET_UTF8)
    return type
  }

  fileprivate func booleanType() -> hid_t {
    let type = H5Tenum_create(sc_native_int8())
    for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
      // SAFETY: the value is read during the call.
      unsafe withUnsafePointer(to: value) { _ = unsafe H5Tenum_insert(type, name, $0) }
    }
    return type
  }
}

extension HDF5Group {
  /// Attaches a text.
  package func setAttribute(_ name: String, _ text: String) throws {
    try setAttribute(name, texts: [text], shape: [])
  }

  /// Attaches a list of texts, which may be empty.
  package func setAttribute(_ name: String, _ texts: [String]) throws {
    try setAttribute(name, texts: texts, shape: [texts.count])
  }

  private func setAttribute(_ name: String, texts: [String], shape: [Int]) throws {
    let type = try HDF5Identifier(textType(), at: path)
    let packed = try PackedTexts(texts, at: "\(path)@\(name)")
    // SAFETY: one address of a text a value; the texts live in `packed` through the call.
    try unsafe writeAttribute(name, type, shape, UnsafeRawPointer(packed.addresses.pointer))
  }

  /// Attaches whole numbers.
  package func setAttribute(_ name: String, _ numbers: [Int]) throws {
    let type = try HDF5Identifier(H5Tcopy(sc_native_int64()), at: path)
    let values = Buffer(numbers)
    // SAFETY: the buffer holds the numbers through the call.
    try unsafe writeAttribute(name, type, [numbers.count], UnsafeRawPointer(values.pointer))
  }

  /// Attaches a boolean.
  package func setAttribute(_ name: String, _ flag: Bool) throws {
    let type = try HDF5Identifier(booleanType(), at: path)
    let value = Buffer<UInt8>([flag ? 1 : 0])
    // SAFETY: the buffer holds the byte through the call.
    try unsafe writeAttribute(name, type, [], UnsafeRawPointer(value.pointer))
  }

  /// Attaches a reference to another object of the file.
  package func setAttribute(_ name: String, referringTo path: String) throws {
    var reference = Buffer<UInt64>(repeating: 0, count: 1)
    // SAFETY: an object reference takes eight bytes; the name is passed as a text that ends with a
    // zero byte.
    let status = unsafe H5Rcreate(
      reference.mutablePointer(), file.identifier.raw, path, H5R_OBJECT, -1)
    try written(status, at: path)
    let type = try HDF5Identifier(H5Tcopy(sc_object_reference()), at: self.path)
    // SAFETY: the buffer holds the reference through the call.
    try unsafe writeAttribute(name, type, [], UnsafeRawPointer(reference.pointer))
  }

  /// SAFETY: `values` must hold a value of `type` for every element of `shape`.
  @unsafe private func writeAttribute(
    _ name: String, _ type: HDF5Identifier, _ shape: [Int], _ values: UnsafeRawPointer
  ) throws {
    let place = "\(path)@\(name)"
    let space = try HDF5Identifier(HDF5Group.space(shape), at: place)
    let raw = unsafe H5Acreate2(
      identifier.raw, name, type.raw, space.raw, sc_default(), sc_default())
    try written(raw, at: place)
    let attribute = try HDF5Identifier(raw, at: place)
    if shape.first == 0 { return }
    try written(unsafe H5Awrite(attribute.raw, type.raw, values), at: place)
  }
}

/// Texts one after another, each with a zero byte at its end, and the position of each.
private struct PackedTexts {
  private let bytes: Buffer<UInt8>
  let addresses: Buffer<UInt>

  init(_ texts: [String], at place: String) throws {
    var bytes = Buffer<UInt8>(uninitializedCount: texts.reduce(0) { $0 + $1.utf8.count + 1 })
    var starts: [Int] = []
    starts.reserveCapacity(texts.count)
    var target = bytes.mutableSpan
    var end = 0
    for (i, text) in texts.enumerated() {
      starts.append(end)
      for byte in text.utf8 {
        if byte == 0 {
          throw FormatFault("\(place)[\(i)]", "text with a zero byte cannot be stored")
        }
        target[end] = byte
        end += 1
      }
      target[end] = 0
      end += 1
    }
    self.bytes = bytes
    // SAFETY: only converted to a number here; the bytes do not move while `self` holds them.
    let base = unsafe UInt(bitPattern: self.bytes.pointer)
    addresses = Buffer(starts.map { base + UInt($0) })
  }
}

extension HDF5Dataset {
  /// Writes a list in parts of whole chunks, so that little of a spooled buffer is in memory.
  fileprivate func write<Element: StoredNumber>(_ values: Buffer<Element>) throws {
    let chunk = max(1, chunk?.first ?? 1)
    let part = chunk * max(1, (1 << 24) / chunk)
    for begin in stride(from: 0, to: values.count, by: part) {
      let extent = [min(part, values.count - begin)]
      let (fileSpace, memorySpace) = try spaces(start: [begin], extent: extent)
      // SAFETY: the buffer holds the part's values from `begin` on.
      let status = unsafe H5Dwrite(
        identifier.raw, Element.nativeType, memorySpace.raw, fileSpace.raw, sc_default(),
        values.pointer + begin)
      try written(status, at: path)
      SpooledMemory.trim()
    }
  }
}
