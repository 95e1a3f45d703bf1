import Glibc
import Tensors

/// The counts of the compared genes, and the model of one gene.
struct GeneCounts: Sendable {
  let design: GroupDesign
  let sizeFactors: [Double]
  /// Genes × samples.
  let counts: Matrix<Double>
  /// The means of normalized counts. (genes)
  let means: [Double]
  private let kinds: [[Int]]

  /// The least mean of the model in the weights.
  static let lowestMean = 0.5
  /// The weight of the squared coefficients in the likelihood.
  static let ridge = 1e-6

  init(_ all: Matrix<Double>, genes: [Int], sizeFactors: [Double], design: GroupDesign) {
    var counts = Matrix<Double>(uninitializedRows: genes.count, columns: all.rows)
    for (place, gene) in genes.enumerated() {
      for sample in 0..<all.rows { counts[place, sample] = all[sample, gene] }
    }
    (self.design, self.sizeFactors, self.counts) = (design, sizeFactors, counts)
    means = (0..<genes.count).map { place in
      let row = counts.row(place)
      return (0..<all.rows).reduce(0) { $0 + row[$1] / sizeFactors[$1] } / Double(all.rows)
    }
    kinds = design.kinds
  }

  var genes: Int { counts.rows }
  var samples: Int { counts.columns }

  func row(_ gene: Int) -> [Double] { counts.elements(ofRow: gene) }

  func normalized(_ gene: Int) -> [Double] {
    zip(row(gene), sizeFactors).map { $0 / $1 }
  }

  func samplesMap(_ body: (Int) -> Double) -> [Double] { (0..<samples).map(body) }

  /// The means of the counts by a least-squares fit of the normalized counts. (samples)
  func linearMeans(_ gene: Int) -> [Double] {
    zip(leastSquares(normalized(gene)), sizeFactors).map { max(Self.lowestMean, $0 * $1) }
  }

  /// The fitted values of a least-squares fit. (samples)
  func leastSquares(_ y: [Double]) -> [Double] {
    let x = design.matrix
    let ones = [Double](repeating: 1, count: samples)
    guard let system = SmallSystem(x.weightedGram(ones), size: x.columns) else { return y }
    return x.product(system.solved(x.transposeProduct(y)))
  }

  /// Wald's test of every coefficient with that dispersion.
  func test(_ gene: Int, dispersion: Double) -> WaldTest {
    let found = fit(gene, dispersion: dispersion)
    let x = design.matrix
    let weights = found.means.map { $0 / (1 + $0 * dispersion) }
    var errors = [Double](repeating: .nan, count: x.columns)
    var isDecidedByOne = false
    if let system = SmallSystem(x.weightedGram(weights, ridge: Self.ridge), size: x.columns) {
      let gram = x.weightedGram(weights)
      for j in 0..<x.columns {
        var unit = [Double](repeating: 0, count: x.columns)
        unit[j] = 1
        let column = system.solved(unit)
        var variance = 0.0
        for i in 0..<x.columns {
          for k in 0..<x.columns { variance += column[i] * gram[i * x.columns + k] * column[k] }
        }
        errors[j] = variance.squareRoot()
      }
      isDecidedByOne = hasOutlier(gene, found, dispersion, system)
    }
    // A fit that did not converge says nothing of the gene.
    guard found.converged else { return WaldTest([], [], isValid: false) }
    let isValid = !isDecidedByOne && errors.allSatisfy { $0.isFinite && $0 > 0 }
    return WaldTest(found.coefficients, errors, isValid: isValid)
  }

  /// Whether a sample's Cook's distance is above the 99 % quantile of F(p, n − p), unless three
  /// samples have higher counts. Only samples with two others of their kind count.
  private func hasOutlier(
    _ gene: Int, _ fit: Fit, _ dispersion: Double, _ system: SmallSystem
  ) -> Bool {
    let (x, counts) = (design.matrix, row(gene))
    let scored = kinds.filter { $0.count >= 3 }.flatMap(\.self)
    if scored.isEmpty { return false }
    let robust = robustDispersion(gene)
    let (p, n) = (Double(x.columns), Double(samples))
    let distances = samplesMap { i in
      let mean = fit.means[i]
      let row = x.elements(ofRow: i)
      let weight = mean / (1 + mean * dispersion)
      let leverage = weight * zip(row, system.solved(row)).reduce(0) { $0 + $1.0 * $1.1 }
      let residual = counts[i] - mean
      return residual * residual / (mean + robust * mean * mean) / p * leverage
        / ((1 - leverage) * (1 - leverage))
    }
    guard scored.contains(where: { probability(ofFBelow: distances[$0], p, n - p) > 0.99 })
    else { return false }
    let most = distances.indices.max { distances[$0] < distances[$1] } ?? 0
    return counts.count { $0 > counts[most] } < 3
  }

  /// By moments, with the largest trimmed variance among kinds of samples; at least 0.04.
  private func robustDispersion(_ gene: Int) -> Double {
    let values = normalized(gene)
    let variance =
      kinds.filter { $0.count >= 3 }.map { kind in
        trimmedVariance(kind.map { values[$0] })
      }.max() ?? 0
    let mean = means[gene]
    return max(0.04, (variance - mean) / (mean * mean))
  }
}

/// The coefficients of one gene with their standard errors, in natural logarithms.
struct WaldTest: BitwiseCopyable, Sendable {
  let coefficients: Coefficients
  let errors: Coefficients
  let isValid: Bool

  init(_ coefficients: [Double], _ errors: [Double], isValid: Bool) {
    self.coefficients = Coefficients(coefficients)
    self.errors = Coefficients(errors)
    self.isValid = isValid
  }

  /// The first coefficients, as many as a design may have groups.
  struct Coefficients: BitwiseCopyable, Sendable {
    private var values = InlineArray<24, Double>(repeating: .nan)

    init(_ numbers: [Double]) {
      for (place, number) in numbers.prefix(24).enumerated() { values[place] = number }
    }

    subscript(place: Int) -> Double { values[place] }
  }
}

/// The variance of a few values without the lowest and highest shares, scaled to that of a normal
/// distribution (DESeq2's for Cook's distance). The shares depend on the number of values.
private func trimmedVariance(_ values: [Double]) -> Double {
  let (share, scale) =
    switch values.count {
    case ...3: (1.0 / 3, 2.04)
    case ...23: (1.0 / 4, 1.86)
    default: (1.0 / 8, 1.51)
    }
  let center = trimmedMean(values, share)
  return scale * trimmedMean(values.map { ($0 - center) * ($0 - center) }, share)
}

/// The mean without `share` of the values at either end.
func trimmedMean(_ values: [Double], _ share: Double) -> Double {
  let cut = Int(Double(values.count) * share)
  let kept = values.sorted()[cut..<values.count - cut]
  return kept.reduce(0, +) / Double(kept.count)
}

/// −Σ ln NB(x_i; μ_i, α), the variance being μ + α μ².
func negativeLogLikelihood(_ counts: [Double], _ means: [Double], _ dispersion: Double) -> Double {
  let size = 1 / dispersion
  let common = logGamma(size) + size * log(dispersion)
  var result = 0.0
  for (x, mean) in zip(counts, means) {
    result +=
      common - logGamma(x + size) + logGamma(x + 1) + (x + size) * log(size + mean)
      - x * log(mean)
  }
  return result
}
