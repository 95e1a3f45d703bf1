// The product of K normal distributions and the standard normal one, which is again a normal
// distribution (Hinton 2002). T_k = 1 / (e^{l_k} + ε), T_0 = 1 / (1 + ε), S = Σ T; m = Σ T_k m_k /
// S, l = −ln S. m_k, l_k, m, l (N, D). With g and h the gradients by m and l: dm_k = g T_k / S,
// dl_k = −(g (m_k − m) − h) e^{l_k} T_k² / S.

import Glibc
import Tensors

/// One of the distributions in the product.
package struct NormalExpert<S: EngineScalar>: Sendable {
  /// (N, D)
  package let mean: Variable<S>
  package let logVariance: Variable<S>

  package init(mean: Variable<S>, logVariance: Variable<S>) {
    (self.mean, self.logVariance) = (mean, logVariance)
  }
}

/// ε: no expert is more certain than its inverse.
private let leastVariance = 1e-8

/// T of a log variance.
private func precision(_ logVariance: Double) -> Double { 1 / (exp(logVariance) + leastVariance) }

private struct ProductOfExperts<S: EngineScalar>: Operation {
  let experts: [NormalExpert<S>]
  /// [m, l]. (N, 2 D)
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    for expert in experts {
      if let sink = tape.sink(for: expert.mean) {
        addMeanGradient(of: expert, in: output.value, outer, to: sink)
      }
      if let sink = tape.sink(for: expert.logVariance) {
        addVarianceGradient(of: expert, in: output.value, outer, to: sink)
      }
    }
  }
}

/// [m, l] of experts. (N, 2 D)
@specialized(where S == Float)
private func multiplyExperts<S: EngineScalar>(_ experts: [NormalExpert<S>], into output: Window<S>)
{
  let width = output.columns / 2
  for i in 0..<output.rows {
    for d in 0..<width {
      var (sum, weighted) = (precision(0), 0.0)
      for expert in experts {
        let own = precision(Double(expert.logVariance.value[i, d]))
        sum += own
        weighted += own * Double(expert.mean.value[i, d])
      }
      output[i, d] = S(weighted / sum)
      output[i, width + d] = S(-log(sum))
    }
  }
}

@specialized(where S == Float)
private func addMeanGradient<S: EngineScalar>(
  of expert: NormalExpert<S>, in product: Window<S>, _ outer: Window<S>, to sink: GradientSink<S>
) {
  let width = product.columns / 2
  for i in 0..<product.rows {
    for d in 0..<width {
      let share =
        precision(Double(expert.logVariance.value[i, d])) * exp(Double(product[i, width + d]))
      let gradient = S(Double(outer[i, d]) * share)
      sink.window[i, d] = sink.accumulates ? sink.window[i, d] + gradient : gradient
    }
  }
}

@specialized(where S == Float)
private func addVarianceGradient<S: EngineScalar>(
  of expert: NormalExpert<S>, in product: Window<S>, _ outer: Window<S>, to sink: GradientSink<S>
) {
  let width = product.columns / 2
  for i in 0..<product.rows {
    for d in 0..<width {
      let logVariance = Double(expert.logVariance.value[i, d])
      let own = precision(logVariance)
      let share = own * exp(Double(product[i, width + d]))
      let away = Double(expert.mean.value[i, d]) - Double(product[i, d])
      let slope = Double(outer[i, d]) * away - Double(outer[i, width + d])
      let gradient = S(-slope * share * exp(logVariance) * own)
      sink.window[i, d] = sink.accumulates ? sink.window[i, d] + gradient : gradient
    }
  }
}

extension Tape {
  /// The product of normal distributions and the standard normal one. (N, D), … → (N, D) (N, D)
  package func productOfExperts(_ experts: [NormalExpert<S>]) -> NormalExpert<S> {
    let first = experts[0].mean
    for variable in experts.flatMap({ [$0.mean, $0.logVariance] }) {
      precondition(
        variable.rows == first.rows && variable.columns == first.columns,
        "experts of \(first.rows) × \(first.columns) and \(variable.rows) × \(variable.columns)")
    }
    let both = result(rows: first.rows, columns: 2 * first.columns)
    multiplyExperts(experts, into: both.value)
    record(ProductOfExperts(experts: experts, output: both))
    return NormalExpert(
      mean: columns(0..<first.columns, of: both),
      logVariance: columns(first.columns..<2 * first.columns, of: both))
  }
}
