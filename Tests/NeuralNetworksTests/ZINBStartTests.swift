import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct ZINBStartTests {
  private static let sizes = [0.5, 1, 1.5, 2, 0.25, 3]

  /// Counts of reads: most in the hundreds. (6, 5)
  private static func reads() -> Matrix<Double> {
    var counts = randomCounts(6, 5, seed: 4)
    for i in 0..<6 { for j in 0..<5 { counts[i, j] *= Double(37 * (j + 1) + 11 * i) } }
    return counts
  }

  @Test func biasesAreTheMomentsByTheirDefinition() {
    let counts = Self.reads()
    let parameters = Parameters<Double>()
    let heads = ZINBHeads("zinb", inputs: 3, genes: 5, in: parameters)
    heads.startAtMoments(
      of: CountTarget(counts: SparseMatrix(counts), sizeFactors: Self.sizes), in: parameters)
    let inverse = Self.sizes.reduce(0) { $0 + 1 / $1 } / 6
    for gene in 0..<5 {
      let column = (0..<6).map { counts[$0, gene] }
      let mean = column.reduce(0, +) / Self.sizes.reduce(0, +)
      let scaled = zip(column, Self.sizes).map { $0 / $1 }
      let center = scaled.reduce(0, +) / 6
      let variance = scaled.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 6
      let excess = variance - mean * inverse
      let theta = excess > 0 ? min(max(mean * mean / excess, 0.05), 1e3) : 1e3
      let found = parameters.weights(of: heads.dispersion.bias)[0, gene]
      assertClose(
        [exp(parameters.weights(of: heads.mean.bias)[0, gene])], [mean], tolerance: 1e-12)
      assertClose([found > 30 ? found : log1p(exp(found))], [theta], tolerance: 1e-9)
    }
  }

  @Test func boundsHoldForGenesWithoutCountsAndOfOneCount() {
    var counts = Matrix<Double>.zeros(4, 3)
    for i in 0..<4 { counts[i, 1] = 7 }
    counts[0, 2] = 1e9
    let moments = GeneMoments(
      of: CountTarget<Double>(counts: SparseMatrix(counts), sizeFactors: [1, 1, 1, 1]))
    #expect(moments.means == [1e-4, 7, 1e5])
    #expect(moments.dispersions[0] == 1e3 && moments.dispersions[1] == 1e3)
    #expect(moments.dispersions[2] == 0.05)
  }

  @Test func theFirstLossOfReadCountsFalls() {
    let parameters = Parameters<Double>()
    let heads = ZINBHeads("zinb", inputs: 3, genes: 5, in: parameters)
    parameters.initialize(seed: 1)
    let target = CountTarget<Double>(counts: SparseMatrix(Self.reads()), sizeFactors: Self.sizes)
    let tape = Tape(parameters)
    func loss() -> Double {
      tape.reset()
      let hidden = Window(reading: randomMatrix(6, 3, seed: 2))
      return tape.zinbLoss(heads, of: tape.constant(hidden), to: target, weight: 1)
    }
    let before = loss()
    heads.startAtMoments(of: target, in: parameters)
    #expect(loss() < before / 5)
  }
}

@Suite struct CountLossBoundsTests {
  private static let sizes = [0.5, 1, 1.5, 2, 0.25, 3]

  /// The two bounds written out.
  @Test func boundsAreTheLossesOfTheirModels() {
    let counts = randomCounts(6, 5, seed: 4)
    let target = CountTarget<Double>(counts: SparseMatrix(counts), sizeFactors: Self.sizes)
    let moments = GeneMoments(of: target)
    var (null, least) = (0.0, 0.0)
    for i in 0..<6 {
      for j in 0..<5 {
        let (x, mean, theta) = (
          counts[i, j], Self.sizes[i] * moments.means[j], moments.dispersions[j]
        )
        null -=
          lgamma(x + theta) - lgamma(theta) - lgamma(x + 1) + theta * log(theta / (theta + mean))
          + x * log(mean / (theta + mean))
        least += x > 0 ? x - x * log(x) + lgamma(x + 1) : 0
      }
    }
    let bounds = CountLossBounds(of: target)
    assertClose([bounds.geneMeans], [null / 30], tolerance: 1e-8)
    assertClose([bounds.everyCount], [least / 30], tolerance: 1e-9)
    #expect(bounds.explainedShare(at: bounds.geneMeans) == 0)
    #expect(bounds.explainedShare(at: bounds.everyCount) == 1)
    #expect(bounds.everyCount < bounds.geneMeans)
  }

  @Test func readsAreToldFromMolecules() {
    func target(_ values: [Double]) -> CountTarget<Double> {
      CountTarget(
        counts: SparseMatrix(Matrix(rows: 1, columns: values.count, elements: Buffer(values))),
        sizeFactors: [1])
    }
    #expect(target([0, 0, 0, 20, 1, 900]).countsReads)
    #expect(!target([1, 1, 2, 0, 900, 40, 3]).countsReads)
    #expect(!target([0, 0]).countsReads)
  }
}
