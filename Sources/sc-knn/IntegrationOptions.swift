import ArgumentParser
import CellData
import Integration
import StageSupport
import Tensors

/// How batches are brought together before neighbors are searched.
enum IntegrationMethod: String, CaseIterable, ExpressibleByArgument {
  case harmony
}

/// Whether batches are brought together, and how.
struct IntegrationOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "The column of obs with the batches.", valueName: "column"))
  var batchKey: String?

  @Option(
    help: ArgumentHelp(
      "Integrate the batches of --batch-key before the neighbor search. The only method is harmony.",
      valueName: "method"))
  var integrate: IntegrationMethod?

  @Option(
    help: ArgumentHelp(
      "With harmony: the diversity penalty of clusters; 0: clusters form without regard to batches. (default: 2)",
      valueName: "number"))
  var theta: Double?

  static let declarations: [OptionDeclaration] = [
    .option("batch-key", for: .with("integrate")),
    .option("integrate", for: .with("batch-key")),
    .option("theta", .reals(0...100), for: .with("integrate")),
  ]

  /// For the provenance. `integrated` names the embedding that the graph is built from.
  func settings(_ embedding: String?) -> [(String, JSONValue)] {
    guard integrate != nil else { return [] }
    return [
      ("integrate", .optional(integrate?.rawValue)), ("batch_key", .optional(batchKey)),
      ("theta", .number(theta ?? HarmonyOptions().theta)), ("integrated", .optional(embedding)),
    ]
  }
}

extension CellData {
  /// Aligns the batches in an embedding and stores the result as scanpy calls it: `X_pca_harmony`.
  /// Nil if no integration is asked for. (N, d)
  ///
  /// Throws kind `badData` if a cell has no batch, or if all cells are of one.
  mutating func addIntegrated(
    _ points: Matrix<Float>, of name: String, _ options: IntegrationOptions, _ stage: Stage
  ) throws -> (points: Matrix<Float>, name: String, note: String)? {
    clearIntegrated()
    guard options.integrate != nil, let key = options.batchKey else { return nil }
    let batches = try obs.batches(key)
    var harmony = HarmonyOptions()
    harmony.theta = options.theta ?? harmony.theta
    harmony.seed = stage.seed
    let found: Harmony
    do {
      found = try Harmony(of: points, batches: batches.codes, options: harmony) {
        stage.progress.update(done: $0, total: harmony.rounds, note: "rounds of harmony")
      }
    } catch let fault as IntegrationFault {
      throw StageFault(fault.kind, "obs/\(key): \(fault.description)")
    }
    stage.progress.finish()
    let stored = "\(name)_harmony"
    obsm[stored] = found.corrected
    let end = found.hasConverged ? "converged" : "not converged"
    return (
      found.corrected, stored,
      ", \(batches.names.count) batches of obs/\(key) integrated by harmony (\(found.rounds) rounds, \(end))"
    )
  }

  /// Removes the embedding of an earlier run of ours. A user's embedding of that name stays until
  /// it is replaced.
  private mutating func clearIntegrated() {
    let own = Parts(of: self).own
    for name in obsm.keys where name.hasSuffix("_harmony") && own.contains("obsm/\(name)") {
      obsm[name] = nil
    }
  }
}
