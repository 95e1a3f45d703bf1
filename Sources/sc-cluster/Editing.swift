// Existing clusters are divided, merged and named. Nothing is trained, and other clusters stay.

import CellData
import Clustering
import ModelStages
import StageSupport
import Tensors
import Training

extension Cluster {
  /// Changes the clusters of the input as the options say.
  func edit(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input) { .reading($0) }
    var clusters = try NamedClusters(of: cells, column: main.keyAdded)
    let before = clusters.names.count
    var settings: [(String, JSONValue)] = [("method", "editing")] + editing.settings
    if let name = editing.within {
      settings += try divide(name, of: &clusters, cells, crc, stage)
    }
    for merged in editing.merge { try clusters.merge(merged) }
    if let path = editing.rename {
      let file = path.isStandard ? "standard input" : path.description
      for line in try clusters.rename(try stage.readTable(path), file: file) {
        stage.log.note(line)
      }
      settings.append(("names", .array(clusters.names.map { .string($0) })))
    }
    let space = cells.confidenceSpace(of: .kmeans, use: main.use)
    stage.log.note(clusters.summary)
    var columns = OwnColumns()
    let earlier = cells.storedClusters(main.keyAdded)
    let name = cells.store(
      clusters, space, key: main.keyAdded, changing: clusters.names.count != before, &columns)
    cells.removeTree(of: earlier, stage.log)
    try writeTree(clusters.codes, clusters.names, in: &cells, stage)
    try writeLabels(clusters, column: name, of: cells, stage)
    try stage.save(cells, to: output, settings: settings, columns: columns, inputCRC: crc)
  }

  /// With these options alone, `--tree` draws the tree of the existing clusters. None of them finds
  /// clusters.
  static let drawingOptions: Set = [
    "tree", "use", "key-added", "labels-out", "output", "format", "no-verify", "threads",
    "max-memory", "seed", "quiet", "verbose", "progress", "log-format",
  ]

  /// Writes the tree of the existing clusters, and changes no cluster.
  func drawTree(of column: String, in cells: inout CellData, _ crc: String, _ stage: Stage) throws {
    let clusters = try NamedClusters(of: cells, column: column)
    stage.log.note("the tree of the clusters in obs/\(column): \(clusters.summary)")
    try writeTree(clusters.codes, clusters.names, in: &cells, stage)
    try writeLabels(clusters, column: column, of: cells, stage)
    try stage.save(
      cells, to: output, settings: [("method", "editing"), ("use", .optional(main.use))],
      inputCRC: crc)
  }

  /// Writes the clusters as text if --labels-out is given.
  private func writeLabels(
    _ clusters: NamedClusters, column: String, of cells: CellData, _ stage: Stage
  ) throws {
    guard let labelsOut = main.labelsOut else { return }
    let confidence = cells.obs[cells.column("confidence", beside: column) ?? ""]?.numbers
    try stage.write(
      clusters.table(barcodes: cells.obs.index, confidence: confidence), to: labelsOut)
  }

  /// Divides one cluster by a method without a model. Returns the settings for the provenance.
  private func divide(
    _ name: String, of clusters: inout NamedClusters, _ cells: CellData, _ crc: String,
    _ stage: Stage
  ) throws -> [(String, JSONValue)] {
    let rows = try clusters.rows(of: name)
    var part = cells
    // A graph of these cells alone shows what the whole graph hides.
    (part.obsp, part.raw, part.modalities) = ([:], nil, [])
    part = part.selectingCells(rows)
    let method =
      main.method ?? (cells.furtherCodes.isEmpty || main.use != nil ? .kmeans : .consensus)
    try stage.options.requireEffects(training.facts(for: method))
    let number = if case .exactly(let number) = main.clusters { number } else { 0 }
    try stage.require(.clustering(part, by: method, clusters: number, use: main.use))
    let (found, count, _) = try cluster(&part, by: method, crc, stage)
    if count < 2 {
      throw StageFault(
        .badData,
        number != 1
          ? "--within \(name): the method finds no parts in this cluster; --clusters 2 divides it nevertheless"
          : "--within \(name): --clusters asks for one part, which divides nothing; give 2 or more")
    }
    try clusters.divide(name, rows, into: found.labels, count: count)
    let sizes = (0..<count).map { k in found.labels.count { $0 == k } }
    stage.log.note(
      "cluster '\(name)' of \(rows.count) cells: \(count) parts by \(method.name), of \(sizes.map(String.init).joined(separator: ", ")) cells"
    )
    return [
      ("by", .string(method.name)), ("clusters", .integer(count)), ("use", .optional(main.use)),
    ]
  }

  /// Writes the tree of the clusters if --tree is given.
  func writeTree(
    _ labels: [Int], _ names: [String], in cells: inout CellData, _ stage: Stage
  ) throws {
    guard let path = editing.tree else { return }
    guard let space = cells.confidenceSpace(of: .kmeans, use: main.use),
      let name = space.names.first,
      let points = cells.obsm[name]
    else {
      throw StageFault(
        .badData, "--tree: there is no embedding to measure clusters in; run sc-knn first")
    }
    let used = Set(labels)
    let kept = names.indices.filter(used.contains)
    let place = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let tree = ClusterTree(
      of: means(of: points, labels.map { place[$0] ?? -1 }, clusters: kept.count))
    cells.store(tree, kept.map { names[$0] }, space: name)
    try stage.write(tree.newick(kept.map { names[$0] }) + "\n", to: path)
  }
}

