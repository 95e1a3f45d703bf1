/// The emptiest bin between the two modes of the values' histogram (Prewitt and Mendelsohn 1966),
/// as in scikit-image's `threshold_minimum`. Its 256 bins are smoothed over three bins until there
/// are two modes; nil if there are never two.
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

/// The mean of each value and its two neighbors; an end counts as its own neighbor.
private func smoothed(_ values: [Float]) -> [Float] {
  values.indices.map { i in
    let (before, after) = (values[max(0, i - 1)], values[min(values.count - 1, i + 1)])
    return Float((Double(before) + Double(values[i]) + Double(after)) / 3)
  }
}

/// The positions at which values stop rising before they fall.
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
