import CellData
import Models
import Tensors
import Training

extension CellData {
  /// The models whose weights the data carry.
  package var storedModels: [ModelName] {
    ModelName.allCases.filter { name in
      tensors.keys.contains { $0.hasPrefix("model.\(name.rawValue).") }
    }
  }

  /// The model that was trained last, as the history shows, or the only one stored; nil where there
  /// is none.
  package var storedModel: ModelName? {
    let stored = storedModels
    for entry in history.reversed() where entry.tool == "sc-pretrain" {
      if let name = stored.first(where: { entry.settings["model"] == "\"\($0.rawValue)\"" }) {
        return name
      }
    }
    return stored.first
  }

  /// The weights of a model, by parameter name; empty where there are none.
  package func weights(of model: String) -> ModelWeights {
    let prefix = "model.\(model)."
    var result: ModelWeights = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) {
      result[String(name.dropFirst(prefix.count))] = tensor.matrix(Float.self)
    }
    return result
  }

  /// Throws a `ModelStageFault` where there are no weights of a model that is to be trained on.
  package func requireModel(_ model: ModelName) throws(ModelStageFault) {
    _ = try requiredWeights(of: model.rawValue)
  }

  /// The weights of a model that is to be trained on.
  ///
  /// - Throws: `ModelStageFault` where there are none.
  package func requiredWeights(of model: String) throws(ModelStageFault) -> ModelWeights {
    let stored = weights(of: model)
    if !stored.isEmpty { return stored }
    throw ModelStageFault(
      "there is no model of \(model) in the data; run sc-pretrain --model \(model) first, or choose another --method"
    )
  }

  /// Replaces the stored weights of a model, and the names of their genes. The snapshots of the
  /// earlier training are removed.
  package mutating func store(_ weights: ModelWeights, of model: String) {
    let prefix = "model.\(model)."
    for name in tensors.keys
    where name.hasPrefix(prefix) || name.hasPrefix(snapshotPrefix(of: model)) {
      tensors[name] = nil
    }
    for (name, matrix) in weights { tensors[prefix + name] = Tensor(matrix) }
    noteGenes(of: model)
  }

  /// Stores the loss of every epoch as uns.loss.MODEL.PHASE (epochs, terms), and beside it the
  /// names of the terms. A term that an epoch did not have is 0.
  package mutating func store(_ curve: [LossTerms], of model: String, phase: String) {
    let name = "uns.loss.\(model).\(phase)"
    var terms: [String] = []
    for loss in curve {
      for part in loss.parts where !terms.contains(part.name) { terms.append(part.name) }
    }
    (tensors[name], settings["\(name)_terms"]) = (nil, nil)
    guard !curve.isEmpty else { return }
    tensors[name] = Tensor(
      Matrix(
        curve.map { loss in
          [Float(loss.total)]
            + terms.map { term in
              Float(loss.parts.first { $0.name == term }?.value ?? 0)
            }
        }))
    settings["\(name)_terms"] =
      "[\((["total"] + terms).map { "\"\($0)\"" }.joined(separator: ","))]"
  }
}
