import Colors
import Glibc

/// How the classes of one partition correspond to those of another: bands between two columns, with
/// widths by their numbers of cells.
package struct AlluvialChart: Sendable {
  /// One partition.
  package struct Column: Sendable {
    let name: String
    let classes: [String]
    let colors: [Int]

    package init(name: String, classes: [String], colors: [Int]? = nil) {
      (self.name, self.classes) = (name, classes)
      self.colors = colors ?? Array(classes.indices)
      precondition(self.colors.count == classes.count, "a color a class")
    }
  }

  /// Classes past this many, the smallest, are left out.
  package static let limit = 60

  private let title: String
  private let left, right: Column
  /// Cells by class of the left and of the right column.
  private let counts: [[Int]]

  /// Classes without cells are left out.
  package init(title: String, _ left: Column, _ right: Column, counts: [[Int]]) {
    precondition(
      counts.count == left.classes.count
        && counts.allSatisfy { $0.count == right.classes.count }, "a count for each pair")
    let rows = AlluvialChart.shown(counts.map { $0.reduce(0, +) })
    let columns = AlluvialChart.shown(
      right.classes.indices.map { column in rows.reduce(0) { $0 + counts[$1][column] } })
    let full = counts.count { $0.contains { $0 > 0 } }
    let isWhole = rows.count == full && columns.count < AlluvialChart.limit
    self.title = isWhole ? title : "\(title) (the largest classes)"
    self.left = left.selecting(rows)
    // Columns are in the order of their origins, so that few bands cross.
    let order = AlluvialChart.byOrigin(columns, rows.map { counts[$0] })
    self.right = right.selecting(order)
    self.counts = rows.map { row in order.map { counts[row][$0] } }
  }

  private static func shown(_ sizes: [Int]) -> [Int] {
    sizes.indices.filter { sizes[$0] > 0 }.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
      .prefix(limit).sorted()
  }

  /// Columns by the mean row that their cells come from.
  private static func byOrigin(_ columns: [Int], _ counts: [[Int]]) -> [Int] {
    func origin(_ column: Int) -> Double {
      let total = counts.reduce(0) { $0 + $1[column] }
      let sum = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element[column] }
      return Double(sum) / Double(max(1, total))
    }
    return columns.sorted { (origin($0), $0) < (origin($1), $1) }
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    let total = counts.reduce(0) { $0 + $1.reduce(0, +) }
    guard total > 0 else { return }
    let size = type.text
    let columns = [left, right]
    let names = columns.map { column in
      column.classes.shortenedApart(to: 0.28 * area.width) { canvas.width(of: $0, size: size) }
    }
    let widths = names.map { $0.map { canvas.width(of: $0, size: size) }.max() ?? 0 }
    let plot = area.inset(
      left: widths[0] + 1.6 * size, top: 1.8 * size, right: widths[1] + 1.6 * size)
    let sizes = [
      counts.map { $0.reduce(0, +) },
      right.classes.indices.map { column in counts.reduce(0) { $0 + $1[column] } },
    ]
    let nodes = sizes.map { AlluvialChart.spans($0, of: total, in: plot) }
    drawBands(nodes, in: plot, size, on: canvas)
    let titles = columns.map(\.name).shortenedApart(to: 0.48 * plot.width) {
      canvas.width(of: $0, size: size, isBold: true)
    }
    for side in 0..<2 {
      let isLeft = side == 0
      let x = isLeft ? plot.x : plot.right - size
      canvas.text(
        titles[side], x: isLeft ? plot.x : plot.right, y: plot.y - 0.6 * size, size: size,
        isBold: true, alignment: isLeft ? 0 : 1)
      for (number, node) in nodes[side].enumerated() {
        canvas.fill(
          Rectangle(x: x, y: node.y, width: size, height: max(1, node.height)),
          Palette.color(columns[side].colors[number]))
      }
      drawNames(
        names[side], at: nodes[side].map { $0.y + $0.height / 2 }, x: isLeft ? plot.x : plot.right,
        isLeft: isLeft, in: plot, size, on: canvas)
    }
  }

  /// The extents of the classes of a column, with a fifth of the height as gaps between them.
  private static func spans(_ sizes: [Int], of total: Int, in plot: Rectangle)
    -> [(y: Double, height: Double)]
  {
    let gap = sizes.count > 1 ? 0.2 * plot.height / Double(sizes.count - 1) : 0
    let unit = (sizes.count > 1 ? 0.8 : 1) * plot.height / Double(total)
    var y = plot.y
    return sizes.map { size in
      defer { y += unit * Double(size) + gap }
      return (y, unit * Double(size))
    }
  }

  private func drawBands(
    _ nodes: [[(y: Double, height: Double)]], in plot: Rectangle, _ size: Double, on canvas: Canvas
  ) {
    var starts = nodes.map { $0.map(\.y) }
    let total = counts.reduce(0) { $0 + $1.reduce(0, +) }
    let height = nodes[0].reduce(0) { $0 + $1.height } / Double(total)
    for (row, columns) in counts.enumerated() {
      for (column, count) in columns.enumerated() where count > 0 {
        let width = height * Double(count)
        let otherWidth =
          width * nodes[1].reduce(0) { $0 + $1.height } / nodes[0].reduce(0) { $0 + $1.height }
        let (from, to) = (starts[0][row], starts[1][column])
        let upper = AlluvialChart.curve(
          from: (plot.x + size, from), to: (plot.right - size, to))
        let lower = AlluvialChart.curve(
          from: (plot.x + size, from + width), to: (plot.right - size, to + otherWidth))
        canvas.fill(upper + lower.reversed(), Palette.color(left.colors[row]), opacity: 0.45)
        starts[0][row] += width
        starts[1][column] += otherWidth
      }
    }
  }

  /// A line that is level at both ends.
  private static func curve(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double)
  ) -> [(x: Double, y: Double)] {
    (0...24).map { step in
      let share = Double(step) / 24
      let rise = share * share * (3 - 2 * share)
      return (start.x + share * (end.x - start.x), start.y + rise * (end.y - start.y))
    }
  }

  /// Names beside the classes. If classes are small, names are moved apart, with a line to the
  /// class.
  private func drawNames(
    _ names: [String], at middles: [Double], x: Double, isLeft: Bool, in plot: Rectangle,
    _ size: Double, on canvas: Canvas
  ) {
    let text = max(8, min(size, plot.height / (1.15 * Double(max(1, names.count)))))
    let places = middles.spread(apart: 1.1 * text, from: plot.y, to: plot.bottom)
    let side = isLeft ? -1.0 : 1.0
    for (number, name) in names.enumerated() {
      canvas.line(
        [(x + side * 0.2 * size, middles[number]), (x + side * size, places[number])], width: 1,
        .faint)
      canvas.text(
        name, x: x + side * 1.2 * size, y: places[number] + 0.36 * text, size: text,
        alignment: isLeft ? 1 : 0)
    }
  }
}

extension AlluvialChart.Column {
  fileprivate func selecting(_ places: [Int]) -> AlluvialChart.Column {
    AlluvialChart.Column(
      name: name, classes: places.map { classes[$0] }, colors: places.map { colors[$0] })
  }
}

extension [Double] {
  /// Rising positions with at least that distance, near the wanted ones, between two ends if they
  /// fit.
  func spread(apart distance: Double, from low: Double, to high: Double) -> [Double] {
    var places = self
    for k in places.indices.dropFirst() {
      places[k] = Swift.max(places[k], places[k - 1] + distance)
    }
    guard let last = places.last, last > high else { return places }
    places[count - 1] = high
    for k in places.indices.dropLast().reversed() {
      places[k] = Swift.min(places[k], places[k + 1] - distance)
    }
    return places
  }
}
