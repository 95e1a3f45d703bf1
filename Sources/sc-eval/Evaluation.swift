import CellData
import Plots
import StageSupport
import Tensors

/// One run: everything is computed before anything is written.
struct Evaluation {
  let command: Evaluate
  /// The scored cells, with the labels of a file among their columns.
  let cells: CellData
  /// What was read, and is written again with layouts.
  let stored: CellData
  let crc: String
  let sample: String
  let style: Report.Style
  let stage: Stage

  /// Computes and writes all that is asked for; the data too if a format is named.
  func write(data format: OutputFormat?) throws {
    let evaluation = command.evaluation
    try stage.require(.evaluating(cells, extent(isStored: format != nil)))
    let selection = try evaluation.selection(cells, in: stage)
    let figures = try Figures(
      of: cells, selection, embedding: evaluation.use, batches: evaluation.batchKey,
      bootstrap: evaluation.bootstrap,
      diagnosis: try evaluation.diagnosis(cells, selection, in: stage), seed: stage.seed)
    let gallery = try Gallery(
      cells, clusters: evaluation.column(in: cells),
      labels: selection.labels.map { (evaluation.labels ?? "", $0) }, seed: stage.seed)
    let expression =
      readsGenes ? try Expression(cells, isNeeded: needsGenes, stage.log) : nil
    let colors = try command.pictures.color.map { try CellColor($0, in: cells, all: expression) }
    let layouts = try layouts(isStored: format != nil)
    let markers = try markers(expression)
    let tree = try tree(of: expression)
    let types = try types(expression)
    let groups = try groups()
    let picture = try picture(
      try Drawing(command, figures, gallery, layouts, colors, markers, tree, seed: stage.seed))
    let page = try page(selection, figures, gallery, layouts, markers, types, groups)
    if evaluation.use == nil, let name = cells.defaultEmbedding, name != "X_latent" {
      stage.log.note("no codes (X_latent) in the data: distances and layouts use \(name)")
    }
    if let path = command.pictures.curves {
      try stage.write(
        try RunCurve.text([(sample, RunCurve.all(of: cells, figures))]), to: path)
    }
    if let picture, let path = command.pictures.plot { try stage.write(picture, to: path) }
    if let page, let path = pagePath { try stage.write(page, to: path) }
    if let markers, let path = command.markers.markers {
      try stage.write(markers.text(count: command.markers.markerCount), to: path)
    }
    if let genes = tree?.genes, let path = command.markers.branchGenes {
      try stage.write(genes.text, to: path)
    }
    if let types {
      if let path = command.types.typeScores { try stage.write(types.text, to: path) }
      if let path = command.types.typeNames { try stage.write(types.renaming, to: path) }
    }
    if let groups, let path = command.groups.groupGenes { try stage.write(groups.text, to: path) }
    if let path = command.pages.multiqc {
      try stage.write(MultiQCTable(sample: sample, report: figures.report).text, to: path)
    }
    if let format { try save(layouts, as: format) }
    try stage.write(figures.report.text(style), to: format == nil ? command.output : .standard)
    let rows = figures.report.rows
    stage.log.summary(
      rows.map { ($0.name, $0.value) },
      rows.prefix(8).map { "\($0.name) \($0.rounded)" }.joined(separator: ", "))
  }

  /// What must be computed.
  private func extent(isStored: Bool) -> EvaluationExtent {
    var extent = EvaluationExtent(embedding: command.evaluation.use ?? cells.defaultEmbedding)
    extent.measuresBatches = command.evaluation.batchKey != nil
    extent.readsGenes = readsGenes
    extent.comparesGroups = command.groups.compareGroups != nil
    if laysOut(isStored: isStored) {
      extent.laidOut = isStored ? cells.cellCount : min(cells.cellCount, Gallery.limit)
      extent.neighbors = command.layout.neighborCount
    }
    if pagePath != nil || command.pictures.format == .png {
      extent.raster = 40 << 20
    } else if command.pictures.format != nil {
      extent.raster = 4 << 20
    }
    if command.types.markersOf != nil { extent.scoredClusters = (try? clusters().names.count) ?? 1 }
    if command.markers.markers != nil || pagePath != nil || drawsGenes {
      // A column that cannot be read gets its message later.
      extent.rankedClusters = (try? clusters().names.count) ?? 1
    } else if drawsTree {
      // A node at a time: two branches.
      extent.rankedClusters = 2
    }
    return extent
  }

  private func laysOut(isStored: Bool) -> Bool {
    let isDrawn = command.pictures.format != nil && command.pictures.wants(.layout)
    let name = command.evaluation.use
    let canBe =
      (name ?? cells.defaultEmbedding).map { cells.obsm[$0] != nil } ?? false
      || cells.obsp["connectivities"] != nil
    return isStored || isDrawn || pagePath != nil && canBe
  }

  private var pagePath: Path? {
    command.pages.report ?? (command.pictures.format == nil ? command.pictures.plot : nil)
  }

