import CKernels

extension Span where Element == Float {
  /// The first position of `range` with a value below `bound`; the end of the range if there is
  /// none. NaN is not below.
  package func firstPosition(in range: Range<Int>, below bound: Float) -> Int {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "positions \(range) of \(count) values")
    // SAFETY: the range is inside the span (checked); its elements live through the call.
    return unsafe withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return range.upperBound }
      return unsafe sc_first_below(base, range.lowerBound, range.upperBound, bound)
    }
  }
}
