// The tensor stream is a safetensors file, with names for the parts of an annotated object. It has
// two layers. The container (Header, Container, StreamWriter) is strict and knows nothing of cells.
// The names (Encoder, Decoder) map tensors and metadata to CellData and back. Both sides check: the
// reader, that the input is sound, and the writer, that its output can be read.
//
//     X.{indptr,indices,data}      compressed rows, with `X.encoding` and `X.shape` in the
//                                  metadata; a dense matrix is `X`
//     layers.NAME, obsp.NAME       the same
//     obsm.NAME, varm.NAME         dense
//     obs._index.{offsets,bytes}   strings: UTF-8 and where each begins; a column of strings is
//                                  `obs.NAME.{offsets,bytes}`
//     obs.NAME                     numbers; `obs.NAME.encoding` = "boolean" in the metadata makes
//                                  them truth values
//     obs.NAME.codes, obs.NAME.categories.{offsets,bytes}
//                                  categories, −1 where missing; `obs.NAME.ordered` = "true"
//     obs.columns                  metadata: the columns in their order, a JSON array of names
//     var.…                        as obs
//     raw.X.…, raw.var.…           the matrix before genes were selected
//     mod.NAME.…                   another modality of the same cells; `modalities` in the metadata
//                                  has their order.
//                                  Its obs index is written where it differs from the main one.
//     anything else                passed on under its own name, as is metadata under `uns.…`
//
// A stream of another writer may lack all metadata: dimensions then follow from the tensors, and
// rows without names are called "0", "1", …. Its own metadata becomes settings `uns.metadata.KEY`,
// each value as a JSON string. Barcodes may appear twice in an index: the container does not care,
// stages that match by name do.

import CellData
import Tensors

/// Reading and writing the annotated object as a stream of tensors.
package enum TensorStream {
  /// Reads one whole stream, to the end of the input.
  ///
  /// A regular file at its first byte is mapped, and its tensors use the mapping without a copy.
  /// Any other input is read in pieces of at most 64 MiB; `prefix` holds the bytes already read
  /// from it. The descriptor stays open; its offset is undefined afterwards. `verifying: false`
  /// skips the CRCs, not the other checks. `inspecting` gets the object's size before its tensors
  /// are read, and may throw. Throws `StreamFault`: `badData` naming offset, tensor or metadata
  /// key; `inputOutput`, `noInput` or `noMemory` from the system.
  package static func read(
    descriptor: Int32, prefix: [UInt8] = [], verifying: Bool = true,
    inspecting: (DataExtent) throws -> Void = { _ in }
  ) throws -> TensorStreamContents {
    let container = try Container(
      descriptor: descriptor, prefix: prefix, verifying: verifying, inspecting: inspecting)
    let data = try Decoder.cellData(from: container)
    container.releasePages()
    return TensorStreamContents(data: data, headerCRC: hexDigits(container.crc))
  }

  /// Writes the stream of `data`: equal data give equal bytes. Returns its `headerCRC`.
  ///
  /// Throws `StreamFault` before the first byte if `data` cannot be a stream. `badData`: numbers
  /// that are not finite, or a header above 16 MB. `internalError`: broken sparse matrices, or
  /// names that clash. Faults of `sink` pass through.
  @discardableResult
  package static func write(_ data: CellData, to sink: some ByteSink) throws -> String {
    var encoder = Encoder()
    try encoder.encode(data)
    return try StreamWriter(tensors: encoder.tensors, metadata: encoder.metadata).write(to: sink)
  }
}

/// What a stream held.
package struct TensorStreamContents: Sendable {
  package var data: CellData
  /// Eight hex digits that name the stream: they change with any byte of it, header or tensor.
  package var headerCRC: String
}
