import CellData
import Tensors

/// The rows of a 10x feature list: identifiers, names and, from version 3 on, what was measured.
struct TenXFeatures {
  var ids: [String]
  var names: [String]
  var types: [String]?
  var genomes: [String]?
  /// What else is known of each, by name.
  var others: [(name: String, values: Column)] = []

  /// The features named, in that order.
  func selecting(_ chosen: [Int]) -> TenXFeatures {
    if chosen.count == names.count { return self }
    return TenXFeatures(
      ids: chosen.map { ids[$0] }, names: chosen.map { names[$0] },
      types: types.map { types in chosen.map { types[$0] } },
      genomes: genomes.map { genomes in chosen.map { genomes[$0] } },
      others: others.map { ($0.name, $0.values.selecting(chosen)) })
  }

  /// The cells × features matrix as CellData: the kind asked for, else gene expression (or, without any, the first kind) is the main matrix,
  /// each further kind a modality of its own.
  func assemble(
    _ matrix: SparseMatrix<Float>, barcodes: [String], main wanted: String?, at place: String
  ) throws -> CellData {
    try checkUniqueCells(barcodes, at: place)
    let obs = Frame(index: barcodes)
    var kinds: [String] = []
    for type in types ?? [] where !kinds.contains(type) { kinds.append(type) }
    let main = try mainKind(kinds, wanted)
    guard let main, kinds.count > 1 else {
      return try part(matrix, Array(0..<names.count), obs)
    }
    func columns(_ kind: String) -> [Int] { names.indices.filter { types?[$0] == kind } }
    var data = try part(
      matrix.selectingColumns(columns(main)), columns(main), obs)
    for kind in kinds where kind != main {
      let chosen = columns(kind)
      data.modalities.append(
        Modality(
          name: TenXFeatures.modalityName(kind),
          data: try part(matrix.selectingColumns(chosen), chosen, obs)))
    }
    return data
  }

  private func mainKind(_ kinds: [String], _ wanted: String?) throws -> String? {
    guard let wanted else {
      return kinds.contains("Gene Expression") ? "Gene Expression" : kinds.first
    }
    if let kind = kinds.first(where: { $0 == wanted || Self.modalityName($0) == wanted }) {
      return kind
    }
    throw FormatFault(
      "features", "there are no features of type \(wanted)",
      kinds.isEmpty
        ? "leave --rna out: the file has one type"
        : "choose one of \(kinds.joined(separator: ", "))", kind: .usage)
  }

  /// The short name of a kind of measurement.
  static func modalityName(_ kind: String) -> String {
    switch kind {
    case "Gene Expression": "rna"
    case "Antibody Capture": "adt"
    case "Peaks": "atac"
    case "CRISPR Guide Capture": "crispr"
    default: String(kind.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
  }

  private func part(_ matrix: SparseMatrix<Float>, _ chosen: [Int], _ obs: Frame) throws -> CellData
  {
    var genes = Frame(index: uniqueNames(chosen.map { names[$0] }))
    genes["gene_ids"] = .strings(chosen.map { ids[$0] })
    if let types {
      genes["feature_types"] = .categorical(Categories(chosen.map { types[$0] }))
    }
    if let genomes { genes["genome"] = .categorical(Categories(chosen.map { genomes[$0] })) }
    for (name, values) in others where genes[name] == nil {
      genes[name] = values.selecting(chosen)
    }
    let x = MatrixValues.sparse(matrix)
    try DataFormats.checkFinite(x, named: "matrix", cells: obs.index, genes: genes.index)
    return CellData(obs: obs, var: genes, x: x)
  }
}

extension SparseMatrix {
  /// The columns named, which must rise. (rows, columns.count)
  func selectingColumns(_ chosen: [Int]) -> SparseMatrix {
    var place = [Int32](repeating: -1, count: columns)
    for (new, old) in chosen.enumerated() { place[old] = Int32(new) }
    var starts = Buffer<Int>(repeating: 0, count: rows + 1)
    var newIndices = GrowingBuffer<Int32>()
    var newValues = GrowingBuffer<Element>()
    for i in 0..<rows {
      for k in indptr[i]..<indptr[i + 1] where place[Int(indices[k])] >= 0 {
        newIndices.append(place[Int(indices[k])])
        newValues.append(values[k])
      }
      starts[i + 1] = newIndices.count
    }
    return SparseMatrix(
      rows: rows, columns: chosen.count, indptr: starts, indices: newIndices.elements,
      values: newValues.elements)
  }

  /// The rows named, in that order. (rows.count, columns)
  func selectingRows(_ chosen: [Int]) -> SparseMatrix {
    var starts = Buffer<Int>(repeating: 0, count: chosen.count + 1)
    for (new, old) in chosen.enumerated() {
      starts[new + 1] = starts[new] + indptr[old + 1] - indptr[old]
    }
    var newIndices = Buffer<Int32>(uninitializedCount: starts[chosen.count])
    var newValues = Buffer<Element>(uninitializedCount: starts[chosen.count])
    for (new, old) in chosen.enumerated() {
      for (offset, k) in (indptr[old]..<indptr[old + 1]).enumerated() {
        newIndices[starts[new] + offset] = indices[k]
        newValues[starts[new] + offset] = values[k]
      }
    }
    return SparseMatrix(
      rows: chosen.count, columns: columns, indptr: starts, indices: newIndices,
      values: newValues)
  }
}

extension TenXFeatures {
  /// Names for a matrix that has none.
  init(generated count: Int) throws {
    let names = try generatedNames("gene", count)
    self.init(ids: names, names: names)
  }

  /// Identifiers or names may be missing, or both.
  init(ids: [String]?, names: [String]?, count: Int) throws {
    guard let either = ids ?? names else {
      try self.init(generated: count)
      return
    }
    self.init(ids: ids ?? either, names: names ?? either)
  }
}
