import CellData
import StageSupport
import Tensors

/// Several runs in one table: runs that differ only in their seeds are one line with mean and
/// standard deviation.
struct Comparison {
  /// One run.
  struct Run {
    let name: String
    let history: [Provenance]
    let report: Report
    let subject: RunSubject
    /// What pictures show of the run.
    let view: RunView

    /// What all runs share that differ only in their seeds: the data, and every stage's version and
    /// chosen settings. Later checksums, and settings that a stage took from the data, follow from
    /// the seeds. A run is in a group of its own if its history did not write its clusters, or if
    /// it has no history.
    var key: String {
      guard let origin, subject.hasOwnClusters else { return "name \(name)" }
      return "\(origin)\n\(subject.cells)"
    }

    /// The data and the settings of every stage; nil without a history.
    fileprivate var origin: String? {
      guard let first = history.first else { return nil }
      return
        ([first.inputCRC]
        + history.map { "\($0.tool) \($0.version) \(Self.chosen(of: $0).pairs)" })
        .joined(separator: "\n")
    }

    /// Whether both have the same history and the same figures; without a history, whether they are
    /// also the same file.
    func isSame(as other: Run) -> Bool {
      history == other.history && (!history.isEmpty || name == other.name)
        && report.rows.map { "\($0.name) \($0.value.text)" }
          == other.report.rows.map { "\($0.name) \($0.value.text)" }
    }

    /// The settings of a stage that it did not take from the data. `from_data`, a list in JSON,
    /// names those that it took. Digests of results are left out too.
    private static func chosen(of entry: Provenance) -> [String: String] {
      let taken = entry.settings["from_data"] ?? ""
      return entry.settings.filter {
        !taken.contains("\"\($0.key)\"") && !Provenance.isDigest($0.key)
      }
    }

    /// The programs that ran, in their order; the second run of one has the number 2.
    fileprivate var tools: [String] {
      var times: [String: Int] = [:]
      return history.map { entry in
        let count = times[entry.tool, default: 0] + 1
        times[entry.tool] = count
        return count == 1 ? entry.tool : "\(entry.tool)#\(count)"
      }
    }

    /// Every setting by `tool.name`; a tool that runs twice has a number.
    var settings: [String: String] {
      var result: [String: String] = [:]
      for (tool, entry) in zip(tools, history) {
        for (name, value) in Self.chosen(of: entry) { result["\(tool).\(name)"] = value }
      }
      return result
    }
  }

  /// Runs of equal settings.
  struct Group {
    let runs: [Run]
    /// The settings that set it apart from other groups, `tool.name=value`.
    let settings: [String]

