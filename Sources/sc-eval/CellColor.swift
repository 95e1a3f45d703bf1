import CellData
import Plots
import StageSupport
import Tensors

/// What the cells of a layout are colored by: a column of obs, or a gene.
struct CellColor {
  private enum Values {
    case classes(Categories)
    case numbers([Double])
  }

  private let title: String
  private let values: Values

  /// The column of that name, else the gene, in X or in raw.
  ///
  /// `all` has the genes of raw, if there is one. Throws kind `badData` for a name that is neither,
  /// and for a gene if there is no matrix.
  init(_ name: String, in cells: CellData, all: Expression?) throws {
    if let column = cells.obs[name] {
      title = name
      if let numbers = column.numbers, !column.isBoolean {
        values = .numbers(numbers)
      } else {
        values = .classes(try cells.obs.classes(name, option: "--color"))
      }
      return
    }
    let raw = cells.raw
    let places: [(MatrixValues?, Frame?, String)] = [
      (cells.x, cells.var, ""),
      ((all?.values).map { .sparse($0) }, all?.genes, all?.isOfForeignRaw == true ? " (raw)" : ""),
      (raw?.x, raw?.var, " (raw)"),
    ]
    for (matrix, genes, suffix) in places {
      if let matrix, let gene = genes?.index.firstIndex(of: name) {
        title = name + suffix
        values = .numbers(matrix.column(gene))
        return
      }
    }
    let count = max(cells.geneCount, all?.genes.rowCount ?? 0)
    throw StageFault(
      .badData,
      "--color \(name): is neither a column of obs nor one of the \(count) genes; the columns are \(listed(cells.obs.columnNames)), and genes are called like '\(cells.var.index.first ?? "")'"
    )
  }

  /// The layout with these colors.
  func panel(_ layout: CellLayout, seed: UInt64) -> Panel {
    let axes = ("\(layout.method.title) 1", "\(layout.method.title) 2")
    switch values {
    case .numbers(let numbers):
      return .values(
        ValuePlot(title, points: layout.points, values: layout.rows.map { numbers[$0] }, axes: axes)
      )
    case .classes(let classes):
      return .scatter(
        ScatterPlot(
          title, points: layout.points, classes: layout.rows.map { Int(classes.codes[$0]) },
          names: classes.names, axes: axes, seed: seed))
    }
  }
}

extension Column {
  fileprivate var isBoolean: Bool {
    switch self {
    case .boolean: true
    case .nullable(let inner, _): inner.isBoolean
    default: false
    }
  }
}

extension MatrixValues {
  /// The values of one column.
  fileprivate func column(_ j: Int) -> [Double] {
    switch self {
    case .dense(let matrix): return (0..<matrix.rows).map { Double(matrix[$0, j]) }
    case .sparse(let matrix):
      let wanted = Int32(truncatingIfNeeded: j)
      return (0..<matrix.rows).map { i in
        var (low, high) = (matrix.range(ofRow: i).lowerBound, matrix.range(ofRow: i).upperBound)
        while low < high {
          let middle = (low + high) / 2
          if matrix.indices[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < matrix.range(ofRow: i).upperBound && matrix.indices[low] == wanted
          ? Double(matrix.values[low]) : 0
      }
    }
  }
}
