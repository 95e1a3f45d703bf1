import CellData
import DifferentialExpression
import StageSupport
import Tensors

/// The samples of an experiment: the cells of one replicate in one group.
struct SampleGroups {
  /// The fewest cells of a cluster in a sample that counts.
  static let fewestCells = 10

  let groups: Categories
  let replicates: Categories
  /// The number of the base group.
  let base: Int
  private let options: (groups: String, replicates: String)
  /// The texts in the two columns that count as missing, for messages.
  let missingWords: String

  /// Throws kind `badData` for a column or a base group that is not there.
  init(_ options: GroupOptions, in cells: CellData) throws {
    let (group, replicate) = (options.compareGroups ?? "", options.replicate ?? "")
    let groups = try cells.obs.classes(group, option: "--compare-groups")
    self.groups = groups
    replicates = try cells.obs.classes(replicate, option: "--replicate")
    self.options = (group, replicate)
    let words = cells.obs.missingWords(in: group)
    missingWords = words == "" ? cells.obs.missingWords(in: replicate) : words
    let present = Set(groups.codes.filter { $0 >= 0 }).sorted().map { Int($0) }
    let names = present.map { groups.names[$0] }
    guard present.count > 1 else {
      let found = names.first.map { "all cells are of one group, '\($0)'" } ?? "no cell has a group"
      throw StageFault(
        .badData, "obs/\(group) (--compare-groups): \(found); two or more groups are needed\(words)"
      )
    }
    if let wanted = options.baseGroup {
      guard let place = names.firstIndex(of: wanted) else {
        throw StageFault(
          .badData,
          "there is no group '\(wanted)' (--base-group); there are \(listed(names))\(words)")
      }
      base = present[place]
    } else {
      base = present[0]
    }
  }

  /// The samples of a cluster.
  struct Samples {
    /// The names of the groups that are compared, the base group first.
    let groups: [String]
    /// Why others are not.
    let leftOut: [Reason]
    /// For each sample the number among these, its replicate, and its cells.
    let group: [Int]
    let replicate: [Int]
    let cells: [[Int]]
  }

  /// The samples with enough cells among these, in groups with two or more such samples. Otherwise
  /// the reason why there are none to compare.
  func samples(among rows: [Int]) -> Result<Samples, Reason> {
    var found: [Int: [Int: [Int]]] = [:]
    for row in rows where groups.codes[row] >= 0 && replicates.codes[row] >= 0 {
      found[Int(groups.codes[row]), default: [:]][Int(replicates.codes[row]), default: []]
        .append(row)
    }
    if found.count < 2 {
      return .failure(found.first.map { Reason.oneGroup(groups.names[$0.key]) } ?? Reason.noSample)
    }
    let large = found.mapValues { $0.filter { $0.value.count >= Self.fewestCells } }
    func count(_ group: Int) -> Int { large[group]?.count ?? 0 }
    if count(base) < 2 { return .failure(reason(base, count(base))) }
    let others = groups.names.indices.filter { $0 != base && count($0) >= 2 }
    guard !others.isEmpty else {
      let next = groups.names.indices.filter { $0 != base && found[$0] != nil }
        .max { count($0) < count($1) }
      return .failure(next.map { reason($0, count($0)) } ?? Reason.noSample)
    }
    let chosen = [base] + others
    let samples = chosen.enumerated().flatMap { number, group in
      (large[group] ?? [:]).sorted { $0.key < $1.key }.map { (number, $0.key, $0.value) }
    }
    let small = groups.names.indices.filter { found[$0] != nil && !chosen.contains($0) }
    return .success(
      Samples(
        groups: chosen.map { groups.names[$0] }, leftOut: small.map { reason($0, count($0)) },
        group: samples.map(\.0),
        replicate: samples.map(\.1), cells: samples.map(\.2)))
  }

  /// The cells without a group or a replicate.
  var missing: Int {
    groups.codes.indices.count { groups.codes[$0] < 0 || replicates.codes[$0] < 0 }
  }

