import CellData
import StageSupport

/// Throws kind `badData` if genes, or features of a second modality, cannot be matched by their
/// names. Some have only numbers of rows as names, or a column of identifiers contradicts them.
func requireNamedGenes(_ objects: [CellData], _ table: SampleTable) throws {
  func fault(_ place: Int, _ problem: String) -> StageFault {
    StageFault(.badData, problem, in: table.samples[place].path.description)
  }
  for (place, cells) in objects.enumerated() {
    for (name, features) in features(of: cells) where features.mayBeNumbered {
      throw fault(
        place,
        "\(name) have only numbers of rows as names ('\(features.index[0])', …), by which samples cannot be joined; give them their names"
      )
    }
  }
  for place in objects.indices.dropFirst() {
    let before = features(of: objects[place - 1])
    for (name, own) in features(of: objects[place]) {
      guard let theirs = before.first(where: { $0.name == name })?.features,
        let column = own.contradictedColumn(by: theirs)
      else { continue }
      throw fault(
        place,
        "\(name) are not those of sample '\(table.samples[place - 1].name)' of the same names: var/\(column) has other values for most of them; give both the same names"
      )
    }
  }
}

/// The genes, and the features of each modality, by what a message calls them.
private func features(of cells: CellData) -> [(name: String, features: Frame)] {
  [("the genes", cells.var)]
    + cells.modalities.map { ("the features of modality '\($0.name)'", $0.data.var) }
}
