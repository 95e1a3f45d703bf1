import CellData
import Metrics
import Plots
import StageSupport
import Tensors

extension Gallery {
  /// The share of the variance that each principal component has; nil if sc-knn stored none.
  var scree: Panel? {
    guard let stored = cells.tensors["uns.pca.variance_ratio"], stored.shape.count == 1,
      stored.count > 0
    else { return nil }
    return .losses(
      LossChart(
        title: "Principal components",
        phases: [
          .init(
            title: "share of the variance", terms: [("each component", stored.numbers)],
            axis: "component", showing: [0])
        ]))
  }

  /// The silhouettes of the cells by cluster; nil if there are none.
  func silhouettes(_ silhouette: Silhouette?) -> Panel? {
    guard let silhouette else { return nil }
    return .silhouettes(
      SilhouetteChart(
        title: "Silhouettes" + (silhouette.isSampled ? " of a sample of cells" : ""),
        clusters: silhouette.byCluster.map { label, widths in
          .init(
            name: clusters.names[label], color: matchedColors?[label] ?? label, widths: widths)
        }, mean: silhouette.mean))
  }

  /// The distances of the clusters, and the genes that separate them; nil without a tree.
  func tree(_ tree: TreeOfClusters?, _ genes: BranchGenes?) -> Panel? {
    guard let tree else { return nil }
    let sizes = clusters.codes.reduce(into: [Int: Int]()) { $0[Int($1), default: 0] += 1 }
    return .tree(
      TreeChart(
        title: "Tree of the clusters", axis: "mean distance of the clusters",
        leaves: tree.clusters.map { code in
          .init(
            name: clusters.names[code], cells: sizes[code] ?? 0,
            color: matchedColors?[code] ?? code)
        }, order: tree.tree.leaves,
        nodes: tree.tree.nodes.enumerated().map { place, node in
          .init(
            node.first, node.second, height: node.height,
            labels: (genes?.label(place, 0) ?? "", genes?.label(place, 1) ?? ""))
        }))
  }

  /// How the types are divided among the clusters; nil without true labels.
  var alluvial: Panel? {
    guard let labels else { return nil }
    return .alluvial(
      AlluvialChart(
        title: "From true labels to clusters",
        .init(name: labels.column, classes: labels.classes.names),
        .init(name: "clusters", classes: clusters.names, colors: matchedColors),
        counts: cellsByClass(labels.classes)))
  }
}
