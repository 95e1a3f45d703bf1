// Files of kinds that are not read here: the name of each kind, by its first bytes, and a remedy.
// To add a kind: a line in `signatures`, with advice that its owner can follow.

import Tensors

/// Kinds of files that are called by their name and not read.
enum ForeignContent {
  /// What a file is and what to do.
  typealias Kind = (what: String, advice: String)

  /// The kind of a file that begins with these bytes, 16 or more of them; nil for formats that are
  /// read, and for unknown ones.
  static func kind(of bytes: [UInt8]) -> Kind? {
    if Signature.isTensorStream(bytes) { return nil }
    if let kind = encoding(bytes) ?? archive(bytes) { return kind }
    if isPickle(bytes) { return (what: "a pickle of Python", advice: toAnnData) }
    if isTar(bytes) { return ("a tar archive", "unpack it (tar -xf FILE) and name what is inside") }
    if let found = signatures.first(where: { bytes.starts(with: $0.bytes) }) {
      return (found.what, found.advice)
    }
    return reads(bytes) ?? markup(bytes)
  }

  /// The kind of content, already unpacked, that was found in place of text.
  static func insideText(_ bytes: [UInt8]) -> Kind? {
    bytes.starts(with: Signature.gzip) ? packedTwice : kind(of: bytes)
  }

  static let packedTwice: Kind = (
    "packed twice by gzip", "unpack it once (gzip -dc FILE > NEWFILE) and give the unpacked file"
  )

  /// What a folder without a matrix is, by the names in it.
  static func kind(ofFolder names: [String]) -> Kind? {
    if names.contains("quants_mat.gz") || names.contains("quants_mat.eds.gz") {
      return ("counts in alevin's own format", "run alevin with --dumpMtx, or alevin-fry")
    }
    return nil
  }

  /// What a zip archive holds, by the names in its first and last bytes.
  static func zip(_ bytes: [UInt8]) -> Kind {
    let text = String(decoding: bytes.map { $0 < 0x80 ? $0 : 0x20 }, as: UTF8.self)
    func holds(_ name: String) -> Bool { text.contains(name) }
    if holds(".zarray") || holds(".zgroup") || holds("zarr.json") {
      return (
        "a zarr store in a zip archive that is damaged, or not at its root",
        "copy it again, or unpack it (unzip FILE) and name the store inside"
      )
    }
    if holds(".npy") {
      return (
        "a NumPy archive (.npz)",
        "read it in Python (scipy.sparse.load_npz or numpy.load), \(toAnnDataShort)"
      )
    }
    if holds("word/document") || holds("word/styles") {
      return ("a Word document", "save its table as CSV text and name that")
    }
    if holds("ppt/presentation") { return ("a PowerPoint presentation", counts) }
    if holds("[Content_Types].xml") || holds("xl/workbook") {
      return ("an Excel workbook", "save the sheet as CSV text and name that")
    }
    if holds("opendocument.spreadsheet") {
      return ("a spreadsheet (.ods)", "save the sheet as CSV text and name that")
    }
    return ("a zip archive", "unpack it (unzip FILE) and name what is inside")
  }

  /// The kind of a zarr store of an unknown layout, by the members of its root.
  static func zarr(_ names: [String]) -> Kind {
    (
      "a zarr store of a layout that is not known (at its root: \(shown(names)))",
      "give a store that anndata, mudata or spatialdata wrote"
    )
  }

  private static func shown(_ names: [String]) -> String {
    if names.isEmpty { return "nothing" }
    return names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }

  // MARK: Signatures

  private static let toAnnDataShort = "put it into an AnnData object and save that with write_h5ad"
  private static let toAnnData = "open it in Python, \(toAnnDataShort)"
  private static let counts = "name the file or folder with the counts"
  private static let fromR =
    "write the counts from R as a Matrix Market folder: Matrix::writeMM into matrix.mtx, and the names into genes.tsv and barcodes.tsv"

