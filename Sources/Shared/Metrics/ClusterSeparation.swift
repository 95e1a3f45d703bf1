import Glibc
import Tensors

/// The Davies–Bouldin index (1979): the mean over clusters of the worst ratio of summed scatter to
/// distance between centers; lower is better.
///
/// nil for fewer than two clusters or as many clusters as cells. 0 if no cluster has any scatter or
/// all centers coincide, as in scikit-learn; pairs of coinciding centers are left out. Throws if
/// labels and points differ in number.
package func daviesBouldin(_ points: Matrix<some Real>, labels: [Int]) throws(MetricsFault)
  -> Double?
{
  let groups = try GroupedPoints(points, labels: labels)
  let clusters = groups.clusterCount
  guard clusters > 1, clusters < groups.cellCount else { return nil }
  let centers = groups.centers()
  let scatter = (0..<clusters).map { cluster -> Double in
    let rows = groups.starts[cluster]..<groups.starts[cluster + 1]
    return rows.reduce(0) {
      $0 + sqrt(squaredDistance(groups.points.row($1), centers.row(cluster)))
    } / Double(rows.count)
  }
  if scatter.allSatisfy({ $0 <= 1e-8 }) { return 0 }
  var sum = 0.0
  for i in 0..<clusters {
    var worst = 0.0
    for j in 0..<clusters where j != i {
      let distance = sqrt(squaredDistance(centers.row(i), centers.row(j)))
      if distance > 1e-8 { worst = max(worst, (scatter[i] + scatter[j]) / distance) }
    }
    sum += worst
  }
  return sum / Double(clusters)
}

/// The Calinski–Harabasz index (1974): (B / (K − 1)) / (W / (N − K)), the dispersion between
/// clusters over that within them; higher is better.
///
/// nil for fewer than two clusters or as many clusters as cells; 1 if no cluster has any scatter,
/// as in scikit-learn. Throws if labels and points differ in number.
package func calinskiHarabasz(_ points: Matrix<some Real>, labels: [Int]) throws(MetricsFault)
  -> Double?
{
  let groups = try GroupedPoints(points, labels: labels)
  let clusters = groups.clusterCount
  guard clusters > 1, clusters < groups.cellCount else { return nil }
  let centers = groups.centers()
  let origin = Matrix<Double>.zeros(1, groups.dimensions)
  var (between, within) = (0.0, 0.0)
  for cluster in 0..<clusters {
    let rows = groups.starts[cluster]..<groups.starts[cluster + 1]
    between += Double(rows.count) * squaredDistance(centers.row(cluster), origin.row(0))
    for i in rows { within += squaredDistance(groups.points.row(i), centers.row(cluster)) }
  }
  if within == 0 { return 1 }
  return between * Double(groups.cellCount - clusters) / (within * Double(clusters - 1))
}
