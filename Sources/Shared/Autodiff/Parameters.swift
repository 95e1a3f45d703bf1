import Tensors

/// How a parameter's values are drawn before training.
package enum Initializer: Sendable {
  /// All zero: biases.
  case zeros
  /// All one: the scales of normalizations.
  case ones
  /// Uniform in ±sqrt(6 / (rows + columns)): Glorot and Bengio 2010.
  case glorotUniform
  /// Uniform in ± a limit.
  case uniform(Double)
}

/// One trained matrix: its name in the stream and its place in the flat weights.
package struct Parameter: Sendable, Equatable {
  /// Its position among the parameters.
  package let number: Int
  package let name: String
  package let rows: Int
  package let columns: Int
  /// The place of its first value among all weights.
  package let offset: Int

  package var count: Int { rows * columns }
}

/// The trained weights of a model. Every parameter is a window into one flat buffer of weights and
/// one of gradients. So an optimizer is one loop, and a checkpoint a few named windows.
package final class Parameters<S: EngineScalar> {
  package private(set) var all: [Parameter] = []
  private var initializers: [Initializer] = []
  private var flatWeights: Window<S>?
  private var flatGradients: Window<S>?

  package init() {}

  /// Declares a parameter; all must be declared before the weights are first used.
  package func declare(_ name: String, rows: Int, columns: Int, _ initializer: Initializer)
    -> Parameter
  {
    precondition(flatWeights == nil, "\(name) is declared after the weights were laid out")
    let offset = all.last.map { $0.offset + $0.count } ?? 0
    let parameter = Parameter(
      number: all.count, name: name, rows: rows, columns: columns, offset: offset)
    all.append(parameter)
    initializers.append(initializer)
    return parameter
  }

  /// The number of weights.
  package var count: Int { all.reduce(0) { $0 + $1.count } }

  /// All weights in a row. (1, count)
  package var weights: Window<S> {
    if let flatWeights { return flatWeights }
    let window = Window<S>(uninitializedRows: 1, columns: count)
    window.fill(with: 0)
    flatWeights = window
    return window
  }

  /// The gradient of the last step, in the order of the weights. (1, count)
  package var gradients: Window<S> {
    if let flatGradients { return flatGradients }
    let window = Window<S>(uninitializedRows: 1, columns: count)
    window.fill(with: 0)
    flatGradients = window
    return window
  }

  package func weights(of parameter: Parameter) -> Window<S> {
    weights.window(at: parameter.offset, rows: parameter.rows, columns: parameter.columns)
  }

  package func gradient(of parameter: Parameter) -> Window<S> {
    gradients.window(at: parameter.offset, rows: parameter.rows, columns: parameter.columns)
  }

  /// Draws all values again; each parameter has its own stream of random numbers.
  package func initialize(seed: UInt64) {
    for (parameter, initializer) in zip(all, initializers) {
      let window = weights(of: parameter)
      switch initializer {
      case .zeros: window.fill(with: 0)
      case .ones: window.fill(with: 1)
      case .glorotUniform:
        let limit = (6 / Double(parameter.rows + parameter.columns)).squareRoot()
        draw(window, within: limit, seed: seed.stream(.weights, parameter.number))
      case .uniform(let limit):
        draw(window, within: limit, seed: seed.stream(.weights, parameter.number))
      }
    }
  }

  private func draw(_ window: Window<S>, within limit: Double, seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    for i in 0..<window.rows {
      for j in 0..<window.columns {
        window[i, j] = S(limit * (2 * generator.uniform() - 1))
      }
    }
  }

  /// The parameter of that name.
  package subscript(name: String) -> Parameter? { all.first { $0.name == name } }
}
