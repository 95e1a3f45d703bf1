import Neighbors
import Tensors
import TestSupport
import Testing

@Suite struct ModalityWeightTests {
  /// Cells of `groups` types with noise of the given size, independent for every seed. (cells,
  /// features)
  private func features(_ cells: Int, _ count: Int, noise: Double, seed: UInt64, groups: Int = 6)
    -> StandardizedMatrix
  {
    var generator = RandomGenerator(seed: seed)
    let centers = (0..<groups * count).map { _ in generator.normal() }
    var result = Matrix<Float>.zeros(cells, count)
    for i in 0..<cells {
      for j in 0..<count {
        result[i, j] = Float(centers[(i % groups) * count + j] + noise * generator.normal())
      }
    }
    return StandardizedMatrix(unscaled: SparseMatrix(result))
  }

  @Test func weightRisesWithWhatTheSecondTells() throws {
    let rna = features(400, 60, noise: 1, seed: 1)
    let weights = try [0.5, 4, 1000].map { noise in
      try ModalityWeight(rna: rna, second: features(400, 20, noise: noise, seed: 2), components: 10)
        .weight
    }
    #expect(weights[0] > 0.7 && weights[0] < 4)
    #expect(weights[1] < weights[0])
    #expect(weights[2] < 0.01)
  }

  @Test func structureThatTheRNADoesNotShareHasNoWeight() throws {
    let rna = features(420, 60, noise: 1, seed: 1)
    // Seven groups beside six: clear, and independent of them.
    let second = features(420, 20, noise: 0.3, seed: 3, groups: 7)
    #expect(try ModalityWeight(rna: rna, second: second, components: 10).weight < 0.01)
  }

  @Test func poorRNAYieldsToAGoodSecond() throws {
    let second = features(400, 20, noise: 0.5, seed: 2)
    let weight = try ModalityWeight(
      rna: features(400, 60, noise: 6, seed: 1), second: second, components: 10
    ).weight
    // 1 if the neighbors in the RNA explain nothing of it at all.
    #expect(weight >= 1 && weight <= 4)
  }

  @Test func sharesAreTheirDefinition() throws {
    let x = clouds(30, 3)
    let neighbors = try NearestNeighbors(of: x, count: 4)
    var (means, product, spread) = (0.0, 0.0, 0.0)
    for j in 0..<3 {
      let center = (0..<30).reduce(0.0) { $0 + Double(x[$1, j]) } / 30
      for i in 0..<30 {
        let mean = (0..<4).reduce(0.0) { $0 + Double(x[Int(neighbors.indices[i, $1]), j]) } / 4
        let value = Double(x[i, j])
        means += (mean - center) * (mean - center)
        product += (value - center) * (mean - center)
        spread += (value - center) * (value - center)
      }
    }
    let shared = SharedVariance(of: x, by: neighbors)
    assertClose(
      [shared.explained, shared.covered], [product * product / (means * spread), product / spread],
      tolerance: 1e-6)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let (rna, second) = (
      features(700, 60, noise: 1, seed: 1), features(700, 20, noise: 1, seed: 2)
    )
    let before = Threads.count
    defer { Threads.count = before }
    let weights = try [1, 4].map { threads in
      Threads.count = threads
      return try ModalityWeight(rna: rna, second: second, components: 10).weight
    }
    #expect(weights[0] == weights[1])
  }

  @Test func jointCoordinatesHaveTheirShares() {
    let (a, b) = (clouds(50, 4), clouds(50, 3, seed: 2))
    let joint = jointEmbedding(rna: a, second: b, weight: 0.25)
    #expect(joint.rows == 50 && joint.columns == 7)
    #expect((0..<4).allSatisfy { joint[9, $0] == a[9, $0] })
    func total(_ columns: Range<Int>) -> Double {
      columns.reduce(0.0) { sum, j in
        let mean = (0..<50).reduce(0.0) { $0 + Double(joint[$1, j]) } / 50
        return sum
          + (0..<50).reduce(0.0) {
            $0 + (Double(joint[$1, j]) - mean) * (Double(joint[$1, j]) - mean)
          }
      }
    }
    assertClose([total(4..<7) / total(0..<4)], [0.25], tolerance: 1e-4)
  }
}
