import Colors

/// The terms of a loss, epoch by epoch: one field for each phase of training, each with its own
/// scale. It serves for other curves too.
package struct LossChart: Sendable {
  /// The values of one term.
  package struct Curve: Sendable {
    let name: String
    /// The epoch of each value, rising.
    let epochs: [Int]
    /// Values that are not finite leave a gap.
    let values: [Double]

    package init(name: String, epochs: [Int], values: [Double]) {
      precondition(epochs.count >= values.count, "\(epochs.count) epochs, \(values.count) values")
      (self.name, self.epochs, self.values) = (name, epochs, values)
    }
  }

  /// One phase: its curves, each with its own epochs.
  package struct Phase: Sendable {
    let title: String
    let curves: [Curve]
    /// The name of the epochs.
    let axis: String
    /// Values that the axis shows beside those of the terms; if 0 is among them, its scale is not
    /// logarithmic.
    let showing: [Double]

    /// Takes the terms of every epoch from 1, or of `epochs`.
    package init(
      title: String, terms: [(name: String, values: [Double])], epochs: [Int]? = nil,
      axis: String = "epoch", showing: [Double] = []
    ) {
      let epochs = epochs ?? (0..<(terms.map(\.values.count).max() ?? 0)).map { $0 + 1 }
      self.init(
        title: title, curves: terms.map { Curve(name: $0.name, epochs: epochs, values: $0.values) },
        axis: axis, showing: showing)
    }

    /// Takes curves that need not have the same epochs, and may coincide: those of several runs.
    package init(
      title: String, curves: [Curve], axis: String = "epoch", showing: [Double] = []
    ) {
      self.title = title
      self.curves = curves
      self.axis = axis
      self.showing = showing
    }

    /// The first and the last epoch of all curves.
    fileprivate var extent: (first: Int, last: Int) {
      (curves.compactMap(\.epochs.first).min() ?? 1, curves.compactMap(\.epochs.last).max() ?? 1)
    }
  }

  private let title: String
  private let phases: [Phase]
  /// The distinct terms in the order of their appearance: each has one color in all phases.
  private let names: [String]

  package init(title: String, phases: [Phase]) {
    self.title = title
    self.phases = phases.filter { $0.curves.contains { !$0.values.isEmpty } }
    var names: [String] = []
    for phase in self.phases {
      for curve in phase.curves where !names.contains(curve.name) { names.append(curve.name) }
    }
    self.names = names
  }

  private static let colors = [0x222222, 0xE69F00, 0x0072B2, 0x009E73, 0xCC79A7, 0xD55E00].map {
    Color(UInt32($0))
  }

  private func color(_ name: String) -> Color {
    let number = names.firstIndex(of: name) ?? 0
    return number < LossChart.colors.count ? LossChart.colors[number] : Palette.color(number)
  }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    var area = type.drawTitle(title, in: frame, on: canvas)
    guard !phases.isEmpty else { return }
    let used =
      names.count < 2 ? 0 : canvas.drawKey(names.map { ($0, color($0)) }, in: area, size: type.text)
    area = area.inset(top: used)
    // Side by side if that leaves them wide enough, else below each other.
    let isWide = area.width / Double(phases.count) > 15 * type.text
    for (number, phase) in phases.enumerated() {
      let place = Double(number) / Double(phases.count)
      let share = 1 / Double(phases.count)
      let field =
        isWide
        ? Rectangle(
          x: area.x + place * area.width, y: area.y, width: share * area.width, height: area.height)
        : Rectangle(
          x: area.x, y: area.y + place * area.height, width: area.width,
          height: share * area.height)
      draw(phase, in: field, type, on: canvas)
    }
  }

  private func draw(_ phase: Phase, in field: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let size = type.text
    let values = phase.curves.flatMap(\.values).filter(\.isFinite)
    let axis = ValueAxis(values + phase.showing)
    let widest = axis.ticks.map { canvas.width(of: $0.label, size: size) }.max() ?? 0
    let plot = field.inset(
      left: widest + 0.6 * size, top: 1.6 * size, right: 0.8 * size, bottom: 2.6 * size)
    let width = { canvas.width(of: $0, size: size, isBold: true) }
    let titles = (axis.isLogarithmic ? [" (log scale)", " (log)"] : []).map { phase.title + $0 }
    let title = titles.first { width($0) <= plot.width } ?? phase.title
    canvas.text(
      title.shortened(to: plot.width, width: width), x: plot.x, y: plot.y - 0.5 * size, size: size,
      isBold: true)
    for tick in axis.ticks {
      let y = plot.bottom - axis.place(tick.value) * plot.height
      canvas.line([(plot.x, y), (plot.right, y)], width: 1, Color(0xE4E4E4))
      canvas.text(
        tick.label, x: plot.x - 0.4 * size, y: y + 0.36 * size, size: size, alignment: 1)
    }
    let (first, last) = phase.extent
    let lines = phase.curves.map { curve in
      Line(
        name: curve.name,
        runs: runs(of: curve.values).map { run in
          run.map { place in
            (
              x: plot.x + plot.width * Double(curve.epochs[place] - first)
                / Double(max(1, last - first)),
              y: plot.bottom - axis.place(curve.values[place]) * plot.height
            )
          }
        })
    }
    draw(lines, width: max(1.6, 3 * type.scale), on: canvas)
    canvas.frame(plot, .faint)
    canvas.text(first.grouped, x: plot.x, y: plot.bottom + 1.2 * size, size: size)
    canvas.text(
      last.grouped, x: plot.right, y: plot.bottom + 1.2 * size, size: size, alignment: 1)
    canvas.text(
      phase.axis, x: plot.x + plot.width / 2,
      y: plot.bottom + 1.2 * size, size: size, alignment: 0.5)
  }

  /// A curve in drawing coordinates: a piece for each run of finite values.
  private struct Line {
    let name: String
    let runs: [[(x: Double, y: Double)]]

    /// Whether the other is hardly visible below it, with lines of that width.
    func covers(_ other: Line, width: Double) -> Bool {
      guard runs.map(\.count) == other.runs.map(\.count) else { return false }
      return zip(runs.joined(), other.runs.joined()).allSatisfy { own, below in
        max(abs(own.x - below.x), abs(own.y - below.y)) < width / 2
      }
    }
  }

  /// All are equally wide. If lines would cover each other, each is drawn in pieces, in turn.
  private func draw(_ lines: [Line], width: Double, on canvas: Canvas) {
    let piece = 6 * width
    for (number, line) in lines.enumerated() {
      let alike = lines.indices.filter { lines[$0].covers(line, width: width) }
      let turn = alike.firstIndex(of: number) ?? 0
      let dashes =
        turn == 0
        ? nil
        : Canvas.Dashes(
          drawn: piece, left: Double(alike.count - 1) * piece, start: Double(turn) * piece)
      for points in line.runs {
        canvas.line(points, width: width, color(line.name), dashes: dashes)
      }
    }
  }

  /// Runs of finite values.
  private func runs(of values: [Double]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for place in values.indices where values[place].isFinite {
      if let last = result.last, last.upperBound == place {
        result[result.count - 1] = last.lowerBound..<place + 1
      } else {
        result.append(place..<place + 1)
      }
    }
    return result
  }
}
