import Plots
import Testing

@Suite struct NamePlacesTests {
  private let frame = Legend.Space(x: 0, y: 0, width: 1000, height: 800)

  /// A name of ten letters 100 wide, which may become three letters 30 wide.
  private func name(_ text: String, x: Double, y: Double, count: Int = 1) -> NamePlaces.Name {
    NamePlaces.Name(
      forms: [(text + text, 100), (text, 30)], x: x, y: y, count: count)
  }

  private func placed(_ names: [NamePlaces.Name]) -> [NamePlaces.Placed?] {
    NamePlaces(names, size: 20, in: frame).places
  }

  @Test("a name with room is whole and stays at its place")
  func room() {
    let places = placed([name("a", x: 300, y: 200), name("b", x: 600, y: 200)])
    #expect(places.map { $0?.text } == ["aa", "bb"])
    #expect(places.map { $0?.x } == [300, 600] && places.map { $0?.y } == [200, 200])
  }

  @Test("names stay inside the frame")
  func inside() throws {
    for (x, y) in [(0.0, 0.0), (1000, 800), (-50, 900), (1200, -90)] {
      let place = try #require(placed([name("a", x: x, y: y)])[0])
      #expect(place.x - place.width / 2 >= 0 && place.x + place.width / 2 <= 1000)
      #expect(place.y >= 20 && place.y < 800)
    }
  }

  @Test("names of more cells choose first; others move, become shorter, or are left out")
  func crowded() {
    func crowd(_ count: Int) -> [NamePlaces.Name] {
      (0..<count).map { name("\($0)", x: 500, y: 400, count: $0) }
    }
    let two = placed(crowd(2))
    #expect(two[1]?.y == 400 && two[0]?.text == "00" && two[0]?.y == 378)
    for count in [5, 6, 40] {
      let places = placed(crowd(count))
      #expect(places.suffix(5).allSatisfy { $0 != nil } && places.count { $0 != nil } == 5)
      for (one, other) in places.compactMap(\.self).pairs {
        #expect(abs(one.y - other.y) >= 20)
      }
    }
    // Beside a wide name that takes its lines there is room for a short one alone.
    let wall = (0..<5).map { name("w", x: 500, y: 356 + 22 * Double($0), count: 9) }
    #expect(placed(wall + [name("s", x: 575, y: 400)]).last??.text == "s")
  }

  @Test("the limit of names grows with the plot")
  func limits() {
    #expect(NamePlaces.limits(width: 1000, size: 20) == [400, 200, 100])
    #expect(NamePlaces.limits(width: 300, size: 20) == [120, 100, 100])
  }

  @Test("the middle of two separate groups is one of their cells")
  func middle() {
    let cells = [(0.0, 9.0), (1, 10), (2, 9), (9, 0), (10, 1), (11, 2), (9, 1)].map {
      (x: $0.0, y: $0.1)
    }
    let middle = NamePlaces.middle(of: cells)
    // The medians apart are (9, 2), where no cell is.
    #expect(middle.x == 9 && middle.y == 1)
    #expect(NamePlaces.middle(of: [(x: 3, y: 4)]) == (3, 4))
  }
}

extension [NamePlaces.Placed] {
  /// Every two of them.
  fileprivate var pairs: [(NamePlaces.Placed, NamePlaces.Placed)] {
    indices.flatMap { one in self[(one + 1)...].map { (self[one], $0) } }
  }
}
