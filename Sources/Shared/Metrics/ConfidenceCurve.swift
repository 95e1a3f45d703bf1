/// How often the surest cells are correct: the quality of a confidence.
package struct ConfidenceCurve: Sendable, Equatable {
  /// The share of correct cells among the surest 1/`steps`, 2/`steps`, … of all.
  package let accuracies: [Double]
  /// The same among the surer half of the cells, and among the other half.
  package let halves: (surer: Double, other: Double)

  package static func == (left: Self, right: Self) -> Bool {
    left.accuracies == right.accuracies && left.halves == right.halves
  }

  /// Cells of equal confidence count as one. If a share includes only some of them, the part of
  /// them that is correct is that of all of them.
  ///
  /// nil for fewer than two cells, and if a confidence is not a number.
  package init?(isRight: [Bool], confidence: [Double], steps: Int = 20) {
    precondition(isRight.count == confidence.count && steps > 0, "a confidence a cell")
    guard isRight.count > 1, !confidence.contains(where: \.isNaN) else { return nil }
    let order = confidence.indices.sorted { confidence[$0] > confidence[$1] }
    // The number of cells, and of correct cells, down to each distinct confidence.
    var ends: [(cells: Double, right: Double)] = [(0, 0)]
    var right = 0.0
    for (place, cell) in order.enumerated() {
      right += isRight[cell] ? 1 : 0
      let isLast = place + 1 == order.count || confidence[order[place + 1]] < confidence[cell]
      if isLast { ends.append((Double(place + 1), right)) }
    }
    /// The number of correct cells among the `cells` surest.
    func rightAmong(_ cells: Double) -> Double {
      let upper = ends.firstIndex { $0.cells >= cells } ?? ends.count - 1
      guard upper > 0 else { return 0 }
      let (from, to) = (ends[upper - 1], ends[upper])
      return from.right + (to.right - from.right) * (cells - from.cells) / (to.cells - from.cells)
    }
    let count = Double(order.count)
    accuracies = (1...steps).map { step in
      let cells = count * Double(step) / Double(steps)
      return rightAmong(cells) / cells
    }
    let surer = rightAmong(count / 2)
    halves = (surer / (count / 2), (right - surer) / (count / 2))
  }
}
