import CKernels

/// The kernels of CKernels for one precision: the one way to call those that exist in both. Their
/// headers state formulas, shapes and aliasing rules; the caller guarantees them.
///
/// To add one: its prototype in a header of CKernels, a field here, its name in both tables below.
@safe package struct Kernels<S: Real>: Sendable {
  package typealias Input = UnsafePointer<S>?
  package typealias Output = UnsafeMutablePointer<S>?
  package typealias Starts = UnsafePointer<Int>?
  package typealias Columns = UnsafePointer<Int32>?
  package typealias NewStarts = UnsafeMutablePointer<Int>?
  package typealias NewColumns = UnsafeMutablePointer<Int32>?
  package typealias Bytes = UnsafePointer<UInt8>?
  package typealias DoubleInput = UnsafePointer<Double>?
  package typealias DoubleOutput = UnsafeMutablePointer<Double>?

  // sparse.h
  package let spmm:
    @Sendable (Int, Int, Int, Starts, Columns, Input, Input, Int, Output, Int, Bool) -> Void

  // zinb.h, likelihoods.h, gaussian.h, adjacency.h, clustering.h, deep_clustering.h, elementwise.h,
  // optimizers.h
  package let zinb:
    @Sendable (
      Int, Int, Int, Int, Output, Output, Output, Int, Starts, Columns, Input, Input, S, Output
    ) -> Double
  package let sigmoidRidge: @Sendable (Int, S, Input, Output) -> Double
  package let scaledNB:
    @Sendable (
      Int, Int, Int, Output, Output, Output, Starts, Columns, Input, Input, Output, S, Output
    ) -> Double
  package let bernoulli:
    @Sendable (Int, Int, Int, Output, Starts, Columns, Input, S, Output) -> Double
  package let normalSample: @Sendable (Int, Input, Input, Input, Output) -> Void
  package let normalSampleBackward: @Sendable (Int, Input, Input, Input, Output, Bool) -> Void
  package let gaussianKL: @Sendable (Int, Input, Input, S, Output, Bool, Output, Bool) -> Double
  package let adjacency:
    @Sendable (Int, Int, Int, Int, Output, Int, Starts, Columns, S, S, Output) -> Double
  package let standardizeRows:
    @Sendable (Int, Int, Int, Int, Starts, Columns, Input, Input, Input, Output, Int) -> Void
  package let softAssignment: @Sendable (Int, Int, Int, Input, Input, Output) -> Void
  package let assignmentKL:
    @Sendable (
      Int, Int, Int, Input, Input, Bytes, S, S, Output, Int32, DoubleOutput, Output
    ) -> Double
  package let targetKL:
    @Sendable (
      Int, Int, Int, Input, Input, Input, S, Bool, S, Output, Bool, DoubleOutput, Output
    ) -> Double
  package let targetBCE:
    @Sendable (
      Int, Int, Int, Input, Input, Input, S, S, Output, Bool, DoubleOutput, Output
    ) -> Double
  package let softmaxKL: @Sendable (Int, Int, Input, Input, S, Output, Bool) -> Double
  package let adam: @Sendable (Int, Output, Input, Output, Output, S, S, S, S, S) -> Void
  package let addBias: @Sendable (Int, Int, Output, Input, Bool) -> Void
  package let scaleRows: @Sendable (Int, Int, Output, Input) -> Void
  package let relu: @Sendable (Int, Input, Output) -> Void
  package let reluBackward: @Sendable (Int, Input, Input, Output, Bool) -> Void
  package let tanh: @Sendable (Int, Input, Output) -> Void
  package let tanhBackward: @Sendable (Int, Input, Input, Output, Bool) -> Void
  package let clamp: @Sendable (Int, S, Output) -> Void
  package let columnSums: @Sendable (Int, Int, Input, Output, DoubleOutput, Bool) -> Void
  package let multiply: @Sendable (Int, Input, Input, Output, Bool) -> Void
  package let axpy: @Sendable (Int, S, Input, Output, Bool) -> Void
  package let softmax: @Sendable (Int, Int, Input, Output) -> Void
  package let softmaxBackward: @Sendable (Int, Int, Input, Input, Output, Bool) -> Void
  package let amsgrad: @Sendable (Int, Output, Input, Output, Output, Output, S, S, S, S, S) -> Void
  package let adadelta: @Sendable (Int, Output, Input, Output, Output, S, S, S) -> Void
  package let momentum: @Sendable (Int, Output, Input, Output, S, S) -> Void
  package let pairwiseKL: @Sendable (Int, Int, Input, S, Bool, Output, Bool, Output) -> Double
  package let deepKMeans:
    @Sendable (Int, Int, Int, Input, Input, S, Output, Bool, DoubleOutput, Output) -> Double
  package let nearestCenter: @Sendable (Int, Int, Int, Input, Input, NewStarts) -> Void

  // batches.h and noise.h
  package let takeSparseRows:
    @Sendable (Int, Starts, Starts, Columns, Input, NewStarts, NewColumns, Output) -> Void
  package let transposeSparse:
    @Sendable (Int, Int, Starts, Columns, Input, NewStarts, NewColumns, Output) -> Void
  package let takeRows: @Sendable (Int, Starts, Int, Input, Output) -> Void
  package let spreadRows: @Sendable (Int, Int, Int, Starts, Columns, Input, Input, Output) -> Void
  package let copyColumns: @Sendable (Int, Int, Input, Int, Output, Int, Bool) -> Void
  package let addNormals: @Sendable (Int, Int, Int, UInt64, UInt64, S, Output) -> Void
  package let dropoutMask: @Sendable (Int, Int, Int, UInt64, UInt64, S, Output) -> Void

  // normalization.h
  package let columnMoments: @Sendable (Int, Int, Input, DoubleOutput, DoubleOutput) -> Void
  package let batchNorm: @Sendable (Int, Int, Input, Input, Input, Input, Input, Output) -> Void
  package let batchNormSums: @Sendable (Int, Int, Input, Input, Input, Input, DoubleOutput) -> Void
  package let batchNormBackward:
    @Sendable (
      Int, Int, Input, Input, Input, Input, Input, DoubleInput, Bool, Output, Bool
    ) -> Void
  package let layerNorm: @Sendable (Int, Int, Input, Input, Input, S, Output) -> Void
  package let layerNormBackward:
    @Sendable (Int, Int, Input, Input, Input, S, DoubleOutput, Output, Bool) -> Void
  package let storeSums: @Sendable (Int, DoubleInput, Output, Bool) -> Void
  package let elu: @Sendable (Int, Input, Output) -> Void
  package let eluBackward: @Sendable (Int, Input, Input, Output, Bool) -> Void
}

