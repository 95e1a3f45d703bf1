import CLZF
import CellData
import Tensors

/// The formats that are read, by the names that `--format` takes.
package enum FileFormat: String, CaseIterable, Sendable {
  case anndata = "h5ad"
  case tenXHDF5 = "10x-h5"
  case matrixMarket = "mtx"
  case mudata = "h5mu"
  case loom = "loom"
  case benchmark = "benchmark-h5"
  case text = "text"
}

/// Reading files of any format as CellData, and writing AnnData and MuData. To add a format: 1. a
/// case of FileFormat; 2. a reader in its own file; 3. its line in `read`; 4. how to recognize it,
/// in Sniffing.swift.
package enum DataFormats {
  /// The contents of the file. Without `format` the format is found from the content.
  ///
  /// The matrix comes as stored: sparse or dense, values not changed. Cells have distinct names
  /// (else a fault), genes are made distinct. Throws FormatFault.
  package static func read(
    path: String, as format: FileFormat? = nil, options: ReadingOptions = ReadingOptions()
  ) throws -> CellData {
    guard let format = try format ?? sniff(path: path) else {
      throw try unknownFormat(path: path)
    }
    options.recognized?(format)
    if options.rna != nil,
      ![.mudata, .tenXHDF5, .matrixMarket, .anndata, .loom].contains(format)
    {
      throw FormatFault(
        "", "the file has one matrix, not modalities to choose from", "leave --rna out",
        kind: .usage)
    }
    switch format {
    // These two know more than names, and see to it themselves.
    case .text:
      return try TextTable(path: path, options: options).read()
        .withoutSummaries(options, andSums: true)
    case .matrixMarket:
      return try MatrixMarketReader(path: path, options: options).read()
        .withoutSummaries(options, andSums: true)
    default:
      let data = try readTree(path: path, as: format, options: options)
      // The lengths of the lists in such a file have decided, or the options.
      let isDecided = format == .benchmark && options.givenRows(usual: .cells) != nil
      let turned =
        try isDecided ? data : oriented(data, rows: format.rowsByRule, options: options)
      let genes = turned.withoutSummaries(options, andSums: false)
      return [.anndata, .loom].contains(format) ? try genes.parted(options) : genes
    }
  }

  private static func readTree(
    path: String, as format: FileFormat, options: ReadingOptions
  ) throws -> CellData {
    try withTree(path, options) { root in
      var data =
        switch format {
        case .text, .matrixMarket: preconditionFailure("\(format) is no tree")
        case .anndata: try AnnDataReader(group: root).read()
        case .benchmark: try BenchmarkReader(root: root).read()
        case .tenXHDF5: try TenXReader(root: root, options: options).read()
        case .mudata: try MuDataReader(root: root, options: options).read()
        case .loom: try LoomReader(root: root).read()
        }
      try data.followObs()
      root.tree.announceOmissions()
      return data
    }
  }

  /// Calls `body` with the root of an HDF5 file or of a zarr store. No reference to it may outlive
  /// the call.
  static func withTree<Result>(
    _ path: String, _ options: ReadingOptions = ReadingOptions(),
    _ body: (any StoredGroup) throws -> sending Result
  ) throws -> Result {
    if try ZarrTree.isStore(path) {
      return try body(ZarrTree(reading: path, options: options).dataRoot)
    }
    return try HDF5Library.exclusively {
      try body(HDF5File(reading: path, options: options).root)
    }
  }

  /// Some damaged HDF5 files crash libhdf5 itself. After this call such a crash writes `line` to
  /// standard error and ends the process with `status`. A stage calls it before it reads. Without
  /// it a crash ends the process as usual.
  package static func endOnLibraryCrash(line: String, status: Int32) {
    // SAFETY: the text is passed ended by a zero byte and copied by the call.
    unsafe crash_guard_set(line.printable + "\n", status)
  }
}
