import CLaunch
import Tensors
import TestSupport
import Testing

/// a · b by three loops, in Double.
private func defined<Element: Real>(_ a: Matrix<Element>, _ b: Matrix<Element>) -> Matrix<Double> {
  let (n, right) = (b.columns, b.elements.map { Double($0) })
  var c = [Double](repeating: 0, count: a.rows * n)
  for i in 0..<a.rows {
    for k in 0..<a.columns {
      let left = Double(a[i, k])
      for j in 0..<n { c[i * n + j] += left * right[k * n + j] }
    }
  }
  return Matrix(rows: a.rows, columns: n, elements: Buffer(c))
}

private func converted<Element: Real>(_ a: Matrix<Double>, to type: Element.Type) -> Matrix<Element>
{
  Matrix(rows: a.rows, columns: a.columns, elements: Buffer(a.elements.map { Element($0) }))
}

/// The largest difference from the definition over the root of the sum's length, over small, odd
/// and large shapes.
private func largestError<Element: Real>(_ type: Element.Type) -> Double {
  let shapes = [
    (1, 1, 1), (3, 5, 4), (17, 129, 31), (61, 401, 93), (255, 257, 127), (270, 1100, 130),
  ]
  var worst = 0.0
  for (m, k, n) in shapes {
    let a = converted(randomMatrix(m, k, seed: 1), to: type)
    let b = converted(randomMatrix(k, n, seed: 2), to: type)
    let (c, expected) = (Matrix.product(a, b), defined(a, b))
    for i in 0..<m {
      for j in 0..<n {
        let error = abs(Double(c[i, j]) - expected[i, j]) / Double(k).squareRoot()
        worst = error.isNaN ? .infinity : max(worst, error)
      }
    }
  }
  return worst
}

@Suite struct KernelSetTests {
  /// Sets of OpenBLAS 0.3.21 and later. Each is tried in a process of its own, if the machine runs
  /// it.
  @Test(arguments: [
    "Prescott", "Core2", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "Cooperlake",
    "SapphireRapids",
  ])
  func everySetComputesRightProducts(name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      // SAFETY: the text ends in a zero byte and is not kept; this process computes no other
      // product.
      guard unsafe sc_blas_use(name) else { return }
      precondition(largestError(Float.self) < 1e-5, "\(name): wrong products in Float")
      precondition(largestError(Double.self) < 1e-13, "\(name): wrong products in Double")
    }
  }

  @Test func setsBeyondTheProcessorAreNotUsed() {
    let here = sc_this_processor()
    if here.has_avx512 { return }
    // SAFETY: as above; refused before anything changes.
    #expect(unsafe !sc_blas_use("SkylakeX"))
  }

  /// Own choice, vendor, family, features, and what is used instead.
  @Test(
    arguments: [
      ("Prescott", false, 6, true, true, "SkylakeX"), ("Haswell", false, 6, true, true, "SkylakeX"),
      ("Prescott", false, 6, true, false, "Haswell"),
      ("Sandybridge", false, 6, true, false, "Haswell"),
      ("SkylakeX", false, 6, true, true, nil), ("SapphireRapids", false, 6, true, true, nil),
      ("Haswell", false, 6, true, false, nil), ("Prescott", false, 6, false, false, nil),
      ("Nehalem", false, 6, false, false, nil), ("Zen", true, 0x17, true, false, nil),
      ("Zen", true, 0x19, true, false, nil), ("Zen", true, 0x19, true, true, "Haswell"),
      ("Zen", true, 0x1A, true, true, "SkylakeX"), ("Prescott", true, 0x1C, true, true, "SkylakeX"),
      ("Prescott", true, 0x18, true, false, "Haswell"),
    ] as [(String, Bool, UInt32, Bool, Bool, String?)])
  func theChoiceGoesByFeatures(
    own: String, isAMD: Bool, family: UInt32, avx2: Bool, avx512: Bool, expected: String?
  ) {
    let processor = sc_processor(
      is_amd: isAMD, family: family, has_avx2: avx2, has_avx512: avx512)
    // SAFETY: the text ends in a zero byte and is not kept; the result is a constant.
    let chosen = unsafe sc_blas_choice(own, processor).map { unsafe String(cString: $0) }
    #expect(chosen == expected)
  }

  /// CLaunch sets it before the first thread starts; threads of Dispatch inherit it.
  @Test func denormalNumbersAreZeroOnEveryThread() {
    Threads.count = 4
    // Not known when the test is compiled: the compiler would compute the product itself.
    let tiny = Buffer((0..<4096).map { Float.leastNormalMagnitude * Float($0 + 1) })
    let halves = parallelMap(4096, tileSize: 1) { i in tiny[i] * (0.5 / Float(i + 1)) }
    #expect(halves.allSatisfy { $0.bitPattern == 0 })
    // An operand that is denormal counts as zero too.
    let restored = parallelMap(4096, tileSize: 1) { i in
      Float(bitPattern: UInt32(1 + i)) * Float(0x1p100)
    }
    #expect(restored.allSatisfy { $0 == 0 })
  }
}
