import Foundation
import Testing

/// All outputs of a run appear, or none; and what is no file is written as other programs write it.
@Suite struct PublicationTests {
  private let shell: Shell
  private static let outputs =
    "--report r.html --markers m.tsv --multiqc q.json --plot p.svg -o f.tsv"

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st
      sc-cluster -q knn.st --method kmeans --clusters 3 -o c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: shell.folder.path).sorted()
  }

  @Test(
    "one output that fails leaves none of the others",
    arguments: [
      ("--report", "r.html"), ("--markers", "m.tsv"), ("--multiqc", "q.json"), ("--plot", "p.svg"),
      ("-o", "f.tsv"),
    ])
  func fullDevice(_ option: String, _ name: String) throws {
    try shell.write("old", to: "r.html")
    let before = try names()
    let options = Self.outputs.replacingOccurrences(
      of: "\(option) \(name)", with: "\(option) /dev/full")
    let outcome = try shell.run("sc-eval -q c.st --use X_pca \(options)")
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains("/dev/full: "))
    #expect(try names() == before)
    #expect(try shell.data("r.html") == Data("old".utf8))
  }

  @Test(
    "every output is tried before the work",
    arguments: [
      "sc-cluster knn.st --method kmeans --clusters 3 --labels-out none/l.tsv -o o.st",
      "sc-cluster knn.st --method kmeans --clusters 3 --labels-out \(String(repeating: "x", count: 256)) -o o.st",
      "sc-knn in.st -o \(String(repeating: "x", count: 256))",
      "sc-pretrain knn.st --checkpoint none/c -o o.st", "sc-eval c.st --report none/r.html",
      "sc-eval c.st --markers /proc/m.tsv", "sc-eval c.st --plot none/p.png -o f.tsv",
    ])
  func triedBefore(_ command: String) throws {
    let before = try names()
    let outcome = try shell.run(command)
    #expect(outcome.status == 73, "\(outcome.status): \(outcome.errors)")
    // Nothing was computed, and no message mentions it.
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(try names() == before)
  }

  @Test(
    "a signal while outputs are written leaves none",
    .enabled(if: Shell.has("strace"), "needs strace(1)"), arguments: [1, 3, 5])
  func signal(_ number: Int) throws {
    let before = try names()
    let outcome = try shell.run(
      """
      strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=TERM:when=\(number) \
        sc-eval -q c.st --use X_pca \(Self.outputs); exit $?
      """)
    #expect(outcome.status == 143, "\(outcome.status): \(outcome.errors)")
    #expect(try names() == before)
  }

  @Test(
    "a rename that fails puts everything back",
    .enabled(if: Shell.has("strace"), "needs strace(1)"), arguments: [1, 2, 4, 5])
  func rename(_ number: Int) throws {
    for name in ["r.html", "p.svg", "f.tsv"] { try shell.write("old", to: name) }
    let before = try names()
    let outcome = try shell.run(
      """
      strace -f -qq -o /dev/null -e trace=renameat,renameat2 \
        -e inject=renameat,renameat2:error=EIO:when=\(number) sc-eval -q c.st --use X_pca \(Self.outputs)
      """)
    #expect(outcome.status == 74, "\(outcome.status): \(outcome.errors)")
    #expect(try names() == before)
    for name in ["r.html", "p.svg", "f.tsv"] {
      #expect(try shell.data(name) == Data("old".utf8), "\(name)")
    }
  }

  @Test("descriptors are written through, and keep what stands in their files")
  func descriptors() throws {
    let outcome = try shell.run(
      """
      sc-knn -q knn.st > whole.st
      sc-knn -q knn.st -o /dev/stdout | cmp - whole.st || echo pipe
      sc-knn -q knn.st -o >(cat > p.st); for i in {1..50}; do cmp -s p.st whole.st && break; sleep 0.1; done
      cmp p.st whole.st || echo substitution
      for name in /dev/stdout /dev/fd/1 /proc/self/fd/1 -; do
        echo OLD > a.txt; sc-eval -q c.st -o $name >> a.txt; head -1 a.txt | grep -qx OLD || echo "append $name"
        grep -q ^modularity a.txt || echo "figures $name"
        (echo HEAD; sc-eval -q c.st -o $name; echo TAIL) > h.txt
        [ "$(head -1 h.txt) $(tail -1 h.txt)" = "HEAD TAIL" ] || echo "in the middle $name"
      done
      ln -s /dev/stdout link; (echo HEAD; sc-eval -q c.st -o link) > h.txt; head -1 h.txt | grep -qx HEAD || echo link
      (exec 5> gone; rm gone; sc-knn -q knn.st -o /dev/fd/5 && sc-eval -q c.st -o /proc/self/fd/5)
      ls | grep -q deleted && echo deleted
      (exec 5< in.st; sc-knn -q knn.st -o /dev/fd/5; echo $?)
      sc-knn -q knn.st -o /dev/fd/77; echo $?
      sc-knn -q knn.st -o /dev/stdout >&-; echo $?
      sc-knn -q knn.st --format h5ad -o /dev/stdout > x; head -c 4 x | tail -c 3
      """)
    #expect(outcome.text == "73\n73\n74\nHDF", "\(outcome.text)\(outcome.errors)")
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a file that is replaced loses the right to run as its owner")
  func setuid() throws {
    let outcome = try shell.run(
      "touch o.st; chmod 6755 o.st; sc-knn -q knn.st -o o.st; stat -c %a o.st")
    #expect(outcome.text == "755\n", "\(outcome.errors)")
  }

  @Test(
    "the folder may be one that others own, but not the file in it", .enabled(if: geteuid() == 0))
  func stickyFolder() throws {
    let outcome = try shell.run(
      """
      chmod 755 .; chmod 644 *.st; mkdir shared; chmod 1777 shared; touch shared/o.st; chmod 666 shared/o.st
      setpriv --reuid 65534 --clear-groups sc-knn knn.st -o shared/o.st
      """)
    #expect(outcome.status == 73 && outcome.errors.contains("shared"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("without /proc the arguments count", .enabled(if: geteuid() == 0 && Shell.has("unshare")))
  func withoutProc() throws {
    let outcome = try shell.run(
      """
      unshare -m bash -c 'mount -t tmpfs none /proc || exit 99
        sc-knn -q knn.st -o o.st && sc-knn -q knn.st -o o.h5ad && sc-knn -q o.h5ad -o /dev/stdout > p.st; s=$?
        ulimit -v 300000; sc-knn --version; exit $s'
      """)
    guard outcome.status != 99 && !outcome.errors.contains("unshare failed") else { return }
    #expect(outcome.status == 0, "\(outcome.status): \(outcome.errors)")
    #expect(outcome.text == "sc-knn 0.2.0\n" && shell.exists("o.h5ad"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("SIGUSR1 goes by where no checkpoint is kept", arguments: Shell.allPrograms)
  func unwantedSignal(_ program: String) throws {
    let outcome = try shell.run(
      """
      mkfifo pipe; sleep 5 > pipe & holder=$!
      \(program) pipe \(Shell.needed(by: program)) -o o.st 2> errors & stage=$!
      sleep 0.7; kill -USR1 $stage; sleep 0.2; kill $holder; wait $stage; echo $?
      """)
    #expect(outcome.text == "65\n", "\(outcome.text)")
  }
}
