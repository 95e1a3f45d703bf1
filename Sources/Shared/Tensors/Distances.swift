/// Σ (a − b)² over two rows.
@inlinable package func squaredDistance(_ a: Span<Double>, _ b: Span<Double>) -> Double {
  var sum = 0.0
  for j in a.indices {
    let difference = a[j] - b[j]
    sum += difference * difference
  }
  return sum
}
