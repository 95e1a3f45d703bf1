extension Column {
  /// The rows that a column of yes and no marks: of booleans, 0 and 1, or words, also as
  /// categories; missing values mark nothing. Nil for a column with any other value.
  package var marks: [Bool]? {
    if let numbers {
      return numbers.allSatisfy { $0.isNaN || $0 == 0 || $0 == 1 } ? numbers.map { $0 == 1 } : nil
    }
    guard let classes else { return nil }
    let meanings = classes.names.map { Column.meanings[$0.lowercased()] }
    guard !meanings.contains(nil) else { return nil }
    return classes.codes.map { $0 >= 0 && meanings[Int($0)] == true }
  }

  /// What the words of such a column mean; those for missing values mark nothing.
  private static let meanings: [String: Bool] = [
    "true": true, "1": true, "1.0": true, "yes": true, "false": false, "0": false, "0.0": false,
    "no": false, "": false, "na": false, "nan": false, "none": false, "<na>": false,
  ]
}
