import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// What `uns/neighbors/params` says of the embedding under a graph of sc-knn.
@Suite struct NeighborParameterTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// An object with the graph of a run of sc-knn that noted these settings.
  private func object(_ settings: [String: String], _ embeddings: [String]) -> CellData {
    var data = CellData(
      obs: Frame(index: ["a", "b"]), var: Frame(index: ["g", "h"]),
      x: .dense(Matrix([[1, 2], [3, 4]])))
    let graph = SparseMatrix(Matrix<Float>([[0, 1], [1, 0]]))
    data.obsp = ["distances": graph, "connectivities": graph]
    for name in embeddings { data.obsm[name] = Matrix([[1, 0, 2], [0, 1, 3]]) }
    data.history = [
      Provenance(tool: "sc-knn", version: "1", settings: settings, seed: 0, inputCRC: "")
    ]
    return data
  }

  /// The parameters as a program reads them that does not know our group.
  private func parameters(_ data: CellData) throws -> [String: String] {
    let path = try Container.zarrFolder.write(data, in: folder)
    // Even without our mark and with the new names it is known as ours.
    try Data("{\"encoding-type\": \"dict\", \"encoding-version\": \"0.1.0\"}".utf8).write(
      to: URL(fileURLWithPath: path + "/uns/neighbors/.zattrs"))
    #expect(try DataFormats.read(path: path).settings.isEmpty)
    try FileManager.default.removeItem(atPath: path + "/uns/single_cell_clustering")
    let prefix = "uns.neighbors.params."
    let found = try DataFormats.read(path: path).settings.filter { $0.key.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: found.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  @Test("components have their number, as scanpy's tl.ingest needs it")
  func components() throws {
    let found = try parameters(object(["use": "null"], ["X_pca", "X_latent"]))
    #expect(found["n_pcs"] == "3" && found["use_rep"] == nil)
  }

  @Test(
    "another embedding has its name",
    arguments: [
      (["use": "\"X_latent\""], "X_latent"),
      (["use": "null", "integrated": "\"X_pca_harmony\""], "X_pca_harmony"),
      (["use": "null", "modalities": "\"auto\""], "X_joint"),
      (["use": "null", "modalities": "\"second\""], "X_second"),
    ])
  func others(settings: [String: String], name: String) throws {
    let found = try parameters(object(settings, ["X_pca", name]))
    #expect(found["use_rep"] == "\"\(name)\"" && found["n_pcs"] == nil)
  }

  @Test("an embedding that is gone is not named")
  func missing() throws {
    let found = try parameters(object(["use": "\"X_latent\""], ["X_pca"]))
    #expect(found["use_rep"] == nil && found["n_pcs"] == nil && found["n_neighbors"] == "2")
  }
}
