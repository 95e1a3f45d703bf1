import CellData
import Foundation
import Tensors
import Testing

/// sc-eval --report, --markers, --multiqc, --bootstrap and --compare, run as a program.
@Suite struct ReportTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      let types = (0..<120).map { $0 % 3 }
      cells.obs["cluster"] = .integer(Buffer(types.enumerated().map { $0 < 20 ? 0 : $1 }))
      cells.obs["odd"] = .strings(types.map { ["<b>&", "\"'\u{202E}", "plain"][$0] })
      cells.obs["confidence"] = .float32(Buffer(repeating: 0.5, count: 120))
      cells.obsm["X_latent"] = Matrix(
        types.enumerated().map { i, type in
          (0..<4).map { Float($0 == type ? 9 : 0) + Float((i * ($0 + 7)) % 11) / 10 }
        })
      cells.tensors["uns.loss.sctpf.pretrain"] = Tensor(
        Matrix<Float>((0..<30).map { [3 / Float($0 + 1), 1 / Float($0 + 1)] }))
      cells.settings["uns.loss.sctpf.pretrain_terms"] = "[\"total\",\"zinb\"]"
    }
  }

  /// A browser that can run here without a display.
  private static let chromium = ["chromium", "chromium-browser", "google-chrome"].first(
    where: Shell.has)

  @Test("a page of its own, with names from the data quoted", arguments: ["--report", "--plot"])
  func page(_ option: String) throws {
    let outcome = try shell.run("sc-eval in.st --labels odd --bootstrap 50 \(option) page.html")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = String(decoding: try shell.data("page.html"), as: UTF8.self)
    for part in [
      "<title>in</title>", "95 % interval", "<h2 id=\"s0\">Figures", "Marker genes",
      "data:image/png;base64,", "data:image/svg+xml;base64,", "mean confidence", "sc-eval",
      "&lt;b&gt;&amp;", "&quot;&#39;\\u{202e}",
    ] { #expect(text.contains(part), "\(part)") }
    for part in ["<b>", "<script", "http:", "https:", "url(", "\u{202E}"] {
      #expect(!text.contains(part), "\(part)")
    }
    #expect(text.components(separatedBy: "<img").count - 1 == 5)
  }

  @Test(
    "a browser shows every picture and asks for nothing",
    .enabled(if: chromium != nil, "needs Chromium"))
  func browser() throws {
    #expect(try shell.run("sc-eval in.st --labels type --report page.html").status == 0)
    let text = String(decoding: try shell.data("page.html"), as: UTF8.self)
    // A copy with a script (which the page's own policy would forbid) shows what has loaded.
    let open = "default-src 'none'; script-src 'unsafe-inline'; img-src data:"
    let script = """
      <script>addEventListener('load', () => { const images = [...document.images];
      document.title = images.length + ' pictures, ' + images.filter(i => i.naturalWidth > 500).length
      + ' shown, ' + performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length
      + ' requests, ' + (document.documentElement.scrollWidth <= innerWidth ? 'fits' : 'overflows') })</script></body>
      """
    try shell.write(
      text.replacingOccurrences(of: "default-src 'none'; img-src data:", with: open)
        .replacingOccurrences(of: "</body>", with: script), to: "probe.html")
    let command =
      "\(Self.chromium ?? "") --headless --no-sandbox --disable-gpu --user-data-dir=profile"
    let outcome = try shell.run(
      "\(command) --virtual-time-budget=5000 --dump-dom \"file://$PWD/probe.html\" 2>/dev/null",
      environment: ["HOME": shell.folder.path], timeout: 120)
    #expect(
      outcome.text.contains("<title>5 pictures, 5 shown, 0 requests, fits</title>"),
      "\(outcome.text.prefix(400))")
  }

  @Test("markers: every cluster's own genes lead; the number can be limited")
  func markers() throws {
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-eval --clusters-column type --markers m.tsv --marker-count 5")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = String(decoding: try shell.data("m.tsv"), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t").map(String.init) }
    #expect(
      lines[0] == [
        "cluster", "rank", "gene", "score", "p_value", "p_adjusted", "log2_fold_change",
        "fraction_in", "fraction_out",
      ])
    #expect(lines.count == 16 && lines.allSatisfy { $0.count == 9 })
    #expect(
      lines.dropFirst().map { $0[0] }
        == ["alpha", "beta", "gamma"].flatMap { Array(repeating: $0, count: 5) })
    for line in lines.dropFirst() {
      #expect(try #require(Double(line[5])) < 1e-3 && #require(Double(line[6])) > 0)
    }
  }

  @Test("MultiQC's file names the sample and its figures")
  func multiQC() throws {
    for (options, sample) in [("", "in"), ("--sample 'Donor 1'", "Donor 1")] {
      #expect(
        try shell.run("sc-eval in.st --labels type --multiqc a_mqc.json \(options)").status == 0)
      let object = try #require(
        try JSONSerialization.jsonObject(with: shell.data("a_mqc.json")) as? [String: Any])
      #expect(object["plot_type"] as? String == "table")
      let data = try #require((object["data"] as? [String: [String: Double]])?[sample])
      let headers = try #require(object["headers"] as? [String: [String: Any]])
      #expect(Set(data.keys) == Set(headers.keys) && data["cells"] == 120)
      #expect(try #require(data["acc"]) > 0.8)
      // Titles for people: none is the bare name of its figure.
      #expect(headers.allSatisfy { $1["title"] as? String != $0 })
      #expect(headers["v_measure"]?["title"] as? String == "V-measure")
    }
  }

  @Test("intervals around the figures, as text and JSON")
  func bootstrap() throws {
    let lines = try shell.run("sc-eval in.st --labels type --bootstrap 200").text
      .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    #expect(lines[0] == ["metric", "value", "low", "high"])
    let accuracy = try #require(lines.first { $0[0] == "acc" }).compactMap(Double.init)
    #expect(accuracy.count == 3 && accuracy[1] < accuracy[0] && accuracy[0] < accuracy[2])
    #expect(lines.first { $0[0] == "davies_bouldin" }?.suffix(2) == ["NA", "NA"])
    let one = try shell.run("sc-eval -t 1 in.st --labels type --bootstrap 200 --json")
    let two = try shell.run("sc-eval -t 2 in.st --labels type --bootstrap 200 --json")
    #expect(one.output == two.output)
    let object = try #require(
      try JSONSerialization.jsonObject(with: one.output) as? [String: Any])
    let intervals = try #require(object["intervals"] as? [String: [Double]])
    // Foundation's reader of JSON may be off by the last bit.
    let same = [try #require(object["acc"] as? Double)] + (intervals["acc"] ?? [])
    #expect(zip(same, accuracy).allSatisfy { abs($0 - $1) < 1e-15 } && same.count == 3)
    #expect(object["bootstrap"] as? Int == 200)
  }

  @Test("runs that differ in their seeds become one line with mean and deviation")
  func comparison() throws {
    func write(_ name: String, seed: UInt64, flips: Int, clusters: Int) throws {
      try shell.writeInput { cells in
        let labels = (0..<120).map { $0 < flips ? 0 : $0 % 3 }
        cells.obs["cluster"] = .integer(Buffer(labels))
        cells.history = [
          Provenance(
            tool: "sc-preprocess", version: "1", settings: ["genes": "200"], seed: 0,
            inputCRC: "0000abcd"),
          Provenance(
            tool: "sc-cluster", version: "1",
            // What follows from the data differs with the seed, and is no setting of the run.
            settings: [
              "clusters": "\(clusters)", "confidence": "0.3\(seed)",
              "from_data": "[\"confidence\"]",
            ], seed: seed, inputCRC: "\(seed)"),
        ]
      }
      try FileManager.default.moveItem(at: shell.url("in.st"), to: shell.url(name))
    }
    try FileManager.default.removeItem(at: shell.url("in.st"))
    try write("a0.st", seed: 0, flips: 0, clusters: 3)
    try write("a1.st", seed: 1, flips: 30, clusters: 3)
    try write("b.st", seed: 0, flips: 60, clusters: 9)
    for command in ["sc-eval --compare a0.st b.st a1.st", "sc-eval a0.st --compare b.st a1.st"] {
      let lines = try shell.run("\(command) --labels type").text.split(separator: "\n")
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
      #expect(lines.count == 3 && lines[0].prefix(3) == ["run", "runs", "settings"])
      #expect(lines[1].prefix(3) == ["a0.st", "2", "sc-cluster.clusters=3"])
      #expect(lines[2].prefix(3) == ["b.st", "1", "sc-cluster.clusters=9"])
      let column = try #require(lines[0].firstIndex(of: "acc"))
      // 20 of 30 cells are wrong in the second run.
      let accuracies = [1, 100.0 / 120]
      let mean = (accuracies[0] + accuracies[1]) / 2
      #expect(abs(try #require(Double(lines[1][column])) - mean) < 1e-12)
      let deviation = (accuracies[0] - accuracies[1]) / 2.0.squareRoot()
      #expect(abs(try #require(Double(lines[1][column + 1])) - deviation) < 1e-12)
      #expect(lines[2][column + 1] == "NA")
    }
    let json = try shell.run("sc-eval --compare a0.st b.st a1.st --labels type --json")
    let groups = try #require(
      try JSONSerialization.jsonObject(with: json.output) as? [[String: Any]])
    #expect(groups.map { ($0["runs"] as? [Any])?.count } == [2, 1])
    let broken = try shell.run("sc-eval --compare a0.st b.st --labels nosuch")
    #expect(
      broken.status == 65 && broken.errors.hasPrefix("sc-eval: a0.st: --labels nosuch: is neither"))
    #expect(try shell.run("sc-eval --compare a0.st missing.st").status == 66)
  }

  @Test("wrong usage and what cannot be written are reported, and nothing is left")
  func failures() throws {
    for (options, status, complaint) in [
      ("--bootstrap 3", 64, "from 10"),
      ("--marker-count 5", 64, "is for runs with --markers or --branch-genes"),
      ("--markers m.tsv --marker-count 0", 64, "from 1 to 1,000,000,000"),
      ("--markers m.tsv --history", 64, "is for runs without --history"),
      ("--report r.html --compare in.st", 64, "is for runs without --compare"),
      ("--history --compare in.st", 64, "--compare is for runs without --history"),
      ("--compare in.st --bootstrap 100", 64, "is for runs without --compare"),
      ("--sample a", 64, "--sample is for --report, --multiqc or --plot"),
      ("--report a.dat --markers a.dat", 64, "are one file"),
      ("--report a.x", 64, "ending .x is not known"),
      ("--report a.html --plot b.html", 64, "leave one out"),
      ("--report missing/r.html", 73, "cannot create a file in missing"),
      ("--multiqc missing/r.json", 73, "cannot create"),
      ("--markers m.tsv --clusters-column nosuch", 65, "nosuch"),
    ] as [(String, Int32, String)] {
      let outcome = try shell.run("sc-eval in.st \(options)")
      #expect(outcome.status == status, "\(options): \(outcome.errors)")
      #expect(outcome.errors.contains(complaint), "\(options): \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    try shell.writeInput { $0.obs["cluster"] = .integer(Buffer(repeating: 0, count: 120)) }
    let single = try shell.run("sc-eval in.st --markers m.tsv")
    #expect(single.status == 65 && single.errors.contains("1 cluster has cells"))
    // The page does without what the data does not allow.
    let bare = try shell.run("sc-eval in.st --report r.html")
    #expect(bare.status == 0, "\(bare.errors)")
    let text = String(decoding: try shell.data("r.html"), as: UTF8.self)
    #expect(text.contains("No layout") && !text.contains("Marker genes"))
    for option in ["--report", "--markers", "--multiqc"] {
      try? FileManager.default.createSymbolicLink(
        atPath: shell.url("full").path, withDestinationPath: "/dev/full")
      let full = try shell.run("sc-eval in.st --clusters-column type \(option) full")
      #expect(full.status == 74 && full.errors.contains("No space left"), "\(option)")
    }
    #expect(try shell.leftovers.isEmpty && !shell.exists("m.tsv"))
  }
}
