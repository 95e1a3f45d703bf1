// The snapshots of a training with clusters, as sc-cluster --keep-snapshots keeps it: of every run
// of the filter, by the number of epochs before it,
//   uns.snapshots.MODEL.EPOCH.weights.NAME     the weights, under the names of model.MODEL.NAME
//   uns.snapshots.MODEL.EPOCH.latent           Z (N, D)
//   uns.snapshots.MODEL.EPOCH.reliability      what the filter found, by the place in the list of
//                                           reasons (N); absent without a filter
//   uns.snapshots.MODEL.cells                  whose the rows are (CellOrder)

import CellData
import Models
import Tensors
import Training

/// What the names of a model's stored snapshots begin with.
func snapshotPrefix(of model: String) -> String { "uns.snapshots.\(model)." }

extension CellData {
  /// Adds the states of a training.
  package mutating func store(_ snapshots: [TrainingSnapshot], of model: String) {
    if !snapshots.isEmpty { noteRows(below: snapshotPrefix(of: model), of: obs.index) }
    for state in snapshots {
      let prefix = "\(snapshotPrefix(of: model))\(state.epoch)."
      for (name, matrix) in state.weights { tensors["\(prefix)weights.\(name)"] = Tensor(matrix) }
      tensors["\(prefix)latent"] = Tensor(state.latent)
      tensors["\(prefix)reliability"] = state.reliability.map { reliability in
        Tensor(reliability.map { UInt8(truncatingIfNeeded: $0.rawValue) })
      }
    }
  }

  /// The states of the training that are stored, by rising epoch; none where it was not kept.
  ///
  /// - Throws: `ModelStageFault` where one is not of these cells, or damaged.
  package func snapshots(of model: String) throws(ModelStageFault) -> [TrainingSnapshot] {
    let prefix = snapshotPrefix(of: model)
    var weights: [Int: ModelWeights] = [:]
    for (name, tensor) in tensors
    where name.hasPrefix(prefix) && name != prefix + Self.rowNamesKey {
      let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 2)
      guard let epoch = parts.first.flatMap({ Int($0) }), epoch >= 0 else {
        throw ModelStageFault("\(name): is not a snapshot of a training; run sc-cluster again")
      }
      let isWeight = parts.count == 3 && parts[1] == "weights"
      if isWeight { weights[epoch, default: [:]][String(parts[2])] = tensor.matrix(Float.self) }
    }
    guard areRows(below: prefix, of: obs.index) else {
      throw ModelStageFault(
        "\(prefix)\(Self.rowNamesKey): the snapshots are of other cells, or of cells with other names; run sc-cluster --keep-snapshots again"
      )
    }
    var states: [TrainingSnapshot] = []
    for (epoch, weights) in weights.sorted(by: { $0.key < $1.key }) {
      let place = "\(prefix)\(epoch)"
      let latent = tensors["\(place).latent"]?.matrix(Float.self)
      let reliability = tensors["\(place).reliability"].map { stored in
        (stored.values(UInt8.self) ?? Buffer([])).compactMap { Reliability(rawValue: Int32($0)) }
      }
      guard let latent, latent.rows == cellCount, reliability?.count ?? cellCount == cellCount,
        latent.columns == weights["centers"]?.columns
      else {
        throw ModelStageFault(
          "\(place): is damaged or was stored for other cells; run sc-cluster --keep-snapshots again"
        )
      }
      states.append(
        TrainingSnapshot(epoch: epoch, weights: weights, latent: latent, reliability: reliability))
    }
    return states
  }
}
