import CellData
import Plots
import StageSupport
import Tensors

/// The parts of one picture: for each kind its panels, and what it needs of the data.
struct Drawing {
  /// One kind that was asked for.
  private struct Part {
    let kind: PictureKind
    let panels: [Panel]
    /// What is missing if there are no panels.
    let need: String
  }

  private let parts: [Part]
  /// Kinds that the user named.
  private let named: [PictureKind]
  private let layouts: [CellLayout]
  private let cellCount: Int
  private let seed: UInt64

  init(
    _ command: Evaluate, _ figures: Figures, _ gallery: Gallery, _ layouts: [CellLayout],
    _ colors: [CellColor], _ markers: MarkerTable?,
    _ tree: (tree: TreeOfClusters, genes: BranchGenes?)?, seed: UInt64
  ) throws {
    let cells = gallery.cells
    let own = cells.ownColumn("sample")
    let samples = command.evaluation.batchKey ?? (cells.obs[own] == nil ? nil : own)
    let kinds: [(PictureKind, () throws -> [Panel?], String)] = [
      (
        .layout,
        {
          layouts.flatMap { layout in
            let drawn = layout.sample(Gallery.limit, seed: seed)
            return gallery.layout(drawn) + colors.map { $0.panel(drawn, seed: seed) }
          }
        }, "an embedding or a graph"
      ),
      (.confusion, { [gallery.confusion] }, "--labels"),
      (.sizes, { [gallery.sizes] }, "clusters"),
      (.confidence, { [figures.confidencePanel] }, "--labels and obs/confidence"),
      (.losses, { [gallery.losses] }, "the losses of a training"),
      (.gradients, { [figures.diagnosis?.panel] }, Drawing.needOfGradients(cells)),
      (.grid, { gallery.grid }, "what sc-cluster --grid stores"),
      (.dotplot, { [gallery.dots(markers)] }, "genes"),
      (.violin, { [gallery.violins(markers)] }, "genes"),
      (.heatmap, { [gallery.heatMap(markers)] }, "genes"),
      (
        .composition, { [try gallery.composition(by: samples)] },
        "--batch-key, or obs/sample of sc-preprocess"
      ),
      (.scree, { [gallery.scree] }, "the principal components of sc-knn"),
      (
        .silhouette, { [gallery.silhouettes(figures.silhouette)] },
        "an embedding, and two or more clusters"
      ),
      (
        .tree, { [gallery.tree(tree?.tree, tree?.genes)] },
        "an embedding, and two or more clusters"
      ),
      (.alluvial, { [gallery.alluvial] }, "--labels"),
    ]
    parts = try kinds.filter { command.pictures.wants($0.0) }.map { kind, panels, need in
      Part(kind: kind, panels: try panels().compactMap(\.self), need: need)
    }
    (named, self.layouts, self.seed) = (command.pictures.figures, layouts, seed)
    cellCount = cells.cellCount
  }

  private static func needOfGradients(_ cells: CellData) -> String {
    cells.clusteredModel.map(\.hasClusteringLoss) ?? true
      ? "what sc-cluster --keep-snapshots stores" : "a model with a clustering loss"
  }

  var panels: [Panel] { parts.flatMap(\.panels) }

  /// What the kinds need that the picture is to have: `scree needs …, grid needs …`
  var needs: String {
    parts.map { "\($0.kind.rawValue) needs \($0.need)" }.joined(separator: ", ")
  }

  /// Which of the kinds that the user named cannot be drawn.
  var missing: [(kind: PictureKind, need: String)] {
    parts.filter { $0.panels.isEmpty && named.contains($0.kind) }.map { ($0.kind, $0.need) }
  }

  /// `data; 700 cells; UMAP of X_latent; seed 0`
  func caption(_ sample: String) -> String {
    let drawn = layouts.map { min($0.rows.count, Gallery.limit) }.max() ?? cellCount
    let extent = drawn < cellCount ? "\(drawn) of \(cellCount) cells" : "\(drawn) cells"
    return ([sample, extent] + layouts.map(\.note) + ["seed \(seed)"]).joined(separator: "; ")
  }
}
