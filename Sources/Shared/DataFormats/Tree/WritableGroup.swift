import Tensors

/// A group or an array that is being written: what gets attributes.
package protocol WritableObject {
  /// Its path from the root, without a slash before it.
  var path: String { get }
  /// Attaches a text.
  func setAttribute(_ name: String, _ text: String) throws
  /// Attaches a list of texts, which may be empty.
  func setAttribute(_ name: String, _ texts: [String]) throws
  /// Attaches whole numbers.
  func setAttribute(_ name: String, _ numbers: [Int]) throws
  /// Attaches a boolean.
  func setAttribute(_ name: String, _ flag: Bool) throws
  /// Attaches a reference to the object at that path. For the layout of AnnData 0.7.
  func setAttribute(_ name: String, referringTo path: String) throws
}

/// A group that is being written.
package protocol WritableGroup: WritableObject {
  /// Whether AnnData 0.7 must be able to read the output.
  var isForAnnData07: Bool { get }
  /// Whether there is a member of that name.
  func contains(_ name: String) throws -> Bool
  /// The group of that name; nil if there is none.
  func child(_ name: String) throws -> (any WritableGroup)?
  /// Makes a group in this one.
  func makeGroup(_ name: String) throws -> any WritableGroup
  /// Writes an array of numbers, `type` on disk; a shape without dimensions makes a single value.
  func makeArray<Element: StoredNumber>(
    _ name: String, _ values: Buffer<Element>, shape: [Int], type: NumberType
  ) throws -> any WritableObject
  /// Writes booleans, a byte each.
  func makeArray(_ name: String, booleans: Buffer<UInt8>, shape: [Int]) throws -> any WritableObject
  /// Writes texts.
  func makeArray(_ name: String, texts: [String], shape: [Int]) throws -> any WritableObject
}

extension WritableObject {
  /// Marks an element with AnnData's two attributes.
  func setEncoding(_ type: String, _ version: String) throws {
    try setAttribute("encoding-type", type)
    try setAttribute("encoding-version", version)
  }
}

extension WritableGroup {
  /// Makes a group in this one, of the given encoding.
  package func create(_ name: String, encoding: String, version: String = "0.1.0") throws
    -> any WritableGroup
  {
    let group = try makeGroup(name)
    // AnnData 0.7 takes a group without marks for a mapping, and refuses the mark.
    if !(isForAnnData07 && encoding == "dict") { try group.setEncoding(encoding, version) }
    return group
  }

  /// Writes an array of numbers; a shape without dimensions makes a single value. `as` is the type
  /// on disk.
  @discardableResult
  package func write<Element: StoredNumber>(
    _ values: Buffer<Element>, _ name: String, shape: [Int]? = nil, as type: NumberType? = nil
  ) throws -> any WritableObject {
    let shape = shape ?? [values.count]
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values for \(shape)")
    let target = try makeArray(name, values, shape: shape, type: type ?? Element.numberType)
    try target.setEncoding(shape.isEmpty ? "numeric-scalar" : "array", "0.2.0")
    return target
  }

  /// Writes booleans.
  @discardableResult
  package func write(booleans values: Buffer<UInt8>, _ name: String, shape: [Int]? = nil) throws
    -> any WritableObject
  {
    let shape = shape ?? [values.count]
    let target = try makeArray(name, booleans: values, shape: shape)
    try target.setEncoding(shape.isEmpty ? "numeric-scalar" : "array", "0.2.0")
    return target
  }

  /// Writes texts; `isSingle` makes one a value without dimensions.
  @discardableResult
  package func write(_ texts: [String], _ name: String, isSingle: Bool = false) throws
    -> any WritableObject
  {
    let target = try makeArray(name, texts: texts, shape: isSingle ? [] : [texts.count])
    try target.setEncoding(isSingle ? "string" : "string-array", "0.2.0")
    return target
  }
}
