import CHDF5

/// A group or a dataset: what has attributes.
protocol HDF5Object: StoredObject {
  var file: HDF5File { get }
  var identifier: HDF5Identifier { get }
}

extension HDF5Object {
  var tree: StoredTree { file }
}

/// A folder of an HDF5 file.
package struct HDF5Group: HDF5Object, StoredGroup {
  let file: HDF5File
  let identifier: HDF5Identifier
  package let path: String

  /// The names of the members, sorted by the library; names that are not UTF-8 are left out.
  var names: [String] {
    get throws {
      var info = H5G_info_t()
      // SAFETY: `info` is written by the call.
      try checked(unsafe H5Gget_info(identifier.raw, &info), at: place)
      guard info.nlinks <= 1_000_000 else {
        throw FormatFault(place, "\(info.nlinks) members in a group")
      }
      let names = (0..<Int(info.nlinks)).compactMap(name(at:))
      if let fault = FormatFault(alikeIn: names, at: place) { throw fault }
      return names
    }
  }

  private func name(at index: Int) -> String? {
    let position = hsize_t(index)
    // SAFETY: asked for the length only.
    let length = unsafe H5Lget_name_by_idx(
      identifier.raw, ".", H5_INDEX_NAME, H5_ITER_INC, position, nil, 0, sc_default())
    guard length > 0, length < 65_536 else { return nil }
    // SAFETY: the buffer holds the name and the zero byte after it.
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { text in
      let got = unsafe H5Lget_name_by_idx(
        identifier.raw, ".", H5_INDEX_NAME, H5_ITER_INC, position, text.baseAddress, length + 1,
        sc_default())
      guard got == length, let base = text.baseAddress else { return nil }
      return unsafe String(validatingCString: base)
    }
  }

  /// The member of that name; nil if there is none. Links out of the file are refused.
  func member(_ name: String) throws -> StoredNode? {
    // SAFETY: the name is passed as a text that ends with a zero byte.
    guard name != ".", unsafe H5Lexists(identifier.raw, name, sc_default()) > 0 else { return nil }
    let path = path(of: name)
    var info = H5L_info_t()
    // SAFETY: `info` is written by the call.
    try checked(unsafe H5Lget_info(identifier.raw, name, &info, sc_default()), at: path)
    guard info.type == H5L_TYPE_HARD || info.type == H5L_TYPE_SOFT else {
      throw HDF5Group.linkFault(path)
    }
    let cacheBytes = try cacheBytes(of: name, at: path)
    return try StoredNode(open(name, cacheBytes, at: path), file: file, path: path)
  }

  private static func linkFault(_ path: String) -> FormatFault {
    FormatFault(path, "a link to another file", "copy the data into this file")
  }

  /// The chunk cache that a member needs beyond the usual megabyte. A dataset keeps the cache of
  /// its first opening, so this opens and closes it.
  private func cacheBytes(of name: String, at path: String) throws -> Int {
    let node = try StoredNode(open(name, 0, at: path), file: file, path: path)
    guard case .dataset(let dataset) = node else { return 0 }
    return dataset.cacheBytes
  }

  private func open(_ name: String, _ cacheBytes: Int, at path: String) throws -> HDF5Identifier {
    guard cacheBytes > 1 << 20 else {
      // SAFETY: the name is passed as a text that ends with a zero byte.
      let raw = unsafe H5Oopen(identifier.raw, name, sc_default())
      // A link inside the file may lead to one out of it, whose kind is switched off.
      if raw < 0, HDF5Library.lastMessage.contains("link class") {
        throw HDF5Group.linkFault(path)
      }
      return try HDF5Identifier(raw, at: path)
    }
    let list = try HDF5Identifier(H5Pcreate(sc_property_list_for_dataset_access()), at: path)
    try checked(H5Pset_chunk_cache(list.raw, 100_003, cacheBytes, 1), at: path)
    // SAFETY: as above.
    return try HDF5Identifier(unsafe H5Dopen2(identifier.raw, name, list.raw), at: path)
  }
}

extension StoredNode {
  /// An opened object of a kind that holds data.
  init(_ identifier: HDF5Identifier, file: HDF5File, path: String) throws {
    switch H5Iget_type(identifier.raw) {
    case H5I_GROUP: self = .group(HDF5Group(file: file, identifier: identifier, path: path))
    case H5I_DATASET:
      self = .dataset(try HDF5Dataset(file: file, identifier: identifier, path: path))
    default: throw FormatFault(path, "neither a group nor an array")
    }
  }
}
