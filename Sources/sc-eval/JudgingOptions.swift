import ArgumentParser
import CellData
import StageSupport
import Tensors

/// What is judged, and against what.
struct JudgingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The column of obs with the true labels.", valueName: "column"))
  var labels: String?

  @Option(help: ArgumentHelp("The column of obs with the clusters.", valueName: "column"))
  var clustersColumn = "cluster"

  @Option(
    name: [.long, .customLong("ignore-label")],
    help: ArgumentHelp(
      "A true label whose cells are left out; may be given several times.", valueName: "label"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "The embedding (a name in obsm) to measure distances in, and to lay out. (default: X_latent)",
      valueName: "name"))
  var use: String?

  @Option(
    help: ArgumentHelp(
      "Give the figures with true labels, and the silhouette, a 95 % interval from this many samples of the cells.",
      valueName: "n"))
  var bootstrap: Int?

  mutating func validate() throws {
    if labels == nil && !ignore.isEmpty {
      throw ValidationError("--ignore needs --labels: it names a true label.")
    }
    if let bootstrap, !(10...1_000_000).contains(bootstrap) {
      throw ValidationError("--bootstrap \(bootstrap): must be from 10 to 1,000,000.")
    }
  }

  /// What shapes the result.
  var settings: [(String, JSONValue)] {
    [
      ("labels", .optional(labels)), ("clusters_column", .string(clustersColumn)),
      ("ignore", .array(ignore.map { .string($0) })), ("use", .optional(use)),
      ("bootstrap", .optional(bootstrap)),
    ]
  }

  /// The cells that count.
  func selection(_ cells: CellData, in stage: Stage) throws -> Selection {
    let selection = try Selection(
      cells, clusters: clustersColumn, labels: labels, ignoring: ignore)
    selection.announce(on: stage.log)
    return selection
  }

  /// Judges one file after the other.
  func compare(_ paths: [Path], _ input: InputOptions, in stage: Stage) throws -> Comparison {
    var result = Comparison()
    for path in paths {
      let file = path.isStandard ? "standard input" : path.description
      let (cells, _) = try stage.open(path, verifying: !input.skipsVerification)
      do {
        let figures = try Figures(
          of: cells, try selection(cells, in: stage), embedding: use, seed: stage.seed)
        result.add(file, cells.history, figures)
      } catch let fault as any Fault where fault.kind == .badData {
        throw StageFault(.badData, fault.description, in: file)
      }
    }
    return result
  }
}
