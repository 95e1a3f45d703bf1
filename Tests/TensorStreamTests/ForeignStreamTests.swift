import CellData
import Foundation
import TensorStream
import Tensors
import TestSupport
import Testing

/// A stream as another writer makes it: no alignment, no CRCs, only the metadata given.
func foreignStream(_ tensors: [String: Tensor], metadata: [String: String]? = nil) -> [UInt8] {
  var members: [(key: String, value: String)] = []
  if let metadata {
    members.append(
      (
        "__metadata__",
        JSONText.object(
          metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONText.quoted($0.value)) })
      ))
  }
  var data: [UInt8] = []
  for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
    let end = data.count + tensor.bytes.count
    let text =
      "{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":\(tensor.shape),\"data_offsets\":[\(data.count),\(end)]}"
    members.append((name, text))
    data += Array(tensor.bytes)
  }
  let header = Array(JSONText.object(members).utf8)
  return length(UInt64(header.count)) + header + data
}

struct ForeignStreamTests {
  @Test func onlyAnEmbedding() throws {
    let data = try read(
      foreignStream(["obsm.X_pca": Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [3, 2])])
    ).data
    #expect(data.obs.index == ["0", "1", "2"] && data.geneCount == 0 && data.x == nil)
    #expect(data.obsm["X_pca"] == Matrix([[1, 2], [3, 4], [5, 6]]))
  }

  /// Streams of ours from before numeric categories have their names as text.
  @Test func categoriesOfTextOrOfNumbers() throws {
    let data = try read(
      foreignStream([
        "obs.old.codes": Tensor([1, 0] as [Int32]),
        "obs.old.categories.offsets": Tensor([0, 1, 2]),
        "obs.old.categories.bytes": Tensor(Array("01".utf8)),
        "obs.new.codes": Tensor([1, 0] as [Int32]),
        "obs.new.categories": Tensor([0, 1] as [Int32]),
        "obs.hash": Tensor([UInt64.max, 1]),
      ])
    ).data
    let codes = Buffer<Int32>([1, 0])
    #expect(data.obs["old"] == .categorical(Categories(codes: codes, names: ["0", "1"])))
    #expect(
      data.obs["new"]
        == .categorical(Categories(codes: codes, names: ["0", "1"], valueType: .integer)))
    #expect(data.obs["hash"] == .unsigned(Buffer([.max, 1])))
  }

  @Test func onlyADenseMatrix() throws {
    let data = try read(
      foreignStream(["X": Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])])
    )
    .data
    #expect(data.x == .dense(Matrix([[1, 2, 3], [4, 5, 6]])))
    #expect(data.obs.index == ["0", "1"] && data.var.index == ["0", "1", "2"])
  }

  @Test func onlyASparseMatrix() throws {
    let data = try read(
      foreignStream([
        "X.indptr": Tensor([0, 1, 3] as [Int32]), "X.indices": Tensor([4, 0, 2]),
        "X.data": Tensor([1, 2, 3] as [Double]),
      ])
    ).data
    #expect(data.cellCount == 2 && data.geneCount == 5)
    #expect(data.x?.dense() == Matrix([[0, 0, 0, 0, 1], [2, 0, 3, 0, 0]]))
  }

  @Test func tensorsOfNoTable() throws {
    let tensors = [
      "weight": Tensor([1, 2] as [Float]), "model.a": Tensor([UInt16(3)], shape: []),
      "half": Tensor(elementType: .float16, shape: [1], bytes: Buffer([0, 0x3C])),
      "none": Tensor([Float](), shape: [0, 7]),
    ]
    let data = try read(foreignStream(tensors, metadata: ["format": "pt", "a\"b": "1\n2"])).data
    #expect(data.tensors == tensors && data.cellCount == 0)
    #expect(
      data.settings == [
        "uns.metadata.format": "\"pt\"", "uns.metadata.a\"b": "\"1\\n2\"",
      ])
    expectEqual(try read(written(data)).data, data)
  }

  @Test func columnsOfOtherTypes() throws {
    let data = try read(
      foreignStream([
        "obs.ok": Tensor(elementType: .bool, shape: [2], bytes: Buffer([1, 0])),
        "obs.n": Tensor([7, 8] as [UInt8]), "obs.z.score": Tensor([1.5, 2.5]),
        "obs.t.codes": Tensor(elementType: .int8, shape: [2], bytes: Buffer([0xFF, 0])),
        "obs.t.categories.offsets": Tensor([0, 1] as [UInt32]),
        "obs.t.categories.bytes": Tensor(Array("T".utf8)),
      ])
    ).data
    #expect(data.obs.columnNames == ["n", "ok", "t", "z.score"])
    #expect(data.obs["ok"] == .boolean(Buffer([true, false])))
    #expect(data.obs["n"] == .integer(Buffer([7, 8])))
    #expect(
      data.obs["t"] == .categorical(Categories(codes: Buffer([-1, 0]), names: ["T"])))
  }

  @Test func aMisalignedTensorIsReadAsWell() throws {
    let header =
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"obsm.Z":{"dtype":"F32","shape":[1,1],"data_offsets":[1,5]}}"#
    let bytes = length(UInt64(header.utf8.count)) + Array(header.utf8) + [9, 0, 0, 0x80, 0x3F]
    for arrival in Arrival.allCases {
      #expect(try read(bytes, as: arrival).data.obsm["Z"] == Matrix([[1]]))
    }
  }

  @Test func aMisalignedTensorMayBeTheOnlyOne() throws {
    let header = #"{"obsm.Z":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}  "#
    for padding in 0..<4 {
      let padded = Array(header.utf8) + [UInt8](repeating: 0x20, count: padding)
      let bytes = length(UInt64(padded.count)) + padded + [0, 0, 0x80, 0x3F]
      #expect(try read(bytes).data.obsm["Z"] == Matrix([[1]]))
    }
  }

  @Test func otherVersionsAreRefused() throws {
    let tensors = ["obsm.Z": Tensor([1] as [Float], shape: [1, 1])]
    for metadata in [
      ["format": "single-cell-clustering", "format_version": "2"],
      ["format": "single-cell-clustering"], ["format_version": "1.0"],
    ] {
      let fault = try #require(refusal(reading: foreignStream(tensors, metadata: metadata)))
      #expect(fault.place == "metadata \"format_version\"")
    }
    #expect(
      try read(foreignStream(tensors, metadata: ["format": "other", "format_version": "7"])).data
        .cellCount == 1)
  }

  @Test(.enabled(if: Reference.isAvailable, "needs the reference numbers"))
  func aReferenceFileOpens() throws {
    let path = Reference.folder.appendingPathComponent("reference/kmeans_loss.safetensors").path
    let data = try read(path: path).data
    let expected = try Reference.load("kmeans_loss")
    #expect(!expected.isEmpty)
    for (name, matrix) in expected {
      #expect(data.tensors[name]?.numbers == Array(matrix.elements))
    }
  }
}

