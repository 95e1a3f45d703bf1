import Glibc

extension ContingencyTable {
  /// H(classes) in nats; 0 for a single class.
  package var classEntropy: Double { entropy(of: classSizes, cells: cells) }

  /// H(clusters) in nats; 0 for a single cluster.
  package var clusterEntropy: Double { entropy(of: clusterSizes, cells: cells) }

  /// MI = Σ n_ij/n · log(n · n_ij / (a_i b_j)) in nats, with a and b the sizes of classes and
  /// clusters.
  package var mutualInformation: Double {
    if classes.count == 1 || clusters.count == 1 { return 0 }
    let logCells = log(Double(cells))
    var sum = 0.0
    for entry in entries {
      let outer = log(Double(classSizes[entry.row])) + log(Double(clusterSizes[entry.column]))
      let term = Double(entry.count) / Double(cells) * (log(Double(entry.count)) + logCells - outer)
      if abs(term) >= .ulpOfOne { sum += term }
    }
    return max(0, sum)
  }

  /// NMI: mutual information over the arithmetic mean of the entropies; 1 if both sides are one
  /// group, 0 if only one is.
  package var normalizedMutualInformation: Double {
    if classes.count == 1 && clusters.count == 1 { return 1 }
    let information = mutualInformation
    // Rounding may carry a perfect agreement past 1.
    return information == 0 ? 0 : min(1, information / ((classEntropy + clusterEntropy) / 2))
  }

  /// Homogeneity: 1 − H(class | cluster) / H(class); 1 for a single class (Rosenberg and Hirschberg
  /// 2007).
  package var homogeneity: Double {
    let entropy = classEntropy
    return entropy == 0 ? 1 : min(1, mutualInformation / entropy)
  }

  /// Completeness: 1 − H(cluster | class) / H(cluster); 1 for a single cluster.
  package var completeness: Double {
    let entropy = clusterEntropy
    return entropy == 0 ? 1 : min(1, mutualInformation / entropy)
  }

  /// V-measure: the harmonic mean of homogeneity and completeness; 0 if both are 0.
  package var vMeasure: Double {
    let (h, c) = (homogeneity, completeness)
    return h + c == 0 ? 0 : 2 * h * c / (h + c)
  }
}

/// −Σ p log p over the groups' shares.
private func entropy(of sizes: [Int], cells: Int) -> Double {
  if sizes.count == 1 { return 0 }
  let logCells = log(Double(cells))
  return -sizes.reduce(0) { sum, size in
    sum + Double(size) / Double(cells) * (log(Double(size)) - logCells)
  }
}
