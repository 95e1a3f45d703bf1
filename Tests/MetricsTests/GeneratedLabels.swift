import Tensors

/// Random classes, and a copy in which a third of the cells got another label.
func noisyLabels(count: Int, groups: Int, seed: UInt64) -> (truth: [Int], predicted: [Int]) {
  var generator = RandomGenerator(seed: seed)
  let truth = (0..<count).map { _ in generator.integer(below: groups) }
  let predicted = truth.map {
    generator.uniform() < 0.33 ? generator.integer(below: groups) : ($0 + 1) % groups
  }
  return (truth, predicted)
}

/// Calls `body` with every arrangement of the values (equal values counted apart), n! in all.
func permute(_ values: [Int], _ body: ([Int]) -> Void) {
  func place(_ chosen: [Int], _ rest: [Int]) {
    if rest.isEmpty { return body(chosen) }
    for i in rest.indices {
      var left = rest
      left.remove(at: i)
      place(chosen + [rest[i]], left)
    }
  }
  place([], values)
}

/// `perCluster` points around each of `clusters` random centers. (clusters · perCluster,
/// dimensions)
func blobs(clusters: Int, perCluster: Int, dimensions: Int, spread: Double, seed: UInt64)
  -> (points: Matrix<Double>, labels: [Int])
{
  var generator = RandomGenerator(seed: seed)
  let centers = (0..<clusters).map { _ in (0..<dimensions).map { _ in 5 * generator.normal() } }
  var rows: [[Double]] = []
  for center in centers {
    for _ in 0..<perCluster { rows.append(center.map { $0 + spread * generator.normal() }) }
  }
  return (Matrix(rows), (0..<clusters * perCluster).map { $0 / perCluster })
}
