// The annotated object that every stage passes on, in AnnData's words. It is a matrix of cells ×
// genes with all that is known about its rows (obs, obsm, obsp) and its columns (var, varm), and
// the rest. Files and streams map to it one to one, so that a stage does not depend on their
// format. A stage passes on unchanged what it does not know.

import Tensors

/// Cells × genes and all that is known about them.
package struct CellData: Sendable {
  /// One row a cell: its barcode and what is known of it.
  package var obs: Frame
  /// One row a gene (or peak, or protein).
  package var `var`: Frame
  /// The main matrix, cells × genes: after sc-preprocess log-normalised and not yet scaled
  /// (`var/mean` and `var/std` hold the scaling).
  package var x: MatrixValues?
  /// Other matrices of the same shape; `counts` holds the raw counts of the kept genes.
  package var layers: [String: MatrixValues] = [:]
  /// AnnData's `raw`: the matrix before genes were selected, with the names of its own columns.
  package var raw: RawValues?
  /// A matrix a name with a row a cell: `X_pca`, `X_latent`, ….
  package var obsm: [String: Matrix<Float>] = [:]
  /// A matrix a name with a row a gene.
  package var varm: [String: Matrix<Float>] = [:]
  /// Graphs of cells: `distances`, `connectivities`, each cells × cells.
  package var obsp: [String: SparseMatrix<Float>] = [:]
  /// Further measurements of the same cells, in the same order, in the order of the file.
  package var modalities: [Modality] = []
  /// Tensors by dotted name that belong to no table above: `model.*`, `optim.*`, `rng.*`, `uns.*`,
  /// and any other tensor of the input.
  package var tensors: [String: Tensor] = [:]
  /// Free settings: JSON text by dotted name, each beginning with `uns.`.
  package var settings: [String: String] = [:]
  /// What was done to the data, oldest first.
  package var history: [Provenance] = []
  /// Whether X is scaled, as `recordScaling` found. Nil: X and the columns show it.
  var isScaled: Bool?

  package init(obs: Frame, `var` genes: Frame, x: MatrixValues? = nil) {
    self.obs = obs
    self.var = genes
    self.x = x
  }

  /// N.
  package var cellCount: Int { obs.rowCount }
  /// G.
  package var geneCount: Int { self.var.rowCount }

  /// The size of the data: X, its counts, raw and a graph. These take nearly all of the memory.
  package var extent: DataExtent {
    let entries = entryCount
    var extent = DataExtent(
      cells: cellCount, genes: geneCount, entries: entries,
      bytes: 16 * entries + 500 * cellCount + (raw?.bytes ?? 0))
    if let second = secondModality?.data {
      (extent.secondFeatures, extent.secondEntries) = (second.geneCount, second.entryCount)
    }
    return extent
  }

  /// The entries of X.
  private var entryCount: Int {
    switch x {
    case .sparse(let matrix): matrix.entryCount
    case .dense(let matrix): matrix.rows * matrix.columns
    case nil: 0
    }
  }
}

extension CellData {
  /// Takes `uns/NAME` out with all that is in it: before a stage writes again what it describes.
  package mutating func clearUns(_ name: String) {
    let key = "uns.\(name)"
    settings = settings.filter { $0.key != key && !$0.key.hasPrefix(key + ".") }
    tensors = tensors.filter { $0.key != key && !$0.key.hasPrefix(key + ".") }
  }

  /// Whether a stage of that name has already processed these data.
  package func hasRun(_ tool: String) -> Bool { history.contains { $0.tool == tool } }
}

/// A second measurement of the same cells: its name (`adt`, `atac`) and its own matrix and
/// features.
package struct Modality: Sendable {
  package var name: String
  package var data: CellData

  package init(name: String, data: CellData) {
    self.name = name
    self.data = data
  }
}
