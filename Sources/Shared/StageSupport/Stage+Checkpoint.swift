import CellData

extension Stage {
  /// Reads a checkpoint. Its faults name the file, and how to continue without it.
  package func openCheckpoint(
    _ path: Path, remedy: String = "remove the checkpoint, and the training starts again"
  ) throws -> CellData {
    if try InputSource(path).isFolder {
      throw StageFault(
        .badData, "is a folder; name the file that --checkpoint wrote", in: path.description)
    }
    do {
      return try open(path).cells
    } catch let fault as LocatedFault where fault.kind == .badData {
      let finding = fault.fault.description.components(beforeLast: "; ")
      throw StageFault(
        .badData, "\(finding); \(remedy)",
        in: path.description)
    }
  }
}

extension CellData {
  /// Whether these are the state of a training, and no cells.
  package var isCheckpoint: Bool {
    cellCount == 0 && tensors.keys.contains { $0.hasPrefix("checkpoint.") }
  }
}

extension String {
  /// The text before the last `separator`; all of it without one.
  fileprivate func components(beforeLast separator: String) -> String {
    range(ofLast: separator).map { String(self[..<$0]) } ?? self
  }

  private func range(ofLast separator: String) -> Index? {
    var place = endIndex
    while place > startIndex {
      place = index(before: place)
      if self[place...].hasPrefix(separator) { return place }
    }
    return nil
  }
}
