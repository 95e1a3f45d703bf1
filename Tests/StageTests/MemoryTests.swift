import CellData
import ModelStages
import StageSupport
import Testing
import Training

@Suite struct MemoryTests {
  @Test(
    "amounts of memory are read with their unit",
    arguments: [
      ("8G", 8 << 30), ("500M", 500 << 20), ("1.5g", 3 << 29), ("64K", 65536), ("4096", 4096),
      ("2GiB", 2 << 30), ("1TB", 1 << 40),
    ])
  func amounts(_ text: String, _ bytes: Int) {
    #expect(ByteCount(argument: text)?.bytes == bytes)
  }

  @Test(
    "what is no amount of memory is none",
    arguments: ["", "G", "-1G", "0", "8X", "1e3M", "nan", "inf", "9999999T", "0.1"])
  func noAmounts(_ text: String) { #expect(ByteCount(argument: text) == nil) }

  private static let unified = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
  private static let first =
    "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    + "32 24 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"

  @Test(
    "the least limit of the control groups counts, of either version, in whatever group above",
    arguments: [
      (unified, "0::/a/b\n", ["/a/b/memory.max": "300\n", "/a/memory.max": "200\n"], 200),
      (unified, "0::/a/b\n", ["/a/b/memory.max": "max\n", "/memory.max": "700\n"], 700),
      (unified, "0::/\n", ["/memory.max": "500\n"], 500),
      (unified, "0::/a\n", ["/a/memory.max": "max\n"], nil),
      // A group outside of what the container sees.
      (unified, "0::/../b\n", ["/memory.max": "100\n"], 100),
      (
        first, "5:cpu:/x\n4:memory:/slurm/uid_1/job_2\n0::/\n",
        [
          "/memory/slurm/uid_1/job_2/memory.limit_in_bytes": "9223372036854771712\n",
          "/memory/slurm/uid_1/memory.limit_in_bytes": "400\n", "/cpu/x/memory.max": "1\n",
        ], 400
      ),
      // Docker without a namespace of groups: the container's own is mounted at the root.
      (
        "31 24 0:27 /docker/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        "4:memory:/docker/c1\n", ["/memory/memory.limit_in_bytes": "600\n"], 600
      ),
      ("", "", [:], nil),
    ] as [(String, String, [String: String], Int?)])
  func controlGroups(
    _ mounts: String, _ groups: String, _ files: [String: String], _ limit: Int?
  ) {
    let found = ControlGroup.memoryLimit(groups: groups, mounts: mounts) {
      files[String($0.dropFirst("/sys/fs/cgroup".count))]
    }
    #expect(found == limit)
  }

  @Test("an estimate shows what would fit, to two digits, and nothing where all fits")
  func refusals() throws {
    // A kilobyte for a cell and gene beside the program.
    let program = MemoryEstimate.program
    let estimate = MemoryEstimate(cells: 12_345, genes: 100) { $0 * $1 * 1024 }
    #expect(estimate.bytes == program + 12_345 * 102_400)
    #expect(estimate.refusal(limit: estimate.bytes) == nil)
    let limit = program + 5_678 * 102_400
    #expect(estimate.largestCells(within: limit) == 5_600)
    #expect(estimate.largestGenes(within: limit) == 45)
    let text = try #require(estimate.refusal(limit: limit, by: "sc-preprocess with "))
    #expect(
      text.contains(
        "need about \(ByteCount(estimate.bytes)), but the limit is \(ByteCount(limit))"))
    #expect(text.hasSuffix("; sc-preprocess with --subsample 5600, or --genes 45 would fit"))
    let hopeless = try #require(estimate.refusal(limit: 1000))
    #expect(hopeless.hasSuffix("; use a machine with more memory, or raise the limit"))
  }