extension Float {
  package static let kernels = unsafe Kernels<Float>(
    spmm: sc_spmm_f32, zinb: sc_zinb_f32, sigmoidRidge: sc_sigmoid_ridge_f32,
    scaledNB: sc_scaled_nb_f32, bernoulli: sc_bernoulli_f32, normalSample: sc_normal_sample_f32,
    normalSampleBackward: sc_normal_sample_backward_f32, gaussianKL: sc_gaussian_kl_f32,
    adjacency: sc_adjacency_f32,
    standardizeRows: sc_standardize_rows_f32, softAssignment: sc_soft_assignment_f32,
    assignmentKL: sc_assignment_kl_f32, targetKL: sc_target_kl_f32,
    targetBCE: sc_target_bce_f32, softmaxKL: sc_softmax_kl_f32, adam: sc_adam_f32,
    addBias: sc_add_bias_f32,
    scaleRows: sc_scale_rows_f32, relu: sc_relu_f32, reluBackward: sc_relu_backward_f32,
    tanh: sc_tanh_f32, tanhBackward: sc_tanh_backward_f32, clamp: sc_clamp_f32,
    columnSums: sc_column_sums_f32, multiply: sc_multiply_f32, axpy: sc_axpy_f32,
    softmax: sc_softmax_f32, softmaxBackward: sc_softmax_backward_f32, amsgrad: sc_amsgrad_f32,
    adadelta: sc_adadelta_f32, momentum: sc_momentum_f32,
    pairwiseKL: sc_pairwise_kl_f32, deepKMeans: sc_deep_kmeans_f32,
    nearestCenter: sc_nearest_center_f32, takeSparseRows: sc_take_sparse_rows_f32,
    transposeSparse: sc_transpose_sparse_f32, takeRows: sc_take_rows_f32,
    spreadRows: sc_spread_rows_f32, copyColumns: sc_copy_columns_f32,
    addNormals: sc_add_normals_f32, dropoutMask: sc_dropout_mask_f32,
    columnMoments: sc_column_moments_f32, batchNorm: sc_batch_norm_f32,
    batchNormSums: sc_batch_norm_sums_f32, batchNormBackward: sc_batch_norm_backward_f32,
    layerNorm: sc_layer_norm_f32, layerNormBackward: sc_layer_norm_backward_f32,
    storeSums: sc_store_sums_f32, elu: sc_elu_f32, eluBackward: sc_elu_backward_f32)
}

extension Double {
  package static let kernels = unsafe Kernels<Double>(
    spmm: sc_spmm_f64, zinb: sc_zinb_f64, sigmoidRidge: sc_sigmoid_ridge_f64,
    scaledNB: sc_scaled_nb_f64, bernoulli: sc_bernoulli_f64, normalSample: sc_normal_sample_f64,
    normalSampleBackward: sc_normal_sample_backward_f64, gaussianKL: sc_gaussian_kl_f64,
    adjacency: sc_adjacency_f64,
    standardizeRows: sc_standardize_rows_f64, softAssignment: sc_soft_assignment_f64,
    assignmentKL: sc_assignment_kl_f64, targetKL: sc_target_kl_f64,
    targetBCE: sc_target_bce_f64, softmaxKL: sc_softmax_kl_f64, adam: sc_adam_f64,
    addBias: sc_add_bias_f64,
    scaleRows: sc_scale_rows_f64, relu: sc_relu_f64, reluBackward: sc_relu_backward_f64,
    tanh: sc_tanh_f64, tanhBackward: sc_tanh_backward_f64, clamp: sc_clamp_f64,
    columnSums: sc_column_sums_f64, multiply: sc_multiply_f64, axpy: sc_axpy_f64,
    softmax: sc_softmax_f64, softmaxBackward: sc_softmax_backward_f64, amsgrad: sc_amsgrad_f64,
    adadelta: sc_adadelta_f64, momentum: sc_momentum_f64,
    pairwiseKL: sc_pairwise_kl_f64, deepKMeans: sc_deep_kmeans_f64,
    nearestCenter: sc_nearest_center_f64, takeSparseRows: sc_take_sparse_rows_f64,
    transposeSparse: sc_transpose_sparse_f64, takeRows: sc_take_rows_f64,
    spreadRows: sc_spread_rows_f64, copyColumns: sc_copy_columns_f64,
    addNormals: sc_add_normals_f64, dropoutMask: sc_dropout_mask_f64,
    columnMoments: sc_column_moments_f64, batchNorm: sc_batch_norm_f64,
    batchNormSums: sc_batch_norm_sums_f64, batchNormBackward: sc_batch_norm_backward_f64,
    layerNorm: sc_layer_norm_f64, layerNormBackward: sc_layer_norm_backward_f64,
    storeSums: sc_store_sums_f64, elu: sc_elu_f64, eluBackward: sc_elu_backward_f64)
}
