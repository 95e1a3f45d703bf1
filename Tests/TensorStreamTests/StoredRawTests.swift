import CellData
import TensorStream
import Tensors
import Testing

/// Raw passes through a stage in its stored form, if it is sound and in our own form.
struct StoredRawTests {
  private static func object(_ values: [Float], columns: Int = 4) -> CellData {
    var data = CellData(
      obs: Frame(index: ["a", "b", "c"]), var: Frame(index: ["g"]),
      x: .dense(Matrix([[1], [0], [2]])))
    let matrix = SparseMatrix(
      rows: 3, columns: columns, indptr: Buffer([0, 2, 2, 4]),
      indices: Buffer([0, Int32(columns - 1), 1, 2]), values: Buffer(values))
    data.raw = RawValues(
      x: .sparse(matrix), var: Frame(index: (0..<columns).map { "r\($0)" }))
    return data
  }

  @Test(
    arguments: [[1, 2, 255, 0], [1, 256, 3, 65_535], [0.5, 2, 3, 4], [-0.0, 1, 2, 3]] as [[Float]],
    Arrival.allCases)
  func passesThroughUndecoded(_ values: [Float], _ arrival: Arrival) throws {
    let data = Self.object(values)
    let bytes = try written(data)
    let found = try read(bytes, as: arrival).data
    let raw = try #require(found.raw)
    #expect(raw.stored != nil && raw.entryCount == 4)
    #expect(raw.x == data.raw?.x && raw.var == data.raw?.var)
    #expect(try written(found) == bytes)
  }

  @Test func wideIndices() throws {
    let data = Self.object([1, 2, 3, 4], columns: 70_000)
    let found = try read(written(data)).data
    #expect(found.raw?.stored?.indices.elementType == .uint32 && found.raw?.x == data.raw?.x)
    #expect(try written(found) == written(data))
  }

  @Test func changedValuesAreDecoded() throws {
    var found = try read(written(Self.object([1, 2, 3, 4]))).data
    let sparse = try #require(found.raw).x.sparse()
    found.raw?.x = .sparse(sparse.mapValues { $0 + 1 })
    #expect(found.raw?.stored == nil)
    #expect(try read(written(found)).data.raw?.x.sparse().values == Buffer([2, 3, 4, 5]))
    let chosen = try read(written(Self.object([1, 2, 3, 4]))).data.selectingCells([2])
    #expect(chosen.raw?.x.dense() == Matrix([[0, 3, 4, 0]]))
  }

  /// Parts of a sound raw, and a change to them.
  private static let parts: [String: Tensor] = [
    "obs._index.offsets": Tensor([0, 1, 2]), "obs._index.bytes": Tensor(Array("ab".utf8)),
    "var._index.offsets": Tensor([0, 1]), "var._index.bytes": Tensor(Array("g".utf8)),
    "raw.var._index.offsets": Tensor([0, 1, 2]), "raw.var._index.bytes": Tensor(Array("rs".utf8)),
    "raw.X.indptr": Tensor([0, 1, 3]), "raw.X.indices": Tensor([1, 0, 1] as [UInt16]),
    "raw.X.data": Tensor([1.5, 2, 3] as [Float]),
  ]

  private static func foreign(
    _ change: [String: Tensor], shape: String? = "[2,2]"
  ) throws -> CellData {
    var metadata = ["raw.X.encoding": "csr_matrix"]
    metadata["raw.X.shape"] = shape
    return try read(foreignStream(parts.merging(change) { $1 }, metadata: metadata)).data
  }

  @Test(
    arguments: [
      [:], ["raw.X.data": Tensor([1.5, 2, 3] as [Double])],
      ["raw.X.indices": Tensor([1, 0, 1] as [Int32])],
      ["raw.X.indptr": Tensor([0, 1, 3] as [Int32])],
      ["raw.X.data": Tensor([1, 2, 3] as [Float])], ["raw.X.data": Tensor([1, 2, 3] as [UInt16])],
    ] as [[String: Tensor]])
  func otherFormsBecomeOurs(_ change: [String: Tensor]) throws {
    let raw = try #require(try Self.foreign(change).raw)
    #expect((raw.stored != nil) == change.isEmpty)
    let first: Float = change["raw.X.data"]?.numbers[0] == 1 ? 1 : 1.5
    #expect(raw.x.dense() == Matrix([[0, first], [2, 3]]))
    #expect(try Self.foreign(change, shape: nil).raw?.stored == nil)
  }

  @Test(arguments: [
    ("raw.X.data", Tensor([1.5, .nan, 3] as [Float]), "row 1, column 0 is nan"),
    ("raw.X.indices", Tensor([1, 1, 0] as [UInt16]), "not strictly rising"),
    ("raw.X.indices", Tensor([1, 0, 2] as [UInt16]), "row 1: column 2 of 2"),
    ("raw.X.indptr", Tensor([0, 4, 3]), "indptr falls or overshoots at row 0"),
    ("raw.X.indptr", Tensor([1, 1, 3]), "indptr begins at 1"),
    ("raw.X.indptr", Tensor([0, 1, 2]), "indptr ends at 2"),
  ])
  func faultsAreNamed(_ name: String, _ tensor: Tensor, _ mention: String) {
    #expect {
      _ = try Self.foreign([name: tensor])
    } throws: { error in
      let text = (error as? StreamFault)?.description ?? ""
      return text.contains("raw.X") && text.contains(mention)
    }
  }
}
