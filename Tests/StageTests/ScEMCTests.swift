import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scEMC as users run it: paired measurements from file to clusters.
@Suite struct ScEMCTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.write(PairedCells.object(), to: "in.st")
  }

  /// `in.st` up to its graph.
  private func graph(_ input: String = "in.st", to output: String = "knn.st") throws {
    let outcome = try shell.run(
      "sc-preprocess -q \(input) | sc-knn -q --components 10 -o \(output)")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func pipeline(
    _ input: String, to output: String, running: String = "", pretrain: String = "",
    cluster: String = ""
  ) -> String {
    """
    sc-preprocess -q \(input) | sc-knn -q --components 10 \(running) \
      | sc-pretrain -q --model scemc --batch-size 40 --epochs 15 \(running) \(pretrain) \
      | sc-cluster -q --clusters 3 --batch-size 40 --epochs 4 \(running) \(cluster) -o \(output)
    """
  }

  private func labels(_ name: String) throws -> [String: String] {
    let cells = try shell.object(name)
    let clusters = try #require(cells.obs["cluster"]?.classes)
    return Dictionary(
      uniqueKeysWithValues: cells.obs.index.enumerated().map {
        ($0.element, clusters.names[Int(clusters.codes[$0.offset])])
      })
  }

  @Test("the pipe finds the types, with the same bytes for any number of threads")
  func clusters() throws {
    let one = try shell.run(pipeline("in.st", to: "one.st", running: "-t 1"), timeout: 120)
    #expect(one.status == 0, "\(one.errors)")
    #expect(
      try shell.run(pipeline("in.st", to: "two.st", running: "-t 2"), timeout: 120).status == 0)
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.run("sc-eval one.st --labels type --json")
    let figures = try #require(
      try JSONSerialization.jsonObject(with: report.output) as? [String: Any])
    #expect(try #require(figures["acc"] as? Double) > 0.9)
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 24)
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history.map(\.tool) == ["sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster"])
    #expect(result.history[3].settings["method"] == "\"scemc\"")
    #expect(result.tensors["model.scemc.centers"]?.shape == [3, 24])
    #expect(try shell.leftovers.isEmpty)
  }

  @Test(
    "cells in another order have the same clusters",
    arguments: ["", "--preset paper --epochs 150", "--preset released --epochs 150"])
  func order(_ options: String) throws {
    let shuffled = (0..<120).map { ($0 * 49 + 17) % 120 }
    try shell.write(PairedCells.object(order: shuffled), to: "shuffled.st")
    for (input, output) in [("in.st", "a.st"), ("shuffled.st", "b.st")] {
      let outcome = try shell.run(
        pipeline(input, to: output, pretrain: options, cluster: options), timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let (a, b) = (try labels("a.st"), try labels("b.st"))
    #expect(a.count == 120)
    // Clusters are named by their place in the file: the names may differ, the sets may not.
    var names: [String: String] = [:]
    for (barcode, label) in a { names[label] = names[label] ?? b[barcode] }
    #expect(names.count == 3 && Set(names.values).count == 3)
    for (barcode, label) in a { #expect(names[label] == b[barcode], "\(barcode)") }
  }

  @Test(
    "ablations change the shapes that are stored, and survive to sc-cluster",
    arguments: [
      ("", 24, 24, true), ("--no-skip", 16, 16, true), ("--no-aggregation", 24, 24, false),
      ("--rna-only", 16, 16, true), ("--aggregation transformer", 24, 24, false),
    ])
  func shapes(_ option: String, _ width: Int, _ decoderInputs: Int, _ hasAttention: Bool) throws {
    try graph()
    let outcome = try shell.run(
      "sc-pretrain knn.st --model scemc --batch-size 40 --epochs 2 --hops 0 \(option) -o m.st && sc-cluster m.st --clusters 3 --epochs 1 -o c.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let (model, result) = (try shell.object("m.st"), try shell.object("c.st"))
    #expect(model.obsm["X_latent"]?.columns == width)
    #expect(result.obsm["X_latent"]?.columns == width)
    #expect(model.tensors["model.scemc.decoder.rna.0.kernel"]?.shape.first == decoderInputs)
    #expect((model.tensors["model.scemc.attention.query"] != nil) == hasAttention)
    #expect(
      (model.tensors["model.scemc.transformer.inner.bias"] != nil) == option.contains("transformer")
    )
    #expect(
      (model.tensors["model.scemc.encoder.second.0.kernel"] == nil) == (option == "--rna-only"))
    #expect(result.obs["cluster"] != nil)
  }

  @Test(
    "the history records the function of θ",
    arguments: [("", "softplus"), ("--preset paper", "exp"), ("--preset released", "softplus")])
  func dispersion(_ preset: String, _ function: String) throws {
    try graph()
    let outcome = try shell.run(
      "sc-pretrain -q knn.st --model scemc --batch-size 40 --epochs 1 \(preset) | sc-cluster -q --clusters 3 --epochs 1 -o c.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    for entry in try shell.object("c.st").history.suffix(2) {
      #expect(entry.settings["dispersion"] == "\"\(function)\"", "\(entry)")
    }
  }

  @Test("RNA alone says where the second modality has shaped the graph, and asks no more of it")
  func alone() throws {
    let note = "the second modality is left out, but has shaped the graph of neighbors"
    var labels: [[String: String]] = []
    for (choice, isSaid) in [("both", true), ("rna", false)] {
      let outcome = try shell.run(
        """
        sc-preprocess -q in.st | sc-knn -q --components 10 --modalities \(choice) \
          | sc-pretrain --model scemc --rna-only --batch-size 40 --epochs 2 -o m.st \
          && sc-pretrain -q m.st --model scemc --rna-only --hops 0 --epochs 2 -o n.st \
          && sc-cluster -q n.st --clusters 3 --epochs 1 -o c.st
        """)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(note) == isSaid, "\(outcome.errors)")
      labels.append(try self.labels("c.st"))
    }
    #expect(labels[0] == labels[1])
  }

  @Test("switches leave terms out of the loss")
  func terms() throws {
    try graph()
    func curve(
      _ options: String, _ cluster: String = "--keep last --epochs 1"
    ) throws -> (String, String) {
      let outcome = try shell.run(
        "sc-pretrain -q knn.st --model scemc --batch-size 40 --epochs 2 \(options) -o m.st && sc-cluster -q m.st --clusters 3 \(cluster) -o c.st"
      )
      #expect(outcome.status == 0, "\(outcome.errors)")
      let result = try shell.object("c.st").settings
      return (
        result["uns.loss.scemc.pretrain_terms"] ?? "", result["uns.loss.scemc.cluster_terms"] ?? ""
      )
    }
    let full = try curve("")
    #expect(full.0 == #"["total","rna","second","pairs"]"#)
    #expect(full.1 == #"["total","rna","second","pairs","centers"]"#)
    let unexplained = try curve("--no-reconstruction")
    #expect(unexplained.0 == #"["total","pairs"]"#)
    #expect(unexplained.1 == #"["total","pairs","centers"]"#)
    let unclustered = try curve("--no-cluster-loss", "")
    #expect(unclustered.0 == #"["total","rna","second"]"# && unclustered.1 == "")
    #expect(try curve("", "--no-cluster-loss").1 == "")
    #expect(
      try curve("", "--keep last --epochs 1 --lambda-reconstruction 0").1
        == #"["total","pairs","centers"]"#)
    let alone = try curve("--rna-only")
    #expect(alone.0 == #"["total","rna","pairs"]"#)
  }

  @Test("values without counts are explained by a Gaussian, which is said")
  func gaussian() throws {
    var cells = PairedCells.object()
    let values = PairedCells.proteins.map { row in row.map { $0 / 7 - 2.3 } }
    cells.modalities = [PairedCells.modality("prot", values)]
    try shell.write(cells, to: "in.st")
    try graph()
    let outcome = try shell.run(
      "sc-pretrain knn.st --model scemc --batch-size 40 --epochs 2 -o m.st && sc-cluster m.st --clusters 3 --epochs 1 -o c.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("'prot' has no counts: its values are explained by a Gaussian"))
    #expect(try shell.object("m.st").tensors["model.scemc.values.second.bias"]?.shape == [1, 12])
  }

  @Test(
    "files of AnnData and MuData carry the model from stage to stage", arguments: ["h5mu", "st"])
  func files(_ format: String) throws {
    try graph()
    let outcome = try shell.run(
      "sc-pretrain -q knn.st --model scemc --batch-size 40 --epochs 2 --rna-noise 1.25 -o m.\(format) && sc-cluster -q m.\(format) --clusters 3 --epochs 1 -o c.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let settings = try shell.object("c.st").history.last?.settings ?? [:]
    #expect(settings["method"] == "\"scemc\"" && settings["rna_noise"] == "1.25")
  }

  @Test("pairs that cannot be learned from end with one line and 65, and leave nothing behind")
  func badPairs() throws {
    func fails(_ command: String, _ complaint: String, status: Int32 = 65) throws {
      let outcome = try shell.run(command)
      #expect(outcome.status == status, "\(outcome.errors)")
      #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
      if status == 65 { #expect(outcome.errors.split(separator: "\n").count == 1) }
      #expect(!shell.exists("out.st"))
      #expect(try shell.leftovers.isEmpty)
    }
    try graph()
    var cells = try shell.object("knn.st")
    try shell.writeInput()
    try graph("in.st", to: "rna.st")
    try fails(
      "sc-pretrain -q rna.st --model scemc -o out.st", "rna.st: there is no second modality")
    try fails(
      "sc-cluster -q knn.st --method scemc --clusters 3 -o out.st", "there is no model of scemc")
    let counts = try #require(cells.modalities[0].data.layers["counts"])
    cells.modalities[0].data.layers["counts"] = .sparse(
      counts.sparse().mapValues { -$0 })
    try shell.write(cells, to: "negative.st")
    try fails(
      "sc-pretrain -q negative.st --model scemc -o out.st", "modality 'adt': layers.counts: cell")
    try shell.run(
      "sc-pretrain -q knn.st --model scemc --batch-size 40 --epochs 1 -o m.st")
    var model = try shell.object("m.st")
    model.clearSecondModality()
    try shell.write(model, to: "alone.st")
    try fails("sc-cluster -q alone.st --clusters 3 -o out.st", "there is no second modality")
    model = try shell.object("m.st")
    let other = try shell.run(
      "sc-preprocess -q in.st --genes 50 | sc-knn -q --components 10 -o few.st")
    #expect(other.status == 0)
    var few = try shell.object("few.st")
    few.modalities = model.modalities
    if let second = model.secondModality { few.setSecondModality(second) }
    for (name, tensor) in model.tensors where name.hasPrefix("model.") {
      few.tensors[name] = tensor
    }
    try shell.write(few, to: "few.st")
    try fails(
      "sc-cluster -q few.st --method scemc --clusters 3 -o out.st", "the model was trained on")
  }

  @Test(
    "a pair that is none ends the whole pipe with one line of the stage that sees it",
    arguments: [
      ("cell-0,", "cell-0,nan", "line 2"), ("cell-", "other-", "no barcode is common"),
    ])
  func badSecondFile(_ found: String, _ replacement: String, _ complaint: String) throws {
    try shell.writeInput()
    let table =
      "," + PairedCells.proteinNames.joined(separator: ",") + "\n"
      + zip(SimulatedCells.barcodes, PairedCells.proteins).map { barcode, row in
        barcode + "," + row.map { String(Int($0)) }.joined(separator: ",") + "\n"
      }.joined()
    try shell.write(table.replacingOccurrences(of: found, with: replacement), to: "adt.csv")
    let outcome = try shell.run(
      "sc-preprocess in.st --second adt.csv | sc-knn | sc-pretrain --model scemc | sc-cluster --clusters 3 -o out.st"
    )
    #expect(outcome.status == 65, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n")
    // Behind what sc-preprocess says of the file; the stages after it have a line each.
    let own = lines.filter { $0.hasPrefix("sc-preprocess: ") }
    #expect(lines.count == own.count + 3 && own.last?.contains(complaint) == true, "\(lines)")
    #expect(!shell.exists("out.st"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test(
    "options of another model are refused with 64",
    arguments: [
      ("sc-pretrain knn.st --model scemc --decay none", "--decay is for the model sctpf"),
      ("sc-pretrain knn.st --no-skip", "--no-skip is for the model scemc"),
      ("sc-pretrain knn.st --model scemc --batch-size 0", "--batch-size 0"),
      ("sc-pretrain knn.st --model scemc --rna-noise -1", "--rna-noise"),
      (
        "sc-pretrain knn.st --model scemc --no-aggregation --aggregation paper",
        "--aggregation is for runs without --no-aggregation"
      ),
      (
        "sc-pretrain knn.st --model scemc --no-reconstruction --no-cluster-loss",
        "nothing is left to train"
      ),
      ("sc-cluster knn.st --clusters 3 --method sctpf --phi 1", "--phi is for the method scemc"),
      (
        "sc-cluster knn.st --clusters 3 --method scemc --margin 0.5",
        "--margin is for runs with the filter, but the filter is not asked for (--filter)."
      ),
      ("sc-cluster knn.st --clusters 3 --lambda-cluster 1", "but the method is kmeans"),
      (
        "sc-cluster knn.st --clusters 3 --method scemc --use X_pca",
        "--use is for methods that take an embedding"
      ),
    ])
  func refused(_ command: String, _ complaint: String) throws {
    try graph()
    let outcome = try shell.run(command + " -o out.st")
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
    #expect(!shell.exists("out.st"))
  }
}
