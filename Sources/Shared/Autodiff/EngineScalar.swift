import Tensors

/// A precision that models compute in: Float to train, Double to check.
package typealias EngineScalar = Real