extension NamedClusters {
  /// `5 clusters of 31 to 403 cells`
  fileprivate var summary: String {
    let sizes = names.indices.map { k in codes.count { $0 == k } }
    let missing = codes.count { $0 < 0 }
    let without = missing > 0 ? "; \(counted(missing, "cell")) without a cluster" : ""
    return clusterSizes(sizes) + without
  }

  fileprivate func table(barcodes: [String], confidence: [Double]?) -> String {
    clusterTable(
      barcodes: barcodes, { codes[$0] < 0 ? "" : names[codes[$0]].printable },
      confidence.map { values in [("confidence", { "\(Float(values[$0]))" })] } ?? [])
  }
}

extension CellData {
  /// The column of the existing clusters of that name. Nil if there is none, or if an earlier stage
  /// ran again after sc-cluster. The column of sc-cluster comes first, even if the user has a
  /// column of the same name. A column of the user counts only under another name than `cluster`.
  func clusterColumn(named key: String) -> String? {
    let stages = ["sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster"]
    guard history.last(where: { stages.contains($0.tool) })?.tool == "sc-cluster" else {
      return nil
    }
    let isUsual = key == "cluster"
    let own = [key, ownColumn("cluster", called: key), isUsual ? ownColumn("cluster") : nil]
    let names = own.compactMap(\.self).filter { obs[$0] != nil }
    return names.first { isOwn($0) }
      ?? names.first { name in
        !isUsual || history.contains { $0.roles(of: name, on: .obs).contains("cluster") }
      }
  }

  /// Writes obs/KEY and the confidence of these clusters. Returns the name of the written column.
  fileprivate mutating func store(
    _ clusters: NamedClusters, _ space: ConfidenceSpace?, key: String, changing changes: Bool,
    _ columns: inout OwnColumns
  ) -> String {
    let prefix = key == "cluster" ? "" : key + "_"
    // The filter assessed the former clusters.
    for role in changes ? ["confidence", "reliability"] : ["confidence"] {
      if let old = column(role, beside: key), isOwn(old) { obs[old] = nil }
    }
    let codes = Buffer(clusters.codes.map { Int32($0) })
    let name = columns.write(
      .categorical(Categories(codes: codes, names: clusters.names)), "cluster", as: key, to: &self)
    settings[CellData.confidenceSetting(prefix)] = space.map { JSONValue.string($0.meaning).text }
    if let space, !clusters.codes.contains(where: { $0 < 0 }),
      let confidence = confidence(in: clusters.codes, clusters: clusters.names.count, space)
    {
      columns.write(
        .float32(Buffer(confidence)), "confidence", as: prefix + "confidence", to: &self)
    }
    settings["uns.\(DottedName.escaped(name))_colors"] = storedColors(clusters.names.count)
    return name
  }
}
