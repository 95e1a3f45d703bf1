import Plots

/// Width and height in a PNG's header.
func size(ofPNG png: [UInt8]) -> [Int] {
  [16, 20].map { start in png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
}

/// A sheet as the text of an SVG.
func svg(_ sheet: Sheet) throws -> String {
  String(decoding: try sheet.picture(.svg), as: UTF8.self)
}

/// How many dots an SVG has: lines with round ends.
func dots(_ svg: String) -> Int {
  svg.split(separator: "\n").count {
    $0.contains("stroke-linecap:round") || $0.contains("stroke-linecap=\"round\"")
  }
}
