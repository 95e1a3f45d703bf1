import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// What was changed under a run, and numbers of ours that are not finite.
@Suite struct ChangedInputTests {
  private func trained() throws -> Shell {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st
      sc-pretrain -q knn.st --epochs 1 --models 1 -o model.st
      sc-cluster -q model.st --clusters 3 --epochs 2 --min-epochs 1 --keep-snapshots -o c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  @Test(
    "a stream that is overwritten or cut while it is mapped ends with 74",
    arguments: [
      "cp other.st k.st", "truncate -s 100000 k.st",
      "head -c $(stat -c %s k.st) /dev/urandom | dd of=k.st conv=notrunc status=none",
    ])
  func overwritten(_ change: String) throws {
    let shell = try trained()
    try shell.write("old", to: "o.st")
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st --genes 150 | sc-knn -q -o other.st; cp knn.st k.st
      sc-pretrain k.st -q --models 1 --patience 0 --epochs 100 --batch-size 8 -o o.st \
        --checkpoint k.ck --checkpoint-every 1 & stage=$!
      until [ -e k.ck ]; do sleep 0.01; done; \(change); wait $stage; echo $?
      """)
    #expect(outcome.text == "74\n", "\(outcome.text)\(outcome.errors)")
    #expect(outcome.errors.contains("changed or cut short while it was in use"))
    #expect(try shell.data("o.st") == Data("old".utf8))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("a new time alone, and a new file under the name, change nothing")
  func touched() throws {
    let shell = try trained()
    let outcome = try shell.run(
      """
      cp knn.st k.st
      sc-pretrain k.st -q --models 1 --patience 0 --epochs 40 -o o.st --checkpoint k.ck --checkpoint-every 1 & stage=$!
      until [ -e k.ck ]; do sleep 0.01; done; touch k.st; wait $stage; echo $?
      sc-pretrain k.st -q --models 1 --patience 0 --epochs 40 -o p.st --checkpoint l.ck --checkpoint-every 1 & stage=$!
      until [ -e l.ck ]; do sleep 0.01; done; cp model.st n.st; mv n.st k.st; wait $stage; echo $?; cmp o.st p.st
      """)
    #expect(outcome.text == "0\n0\n", "\(outcome.text)\(outcome.errors)")
  }

  @Test(
    "numbers of ours that are not finite end with 65 and the tensor's name, used or passed on",
    arguments: [
      "model.sctpf.centers", "uns.loss.sctpf.pretrain", "uns.snapshots", "uns.pca.variance",
      "optim.adam",
    ],
    [Float.nan, .infinity])
  func notFinite(_ start: String, _ value: Float) throws {
    let shell = try trained()
    var cells = try shell.object("c.st")
    let name = cells.tensors.keys.sorted().first { $0.hasPrefix(start) } ?? start
    let old = cells.tensors[name]
    if old?.elementType == .float64 {
      cells.tensors[name] = Tensor([1, Double(value)])
    } else {
      let shape = old?.shape ?? [2]
      var values = [Float](repeating: 1, count: shape.reduce(1, *))
      values[values.count - 1] = value
      cells.tensors[name] = Tensor(values, shape: shape)
    }
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    try shell.write(sink.data, to: "bad.st")
    for command in [
      "sc-preprocess bad.st", "sc-knn bad.st", "sc-pretrain bad.st --epochs 1",
      "sc-cluster bad.st --method kmeans --clusters 3", "sc-cluster bad.st --clusters 3",
      "sc-eval bad.st -o o.h5ad", "sc-eval bad.st --plot o.svg",
    ] {
      let outcome = try shell.run("\(command) -q \(command.contains("-o ") ? "" : "-o o.st")")
      #expect(outcome.status == 65, "\(command): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains("bad.st: tensor '\(name)'"), "\(outcome.errors)")
      #expect(!shell.exists("o.st") && !shell.exists("o.h5ad") && !shell.exists("o.svg"))
    }
  }

  @Test("the user's own columns may hold NaN, and pass")
  func ownColumns() throws {
    let shell = try Shell()
    try shell.writeInput {
      $0.obs["score"] = .float64(Buffer((0..<120).map { $0 == 3 ? .nan : Double($0) }))
    }
    let outcome = try shell.run("sc-preprocess -q in.st | sc-knn -q --components 10 -o o.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try shell.object("o.st").obs["score"]?.numbers?[3].isNaN == true)
  }
}