  /// What is drawn or stored: of all cells if stored, else of a sample. A page has no layouts if
  /// there is nothing to lay out.
  private func layouts(isStored: Bool) throws -> [CellLayout] {
    guard laysOut(isStored: isStored) else { return [] }
    let name = command.evaluation.use
    var rows = Array(0..<cells.cellCount)
    if !isStored && rows.count > Gallery.limit {
      stage.log.note(
        "the picture shows a random sample of \(Gallery.limit) of \(rows.count) cells")
      rows = Gallery.rows(of: cells, seed: stage.seed)
    }
    return try command.layout.compute(cells, rows: rows, embedding: name, in: stage)
  }

  /// Whether the values of genes are needed.
  private var readsGenes: Bool {
    command.markers.markers != nil || pagePath != nil || drawsGenes || drawsTree
      || !command.pictures.color.isEmpty || command.types.markersOf != nil
  }

  /// Whether nothing can be made without them: a page, a tree or a color can.
  private var needsGenes: Bool {
    command.markers.markers != nil || command.markers.branchGenes != nil || drawsGenes
      || command.types.markersOf != nil
  }

  private var drawsGenes: Bool {
    command.pictures.format != nil
      && [PictureKind.dotplot, .violin, .heatmap].contains { command.pictures.wants($0) }
  }

  private var drawsTree: Bool {
    command.markers.branchGenes != nil
      || command.pictures.format != nil && command.pictures.wants(.tree)
  }

  private func clusters() throws -> Categories {
    try cells.obs.classes(command.evaluation.column(in: cells), option: "--clusters-column")
  }

  /// Markers for the file, and for a page if there is something to rank.
  private func markers(_ expression: Expression?) throws -> MarkerTable? {
    if command.markers.markers != nil || drawsGenes {
      return try MarkerTable(expression, clusters: try clusters())
    }
    guard pagePath != nil, expression != nil, Set(try clusters().codes.filter { $0 >= 0 }).count > 1
    else { return nil }
    return try MarkerTable(expression, clusters: try clusters())
  }

  /// The types of the clusters; nil if they are not asked for.
  private func types(_ expression: Expression?) throws -> TypeTable? {
    guard let path = command.types.markersOf else { return nil }
    let file = path.isStandard ? "standard input" : path.description
    let known = try TypeGenes(
      try stage.readTable(path), file: file, known: expression?.genes ?? cells.var)
    return try TypeTable(known, in: expression, clusters: try clusters(), stage.log)
  }

  /// The genes that differ between groups; nil if they are not asked for.
  private func groups() throws -> GroupTable? {
    guard command.groups.compareGroups != nil else { return nil }
    return try GroupTable(command.groups, of: cells, clusters: try clusters(), stage.log)
  }

  /// The tree of the clusters with the genes of its branches, as far as there are some; nil if
  /// neither is asked for.
  private func tree(of expression: Expression?) throws -> (
    tree: TreeOfClusters, genes: BranchGenes?
  )? {
    guard drawsTree else { return nil }
    let clusters = try clusters()
    let found = try TreeOfClusters(cells, clusters, embedding: command.evaluation.use)
    guard let tree = found, let expression else {
      if command.markers.branchGenes == nil { return found.map { ($0, nil) } }
      throw StageFault(
        .badData,
        "--branch-genes needs the values of genes (X), an embedding, and two or more clusters")
    }
    let genes = try BranchGenes(
      tree, expression, clusters: clusters, count: max(2, command.markers.markerCount ?? 10))
    return (tree, genes)
  }

  private func picture(_ parts: @autoclosure () throws -> Drawing) throws -> [UInt8]? {
    guard let format = command.pictures.format else { return nil }
    let drawing = try parts()
    let panels = drawing.panels
    guard !panels.isEmpty else {
      throw StageFault(.badData, "there is nothing to draw (--figures): \(drawing.needs)")
    }
    for missing in drawing.missing {
      stage.log.note(
        "--figures \(missing.kind.rawValue) draws nothing: it needs \(missing.need)")
    }
    return try Sheet(panels, caption: drawing.caption(sample)).picture(format)
  }

  private func page(
    _ selection: Selection, _ figures: Figures, _ gallery: Gallery, _ layouts: [CellLayout],
    _ markers: MarkerTable?, _ types: TypeTable?, _ groups: GroupTable?
  ) throws -> String? {
    guard pagePath != nil else { return nil }
    return try RunPage(
      sample: sample, cells: cells, column: command.evaluation.column(in: cells),
      selection: selection,
      figures: figures, gallery: gallery,
      layouts: layouts, clusters: try clusters(), markers: markers, types: types, groups: groups,
      settings: command.evaluation.settings(for: cells) + command.layout.settings,
      seed: stage.seed
    ).text()
  }

  private func save(_ layouts: [CellLayout], as format: OutputFormat) throws {
    var cells = stored
    for layout in layouts {
      cells.clearUns(layout.method.rawValue)
      cells.obsm[layout.method.key] = layout.points.converted(to: Float.self)
    }
    var output = OutputOptions()
    output.output = command.output
    output.format = format
    try stage.save(
      cells, to: output,
      settings: command.layout.settings + [("use", .optional(command.evaluation.use))],
      inputCRC: crc)
  }
}
