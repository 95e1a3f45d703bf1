/// What a figure is called and means, for people.
struct Measure {
  let title: String
  let meaning: String
  /// The least and the largest value, if both are fixed.
  let range: (low: Double, high: Double)?
  /// Whether a table of many samples shows it by default.
  let isPrincipal: Bool

  private init(
    _ title: String, _ meaning: String, in range: (Double, Double)? = nil, isPrincipal: Bool = true
  ) {
    self.title = title
    self.meaning = meaning
    self.range = range.map { (low: $0.0, high: $0.1) }
    self.isPrincipal = isPrincipal
  }

  /// By the name of the figure in the table.
  static let known = [
    "cells": Measure("Cells", "cells with a cluster"),
    "clusters": Measure("Clusters", "clusters with cells"),
    "labeled_cells": Measure(
      "Labeled cells", "cells with a cluster and a true label", isPrincipal: false),
    "classes": Measure("Types", "different true labels", isPrincipal: false),
    "acc": Measure(
      "ACC", "share of cells in the cluster that is matched with their true label; 1 is best",
      in: (0, 1)),
    "nmi": Measure(
      "NMI", "information that clusters and types share, over the mean of both; 1 is best",
      in: (0, 1)),
    "ari": Measure(
      "ARI", "agreement of pairs of cells beyond chance; 1 is best, 0 is chance", in: (-0.5, 1)),
    "ami": Measure(
      "AMI", "shared information beyond chance; 1 is best, 0 is chance", in: (-0.5, 1)),
    "homogeneity": Measure(
      "Homogeneity", "1 where no cluster mixes types", in: (0, 1), isPrincipal: false),
    "completeness": Measure(
      "Completeness", "1 where no type is split", in: (0, 1), isPrincipal: false),
    "v_measure": Measure(
      "V-measure", "harmonic mean of homogeneity and completeness", in: (0, 1), isPrincipal: false),
    "purity": Measure(
      "Purity", "share of cells of their cluster's most frequent type", in: (0, 1),
      isPrincipal: false),
    "fowlkes_mallows": Measure(
      "Fowlkes-Mallows", "geometric mean of the precision and recall of pairs", in: (0, 1),
      isPrincipal: false),
    "acc_confident": Measure(
      "ACC, surer half", "acc of the half of the cells with the higher confidence", in: (0, 1),
      isPrincipal: false),
    "acc_doubtful": Measure(
      "ACC, other half", "acc of the half of the cells with the lower confidence", in: (0, 1),
      isPrincipal: false),
    "silhouette": Measure(
      "Silhouette", "how much nearer cells are to their own cluster than to the next, −1 to 1",
      in: (-1, 1)),
    "davies_bouldin": Measure(
      "Davies-Bouldin", "spread of clusters over their distances; lower is better"),
    "calinski_harabasz": Measure(
      "Calinski-Harabasz", "dispersion between over that within clusters; higher is better"),
    "modularity": Measure(
      "Modularity", "edges of the graph inside clusters beyond chance; higher is better",
      in: (-0.5, 1)),
    "batches": Measure("Batches", "batches with cells", isPrincipal: false),
    "ilisi": Measure(
      "iLISI", "effective number of batches around a cell, scaled; 1: all equally frequent",
      in: (0, 1)),
    "clisi": Measure(
      "cLISI", "effective number of types around a cell, scaled; 1: only its own", in: (0, 1)),
    "kbet": Measure(
      "kBET", "share of cells whose neighbors have the batches of their type; 1 is best",
      in: (0, 1)),
    "graph_connectivity": Measure(
      "Graph connectivity", "share of a type's cells that the graph joins; 1 is best", in: (0, 1)),
    "silhouette_batch": Measure(
      "Silhouette of batches", "1 where the batches of a type mix fully", in: (0, 1)),
    "silhouette_type": Measure(
      "Silhouette of types", "silhouette of the true labels, from 0 to 1", in: (0, 1)),
    "batch_score": Measure(
      "Batch score", "mean of iLISI, kBET, graph connectivity and silhouette of batches", in: (0, 1)
    ),
    "type_score": Measure(
      "Type score", "mean of cLISI, silhouette of types, NMI and ARI", in: (0, 1)),
    "integration": Measure(
      "Integration", "0.4 batch score + 0.6 type score, as scIB weighs them", in: (0, 1)),
    "lambda_fr": Measure(
      "Λ FR",
      "cosine of the gradients of the clustering loss with the model's clusters and with the true labels, −1 to 1; low: feature randomness",
      in: (-1, 1)),
    "lambda_fd": Measure(
      "Λ FD",
      "cosine of the gradients of the clustering loss and of reconstruction, −1 to 1; low: feature drift",
      in: (-1, 1)),
  ]
}
