import Tensors

/// What is wrong with counts, or with what was asked of them.
package struct PreprocessingFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(kind: FaultKind = .badData, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

/// The names in faults. Without names a fault gives the number of the cell or gene, counted from 1.
package struct AxisNames: Sendable {
  package let cells: [String]
  package let genes: [String]

  package init(cells: [String] = [], genes: [String] = []) {
    self.cells = cells
    self.genes = genes
  }

  func cell(_ i: Int) -> String { "cell " + Self.label(i, in: cells) }
  func gene(_ j: Int) -> String { "gene " + Self.label(j, in: genes) }

  private static func label(_ i: Int, in names: [String]) -> String {
    i < names.count ? "'\(escaped(names[i]))'" : "\(i + 1)"
  }

  /// A name from the data, safe to print: control bytes escaped, cut after 80 characters.
  private static func escaped(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars.prefix(80) {
      let isControl = scalar.properties.generalCategory == .control
      let isFormat = scalar.properties.generalCategory == .format
      result += isControl || isFormat ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return result
  }
}
