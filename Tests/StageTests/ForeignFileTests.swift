import CellData
import Foundation
import Tensors
import Testing

/// Files of other kinds: called what they are, by name and by a pipe; what gzip has packed is read.
@Suite struct ForeignFileTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private func says(
    _ bytes: Data, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  )
    throws
  {
    try shell.write(bytes, to: "file")
    for command in ["sc-preprocess file -o out.st", "cat file | sc-preprocess -o out.st"] {
      let outcome = try shell.run(command)
      #expect(outcome.status == 65, "\(outcome.errors)", sourceLocation: sourceLocation)
      #expect(
        outcome.errors.contains(words) && outcome.errors.split(separator: "\n").count == 1,
        "\(outcome.errors)", sourceLocation: sourceLocation)
      #expect(!shell.exists("out.st"), sourceLocation: sourceLocation)
    }
  }

  @Test(
    "by their first bytes",
    arguments: [
      ("\u{93}NUMPY\u{1}\0v\0{'descr': '<i8'}", "a NumPy array"),
      ("\u{80}\u{4}\u{95}\u{10}\0\0\0\0\0\0\0\u{8C}", "a pickle of Python"),
      ("\u{80}\u{2}}q\0X\u{1}\0\0\0a", "a pickle of Python"),
      ("\u{89}PNG\r\n\u{1A}\n\0\0\0\rIHDR", "a PNG picture"),
      ("\u{FF}\u{D8}\u{FF}\u{E0}\0\u{10}JFIF\0\u{1}", "a JPEG picture"),
      ("%PDF-1.7\n1 0 obj", "a PDF document"),
      ("PAR1\u{15}\u{4}\u{15}\0\0\0\0\0", "a parquet table"),
      ("<!DOCTYPE html>\n<html>, no", "a web page"), ("{\"a\": [1, 2]}\n", "JSON text"),
      ("X\n\0\0\0\u{3}\0\u{4}\u{2}\0\0\0\0\0", "data of R"), ("RDX3\nX\n\0\0\0\0", "data of R"),
      ("version https://git-lfs.github.com/spec/v1\noid sha256:a\n", "a pointer of Git LFS"),
      ("\0\u{5}\u{16}\u{7}\0\u{2}\0\0Mac OS X        ", "AppleDouble"),
      ("\u{D0}\u{CF}\u{11}\u{E0}\u{A1}\u{B1}\u{1A}\u{E1}\0\0\0\0\0\0\0\0", "an old Excel"),
      ("\u{FD}7zXZ\0\0\u{4}", "unxz"), ("\u{28}\u{B5}\u{2F}\u{FD}\0\0\0\0", "unzstd"),
      ("PK\u{3}\u{4}\0\0\0\0x/.zgroup", "a zarr store in a zip archive"),
      ("^SAMPLE = GSM1\n!Sample_title = a\n", "a SOFT file of GEO"),
      ("PK\u{3}\u{4}\0\0\0\0data.npy", "a NumPy archive"),
      ("PK\u{3}\u{4}\0\0\0\0[Content_Types].xml", "an Excel workbook"),
      ("PK\u{3}\u{4}\0\0\0\0d/matrix.mtx", "a zip archive"),
    ])
  func signatures(_ text: String, _ words: String) throws {
    try says(Data(text.unicodeScalars.map { UInt8($0.value) }), words)
  }

  @Test("a folder above those with matrices, which the message lists")
  func folderAbove() throws {
    let made = try shell.run(
      """
      mkdir -p Solo.out/Gene/raw Solo.out/Gene/filtered &&
      touch Solo.out/Gene/raw/matrix.mtx Solo.out/Gene/filtered/matrix.mtx.gz
      sc-preprocess Solo.out -o out.st
      """)
    #expect(
      made.status == 66
        && made.errors.contains("name the folder that you mean: Gene/filtered, Gene/raw"),
      "\(made.errors)")
  }

  @Test("a table with a delimiter that is not read")
  func delimiter() throws {
    try says(Data("|GENE1|GENE2\ncell1|1|0\ncell2|0|3\n".utf8), "its delimiter is |")
  }

  @Test("text in two bytes a letter, with its mark and without")
  func wideText() throws {
    let text = SimulatedCells.table
    for (encoding, name) in [
      (String.Encoding.utf16, "iconv -f UTF-16"), (.utf16LittleEndian, "iconv -f UTF-16LE"),
      (.utf16BigEndian, "iconv -f UTF-16BE"),
    ] {
      try says(try #require(text.data(using: encoding)), name)
    }
  }

  @Test("a zarr store, and archives packed by gzip")
  func foldersAndArchives() throws {
    let store = try shell.run("mkdir a.zarr; touch a.zarr/.zgroup; sc-preprocess a.zarr -o out.st")
    #expect(
      store.status == 65
        && store.errors.contains("a.zarr: .zgroup: offset 0: a JSON value expected"))
    try shell.run("mkdir d; echo 1 > d/x; tar -cf t.tar d; tar -czf t.tgz d; gzip -k t.tar")
    try says(try shell.data("t.tar"), "a tar archive; unpack it (tar -xf")
    try says(try shell.data("t.tgz"), "tar -xzf")
    try shell.write(SimulatedCells.table, to: "t.csv")
    try shell.run("gzip -c t.csv | gzip > twice.gz; printf 'BAM\\001aaaaaaaaaaaaaa' | gzip > b.bam")
    try says(try shell.data("twice.gz"), "packed twice by gzip")
    try shell.write(
      "%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 1\n", to: "matrix.mtx")
    let list = try shell.run(
      "mkdir m; mv matrix.mtx m; echo g > m/genes.tsv; echo c | gzip | gzip > m/barcodes.tsv.gz; sc-preprocess m -o out.st"
    )
    #expect(list.status == 65 && list.errors.contains("m: barcodes.tsv.gz: packed twice by gzip"))
    let other = try shell.run("mkdir o; touch o/a.h5ad; sc-preprocess o -o out.st")
    #expect(other.status == 66 && other.errors.contains("such as a.h5ad"))
    try says(try shell.data("b.bam"), "aligned reads (BAM)")
  }

  @Test("AnnData and tensor streams packed by gzip are read, by name and by a pipe")
  func packed() throws {
    try shell.writeInput()
    #expect(
      try shell.run(
        "sc-preprocess -q in.st -o a.h5ad; gzip -k a.h5ad; gzip -k in.st; sc-knn -q a.h5ad -o k.st"
      ).status == 0)
    let expected = try shell.object("k.st")
    for command in ["sc-knn -q a.h5ad.gz -o o.st", "cat a.h5ad.gz | sc-knn -q -o o.st"] {
      #expect(try shell.run(command).status == 0)
      #expect(try shell.object("o.st").obsm == expected.obsm)
    }
    #expect(try shell.run("sc-preprocess -q in.st.gz -o o.st").status == 0)
    #expect(try shell.object("o.st").cellCount == 120)
    let cut = try shell.run("head -c 2000 a.h5ad.gz > cut.gz; sc-knn cut.gz -o no.st")
    #expect(cut.status == 65 && cut.errors.contains("the packed file is cut short"))
    let small = try shell.run(
      "(printf '\\x89HDF\\r\\n\\x1a\\n'; head -c 200000000 /dev/zero) | gzip -1 > bomb.gz; "
        + "sc-knn bomb.gz --max-memory 100M -o no.st")
    #expect(small.status == 71 && small.errors.contains("gunzip -k FILE"), "\(small.errors)")
  }
}
