import Colors

/// Figures of several runs: a field for each figure, in it a bar for each run with its number and,
/// for several seeds, its deviation.
package struct ScoreChart: Sendable {
  /// A mean and a standard deviation.
  package struct Score: Sendable {
    /// nil if the run has no such figure.
    let mean: Double?
    /// nil if there is only one seed.
    let deviation: Double?

    package init(mean: Double?, deviation: Double?) {
      self.mean = mean.flatMap { $0.isFinite ? $0 : nil }
      self.deviation = deviation.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The values that an axis must show for it.
    fileprivate var extent: [Double] {
      guard let mean else { return [] }
      let reach = deviation ?? 0
      return [mean - reach, mean + reach].filter(\.isFinite)
    }
  }

  private let title: String
  private let runs: [String]
  private let figures: [(name: String, scores: [Score])]

  /// Runs past this many, the last, are left out.
  package static let limit = 40

  /// From a score for every figure and run.
  package init(title: String, runs: [String], figures: [(name: String, scores: [Score])]) {
    precondition(figures.allSatisfy { $0.scores.count == runs.count }, "a score a run")
    let left = runs.count - ScoreChart.limit
    self.title = left > 0 ? "\(title) (without the last \(left))" : title
    self.runs = Array(runs.prefix(ScoreChart.limit))
    self.figures = figures.map { ($0.name, Array($0.scores.prefix(ScoreChart.limit))) }
  }

  /// Its height on a whole sheet: title and names of the figures, and the largest height of every
  /// bar.
  var height: Double { 170 + 66 * Double(runs.count) }

  func draw(in frame: Rectangle, _ type: TypeScale, on canvas: Canvas) {
    let area = type.drawTitle(title, in: frame, on: canvas)
    guard !runs.isEmpty, !figures.isEmpty else { return }
    let head = 1.8 * type.text
    let pitch = min((area.height - head) / Double(runs.count), 3 * type.text)
    let size = max(8, min(type.text, pitch / 1.1))
    let names = runs.shortenedApart(to: 0.3 * area.width) { canvas.width(of: $0, size: size) }
    let left = (names.map { canvas.width(of: $0, size: size) }.max() ?? 0) + 0.6 * size
    let bars = area.inset(left: left, top: head)
    for (row, name) in names.enumerated() {
      let y = bars.y + (Double(row) + 0.5) * pitch + 0.36 * size
      canvas.text(name, x: bars.x - 0.4 * size, y: y, size: size, alignment: 1)
    }
    let width = bars.width / Double(figures.count)
    for (column, figure) in figures.enumerated() {
      let field = Rectangle(
        x: bars.x + Double(column) * width, y: bars.y, width: width - size, height: bars.height)
      canvas.text(
        figure.name.shortened(to: field.width) {
          canvas.width(of: $0, size: type.text, isBold: true)
        }, x: field.x, y: bars.y - 0.5 * type.text, size: type.text, isBold: true)
      draw(figure.scores, in: field, pitch, size, on: canvas)
    }
  }

  private func draw(
    _ scores: [Score], in field: Rectangle, _ pitch: Double, _ size: Double, on canvas: Canvas
  ) {
    let texts = scores.map(text)
    let right = (texts.map { canvas.width(of: $0, size: size) }.max() ?? 0) + 0.8 * size
    let room = max(20, field.width - right)
    let axis = ValueAxis(scores.flatMap(\.extent) + [0])
    func place(_ value: Double) -> Double { field.x + axis.place(value) * room }
    for (row, score) in scores.enumerated() {
      let top = field.y + Double(row) * pitch
      let baseline = top + pitch / 2 + 0.36 * size
      guard let mean = score.mean else {
        canvas.text(texts[row], x: place(0) + 0.4 * size, y: baseline, size: size)
        continue
      }
      let (from, to) = (place(min(0, mean)), place(max(0, mean)))
      canvas.fill(
        Rectangle(x: from, y: top + 0.16 * pitch, width: max(1, to - from), height: 0.68 * pitch),
        Color(row == 0 ? 0x0072B2 : 0x8FBBDA))
      var end = to
      if let deviation = score.deviation {
        let (low, high) = (place(mean - deviation), place(mean + deviation))
        let y = top + pitch / 2
        canvas.line([(low, y), (high, y)], width: 2, .ink)
        for x in [low, high] {
          canvas.line([(x, y - 0.15 * pitch), (x, y + 0.15 * pitch)], width: 2, .ink)
        }
        end = max(end, high)
      }
      canvas.text(texts[row], x: end + 0.4 * size, y: baseline, size: size)
    }
  }

  /// `0.8123 ± 0.0101`
  private func text(_ score: Score) -> String {
    guard let mean = score.mean else { return "no value" }
    return mean.pictured + (score.deviation.map { " ± \($0.pictured)" } ?? "")
  }
}
