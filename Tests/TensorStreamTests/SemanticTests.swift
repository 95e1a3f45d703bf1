import CellData
import TensorStream
import Tensors
import Testing

/// One change to a sound set of tensors or metadata, and what the refusal must name.
struct Unsound: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let tensors: [String: Tensor?]
  let metadata: [String: String?]
  let mention: String

  init(
    _ name: String, _ tensors: [String: Tensor?] = [:], metadata: [String: String?] = [:],
    names mention: String
  ) {
    testDescription = name
    self.tensors = tensors
    self.metadata = metadata
    self.mention = mention
  }

  static let tensors: [String: Tensor] = [
    "X.indptr": Tensor([0, 1, 3]), "X.indices": Tensor([1, 0, 1] as [UInt16]),
    "X.data": Tensor([1.5, 2, 3] as [Float]), "obs._index.offsets": Tensor([0, 1, 2]),
    "obs._index.bytes": Tensor(Array("ab".utf8)), "obs.n": Tensor([1, 2]),
    "obs.type.codes": Tensor([0, -1] as [Int32]), "obs.type.categories.offsets": Tensor([0, 1]),
    "obs.type.categories.bytes": Tensor(Array("T".utf8)),
    "var._index.offsets": Tensor([0, 1, 2]), "var._index.bytes": Tensor(Array("gh".utf8)),
    "obsm.Z": Tensor([1, 2] as [Float], shape: [2, 1]),
    "obsp.d.indptr": Tensor([0, 1, 1]), "obsp.d.indices": Tensor([1 as Int32]),
    "obsp.d.data": Tensor([1 as Float]), "raw.X": Tensor([1, 2] as [Float], shape: [2, 1]),
    "mod.adt.X": Tensor([1, 2] as [Float], shape: [2, 1]), "uns.free": Tensor([1.5]),
  ]
  static let metadata: [String: String] = [
    "format": "single-cell-clustering", "format_version": "1", "X.encoding": "csr_matrix",
    "X.shape": "[2,2]", "obsp.d.shape": "[2,2]", "obs.columns": #"["n","type"]"#,
    "modalities": #"["adt"]"#, "history": "[]",
  ]

  var stream: [UInt8] {
    var tensors = Unsound.tensors
    var metadata = Unsound.metadata
    for (name, tensor) in self.tensors { tensors[name] = tensor }
    for (key, text) in self.metadata { metadata[key] = text }
    return foreignStream(tensors, metadata: metadata)
  }

  static let matrices: [Unsound] = [
    Unsound(
      "starts above 0", ["X.indptr": Tensor([1, 1, 3])], names: "tensor \"X\": indptr begins"),
    Unsound("ends early", ["X.indptr": Tensor([0, 1, 2])], names: "\"X\": indptr ends"),
    Unsound("falls", ["X.indptr": Tensor([0, 4, 3])], names: "\"X\": indptr falls"),
    Unsound("negative start", ["X.indptr": Tensor([0, -1, 3])], names: "\"X\": indptr falls"),
    Unsound("too many rows", ["X.indptr": Tensor([0, 1, 3, 3])], names: "\"X.indptr\""),
    Unsound("no rows", ["X.indptr": Tensor([Int]())], names: "\"X.indptr\""),
    Unsound("float starts", ["X.indptr": Tensor([0, 1, 3] as [Float])], names: "\"X.indptr\""),
    Unsound(
      "column too large", ["X.indices": Tensor([2, 0, 1] as [UInt16])], names: "column 2 of 2"),
    Unsound(
      "column above Int32", ["X.indices": Tensor([UInt32.max, 0, 1])], names: "\"X\": row 0"),
    Unsound(
      "column above Int64", ["X.indices": Tensor([UInt64.max, 0, 1])], names: "\"X\": row 0"),
    Unsound("negative column", ["X.indices": Tensor([-1, 0, 1])], names: "\"X\": row 0"),
    Unsound("same column twice", ["X.indices": Tensor([1, 1, 1])], names: "\"X\": row 1"),
    Unsound("columns fall", ["X.indices": Tensor([1, 1, 0])], names: "\"X\": row 1"),
    Unsound("an index too few", ["X.indices": Tensor([1, 0])], names: "\"X.indices\""),
    Unsound("no values", ["X.data": nil], names: "\"X.data\": missing"),
    Unsound("no starts", ["X.indptr": nil], names: "\"X.indptr\": missing"),
    Unsound(
      "values of rank 2", ["X.data": Tensor([1, 2, 3] as [Float], shape: [1, 3])],
      names: "\"X.data\""),
    Unsound(
      "dense beside sparse", ["X": Tensor([1] as [Float], shape: [1, 1])], names: "\"X.data\""),
    Unsound("a further part", ["X.foo": Tensor([1])], names: "\"X.foo\""),
    Unsound("NaN", ["X.data": Tensor([1, 2, .nan] as [Float])], names: "row 1, column 1 is nan"),
    Unsound("infinity", ["X.data": Tensor([1, .infinity, 3])], names: "row 1, column 0 is inf"),
    Unsound("too large for Float", ["X.data": Tensor([1e300, 2, 3])], names: "row 0, column 1"),
    Unsound(
      "NaN in an embedding", ["obsm.Z": Tensor([1, .nan] as [Float], shape: [2, 1])],
      names: "\"obsm.Z\": row 1, column 0"),
    Unsound(
      "NaN in a graph", ["obsp.d.data": Tensor([Float.nan])], names: "\"obsp.d.data\": row 0"),
    Unsound(
      "graph of other cells", metadata: ["obsp.d.shape": "[2,3]"], names: "\"obsp.d.shape\""),
    Unsound(
      "embedding of rank 1", ["obsm.Z": Tensor([1, 2] as [Float])], names: "\"obsm.Z\": shape [2]"),
    Unsound(
      "embedding of other cells", ["obsm.Z": Tensor([1, 2, 3] as [Float], shape: [3, 1])],
      names: "\"obsm.Z\": shape [3,1]"),
    Unsound("by columns", metadata: ["X.encoding": "csc_matrix"], names: "\"X.encoding\""),
    Unsound("other shape", metadata: ["X.shape": "[2,3]"], names: "\"X.shape\""),
    Unsound("shape of one", metadata: ["X.shape": "[2]"], names: "\"X.shape\""),
    Unsound("shape of decimals", metadata: ["X.shape": "[2.0,2]"], names: "\"X.shape\""),
    Unsound("shape of nothing", metadata: ["layers.c.shape": "[2,2]"], names: "\"layers.c"),
  ]

  static let tables: [Unsound] = [
    Unsound("no bytes", ["obs._index.bytes": nil], names: "\"obs._index.bytes\": missing"),
    Unsound(
      "offsets fall", ["obs._index.offsets": Tensor([0, 3, 2])], names: "overshoot at row 0"),
    Unsound("offsets negative", ["obs._index.offsets": Tensor([0, -1, 2])], names: "at row 0"),
    Unsound("offsets end early", ["obs._index.offsets": Tensor([0, 1, 1])], names: "from 0 to 1"),
    Unsound("no offsets", ["obs._index.offsets": Tensor([Int]())], names: "\"obs._index.offsets\""),
    Unsound(
      "not UTF-8", ["obs._index.bytes": Tensor([0x61, 0xFF] as [UInt8])],
      names: "row 1 is not UTF-8"),
    Unsound(
      "a character cut in two",
      ["obs._index.bytes": Tensor([0xC3, 0xA4] as [UInt8])], names: "row 0 is not UTF-8"),
    Unsound("long column", ["obs.n": Tensor([1, 2, 3])], names: "\"obs.n\": shape [3], not [2]"),
    Unsound("column of rank 2", ["obs.n": Tensor([1, 2], shape: [2, 1])], names: "\"obs.n\""),
    Unsound(
      "mask of other length", ["obs.n": Tensor([1, 2]), "obs.n.missing": Tensor([1] as [UInt8])],
      names: "\"obs.n.missing\""),
    Unsound(
      "mask beside floats",
      ["obs.n": Tensor([1, 2] as [Float]), "obs.n.missing": Tensor([1, 0] as [UInt8])],
      names: "\"obs.n.missing\""),
    Unsound(
      "code above the categories",
      ["obs.m.codes": Tensor([0, 2] as [Int32]), "obs.m.categories": Tensor([5, 6])],
      names: "row 1 has code 2 of 2"),
    Unsound(
      "categories of two dimensions",
      [
        "obs.m.codes": Tensor([0, 0] as [Int32]),
        "obs.m.categories": Tensor([5, 6], shape: [1, 2]),
      ],
      names: "\"obs.m.categories\""),
    Unsound("code too large", ["obs.type.codes": Tensor([0, 1])], names: "row 1 has code 1 of 1"),
    Unsound("code below -1", ["obs.type.codes": Tensor([-2, 0])], names: "row 0 has code -2"),
    Unsound("long codes", ["obs.type.codes": Tensor([0, 0, 0])], names: "\"obs.type.codes\""),
    Unsound(
      "codes without categories", ["obs.type.categories.bytes": nil],
      names: "\"obs.type.categories.bytes\": missing"),
    Unsound("listed but not there", metadata: ["obs.columns": #"["n","q"]"#], names: "\"q\""),
    Unsound("listed twice", metadata: ["obs.columns": #"["n","n"]"#], names: "\"obs.columns\""),
    Unsound("list is no JSON", metadata: ["obs.columns": "n,type"], names: "\"obs.columns\""),
    Unsound("list goes on", metadata: ["obs.columns": "[],"], names: "\"obs.columns\", offset 2"),
    Unsound("no truth values", metadata: ["obs.n.encoding": "boolean"], names: "\"obs.n\""),
    Unsound("unknown encoding", metadata: ["obs.n.encoding": "x"], names: "\"obs.n.encoding\""),
    Unsound("unknown order", metadata: ["obs.type.ordered": "1"], names: "\"obs.type.ordered\""),
    Unsound(
      "same column twice",
      [
        "obs.%6E": Tensor([1, 2]), "obs.a.b": Tensor([1, 2]),
        "obs.a%2Eb": Tensor([1, 2]),
      ], names: "two columns"),
    Unsound(
      "raw without X", ["raw.X": nil, "raw.var.n": Tensor([1])], names: "\"raw.X\": missing"),
    Unsound("raw with obs", ["raw.obs.n": Tensor([1, 2])], names: "\"raw.obs\""),
    Unsound("modality missing", metadata: ["modalities": #"["adt","x"]"#], names: "\"x\" has no"),
    Unsound("modality is a tensor", ["mod.q": Tensor([1])], names: "\"mod.q\""),
    Unsound("modality inside another", ["mod.adt.mod.b.n": Tensor([1])], names: "\"mod.adt.mod.\""),
    Unsound(
      "modality of other cells", ["mod.adt.X": Tensor([1] as [Float], shape: [1, 1])],
      names: "\"mod.adt.X\": shape [1,1]"),
    Unsound("history is an object", metadata: ["history": "{}"], names: "\"history\", offset 0"),
    Unsound("history lacks a field", metadata: ["history": "[{}]"], names: "\"history\", offset 1"),
    Unsound(
      "history has a key twice", metadata: ["history": #"[{"tool":"a","tool":"b"}]"#],
      names: "\"tool\" appears twice"),
    Unsound(
      "history nests too deeply",
      metadata: [
        "history": #"[{"settings":{"a":"# + String(repeating: "[", count: 100_000)
      ], names: "nested too deeply"),
    Unsound(
      "names to be made up for 2^47 rows",
      [
        "obs._index.offsets": nil, "obs._index.bytes": nil, "obs.n": nil, "obs.type.codes": nil,
        "obs.type.categories.offsets": nil, "obs.type.categories.bytes": nil,
      ], metadata: ["X.shape": "[140737488355328,2]", "obs.columns": nil],
      names: "\"obs._index.offsets\": missing"),
    Unsound("CRC without the header's", metadata: ["crc32": "{}"], names: "\"header_crc32\""),
    Unsound(
      "header's CRC alone", metadata: ["header_crc32": "00000000"], names: "\"header_crc32\""),
    Unsound("header's CRC too short", metadata: ["header_crc32": "0"], names: "header_crc32"),
  ]
}

struct SemanticTests {
  @Test func theSoundOneIsAccepted() throws {
    let data = try read(Unsound("sound", names: "").stream).data
    #expect(data.cellCount == 2 && data.geneCount == 2 && data.modalities.count == 1)
    #expect(data.raw?.x.rows == 2 && data.tensors["uns.free"]?.numbers == [1.5])
    expectEqual(try read(written(data)).data, data)
  }

  @Test(arguments: Unsound.matrices + Unsound.tables)
  func isRefused(_ unsound: Unsound) {
    let fault = refusal(reading: unsound.stream, unsound.testDescription)
    #expect(fault?.kind == .badData)
    let text = fault?.description ?? ""
    #expect(text.contains(unsound.mention), "\(text)")
  }
}
