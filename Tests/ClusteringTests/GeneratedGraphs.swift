import Tensors

/// `perCluster` points around each of `clusters` random centers. (clusters · perCluster,
/// dimensions)
func blobs(clusters: Int, perCluster: Int, dimensions: Int, spread: Double, seed: UInt64)
  -> (points: Matrix<Float>, labels: [Int])
{
  var generator = RandomGenerator(seed: seed)
  let centers = (0..<clusters).map { _ in (0..<dimensions).map { _ in 5 * generator.normal() } }
  var rows: [[Float]] = []
  for center in centers {
    for _ in 0..<perCluster {
      rows.append(center.map { Float($0 + spread * generator.normal()) })
    }
  }
  return (Matrix(rows), (0..<clusters * perCluster).map { $0 / perCluster })
}

/// The symmetric graph with these edges of weight 1 (or `weight`).
func graph(_ cells: Int, _ edges: [(Int, Int)], weight: Float = 1) -> SparseMatrix<Float> {
  var neighbors = Array(repeating: Set<Int>(), count: cells)
  for (i, j) in edges {
    neighbors[i].insert(j)
    neighbors[j].insert(i)
  }
  let rows = neighbors.map { $0.sorted() }
  let starts = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  return SparseMatrix(
    rows: cells, columns: cells, indptr: Buffer(starts),
    indices: Buffer(rows.joined().map { Int32($0) }),
    values: Buffer(repeating: weight, count: starts[cells]))
}

/// Random edges: each pair inside one of the groups with probability `inside`, any other with
/// `outside`.
func plantedPartition(sizes: [Int], inside: Double, outside: Double, seed: UInt64)
  -> (graph: SparseMatrix<Float>, labels: [Int])
{
  var generator = RandomGenerator(seed: seed)
  let labels = sizes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
  var edges: [(Int, Int)] = []
  for i in labels.indices {
    for j in 0..<i where generator.uniform() < (labels[i] == labels[j] ? inside : outside) {
      edges.append((i, j))
    }
  }
  return (graph(labels.count, edges), labels)
}

/// Whether two labelings are the same but for the names.
func samePartition(_ a: [Int], _ b: [Int]) -> Bool {
  let pairs = Set(zip(a, b).map { [$0, $1] })
  return a.count == b.count && pairs.count == Set(a).count && pairs.count == Set(b).count
}
