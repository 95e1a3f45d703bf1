// The counts of raw have genes of their own. What the file holds about the genes of X is about the
// same genes, known by their names, and is kept with them.

import CellData
import DataFormats
import StageSupport
import Tensors

/// Some genes of raw, with the file's annotations of them outside raw.
struct RawGenes {
  /// The columns of raw/var, and the columns of var for the genes that both have.
  private(set) var table: Frame
  /// The layers of X, for these genes; none if raw has further genes.
  private(set) var layers: [String: MatrixValues] = [:]
  /// The matrices of genes, for these genes; none if raw has further genes.
  private(set) var varm: [String: Matrix<Float>] = [:]
  /// What is left out, since it does not have all of these genes.
  private(set) var lost: [String] = []
  /// The columns of var in which genes of raw have no value.
  private(set) var incomplete: [String] = []

  /// - Parameter rows: the genes, as rows of raw/var.
  init(_ rows: [Int], of raw: RawValues, beside cells: CellData) {
    let places = RawGenes.places(of: rows, raw.var.index, in: cells.var.index)
    let shared = places.compactMap(\.self)
    table = raw.var.selectingRows(rows)
    for name in cells.var.columnNames {
      guard let column = cells.var[name] else { continue }
      if shared.count == places.count {
        table[name] = column.selecting(shared)
      } else if let own = table[name] {
        // raw has a value for every gene; only differing values of var are lost.
        let both = places.indices.filter { places[$0] != nil }
        if own.selecting(both) != column.selecting(shared) { lost.append("var/\(name)") }
      } else {
        table[name] = column.selecting(places)
        incomplete.append("var/\(name)")
      }
    }
    guard shared.count == places.count else {
      lost += cells.layers.keys.sorted().map { "layers/\($0)" }
      lost += cells.varm.keys.sorted().map { "varm/\($0)" }
      return
    }
    layers = cells.layers.mapValues { $0.takingColumns(shared) }
    varm = cells.varm.mapValues { $0.selectingRows(shared) }
  }

  /// The position of each gene in `var`; nil for one that is not there, or whose name several genes
  /// of raw have.
  private static func places(
    of rows: [Int], _ names: [String], in genes: [String]
  ) -> [Int?] {
    if names == genes { return rows }
    let place = genes.firstPositions
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    return rows.map { counts[names[$0]] == 1 ? place[names[$0]] : nil }
  }

  /// Reports what is left out, and what has gaps.
  func announce(in stage: Stage) {
    stage.announce(
      leftOut: lost, because: "the counts come from raw, which has genes that are not in var")
    if !incomplete.isEmpty {
      stage.log.note(
        "these columns have no value for the genes that only raw has: \(incomplete.joined(separator: ", "))"
      )
    }
  }
}

extension MatrixValues {
  /// The columns named, in any order.
  fileprivate func takingColumns(_ chosen: [Int]) -> MatrixValues {
    guard case .sparse(let matrix) = self, !zip(chosen, chosen.dropFirst()).allSatisfy(<) else {
      return selectingColumns(chosen)
    }
    let turned = MatrixValues.sparse(matrix.transposed()).selectingRows(chosen)
    return .sparse(turned.sparse().transposed())
  }
}

extension Column {
  /// The rows named, in that order; a nil row gives a missing value.
  fileprivate func selecting(_ rows: [Int?]) -> Column {
    let missing = Buffer(rows.map { $0 == nil })
    func pick<T: BitwiseCopyable>(_ values: Buffer<T>, else absent: T) -> Buffer<T> {
      Buffer(rows.map { $0.map { values[$0] } ?? absent })
    }
    switch self {
    case .float32(let values): return .float32(pick(values, else: .nan))
    case .float64(let values): return .float64(pick(values, else: .nan))
    case .integer(let values): return .nullable(.integer(pick(values, else: 0)), missing: missing)
    case .unsigned(let values):
      return .nullable(.unsigned(pick(values, else: 0)), missing: missing)
    case .boolean(let values):
      return .nullable(.boolean(pick(values, else: false)), missing: missing)
    case .strings(let texts):
      return .categorical(Categories(rows.map { $0.map { texts[$0] } }))
    case .categorical(var values):
      values.codes = pick(values.codes, else: -1)
      return .categorical(values)
    case .nullable(let values, let absent):
      let filled = Column.nullable(values, missing: absent).selecting(rows.map { $0 ?? 0 })
      guard case .nullable(let inner, _) = filled else { return filled }
      return .nullable(inner, missing: pick(absent, else: true))
    }
  }
}
