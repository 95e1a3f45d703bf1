import Foundation
import Testing

/// One file never has two roles: what a run reads and writes is compared by device and inode before
/// the work.
@Suite struct FileRoleTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st
      sc-pretrain -q knn.st --epochs 1 --models 1 -o model.st
      sc-cluster -q knn.st --method kmeans --clusters 3 -o c.st
      mkdir folder; ln -s folder other; ln -s c.st link.st; ln c.st hard.st; ln -s new.tsv dangling
      mkfifo pipe
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(
    "two roles for one file end with 64 and name both options",
    arguments: [
      ("sc-pretrain knn.st --checkpoint ./knn.st -o o.st", ["--checkpoint ./knn.st", "knn.st"]),
      (
        "sc-pretrain knn.st --checkpoint folder/a -o other/a",
        ["--checkpoint folder/a", "-o other/a"]
      ),
      ("sc-pretrain knn.st --resume o.st -o ./o.st", ["--resume o.st", "-o ./o.st"]),
      (
        "sc-pretrain knn.st --resume ../$(basename $PWD)/knn.st -o o.st", ["--resume", "the input"]
      ),
      (
        "ln model.st model.tsv; sc-cluster model.st --clusters 3 --labels-out model.tsv -o o.st",
        ["--labels-out", "the input"]
      ),
      (
        "sc-cluster model.st --clusters 3 --labels-out l.tsv --checkpoint ./l.tsv -o o.st",
        ["--labels-out", "--checkpoint"]
      ),
      (
        "sc-cluster knn.st --method kmeans --clusters 3 --labels-out o -o folder/../o",
        ["--labels-out", "-o"]
      ),
      (
        "sc-cluster knn.st --method kmeans --clusters 3 --labels-out -",
        ["--labels-out", "standard output"]
      ),
      (
        "sc-cluster knn.st --method kmeans --clusters 3 --labels-out o.tsv > o.tsv",
        ["--labels-out o.tsv", "standard output"]
      ),
      (
        "sc-cluster knn.st --method kmeans --clusters 3 --labels-out pipe -o pipe",
        ["--labels-out pipe", "-o pipe"]
      ),
      ("sc-knn knn.st >> knn.st", ["standard output", "the input knn.st"]),
      ("sc-knn < knn.st >> knn.st", ["standard output", "standard input"]),
      ("sc-eval c.st -o c.st", ["-o c.st", "the input"]),
      ("sc-eval c.st -o hard.st", ["-o hard.st", "the input c.st"]),
      (
        "ln -s c.st link.tsv; sc-eval c.st --markers link.tsv",
        ["--markers link.tsv", "the input c.st"]
      ),
      (
        "ln c.st hard.json; sc-eval link.st --multiqc hard.json",
        ["--multiqc hard.json", "the input link.st"]
      ),
      (
        "ln -s new.json dangling.tsv; sc-eval c.st --markers dangling.tsv --multiqc new.json",
        ["--markers dangling.tsv", "--multiqc new.json"]
      ),
      ("sc-eval c.st --markers a.tsv -o ./a.tsv", ["--markers a.tsv", "-o ./a.tsv"]),
      (
        "sc-eval c.st --markers a --report b --plot a.svg --multiqc ./b",
        ["--report b", "--multiqc ./b"]
      ),
      ("sc-eval c.st --markers -", ["--markers", "-o"]),
      ("sc-eval c.st --markers - -o - > /dev/null", ["--markers", "-o"]),
      ("sc-eval c.st --report - -o with.h5ad", ["--report", "the figures"]),
      (
        "sc-eval c.st --curves -",
        ["--curves", "-o", "both go to standard output; name a file with"]
      ),
      (
        "sc-eval c.st --report /dev/stdout --markers - -o f.tsv | cat",
        ["--report /dev/stdout", "--markers"]
      ),
      (
        "ln knn.st knn.tsv; sc-eval --compare c.st knn.st --clusters-column type -o knn.tsv",
        ["--compare knn.st", "-o knn.tsv"]
      ),
      ("sc-preprocess in.st --second ./in.st -o o.st", ["--second ./in.st", "the input"]),
      ("sc-preprocess in.st --labels c.st -o c.st", ["--labels c.st", "-o c.st"]),
      ("cat in.st | sc-preprocess - --second - -o o.st", ["--second -", "standard input"]),
    ])
  func refused(_ command: String, _ names: [String]) throws {
    let before = try shell.run("cat *.st | cksum").text
    let outcome = try shell.run(command, timeout: 20)
    #expect(outcome.status == 64, "\(outcome.status): \(outcome.errors)")
    for name in names { #expect(outcome.errors.contains(name), "\(outcome.errors)") }
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.output.isEmpty)
    try shell.run("rm -f o.st o.tsv o")
    #expect(try shell.run("cat *.st | cksum").text == before)
  }

  @Test(
    "the data may take the place of the input, a checkpoint that of the one before, and /dev/null all",
    arguments: [
      "cp knn.st s.st; sc-knn -q s.st -o ./s.st",
      "cp knn.st s.st; ln s.st h.st; sc-knn -q s.st -o h.st",
      "sc-pretrain -q knn.st --epochs 2 --models 1 --checkpoint k --checkpoint-every 1 --resume ./k -o o.st",
      "sc-eval -q c.st --use X_pca --markers /dev/null --report /dev/null -o /dev/null",
      "sc-eval -q c.st --markers - -o f.tsv > m.tsv && head -1 m.tsv | grep -q ^cluster",
      "sc-eval -q c.st --use X_pca --plot - -o f.tsv > p.png; head -c 4 p.png | grep -q PNG",
      "sc-cluster -q knn.st --method kmeans --clusters 3 --labels-out - -o o.st | grep -q ^cell-0",
      "sc-eval -q --compare c.st ./c.st > f.tsv",
    ])
  func allowed(_ command: String) throws {
    let outcome = try shell.run(command)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("a folder that is read keeps its files")
  func folder() throws {
    let outcome = try shell.run(
      """
      mkdir m
      printf '%%%%MatrixMarket matrix coordinate integer general\\n2 2 2\\n1 1 3\\n2 2 4\\n' > m/matrix.mtx
      printf 'E1\\tg1\\tGene Expression\\nE2\\tg2\\tGene Expression\\n' > m/features.tsv
      printf 'c1\\nc2\\n' > m/barcodes.tsv
      ln m/matrix.mtx m/same.st
      sc-preprocess m -o m/same.st
      """)
    #expect(outcome.status == 64 && outcome.errors.contains("the input m"), "\(outcome.errors)")
    #expect(String(decoding: try shell.data("m/matrix.mtx"), as: UTF8.self).hasPrefix("%%Matrix"))
  }
}
