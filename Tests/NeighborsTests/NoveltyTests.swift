import Glibc
import Neighbors
import Tensors
import Testing

/// New points of kinds that a reference has, has not, and has few of.
@Suite struct NoveltyTests {
  /// Points around a center on one axis, as wide as 1 in every direction.
  private func cloud(_ count: Int, axis: Int, at place: Float, seed: UInt64) -> [[Float]] {
    var generator = RandomGenerator(seed: seed)
    func normal() -> Float {
      Float(
        (-2 * log(1 - generator.uniform())).squareRoot() * cos(2 * .pi * generator.uniform()))
    }
    return (0..<count).map { _ in (0..<8).map { d in normal() + (d == axis ? place : 0) } }
  }

  private func share(_ flags: some Sequence<Bool>, _ count: Int) -> Double {
    Double(flags.count { $0 }) / Double(count)
  }

  @Test("a kind that is missing is novel, kinds that are there are not")
  func missingKind() throws {
    let reference = cloud(200, axis: 0, at: 8, seed: 1) + cloud(200, axis: 1, at: 8, seed: 2)
    let new =
      cloud(100, axis: 0, at: 8, seed: 3) + cloud(100, axis: 1, at: 8, seed: 4)
      + cloud(100, axis: 2, at: 6, seed: 5)
    let labels = (0..<400).map { $0 / 200 }
    let votes = (0..<300).map { $0 < 100 ? 0 : 1 }
    let found = try Novelty(of: Matrix(new), among: Matrix(reference), labels: labels, votes: votes)
    #expect(share(found.isNovel[..<200], 200) < 0.05)
    #expect(share(found.isNovel[200...], 100) > 0.95)
  }

  @Test("a kind of which the reference has few is not novel")
  func rareKind() throws {
    let reference = cloud(400, axis: 0, at: 8, seed: 1) + cloud(20, axis: 1, at: 8, seed: 2)
    let new = cloud(50, axis: 0, at: 8, seed: 3) + cloud(200, axis: 1, at: 8, seed: 4)
    let found = try Novelty(
      of: Matrix(new), among: Matrix(reference), labels: (0..<420).map { $0 / 400 },
      votes: (0..<250).map { $0 < 50 ? 0 : 1 })
    #expect(share(found.isNovel[50...], 200) < 0.3)
  }

  @Test("more new points than the reference has are no gap of their own")
  func manyNewPoints() throws {
    let reference = cloud(60, axis: 0, at: 8, seed: 1)
    let new = cloud(1200, axis: 0, at: 8, seed: 2)
    let found = try Novelty(
      of: Matrix(new), among: Matrix(reference), labels: [Int](repeating: 0, count: 60),
      votes: [Int](repeating: 0, count: 1200))
    #expect(share(found.isNovel, 1200) < 0.1)
  }

  @Test("too few points say nothing")
  func fewPoints() throws {
    let reference = Matrix(cloud(50, axis: 0, at: 8, seed: 1))
    for count in 1...2 {
      let found = try Novelty(
        of: Matrix(cloud(count, axis: 3, at: 50, seed: 2)), among: reference,
        labels: [Int](repeating: 0, count: 50), votes: [Int](repeating: 0, count: count))
      #expect(!found.isNovel.contains(true) && found.gaps.count == count)
    }
  }

  @Test("the nearest vote, and those without a label do not")
  func votes() throws {
    let points = Matrix<Float>([[0], [1], [2], [10], [11], [12]])
    let nearest = try NearestNeighbors(
      of: Matrix<Float>([[0.4], [10.6], [6]]), among: points, count: 4)
    let vote = NeighborVote(nearest, labels: [0, 0, -1, 1, 1, 1])
    #expect(vote.labels == [0, 1, 1])
    #expect(vote.shares == [0.5, 0.75, 0.5])
    // In a tie the nearer ones win.
    let tied = try NearestNeighbors(
      of: Matrix<Float>([[5]]), among: Matrix<Float>([[1], [10]]), count: 2)
    #expect(NeighborVote(tied, labels: [1, 0]).labels == [1])
  }
}
