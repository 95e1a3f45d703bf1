import CellData
import Foundation
import TensorStream
import Tensors
import TestSupport
import Testing

struct RoundTripTests {
  @Test(arguments: Arrival.allCases)
  func everyKindOfContentComesBack(arrival: Arrival) throws {
    let data = Samples.rich()
    expectEqual(try read(written(data), as: arrival).data, data)
  }

  @Test func emptyObjectsComeBack() throws {
    expectEqual(
      try read(written(CellData(obs: Frame(index: []), var: Frame(index: [])))).data,
      CellData(obs: Frame(index: []), var: Frame(index: [])))
    var data = CellData(obs: Frame(index: ["a"]), var: Frame(index: []))
    data.x = .dense(Matrix(rows: 1, columns: 0, elements: Buffer([])))
    expectEqual(try read(written(data)).data, data)
  }

  @Test func aMatrixThatIsNotThereStaysAway() throws {
    let data = try read(written(CellData(obs: Frame(index: ["a"]), var: Frame(index: ["g"])))).data
    #expect(data.x == nil && data.raw == nil && data.modalities.isEmpty)
  }

  @Test func equalContentGivesEqualBytes() throws {
    let bytes = try written(Samples.rich())
    for _ in 0..<5 { #expect(try written(Samples.rich()) == bytes) }
    #expect(try written(read(bytes).data) == bytes)
    #expect(try written(read(bytes, as: .pipe).data) == bytes)
  }

  @Test func anyChangeOfContentChangesTheIdentity() throws {
    let original = try read(written(Samples.rich())).headerCRC
    var data = Samples.rich()
    data.obsm["X_pca"]?[0, 0] = 0.75
    #expect(try read(written(data)).headerCRC != original)
    data = Samples.rich()
    data.settings["uns.knn"] = "{}"
    #expect(try read(written(data)).headerCRC != original)
    #expect(try TensorStream.write(Samples.rich(), to: MemorySink()) == original)
  }

  @Test func tensorsAreAlignedAndSorted() throws {
    let bytes = try written(Samples.rich())
    let headerSize = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect((8 + headerSize) % 64 == 0)
    let text = String(decoding: bytes[8..<8 + headerSize], as: UTF8.self)
    let keys = [
      "X.data", "X.indices", "X.indptr", "__metadata__", "layers.counts.data", "obs._index",
    ]
    let places = keys.map { text.range(of: "\"\($0)")?.lowerBound }
    for (a, b) in zip(places, places.dropFirst()) {
      #expect(try #require(a) < #require(b))
    }
  }

  @Test func countsAndIndicesGoInTheNarrowestType() throws {
    func type(of values: [Float], columns: Int = 3) throws -> (data: String, indices: String) {
      let n = values.count
      let data = CellData(
        obs: Frame(index: (0..<n).map(String.init)),
        var: Frame(index: (0..<columns).map(String.init)),
        x: .sparse(
          SparseMatrix(
            rows: n, columns: columns, indptr: Buffer(Array(0...n)),
            indices: Buffer([Int32](repeating: Int32(columns - 1), count: n)),
            values: Buffer(values))))
      let bytes = try written(data)
      expectEqual(try read(bytes).data, data)
      return (try dtype(of: "X.data", in: bytes), try dtype(of: "X.indices", in: bytes))
    }
    #expect(try type(of: [0, 255]) == ("U8", "U16"))
    #expect(try type(of: [0, 256]) == ("U16", "U16"))
    #expect(try type(of: [65_535]) == ("U16", "U16"))
    #expect(try type(of: [65_536]) == ("F32", "U16"))
    #expect(try type(of: [0.5]) == ("F32", "U16"))
    #expect(try type(of: [-0.0]) == ("F32", "U16"))
    #expect(try type(of: [-1]) == ("F32", "U16"))
    #expect(try type(of: [1], columns: 65_535) == ("U8", "U16"))
    #expect(try type(of: [1], columns: 65_536) == ("U8", "U32"))
  }

  @Test func whatCannotBeReadIsNotWritten() {
    func kind(_ change: (inout CellData) -> Void) -> FaultKind? {
      var data = Samples.small()
      change(&data)
      let sink = MemorySink()
      do {
        try TensorStream.write(data, to: sink)
        return nil
      } catch {
        #expect(sink.bytes.isEmpty)
        return (error as? StreamFault)?.kind
      }
    }
    #expect(kind { $0.obsm["Z"] = Matrix([[1], [.nan]]) } == .badData)
    #expect(kind { $0.x = .dense(Matrix([[1, 1], [.infinity, 1]])) } == .badData)
    #expect(kind { $0.x = .dense(Matrix([[1, 1]])) } == .internalError)
    #expect(kind { $0.obsm["Z"] = Matrix([[1]]) } == .internalError)
    #expect(kind { $0.tensors["X.data"] = Tensor([1]) } == .internalError)
    #expect(kind { $0.settings["knn"] = "1" } == .internalError)
    #expect(
      kind {
        $0.history = [
          Provenance(tool: "t", version: "1", settings: ["a": "[1,]"], seed: 0, inputCRC: "")
        ]
      } == .internalError)
    #expect(
      kind { data in
        for i in 0..<200_000 { data.tensors["some.rather.long.name.\(i)"] = Tensor([UInt8]()) }
      } == .badData)
    #expect(
      kind {
        $0.x = .sparse(
          SparseMatrix(
            rows: 2, columns: 2, indptr: Buffer([0, 2, 2]), indices: Buffer([1, 0]),
            values: Buffer([1, 2])))
      } == .internalError)
  }

  @Test func tensorsOfAFileLiveOnWithoutIt() throws {
    let data = Samples.rich()
    var tensors: [String: Tensor] = [:]
    do { tensors = try read(written(data)).data.tensors }
    #expect(tensors == data.tensors)
    tensors["optim.step"]?.bytes[0] = 8
    #expect(tensors["optim.step"]?.numbers == [8])
  }

  @Test func hundredThousandTinyTensorsAreReadFast() throws {
    var data = Samples.small()
    for i in 0..<100_000 { data.tensors["t\(i)"] = Tensor([UInt8(truncatingIfNeeded: i)]) }
    let bytes = try written(data)
    for arrival in Arrival.allCases {
      let start = ContinuousClock.now
      #expect(try read(bytes, as: arrival).data.tensors.count == 100_000)
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }
}

/// The dtype that a stream's header gives a tensor.
func dtype(of name: String, in bytes: [UInt8]) throws -> String {
  let text = String(decoding: bytes, as: UTF8.self)
  let start = try #require(text.range(of: "\"\(name)\":{\"dtype\":\""))
  return String(text[start.upperBound...].prefix { $0 != "\"" })
}
