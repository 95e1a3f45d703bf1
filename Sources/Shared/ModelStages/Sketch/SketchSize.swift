/// How many cells a model learns from.
package enum SketchSize: Sendable, Equatable {
  /// All up to a number; of more that many.
  case auto(atMost: Int = Self.largest)
  /// All.
  case none
  case exactly(Int)

  package static let largest = 50_000

  /// How many of that many cells learn; nil: all.
  package func learners(of cells: Int) -> Int? {
    let wanted =
      switch self {
      case .auto(let most): most
      case .none: cells
      case .exactly(let number): number
      }
    return wanted < cells ? wanted : nil
  }
}
