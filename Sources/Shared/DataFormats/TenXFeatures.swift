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

  /// The cells × features matrix as CellData. The main matrix is the kind asked for, else gene
  /// expression, else the first kind. Each further kind is a modality of its own. Types that are no
  /// feature types are an annotation: all features stay together, and a message reports that.
  func assemble(
    _ matrix: SparseMatrix<Float>, barcodes: [String], options: ReadingOptions, at place: String
  ) throws -> CellData {
    let obs = Frame(index: try distinctCells(barcodes, at: place, options))
    var features = self
    features.names = filledNames(names, from: ids, at: "features", options)
    guard let types, let kinds = FeatureTypes(types) else {
      if options.rna != nil {
        throw FormatFault(
          "features", "the features have no types to choose from", "leave --rna out", kind: .usage)
      }
      return try features.withAnnotation(options).part(matrix, Array(0..<names.count), obs)
    }
    let main = try kinds.main(options.rna)
    kinds.sayGuess(of: main, at: "features", options)
    guard kinds.kinds.count > 1 else {
      return try features.part(matrix, Array(0..<names.count), obs)
    }
    if kinds.untypedCount > 0 {
      options.announce?(
        "features: \(kinds.untypedCount) have no type and are treated as \(kinds.kinds[main])")
    }
    func part(_ place: Int) throws -> CellData {
      let chosen = kinds.members[place]
      return try features.part(matrix.selectingColumns(chosen), chosen, obs)
    }
    var data = try part(main)
    for (place, kind) in kinds.kinds.enumerated() where place != main {
      data.modalities.append(
        Modality(name: FeatureTypes.modalityName(kind), data: try part(place)))
    }
    return data
  }

  /// Types that are none as a column of another name.
  private func withAnnotation(_ options: ReadingOptions) -> TenXFeatures {
    guard let types else { return self }
    var result = self
    result.types = nil
    result.others.append(("annotation", .categorical(Categories(types))))
    let examples = Categories(types).names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    options.announce?(
      "features: the column of feature types holds others (\(examples)); all \(names.count) features are treated as genes, and it becomes var/annotation"
    )
    return result
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

extension TenXFeatures {
  /// Names for a matrix that has none.
  init(generated count: Int) throws {
    let names = try generatedNames("gene", count)
    self.init(ids: names, names: names)
  }
}
