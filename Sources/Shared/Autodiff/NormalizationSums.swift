import Tensors

/// Adds the sums of a normalization's backward pass (Σ dy, Σ dy x̂; 2 D values) to shift and scale.
func storeNormalizationSums<S: EngineScalar>(
  _ sums: Window<Double>, scale: GradientSink<S>?, shift: GradientSink<S>?
) {
  let width = sums.columns
  // SAFETY: `sums` holds two rows as wide as scale and shift.
  if let shift {
    unsafe S.kernels.storeSums(
      width, sums.pointer, shift.window.pointer, shift.accumulates)
  }
  if let scale {
    unsafe S.kernels.storeSums(
      width, sums.pointer + width, scale.window.pointer, scale.accumulates)
  }
}
