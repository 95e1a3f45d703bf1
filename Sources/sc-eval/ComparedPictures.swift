import Plots
import StageSupport
import Tensors

/// The picture of several runs. Runs that differ in their seeds only are shown as one: figures and
/// curves by their means, layouts by the first.
struct ComparedPictures {
  private let comparison: Comparison
  private let groups: [Comparison.Group]
  private let command: Evaluate
  private let stage: Stage
  /// The name of each run: its first file, without folder and ending if that suffices.
  private let names: [String]

  init(_ comparison: Comparison, _ command: Evaluate, in stage: Stage) {
    (self.comparison, self.command, self.stage) = (comparison, command, stage)
    groups = comparison.groups
    names = Self.short(groups.map { $0.runs.first?.name ?? "" })
  }

  /// Names of files, without folders and endings if they stay distinct.
  static func short(_ files: [String]) -> [String] {
    let short = files.map { Path($0).sampleName }
    return Set(short).count == files.count ? short : files
  }

  /// Throws kind `badData` if there is nothing to draw.
  func picture() throws -> [UInt8] {
    guard let format = command.pictures.format else { return [] }
    let wants = { command.pictures.wants($0, ofSeveral: true) }
    var panels: [Panel] = []
    if wants(.layout) {
      try requireRoom("the layouts", groups.count)
      panels += layouts
    }
    if wants(.scores) { panels.append(scores) }
    if wants(.grid) { panels += try surfaces() }
    if wants(.losses) { panels += losses }
    if wants(.gradients) { panels += gradients }
    if wants(.alluvial) {
      try requireRoom("the clusters", comparison.views.count)
      panels += try ClusterFlows(comparison.views).panels(stage.log)
    }
    guard !panels.isEmpty else {
      throw StageFault(
        .badData,
        "there is nothing to draw (--figures): losses need a model's training, gradients sc-cluster --keep-snapshots"
      )
    }
    remarkOnMissing()
    let runs = groups.reduce(0) { $0 + $1.runs.count }
    // Layouts of other embeddings have other notes.
    let notes = groups.flatMap(\.runs).flatMap { $0.view.layouts.map(\.note) }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    // Only layouts are drawn at random.
    let caption = ["\(runs) runs"] + notes + (wants(.layout) ? ["seed \(stage.seed)"] : [])
    return try Sheet(panels, caption: caption.joined(separator: "; ")).picture(format)
  }

  /// Throws kind `usage` if a picture of pixels has no room for that many runs.
  private func requireRoom(_ what: String, _ runs: Int) throws {
    guard command.pictures.format == .png && runs > RunView.Choice.mostRaster else { return }
    throw StageFault(
      .usage,
      "--plot: a .png has room for \(what) of \(RunView.Choice.mostRaster) runs, but there are \(runs); name a file that ends in .svg or .pdf"
    )
  }

  /// Reports which runs have no curve of a kind that was asked for.
  private func remarkOnMissing() {
    let kinds: [(PictureKind, String, (RunCurve) -> Bool)] = [
      (.losses, "losses of a training", { $0.phase != RunCurve.gradients }),
      (.gradients, "gradients (sc-cluster --keep-snapshots)", { $0.phase == RunCurve.gradients }),
    ]
    for (kind, what, isMeant) in kinds where command.pictures.figures.contains(kind) {
      let without = groups.flatMap(\.runs).filter { !$0.view.curves.contains(where: isMeant) }
      guard !without.isEmpty else { continue }
      stage.log.note(
        "--figures \(kind.rawValue): left out, without \(what): \(listed(without.map(\.name)))")
    }
  }

  /// The figures that papers show, of those that there are.
  private func shown(_ names: [String]) -> [String] {
    let known = comparison.metrics
    let found = names.filter(known.contains)
    return found.isEmpty ? ["silhouette", "modularity"].filter(known.contains) : found
  }

  private func title(_ metric: String) -> String { Measure.known[metric]?.title ?? metric }

  private var scores: Panel {
    if groups.count > ScoreChart.limit {
      stage.log.note(
        "--figures scores: the picture has bars of the first \(ScoreChart.limit) of \(groups.count) runs; the table has all"
      )
    }
    let diagnosis = ["lambda_fr", "lambda_fd"].filter(comparison.metrics.contains)
    return .scores(
      ScoreChart(
        title: groups.contains { $0.runs.count > 1 }
          ? "Mean ± standard deviation of the runs" : "Metrics",
        runs: names,
        figures: (shown(["acc", "nmi", "ari"]) + diagnosis).map { metric in
          (
            title(metric),
            groups.map { group in
              let (mean, deviation) = group.statistics(metric)
              return ScoreChart.Score(mean: mean, deviation: deviation)
            }
          )
        }))
  }

  /// Throws kind `badData` unless the runs differ in two numbers alone.
  private func surfaces() throws -> [Panel] {
    let (x, y, places) = try groups.settingsOfGrid()
    return shown(["ari", "nmi"]).map { metric in
      .surface(
        SurfaceMap(
          title: title(metric), over: (x, y),
          points: zip(places, groups).map { place, group in
            (place.x, place.y, group.statistics(metric).mean ?? .nan)
          }))
    }
  }

