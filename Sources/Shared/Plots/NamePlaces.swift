/// Where names stand inside a plot: none leaves the frame, and none covers another.
package struct NamePlaces {
  /// A name that asks for a place.
  package struct Name {
    /// What may be written, and how wide each is; the first that has a place is taken.
    let forms: [(text: String, width: Double)]
    /// Where the middle of its baseline should stand.
    let x, y: Double
    /// Of how many cells it is: those of more cells choose first.
    let count: Int

    package init(forms: [(text: String, width: Double)], x: Double, y: Double, count: Int) {
      (self.forms, self.x, self.y, self.count) = (forms, x, y, count)
    }
  }

  /// A name where it stands: the middle of its baseline.
  package struct Placed: Equatable {
    package let text: String
    package let x, y, width: Double
  }

  /// Every name where it stands; nil where it has no place. In the order of the names.
  package let places: [Placed?]

  /// How far a name may move up or down, in heights of its letters.
  private static let shifts = [0, -1.1, 1.1, -2.2, 2.2]

  /// For letters of one size. A name moves before it becomes shorter, and becomes shorter before it
  /// is left out.
  package init(_ names: [Name], size: Double, in frame: Legend.Space) {
    var places = [Placed?](repeating: nil, count: names.count)
    let order = names.indices.sorted { (names[$1].count, $0) < (names[$0].count, $1) }
    for number in order {
      let taken = places.compactMap(\.self)
      let candidates = names[number].forms.lazy.flatMap { form in
        NamePlaces.shifts.lazy.map { shift in
          NamePlaces.inside(
            frame, form, x: names[number].x, y: names[number].y + shift * size, size)
        }
      }
      places[number] = candidates.first { candidate in
        !taken.contains { NamePlaces.overlap($0, candidate, size) }
      }
    }
    self.places = places
  }

  /// How wide names may be in a plot of this width: whole if possible, then shorter.
  package static func limits(width: Double, size: Double) -> [Double] {
    [max(0.4 * width, 5 * size), max(0.2 * width, 5 * size), 5 * size]
  }

  /// The one of some places that is nearest to the medians of both coordinates: what is in several
  /// parts has no place between them.
  package static func middle(of places: [(x: Double, y: Double)]) -> (x: Double, y: Double) {
    precondition(!places.isEmpty, "one place or more")
    let (x, y) = (
      places.map(\.x).sorted()[places.count / 2], places.map(\.y).sorted()[places.count / 2]
    )
    func distance(_ place: (x: Double, y: Double)) -> Double {
      (place.x - x) * (place.x - x) + (place.y - y) * (place.y - y)
    }
    return places.min { distance($0) < distance($1) } ?? (x, y)
  }

  /// A name at this place, or as near to it as the frame allows.
  private static func inside(
    _ frame: Legend.Space, _ form: (text: String, width: Double), x: Double, y: Double,
    _ size: Double
  ) -> Placed {
    func clamped(_ value: Double, _ low: Double, _ high: Double) -> Double {
      min(max(value, low), max(low, high))
    }
    let side = form.width / 2 + 0.2 * size
    return Placed(
      text: form.text, x: clamped(x, frame.x + side, frame.x + frame.width - side),
      y: clamped(y, frame.y + size, frame.y + frame.height - 0.4 * size), width: form.width)
  }

  private static func overlap(_ one: Placed, _ other: Placed, _ size: Double) -> Bool {
    abs(one.x - other.x) < (one.width + other.width) / 2 + 0.2 * size
      && abs(one.y - other.y) < 1.05 * size
  }
}
