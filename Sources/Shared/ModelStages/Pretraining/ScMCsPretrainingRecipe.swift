import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

extension ScMCsPretraining: PretrainingRecipe {
  /// - Throws: `ModelFault` where a step is to take more cells than can attend to each other.
  package func input(of cells: CellData, productBytes: Int) throws -> PairedInput {
    let limit = ScMCs<Float>.referenceLimit
    if batchSize == 0 && cells.cellCount > limit {
      throw ModelFault(
        .noMemory,
        "\(cells.cellCount) cells would attend to each other in each step; the maximum is \(limit); give --batch-size 128, or --sketch \(limit)"
      )
    }
    return try PairedInput(countsOf: cells, for: ScMCs<Float>.name)
      .seeingBatches(of: ScMCs<Float>.name, in: cells)
  }

  package func notes(on input: PairedInput) -> [String] {
    let limit = ScMCs<Float>.referenceLimit
    let isLarge = input.data.cellCount > limit
    return input.notes + input.binaryNotes
      + (isLarge
        ? ["to compute codes, each cell attends to \(limit) of the cells, not to all"] : [])
  }

  /// Where the second measurement weighs next to nothing, its fit says nothing of the codes.
  package func fits(of input: PairedInput) -> [MeasuredFit] {
    input.fits.filter { $0.part == "rna" || model.secondWeight >= 0.1 }
  }

  package func model(of input: PairedInput, number: Int) -> ScMCs<Float> {
    ScMCs(shape(for: input.data, secondIsBinary: input.secondIsBinary))
  }

  package func steps(
    of input: PairedInput, for model: ScMCs<Float>, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(
      input.data, size: stepSize(cells: input.data.cellCount), seed: seed,
      heldOutShare: heldOutShare)
  }

  package func settings(of model: ScMCs<Float>) -> [(String, JSONValue)] {
    [
      ("batch_size", .integer(batchSize)), ("held_out", .number(heldOutShare)),
      ("second_pace", .number(secondLearningRateFactor)),
    ] + model.configuration.settings
  }
}

extension ScMCs.Configuration {
  /// What the provenance notes of the model and its losses.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("latent", .integer(latent)),
      ("rna_likelihood", .string(rnaLikelihood.rawValue)),
      ("second_likelihood", .string(secondLikelihood.rawValue)),
      ("second_widths", .widths(secondEncoder)), ("rna_share", .number(rnaShare)),
      ("second_share", .number(secondShare)), ("second_weight", .number(secondWeight)),
      ("contrast", .number(contrastWeight)),
    ]
  }
}
