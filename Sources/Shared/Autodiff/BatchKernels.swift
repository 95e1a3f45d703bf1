import CKernels
import Tensors

/// The kernels of CKernels/batches.h and noise.h for one precision.
@safe struct BatchKernels<S: BitwiseCopyable>: Sendable {
  typealias Input = UnsafePointer<S>?
  typealias Output = UnsafeMutablePointer<S>?
  typealias Integers = UnsafePointer<Int>?
  typealias Starts = UnsafeMutablePointer<Int>?
  typealias Columns = UnsafeMutablePointer<Int32>?

  let takeSparseRows:
    @Sendable (Int, Integers, Integers, UnsafePointer<Int32>?, Input, Starts, Columns, Output) ->
      Void
  let transposeSparse:
    @Sendable (Int, Int, Integers, UnsafePointer<Int32>?, Input, Starts, Columns, Output) -> Void
  let takeRows: @Sendable (Int, Integers, Int, Input, Output) -> Void
  let spreadRows:
    @Sendable (Int, Int, Int, Integers, UnsafePointer<Int32>?, Input, Input, Output) -> Void
  let copyColumns: @Sendable (Int, Int, Input, Int, Output, Int, Bool) -> Void
  let addNormals: @Sendable (Int, Int, Int, UInt64, UInt64, S, Output) -> Void
  let dropoutMask: @Sendable (Int, Int, Int, UInt64, UInt64, S, Output) -> Void
}

extension BatchKernels<Float> {
  static let f32 = unsafe BatchKernels(
    takeSparseRows: sc_take_sparse_rows_f32, transposeSparse: sc_transpose_sparse_f32,
    takeRows: sc_take_rows_f32, spreadRows: sc_spread_rows_f32, copyColumns: sc_copy_columns_f32,
    addNormals: sc_add_normals_f32, dropoutMask: sc_dropout_mask_f32)
}

extension BatchKernels<Double> {
  static let f64 = unsafe BatchKernels(
    takeSparseRows: sc_take_sparse_rows_f64, transposeSparse: sc_transpose_sparse_f64,
    takeRows: sc_take_rows_f64, spreadRows: sc_spread_rows_f64, copyColumns: sc_copy_columns_f64,
    addNormals: sc_add_normals_f64, dropoutMask: sc_dropout_mask_f64)
}
