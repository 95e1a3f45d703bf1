import Glibc
import Tensors

/// The group and replicate of each sample, and the columns of the model that follow from them.
///
/// Column 0 is the base group; each further group has one. If every replicate is in several groups,
/// and replicates connect all groups, each replicate but the first has one too. So groups are
/// compared within replicates. Without the connection, the replicates' columns would not determine
/// the differences between groups.
package struct GroupDesign: Sendable {
  /// The largest number of groups in a design.
  static let mostGroups = 24

  package let groups: Int
  /// Whether groups are compared within replicates.
  package let isPaired: Bool
  /// (samples, columns)
  let matrix: Matrix<Double>
  private let groupOf: [Int]

  /// - Parameters:
  ///   - group: the group of every sample; 0 is the base group.
  ///   - replicate: the replicate of every sample; a replicate has one sample of a group.
  package init(group: [Int], replicate: [Int]) {
    groups = (group.max() ?? 0) + 1
    groupOf = group
    let replicates = Set(replicate).sorted()
    let isWithin = replicates.allSatisfy { one in replicate.count { $0 == one } > 1 }
    let columns = groups + replicates.count - 1
    isPaired =
      isWithin && group.count > columns
      && Self.parts(group: group, replicate: replicate).count == 1
    var matrix = Matrix<Double>.zeros(group.count, isPaired ? columns : groups)
    for sample in group.indices {
      matrix[sample, 0] = 1
      if group[sample] > 0 { matrix[sample, group[sample]] = 1 }
      let place = replicates.firstIndex(of: replicate[sample]) ?? 0
      if isPaired && place > 0 { matrix[sample, groups + place - 1] = 1 }
    }
    self.matrix = matrix
  }

  /// The groups by the parts of the design: groups of a part are connected by replicates that are
  /// in several of them. Each part and its groups rise.
  package static func parts(group: [Int], replicate: [Int]) -> [[Int]] {
    var parts = Set(group).sorted().map { [$0] }
    for one in Set(replicate).sorted() {
      let own = Set(group.indices.filter { replicate[$0] == one }.map { group[$0] })
      let joined = parts.filter { !own.isDisjoint(with: $0) }.flatMap(\.self).sorted()
      parts = parts.filter { own.isDisjoint(with: $0) } + [joined]
    }
    return parts.sorted { $0[0] < $1[0] }
  }

  package var samples: Int { matrix.rows }
  var columns: Int { matrix.columns }

  /// Whether the model has a mean for every kind of sample, so that a sample's mean is the mean of
  /// its kind.
  var isOneWay: Bool { !isPaired }

  /// The samples that have the same row, by the first of them.
  var kinds: [[Int]] {
    let rows = (0..<samples).map { matrix.elements(ofRow: $0) }
    var found: [(row: [Double], samples: [Int])] = []
    for (sample, row) in rows.enumerated() {
      if let place = found.firstIndex(where: { $0.row == row }) {
        found[place].samples.append(sample)
      } else {
        found.append((row, [sample]))
      }
    }
    return found.map(\.samples)
  }

  func requireReplicates() throws(ComparisonFault) {
    guard groups > 1 else { throw .oneGroup }
    for group in 0..<groups {
      let count = groupOf.count { $0 == group }
      if count < 2 { throw .fewReplicates(group: group, count: count) }
    }
    guard groups <= Self.mostGroups else { throw .manyGroups(groups) }
  }
}

/// An error of a comparison of groups.
package enum ComparisonFault: Fault, Equatable {
  case oneGroup
  /// A group, by its number, has too few samples.
  case fewReplicates(group: Int, count: Int)
  case manyGroups(Int)
  /// No gene has counts in every sample.
  case noCommonGene

  package var kind: FaultKind { .badData }

  package var description: String {
    switch self {
    case .oneGroup: "there is one group, and a comparison needs two or more"
    case .fewReplicates(let group, let count):
      "group \(group) has \(count) \(count == 1 ? "replicate" : "replicates"); give two or more"
    case .manyGroups(let count):
      "\(count) groups are more than \(GroupDesign.mostGroups); compare fewer"
    case .noCommonGene: "no gene has counts in every sample; leave out samples with few cells"
    }
  }
}

/// The divisors of each sample's counts: the median over genes of its ratio to the geometric mean
/// of all samples. Genes with a 0 are left out (Anders and Huber 2010, equation 5). (S)
func medianOfRatios(_ counts: Matrix<Double>) throws(ComparisonFault) -> [Double] {
  var ratios = [[Double]](repeating: [], count: counts.rows)
  for gene in 0..<counts.columns {
    let logs = (0..<counts.rows).map { log(counts[$0, gene]) }
    guard logs.allSatisfy(\.isFinite) else { continue }
    let mean = logs.reduce(0, +) / Double(logs.count)
    for sample in logs.indices { ratios[sample].append(logs[sample] - mean) }
  }
  guard let first = ratios.first, !first.isEmpty else { throw .noCommonGene }
  return ratios.map { exp(median($0)) }
}