    /// The mean of a figure over the runs that have it. Its standard deviation (divisor n − 1) is
    /// there for two or more runs.
    func statistics(_ metric: String) -> (mean: Double?, deviation: Double?) {
      let values = runs.compactMap { run in
        run.report.rows.first { $0.name == metric }?.number
      }
      guard !values.isEmpty else { return (nil, nil) }
      let mean = values.reduce(0, +) / Double(values.count)
      guard values.count > 1 else { return (mean, nil) }
      let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (sum / Double(values.count - 1)).squareRoot())
    }
  }

  private var runs: [Run] = []

  /// Adds a run. If it is there already, under any name, it is not counted again: its earlier name
  /// is returned.
  mutating func add(
    _ name: String, _ history: [Provenance], _ subject: RunSubject, _ figures: Figures,
    _ view: RunView
  ) -> String? {
    let run = Run(
      name: name, history: history, report: figures.report, subject: subject, view: view)
    if let known = runs.first(where: { $0.isSame(as: run) }) { return known.name }
    runs.append(run)
    return nil
  }

  /// Which runs of one history are no seeds of one run, and why.
  var remarks: [String] {
    let families = Dictionary(grouping: runs.filter { $0.origin != nil }) { $0.origin ?? "" }
      .values.filter { $0.count > 1 }
    let foreign = families.flatMap { family in
      family.filter { !$0.subject.hasOwnClusters && $0.subject.cells == family[0].subject.cells }
    }
    var result: [String] = []
    if !foreign.isEmpty {
      let names = runs.map(\.name).filter { name in foreign.contains { $0.name == name } }
      result.append(
        "the clusters of \(listed(names)) are not those that the history shows, so each file has its own row"
      )
    }
    let embeddings = runs.compactMap(\.view.embedding)
    if Set(embeddings).count > 1 {
      let pairs = runs.map { "'\($0.name)' in \($0.view.embedding ?? "none")" }
      result.append(
        "the metrics use different embeddings: \(pairs.joined(separator: ", ")); --use NAME uses one for all"
      )
    }
    for run in runs where run.origin != nil {
      if let first = runs.first(where: { $0.origin == run.origin }),
        first.subject.cells != run.subject.cells
      {
        result.append(
          "'\(run.name)' and '\(first.name)' have the same history but different cells, so each has its own row"
        )
      }
    }
    return result + groups.flatMap { incompleteMeans(of: $0) }
  }

  /// The figures that only some runs of a group have: their mean is of these runs alone.
  private func incompleteMeans(of group: Group) -> [String] {
    let having = metrics.map { metric in
      (
        metric,
        group.runs.count { run in
          run.report.rows.contains { $0.name == metric && $0.number != nil }
        }
      )
    }
    let gaps = having.filter { $0.1 > 0 && $0.1 < group.runs.count }
    return Dictionary(grouping: gaps, by: \.1).sorted { $0.key > $1.key }.map { count, figures in
      "in the row of '\(group.runs[0].name)', \(listed(figures.map(\.0))) of \(count) of \(group.runs.count) runs only: the others lack \(figures.count == 1 ? "it" : "them")"
    }
  }

  /// What pictures show of every run, by its name.
  var views: [(run: String, view: RunView)] { runs.map { ($0.name, $0.view) } }

  /// The curves of every run, by its name.
  var curves: [(run: String, curves: [RunCurve])] { runs.map { ($0.name, $0.view.curves) } }

  var groups: [Group] {
    var order: [String] = []
    var members: [String: [Run]] = [:]
    for run in runs {
      if members[run.key] == nil { order.append(run.key) }
      members[run.key, default: []].append(run)
    }
    let first = order.compactMap { members[$0]?.first }
    let differing = Comparison.differing(first.map(\.settings))
    let tools = first.map { Set($0.tools) }
    let shared = tools.dropFirst().reduce(tools.first ?? []) { $0.intersection($1) }
    return first.indices.map { number in
      // A program is named if only some runs have it; if all have it, its differing settings are.
      let own = tools[number].subtracting(shared).sorted()
      let settings = first[number].settings.filter { name, value in
        differing.contains(name) || Self.isChoice(name, value, ofFurther: own)
      }.pairs
      return Group(runs: members[order[number]] ?? [], settings: own + settings)
    }
  }

  /// Whether a setting shows what a program did that ran more often than in other runs.
  private static func isChoice(_ name: String, _ value: String, ofFurther tools: [String]) -> Bool {
    guard let tool = tools.first(where: { $0.contains("#") && name.hasPrefix($0 + ".") }) else {
      return false
    }
    let option = name.dropFirst(tool.count + 1)
    let says = ["null", "false", "[]", "\"\""].allSatisfy { $0 != value }
    return says && !option.contains(".") && option != "kernels"
  }

  /// The settings that have different values in those that have them, and the switches that not all
  /// have.
  private static func differing(_ settings: [[String: String]]) -> Set<String> {
    Set(settings.flatMap(\.keys)).filter { name in
      let values = settings.map { $0[name] }
      let isSwitch = values.allSatisfy { $0 == nil || $0 == "true" }
      return Set(isSwitch ? values : values.filter { $0 != nil }).count > 1
    }
  }

  /// The figures of all runs, in the order of the report.
  var metrics: [String] {
    var result: [String] = []
    for run in runs {
      for row in run.report.rows where !result.contains(row.name) { result.append(row.name) }
    }
    return result
  }

  func text(_ style: Report.Style) -> String {
    switch style {
    case .json: json.text.printableJSON + "\n"
    case .tabSeparated: tabSeparated
    case .table: table
    }
  }

  /// A line a group: its first run, how many there are, what sets it apart, then mean and deviation
  /// of every figure.
  private var tabSeparated: String {
    let metrics = metrics
    let head = ["run", "runs", "settings"] + metrics.flatMap { [$0, "\($0)_sd"] }
    let lines = groups.map { group in
      [
        group.runs.first?.name.printable ?? "", String(group.runs.count),
        group.settings.joined(separator: " ").printable,
      ]
        + metrics.flatMap { metric in
          let (mean, deviation) = group.statistics(metric)
          return [
            Report.plain(.optional(mean)), Report.plain(.optional(deviation)),
          ]
        }
    }
    return ([head] + lines).map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  /// For people: a column a group, below it what sets them apart.
  private var table: String {
    let groups = groups
    let numbers = groups.indices.map { "[\($0 + 1)]" }
    let rows =
      [[""] + numbers, ["runs"] + groups.map { String($0.runs.count) }]
      + metrics.map { metric in [metric] + groups.map { cell($0.statistics(metric)) } }
    let widths = (0...groups.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + space : "  " + space + text
      }.joined() + "\n"
    }
    let legend = zip(numbers, groups).map { number, group in
      let names = group.runs.map(\.name).joined(separator: ", ")
      let text =
        "\(number) \(names)\(group.settings.isEmpty ? "" : ": ")"
        + group.settings.joined(separator: " ")
      return text.printable + "\n"
    }
    return lines.joined() + "\n" + legend.joined()
  }

  /// `0.8123 ± 0.0101`
  private func cell(_ statistics: (mean: Double?, deviation: Double?)) -> String {
    guard let mean = statistics.mean else { return "NA" }
    if mean == mean.rounded(), statistics.deviation ?? 0 == 0, (1..<1e15).contains(mean) {
      return "\(Int(mean))"
    }
    return mean.fourDecimals + (statistics.deviation.map { " ± \($0.fourDecimals)" } ?? "")
  }

  private var json: JSONValue {
    let metrics = metrics
    return .array(
      groups.map { group in
        let statistics = metrics.map { ($0, group.statistics($0)) }
        return .object([
          (
            "runs",
            .array(
              group.runs.map { run in
                .object([
                  ("name", .string(run.name)),
                  ("seeds", .array(run.history.map { .raw(String($0.seed)) })),
                  ("figures", .object(run.report.rows.map { ($0.name, $0.value) })),
                ])
              })
          ),
          ("settings", .array(group.settings.map { .string($0) })),
          ("mean", .object(statistics.map { ($0.0, .optional($0.1.mean)) })),
          ("sd", .object(statistics.map { ($0.0, .optional($0.1.deviation)) })),
        ])
      })
  }
}
