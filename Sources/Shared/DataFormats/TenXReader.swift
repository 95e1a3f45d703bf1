import CellData
import Tensors

/// Reads CellRanger's HDF5 files: version 3 and later (`/matrix` with `features`), and version 2 (a
/// group a genome). Both hold features × barcodes in compressed columns, which is cells × features
/// in compressed rows.
struct TenXReader {
  let root: any StoredGroup
  let options: ReadingOptions

  func read() throws -> CellData {
    if let matrix = try root.group("matrix") { return try read3(matrix) }
    let genomes = try TenXReader.genomes(of: root)
    guard let first = genomes.first else {
      throw FormatFault("/", "no 10x matrix in this file", "check the format")
    }
    if let wanted = options.genome {
      guard genomes.contains(wanted), let group = try root.group(wanted) else {
        throw FormatFault(
          "/", "there is no genome \(wanted)", "choose one of \(genomes.joined(separator: ", "))",
          kind: .usage)
      }
      return try read2(group)
    }
    guard genomes.count == 1, let group = try root.group(first) else {
      throw FormatFault(
        "/", "there are several genomes",
        "choose one by --genome: \(genomes.joined(separator: ", "))", kind: .usage)
    }
    return try read2(group)
  }

  /// The groups of a file of version 2 that hold a matrix.
  static func genomes(of root: any StoredGroup) throws -> [String] {
    try root.names.filter { name in
      guard case .group(let group) = try root[name] else { return false }
      return Set(try group.names).isSuperset(of: ["data", "indices", "indptr", "shape"])
    }
  }

  private func read3(_ group: any StoredGroup) throws -> CellData {
    let (matrix, barcodes) = try matrix(group)
    guard let list = try group.group("features") else {
      throw FormatFault("\(group.path)/features", "is missing")
    }
    func names(_ name: String) throws -> [String]? {
      guard let dataset = try list.dataset(name), dataset.shape.count == 1, !dataset.isNull
      else { return nil }
      let names = try dataset.names()
      guard names.count == matrix.columns else {
        throw FormatFault(dataset.path, "\(names.count) names for \(matrix.columns) features")
      }
      return names
    }
    // Probes have identifiers of their own; the genes' identifiers are in another list.
    let genes = try names("gene_id")
    var features = try self.features(
      ids: genes ?? names("id"), names: names("name"), count: matrix.columns, of: list)
    features.types = try names("feature_type")
    features.genomes = try names("genome")
    if genes != nil, let probes = try names("id") {
      features.others.append(("probe_ids", .strings(probes)))
    }
    let known = ["id", "name", "gene_id", "feature_type", "genome"]
    for name in try list.names where !known.contains(name) {
      guard case .dataset(let dataset) = try list[name], dataset.shape == [matrix.columns],
        let column = try dataset.column()
      else {
        if name != "_all_tag_keys" {
          list.tree.omit("\(list.path)/\(name)", "no list of the features")
        }
        continue
      }
      features.others.append((name, column))
    }
    let kept = try keptFeatures(features, of: group)
    var data = try features.selecting(kept).assemble(
      kept.count == matrix.columns ? matrix : matrix.selectingColumns(kept), barcodes: barcodes,
      options: options, at: "\(group.path)/barcodes")
    if let filtered = try group.dataset("filtered_barcodes"), filtered.shape == [data.cellCount],
      filtered.type.kind.isNumeric
    {
      data.obs["filtered_barcodes"] = .boolean(
        Buffer(try filtered.numbers(UInt8.self).map { $0 != 0 }))
    }
    return data
  }

  /// All features, or those of the requested genome and those without a genome, such as antibodies.
  private func keptFeatures(_ features: TenXFeatures, of group: any StoredGroup) throws -> [Int] {
    let names = features.genomes ?? []
    let genomes = Set(names.filter { !$0.isEmpty }).sorted()
    guard let wanted = options.genome else {
      if genomes.count > 1 {
        group.tree.announce(
          "all genomes are read (\(genomes.joined(separator: ", "))); --genome selects one")
      }
      return Array(features.names.indices)
    }
    guard genomes.contains(wanted) else {
      throw FormatFault(
        "\(group.path)/features/genome", "there is no genome \(wanted)",
        genomes.isEmpty ? "leave --genome out" : "choose one of \(genomes.joined(separator: ", "))",
        kind: .usage)
    }
    return names.indices.filter { names[$0] == wanted || names[$0].isEmpty }
  }

  private func read2(_ group: any StoredGroup) throws -> CellData {
    let (matrix, barcodes) = try matrix(group)
    func names(_ name: String) throws -> [String]? {
      guard let names = try group.dataset(name)?.names() else { return nil }
      guard names.count == matrix.columns else {
        throw FormatFault(
          "\(group.path)/\(name)", "\(names.count) names for \(matrix.columns) genes")
      }
      return names
    }
    let features = try features(
      ids: names("genes"), names: names("gene_names"), count: matrix.columns, of: group)
    return try features.assemble(
      matrix, barcodes: barcodes, options: options, at: "\(group.path)/barcodes")
  }

  /// Identifiers or names may be missing. If both are, they come from another list, or are made up.
  private func features(
    ids: [String]?, names: [String]?, count: Int, of group: any StoredGroup
  ) throws -> TenXFeatures {
    let lists = try NamedLists(in: group, of: group.tree, at: group.path)
    let either = try ids ?? names ?? lists.names(of: .gene, count: count)
    return TenXFeatures(ids: ids ?? either, names: names ?? either)
  }

  /// The matrix of cells × features with the names of the cells.
  private func matrix(_ group: any StoredGroup) throws -> (SparseMatrix<Float>, [String]) {
    let shape = try group.required("shape").numbers(Int.self)
    guard shape.count == 2, shape[0] >= 0, shape[1] >= 0 else {
      throw FormatFault("\(group.path)/shape", "must be two numbers, features and barcodes")
    }
    let barcodes =
      try group.dataset("barcodes")?.names() ?? checkedNames(shape[1], in: group)
    guard barcodes.count == shape[1] else {
      throw FormatFault(
        "\(group.path)/barcodes", "\(barcodes.count) names for \(shape[1]) cells")
    }
    let matrix = try CompressedMatrix(in: group).matrix(majors: shape[1], minors: shape[0])
    return (matrix, barcodes)
  }

  private func checkedNames(_ count: Int, in group: any StoredGroup) throws -> [String] {
    guard try group.required("indptr").count == count + 1 else {
      throw FormatFault("\(group.path)/shape", "claims \(count) cells, but `indptr` differs")
    }
    let lists = try NamedLists(in: group, of: group.tree, at: group.path)
    return try lists.names(of: .cell, count: count)
  }
}
