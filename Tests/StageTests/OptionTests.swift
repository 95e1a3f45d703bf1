import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// Every option of every program: declared once, acting or refused, and taking no number that ends
/// in a bug.
@Suite(.serialized) struct OptionTests {
  /// The inputs of all programs: simulated cells of three types with two mitochondrial genes and
  /// two batches, and the same with proteins.
  private static let shell: Result<Shell, any Error> = Result {
    let shell = try Shell()
    // The last gene is shown by one cell in 120, less than the hundredth that genes are kept for.
    let counts = SimulatedCells.counts.enumerated().map { cell, row in
      row.enumerated().map { $0 < 199 ? $1 : cell == 9 ? 3 : 0 }
    }
    let table = zip(SimulatedCells.barcodes, counts).map { name, row in
      name + "," + row.map { String(Int($0)) }.joined(separator: ",") + "\n"
    }
    func write(_ cells: CellData, to name: String) throws {
      var cells = cells
      cells.var = Frame(index: ["MT-CO1", "MT-ND1"] + SimulatedCells.geneNames.dropFirst(2))
      cells.x = .sparse(SparseMatrix(Matrix(counts)))
      cells.layers["alpha"] = .sparse(SparseMatrix(Matrix(counts.map { $0.map { 2 * $0 } })))
      cells.obs["batch"] = .strings((0..<SimulatedCells.cells).map { $0 % 5 < 2 ? "a" : "b" })
      cells.obs["donor"] = .strings((0..<SimulatedCells.cells).map { "d\($0 / 3 % 4)" })
      cells.obs["stage"] = .strings(
        (0..<SimulatedCells.cells).map { $0 / 3 % 4 < 2 ? "alpha" : "none" })
      try shell.write(cells, to: name)
    }
    try write(SimulatedCells.object(), to: "in.st")
    try write(PairedCells.object(), to: "paired.st")
    try shell.write(
      "," + SimulatedCells.geneNames.joined(separator: ",") + "\n" + table.joined(), to: "in.csv")
    let labels = SimulatedCells.barcodes.enumerated().map { "\($1)\tkind\($0 % 4)\n" }
    try shell.write(labels.joined(), to: "labels.tsv")
    let types = (20..<120).map { "kind\($0 / 60)\tGene\($0)\n" }
    try shell.write(types.joined(), to: "types.tsv")
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st --genes 60 | sc-knn -q --components 8 -o knn.st &&
      sc-pretrain -q knn.st --models 2 --epochs 3 -o model.st &&
      sc-cluster -q model.st -c 3 --epochs 3 --keep-snapshots -o clustered.st &&
      cp clustered.st other.st &&
      sc-preprocess -q paired.st --genes 60 | sc-knn -q --components 8 -o pknn.st &&
      sc-pretrain -q pknn.st --model scemc --epochs 3 -o pmodel.st &&
      sc-pretrain -q pknn.st --model scdeepcluster --epochs 3 -o dmodel.st &&
      sc-pretrain -q pknn.st --model sczidesk --epochs 3 -o zmodel.st &&
      sc-pretrain -q pknn.st --model desc --epochs 12 -o emodel.st &&
      sc-pretrain -q pknn.st --model scmdc --epochs 3 -o mmodel.st &&
      sc-pretrain -q pknn.st --model scdsc --epochs 3 -o gmodel.st &&
      sc-pretrain -q pknn.st --model dcca --epochs 20 -o vmodel.st &&
      sc-pretrain -q pknn.st --model scmcs --epochs 12 -o cmodel.st &&
      sc-pretrain -q pknn.st --model scmvae --epochs 8 -o nmodel.st &&
      sc-pretrain -q pknn.st --model sctag --models 2 --epochs 3 -o tmodel.st &&
      sc-knn -q paired.st --components 8 -o paired.h5mu && cp pknn.st second.st
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private func sweep(_ program: String) throws -> OptionSweep {
    OptionSweep(program: program, shell: try Self.shell.get())
  }

  @Test("every option is declared once", arguments: Shell.allPrograms)
  func declarations(_ program: String) throws {
    let declared = try ProgramOption.table(of: program).map { String($0[0].dropFirst(2)) }
    let options = try ProgramOption.all(of: program).map(\.name)
    #expect(declared.sorted() == options.sorted())
  }

  /// The words that an option takes: the methods, the models.
  private func words(of option: String, in program: String) throws -> [String] {
    let found = try ProgramOption.all(of: program).first { $0.name == option }
    return try #require(found?.words)
  }

  @Test func preprocess() throws {
    let faults = try sweep("sc-preprocess").faults(
      [
        .init("in.st", "--genes 60 -o out.st", "-o out.st"),
        .init(
          "in.st", "--doublets -o out.st", "--doublets --doublet-threshold 0.05 -o out.st"),
        .init("in.csv", "-o out.st"),
        .init("paired.st", "-o out.st"), .init("paired.st", "--second-modality none -o out.st"),
        .init("paired.h5mu", "-o out.st"),
      ], leaving: ["genome", "make-unique", "samples", "join"])
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func neighbors() throws {
    let faults = try sweep("sc-knn").faults(
      [
        .init("knn.st", "-o out.st"), .init("knn.st", "--use X_pca -o out.st"),
        .init("knn.st", "--method ivf --neighbors 3 -o out.st"),
        .init("pknn.st", "-o out.st"), .init("pknn.st", "--modalities rna -o out.st"),
        .init("pknn.st", "--modalities second -o out.st"),
        .init("knn.st", "--integrate harmony --batch-key batch -o out.st"),
      ], leaving: ["integrate"])
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func pretrain() throws {
    let models = try words(of: "model", in: "sc-pretrain").map { model in
      let run = "--model \(model) --models 1 -o out.st"
      // Small steps lower the loss of the cells held out for long.
      let pace = model == "scmvae" ? "--batch-size 16 --learning-rate 1e-4 " : ""
      return OptionSweep.Group(
        "pknn.st", "\(run) --epochs 4", "\(run) --epochs 8 --tolerance 0.3",
        // Patience ends no rounds of one epoch.
        "\(run) \(pace)--epochs 96 --patience 2 --tolerance 0.3",
        "\(run) --epochs 3 --batch-size 0", "\(run) --epochs 3 --checkpoint side.st")
    }
    let run = "--models 1 --epochs 3 -o out.st"
    let faults = try sweep("sc-pretrain").faults(
      models + [
        .init("pknn.st", "\(run) --preset paper", "\(run) --preset paper --learning-rate 0.3"),
        .init(
          "pknn.st", "\(run) --patience 0",
          "--models 1 --epochs 8 --tolerance 0.3 --patience 1 -o out.st"),
        .init(
          "pknn.st", "\(run) --batch-key batch",
          "--models 1 --epochs 8 --tolerance 0.3 --patience 1 --batch-key batch -o out.st"),
        .init("pknn.st", "\(run) --model scemc --rna-only"),
        .init("pknn.st", "\(run) --model scemc --no-aggregation --no-cluster-loss"),
      ], leaving: ["checkpoint-every", "gather"])
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  private static let unsettled =
    "--epochs 8 --update-interval 2 --min-epochs 1 --learning-rate 0.01 --encode-over transformed"

  /// Training whose labels and score stay as they start, on any processor: nothing but patience
  /// ends it.
  private static let unmoved =
    "--epochs 12 --update-interval 1 --min-epochs 1 --learning-rate 1e-7 --start kmeans --margin 0.999999"

  /// For every method that trains: a model of its own, and settings that are distinguished in long
  /// runs.
  private static let longer = [
    "sctpf": ("model.st", [unsettled, unmoved]),
    "scemc": ("pmodel.st", ["--epochs 8 --stable-share 0", "--seed 2"]),
    "sctag": (
      "tmodel.st",
      [
        "--epochs 8 --stable-share 0 --filter --update-interval 2 --learning-rate 0.01",
        "--epochs 12 --stable-share 0 --update-interval 1 --start kmeans --learning-rate 1e-7",
      ]
    ),
    "desc": (
      "emodel.st",
      [
        "--epochs 8 --stable-share 0 --filter --update-interval 1",
        "--epochs 12 --stable-share 0 --update-interval 1 --start kmeans --learning-rate 1e-7",
      ]
    ),
    "sczidesk": (
      "zmodel.st",
      [
        "--epochs 8 --stable-share 0 --filter --update-interval 1 --learning-rate 0.01",
        "--epochs 12 --stable-share 0 --update-interval 1 --start kmeans --learning-rate 1e-7",
      ]
    ),
    "scmdc": (
      "mmodel.st",
      [
        "--epochs 8 --stable-share 0 --filter",
        "--epochs 12 --stable-share 0 --start kmeans --learning-rate 1e-7",
      ]
    ),
    "scdsc": (
      "gmodel.st",
      [
        "--epochs 8 --stable-share 0 --filter --update-interval 2 --learning-rate 0.01",
        "--epochs 12 --stable-share 0 --update-interval 1 --start kmeans --learning-rate 1e-7",
      ]
    ),
    "dcca": ("vmodel.st", ["--seed 1", "--seed 2"]),
    "scmcs": ("cmodel.st", ["--seed 1", "--second-clusters 2"]),
    "scmvae": ("nmodel.st", ["--seed 1", "--seed 2"]),
    "scdeepcluster": (
      "dmodel.st",
      [
        "--epochs 8 --stable-share 0 --filter",
        "--epochs 12 --stable-share 0 --start kmeans --learning-rate 1e-7",
      ]
    ),
  ]

  /// What the filter's share of neighbors and the least number of epochs do shows in cells that are
  /// not distinguished at once: ModelsTests.
  @Test func cluster() throws {
    let methods = try words(of: "method", in: "sc-cluster").map { method in
      let run = "-c 3 --method \(method) -o out.st"
      // Training that goes on: these cells are distinguished at the start.
      let (input, longer) = Self.longer[method] ?? ("model.st", ["--seed 1", "--seed 2"])
      return OptionSweep.Group(
        input, run, "\(run) --epochs 4",
        "\(run) --epochs 8 --update-interval 2 --min-epochs 1 --learning-rate 0.01",
        "\(run) --epochs 2 --checkpoint side.st", "\(run) \(longer[0])", "\(run) \(longer[1])")
    }
    let run = "-c 3 -o out.st"
    let faults = try sweep("sc-cluster").faults(
      methods + [
        .init("model.st", "--method leiden -o out.st"), .init("model.st", "\(run) --use X_pca"),
        .init(
          "model.st", "\(run) --keep last --epochs 4", "\(run) --keep last \(Self.unsettled)"),
        .init(
          "pmodel.st", "\(run) --keep last --epochs 2",
          "\(run) --keep last --epochs 4 --stable-share 0"),
        .init("model.st", "\(run) --preset released --epochs 4"),
        .init(
          "pmodel.st", "\(run) --preset released --epochs 2",
          "\(run) --preset released --epochs 4 --stable-share 0"),
        .init("pmodel.st", "\(run) --no-cluster-loss"),
        .init(
          "model.st", "\(run) --no-cluster-loss \(Self.unsettled)",
          "\(run) --no-cluster-loss \(Self.unmoved)"),
        .init("pmodel.st", "\(run) --lambda-cluster 0"),
        .init(
          "pmodel.st", "\(run) --filter --epochs 2",
          "\(run) --filter --epochs 8 --stable-share 0"),
        .init(
          "pmodel.st", "\(run) --no-reconstruction --epochs 2",
          "\(run) --no-reconstruction --epochs 8 --stable-share 0"),
        .init("clustered.st", "--reference ../other.st -o out.st"),
        .init("clustered.st", "--within 0 -c 2 -o out.st"),
        .init("clustered.st", "--merge 0,1 -o out.st"),
      ],
      leaving: [
        "checkpoint-every", "outlier-share", "min-epochs", "reference", "within", "merge", "rename",
      ])
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test func evaluate() throws {
    let faults = try sweep("sc-eval").faults(
      [
        .init("clustered.st", "", "--labels type"), .init("clustered.st", "--history"),
        .init("clustered.st", "--compare ../other.st"),
        .init("clustered.st", "--labels type --plot p.svg --layout both", "--plot p.svg"),
        .init("clustered.st", "--plot p.svg --figures sizes"),
        .init("clustered.st", "--markers m.tsv"), .init("clustered.st", "-o out.st"),
        .init("clustered.st", "--markers-of ../types.tsv --report r.html"),
        .init(
          "clustered.st",
          "--clusters-column type --compare-groups stage --replicate donor --report r.html"),
      ], leaving: ["markers-of", "compare-groups", "replicate"])
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  /// Numbers that no run can mean.
  private static let absurd = [
    "9223372036854775807", "1e300", "nan", "inf", "-inf", "-1", "0", "''",
  ]
  /// For an option without a range, which takes any text.
  private static let absurdTexts = [
    "9223372036854775807", "4611686018427387903", "2305843009213693952", "nan", "-1", "0", "''",
  ]

  @Test("no number ends in a bug, and one out of its range is refused with the range")
  func absurdNumbers() throws {
    let shell = try Self.shell.get()
    let inputs = [
      "sc-preprocess": "in.st", "sc-knn": "knn.st", "sc-pretrain": "knn.st --models 1",
      "sc-cluster": "model.st -c 3", "sc-eval": "clustered.st --plot absurd.svg",
    ]
    let tries = try Shell.allPrograms.flatMap { program -> [(String, String, String, String)] in
      try ProgramOption.all(of: program).filter { !$0.isFlag && $0.words == nil }
        .flatMap { option in
          (option.range == nil ? Self.absurdTexts : Self.absurd).map {
            (program, option.name, $0, option.range ?? "")
          }
        }
    }
    let complaints = try twoAtATime(tries.count) { place -> String? in
      let (program, option, value, range) = tries[place]
      let isTraining = ["sc-pretrain", "sc-cluster"].contains(program) && option != "epochs"
      let command =
        "\(program) -q -t 1 \(inputs[program] ?? "")\(isTraining ? " --epochs 1" : "") --\(option)=\(value)"
      let outcome = try shell.run("\(command) > /dev/null", timeout: 20)
      let isRefused = outcome.errors.contains("must be \(range).")
      if ![0, 64, 65, 66, 71, 73].contains(outcome.status) {
        return "\(command): \(outcome.status) \(outcome.errors)"
      }
      let isAbsurd = !["0", "-1", "''"].contains(value) && !range.isEmpty
      let isWrong = isAbsurd && (outcome.status != 64 || Int(value) != nil && !isRefused)
      return isWrong ? "\(command): \(outcome.status) \(outcome.errors)" : nil
    }.compactMap { $0 }
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    #expect(tries.count > 400)
  }
}
