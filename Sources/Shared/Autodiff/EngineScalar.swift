import Tensors

/// A precision for models: Float to train, Double to check.
package typealias EngineScalar = Real