  private static let signatures: [(bytes: [UInt8], what: String, advice: String)] = [
    (
      [0x93] + Array("NUMPY".utf8), "a NumPy array (.npy)",
      "read it with numpy.load, \(toAnnDataShort)"
    ),
    (Array("PAR1".utf8), "a parquet table", "write it as CSV text (pandas.read_parquet, to_csv)"),
    (
      Array("ARROW1".utf8), "an Arrow table (feather)",
      "write it as CSV text (pandas.read_feather, to_csv)"
    ),
    (Array("FEA1".utf8), "a feather table", "write it as CSV text (pandas.read_feather, to_csv)"),
    (Array("RDX2\n".utf8), "data of R", fromR), (Array("RDX3\n".utf8), "data of R", fromR),
    (Array("RDA2\n".utf8), "data of R", fromR), (Array("RDA3\n".utf8), "data of R", fromR),
    (Array("X\n\0\0\0\u{2}".utf8), "data of R", fromR),
    (Array("X\n\0\0\0\u{3}".utf8), "data of R", fromR),
    (Array("A\n2\n".utf8), "data of R", fromR), (Array("A\n3\n".utf8), "data of R", fromR),
    ([0x0B, 0x0E, 0x0A, 0x0C], "data of R (qs)", fromR),
    ([0x0B, 0x0E, 0x0A, 0xC1], "data of R (qs2)", fromR),
    ([0x89] + Array("PNG\r\n".utf8), "a PNG picture", counts),
    ([0xFF, 0xD8, 0xFF], "a JPEG picture", counts),
    (Array("GIF8".utf8), "a GIF picture", counts), (Array("II*\0".utf8), "a TIFF picture", counts),
    (Array("MM\0*".utf8), "a TIFF picture", counts),
    (Array("%PDF-".utf8), "a PDF document", counts),
    (
      Array("BAM\u{1}".utf8), "aligned reads (BAM)",
      "count them first, for example with STARsolo or featureCounts"
    ),
    (
      Array("CRAM".utf8), "aligned reads (CRAM)",
      "count them first, for example with STARsolo or featureCounts"
    ),
    (Array("SQLite format 3".utf8), "an SQLite database", counts),
    (
      [0xD0, 0xCF, 0x11, 0xE0], "an old Excel or Office file",
      "save the sheet as CSV text and name that"
    ),
    (
      Array("MATLAB 5.0".utf8), "data of MATLAB", "read it with scipy.io.loadmat, \(toAnnDataShort)"
    ),
    (
      [0x00, 0x05, 0x16, 0x07], "what macOS keeps beside a file (AppleDouble)",
      "name the file without ._ before its name"
    ),
    (
      Array("version https://git-lfs".utf8), "a pointer of Git LFS, not the data",
      "fetch the data with git lfs pull"
    ),
    ([0x7F] + Array("ELF".utf8), "a program, not the data", counts),
    (Array("MZ".utf8) + [0x90, 0], "a program, not the data", counts),
    (Array("CDF\u{1}".utf8), "netCDF data", "open it in Python (xarray), \(toAnnDataShort)"),
    (Array("CDF\u{2}".utf8), "netCDF data", "open it in Python (xarray), \(toAnnDataShort)"),
    (Array("CDF\u{5}".utf8), "netCDF data", "open it in Python (xarray), \(toAnnDataShort)"),
    (Array("##fileformat=VCF".utf8), "variants (VCF)", counts),
    (Array("##gff-version".utf8), "an annotation of a genome (GFF)", counts),
    (Array("#!genome-build".utf8), "an annotation of a genome (GTF)", counts),
    (Array("!Series_".utf8), "a series matrix of GEO", "name its supplementary file of counts"),
    (Array("^DATABASE".utf8), "a SOFT file of GEO", "name its supplementary file of counts"),
    (Array("^SERIES".utf8), "a SOFT file of GEO", "name its supplementary file of counts"),
    (Array("^SAMPLE".utf8), "a SOFT file of GEO", "name its supplementary file of counts"),
    (Array("^PLATFORM".utf8), "a SOFT file of GEO", "name its supplementary file of counts"),
  ]

