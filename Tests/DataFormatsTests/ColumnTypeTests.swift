import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// The types that columns have in AnnData files, and keep.
@Suite struct ColumnTypeTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// An object of four cells whose `obs` has the columns.
  private func object(_ columns: [(String, Column)]) -> CellData {
    var obs = Frame(index: ["a", "b", "c", "d"])
    for (name, column) in columns { obs[name] = column }
    return CellData(
      obs: obs, var: Frame(index: ["g"]), x: .dense(Matrix([[1], [2], [3], [4]])))
  }

  private func again(_ data: CellData, for07: Bool = false) throws -> Frame {
    let path = "\(folder.path)/\(UUID().uuidString).h5ad"
    try DataFormats.writeAnnData(data, toPath: path, for07: for07)
    return try DataFormats.read(path: path).obs
  }

  private static let categories: [(String, Column)] = [
    ("integers", .integer(Buffer([10, -2]))), ("large", .unsigned(Buffer([1, .max]))),
    ("doubles", .float64(Buffer([0.1, 2]))), ("floats", .float32(Buffer([0.1, 2]))),
    ("booleans", .boolean(Buffer([false, true]))), ("texts", .strings(["x", "y"])),
  ]

  @Test(arguments: [false, true]) func categoriesKeepTheirType(for07: Bool) throws {
    let columns = try Self.categories.map { name, values in
      let codes = Buffer<Int32>([1, 0, -1, 1])
      let made = try #require(Categories(codes: codes, values: values, isOrdered: name == "floats"))
      return (name, Column.categorical(made))
    }
    let data = object(columns)
    let obs = try again(data, for07: for07)
    #expect(obs == data.obs)
    guard case .categorical(let days) = obs["integers"] else {
      Issue.record("no categories")
      return
    }
    #expect(days.names == ["10", "-2"] && days.values == .integer(Buffer([10, -2])))
    #expect(days.valueType == .integer)
  }

  /// Some programs write a category twice, which anndata refuses.
  @Test(arguments: [false, true]) func categoriesOfOneNameBecomeOne(for07: Bool) throws {
    let twice = Categories(codes: Buffer([0, 1, 2, -1]), names: ["x", "y", "x"], isOrdered: true)
    let obs = try again(object([("kind", .categorical(twice))]), for07: for07)
    #expect(
      obs["kind"]
        == .categorical(
          Categories(codes: Buffer([0, 1, 0, -1]), names: ["x", "y"], isOrdered: true)))
  }

  @Test(arguments: [false, true]) func indicesKeepTheirNames(for07: Bool) throws {
    var data = object([("kind", .strings(["p", "q", "r", "s"]))])
    data.settings["uns.index_names.obs"] = "\"barcode\""
    data.settings["uns.index_names.var"] = "\"gene\""
    let path = "\(folder.path)/named.h5ad"
    try DataFormats.writeAnnData(data, toPath: path, for07: for07)
    let again = try DataFormats.read(path: path)
    #expect(again.settings == data.settings && again.obs == data.obs)
  }

  @Test func missingValuesStayMissing() throws {
    let missing = Buffer([false, true, false, false])
    let data = object([
      ("grade", .nullable(.integer(Buffer([7, 0, .max, -1])), missing: missing)),
      ("seen", .nullable(.boolean(Buffer([true, false, false, true])), missing: missing)),
      (
        "whole",
        .nullable(.integer(Buffer([1, 2, 3, 4])), missing: Buffer([false, false, false, false]))
      ),
    ])
    #expect(try again(data) == data.obs)
    let old = try again(data, for07: true)
    let grades = try #require(old["grade"]?.numbers)
    #expect(grades[0] == 7 && grades[1].isNaN && grades[3] == -1)
    #expect(old["seen"]?.classes?.codes == Buffer([1, -1, 0, 1]))
    #expect(old["whole"] == .integer(Buffer([1, 2, 3, 4])))
  }

  @Test func wholeNumbersAboveIntAreKept() throws {
    let data = object([
      ("hash", .unsigned(Buffer([0, .max, 1 << 63, 5])))
    ])
    #expect(try again(data) == data.obs)
    let path = try folder.hdf5("a.h5ad") { root in
      try frame(root, "obs", ["a", "b"]).write(Buffer<UInt64>([3, 4]), "small")
      try frame(root, "var", ["g"])
      try root.write(Buffer<Float>([1, 2]), "X", shape: [2, 1])
      try root.create("uns", encoding: "dict").write(Buffer<UInt64>([.max]), "seed", shape: [])
    }
    let read = try DataFormats.read(path: path)
    #expect(read.obs["small"] == .integer(Buffer([3, 4])))
    #expect(read.tensors["uns.seed"]?.values(UInt64.self) == Buffer([.max]))
  }

  @Test func classesLeaveMissingNumbersOut() throws {
    let days = Column.float64(Buffer([2, .nan, 10, 2]))
    #expect(days.classes?.names == ["2", "10"] && days.classes?.codes == Buffer([0, -1, 1, 0]))
    #expect(Column.float64(Buffer([0.5, .nan])).classes == nil)
    let grades = Column.nullable(
      .integer(Buffer([2, 0, 10, 2])), missing: Buffer([false, true, false, false]))
    #expect(
      grades.classes?.names == ["2", "10"] && grades.classes?.codes == Buffer([0, -1, 1, 0]))
    #expect(grades.numbers?[1].isNaN == true && grades.selecting([2, 1]).count == 2)
  }

  /// A table with names and no columns.
  @discardableResult
  private func frame(_ parent: any WritableGroup, _ name: String, _ index: [String]) throws
    -> any WritableGroup
  {
    let frame = try parent.create(name, encoding: "dataframe", version: "0.2.0")
    try frame.write(index, "_index")
    try frame.setAttribute("_index", "_index")
    return frame
  }
}
