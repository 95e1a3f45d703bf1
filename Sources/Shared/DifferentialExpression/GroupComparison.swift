import Glibc
import Tensors

/// Genes that differ between groups of samples, by Wald's test in a negative binomial model of each
/// gene's counts. Its dispersion is shrunk towards that of genes with similar expression.
///
/// The method is DESeq2's (Love, Huber and Anders 2014). Size factors are medians of ratios.
/// Dispersions maximize Cox and Reid's adjusted likelihood; a trend α(μ) = a₁/μ + a₀ gives their
/// maximum a posteriori. Coefficients come from iteratively reweighted least squares. A gene that
/// one sample decides (Cook's distance) has no p-value. DESeq2's independent filtering and its
/// replacement of outliers are left out. A sample is the sum of many cells (pseudobulk): cells are
/// never replicates.
package struct GroupComparison: Sendable {
  /// One gene in one group against the base group.
  package struct Entry: Sendable, Equatable, BitwiseCopyable {
    /// The column of the gene.
    package let gene: Int
    /// The mean of its normalized counts.
    package let mean: Double
    /// log₂ of its expression in the group over that in the base group.
    package let logFoldChange: Double
    package let standardError: Double
    /// The change over its standard error.
    package let statistic: Double
    /// P(|Z| ≥ |statistic|); NaN if one sample decides the gene, or the fit did not converge.
    package let pValue: Double
    /// The smallest rate of false discoveries at which the gene would be one; NaN without p-value.
    package fileprivate(set) var adjustedPValue: Double
  }

  /// The compared genes, by rising p-value, those without one last: a list for each group but the
  /// base, in their order.
  package let groups: [[Entry]]
  /// The dispersion of each compared gene.
  package let dispersions: [Double]
  /// The divisors of the counts of each sample. (samples)
  package let sizeFactors: [Double]

  /// Genes with fewer counts in all samples are not compared.
  package static let fewestCounts = 10.0

  /// Compares the groups of a design.
  ///
  /// - Parameter counts: sums of counts, samples × genes. (S, G)
  /// - Throws: if a group has fewer than two samples, samples do not outnumber the coefficients, or
  ///   no gene has counts in every sample.
  package init(_ counts: Matrix<Double>, design: GroupDesign) throws(ComparisonFault) {
    precondition(design.samples == counts.rows, "a row of the design a sample")
    try design.requireReplicates()
    sizeFactors = try medianOfRatios(counts)
    let genes = (0..<counts.columns).filter { gene in
      (0..<counts.rows).reduce(0) { $0 + counts[$1, gene] } >= Self.fewestCounts
    }
    let data = GeneCounts(counts, genes: genes, sizeFactors: sizeFactors, design: design)
    let found = try Dispersions(data)
    dispersions = found.final
    let tests = parallelMap(genes.count, tileSize: 16) { place in
      data.test(place, dispersion: found.final[place])
    }
    groups = (0..<design.groups - 1).map { group in
      Self.adjusted(
        zip(genes, tests).enumerated().map { place, pair in
          Entry(gene: pair.0, mean: data.means[place], pair.1, coefficient: group + 1)
        })
    }
  }

  /// Adjusted by Benjamini and Hochberg among the genes with a p-value, and sorted.
  private static func adjusted(_ entries: [Entry]) -> [Entry] {
    var result = entries.sorted { a, b in
      if a.pValue.isNaN != b.pValue.isNaN { return b.pValue.isNaN }
      return a.pValue.isNaN
        ? a.gene < b.gene
        : (a.pValue, -abs(a.statistic), a.gene) < (b.pValue, -abs(b.statistic), b.gene)
    }
    let rates = falseDiscoveryRates(of: result.map(\.pValue))
    for place in result.indices { result[place].adjustedPValue = rates[place] }
    return result
  }
}

extension GroupComparison.Entry {
  /// The test of one coefficient of a gene's model, in natural logarithms.
  fileprivate init(gene: Int, mean: Double, _ test: WaldTest, coefficient: Int) {
    let (value, error) = (test.coefficients[coefficient], test.errors[coefficient])
    let p = test.isValid ? erfc(abs(value / error) / 2.0.squareRoot()) : .nan
    self.init(
      gene: gene, mean: mean, logFoldChange: value / log(2), standardError: error / log(2),
      statistic: value / error, pValue: p, adjustedPValue: .nan)
  }
}
