import Glibc

/// A color of the screen (sRGB), its parts from 0 to 1.
package struct Color: Sendable, Equatable {
  package let red, green, blue: Double

  package init(red: Double, green: Double, blue: Double) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// From 0xRRGGBB.
  package init(_ code: UInt32) {
    func part(_ shift: UInt32) -> Double { Double(code >> shift & 255) / 255 }
    self.init(red: part(16), green: part(8), blue: part(0))
  }

  /// The color as `#RRGGBB`.
  package var hexadecimal: String {
    "#"
      + [red, green, blue].map { part in
        let digits = String(Int((part * 255).rounded()), radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  package static let ink = Color(0x222222)
  package static let faint = Color(0xB8B8B8)
  package static let paper = Color(0xFFFFFF)
  /// The color of cells without a class.
  package static let missing = Color(0xD9D9D9)

  /// A color between this and another in Oklab, in which equal shares look equally far.
  package func mixed(with other: Color, share: Double) -> Color {
    let (p, q) = (perceived, other.perceived)
    func between(_ x: Double, _ y: Double) -> Double { x + share * (y - x) }
    let (a, b) = (between(p.a, q.a), between(p.b, q.b))
    return Color(
      lightness: between(p.lightness, q.lightness), chroma: (a * a + b * b).squareRoot(),
      hue: atan2(b, a) / (2 * .pi)) ?? (share < 0.5 ? self : other)
  }

  /// Oklab (Ottosson 2020): lightness, green to red, blue to yellow. Its distances are about those
  /// that the eye perceives.
  package var perceived: (lightness: Double, a: Double, b: Double) {
    func linear(_ x: Double) -> Double {
      x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
    }
    let (r, g, b) = (linear(red), linear(green), linear(blue))
    let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
      0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    )
  }

  /// From Oklab in polar form; nil if a screen cannot show it. The hue is in turns.
  init?(lightness: Double, chroma: Double, hue: Double) {
    let (a, b) = (chroma * cos(2 * .pi * hue), chroma * sin(2 * .pi * hue))
    func cube(_ x: Double) -> Double { x * x * x }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    let linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
    guard linear.allSatisfy({ (0...1).contains($0) }) else { return nil }
    let parts = linear.map { $0 <= 0.0031308 ? 12.92 * $0 : 1.055 * pow($0, 1 / 2.4) - 0.055 }
    self.init(red: parts[0], green: parts[1], blue: parts[2])
  }

  /// The squared distance in Oklab.
  func squaredDistance(to other: Color) -> Double {
    let (p, q) = (perceived, other.perceived)
    let (l, a, b) = (p.lightness - q.lightness, p.a - q.a, p.b - q.b)
    return l * l + a * a + b * b
  }
}
