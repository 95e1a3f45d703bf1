import Tensors
import Testing

@Suite struct RandomStreamTests {
  /// No seed shares numbers with another purpose, another index or the next seed.
  @Test func streamsAreApart() {
    var seen: Set<UInt64> = []
    var count = 0
    for seed: UInt64 in [0, 1, 2, 42, .max] {
      for purpose in RandomStream.allCases {
        for derived in [seed.stream(purpose)] + (0..<50).map({ seed.stream(purpose, $0) })
          + (0..<50).map({ seed.stream(purpose, $0 / 7, $0) })
        {
          var generator = RandomGenerator(seed: derived)
          seen.insert(generator.next())
          count += 1
        }
      }
    }
    #expect(seen.count == count && count > 10_000)
  }

  @Test func theSameStreamIsTheSame() {
    #expect(UInt64(7).stream(.kmeans, 3) == UInt64(7).stream(.kmeans, 3))
    #expect(UInt64(7).stream(.kmeans, 3) != UInt64(7).stream(.kmeans, 4))
  }
}
