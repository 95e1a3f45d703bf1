import CellData
import Tensors

/// Objects to write and read.
enum Samples {
  /// Every kind of content, in four cells and three genes.
  static func rich() -> CellData {
    var data = CellData(obs: cells(), var: genes(["g1", "g.2", "Gen “ß”"]), x: .sparse(matrix()))
    data.layers["counts"] = .sparse(matrix().mapValues { $0.rounded() })
    data.layers["dense.counts"] = .dense(
      Matrix([[1, 0, 300], [0, 0, 0], [7, 8, 9], [1, 1, 1]]))
    data.layers["negative zero"] = .dense(
      Matrix([[-0.0, 0, 3], [0, 0, 0], [7, 8, 9], [1, 1, 1]]))
    data.raw = RawValues(
      x: .dense(Matrix([[1, 2], [3, 4], [5, 6], [7, 70_000]])), var: genes(["r1", "r2"]))
    data.obsm["X_pca"] = Matrix([[0.5, 1], [2, 3], [-4, 5], [6, 7]])
    data.obsm["X.odd%2E"] = Matrix(rows: 4, columns: 0, elements: Buffer([]))
    data.varm["PCs"] = Matrix([[1], [.infinity], [3]])
    data.obsp["distances"] = SparseMatrix(
      rows: 4, columns: 4, indptr: Buffer([0, 1, 2, 2, 4]), indices: Buffer([1, 0, 0, 2]),
      values: Buffer([0.25, 0.25, 3, 4]))
    data.modalities = [modality("rna.2", cells: data.obs.index), modality("adt", cells: nil)]
    data.tensors["model.sctpf.encoder.0.kernel"] = Tensor(Matrix<Float>([[1, 2], [3, 4]]))
    data.tensors["rng.state"] = Tensor([UInt64.max, 2, 3, 4])
    data.tensors["uns.loss.sctpf.pretrain"] = Tensor([1.5, .nan] as [Float], shape: [2, 1])
    data.tensors["optim.step"] = Tensor([7], shape: [])
    data.tensors["unknown \u{1}\"name\\"] = Tensor([UInt8]())
    data.settings = ["uns.knn": "{\"neighbors\":15}", "uns.note": "\"\\u0001 “quoted”\""]
    data.history = [
      Provenance(
        tool: "sc-preprocess", version: "1.0", settings: ["genes": "2000", "flavor": "\"seurat\""],
        seed: 0, inputCRC: ""),
      Provenance(
        tool: "sc-knn", version: "1.0", settings: [:], seed: .max, inputCRC: "0a1b2c3d"),
    ]
    return data
  }

  /// A few cells with a sparse matrix and one category: a stream of some hundred bytes.
  static func small() -> CellData {
    var obs = Frame(index: ["a", "b"])
    obs["type"] = .categorical(Categories(codes: Buffer([0, -1]), names: ["T"]))
    return CellData(
      obs: obs, var: Frame(index: ["g", "h"]),
      x: .sparse(
        SparseMatrix(
          rows: 2, columns: 2, indptr: Buffer([0, 1, 3]), indices: Buffer([1, 0, 1]),
          values: Buffer([1.5, 2, 3]))))
  }

  /// Cells × genes counts with `perRow` entries a row. (cells, genes)
  static func counts(cells: Int, genes: Int, perRow: Int) -> SparseMatrix<Float> {
    var indices = Buffer<Int32>(uninitializedCount: cells * perRow)
    var values = Buffer<Float>(uninitializedCount: cells * perRow)
    var columns = indices.mutableSpan
    var counts = values.mutableSpan
    let step = genes / perRow
    for i in 0..<cells {
      for k in 0..<perRow {
        columns[i * perRow + k] = Int32(k * step + (i * 7 + k) % step)
        counts[i * perRow + k] = Float(1 + (i * 31 + k * 17) % 1000)
      }
    }
    return SparseMatrix(
      rows: cells, columns: genes, indptr: Buffer((0...cells).map { $0 * perRow }),
      indices: indices, values: values)
  }

  private static func cells() -> Frame {
    var obs = Frame(index: ["AAAC-1", "zelle", "", "細胞🧫"])
    obs["zeta"] = .float32(Buffer([1, -2.5, .infinity, 0]))
    obs["a.b"] = .float64(Buffer([1e300, 2, 3, 4]))
    obs["alpha"] = .integer(Buffer([.min, .max, 0, -1]))
    obs["is_doublet"] = .boolean(Buffer([true, false, false, true]))
    obs["batch"] = .strings(["one", "", "two\u{0}", "ä"])
    obs["leiden.codes"] = .categorical(
      Categories(codes: Buffer([1, -1, 0, 1]), names: ["b", "a"], isOrdered: true))
    obs["_index"] = .strings(["w", "x", "y", "z"])
    obs[""] = .categorical(Categories(codes: Buffer([0, 0, 0, 0]), names: ["only"]))
    obs["columns"] = .boolean(Buffer([true, true, true, true]))
    obs["100%2E"] = .integer(Buffer([1, 2, 3, 4]))
    addTyped(to: &obs)
    return obs
  }

  /// Categories that are no text, whole numbers above Int's, and columns with missing values.
  private static func addTyped(to obs: inout Frame) {
    let codes = Buffer<Int32>([1, -1, 0, 1])
    let values: [(String, Column)] = [
      ("day", .integer(Buffer([-1, .max]))), ("large", .unsigned(Buffer([0, .max]))),
      ("dose", .float64(Buffer([0.1, 1e300]))), ("ratio", .float32(Buffer([0.1, 2]))),
      ("stim", .boolean(Buffer([false, true]))),
    ]
    for (name, values) in values {
      let categories = Categories(codes: codes, values: values, isOrdered: name == "day")
      obs[name] = categories.map { .categorical($0) }
    }
    obs["hash"] = .unsigned(Buffer([0, 1, .max, 7]))
    let missing = Buffer([false, true, false, false])
    obs["grade.missing"] = .nullable(.integer(Buffer([3, 0, -1, .max])), missing: missing)
    obs["seen"] = .nullable(.boolean(Buffer([true, false, false, true])), missing: missing)
  }

  private static func genes(_ names: [String]) -> Frame {
    var frame = Frame(index: names)
    frame["mean"] = .float32(Buffer(names.indices.map(Float.init)))
    return frame
  }

  private static func matrix() -> SparseMatrix<Float> {
    SparseMatrix(
      rows: 4, columns: 3, indptr: Buffer([0, 2, 2, 5, 5]), indices: Buffer([0, 2, 0, 1, 2]),
      values: Buffer([0.25, 1, 2, 300, 0]))
  }

  private static func modality(_ name: String, cells: [String]?) -> Modality {
    var obs = Frame(index: cells ?? ["p", "q", "r", "s"])
    obs["depth"] = .integer(Buffer([4, 3, 2, 1]))
    var data = CellData(
      obs: obs, var: genes(["protein"]), x: .dense(Matrix([[1], [2], [3], [4]])))
    data.tensors["uns.table"] = Tensor([1, 2])
    data.settings["uns.panel"] = "\"A\""
    data.obsm["X_lsi"] = Matrix([[1], [2], [3], [4]])
    return Modality(name: name, data: data)
  }
}
