import ArgumentParser
import ModelStages
import Models
import StageSupport

extension ModelName: ExpressibleByArgument {
  /// Capitals do not matter: the papers write scDSC.
  package init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// What most people need: which model, by which settings, how long and how often.
struct MainOptions: DeclaredOptions {
  @Option(
    help:
      "The model: sctpf, sctag, scdsc, scdeepcluster, sczidesk, desc, scemc, scmdc, dcca, scmcs or scmvae. sctpf, sctag and scdsc read RNA and its graph. scdeepcluster, sczidesk and desc read RNA alone, and desc needs no counts. scemc reads paired data and their graph; scmdc, dcca, scmcs and scmvae read paired data alone."
  )
  var model = ModelName.standard

  @Option(
    help:
      "The settings: default (shorter training), paper (the published method) or released (the authors' program). For sctpf, paper:SET is the same as paper. The pages of the methods list all differences."
  )
  var preset = PresetChoice(base: .default)

  @Option(
    help: ArgumentHelp(
      "The highest number of passes over all cells; desc, dcca, scmcs and scmvae divide them among their rounds. (default: sctpf, sctag 10 to 100, for 400 steps; desc rounds of 5 to 50, for 1000 steps; dcca, scmcs rounds of 40 to 100, for 1500 steps; scmvae 60 to 150, for 2500 steps; others 10 to 60, for 750 steps; paper: sctpf 300, sctag and sczidesk 1000, desc 450 or, with two layers, 600, scdsc 100, dcca 3500, scmcs 1500, scmvae 500, others 400)",
      valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "The number of models to train. Each further model uses other genes, another scaling and its own graph. sc-cluster combines them. (default: sctpf, sctag, scdsc 6, others 1; paper: 1)",
      valueName: "n"))
  var models: Int?

  static let declarations: [OptionDeclaration] = [
    .option("model"), .option("preset"), .option("epochs", .integers(1...1_000_000)),
    .option("models", .integers(1...1000)),
  ]
}
