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

  /// Throws kind `badData` for a column or a base group that is not there.
  init(_ options: GroupOptions, in cells: CellData) throws {
    let (group, replicate) = (options.compareGroups ?? "", options.replicate ?? "")
    let groups = try cells.obs.classes(group, option: "--compare-groups")
    self.groups = groups
    replicates = try cells.obs.classes(replicate, option: "--replicate")
    self.options = (group, replicate)
    let present = Set(groups.codes.filter { $0 >= 0 }).sorted().map { Int($0) }
    let names = present.map { groups.names[$0] }
    guard present.count > 1 else {
      throw StageFault(
        .badData,
        "obs/\(group) (--compare-groups): there are the groups \(listed(names)); two or more are needed"
      )
    }
    if let wanted = options.baseGroup {
      guard let place = names.firstIndex(of: wanted) else {
        throw StageFault(
          .badData, "there is no group '\(wanted)' (--base-group); there are \(listed(names))")
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

  /// The samples with enough cells among these, of the groups with two or more of them; why there
  /// are none to compare otherwise.
  func samples(among rows: [Int]) -> Result<Samples, Reason> {
    var found: [Int: [Int: [Int]]] = [:]
    for row in rows where groups.codes[row] >= 0 && replicates.codes[row] >= 0 {
      found[Int(groups.codes[row]), default: [:]][Int(replicates.codes[row]), default: []]
        .append(row)
    }
    let large = found.mapValues { $0.filter { $0.value.count >= Self.fewestCells } }
    func count(_ group: Int) -> Int { large[group]?.count ?? 0 }
    if count(base) < 2 { return .failure(reason(base, count(base))) }
    let others = groups.names.indices.filter { $0 != base && count($0) >= 2 }
    guard !others.isEmpty else {
      let next = groups.names.indices.filter { $0 != base && found[$0] != nil }
        .max { count($0) < count($1) }
      return .failure(
        next.map { reason($0, count($0)) } ?? Reason(text: "all its cells are of one group"))
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
    Reason(
      text:
        "group '\(groups.names[group])' has \(count) \(count == 1 ? "replicate" : "replicates") (obs/\(options.replicates)) with \(Self.fewestCells) cells or more; two are needed"
    )
  }

  /// Why a cluster cannot be compared.
  struct Reason: Error {
    let text: String
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
