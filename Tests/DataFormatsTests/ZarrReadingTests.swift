import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// Stores that anndata and zarr-python wrote (Tests/Fixtures/make-zarr.py has the formulas).
@Suite struct ZarrReadingTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures")

  private func path(_ version: Int) -> String {
    Self.fixtures.appendingPathComponent("version\(version).zarr.zip").path
  }

  /// The store of a fixture in a folder.
  private func unpacked(_ version: Int, in folder: TestFolder) throws -> String {
    let target = "\(folder.path)/a.zarr"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-m", "zipfile", "-e", path(version), target]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return target
  }

  private func check(_ data: CellData) throws {
    var dense = Matrix<Float>.zeros(6, 5)
    var components = Matrix<Float>.zeros(6, 3)
    for i in 0..<6 {
      for j in 0..<5 where (7 * i + 3 * j) % 5 > 1 { dense[i, j] = Float((7 * i + 3 * j) % 5) }
      for j in 0..<3 { components[i, j] = Float(i + 10 * j) }
    }
    #expect(data.x == .sparse(SparseMatrix(dense)))
    #expect(data.layers["dense"] == .dense(dense))
    #expect(data.obsm["X_pca"] == components)
    #expect(data.obs.index == (0..<6).map { "cell\($0)" })
    #expect(data.var.index == (0..<5).map { "g\($0)" })
    #expect(
      data.obs["type"]
        == .categorical(
          Categories(
            codes: Buffer([0, 1, -1, 1, 0, 0]), names: ["T cell", "β cell"], isOrdered: true)))
    #expect(
      data.obs["batch"]
        == .categorical(
          Categories(codes: Buffer([0, 1, 0, 1, 0, 1]), names: ["lane 0", "lane 1"])))
    #expect(data.obs["count"] == .integer(Buffer([0, 1, 2, 3, 4, 5])))
    #expect(data.obs["kept"] == .boolean(Buffer([true, false, true, false, true, false])))
    #expect(
      data.obs["masked"]
        == .nullable(
          .integer(Buffer([1, 0, 3, 4, 0, 6])),
          missing: Buffer([false, true, false, false, true, false])))
    #expect(data.settings["uns.name"] == "\"fixture\"")
    #expect(data.tensors["uns.half"] == Tensor([0, 0.5, 1, 1.5] as [Float]))
  }

  @Test("every codec, type and order, in archives", arguments: [2, 3])
  func archives(version: Int) throws {
    #expect(try DataFormats.sniff(path: path(version)) == .anndata)
    try check(try DataFormats.read(path: path(version)))
    let extent = try DataFormats.extent(path: path(version), as: .anndata)
    #expect(extent?.cells == 6 && extent?.genes == 5)
  }

  @Test("the same in folders", arguments: [2, 3])
  func folders(version: Int) throws {
    let folder = try TestFolder()
    let store = try unpacked(version, in: folder)
    #expect(try DataFormats.sniff(path: store) == .anndata)
    try check(try DataFormats.read(path: store))
    #expect(
      try DataFormats.files(ofFolder: store).contains(
        "\(store)/obs/_index/\(version == 2 ? "0" : "zarr.json")"))
  }

  @Test("an archive whose one folder is the store")
  func folderInArchive() throws {
    let folder = try TestFolder()
    _ = try unpacked(3, in: folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-m", "zipfile", "-c", "b.zip", "a.zarr"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try process.run()
    process.waitUntilExit()
    try check(try DataFormats.read(path: "\(folder.path)/b.zip"))
  }

  @Test("chunks that no file holds have the fill value")
  func missingChunks() throws {
    let folder = try TestFolder()
    let store = try unpacked(2, in: folder)
    try FileManager.default.removeItem(atPath: "\(store)/layers/dense/1/0")
    let data = try DataFormats.read(path: store)
    guard case .dense(let layer) = data.layers["dense"] else {
      Issue.record("not dense")
      return
    }
    #expect(layer[3, 0] == 0 && layer[4, 0] == 0 && layer[5, 1] == 0)
    #expect(layer[3, 1] == 4 && layer[4, 2] == 4)
  }

  /// What reading says once `change` has damaged the store.
  private func says(_ version: Int, _ change: (_ store: String) throws -> Void) throws
    -> FormatFault?
  {
    let folder = try TestFolder()
    let store = try unpacked(version, in: folder)
    try change(store)
    return fault { _ = try DataFormats.read(path: store, as: .anndata) }
  }

  private func replace(_ file: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(
      toFile: file, atomically: true, encoding: .utf8)
  }

  @Test("a link in a store is refused, and so is a name that leads out of it")
  func links() throws {
    let linked = try says(2) { store in
      try FileManager.default.removeItem(atPath: "\(store)/X/data/0")
      try FileManager.default.createSymbolicLink(
        atPath: "\(store)/X/data/0", withDestinationPath: "/etc/hostname")
    }
    #expect(
      linked?.description.contains("X/data/0: a symbolic link, which could point outside") == true)
    let folder = try says(2) { store in
      try FileManager.default.moveItem(atPath: "\(store)/X", toPath: "\(store)/../X")
      try FileManager.default.createSymbolicLink(
        atPath: "\(store)/X", withDestinationPath: "../X")
    }
    #expect(folder?.description.contains("X: a symbolic link, which could point outside") == true)
    let named = try says(2) { store in
      try replace("\(store)/obs/.zattrs", "\"kept\"", "\"../../a.zarr/obs/kept\"")
    }
    #expect(named?.description.contains("a column in `column-order` is missing") == true)
  }

  @Test(
    "claims that are none",
    arguments: [
      ("X/data/.zarray", "\"shape\": [\n    18", "\"shape\": [\n    -18", "not negative"),
      ("X/data/.zarray", "\"chunks\": [\n    4", "\"chunks\": [\n    0", "has chunks of [0]"),
      (
        "X/data/.zarray", "\"chunks\": [\n    4", "\"chunks\": [\n    4611686018427387904",
        "claims the dimensions"
      ),
      (
        "X/data/.zarray", "\"chunks\": [\n    4", "\"chunks\": [\n    17179869184",
        "is stored in pieces of"
      ),
      (
        "X/data/.zarray", "\"chunks\": [\n    4", "\"chunks\": [\n    3",
        "X/data/0: unpacks to more than the metadata promise"
      ),
      (
        "X/data/.zarray", "\"chunks\": [\n    4", "\"chunks\": [\n    5",
        "X/data/0: holds 16 bytes where 20 belong"
      ),
      (
        "X/indices/.zarray", "\"id\": \"zlib\"", "\"id\": \"lzma\"",
        "compressed by lzma, which is not supported"
      ),
      (
        "X/indices/.zarray", "\"id\": \"zlib\"", "\"id\": \"zstd\"",
        "X/indices/0: the data packed by zstd are damaged"
      ),
      (
        "X/data/.zarray", "\"id\": \"blosc\"", "\"id\": \"gzip\"",
        "X/data/0: the packed data is damaged"
      ),
      (
        "layers/dense/.zarray", "\"chunks\": [\n    4,\n    2", "\"chunks\": [\n    4",
        "has chunks of [4] for the dimensions [6, 5]"
      ),
      ("obs/_index/.zarray", "\"|O\"", "\"<f4\"", "obs/_index/0: unpacks to more"),
      ("X/.zattrs", "6,", "9223372036854775807,", "belong there"),
    ])
  func claims(file: String, old: String, new: String, words: String) throws {
    let found = try says(2) { store in
      try replace("\(store)/\(file)", old, new)
    }
    #expect(found?.description.contains(words) == true, "\(found?.description ?? "read")")
  }

  @Test("a damaged shard, index or checksum")
  func shards() throws {
    let cut = try says(3) { store in
      let file = "\(store)/X/indices/c/0"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      try bytes.prefix(20).write(to: URL(fileURLWithPath: file))
    }
    #expect(cut?.description.contains("X/indices/c/0: is too short for the list of its 2") == true)
    let flipped = try says(3) { store in
      let file = "\(store)/X/indices/c/0"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes[3] ^= 1
      try bytes.write(to: URL(fileURLWithPath: file))
    }
    #expect(flipped?.description.contains("the checksum differs") == true, "\(flipped as Any)")
    let index = try says(3) { store in
      let file = "\(store)/X/indices/c/0"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes[bytes.count - 10] ^= 1
      try bytes.write(to: URL(fileURLWithPath: file))
    }
    #expect(index?.description.contains("the list of its chunks is damaged") == true)
  }

  @Test("every byte of an archive changed, and every length: a fault or data, never a crash")
  func damagedArchives() throws {
    let folder = try TestFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(2))))
    var faults = 0
    for place in stride(from: 0, to: bytes.count, by: 37) {
      var changed = bytes
      changed[place] ^= 0x41
      for content in [changed, Array(bytes[..<place])] {
        let file = try folder.file("a.zarr.zip", content)
        if fault({ _ = try DataFormats.read(path: file, as: .anndata) }) != nil { faults += 1 }
      }
    }
    #expect(faults > bytes.count / 37)
  }
}