  @Test("estimates rise with cells, entries and genes, and bound what was measured")
  func formulas() throws {
    func extent(_ cells: Int, _ genes: Int, _ entries: Int) -> DataExtent {
      DataExtent(cells: cells, genes: genes, entries: entries, bytes: 8 * entries)
    }
    func preprocessing(_ extent: DataExtent, _ subsample: Int? = nil) -> Int {
      // A stage holds less than the process of the tests, which counts in the estimate.
      (MemoryEstimate.preprocessing(extent, subsample: subsample, genes: 2000).bytes
        - MemoryEstimate.program + 64 << 20) >> 20
    }
    func neighbors(_ extent: DataExtent) -> Int {
      MemoryEstimate.neighbors(extent, components: 50, neighbors: 15, usesEmbedding: false).bytes
        >> 20
    }
    // Peaks of runs on simulated cells, in MiB: 20,000 × 20,000, 100,000 × 2,000 and 1,000,000 ×
    // 2,000.
    let peaks = [
      (extent(20_000, 20_000, 33_080_000), 365), (extent(100_000, 2000, 9_960_000), 239),
      (extent(1_000_000, 2000, 100_100_000), 2039),
    ]
    for (extent, measured) in peaks {
      #expect((measured..<2 * measured).contains(preprocessing(extent)), "\(extent)")
      #expect(preprocessing(extent, extent.cells / 10) < preprocessing(extent))
      #expect(neighbors(extent) < 6 << 10, "\(extent)")
    }
    let large = extent(20_000, 20_000, 33_080_000)
    let all = MemoryEstimate.preprocessing(large, subsample: nil, genes: 2000, keepingAll: true)
    let few = MemoryEstimate.preprocessing(large, subsample: nil, genes: 2000)
    #expect(
      (all.bytes - few.bytes) / 33_080_000 == 12 || (all.bytes - few.bytes) / 33_080_000 == 11)
    let whole = MemoryEstimate.preprocessing(large, subsample: nil, genes: 20_000, keepingAll: true)
    #expect(
      whole.bytes == MemoryEstimate.preprocessing(large, subsample: nil, genes: 20_000).bytes)
    let refusal = try #require(all.refusal(limit: few.bytes))
    #expect(refusal.contains("; --only-variable, or --subsample "), "\(refusal)")
    #expect(neighbors(extent(100_000, 1364, 9_930_000)) > 364)
    #expect(
      neighbors(extent(1000, 3001, 300_000)) < neighbors(extent(100_000, 3001, 30_000_000)))
  }

  @Test("a graph of many neighbors is refused with how many would fit, but not with a few")
  func fewerNeighbors() {
    let extent = DataExtent(cells: 20_000, genes: 500, entries: 1_000_000, bytes: 8_000_000)
    func estimate(_ neighbors: Int) -> MemoryEstimate {
      .neighbors(extent, components: 50, neighbors: neighbors, usesEmbedding: false)
    }
    let limit = estimate(200).bytes
    let text = estimate(2000).refusal(limit: limit, by: "sc-preprocess with ") ?? ""
    #expect(text.contains("; --neighbors 200, or sc-preprocess with --subsample "))
    #expect(estimate(200).refusal(limit: limit) == nil)
    let few = estimate(2000).refusal(limit: estimate(10).bytes, by: "sc-preprocess with ") ?? ""
    #expect(few.contains("; sc-preprocess with --subsample "))
  }

  @Test("training makes do with fewer models at a time, then with fewer hop products")
  func lessMemory() {
    let extent = DataExtent(cells: 40_000, genes: 2000, entries: 8_000_000, bytes: 64_000_000)
    func memory(_ limit: Int) -> TrainingMemory {
      var training = TrainingExtent(hops: 3)
      training.models = 3
      return TrainingMemory(extent, training, within: limit)
    }
    let most = memory(.max)
    #expect(most.models == 3 && most.productBytes == keptProductBytes)
    #expect(most.estimate.bytes > 3 * hopProductBytes(cells: 40_000, genes: 2000, hops: 3))
    var (before, bytes) = (most, most.estimate.bytes)
    // With 1 GiB the scratch would take more than is saved.
    for (models, productBytes) in [(1, 4 << 30), (1, 512 << 20), (1, 256 << 20)] {
      let less = memory(bytes - 1)
      #expect(less.models == models && less.productBytes == productBytes)
      #expect(less.estimate.bytes < bytes && less.estimate.bytes <= before.estimate.bytes)
      (before, bytes) = (less, less.estimate.bytes)
    }
    // Nothing is left to save.
    #expect(memory(bytes - 1).estimate.refusal(limit: bytes - 1) != nil)
    #expect(memory(1).productBytes == before.productBytes)
    var all = TrainingExtent(hops: nil)
    all.models = 2
    let whole = TrainingMemory(extent, all, within: 1)
    #expect(whole.models == 1 && whole.productBytes == keptProductBytes)
  }

  @Test("data too large for the limit are refused before they are read, with what would fit")
  func refusalOfFiles() throws {
    let shell = try Shell()
    try shell.write(SimulatedCells.table, to: "in.csv")
    #expect(try shell.run("sc-preprocess -q in.csv -o in.st").status == 0)
    #expect(try shell.run("sc-preprocess -q in.csv -o in.h5ad").status == 0)
    #expect(
      try shell.run("sc-knn -q in.st --neighbors 5 --components 5 -o graph.st").status == 0)
    #expect(
      try shell.run("sc-pretrain -q --models 1 --epochs 1 graph.st -o model.st").status == 0)
    try shell.run("sc-cluster -q --method kmeans --clusters 3 model.st -o clusters.st")
    for command in [
      "sc-preprocess in.h5ad -o out.st", "sc-knn in.st -o out.st", "cat in.st | sc-knn -o out.st",
      "sc-preprocess < in.h5ad -o out.st", "sc-pretrain --epochs 1 graph.st -o out.st",
      "sc-cluster --clusters 3 --epochs 1 model.st -o out.st",
      "sc-cluster --clusters 3 --epochs 1 --keep-snapshots model.st -o out.st",
      "sc-cluster --clusters 3 --method consensus model.st -o out.st",
      "sc-cluster --clusters 3 --method kmeans model.st -o out.st",
      "sc-cluster --clusters 3 --method spectral model.st -o out.st",
      "sc-cluster --method leiden model.st -o out.st",
      "sc-eval clusters.st -o out.tsv",
      "sc-eval --compare clusters.st clusters.st -o out.tsv",
    ] {
      let outcome = try shell.run("\(command) --max-memory 10M")
      #expect(outcome.status == 71, "\(command): \(outcome.errors)")
      #expect(
        outcome.errors.contains(": not enough memory: ")
          && outcome.errors.contains("the limit is 10.0 MiB (--max-memory); ")
          && outcome.errors.split(separator: "\n").count { !$0.hasPrefix("cat: ") } == 1,
        "\(outcome.errors)")
      #expect(try shell.run("\(command) -q --max-memory 2G").status == 0, "\(command)")
    }
    // Less than a single piece of the file: reported before anything is estimated.
    try shell.run("sc-preprocess -q in.h5ad -o pieces.h5ad")
    for file in ["in.h5ad", "pieces.h5ad"] {
      let tiny = try shell.run("sc-preprocess \(file) --max-memory 100 -o tiny.st")
      #expect(tiny.status == 71 && tiny.errors.contains("--max-memory"), "\(tiny.errors)")
    }
    #expect(try shell.run("sc-knn in.st --max-memory lots").status == 64)
  }

  @Test("a file of unknown format is called what it is")
  func unknownFormats() throws {
    let shell = try Shell()
    try shell.write("a few words of prose, but no table\n\nthe end\u{1}", to: "prose.bin")
    try shell.write("PK\u{3}\u{4} and what an archive holds, such as a matrix", to: "counts.zip")
    try shell.write("BZh91AY&SY", to: "counts.bz2")
    try shell.write("RDX3\nX\n\0\0\0\u{3}", to: "object.RData")
    try shell.write("AAAC-1\nAAAG-1\n", to: "barcodes.tsv")
    _ = try shell.run("tar -czf folder.tar.gz counts.bz2; gzip -k object.RData barcodes.tsv")
    for (input, what) in [
      ("prose.bin", "its format is not known; give AnnData"),
      ("counts.zip", "a zip archive; unpack it"), ("< counts.zip", "a zip archive; unpack it"),
      ("counts.bz2", "packed by bzip2; unpack it"),
      ("folder.tar.gz", "a packed tar archive; unpack it"), ("object.RData", "data of R; write"),
      ("object.RData.gz", "data of R; write"), ("barcodes.tsv", "one column of text, not a matrix"),
      ("barcodes.tsv.gz", "one column of text, not a matrix"),
    ] {
      let outcome = try shell.run("sc-preprocess \(input) -o out.st")
      #expect(outcome.status == 65, "\(input)")
      #expect(outcome.errors.contains(": \(what)"), "\(input): \(outcome.errors)")
    }
  }
}