  private static func archive(_ bytes: [UInt8]) -> Kind? {
    let kinds: [(bytes: [UInt8], what: String, advice: String)] = [
      (Signature.zip, "a zip archive", "unpack it (unzip FILE) and name what is inside"),
      ([0x50, 0x4B, 5, 6], "an empty zip archive", "unpack it and name what is inside"),
      ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", "unpack it (7z x FILE) and name what is inside"),
      (Array("Rar!".utf8), "a rar archive", "unpack it and name what is inside"),
      (Array("BZh".utf8), "packed by bzip2", "unpack it (bunzip2 -k FILE) and name what comes out"),
      (
        [0xFD, 0x37, 0x7A, 0x58], "packed by xz", "unpack it (unxz -k FILE) and name what comes out"
      ),
      (
        [0x28, 0xB5, 0x2F, 0xFD], "packed by zstd",
        "unpack it (unzstd FILE) and name what comes out"
      ),
      (
        [0x04, 0x22, 0x4D, 0x18], "packed by lz4", "unpack it (unlz4 FILE) and name what comes out"
      ),
      ([0x1F, 0x9D], "packed by compress", "unpack it (gunzip -k FILE) and name what comes out"),
    ]
    return kinds.first { bytes.starts(with: $0.bytes) }.map { ($0.what, $0.advice) }
  }

  /// Text in two or four bytes a letter, with its mark or without.
  private static func encoding(_ bytes: [UInt8]) -> Kind? {
    func kind(_ name: String) -> Kind {
      ("\(name) text", "convert it: iconv -f \(name) -t UTF-8 FILE > NEWFILE")
    }
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return kind("UTF-32")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return kind("UTF-16")
    }
    let first = bytes.prefix(16)
    guard first.count >= 8 else { return nil }
    func isWide(_ low: Int) -> Bool {
      first.indices.allSatisfy { i in
        i % 2 == low ? first[i] >= 9 && first[i] < 0x7F : first[i] == 0
      }
    }
    return isWide(0) ? kind("UTF-16LE") : isWide(1) ? kind("UTF-16BE") : nil
  }

  /// Protocols 2 to 5: the mark, then an operation that opens an object or a frame.
  private static func isPickle(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 3, bytes[0] == 0x80, (2...5).contains(bytes[1]) else { return false }
    return bytes[2] == 0x95 || "c}](X(JKMNGq\u{8C}".unicodeScalars.contains { $0.value == bytes[2] }
  }

  /// Reads as sequencers and aligners write them in text.
  private static func reads(_ bytes: [UInt8]) -> Kind? {
    let advice = "count them first, for example with STARsolo or featureCounts"
    let lines = bytes.split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false)
    if ["@HD\t", "@SQ\t", "@RG\t", "@PG\t"].contains(where: { bytes.starts(with: $0.utf8) }) {
      return ("aligned reads (SAM)", advice)
    }
    guard lines.count >= 2, let mark = bytes.first else { return nil }
    func isSequence(_ line: ArraySlice<UInt8>) -> Bool {
      line.count >= 4 && line.allSatisfy { "ACGTUNacgtun\r".utf8.contains($0) }
    }
    if mark == UInt8(ascii: "@"), isSequence(lines[1]),
      lines.count == 2 || lines[2].first == UInt8(ascii: "+")
    {
      return ("reads (FASTQ)", advice)
    }
    let isFasta = mark == UInt8(ascii: ">") && isSequence(lines[1])
    return isFasta ? ("sequences (FASTA)", advice) : nil
  }

  /// The kind of an HDF5 file of an unknown layout, by the members of its root.
  static func hdf5(_ names: [String]) -> Kind {
    let present = Set(names)
    if present.contains("assays"), present.contains("cell.names") {
      return (
        "an h5Seurat file",
        "convert it in R (SeuratDisk::Convert, dest = \"h5ad\") and name what comes out"
      )
    }
    return (
      "HDF5 of a layout that is not known (at its root: \(shown(names)))",
      "give AnnData (.h5ad), 10x HDF5, MuData or Loom"
    )
  }

  private static func isTar(_ bytes: [UInt8]) -> Bool {
    bytes.dropFirst(257).starts(with: "ustar".utf8)
  }

  private static func markup(_ bytes: [UInt8]) -> Kind? {
    let text = bytes.drop { $0 <= 0x20 || $0 > 0x7F }
    let start = String(decoding: text.prefix(20), as: UTF8.self).lowercased()
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") {
      return ("a web page, not the data", "download the file itself")
    }
    if start.hasPrefix("<?xml") { return ("XML text", counts) }
    if start.hasPrefix("{\"") || start.hasPrefix("{ \"") || start.hasPrefix("[{") {
      return ("JSON text", counts)
    }
    return nil
  }
}
