import CellData
import Plots
import Tensors

/// The table that sc-cluster --grid stores: a row for each pair of two settings.
struct StoredGrid {
  private let columns: [String]
  private let rows: [[Double]]

  /// Nil if there is none.
  init?(_ cells: CellData) {
    let prefix = "uns.grid."
    guard
      let name = cells.tensors.keys.filter({ $0.hasPrefix(prefix) }).min(),
      let tensor = cells.tensors[name], tensor.shape.count == 2,
      case let columns = LossHistory.texts(inList: cells.settings["\(name)_columns"] ?? ""),
      columns.count == tensor.shape[1], columns.count > 2
    else { return nil }
    let values = tensor.numbers
    self.columns = columns
    rows = stride(from: 0, to: values.count, by: columns.count).map {
      Array(values[$0..<$0 + columns.count])
    }
  }

  /// One of its columns over the first two; nil if there is no such column.
  func surface(_ column: String, title: String) -> Panel? {
    guard let place = columns.firstIndex(of: column) else { return nil }
    return .surface(
      SurfaceMap(
        title: title, over: (columns[0], columns[1]),
        points: rows.map { row in
          // The shortest text that means the stored number, which is a Float.
          (number(row[0]), number(row[1]), row[place])
        }))
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(Float(value))"
  }
}

extension SurfaceMap {
  /// A surface of values over two settings, which are on the axes by their size; pairs without a
  /// value leave their fields empty.
  init(
    title: String, over names: (x: String, y: String),
    points: [(x: String, y: String, value: Double)]
  ) {
    func axis(_ texts: [String]) -> [String] {
      Set(texts).sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) }
    }
    let (columns, rows) = (axis(points.map(\.x)), axis(points.map(\.y)))
    var values = rows.map { _ in columns.map { _ in Double.nan } }
    for point in points {
      if let row = rows.firstIndex(of: point.y), let column = columns.firstIndex(of: point.x) {
        values[row][column] = point.value
      }
    }
    self.init(
      title: title, columns: Axis(name: named(names.x), values: columns),
      rows: Axis(name: named(names.y), values: rows), values: values)
  }
}

/// A setting as the papers write it, with its name: `ε (margin)`.
private func named(_ setting: String) -> String {
  symbols[setting].map { "\($0) (\(setting))" } ?? setting
}

private let symbols = [
  "margin": "ε", "latent_neighbors": "k", "gamma": "γ", "phi": "φ",
  "lambda_reconstruction": "λ₁", "lambda_cluster": "λ₂",
]
