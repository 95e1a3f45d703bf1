import Colors

/// The meaning of the colors of several scatter plots beside it: the legend that they share.
package struct ColorKey: Sendable {
  private let title: String
  private let entries: [Legend.Entry]

  /// With the number of cells of each class, unless `countsCells` is false; the first name has the
  /// first color of the palette. Classes without cells are left out.
  package init(title: String, names: [String], counts: [Int], countsCells: Bool = true) {
    precondition(names.count == counts.count, "a count a name")
    self.title = title
    entries = names.indices.filter { counts[$0] > 0 }.map {
      Legend.Entry(
        name: names[$0], count: countsCells ? counts[$0] : nil, color: Palette.color($0))
    }
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    let space = Legend.Space(x: area.x, y: area.y, width: area.width, height: area.height)
    Legend(count: entries.count, in: space, largest: 1.1 * type.text).draw(entries, on: canvas)
  }
}