  private func reason(_ group: Int, _ count: Int) -> Reason {
    let number = count == 0 ? "no replicate" : counted(count, "replicate")
    return Reason(
      text:
        "\(group == base ? "base group" : "group") '\(groups.names[group])' has \(number) (obs/\(options.replicates)) with \(Self.fewestCells) cells or more; two are needed"
    )
  }

  /// `'treated' against 'control' (obs/condition) in 3 clusters; 2 to 4 replicates (obs/donor) in a
  /// group; not paired`
  func design(of sections: [GroupTable.Section]) -> String {
    let compared = groups.names.filter { name in sections.contains { $0.group == name } }
    let clusters = Set(sections.map(\.cluster)).count
    let sizes = sections.flatMap { [$0.replicates.group, $0.replicates.base] }
    let (fewest, most) = (sizes.min() ?? 0, sizes.max() ?? 0)
    let replicates = fewest == most ? "\(most)" : "\(fewest) to \(most)"
    let paired = sections.count(where: \.isPaired)
    let pairing =
      paired == 0
      ? "not paired" + reasonAgainstPairing
      : paired == sections.count
        ? "paired: compared within replicates"
        : "paired in \(paired) of \(sections.count) comparisons"
    return
      "\(listed(compared)) against '\(groups.names[base])' (obs/\(options.groups)) in \(counted(clusters, "cluster")); \(replicates) replicates (obs/\(options.replicates)) in a group; \(pairing)"
  }

  /// `, because 2 of 5 replicates are in one group only` if others are in several, or `, because no
  /// replicate connects 'a' with 'b'`.
  private var reasonAgainstPairing: String {
    var found: [Int32: Set<Int32>] = [:]
    for (group, replicate) in zip(groups.codes, replicates.codes) where group >= 0 && replicate >= 0
    {
      found[replicate, default: []].insert(group)
    }
    let single = found.values.count { $0.count == 1 }
    if single == found.count { return "" }
    if single > 0 {
      return
        ", because \(single) of \(counted(found.count, "replicate")) \(single == 1 ? "is" : "are") in one group only"
    }
    let samples = found.sorted { $0.key < $1.key }.flatMap { replicate, groups in
      groups.map { (Int($0), Int(replicate)) }
    }
    let parts = GroupDesign.parts(group: samples.map(\.0), replicate: samples.map(\.1))
    guard parts.count > 1 else { return "" }
    let names = parts.prefix(2).map { listed($0.map { groups.names[$0] }) }
    return ", because no replicate connects \(names[0]) with \(names[1])"
  }

  /// Why nothing is compared.
  func refusal(_ leftOut: [GroupTable.LeftOut]) -> StageFault {
    let isOneGroup = leftOut.allSatisfy { $0.reason.hasPrefix(Reason.oneGroupWords) }
    let text =
      leftOut.isEmpty
      ? "no cell has a cluster; run sc-cluster first"
      : isOneGroup
        ? "each cluster has cells of one group of obs/\(options.groups); name a column whose groups share clusters, such as conditions"
        : "no cluster can be compared; \(leftOut[0].text)\(leftOut[0].text.hasSuffix("compare fewer") ? "" : "; give samples of more donors, or larger clusters")"
    return StageFault(.badData, "--compare-groups: \(text)")
  }

  /// Why a cluster cannot be compared.
  struct Reason: Error {
    let text: String

    fileprivate static let oneGroupWords = "all its cells are of group"
    fileprivate static let noSample = Reason(text: "none of its cells has a group and a replicate")

    fileprivate static func oneGroup(_ name: String) -> Reason {
      Reason(text: "\(oneGroupWords) '\(name)'")
    }
  }
}

extension SparseMatrix<Float> {
  /// The sums of the rows of each sample. (samples, columns)
  func sums(of samples: [[Int]]) -> Matrix<Double> {
    var result = Matrix<Double>.zeros(samples.count, columns)
    parallelRows(of: &result, tileSize: 1) { range, elements in
      let (columnOf, value) = (indices.span, values.span)
      for sample in range {
        let start = (sample - range.lowerBound) * columns
        for row in samples[sample] {
          for k in self.range(ofRow: row) { elements[start + Int(columnOf[k])] += Double(value[k]) }
        }
      }
    }
    return result
  }
}
