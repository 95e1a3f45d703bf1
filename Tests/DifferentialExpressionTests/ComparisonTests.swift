import DifferentialExpression
import Glibc
import Tensors
import Testing

/// Counts of a negative binomial distribution, drawn as gamma and Poisson.
private struct Simulation {
  var random: RandomGenerator

  init(seed: UInt64) { random = RandomGenerator(seed: seed) }

  /// A gamma variate of shape ≥ 1, by Marsaglia and Tsang.
  mutating func gamma(_ shape: Double) -> Double {
    let d = shape - 1.0 / 3
    while true {
      let x = random.normal()
      let v = pow(1 + x / (9 * d).squareRoot(), 3)
      if v > 0, log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }

  /// Rounded normal above 30.
  mutating func poisson(_ mean: Double) -> Double {
    if mean > 30 { return max(0, (mean + mean.squareRoot() * random.normal()).rounded()) }
    var (product, count) = (1 - random.uniform(), 0.0)
    let limit = exp(-mean)
    while product > limit {
      product *= 1 - random.uniform()
      count += 1
    }
    return count
  }

  mutating func counts(_ mean: Double, dispersion: Double) -> Double {
    poisson(mean * gamma(1 / dispersion) * dispersion)
  }
}

struct ComparisonTests {
  private static let genes = 600
  private static let group = [0, 0, 0, 0, 1, 1, 1, 1]
  private static let design = GroupDesign(group: group, replicate: Array(0..<8))

  /// Genes of means 5 to 2,000; the first `changed` are four times as high in group 1, or in group
  /// 0 every other one.
  private static func counts(
    changed: Int, seed: UInt64 = 1, level: (_ gene: Int, _ sample: Int) -> Double = { _, _ in 1 }
  ) -> Matrix<Double> {
    var simulation = Simulation(seed: seed)
    var result = Matrix<Double>.zeros(8, genes)
    for gene in 0..<genes {
      let mean = 5 * pow(400, Double(gene % 60) / 59)
      for sample in 0..<8 {
        let fold = gene < changed && group[sample] == (gene + 1) % 2 ? 4.0 : 1
        let size = 0.5 + Double(sample % 4) / 2
        result[sample, gene] = simulation.counts(
          mean * fold * size * level(gene, sample), dispersion: 0.05 + 1 / mean)
      }
    }
    return result
  }

  @Test func aNullHasUniformProbabilities() throws {
    let found = try GroupComparison(Self.counts(changed: 0), design: Self.design)
    let p = found.groups[0].map(\.pValue)
    #expect(p.count == Self.genes && p == p.sorted())
    let small = Double(p.count { $0 < 0.1 }) / Double(p.count)
    #expect((0.05...0.16).contains(small), "\(small)")
    #expect(found.groups[0].count { $0.adjustedPValue < 0.05 } < 6)
  }

  @Test func changesAreFound() throws {
    let changed = 120
    let counts = Self.counts(changed: changed)
    let found = try GroupComparison(counts, design: Self.design)
    let named = found.groups[0].filter { $0.adjustedPValue < 0.05 }
    let right = named.filter { $0.gene < changed }
    #expect(right.count > 100, "\(right.count)")
    #expect(Double(named.count - right.count) < 0.12 * Double(named.count))
    #expect(right.allSatisfy { ($0.logFoldChange > 0) == ($0.gene % 2 == 0) })
    let folds = right.map { abs($0.logFoldChange) }.sorted()
    #expect(abs(folds[folds.count / 2] - 2) < 0.15)
    // The sizes of the samples, up to a factor.
    let sizes = found.sizeFactors
    for sample in 0..<8 {
      #expect(abs(sizes[sample] / sizes[0] / (1 + Double(sample % 4)) - 1) < 0.2)
    }
  }

  @Test("the groups are compared in the direction of the fold change, whatever their order")
  func direction() throws {
    let counts = Self.counts(changed: 120)
    let turned = GroupDesign(group: Self.group.map { 1 - $0 }, replicate: Array(0..<8))
    let (a, b) = (
      try GroupComparison(counts, design: Self.design), try GroupComparison(counts, design: turned)
    )
    let other = Dictionary(uniqueKeysWithValues: b.groups[0].map { ($0.gene, $0) })
    for entry in a.groups[0] {
      let mirrored = try #require(other[entry.gene])
      #expect(abs(entry.logFoldChange + mirrored.logFoldChange) < 1e-4)
      #expect(abs(entry.pValue - mirrored.pValue) < 1e-4)
    }
  }

