/// Σ (a − b)² over two rows, added in the order of the columns.
@inlinable package func squaredDistance<S: FloatingPoint>(_ a: Span<S>, _ b: Span<S>) -> S {
  var sum: S = 0
  for j in a.indices {
    let difference = a[j] - b[j]
    sum += difference * difference
  }
  return sum
}
