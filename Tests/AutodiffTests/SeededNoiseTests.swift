import Autodiff
import Glibc
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct SeededNoiseTests {
  private func noise(_ rows: Int, _ columns: Int, key: NoiseKey, sigma: Double = 1) -> [Float] {
    var matrix = Matrix<Float>.zeros(rows, columns)
    addNormalNoise(sigma, key: key, to: Window(writing: &matrix))
    return Array(matrix.elements)
  }

  /// The share of normal numbers below x.
  private func share(below x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  @Test func theNumbersAreNormal() {
    let values = noise(1000, 1003, key: NoiseKey(seed: 1, stream: 2)).map { Double($0) }.sorted()
    let count = Double(values.count)
    // Kolmogorov and Smirnov: 1.63 / √n is passed by chance once in a hundred, and the numbers are
    // fixed.
    var largest = 0.0
    for (i, value) in values.enumerated() {
      largest = max(largest, abs(share(below: value) - Double(i) / count))
    }
    #expect(largest < 1.63 / count.squareRoot())
    let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
    #expect(abs(fourth - 3) < 0.05)
    #expect(values[0] < -4.5 && values[values.count - 1] > 4.5)
  }

  @Test func neighborsAreNotCorrelated() {
    let (rows, columns) = (500, 640)
    let values = noise(rows, columns, key: NoiseKey(seed: 7, stream: 1)).map { Double($0) }
    for (name, step) in [
      ("columns", 1), ("lanes", 16), ("pairs", 32), ("blocks", 64), ("rows", columns),
    ] {
      let products = zip(values, values.dropFirst(step)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(products) / Double(values.count) < 0.01, "\(name)")
    }
  }

  @Test func everyKeyHasItsOwnNumbersAtAnyNumberOfThreads() {
    let key = NoiseKey(seed: 3, stream: 1)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = noise(300, 70, key: key)
    Threads.count = 2
    #expect(first == noise(300, 70, key: key))
    // A row begins alike whatever its length.
    #expect(first[70..<134] == noise(300, 64, key: key)[64..<128])
    let others = [
      NoiseKey(seed: 4, stream: 1), NoiseKey(seed: 3, stream: 2), key.part(1), key.part(2),
    ]
    for other in others { #expect(first != noise(300, 70, key: other)) }
    #expect(noise(2, 70, key: key.part(1)) != noise(2, 70, key: key.part(2)))
    #expect(noise(3, 5, key: key, sigma: 0).allSatisfy { $0 == 0 })
  }

  /// The published test vectors of Philox 4×32-10 are not reachable through the normal numbers; the
  /// mask's share and values are.
  @Test func seededDropoutKeepsTheExpectation() {
    let parameters = Parameters<Double>()
    let tape = Tape(parameters)
    let ones = Matrix<Double>(repeating: 1, rows: 200, columns: 130)
    let out = tape.dropout(
      tape.constant(Window(reading: ones)), rate: 0.2, key: NoiseKey(seed: 1, stream: 1)
    ).value.matrix()
    #expect(Set(out.elements) == [0, 1.25])
    #expect(abs(out.elements.reduce(0, +) / 26_000 - 1) < 0.02)
  }
}

@Suite struct AttentionTests {
  /// Tiles of queries give what the definition gives.
  @Test func attendingEqualsTheDefinition() {
    let (q, k, v) = (
      randomMatrix(150, 4, seed: 1), randomMatrix(90, 4, seed: 2), randomMatrix(90, 3, seed: 3)
    )
    var out = Matrix<Double>.zeros(150, 3)
    attend(
      queries: Window(reading: q), keys: Window(reading: k), values: Window(reading: v),
      into: Window(writing: &out))
    var expected = Matrix<Double>.zeros(150, 3)
    for i in 0..<150 {
      let weights = (0..<90).map { j in
        exp((0..<4).reduce(0.0) { $0 + q[i, $1] * k[j, $1] } / 2)
      }
      let total = weights.reduce(0, +)
      for e in 0..<3 {
        expected[i, e] = (0..<90).reduce(0.0) { $0 + weights[$1] * v[$1, e] } / total
      }
    }
    assertClose(out, expected, tolerance: 1e-12, scale: 1)
  }
}

@Suite struct SparseRowsTests {
  @Test func rowsAndTheirTransposeAreThoseOfTheMatrix() {
    let dense = randomCounts(40, 13, seed: 2)
    let source = SparseMatrix(dense)
    let rows = SparseRows<Double>(columns: 13, keepingTranspose: true)
    for chosen in [[3, 39, 0, 3], [1], [], Array(0..<40)] {
      rows.take(chosen[...], of: source)
      #expect(rows.matrix.densified() == dense.selectingRows(chosen) || chosen.isEmpty)
      #expect(rows.matrix.structuralFault() == nil)
      #expect(rows.transposed == rows.matrix.transposed())
      #expect(rows.count == chosen.count)
    }
  }

  /// A matrix that is still held is not overwritten by the next batch.
  @Test func aMatrixThatIsHeldKeepsItsValues() {
    let dense = randomCounts(10, 5, seed: 3)
    let source = SparseMatrix(dense)
    let rows = SparseRows<Double>(columns: 5, keepingTranspose: false)
    rows.take([0, 1, 2, 3], of: source)
    let first = rows.matrix
    rows.take([4, 5, 6, 7], of: source)
    #expect(first.densified() == dense.selectingRows([0, 1, 2, 3]))
  }
}
