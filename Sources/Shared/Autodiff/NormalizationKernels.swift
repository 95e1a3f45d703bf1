import CKernels
import Tensors

/// The kernels of CKernels/normalization.h for one precision.
@safe struct NormalizationKernels<S: BitwiseCopyable>: Sendable {
  typealias Input = UnsafePointer<S>?
  typealias Output = UnsafeMutablePointer<S>?
  typealias Sums = UnsafeMutablePointer<Double>?

  let columnMoments: @Sendable (Int, Int, Input, Sums, Sums) -> Void
  let batchNorm: @Sendable (Int, Int, Input, Input, Input, Input, Input, Output) -> Void
  let batchNormSums: @Sendable (Int, Int, Input, Input, Input, Input, Sums) -> Void
  let batchNormBackward:
    @Sendable (
      Int, Int, Input, Input, Input, Input, Input, UnsafePointer<Double>?, Bool, Output, Bool
    ) -> Void
  let layerNorm: @Sendable (Int, Int, Input, Input, Input, S, Output) -> Void
  let layerNormBackward: @Sendable (Int, Int, Input, Input, Input, S, Sums, Output, Bool) -> Void
  let storeSums: @Sendable (Int, UnsafePointer<Double>?, Output, Bool) -> Void
  let elu: @Sendable (Int, Input, Output) -> Void
  let eluBackward: @Sendable (Int, Input, Input, Output, Bool) -> Void
}

extension NormalizationKernels<Float> {
  static let f32 = unsafe NormalizationKernels(
    columnMoments: sc_column_moments_f32, batchNorm: sc_batch_norm_f32,
    batchNormSums: sc_batch_norm_sums_f32, batchNormBackward: sc_batch_norm_backward_f32,
    layerNorm: sc_layer_norm_f32, layerNormBackward: sc_layer_norm_backward_f32,
    storeSums: sc_store_sums_f32, elu: sc_elu_f32, eluBackward: sc_elu_backward_f32)
}

extension NormalizationKernels<Double> {
  static let f64 = unsafe NormalizationKernels(
    columnMoments: sc_column_moments_f64, batchNorm: sc_batch_norm_f64,
    batchNormSums: sc_batch_norm_sums_f64, batchNormBackward: sc_batch_norm_backward_f64,
    layerNorm: sc_layer_norm_f64, layerNormBackward: sc_layer_norm_backward_f64,
    storeSums: sc_store_sums_f64, elu: sc_elu_f64, eluBackward: sc_elu_backward_f64)
}

/// Adds the sums of a normalization's backward pass (Σ dy, Σ dy x̂; 2 D values) to shift and scale.
func storeNormalizationSums<S: EngineScalar>(
  _ sums: Window<Double>, scale: GradientSink<S>?, shift: GradientSink<S>?
) {
  let width = sums.columns
  // SAFETY: `sums` holds two rows as wide as scale and shift.
  if let shift {
    unsafe S.kernels.normalization.storeSums(
      width, sums.pointer, shift.window.pointer, shift.accumulates)
  }
  if let scale {
    unsafe S.kernels.normalization.storeSums(
      width, sums.pointer + width, scale.window.pointer, scale.accumulates)
  }
}
