import CellData
import Models
import StageSupport
import Tensors
import Training

/// A model of scTPF with clusters, as sc-cluster leaves it, with the cells that it was trained on.
package struct ClusteredModel {
  private let model: ScTPF<Float>
  private let input: ModelInput
  private let rule: FilterRule.Settings
  /// The state that gave the clusters.
  package let result: CourseState
  /// The states of the training, where they were kept.
  package let course: [CourseState]

  /// Takes what sc-cluster wrote: `model.sctpf.…` with the centers, `obsm/X_latent`, `obs/reliability`, the course where there is one; and the
  /// tables that the model learned from.
  ///
  /// - Throws: `ModelStageFault` naming what is missing and the stage that makes it, and `ModelFault` where the weights make no model.
  package init(_ cells: CellData) throws {
    let weights = cells.weights(of: ScTPF<Float>.name)
    if weights.isEmpty {
      throw ModelStageFault(
        "there is no model of sctpf in the data; run sc-pretrain and sc-cluster first")
    }
    guard let centers = weights["centers"], centers.rows > 0 else {
      throw ModelStageFault(
        "model.sctpf.centers: the model has no clusters; run sc-cluster --method sctpf first")
    }
    var shape = try cells.configurationOfScTPF()
    input = try ModelInput(cells, explainsInput: shape.explainsInput)
    guard shape.genes == input.data.geneCount, centers.columns == shape.latent else {
      throw ModelStageFault(
        "model.sctpf: is one of \(shape.genes) genes and \(shape.latent) latent dimensions, but there are \(input.data.geneCount) genes, and centers of \(centers.columns) dimensions; run sc-pretrain and sc-cluster on these data"
      )
    }
    guard let latent = cells.obsm["X_latent"], latent.columns == shape.latent else {
      throw ModelStageFault(
        "obsm.X_latent: the model's codes are missing; run sc-cluster --method sctpf first")
    }
    let run = cells.history.last {
      $0.tool == "sc-cluster" && $0.settings["method"] == JSONValue.string("sctpf").text
    }
    func isOn(_ name: String) -> Bool { run?.settings[name] == JSONValue.boolean(true).text }
    result = CourseState(
      epoch: 0, weights: weights, latent: latent,
      reliability: isOn("no_filter") ? nil : try ClusteredModel.reliability(of: cells))
    course = try cells.course(of: ScTPF<Float>.name)
    shape.trainsCenters = !isOn("freeze_centers")
    if isOn("no_adjacency_loss") { shape.adjacencyWeight = 0 }
    if run?.settings["gamma"] == JSONValue.number(0).text { shape.gamma = 0 }
    model = ScTPF(shape, clusters: centers.rows)
    var rule = FilterRule.Settings()
    let isTransformed =
      run?.settings["encode_over"] == JSONValue.string(EncodingGraph.transformed.rawValue).text
    rule.encodesOver = isTransformed ? .transformed : .input
    rule.usesTransform = !isOn("no_transform")
    self.rule = rule
  }

  private static func reliability(of cells: CellData) throws(ModelStageFault) -> [Reliability] {
    guard let stored = cells.obs[cells.ownColumn("reliability")]?.classes else {
      throw ModelStageFault(
        "obs.reliability: it is not known which cells the model's filter trusts; run sc-cluster --method sctpf first"
      )
    }
    let reasons = stored.names.map { name in Reliability.allCases.first { $0.name == name } }
    // Another program may have left a cell without one: it is not trusted then.
    return stored.codes.map { $0 < 0 ? .margin : reasons[Int($0)] ?? .margin }
  }

  /// Λ_FR and Λ_FD at one of its states, on the graph that T makes of it, where the training had T.
  ///
  /// - Parameter targets: gives the cluster that every cell should be in, −1 for none, from that which it is in; nil for Λ_FD alone.
  /// - Throws: `ModelFault` where the state's weights are not the model's or give no finite gradient, and whatever `targets` throws.
  package func agreement(
    at state: CourseState, targets: ((_ assignment: [Int]) throws -> Buffer<Int32>)?
  ) throws -> GradientAgreement {
    try model.gradientAgreement(
      at: state, over: model.steps(over: input.data, input.graph, plan: BatchPlan()),
      rule: FilterRule(rule, adjacency: input.adjacency), targets: targets)
  }
}
