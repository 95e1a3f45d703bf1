import Colors
import Plots
import Testing

@Suite struct PaletteTests {
  private func distance(_ a: Color, _ b: Color) -> Double {
    let (p, q) = (a.perceived, b.perceived)
    let (l, x, y) = (p.lightness - q.lightness, p.a - q.a, p.b - q.b)
    return (l * l + x * x + y * y).squareRoot()
  }

  @Test("colors differ from each other and from the paper", arguments: [(8, 0.1), (40, 0.07)])
  func distances(_ count: Int, _ least: Double) {
    let colors = (0..<count).map { Palette.color($0) }
    for (i, color) in colors.enumerated() {
      #expect(distance(color, Color(0xFFFFFF)) > 0.15, "\(i)")
      for j in 0..<i { #expect(distance(color, colors[j]) > least, "\(i) and \(j)") }
    }
  }

  @Test("the first are those of Okabe and Ito; after the last the first comes again")
  func order() {
    #expect(Palette.color(0) == Color(0xE69F00) && Palette.color(4) == Color(0x0072B2))
    #expect(Palette.color(Palette.size + 3) == Palette.color(3))
  }

  @Test("perceived lightness of white is 1, of black 0, and greys have no hue")
  func perception() {
    let (white, black) = (Color(0xFFFFFF).perceived, Color(0x000000).perceived)
    #expect(abs(white.lightness - 1) < 1e-6 && abs(black.lightness) < 1e-9)
    #expect(abs(white.a) < 1e-6 && abs(white.b) < 1e-6)
  }
}
