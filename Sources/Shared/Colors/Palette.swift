/// Colors for classes. The first are those of Okabe and Ito (2008), which people with any color
/// vision distinguish. The others are as unlike all before as the screen allows.
package enum Palette {
  /// Without black, and with a darker yellow, so that all are visible on white paper.
  private static let first: [UInt32] = [
    0xE69F00, 0x56B4E9, 0x009E73, 0xD55E00, 0x0072B2, 0xCC79A7, 0xE0D92A,
  ]

  /// The number of different colors; further classes repeat them.
  package static let size = 60

  /// The color of class `number`, from 0.
  package static func color(_ number: Int) -> Color { all[number % size] }

  /// Each further color is the candidate farthest, in Oklab, from all colors before it, the paper,
  /// the ink and the grey of missing classes.
  private static let all: [Color] = {
    var chosen = first.map { Color($0) }
    let background = [Color.paper, .missing, .ink]
    var candidates = [0.4, 0.5, 0.6, 0.7, 0.8].flatMap { lightness in
      [0.06, 0.1, 0.14, 0.18, 0.22].flatMap { chroma in
        (0..<48).compactMap { Color(lightness: lightness, chroma: chroma, hue: Double($0) / 48) }
      }
    }.map { color in
      (color: color, room: (chosen + background).map(color.squaredDistance).min() ?? 0)
    }
    while chosen.count < size {
      guard let best = candidates.indices.max(by: { candidates[$0].room < candidates[$1].room })
      else { break }
      let color = candidates[best].color
      chosen.append(color)
      for i in candidates.indices {
        candidates[i].room = min(
          candidates[i].room, candidates[i].color.squaredDistance(to: color))
      }
    }
    return chosen
  }()
}
