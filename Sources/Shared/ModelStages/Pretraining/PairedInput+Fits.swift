import NeuralNetworks
import Training

extension PairedInput {
  /// The fits of a model that explains both measurements by the cells' totals, or open and closed
  /// peaks; of values without counts there is none.
  var fits: [MeasuredFit] {
    var result: [MeasuredFit] = []
    if let counts = data.rna.counts {
      result.append(
        MeasuredFit(part: "rna", name: "the RNA", bounds: CountLossBounds(totaling: counts)))
    }
    if let counts = data.second?.counts {
      result.append(
        MeasuredFit(
          part: "second", name: "'\(secondName ?? "")'",
          bounds: secondIsBinary
            ? CountLossBounds(openOf: counts) : CountLossBounds(totaling: counts)))
    }
    return result
  }
}
