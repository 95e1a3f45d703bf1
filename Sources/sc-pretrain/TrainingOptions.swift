import ArgumentParser
import StageSupport

/// How any model is trained before it clusters. What is not given comes from the preset.
struct TrainingOptions: ParsableArguments {
  @Option(
    help:
      "default: what gives good clusters soonest. paper: the published model and schedule; scTPF: all cells in every step and 300 epochs; scEMC: 400 epochs without the graph."
  )
  var preset: Preset = .default

  @Option(
    help: ArgumentHelp(
      "Passes over all cells, at most. (default: as many as make 400 steps, from 10 to 100, scemc 750 steps, to 60; paper: 300, 400)",
      valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "The step size of Adam. (default: 1e-3; paper: sctpf 5e-4, scemc 1e-3)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0: all (sctpf). (default: 256; paper: sctpf 0)", valueName: "n"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Models to train, each after the first on other genes, another scale and the graph that these give; sc-cluster looks for what they have in common. (default: sctpf 6, scemc 1; paper: 1)",
      valueName: "n"))
  var restarts: Int?

  @Option(
    help: ArgumentHelp(
      "The highest power of the graph in the encoder's first layer. (default: 3; paper: sctpf 3, scemc 0)",
      valueName: "n"))
  var hops: Int?

  mutating func validate() throws {
    try require((epochs ?? 1) >= 1, "epochs", "1 or more")
    try require((restarts ?? 1) >= 1, "restarts", "1 or more")
    try require((batchSize ?? 0) >= 0, "batch-size", "0 or more")
    try require((0...16).contains(hops ?? 0), "hops", "from 0 to 16")
    try require(
      (learningRate ?? 1) > 0 && (learningRate ?? 1).isFinite, "learning-rate", "above 0")
  }

  var isPaper: Bool { preset == .paper }

  /// How many models are trained: by default `usual`.
  func modelCount(usually usual: Int) -> Int { restarts ?? (isPaper ? 1 : usual) }

  /// What the epochs of a model are called.
  func phase(_ number: Int) -> String {
    number == 0 ? "pretrain" : "pretrain model \(number + 1)"
  }
}