/// Python's own reader and writer, if they are installed.
struct PythonTests {
  static let isAvailable = (try? run("import safetensors.numpy")) != nil

  static func run(_ script: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    struct Failed: Error {}
    if process.terminationStatus != 0 { throw Failed() }
    return String(decoding: text, as: UTF8.self)
  }

  @Test(.enabled(if: isAvailable, "needs python3 with safetensors"))
  func pythonOpensOurStream() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("ours.safetensors")
    try Data(written(Samples.rich())).write(to: URL(fileURLWithPath: path))
    let script = """
      import sys, json, zlib
      from safetensors import safe_open
      from safetensors.numpy import load_file
      t = load_file(sys.argv[1])
      with safe_open(sys.argv[1], "np") as f: m = f.metadata()
      crc = json.loads(m["crc32"])
      assert sorted(crc) == sorted(t)
      for k, v in t.items(): assert crc[k] == "%08x" % zlib.crc32(v.tobytes()), k
      json.loads(m["history"])
      print(t["obsm.X_pca"].tolist(), t["X.indices"].dtype, t["layers.dense%2Ecounts"].tolist(), t["optim.step"].shape)
      """
    #expect(
      try Self.run(script, path)
        == "[[0.5, 1.0], [2.0, 3.0], [-4.0, 5.0], [6.0, 7.0]] uint16 [[1, 0, 300], [0, 0, 0], [7, 8, 9], [1, 1, 1]] ()\n"
    )
  }

  @Test(.enabled(if: isAvailable, "needs python3 with safetensors"))
  func weOpenPythonsFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("python.safetensors")
    _ = try Self.run(
      """
      import sys, numpy as np
      from safetensors.numpy import save_file
      save_file({"obsm.X_pca": np.arange(6, dtype=np.float32).reshape(3, 2), "X": np.eye(3, 4), "obs.n": np.arange(3),
        "obs.f": np.array([True, False, True]), "uns.h": np.array([1.5], dtype=np.float16)}, sys.argv[1], {"made": "by hand"})
      """, path)
    let data = try read(path: path).data
    #expect(data.obsm["X_pca"] == Matrix([[0, 1], [2, 3], [4, 5]]))
    #expect(data.x == .dense(Matrix([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])))
    #expect(data.obs["n"] == .integer(Buffer([0, 1, 2])))
    #expect(data.obs["f"] == .boolean(Buffer([true, false, true])))
    #expect(data.tensors["uns.h"]?.numbers == [1.5])
    #expect(data.settings == ["uns.metadata.made": "\"by hand\""])
  }
}
