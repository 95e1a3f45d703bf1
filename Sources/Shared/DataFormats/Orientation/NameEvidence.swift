/// What a list of names looks like: genes, cells, or neither.
package struct NameEvidence: Sendable {
  /// What such names belong to; nil if they do not show it.
  package let kind: Orientation?
  /// 2 for identifiers, symbols and barcodes, 1 for numbered words (`gene_12`, `cell_12`), 0 for
  /// neither.
  package let weight: Int
  /// Up to two of the names that show.
  package let examples: [String]

  /// Examines up to 4,096 of the names, spread over all. Cells have similar names, so half of them
  /// must show the kind. For genes one in fifty, and at least two, must.
  package init(_ names: [String]) {
    let step = max(1, names.count / 4096)
    var found: [NameKind: [String]] = [:]
    var seen = 0
    for index in stride(from: 0, to: names.count, by: step) {
      seen += 1
      if let kind = NamePatterns.kind(of: names[index]) {
        found[kind, default: []].append(names[index])
      }
    }
    func count(_ kind: NameKind) -> Int { found[kind]?.count ?? 0 }
    let half = max(1, (seen + 1) / 2)
    if count(.cell) >= half {
      self.init(.cells, 2, found[.cell])
    } else if count(.gene) >= half || count(.gene) >= max(2, seen / 50) {
      self.init(.genes, 2, found[.gene])
    } else if count(.cell) + count(.numberedCell) >= half {
      self.init(.cells, 1, found[.numberedCell])
    } else if count(.gene) + count(.numberedGene) >= half {
      self.init(.genes, 1, found[.numberedGene])
    } else {
      self.init(nil, 0, nil)
    }
  }

  private init(_ kind: Orientation?, _ weight: Int, _ examples: [String]?) {
    self.kind = kind
    self.weight = weight
    self.examples = Array((examples ?? []).prefix(2))
  }

  /// How much speaks for these names being `kind`, negative for the other.
  private func support(_ kind: Orientation) -> Int {
    self.kind == nil ? 0 : self.kind == kind ? weight : -weight
  }

  /// Whether names show that what is read as cells are genes. The evidence is the names of the two
  /// axes together with a table's corner field (`corner`).
  static func contradicts(
    cells: NameEvidence, genes: NameEvidence, corner: Orientation? = nil
  ) -> Bool {
    let word = corner == nil ? 0 : corner == .cells ? 2 : -2
    return cells.support(.cells) + genes.support(.genes) + word < 0
  }

  /// Such as `look like genes (MT-CO1, GAPDH)`; nil if the names do not show it.
  var clause: String? {
    kind.map { "look like \($0) (\(examples.map(shortened).joined(separator: ", ")))" }
  }
}

/// A name as a message shows it.
private func shortened(_ name: String) -> String {
  name.count > 40 ? name.prefix(39) + "…" : name
}
