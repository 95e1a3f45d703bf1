import Tensors

/// What is wrong with a file that is read or written: the place inside it, the trouble, and what to
/// do.
package struct FormatFault: Fault {
  package let kind: FaultKind
  /// A line, or the path of an object inside the file; empty for the whole file.
  package let place: String
  package let problem: String
  package let advice: String

  /// Bad data unless another kind is given. Names from the file may be in the text: unprintable
  /// characters are escaped.
  package init(
    _ place: String, _ problem: String, _ advice: String = "check how the file was made",
    kind: FaultKind = .badData
  ) {
    self.kind = kind
    self.place = place
    self.problem = problem
    self.advice = advice
  }

  package var description: String {
    let text = place.isEmpty ? "\(problem); \(advice)" : "\(place): \(problem); \(advice)"
    return text.printable
  }
}
