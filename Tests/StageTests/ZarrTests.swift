import CellData
import Foundation
import Testing

/// AnnData in zarr through the programs: written, read and replaced like a file.
@Suite struct ZarrTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  /// What a store gives again.
  private func stream(_ store: String) throws -> CellData {
    let read = try shell.run("sc-knn -q -n 5 \(store) -o knn.st")
    #expect(read.status == 0, "\(read.errors)")
    return try shell.object("knn.st")
  }

  @Test("a folder, an archive and an .h5ad file hold the same")
  func containers() throws {
    for name in ["o.h5ad", "o.zarr", "p.zarr/", "o.zarr.zip"] {
      let made = try shell.run("sc-preprocess -q in.st -o \(name)")
      #expect(made.status == 0, "\(made.errors)")
    }
    try shell.run(
      "sc-preprocess -q in.st --format zarr.zip > piped.zarr.zip; sc-preprocess -q in.st --format zarr -o plain"
    )
    #expect(try shell.data("o.zarr.zip") == shell.data("piped.zarr.zip"))
    let expected = try stream("o.h5ad")
    for name in ["o.zarr", "p.zarr", "o.zarr.zip", "plain"] {
      let found = try stream(name)
      #expect(found.layers == expected.layers && found.obs == expected.obs, "\(name)")
      #expect(found.obsp == expected.obsp && found.obsm == expected.obsm, "\(name)")
    }
    #expect(try shell.run("sc-knn -q -n 5 < o.zarr.zip | cat > piped.st").status == 0)
    #expect(try shell.object("piped.st").obsm == expected.obsm)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("version 3 holds the same as version 2, in a folder and in an archive")
  func version3() throws {
    let run = "sc-preprocess -q in.st"
    let made = try shell.run(
      """
      \(run) -o o.h5ad; \(run) --format zarr-3 -o o.zarr; \(run) --format zarr-3.zip -o o.zarr.zip
      \(run) --format zarr-3.zip | cmp - o.zarr.zip
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(shell.exists("o.zarr/X/zarr.json") && !shell.exists("o.zarr/.zgroup"))
    let expected = try stream("o.h5ad")
    for name in ["o.zarr", "o.zarr.zip"] {
      let found = try stream(name)
      #expect(found.layers == expected.layers && found.obs == expected.obs, "\(name)")
      #expect(found.obsp == expected.obsp && found.obsm == expected.obsm, "\(name)")
    }
    // A store of the other version takes its place.
    #expect(try shell.run("\(run) -o o.zarr").status == 0)
    #expect(shell.exists("o.zarr/.zgroup") && !shell.exists("o.zarr/zarr.json"))
    let piped = try shell.run("\(run) --format zarr-3")
    #expect(piped.status == 64 && piped.errors.contains("give --format zarr-3.zip"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a store is replaced as a whole, also by a run that reads it; its mode stays")
  func replacement() throws {
    try shell.run(
      "sc-preprocess -q in.st -o o.zarr; touch o.zarr/left; chmod 750 o.zarr; ln -s o.zarr link.zarr"
    )
    let again = try shell.run(
      "sc-knn -q -n 5 o.zarr -o link.zarr; stat -c %a o.zarr; readlink link.zarr")
    #expect(again.text == "750\no.zarr\n", "\(again.errors)")
    #expect(!shell.exists("o.zarr/left") && shell.exists("o.zarr/obsp/distances/.zgroup"))
    #expect(try shell.run("mkdir empty; sc-preprocess -q in.st --format zarr -o empty").status == 0)
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("other folders and files are never replaced by a store, nor stores by files")
  func refusals() throws {
    try shell.run(
      "mkdir d d/tables; touch d/x; echo '{\"zarr_format\":2}' | tee d/.zgroup > d/tables/.zgroup; sc-preprocess -q in.st -o o.zarr"
    )
    for (line, words) in [
      (
        "--format zarr -o d",
        "is a folder that holds something other than AnnData or MuData in zarr"
      ),
      ("--format zarr -o in.st", "is a file, and a zarr store is a folder"),
      ("--format h5ad -o o.zarr", "is a folder; name a file in it"),
      ("-o nothing/o.zarr", "cannot create a file in nothing"),
    ] {
      let outcome = try shell.run("cp in.st i.st; sc-preprocess -q i.st \(line)")
      #expect(outcome.status == 73 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(shell.exists("d/x") && shell.exists("o.zarr/.zmetadata"))
    let piped = try shell.run("sc-preprocess -q in.st --format zarr")
    #expect(piped.status == 64 && piped.errors.contains("give --format zarr.zip"))
    #expect(try shell.run("sc-preprocess -q in.st -o o.zip").status == 64)
  }

  @Test("a run that fails leaves the old store, and nothing else")
  func failures() throws {
    try shell.run(
      "sc-preprocess -q in.st -o o.zarr; find o.zarr -type f | sort | xargs cat | cksum > before")
    for (line, status) in [
      ("ulimit -f 4; sc-knn -q -n 5 in.st -o o.zarr", 74),
      ("sc-preprocess -q in.st -o pre.st; ulimit -f 4; sc-knn -q -n 5 pre.st -o o.zarr", 74),
      ("sc-knn -q -n 5 pre.st -o o.zarr & sleep 0.02; kill -TERM $!; wait $!", 143),
    ] {
      let outcome = try shell.run(line)
      #expect(outcome.status == status || outcome.status == 0, "\(line): \(outcome.status)")
      if outcome.status != 0 {
        try shell.run("find o.zarr -type f | sort | xargs cat | cksum > after")
        #expect(try shell.data("after") == shell.data("before"), "\(line)")
      }
    }
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("twenty writers of one store leave one whole store")
  func manyWriters() throws {
    let outcome = try shell.run(
      "for i in {1..20}; do sc-preprocess -q -t 1 in.st -o o.zarr & done; wait; sc-preprocess -q in.st -o one.zarr; diff -r one.zarr o.zarr"
    )
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("the table of a SpatialData store is found; of several one must be named")
  func spatialData() throws {
    try shell.run(
      """
      mkdir -p s.zarr/tables; sc-preprocess -q in.st -o s.zarr/tables/table.zarr
      mv s.zarr/tables/table.zarr s.zarr/tables/table
      echo '{"zarr_format":2}' | tee s.zarr/.zgroup > s.zarr/tables/.zgroup
      """)
    let read = try shell.run("sc-knn -n 5 s.zarr -o k.st")
    #expect(read.status == 0 && read.errors.contains("tables/table: the table is read"))
    try shell.run("cp -r s.zarr/tables/table s.zarr/tables/other")
    let several = try shell.run("sc-knn -q -n 5 s.zarr -o k2.st")
    #expect(several.status == 64 && several.errors.contains("several tables: other, table"))
    #expect(try shell.run("sc-knn -q -n 5 s.zarr/tables/other -o k3.st").status == 0)
    let kept = try shell.run("sc-knn -q -n 5 s.zarr/tables/other -o s.zarr")
    #expect([64, 73].contains(kept.status) && shell.exists("s.zarr/tables/other/X"))
  }
}
