import Clustering
import Glibc
import Tensors
import TestSupport
import Testing

/// Points of two components of unequal size and width, and their true components.
private func points(_ count: Int) -> Matrix<Double> {
  var generator = RandomGenerator(seed: 3)
  return Matrix(
    (0..<count).map { i in
      i % 4 == 0
        ? [5 + 0.5 * generator.normal(), -2 + 2 * generator.normal()]
        : [generator.normal(), 1 + 0.3 * generator.normal()]
    })
}

@Suite(.serialized) struct GaussianMixtureTests {
  @Test func findsTheComponents() throws {
    let mixture = try GaussianMixture.fit(points(4000), components: 2)
    let small = mixture.weights[0] < mixture.weights[1] ? 0 : 1
    assertClose(
      [mixture.weights[small], mixture.weights[1 - small]], [0.25, 0.75], tolerance: 0.02)
    let places = [(small, 0), (small, 1), (1 - small, 0), (1 - small, 1)]
    assertClose(
      places.map { mixture.means[$0.0, $0.1] }, [5, -2, 0, 1], tolerance: 0.05, scale: 2)
    assertClose(
      places.map { mixture.variances[$0.0, $0.1] }, [0.25, 4, 1, 0.09], tolerance: 0.1)
    #expect(mixture.iterations > 1 && mixture.iterations < 100)
  }

  /// The log density by its definition, of the mixture before the last iteration or better.
  @Test func isAsLikelyAsItSays() throws {
    let points = points(700)
    let mixture = try GaussianMixture.fit(points, components: 3, seed: 1)
    var total = 0.0
    for i in 0..<700 {
      total += log(
        (0..<3).reduce(0.0) { sum, k in
          sum
            + mixture.weights[k]
            * (0..<2).reduce(1.0) { product, j in
              let (away, variance) = (
                points[i, j] - mixture.means[k, j], mixture.variances[k, j]
              )
              return product * exp(-away * away / (2 * variance))
                / (2 * Double.pi * variance).squareRoot()
            }
        })
    }
    #expect(total / 700 >= mixture.logDensity - 1e-9)
    #expect(total / 700 - mixture.logDensity < 1e-2)
    assertClose([mixture.weights.reduce(0, +)], [1], tolerance: 1e-12)
  }

  /// The moments of a single component are those of the points.
  @Test func ofOneComponent() throws {
    let points = points(300)
    let mixture = try GaussianMixture.fit(points, components: 1)
    for j in 0..<2 {
      let mean = (0..<300).reduce(0.0) { $0 + points[$1, j] } / 300
      let squares = (0..<300).reduce(0.0) { $0 + (points[$1, j] - mean) * (points[$1, j] - mean) }
      assertClose(
        [mixture.means[0, j], mixture.variances[0, j]], [mean, squares / 300 + 1e-6],
        tolerance: 1e-9)
    }
  }

  @Test func pointsThatAreTheSame() throws {
    let mixture = try GaussianMixture.fit(
      Matrix<Double>(repeating: 2, rows: 30, columns: 2), components: 4)
    #expect((0..<4).allSatisfy { mixture.weights[$0] == 0 || mixture.means[$0, 0] == 2 })
    #expect(mixture.variances.elements.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(mixture.logDensity.isFinite)
  }

  @Test func refusals() {
    #expect(throws: ClusteringFault.clusterCount(5, cells: 4)) {
      try GaussianMixture.fit(points(4), components: 5)
    }
    #expect(throws: ClusteringFault.notFinite(row: 1, column: 0)) {
      try GaussianMixture.fit(Matrix([[1.0], [.nan]]), components: 1)
    }
  }

  @Test func threadsChangeNoBit() throws {
    let before = Threads.count
    defer { Threads.count = before }
    let found = try [1, 3].map { threads in
      Threads.count = threads
      let mixture = try GaussianMixture.fit(points(2000), components: 5, seed: 2)
      return mixture.weights + Array(mixture.means.elements) + Array(mixture.variances.elements)
    }
    #expect(found[0] == found[1])
  }
}
