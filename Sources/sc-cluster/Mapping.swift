// New cells get the clusters of their nearest cells in a reference, by the codes of its model.

import CellData
import ModelStages
import Models
import StageSupport
import Tensors

extension MappedClusters {
  /// `700 cells mapped onto 10 of 10 clusters of r.h5ad; 3 of them (0.4 %) are novel`.
  func summary(onto classes: String) -> String {
    let novel = isNovel.count { $0 }
    let share = (1000 * Double(novel) / Double(max(1, isNovel.count))).rounded() / 10
    let used = Set(labels).count
    return
      "\(labels.count) cells mapped onto \(used) of \(names.count) \(classes); \(novel) of them (\(share) %) are novel"
  }

  func table(barcodes: [String]) -> String {
    clusterTable(
      barcodes: barcodes, { names[labels[$0]].printable },
      [
        ("confidence", { "\(confidence[$0])" }), ("votes", { "\(votes[$0])" }),
        ("novel", { isNovel[$0] ? "True" : "False" }),
      ])
  }
}

extension Cluster {
  /// Maps the input's cells onto the reference.
  func map(onto path: Path, in stage: Stage) throws {
    var (cells, crc) = try stage.open(input) { .reading($0) }
    var (reference, referenceCRC) = try stage.open(path) { .reading($0) }
    try stage.options.requireEffects(["the format": stage.inputFormats])
    let file = path.isStandard ? "standard input" : path.description
    if main.use != "X_pca", let model = reference.storedModel {
      try locating(file) { _ = try reference.followGenes(of: model) }
    }
    let counts = try CountsOfAllGenes(of: cells)
    let genes = try MatchedGenes(of: counts.genes, in: reference.var)
    announce(genes, reference, stage.log)
    let classes = try locating(file) { try labels(of: reference) }
    try stage.require(MappedClusters.memory(of: cells, counts, onto: reference))
    let mapped = try locating(file) {
      try MappedCells(counts, of: cells, genes: genes, onto: reference, seed: stage.seed)
    }
    for remark in mapped.remarks { stage.log.warning(remark) }
    let found = try locating(file) {
      try MappedClusters(mapped, classes, byModel: try space(in: reference, stage.log))
    }
    let kind = mapping.transfer.map { "classes of obs/\($0) in" } ?? "clusters of"
    stage.log.note(found.summary(onto: "\(kind) \(file)"))
    if found.isNovel.count(where: { $0 }) * 2 > found.isNovel.count {
      stage.log.warning(
        "most cells are novel: another protocol or batch can cause this too; check the cells of high confidence first"
      )
    }
    let earlier = cells.storedClusters(main.keyAdded)
    let columns = cells.store(
      found, colors: colors(of: reference, for: classes.names), key: main.keyAdded)
    cells.removeTree(of: earlier, stage.log)
    if let labelsOut = main.labelsOut {
      try stage.write(found.table(barcodes: cells.obs.index), to: labelsOut)
    }
    try stage.save(
      cells, to: output,
      settings: [
        ("method", .string(ClusteringMethod.mapping)), ("reference_crc", .string(referenceCRC)),
        ("transfer", .string(columnToTransfer(of: reference))),
        ("space", .string(found.space)),
        ("missing_genes", .integer(genes.missing.count)),
      ], columns: columns, inputCRC: crc)
  }

  private func announce(_ genes: MatchedGenes, _ reference: CellData, _ log: Log) {
    let source =
      genes.columns.isEmpty ? "" : ", matched by \(genes.columns.joined(separator: " and "))"
    if genes.missing.isEmpty {
      log.note("all \(reference.geneCount) genes of the reference were found\(source)")
    } else {
      log.note(
        "\(genes.missing.count) of the reference's \(reference.geneCount) genes are missing\(source); they get the mean of the reference"
      )
    }
  }

  private func columnToTransfer(of reference: CellData) -> String {
    mapping.transfer ?? reference.ownColumn("cluster")
  }

  /// The clusters of the reference that have cells.
  private func labels(of reference: CellData) throws -> Categories {
    let column = columnToTransfer(of: reference)
    if mapping.transfer == nil && reference.obs[column] == nil {
      throw StageFault(
        .badData,
        "there is no column '\(column)' of clusters; run sc-cluster on the reference first, or name one with --transfer; there are \(listed(reference.obs.columnNames))"
      )
    }
    let classes = try reference.obs.classes(column, option: "--transfer")
    if !classes.codes.contains(where: { $0 >= 0 }) {
      throw StageFault(
        .badData, "column '\(column)' (--transfer): no cell has a class; name another column")
    }
    return classes.leavingOut(Buffer(classes.codes.map { $0 < 0 }))
  }

  /// The colors of these classes in the reference, as uns keeps them; nil if it has none.
  private func colors(of reference: CellData, for classes: [String]) -> String? {
    let column = columnToTransfer(of: reference)
    guard let all = reference.obs[column]?.classes?.names,
      let stored = reference.settings["uns.\(DottedName.escaped(column))_colors"],
      let colors = JSONText.strings(in: stored), colors.count == all.count
    else { return nil }
    let color = Dictionary(zip(all, colors), uniquingKeysWith: { first, _ in first })
    return JSONText.array(of: classes.compactMap { color[$0] })
  }

  /// The model whose codes give the distances; nil: the principal components do.
  private func space(in reference: CellData, _ log: Log) throws -> ModelName? {
    switch main.use {
    case "X_pca": return nil
    case nil, "X_latent":
      if let model = reference.storedModel { return model }
      if main.use != nil {
        throw StageFault(
          .badData, "--use X_latent: the reference holds no model; run sc-pretrain on it first")
      }
      log.note("the reference holds no model: cells are compared by principal components")
      return nil
    case let other?:
      throw StageFault(
        .usage,
        "--use \(other): cells are mapped in X_latent, the codes of the reference's model, or in X_pca"
      )
    }
  }
}

extension CellData {
  /// Writes obs/KEY and the columns of the mapping.
  fileprivate mutating func store(
    _ mapping: MappedClusters, colors: String?, key: String
  ) -> OwnColumns {
    var columns = OwnColumns()
    let prefix = key == "cluster" ? "" : key + "_"
    let codes = Buffer(mapping.labels.map { Int32($0) })
    let name = columns.write(
      .categorical(Categories(codes: codes, names: mapping.names)), "cluster", as: key, to: &self)
    for role in ["confidence", "reliability", "votes", "novel"] {
      if let old = column(role, beside: name), columns.isOwn(old, in: self) { obs[old] = nil }
    }
    columns.write(
      .float32(Buffer(mapping.confidence)), "confidence", as: prefix + "confidence", to: &self)
    columns.write(.float32(Buffer(mapping.votes)), "votes", as: prefix + "votes", to: &self)
    columns.write(.boolean(Buffer(mapping.isNovel)), "novel", as: prefix + "novel", to: &self)
    obsm[mapping.space] = mapping.points
    settings[CellData.confidenceSetting(prefix)] =
      JSONValue.string(
        "(1 + s) / 2 with s the silhouette of the cell by the means of the reference's clusters, in obsm/\(mapping.space): 1 deep inside the cluster, 0.5 between two clusters"
      ).text
    settings["uns.\(DottedName.escaped(name))_colors"] = colors ?? storedColors(mapping.names.count)
    return columns
  }
}
