import ArgumentParser
import CellData
import ModelStages
import StageSupport
import Tensors
import Training

/// Which columns are scored, and against which.
struct EvaluationOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "The true labels: a column of obs, or a file of barcodes and labels. FILE:COLUMN chooses among several columns.",
      valueName: "column|file"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "The column of obs with the clusters. (default: the one that sc-cluster wrote last, else cluster)",
      valueName: "column"))
  var clustersColumn: String?

  @Option(
    name: [.long, .customLong("ignore-label")],
    help: ArgumentHelp(
      "Exclude cells with this true label; may be given several times.", valueName: "label"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "The embedding (a name in obsm) for distances and layouts. (default: X_latent, else X_pca_harmony, X_joint or X_pca)",
      valueName: "name"))
  var use: String?

  @Option(
    help: ArgumentHelp(
      "95 % intervals of the metrics with true labels and of the silhouette, from N samples of the cells.",
      valueName: "n"))
  var bootstrap: Int?

  @Option(
    help: ArgumentHelp(
      "Also measure how well the batches of this column mix and, with --labels, how well types stay separate (scIB's metrics).",
      valueName: "column"))
  var batchKey: String?

  @Flag(
    help:
      "Also measure feature drift and feature randomness of a model with clusters. lambda_fd is the cosine between the gradients of its clustering loss and its reconstruction. lambda_fr, with --labels, compares its clustering loss with that of the true labels. With sc-cluster --keep-snapshots both follow the epochs."
  )
  var diagnose = false

  mutating func validate() throws {
    if let labels, labels == clustersColumn {
      throw ValidationError(
        "--labels and --clusters-column both name '\(labels)': a column cannot be compared with itself."
      )
    }
  }

  static let declarations: [OptionDeclaration] = [
    .option("labels", for: .figures), .option("clusters-column", for: .figures),
    .option("ignore", for: .with("labels"), .figures),
    .option("ignore-label", for: .with("labels"), .figures), .option("use", for: .figures),
    .option("bootstrap", .integers(10...1_000_000), for: .figures, .oneRun),
    .option("batch-key", for: .figures), .option("diagnose", for: .figures),
  ]

  /// The column of the clusters.
  func column(in cells: CellData) -> String {
    clustersColumn ?? cells.ownColumn("cluster")
  }

  /// Throws kind `badData` if a stage of this project computed the labels, so that they are not the
  /// user's.
  private func requireTruth(in cells: CellData) throws {
    guard let labels else { return }
    if cells.isResult(labels) {
      let own = cells.obs.columnNames.filter { !cells.isResult($0) }
      throw StageFault(
        .badData,
        "obs/\(labels) is a result of this pipeline, not true labels; give --labels a column of yours: \(listed(own))"
      )
    }
    if labels == column(in: cells) {
      throw StageFault(
        .badData,
        "obs/\(labels) would be compared with itself; name the column of the clusters with --clusters-column"
      )
    }
  }

  /// What shapes the result.
  func settings(for cells: CellData) -> [(String, JSONValue)] {
    [
      ("labels", .optional(labels)), ("clusters_column", .string(column(in: cells))),
      ("ignore", .array(ignore.map { .string($0) })), ("use", .optional(use)),
      ("bootstrap", .optional(bootstrap)),
    ] + (batchKey.map { [("batch_key", .string($0))] } ?? [])
      + switchedOn([("diagnose", diagnose)])
  }

  /// The cells that count.
  func selection(_ cells: CellData, in stage: Stage) throws -> Selection {
    try requireTruth(in: cells)
    let selection = try Selection(
      cells, clusters: column(in: cells), labels: labels, ignoring: ignore)
    selection.announce(on: stage.log)
    return selection
  }

  /// What the training of the model did to the features, if that is asked for.
  func diagnosis(_ cells: CellData, _ selection: Selection, in stage: Stage) throws -> Diagnosis? {
    guard diagnose else { return nil }
    let learners = try Learners(storedIn: cells)
    let model = try ClusteredModel(learners.cells)
    var extent = model.extent
    extent.copies = Double(3 + model.snapshots.count)
    try stage.require(.training(learners.cells.extent, extent, isRead: true))
    for remark in model.remarks { stage.log.note(remark) }
    if selection.truth == nil && model.hasClusteringLoss {
      stage.log.note("lambda_fr needs true labels (--labels)")
    }
    let truth = selection.truth.map { truth in learners.rows.map { $0.map { truth[$0] } } ?? truth }
    return try Diagnosis(model, truth: truth) { done, total in
      stage.progress.update(done: done, total: total, note: "gradients")
    }
  }

  /// Evaluates one file after another, and keeps what pictures show of it. Runs without a model
  /// with clusters have no diagnosis.
  func compare(
    _ paths: [Path], _ input: InputOptions, viewing view: RunView.Choice, in stage: Stage
  ) throws -> Comparison {
    var result = Comparison()
    for path in paths {
      let file = path.isStandard ? "standard input" : path.description
      var (cells, _) = try stage.open(path, verifying: !input.skipsVerification) { .reading($0) }
      try stage.require(.evaluating(cells, view.extent(of: cells, embedding: use)))
      do {
        let evaluation = try attachingLabels(to: &cells, in: stage)
        let selection = try evaluation.selection(cells, in: stage)
        let isModel = cells.clusteredModel != nil
        let figures = try Figures(
          of: cells, selection, embedding: use, batches: batchKey,
          diagnosis: isModel ? try diagnosis(cells, selection, in: stage) : nil, seed: stage.seed)
        let subject = RunSubject(cells, clusters: evaluation.column(in: cells))
        let shown = try RunView(
          view, of: cells, selection, figures, evaluation: evaluation, in: stage)
        if let known = result.add(file, cells.history, subject, figures, shown) {
          stage.log.note("\(file) is identical to \(known), so it counts once")
        }
      } catch let fault as any Fault where fault.kind == .badData {
        throw StageFault(.badData, fault.description, in: file)
      }
    }
    for remark in result.remarks { stage.log.note(remark) }
    return result
  }
}

extension Requirement {
  /// What `--history` prints instead.
  static let figures = Requirement.without("history")
  static let oneRun = Requirement.without("compare")
}
