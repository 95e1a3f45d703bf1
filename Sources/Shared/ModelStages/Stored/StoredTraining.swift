// A training's state as tensors: checkpoint.PART.matrix.NAME (F32), checkpoint.PART.numbers.NAME
// (F64), and the losses. checkpoint.PART.curve has total and terms of every epoch one after the
// other. checkpoint.PART.curve_terms shows what each number is: −1 for a total, else its position
// in checkpoint.PART.curve_names. These are lines of text. In double precision they are the same
// numbers again.

import CellData
import Models
import Tensors
import Training

extension CellData {
  /// Adds a state under the name of its part, which has no dot.
  mutating func store(_ state: TrainingState<Float>, part: String) {
    let prefix = "checkpoint.\(part)."
    for (name, matrix) in state.matrices { tensors["\(prefix)matrix.\(name)"] = Tensor(matrix) }
    for (name, values) in state.numbers { tensors["\(prefix)numbers.\(name)"] = Tensor(values) }
    var names: [String] = []
    var (values, terms): ([Double], [Int32]) = ([], [])
    for loss in state.curve {
      values.append(loss.total)
      terms.append(-1)
      for part in loss.parts {
        if !names.contains(part.name) { names.append(part.name) }
        values.append(part.value)
        terms.append(Int32(names.firstIndex(of: part.name) ?? 0))
      }
    }
    tensors["\(prefix)curve"] = Tensor(values)
    tensors["\(prefix)curve_terms"] = Tensor(terms)
    tensors["\(prefix)curve_names"] = Tensor(Array(names.joined(separator: "\n").utf8))
  }

  /// All states that are stored, by the names of their parts.
  ///
  /// - Throws: `ResumptionFault` where a curve does not hold together.
  func trainingParts() throws(ResumptionFault) -> [String: TrainingState<Float>] {
    var parts: [String: TrainingState<Float>] = [:]
    for (name, tensor) in tensors {
      let words = name.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
      guard words.count >= 3, words[0] == "checkpoint" else { continue }
      let part = String(words[1])
      if words.count == 4 {
        let key = String(words[3])
        switch words[2] {
        case "matrix": parts[part, default: .init()].matrices[key] = tensor.matrix(Float.self)
        case "numbers":
          parts[part, default: .init()].numbers[key] = tensor.values(Double.self).map { Array($0) }
        default: throw ResumptionFault(name)
        }
      } else if words[2] == "curve" {
        parts[part, default: .init()].curve = try curve(part)
      }
    }
    return parts
  }

  private func curve(_ part: String) throws(ResumptionFault) -> [LossTerms] {
    let name = "\(part).curve"
    guard let values = tensors["checkpoint.\(name)"]?.values(Double.self),
      let terms = tensors["checkpoint.\(name)_terms"]?.values(Int32.self),
      let text = tensors["checkpoint.\(name)_names"]?.values(UInt8.self),
      values.count == terms.count, terms.first ?? -1 == -1
    else { throw ResumptionFault(name) }
    let names = String(decoding: Array(text), as: UTF8.self).split(separator: "\n").map(String.init)
    var curve: [LossTerms] = []
    for (value, term) in zip(values, terms) {
      if term == -1 {
        curve.append(LossTerms(total: value, parts: []))
      } else if names.indices.contains(Int(term)) {
        curve[curve.count - 1].parts.append((names[Int(term)], value))
      } else {
        throw ResumptionFault(name)
      }
    }
    return curve
  }
}
