import CKernels
import Tensors

/// A precision that the engine's kernels exist for: Float to train, Double to check.
package protocol EngineScalar: Real {
  static var kernels: Kernels<Self> { get }
}

/// The kernels of CKernels for one precision. Their headers state formulas, shapes and aliasing rules; whoever calls one vouches for them.
@safe package struct Kernels<S: EngineScalar>: Sendable {
  package typealias Input = UnsafePointer<S>?
  package typealias Output = UnsafeMutablePointer<S>?
  package typealias Starts = UnsafePointer<Int>?
  package typealias Columns = UnsafePointer<Int32>?
  package typealias DoubleOutput = UnsafeMutablePointer<Double>?

  package let zinb:
    @Sendable (
      Int, Int, Int, Int, Output, Output, Output, Int, Starts, Columns, Input, Input, S, Output
    ) -> Double
  package let adjacency:
    @Sendable (Int, Int, Int, Int, Output, Int, Starts, Columns, S, S, Output) -> Double
  package let standardizeRows:
    @Sendable (Int, Int, Int, Int, Starts, Columns, Input, Input, Input, Output, Int) -> Void
  package let softAssignment: @Sendable (Int, Int, Int, Input, Input, Output) -> Void
  package let assignmentKL:
    @Sendable (
      Int, Int, Int, Input, Input, UnsafePointer<UInt8>?, S, S, Output, Int32,
      UnsafeMutablePointer<Double>?,
      Output
    ) -> Double
  package let adam: @Sendable (Int, Output, Input, Output, Output, S, S, S, S, S) -> Void
  package let addBias: @Sendable (Int, Int, Output, Input, Bool) -> Void
  package let scaleRows: @Sendable (Int, Int, Output, Input) -> Void
  package let relu: @Sendable (Int, Input, Output) -> Void
  package let reluBackward: @Sendable (Int, Input, Input, Output, Bool) -> Void
  package let columnSums:
    @Sendable (Int, Int, Input, Output, UnsafeMutablePointer<Double>?, Bool) -> Void
  package let multiply: @Sendable (Int, Input, Input, Output, Bool) -> Void
  package let axpy: @Sendable (Int, S, Input, Output, Bool) -> Void
  package let softmax: @Sendable (Int, Int, Input, Output) -> Void
  package let softmaxBackward: @Sendable (Int, Int, Input, Input, Output, Bool) -> Void
  package let amsgrad: @Sendable (Int, Output, Input, Output, Output, Output, S, S, S, S, S) -> Void
  package let adadelta: @Sendable (Int, Output, Input, Output, Output, S, S, S) -> Void
  package let pairwiseKL: @Sendable (Int, Int, Input, S, Bool, Output, Bool, Output) -> Double
  package let deepKMeans:
    @Sendable (Int, Int, Int, Input, Input, S, Output, Bool, DoubleOutput, Output) -> Double
  package let nearestCenter:
    @Sendable (Int, Int, Int, Input, Input, UnsafeMutablePointer<Int>?) -> Void
  let batch: BatchKernels<S>
  let normalization: NormalizationKernels<S>
}

extension Float: EngineScalar {
  package static let kernels = unsafe Kernels<Float>(
    zinb: sc_zinb_f32, adjacency: sc_adjacency_f32, standardizeRows: sc_standardize_rows_f32,
    softAssignment: sc_soft_assignment_f32,
    assignmentKL: sc_assignment_kl_f32, adam: sc_adam_f32, addBias: sc_add_bias_f32,
    scaleRows: sc_scale_rows_f32, relu: sc_relu_f32, reluBackward: sc_relu_backward_f32,
    columnSums: sc_column_sums_f32, multiply: sc_multiply_f32, axpy: sc_axpy_f32,
    softmax: sc_softmax_f32, softmaxBackward: sc_softmax_backward_f32,
    amsgrad: sc_amsgrad_f32, adadelta: sc_adadelta_f32, pairwiseKL: sc_pairwise_kl_f32,
    deepKMeans: sc_deep_kmeans_f32, nearestCenter: sc_nearest_center_f32, batch: .f32,
    normalization: .f32)
}

extension Double: EngineScalar {
  package static let kernels = unsafe Kernels<Double>(
    zinb: sc_zinb_f64, adjacency: sc_adjacency_f64, standardizeRows: sc_standardize_rows_f64,
    softAssignment: sc_soft_assignment_f64,
    assignmentKL: sc_assignment_kl_f64, adam: sc_adam_f64, addBias: sc_add_bias_f64,
    scaleRows: sc_scale_rows_f64, relu: sc_relu_f64, reluBackward: sc_relu_backward_f64,
    columnSums: sc_column_sums_f64, multiply: sc_multiply_f64, axpy: sc_axpy_f64,
    softmax: sc_softmax_f64, softmaxBackward: sc_softmax_backward_f64,
    amsgrad: sc_amsgrad_f64, adadelta: sc_adadelta_f64, pairwiseKL: sc_pairwise_kl_f64,
    deepKMeans: sc_deep_kmeans_f64, nearestCenter: sc_nearest_center_f64, batch: .f64,
    normalization: .f64)
}
