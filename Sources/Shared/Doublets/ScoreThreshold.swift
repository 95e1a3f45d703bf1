/// The least full bin between the two modes of the values' histogram, 256 bins smoothed by threes
/// until there are two (Prewitt and Mendelsohn 1966), as scikit-image's `threshold_minimum` has it;
/// nil where two modes are never left.
func minimumBetweenModes(of values: [Double]) -> Double? {
  let bins = 256
  guard let low = values.min(), let high = values.max(), high > low else { return nil }
  var smooth = histogram(values, bins: bins, from: low, to: high).map { Float($0) }
  var modes: [Int] = []
  for _ in 0..<9999 {
    smooth = smoothed(smooth)
    modes = maxima(of: smooth)
    if modes.count < 3 { break }
  }
  guard modes.count == 2 else { return nil }
  let between = modes[0]...modes[1]
  let lowest = between.min { (smooth[$0], $0) < (smooth[$1], $1) } ?? modes[0]
  return low + (Double(lowest) + 0.5) * (high - low) / Double(bins)
}

/// The mean of each value and both beside it; the ends stand beside themselves.
private func smoothed(_ values: [Float]) -> [Float] {
  values.indices.map { i in
    let (before, after) = (values[max(0, i - 1)], values[min(values.count - 1, i + 1)])
    return Float((Double(before) + Double(values[i]) + Double(after)) / 3)
  }
}

/// Where values stop rising before they fall.
private func maxima(of values: [Float]) -> [Int] {
  var (found, isRising): ([Int], Bool) = ([], true)
  for i in 0..<values.count - 1 {
    if isRising && values[i + 1] < values[i] {
      isRising = false
      found.append(i)
    } else if !isRising && values[i + 1] > values[i] {
      isRising = true
    }
  }
  return found
}
