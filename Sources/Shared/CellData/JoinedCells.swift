// Samples become one object as anndata.concat makes it: cells below each other, genes matched by
// name. Parts of single samples (graphs, settings, raw) are left out.

import Tensors

/// Which genes of several samples are kept.
package enum GeneJoin: String, CaseIterable, Sendable {
  /// Genes that all samples have.
  case inner
  /// Genes of any sample. A gene that a sample lacks has no counts there.
  case outer

  /// The genes, in the order in which the samples name them first.
  package func genes(of samples: [[String]]) -> [String] {
    guard let first = samples.first else { return [] }
    switch self {
    case .inner:
      let others = samples.dropFirst().map { Set($0) }
      return first.filter { gene in others.allSatisfy { $0.contains(gene) } }
    case .outer:
      var seen: Set<String> = []
      return samples.joined().filter { seen.insert($0).inserted }
    }
  }
}

/// Several samples as one object.
package struct JoinedCells: Sendable {
  package private(set) var cells: CellData
  /// Parts that only some samples have, that are of single samples, or about which they disagree,
  /// by place.
  package private(set) var leftOut: Set<String> = []

  /// The samples' cells below each other; each cell's name is distinct. Genes are matched by name.
  package init(_ samples: [CellData], by join: GeneJoin) {
    let genes = join.genes(of: samples.map(\.var.index))
    let place = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, Int32($0)) })
    let places = samples.map { $0.var.index.map { place[$0] ?? -1 } }
    cells = CellData(
      obs: Frame(index: samples.flatMap(\.obs.index)), var: Frame(index: genes))
    joinColumns(of: samples, places)
    joinMatrices(of: samples, places)
    joinModalities(of: samples, by: join)
    for sample in samples {
      leftOut.formUnion(sample.obsp.keys.map { "obsp/\($0)" })
      leftOut.formUnion(sample.varm.keys.map { "varm/\($0)" })
      if sample.raw != nil { leftOut.insert("raw") }
      let uns = Set(sample.settings.keys).union(sample.tensors.keys)
      if !uns.isEmpty { leftOut.insert("uns") }
    }
  }

  private mutating func joinColumns(of samples: [CellData], _ places: [[Int32]]) {
    var start = 0
    let rows = samples.map { sample in
      defer { start += sample.cellCount }
      return Array(start..<start + sample.cellCount)
    }
    for name in JoinedCells.names(samples.map(\.obs.columnNames)) {
      let parts = zip(samples, rows).compactMap { sample, rows in
        sample.obs[name].map { (column: $0, rows: rows) }
      }
      cells.obs[name] = Column.joining(parts, count: start)
    }
    for name in JoinedCells.names(samples.map(\.var.columnNames)) {
      let parts = zip(samples, places).compactMap { sample, places in
        sample.var[name].map { (column: $0, rows: places.map { Int($0) }) }
      }
      cells.var[name] = Column.joining(parts, count: cells.geneCount)
      if cells.var[name] == nil { leftOut.insert("var/\(name)") }
    }
  }

  private mutating func joinMatrices(of samples: [CellData], _ places: [[Int32]]) {
    let columns = cells.geneCount
    func stacked(_ parts: [MatrixValues]) -> MatrixValues {
      .sparse(.stacking(parts.map { $0.sparse() }, places: places, columns: columns))
    }
    let x = samples.compactMap(\.x)
    if x.count == samples.count { cells.x = stacked(x) }
    for name in JoinedCells.names(samples.map { $0.layers.keys.sorted() }) {
      let parts = samples.compactMap { $0.layers[name] }
      if parts.count == samples.count {
        cells.layers[name] = stacked(parts)
      } else {
        leftOut.insert("layers/\(name)")
      }
    }
    for name in JoinedCells.names(samples.map { $0.obsm.keys.sorted() }) {
      let parts = samples.compactMap { $0.obsm[name] }
      if parts.count == samples.count, Set(parts.map(\.columns)).count == 1 {
        cells.obsm[name] = JoinedCells.stacked(parts)
      } else {
        leftOut.insert("obsm/\(name)")
      }
    }
  }

  private mutating func joinModalities(of samples: [CellData], by join: GeneJoin) {
    for name in JoinedCells.names(samples.map { $0.modalities.map(\.name) }) {
      let parts = samples.compactMap { sample in
        sample.modalities.first { $0.name == name }?.data
      }
      guard parts.count == samples.count else {
        leftOut.insert("mod/\(name)")
        continue
      }
      var joined = JoinedCells(parts, by: join)
      if joined.cells.geneCount == 0 {
        leftOut.insert("mod/\(name)")
        continue
      }
      joined.cells.obs.index = cells.obs.index
      cells.modalities.append(Modality(name: name, data: joined.cells))
      leftOut.formUnion(joined.leftOut.map { "mod/\(name)/\($0)" })
    }
  }

  /// In the order of their first appearance.
  private static func names(_ lists: [[String]]) -> [String] {
    var seen: Set<String> = []
    return lists.joined().filter { seen.insert($0).inserted }
  }

  private static func stacked(_ parts: [Matrix<Float>]) -> Matrix<Float> {
    let rows = parts.reduce(0) { $0 + $1.rows }
    var elements = Buffer<Float>(uninitializedCount: rows * parts[0].columns)
    var next = 0
    for part in parts {
      elements.copy(0..<part.elements.count, of: part.elements, to: next)
      next += part.elements.count
    }
    return Matrix(rows: rows, columns: parts[0].columns, elements: elements)
  }
}
