import Colors
import Tensors

/// The clusters of the cells of each class: a row for each class, a column for each cluster. A
/// field is darker the larger its share of the class's cells.
package struct ConfusionMap: Sendable {
  package let title: String
  /// The names and cells of the rows and columns, in their order.
  private let rows: [String]
  private let columns: [String]
  /// Cells by row and column.
  private let counts: [[Int]]
  /// The cells of every row, including columns that are not drawn.
  private let totals: [Int]

  /// Rows and columns past this many, the smallest, are left out.
  package static let limit = 40

  /// From counts by class and cluster. Clusters should be in the order of their matched classes, so
  /// that agreement is on the diagonal. Classes and clusters without cells are left out.
  package init(title: String, classes: [String], clusters: [String], counts: [[Int]]) {
    precondition(
      counts.count == classes.count && counts.allSatisfy { $0.count == clusters.count },
      "a row of \(clusters.count) counts for each of \(classes.count) classes")
    let rowSums = counts.map { $0.reduce(0, +) }
    let columnSums = clusters.indices.map { column in counts.reduce(0) { $0 + $1[column] } }
    let chosenRows = ConfusionMap.largest(rowSums)
    let chosenColumns = ConfusionMap.largest(columnSums)
    let left = [
      (rowSums, chosenRows, "class", "classes"), (columnSums, chosenColumns, "cluster", "clusters"),
    ]
    .compactMap { sums, chosen, one, many -> String? in
      let count = sums.count { $0 > 0 } - chosen.count
      return count > 0 ? "\(count) \(count == 1 ? one : many)" : nil
    }
    self.title = left.isEmpty ? title : "\(title) (without \(left.joined(separator: ", ")))"
    rows = chosenRows.map { classes[$0] }
    columns = chosenColumns.map { clusters[$0] }
    self.counts = chosenRows.map { row in chosenColumns.map { counts[row][$0] } }
    totals = chosenRows.map { rowSums[$0] }
  }

  /// The largest classes with cells, in their order.
  private static func largest(_ sums: [Int]) -> [Int] {
    let chosen = sums.indices.filter { sums[$0] > 0 }.sorted { (sums[$1], $0) < (sums[$0], $1) }
    return chosen.prefix(limit).sorted()
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let usual = layout(in: area, roomBelow: 2.6 * type.text, type, on: canvas)
    let room = roomBelow(usual.map, in: area, type, on: canvas)
    let (map, names, rowText) = layout(in: area, roomBelow: room, type, on: canvas)
    drawFields(in: map, type, on: canvas)
    for (row, name) in names.enumerated() {
      let y = map.y + (Double(row) + 0.5) * map.height / Double(rows.count) + 0.36 * rowText
      canvas.text(name, x: map.x - 0.4 * rowText, y: y, size: rowText, alignment: 1)
    }
    let below = drawColumnNames(under: map, room: room, type, on: canvas)
    drawKey(
      x: map.x, y: map.bottom + below + 0.8 * type.text, width: map.width, type, on: canvas)
  }

  /// The fields, with the names of the rows beside them and this much room for the names of the
  /// columns.
  private func layout(
    in area: Rectangle, roomBelow: Double, _ type: TypeScale, on canvas: Canvas
  ) -> (map: Rectangle, names: [String], rowText: Double) {
    let height = min(
      5 * type.text, (area.height - 3.9 * type.text - roomBelow) / Double(rows.count))
    let rowText = max(8, min(type.text, height / 1.15))
    let names = rows.shortenedApart(to: 0.4 * area.width) { canvas.width(of: $0, size: rowText) }
    let left = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 0.8 * rowText
    let width = min(7 * type.text, (area.width - left) / Double(columns.count))
    let map = Rectangle(
      x: area.x + left, y: area.y, width: width * Double(columns.count),
      height: height * Double(rows.count))
    return (map, names, rowText)
  }

  /// The height of the names of the columns: that of the longest upright name, but at most a third
  /// of the area.
  private func roomBelow(
    _ map: Rectangle, in area: Rectangle, _ type: TypeScale, on canvas: Canvas
  ) -> Double {
    let (size, longest) = columnText(map, type, on: canvas)
    return max(2.6 * type.text, min(longest + 0.5 * size, area.height / 3))
  }

  /// The size of the columns' names, and the width of the longest.
  private func columnText(
    _ map: Rectangle, _ type: TypeScale, on canvas: Canvas
  ) -> (size: Double, longest: Double) {
    let size = max(8, min(type.text, map.width / Double(columns.count) / 1.15))
    return (size, columns.map { canvas.width(of: $0.printable, size: size) }.max() ?? 0)
  }

  /// Names of the columns. Names wider than the columns are upright, and as long as there is room.
  /// Returns their height.
  private func drawColumnNames(
    under map: Rectangle, room: Double, _ type: TypeScale, on canvas: Canvas
  ) -> Double {
    let field = map.width / Double(columns.count)
    let (size, longest) = columnText(map, type, on: canvas)
    let isUpright = longest > 0.92 * field
    let limit = isUpright ? room : longest + 1
    let names = columns.shortenedApart(to: limit) { canvas.width(of: $0, size: size) }
    for (column, text) in names.enumerated() {
      let x = map.x + (Double(column) + 0.5) * field
      if isUpright {
        canvas.text(
          text, x: x + 0.36 * size, y: map.bottom + 0.5 * size, size: size, alignment: 1,
          isUpright: true)
      } else {
        canvas.text(text, x: x, y: map.bottom + 1.2 * size, size: size, alignment: 0.5)
      }
    }
    return isUpright ? min(longest, limit) : size
  }

  private func drawFields(in map: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let (width, height) = (map.width / Double(columns.count), map.height / Double(rows.count))
    let text = min(type.text, 0.42 * width, 0.6 * height)
    for row in rows.indices {
      for column in columns.indices {
        let share = Double(counts[row][column]) / Double(max(1, totals[row]))
        let field = Rectangle(
          x: map.x + Double(column) * width, y: map.y + Double(row) * height, width: width,
          height: height)
        canvas.fill(field, ConfusionMap.color(share))
        let percent = Int((100 * share).rounded())
        guard text >= 9, percent >= 1 else { continue }
        canvas.text(
          "\(percent)", x: field.x + width / 2, y: field.y + height / 2 + 0.36 * text, size: text,
          alignment: 0.5, color: share > 0.45 ? .paper : .ink)
      }
    }
    canvas.frame(map, .faint)
  }

  /// What the colors mean.
  private func drawKey(
    x: Double, y: Double, width: Double, _ type: TypeScale, on canvas: Canvas
  ) {
    canvas.text(
      "cluster", x: x + width / 2, y: y + 0.6 * type.text, size: type.text, alignment: 0.5)
    let top = y + 1.1 * type.text
    let size = 0.85 * type.text
    canvas.text("0", x: x, y: top + 0.85 * size, size: size)
    let bar = Rectangle(x: x + size, y: top, width: 6 * size, height: size)
    canvas.fill(bar, by: ConfusionMap.color)
    canvas.text(
      "100 % of the cells with this true label", x: bar.right + 0.4 * size, y: top + 0.85 * size,
      size: size)
  }

  /// Small shares are distinguished better than large ones.
  static func color(_ share: Double) -> Color { .shade(min(1, max(0, share)).squareRoot()) }
}

extension Color {
  /// From nearly white (0) to dark blue (1), in even steps for the eye. Lightness alone shows the
  /// value, so that it does not depend on color vision.
  static func shade(_ value: Double) -> Color {
    let stops = [Color(0xF4F7FA), Color(0x9CC4E4), Color(0x2F79B5), Color(0x08306B)]
    let place = min(1, max(0, value)) * 3
    let first = min(2, Int(place))
    return stops[first].mixed(with: stops[first + 1], share: place - Double(first))
  }
}
