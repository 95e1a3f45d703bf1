import Glibc

/// Seeded random numbers: xoshiro256** (Blackman and Vigna 2018), filled by SplitMix64. The same
/// seed gives the same numbers everywhere.
package struct RandomGenerator: RandomNumberGenerator, Sendable {
  private var state: [UInt64]

  /// A generator for one purpose; `stream(_:_:)` gives its seed from that of the run.
  package init(seed: UInt64) {
    state = (0..<4).map { (seed &+ $0 &* .splitMixStep).splitMixed }
  }

  package mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(state[1] &* 5, 7) &* 9
    let t = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= t
    state[3] = rotate(state[3], 45)
    return result
  }

  /// A number in [0, 1), with 53 random bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer in 0..<bound, unbiased.
  package mutating func integer(below bound: Int) -> Int {
    Int.random(in: 0..<bound, using: &self)
  }

  /// A standard normal number (Box and Muller 1958; one of the pair).
  package mutating func normal() -> Double {
    let radius = sqrt(-2 * log(1 - uniform()))
    return radius * cos(2 * Double.pi * uniform())
  }

  /// The numbers 0..<count in random order (Fisher and Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var result = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { result.swapAt(i, integer(below: i + 1)) }
    return result
  }
}
