import Foundation
import Testing

/// Models that jobs of their own train give what one run gives.
@Suite struct MemberTests {
  private static let run = "sc-pretrain --models 3 --epochs 2"

  /// Cells with a graph in `in.st`, and the three models of a run in `m0.st` to `m2.st`.
  private static func shell(_ options: String = "") throws -> Shell {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st && mv knn.st in.st &&
      for i in 0 1 2; do \(run) \(options) -q -t $((1 + i % 2)) in.st --member $i -o m$i.st || exit; done
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  @Test(arguments: [
    "", "--sketch 70", "--model sctag", "--model scdsc", "--model scdeepcluster --seed 3",
  ])
  func sameBytesAsOneRun(_ options: String) throws {
    let shell = try Self.shell(options)
    let outcome = try shell.run(
      """
      \(Self.run) \(options) -q in.st --gather m2.st m0.st m1.st -o joined.st &&
      \(Self.run) \(options) -q in.st -o whole.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try shell.data("joined.st") == shell.data("whole.st"))
  }

  @Test func onAPipe() throws {
    let shell = try Self.shell()
    let outcome = try shell.run("cat in.st | \(Self.run) -q --member 1 > piped.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try shell.data("piped.st") == shell.data("m1.st"))
  }

  @Test(arguments: [
    ("m0.st m2.st", "", "holds model 1 of 3; train it with --member 1"),
    ("m0.st m1.st m2.st", "--seed 1", "m0.st: is a trained model of other settings (seed was 0"),
    ("m0.st m1.st m2.st", "--epochs 3", "of other settings (epochs was 2, now 3)"),
    (
      "m0.st m1.st in.st", "", "in.st: is not a trained model; name files that sc-pretrain --member"
    ),
    ("m0.st m1.st half.st", "", "half.st: offset"),
    ("m0.st m1.st missing.st", "", "missing.st"),
    ("m0.st m1.st damaged.st", "", "train the model again with --member"),
  ])
  func refused(_ files: String, _ options: String, _ reason: String) throws {
    let shell = try Self.shell()
    var bytes = try shell.data("m2.st")
    try shell.write(bytes.prefix(bytes.count / 2), to: "half.st")
    bytes[bytes.count - 5] ^= 1
    try shell.write(bytes, to: "damaged.st")
    let outcome = try shell.run("\(Self.run) \(options) in.st -o joined.st --gather \(files)")
    #expect(outcome.status == (files.contains("missing") ? 66 : 65), "\(outcome.errors)")
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(!shell.exists("joined.st"))
  }

  @Test(arguments: [
    ("--member 3 -o m.st", "the models are numbered from 0 to 2"),
    ("--member 1 -o m.h5ad", "--member writes a tensor stream"),
    ("--member 1 --gather m0.st -o m.st", "--gather is for runs without --member"),
    ("--gather m0.st --resume c.st -o m.st", "--gather is for runs without --resume"),
    ("--gather - -o m.st", "--gather -: models are files"),
  ])
  func wrongOptions(_ options: String, _ reason: String) throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("\(Self.run) in.st \(options)")
    #expect(outcome.status == 64 && outcome.errors.contains(reason), "\(outcome.errors)")
  }

  @Test(arguments: ["sc-cluster -c 3", "sc-eval", "sc-knn", "sc-pretrain"])
  func aModelAloneIsNoInput(_ command: String) throws {
    let shell = try Self.shell()
    let outcome = try shell.run("\(command) m1.st -o out.st")
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("m1.st: holds the state of a training, not cells"))
    #expect(!shell.exists("out.st"))
  }
}
