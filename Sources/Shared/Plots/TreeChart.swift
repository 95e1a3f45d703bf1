import Colors

/// A tree of clusters: the root on the left, a row for each cluster, branches as long as the
/// distances of their clusters.
package struct TreeChart: Sendable {
  /// A cluster.
  package struct Leaf: Sendable {
    let name: String
    let cells: Int
    let color: Int

    package init(name: String, cells: Int, color: Int) {
      (self.name, self.cells, self.color) = (name, cells, color)
    }
  }

  /// Two branches that meet: each is a leaf, or the node of number − K.
  package struct Node: Sendable {
    let branches: [Int]
    let height: Double
    /// The labels of the two branches.
    let labels: [String]

    package init(_ first: Int, _ second: Int, height: Double, labels: (String, String) = ("", "")) {
      (branches, self.height) = ([first, second], height)
      self.labels = [labels.0, labels.1]
    }
  }

  private let title: String
  /// What the heights are.
  private let axisName: String
  private let leaves: [Leaf]
  private let nodes: [Node]
  /// The leaves from top to bottom.
  private let order: [Int]

  /// K leaves in the order of their rows, and K − 1 nodes, each after its branches.
  package init(title: String, axis: String, leaves: [Leaf], order: [Int], nodes: [Node]) {
    precondition(order.sorted() == Array(leaves.indices), "every leaf has a row")
    precondition(
      nodes.indices.allSatisfy { place in
        nodes[place].branches.allSatisfy { $0 < leaves.count + place }
      }, "branches come before their node")
    (self.title, axisName, self.leaves) = (title, axis, leaves)
    (self.order, self.nodes) = (order, nodes)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !leaves.isEmpty else { return }
    let size = type.text
    let row = min(4 * size, (area.height - 3 * size) / Double(leaves.count))
    let rowText = max(5, min(size, row / 1.2))
    let names = leaves.map { "\($0.name) (\($0.cells.grouped))" }
      .shortenedApart(to: 0.3 * area.width) { canvas.width(of: $0, size: rowText) }
    let right = (names.map { canvas.width(of: $0, size: rowText) }.max() ?? 0) + 2.2 * rowText
    let plot = Rectangle(
      x: area.x + size, y: area.y, width: max(1, area.width - right - size),
      height: row * Double(leaves.count))
    let axis = ValueAxis([0, nodes.map(\.height).max() ?? 1])
    drawAxis(axis, under: plot, size, on: canvas)
    var middles = [Double](repeating: 0, count: leaves.count)
    for (place, leaf) in order.enumerated() {
      let y = plot.y + (Double(place) + 0.5) * row
      middles[leaf] = y
      let square = Rectangle(
        x: plot.right + 0.4 * rowText, y: y - 0.4 * rowText, width: 0.8 * rowText,
        height: 0.8 * rowText)
      canvas.fill(square, Palette.color(leaves[leaf].color))
      canvas.text(
        names[leaf], x: square.right + 0.4 * rowText, y: y + 0.36 * rowText, size: rowText)
    }
    drawNodes(middles, axis, in: plot, min(size, 0.42 * row), on: canvas)
  }

  private func drawNodes(
    _ middles: [Double], _ axis: ValueAxis, in plot: Rectangle, _ size: Double, on canvas: Canvas
  ) {
    var places = middles.map { (x: plot.right, y: $0) }
    for node in nodes {
      let x = plot.right - axis.place(node.height) * plot.width
      let ends = node.branches.map { places[$0] }
      canvas.line([(x, ends[0].y), (x, ends[1].y)], width: 2, .ink)
      for (end, label) in zip(ends, node.labels) {
        canvas.line([(x, end.y), (end.x, end.y)], width: 2, .ink)
        let room = end.x - x - 0.6 * size
        // Smaller letters are not legible.
        if size >= 7 && !label.isEmpty && canvas.width(of: label, size: size) <= room {
          canvas.text(
            label, x: x + 0.3 * size, y: end.y - 0.3 * size, size: size, color: Color(0x555555))
        }
      }
      places.append((x, (ends[0].y + ends[1].y) / 2))
    }
  }

  /// From the leaves, at 0, to the left.
  private func drawAxis(
    _ axis: ValueAxis, under plot: Rectangle, _ size: Double, on canvas: Canvas
  ) {
    for tick in axis.ticks {
      let x = plot.right - axis.place(tick.value) * plot.width
      canvas.line([(x, plot.y), (x, plot.bottom)], width: 1, Color(0xE4E4E4))
      canvas.text(tick.label, x: x, y: plot.bottom + 1.2 * size, size: size, alignment: 0.5)
    }
    canvas.text(
      axisName, x: plot.x + plot.width / 2, y: plot.bottom + 2.5 * size, size: size, alignment: 0.5
    )
  }
}
