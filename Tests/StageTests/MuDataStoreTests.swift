import CellData
import Foundation
import Testing

/// MuData in zarr through the programs: read and written as `.h5mu` files are.
@Suite struct MuDataStoreTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { $0.modalities = [PairedCells.modality()] }
  }

  @Test("a folder, an archive and an .h5mu file hold the same, and give the same clusters")
  func containers() throws {
    for name in ["p.h5mu", "p.zarr", "p.zarr.zip"] {
      let made = try shell.run("sc-preprocess in.st -o \(name)")
      #expect(made.status == 0 && !made.errors.contains("AnnData"), "\(made.errors)")
      let clustered = try shell.run(
        "sc-knn \(name) -o \(name) && sc-cluster -q --method leiden \(name) -o \(name).st")
      #expect(clustered.status == 0 && !clustered.errors.contains("AnnData"))
    }
    let root = try String(contentsOf: shell.url("p.zarr/.zattrs"), encoding: .utf8)
    #expect(root.contains(#""encoding-type":"MuData""#))
    #expect(shell.exists("p.zarr/mod/adt/X") && shell.exists("p.zarr/mod/rna/layers/counts"))
    let expected = try shell.object("p.h5mu.st")
    #expect(expected.obs["cluster"]?.classes?.names.count ?? 0 > 1)
    for name in ["p.zarr", "p.zarr.zip"] {
      let found = try shell.object("\(name).st")
      #expect(found.obs == expected.obs && found.obsm == expected.obsm, "\(name)")
      #expect(found.x == expected.x && found.obsp == expected.obsp, "\(name)")
      #expect(found.secondModality?.data.x == expected.secondModality?.data.x, "\(name)")
    }
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a store of MuData is replaced as a whole, also by AnnData; other folders are not")
  func replacement() throws {
    try shell.run("sc-preprocess -q in.st -o p.zarr; mkdir -p other/mod; touch other/mod/x")
    let first = try shell.run("sc-preprocess -q --second-modality none in.st -o plain.zarr")
    #expect(first.status == 0, "\(first.errors)")
    try shell.writeInput()
    let again = try shell.run("sc-preprocess -q in.st -o p.zarr")
    #expect(again.status == 0 && !shell.exists("p.zarr/mod") && shell.exists("p.zarr/X"))
    let kept = try shell.run("sc-preprocess -q in.st --format zarr -o other")
    #expect(
      kept.status == 73
        && kept.errors.contains("holds something other than AnnData or MuData in zarr"))
    #expect(shell.exists("other/mod/x"))
  }

  /// Says what is wrong with a store of mudata's after a change to it.
  @Test(
    "damaged stores end with 65 and a line that names the place",
    arguments: [
      ("rm -r mod", "mod: is missing"),
      ("rm -r mod/prot", "mod/prot: is named in `mod-order`, but missing; copy the whole"),
      ("rm mod/prot/.zgroup", "mod/prot: is named in `mod-order`, but missing"),
      ("rm -r mod/prot/obs", "mod: no cell is in every modality (prot, rna)"),
      ("rm -r mod/prot/X", "modality 'prot': has no matrix of values"),
      ("printf x > mod/prot/X/0.0", "mod/prot/X/0.0: "),
      ("printf '{' > mod/rna/.zattrs", "mod/rna/.zattrs: "),
      ("rm mod/.zattrs", ""), ("rm -r obs obsmap varmap", ""),
      ("sed -i 's/ 5,/ 4,/' mod/prot/X/.zarray", "mod/prot/X: "),
      ("cp -r mod/rna/obs/_index/0 mod/prot/obs/_index/0", "mod/prot/obs"),
      ("rm mod/prot/obs/_index/0", "mod/prot/obs"),
    ])
  func damaged(change: String, words: String) throws {
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/mudata2.zarr.zip").path
    let made = try shell.run(
      "python3 -m zipfile -e '\(fixture)' in.zarr && cd in.zarr && (\(change))")
    try #require(made.status == 0, "\(made.errors)")
    let read = try shell.run(
      "sc-preprocess --min-cells-fraction 0 in.zarr -o out.st")
    let isSound = words.isEmpty
    #expect(read.status == (isSound ? 0 : 65), "\(change): \(read.errors)")
    let last = read.errors.split(separator: "\n").last ?? ""
    #expect(isSound || last.hasPrefix("sc-preprocess: in.zarr: "), "\(change): \(last)")
    #expect(isSound || last.contains(words), "\(change): \(last)")
    #expect(shell.exists("out.st") == isSound)
  }
}