  @Test func replicatesInBothGroupsAreCompared() throws {
    // Each replicate has a level of its own in every gene.
    let counts = Self.counts(changed: 120) { gene, sample in
      exp(Double((gene * 31 + sample % 4 * 17) % 7 - 3) / 2)
    }
    let paired = GroupDesign(group: Self.group, replicate: [0, 1, 2, 3, 0, 1, 2, 3])
    #expect(paired.isPaired && !Self.design.isPaired)
    func found(_ design: GroupDesign) throws -> Int {
      try GroupComparison(counts, design: design).groups[0].count {
        $0.gene < 120 && $0.adjustedPValue < 0.05
      }
    }
    #expect(try found(paired) > 3 * found(Self.design))
    // A replicate that is in one group alone leaves the groups unpaired.
    #expect(!GroupDesign(group: Self.group, replicate: [0, 1, 2, 3, 0, 1, 2, 4]).isPaired)
  }

  /// Two cohorts, each in two groups of its own: replicates' columns would not determine the
  /// differences between cohorts.
  @Test func groupsThatNoReplicateConnectsAreNotPaired() throws {
    let group = (0..<16).map { $0 / 8 * 2 + $0 % 2 }
    let apart = (0..<16).map { $0 / 2 }
    #expect(GroupDesign.parts(group: group, replicate: apart) == [[0, 1], [2, 3]])
    let design = GroupDesign(group: group, replicate: apart)
    #expect(!design.isPaired)
    let connected = apart.map { $0 == 7 ? 0 : $0 }
    #expect(GroupDesign.parts(group: group, replicate: connected) == [[0, 1, 2, 3]])
    #expect(GroupDesign(group: group, replicate: connected).isPaired)
  }

  @Test func aGeneOfOneSampleHasNoProbability() throws {
    var counts = Self.counts(changed: 0)
    counts[2, 30] = 200_000
    let found = try GroupComparison(counts, design: Self.design).groups[0]
    let entry = try #require(found.first { $0.gene == 30 })
    #expect(entry.pValue.isNaN && entry.adjustedPValue.isNaN)
    #expect(found.last { $0.pValue.isNaN }?.gene == found.last?.gene)
    #expect(found.count { $0.pValue.isNaN } < 6)
  }

  /// Genes such as XIST, which some replicates express and others do not. In a design of groups
  /// alone, the fold change is that of the groups' means, whatever the dispersion.
  @Test(arguments: [
    [784, 0, 0, 0, 802, 0, 819, 0], [263, 0, 0, 0, 180, 245, 169, 0],
    [0, 387, 0, 0, 287, 363, 0, 0], [369, 319, 0, 0, 0, 0, 485, 0],
  ])
  func genesOfSomeReplicatesConverge(pattern: [Double]) throws {
    var counts = Self.counts(changed: 0)
    for sample in 0..<8 { counts[sample, 30] = pattern[sample] }
    let found = try GroupComparison(counts, design: Self.design)
    let entry = try #require(found.groups[0].first { $0.gene == 30 })
    let normalized = zip(pattern, found.sizeFactors).map { $0 / $1 }
    let (base, other) = (normalized[..<4].reduce(0, +), normalized[4...].reduce(0, +))
    #expect(abs(entry.logFoldChange - log2(other / base)) < 0.3, "\(entry)")
  }

  @Test func severalGroupsAndFewCounts() throws {
    var counts = Self.counts(changed: 120)
    for sample in 0..<8 { counts[sample, 7] = sample == 3 ? 9 : 0 }
    let design = GroupDesign(group: [0, 0, 0, 2, 2, 1, 1, 1], replicate: Array(0..<8))
    let found = try GroupComparison(counts, design: design)
    #expect(found.groups.count == 2)
    #expect(found.groups.allSatisfy { $0.count == Self.genes - 1 && !$0.contains { $0.gene == 7 } })
    #expect(found.dispersions.allSatisfy { $0 >= 1e-8 && $0 <= 10 })
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let counts = Self.counts(changed: 60)
    let before = Threads.count
    defer { Threads.count = before }
    let results = try [1, 3].map { threads in
      Threads.count = threads
      return try GroupComparison(counts, design: Self.design).groups[0]
    }
    #expect(
      results[0].map(\.statistic) == results[1].map(\.statistic)
        && results[0].map(\.gene) == results[1].map(\.gene))
  }

  @Test func whatCannotBeCompared() {
    let counts = Self.counts(changed: 0)
    func fault(_ group: [Int], _ counts: Matrix<Double>) -> ComparisonFault? {
      do {
        _ = try GroupComparison(
          counts, design: GroupDesign(group: group, replicate: Array(group.indices)))
        return nil
      } catch { return error }
    }
    #expect(fault(Array(repeating: 0, count: 8), counts) == .oneGroup)
    #expect(fault([0, 1, 1, 1, 1, 1, 1, 1], counts) == .fewReplicates(group: 0, count: 1))
    #expect(fault([0, 0, 0, 0, 0, 0, 0, 2], counts) == .fewReplicates(group: 1, count: 0))
    var sparse = counts
    for gene in 0..<Self.genes { sparse[gene % 8, gene] = 0 }
    #expect(fault(Self.group, sparse) == .noCommonGene)
  }
}