  /// The total of every phase, a curve a run.
  private var losses: [Panel] {
    var phases: [String] = []
    for curve in groups.flatMap({ $0.runs.flatMap(\.view.curves) })
    where curve.phase != RunCurve.gradients && !phases.contains(curve.phase) {
      phases.append(curve.phase)
    }
    return phases.isEmpty
      ? []
      : [
        .losses(
          LossChart(
            title: "Losses", phases: phases.map { phase in field(phase) { $0.phase == phase } }))
      ]
  }

  /// Each cosine, a curve a run.
  private var gradients: [Panel] {
    let terms = ["lambda_fr", "lambda_fd"].filter { term in
      groups.contains { $0.runs.contains { $0.view.curves.contains { $0.term == term } } }
    }
    return terms.isEmpty
      ? []
      : [
        .losses(
          LossChart(
            title: "Agreement of the losses' gradients",
            phases: terms.map { term in
              field(Diagnosis.titles[term] ?? term, showing: [0, 1]) {
                $0.phase == RunCurve.gradients && $0.term == term
              }
            }))
      ]
  }

  /// One field: of every group the mean of the first curve of each run that is meant.
  private func field(
    _ title: String, showing: [Double] = [], _ isMeant: (RunCurve) -> Bool
  ) -> LossChart.Phase {
    LossChart.Phase(
      title: title,
      curves: zip(names, groups).compactMap { name, group in
        let curves = group.runs.compactMap { $0.view.curves.first(where: isMeant) }
        guard !curves.isEmpty else { return nil }
        let (epochs, values) = curves.mean
        return LossChart.Curve(name: name, epochs: epochs, values: values)
      }, showing: showing)
  }

  /// A scatter plot a run, all with the same colors, and what these mean.
  private var layouts: [Panel] {
    let views = groups.compactMap(\.runs.first?.view)
    // In the order of the first run, then what only others have.
    var codes: [String: Int] = [:]
    var classes: [String] = []
    for name in views.flatMap(\.classNames) where codes[name] == nil {
      codes[name] = classes.count
      classes.append(name)
    }
    let plots = zip(zip(names, groups), views).flatMap { group, view in
      view.layouts.map { layout in
        Panel.scatter(
          ScatterPlot(
            titleOfLayout(group.0, group.1), points: layout.points,
            classes: view.classes.map { $0.flatMap { codes[$0] } ?? -1 }, names: classes,
            hasLegend: false, axes: ("\(layout.method.title) 1", "\(layout.method.title) 2"),
            seed: stage.seed))
      }
    }
    return plots + [.key(key(of: classes, in: views))]
  }

  /// What the colors of the layouts mean.
  private func key(of classes: [String], in views: [RunView]) -> ColorKey {
    let counts = views.map { view in
      let found = view.classes.reduce(into: [:]) { $0[$1 ?? "", default: 0] += 1 }
      return classes.map { found[$0] ?? 0 }
    }
    let sums = classes.indices.map { place in counts.reduce(0) { $0 + $1[place] } }
    let labels = command.evaluation.labels
    // Clusters of one name in two runs have only that in common.
    if labels == nil && Set(views.map(\.classes)).count > 1 {
      return ColorKey(
        title: "Clusters (the colors are each run's own)", names: classes, counts: sums,
        countsCells: false)
    }
    let title =
      labels.map { "True labels: \($0)" }
      ?? (names.count == 1 ? "Clusters of \(names[0])" : "Clusters")
    // Runs of the same data have the same labels. If they differ, each class has the cells of all.
    guard Set(counts).count > 1 else {
      return ColorKey(title: title, names: classes, counts: counts.first ?? [])
    }
    return ColorKey(title: "\(title) (cells of all runs)", names: classes, counts: sums)
  }

  /// `full: ARI 0.8123`
  private func titleOfLayout(_ name: String, _ group: Comparison.Group) -> String {
    let row = shown(["ari"]).first.flatMap { metric in
      group.runs.first?.report.rows.first { $0.name == metric }
    }
    return row.map { "\(name): \(title($0.name)) \($0.rounded)" } ?? name
  }
}

extension [Comparison.Group] {
  /// The two settings that set the groups apart, and the values of both for every group.
  ///
  /// Throws kind `badData` unless there are two of them, and numbers.
  fileprivate func settingsOfGrid() throws -> (
    x: String, y: String, places: [(x: String, y: String)]
  ) {
    let settings = map { group in
      Dictionary(
        group.settings.compactMap { text -> (String, String)? in
          let parts = text.split(separator: "=", maxSplits: 1)
          return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }, uniquingKeysWith: { first, _ in first })
    }
    // ε before k, λ1 before λ2: as the papers, and the table of sc-cluster --grid, have them.
    let names = Set(flatMap(\.settings).map { String($0.prefix { $0 != "=" }) }).sorted(by: >)
    let places = settings.compactMap { values -> (x: String, y: String)? in
      guard names.count == 2, let x = values[names[0]], let y = values[names[1]],
        Double(x) != nil, Double(y) != nil
      else { return nil }
      return (x, y)
    }
    guard places.count == count, count > 1, Set(places.map { "\($0.x) \($0.y)" }).count == count
    else {
      throw StageFault(
        .badData,
        "--figures grid needs runs of the same data that differ in exactly two numbers (and in seeds); these differ in \(names.isEmpty ? "none" : listed(names))"
      )
    }
    let short = names.map { String($0.drop { $0 != "." }.dropFirst()) }
    return (short[0], short[1], places)
  }
}
