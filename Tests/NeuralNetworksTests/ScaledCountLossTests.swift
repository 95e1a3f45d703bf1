import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Logits as parameters, and counts.
private struct Logits<S: EngineScalar> {
  let parameters = Parameters<S>()
  let logits: [Parameter]
  let tape: Tape<S>
  let target: CountTarget<S>

  init(_ values: [Matrix<Double>], counts: Matrix<Double>, sizes: [Double]) {
    let place = parameters
    logits = values.enumerated().map { number, matrix in
      place.declare("a\(number)", rows: matrix.rows, columns: matrix.columns, .zeros)
    }
    for (parameter, matrix) in zip(logits, values) {
      parameters.weights(of: parameter).copy(from: matrix.converted(to: S.self))
    }
    tape = Tape(parameters)
    target = CountTarget(
      counts: SparseMatrix(counts.converted(to: S.self)), sizeFactors: sizes.map { S($0) })
  }

  var variables: [Variable<S>] { logits.map { tape.variable($0) } }

  /// NB with two logits, ZINB with three.
  func countLoss(weight: S = 1) -> Double {
    tape.reset()
    let v = variables
    let value = tape.scaledCountLoss(
      of: ScaledCountLogits(
        shares: v[0], dispersions: v[1], dropouts: v.count > 2 ? v[2] : nil), to: target,
      weight: weight)
    tape.backward()
    return value
  }

  func peakLoss(weight: S = 1) -> Double {
    tape.reset()
    let value = tape.bernoulliLoss(of: variables[0], to: target, weight: weight)
    tape.backward()
    return value
  }

  var gradients: [Double] { parameters.gradients.matrix().elements.map { Double($0) } }

  func check(_ loss: @escaping () -> Double) where S == Double {
    _ = loss()
    let weights = parameters.weights
    checkGradient(
      gradients, weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: loss)
    // The last call was beside the weights.
    _ = loss()
  }
}

private let sizes = [0.5, 12, 30, 2, 7, 100, 0, 4, 9, 60, 3]

/// Logits of 11 cells: more than one task has.
private func simulated<S: EngineScalar>(_ kinds: Int, _ scalar: S.Type) -> Logits<S> {
  Logits(
    (0..<kinds).map { randomMatrix(11, 7, seed: UInt64($0 + 1)) },
    counts: randomCounts(11, 7, seed: 9), sizes: sizes)
}

/// The losses of a cell by their definition.
private func defined(_ a: [Matrix<Double>], _ counts: Matrix<Double>, _ sizes: [Double]) -> Double {
  let (e, columns) = (1e-8, 0..<counts.columns)
  var total = 0.0
  for i in 0..<counts.rows {
    let sum = columns.reduce(0) { $0 + exp(a[0][i, $1]) }
    for j in columns {
      let (x, mean, disp) = (counts[i, j], sizes[i] * exp(a[0][i, j]) / sum, exp(a[1][i, j]))
      let l = log(disp + mean + e)
      let zero = disp * (log(disp + e) - l)
      let gammas = logGamma(x + disp) - logGamma(disp) - logGamma(x + 1)
      let nb = -(zero + x * (log(mean + e) - l) + gammas)
      if a.count < 3 {
        total += nb
      } else {
        let o = a[2][i, j]
        total +=
          x < 1e-8
          ? log1p(exp(-o)) - log1p(exp(zero - o)) : nb + o + log1p(exp(-o))
      }
    }
  }
  return total / Double(counts.rows)
}

private func logGamma(_ x: Double) -> Double {
  let (value, _): (Double, Int) = lgamma(x)
  return value
}

@Suite(.serialized) struct ScaledCountLossTests {
  @Test(arguments: [2, 3]) func lossesAgreeWithTheDefinition(kinds: Int) {
    let values = (0..<kinds).map { randomMatrix(11, 7, seed: UInt64($0 + 1)) }
    let expected = defined(values, randomCounts(11, 7, seed: 9), sizes)
    assertClose([simulated(kinds, Double.self).countLoss()], [expected], tolerance: 1e-12)
    assertClose([simulated(kinds, Float.self).countLoss()], [expected], tolerance: 1e-6)
  }

  @Test(arguments: [2, 3]) func gradientsAgreeWithFiniteDifferences(kinds: Int) {
    let model = simulated(kinds, Double.self)
    model.check { model.countLoss() }
    let whole = model.gradients
    _ = model.countLoss(weight: 0.25)
    assertClose(model.gradients, whole.map { $0 / 4 }, tolerance: 1e-13)
    let single = simulated(kinds, Float.self)
    _ = single.countLoss()
    assertClose(single.gradients, whole, tolerance: 1e-4, scale: 0.1)
  }

  /// The gradients by the shares sum to 0: adding a number to all logits of a cell changes nothing.
  @Test func sharesHaveNoLevel() {
    let model = simulated(2, Double.self)
    _ = model.countLoss()
    let gradient = model.parameters.gradient(of: model.logits[0])
    for i in 0..<11 {
      let sum = (0..<7).reduce(0.0) { $0 + gradient[i, $1] }
      #expect(abs(sum) < 1e-12, "\(i)")
    }
  }

  /// Totals that a model has found: the same loss as of totals that are known, and their gradients.
  @Test(arguments: [2, 3]) func totalsAreFound(kinds: Int) {
    let positive = sizes.map { $0 + 0.5 }
    let logs = Matrix(positive.map { [log($0)] })
    let values = (0..<kinds).map { randomMatrix(11, 7, seed: UInt64($0 + 1)) }
    let counts = randomCounts(11, 7, seed: 9)
    let model = Logits<Double>(values + [logs], counts: counts, sizes: sizes)
    func value(weight: Double = 1) -> Double {
      model.tape.reset()
      let v = model.variables
      let loss = model.tape.scaledCountLoss(
        of: ScaledCountLogits(
          shares: v[0], dispersions: v[1], dropouts: kinds > 2 ? v[2] : nil, logTotals: v[kinds]),
        to: model.target, weight: weight)
      // Another user of the logarithms.
      _ = model.tape.squaredErrorLoss(
        of: v[kinds], to: Window(reading: logs), weight: weight)
      model.tape.backward()
      return loss
    }
    assertClose([value()], [defined(values, counts, positive)], tolerance: 1e-12)
    model.check { value() }
    let gradient = model.gradients.suffix(11)
    _ = value(weight: 0.5)
    assertClose(model.gradients.suffix(11), gradient.map { $0 / 2 }, tolerance: 1e-13)
  }

  /// A logarithm that no total has does not move, and gives a finite loss.
  @Test func totalsHaveLimits() {
    let model = Logits<Float>(
      [randomMatrix(2, 3, seed: 1), randomMatrix(2, 3, seed: 2), Matrix([[500], [2]])],
      counts: randomCounts(2, 3, seed: 9), sizes: [1, 1])
    let v = model.variables
    let loss = model.tape.scaledCountLoss(
      of: ScaledCountLogits(shares: v[0], dispersions: v[1], logTotals: v[2]), to: model.target,
      weight: 1)
    model.tape.backward()
    #expect(loss.isFinite && model.gradients.allSatisfy(\.isFinite))
    #expect(model.gradients[12] == 0 && model.gradients[13] != 0)
  }

  /// A mean of 1 and a dispersion of 2; a second gene takes the rest of the total.
  @Test func knownValues() {
    func loss(_ x: Double, _ dropout: Double?) -> Double {
      let shares = Matrix([[0.0, log(1e6)]])
      let values =
        [shares, Matrix([[log(2.0), 0]])] + (dropout.map { [Matrix([[$0, -40]])] } ?? [])
      let counts = Matrix([[x, 1e6]])
      let with = Logits<Double>(values, counts: counts, sizes: [1e6 + 1]).countLoss()
      let other = Logits<Double>(
        values.map { Matrix([[$0[0, 1]]]) }, counts: Matrix([[1e6]]), sizes: [1e6]
      ).countLoss()
      return with - other
    }
    assertClose([loss(3, nil)], [2.7204726978], tolerance: 1e-8)
    assertClose([loss(0, 0)], [0.3254223994], tolerance: 1e-8)
    let open = Logits<Double>([Matrix([[log(4.0)]])], counts: Matrix([[1]]), sizes: [1])
    assertClose([open.peakLoss()], [0.2231435388], tolerance: 1e-7)
  }

  /// Logits far from 0 give finite losses and gradients in single precision.
  @Test func extremes() {
    let far = Matrix([[-300.0, 300, 0, 40, -90]])
    let counts = Matrix([[0.0, 3, 0, 100_000, 1]])
    for kinds in [2, 3] {
      let model = Logits<Float>(
        Array(repeating: far, count: kinds), counts: counts, sizes: [100_004])
      #expect(model.countLoss().isFinite && model.gradients.allSatisfy(\.isFinite))
    }
    let peaks = Logits<Float>([far], counts: counts, sizes: [1])
    #expect(peaks.peakLoss().isFinite && peaks.gradients.allSatisfy(\.isFinite))
  }

  @Test func peaks() {
    let model = simulated(1, Double.self)
    let (a, counts) = (randomMatrix(11, 7, seed: 1), randomCounts(11, 7, seed: 9))
    var expected = 0.0
    for i in 0..<11 {
      for j in 0..<7 {
        let p = 1 / (1 + exp(-a[i, j]))
        expected -= counts[i, j] > 0 ? log(p + 1e-8) : log(1 - p + 1e-8)
      }
    }
    assertClose([model.peakLoss()], [expected / 11], tolerance: 1e-13)
    assertClose([simulated(1, Float.self).peakLoss()], [expected / 11], tolerance: 1e-6)
    model.check { model.peakLoss() }
  }

  /// Logits that another loss has a gradient for already.
  @Test func gradientsAdd() {
    let model = simulated(1, Double.self)
    _ = model.peakLoss()
    let once = model.gradients
    model.tape.reset()
    let logits = model.variables[0]
    _ = model.tape.bernoulliLoss(of: logits, to: model.target, weight: 1)
    _ = model.tape.bernoulliLoss(of: logits, to: model.target, weight: 2)
    model.tape.backward()
    assertClose(model.gradients, once.map { 3 * $0 }, tolerance: 1e-13)
  }

  @Test func threadsChangeNoBit() {
    let before = Threads.count
    defer { Threads.count = before }
    let found = [1, 3].map { threads -> [Double] in
      Threads.count = threads
      let model = Logits<Float>(
        (0..<3).map { randomMatrix(50, 33, seed: UInt64($0 + 1)) },
        counts: randomCounts(50, 33, seed: 9), sizes: (0..<50).map { Double($0) })
      return [model.countLoss()] + model.gradients
    }
    #expect(found[0] == found[1])
  }

  /// m 0.5 and l −1, and means with log variances of several cells.
  @Test func divergenceFromTheNormal() {
    func loss(_ mean: Matrix<Double>, _ logVariance: Matrix<Double>) -> Logits<Double> {
      Logits([mean, logVariance], counts: Matrix([[0.0]]), sizes: [1])
    }
    func value(_ model: Logits<Double>, weight: Double = 1) -> Double {
      model.tape.reset()
      let v = model.variables
      let value = model.tape.gaussianDivergenceLoss(
        mean: v[0], logVariance: v[1], weight: weight)
      model.tape.backward()
      return value
    }
    assertClose(
      [value(loss(Matrix([[0.5]]), Matrix([[-1.0]])))], [0.3089397206], tolerance: 1e-9)
    #expect(value(loss(Matrix([[0.0, 0]]), Matrix([[0.0, 0]]))) == 0)
    let model = loss(randomMatrix(5, 3, seed: 1), randomMatrix(5, 3, seed: 2))
    model.check { value(model) }
    let whole = model.gradients
    _ = value(model, weight: 3)
    assertClose(model.gradients, whole.map { 3 * $0 }, tolerance: 1e-14)
  }

  /// The gradient of λ/2 ‖w‖² in addition to a loss's, for the parameters that are named.
  @Test func weightsDecay() {
    let model = simulated(2, Double.self)
    _ = model.countLoss()
    let plain = model.gradients
    model.tape.reset()
    let v = model.variables
    _ = model.tape.scaledCountLoss(
      of: ScaledCountLogits(shares: v[0], dispersions: v[1]), to: model.target, weight: 1)
    model.tape.decayWeights(of: [model.logits[1]], by: 0.1)
    model.tape.backward()
    let weights = Array(model.parameters.weights.matrix().elements)
    assertClose(
      model.gradients,
      plain.indices.map { plain[$0] + ($0 < 77 ? 0 : 0.1 * weights[$0]) }, tolerance: 1e-13)
  }
}

/// Rows of scMVAE's likelihood, which is the same with zero inflation, and steps of DCCA's
/// optimizer; numbers by a program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScaledCountTests {
  @Test func zeroInflation() throws {
    let reference = try Reference.load("peers/scmvae")
    func matrix(_ key: String) throws -> Matrix<Double> { try #require(reference[key]) }
    func logs(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(
        rows: matrix.rows, columns: matrix.columns,
        elements: Buffer(matrix.elements.map { log($0) }))
    }
    let mean = try matrix("rna.mu")
    let totals = (0..<mean.rows).map { i in (0..<mean.columns).reduce(0.0) { $0 + mean[i, $1] } }
    let rows = Array(try matrix("rna.zinb_rows").elements)
    let values = [logs(mean), logs(try matrix("rna.theta")), try matrix("rna.dropout_logit")]
    let loss = Logits<Double>(values, counts: try matrix("counts"), sizes: totals).countLoss()
    assertClose([loss], [rows.reduce(0, +) / Double(rows.count)], tolerance: 1e-10)
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("peers/dcca")
    let (weights, gradients) = (
      try #require(reference["adam.w"]), try #require(reference["adam.g"])
    )
    func step(_ matrix: Matrix<Double>, _ number: Int) -> Matrix<S> {
      Matrix(
        rows: 1, columns: 12,
        elements: Buffer(matrix.row(number).indices.map { S(matrix[number, $0]) }))
    }
    let parameters = Parameters<S>()
    let weight = parameters.declare("w", rows: 1, columns: 12, .zeros)
    parameters.weights.copy(from: step(weights, 0))
    let tape = Tape(parameters)
    let adam: any Optimizer<S> = OptimizerKind.adam(epsilon: 0.01).optimizer(
      weightCount: 12, learningRate: 0.01)
    for number in 0..<10 {
      tape.reset()
      if let sink = tape.sink(for: tape.variable(weight)) {
        sink.window.copy(from: step(gradients, number))
      }
      tape.decayWeights(of: [weight], by: 1e-6)
      tape.backward()
      adam.update(parameters)
      assertClose(
        parameters.weights.matrix(), step(weights, number + 1), tolerance: tolerance, scale: 0.1,
        "step \(number)")
    }
  }

  @Test func optimizer() throws {
    try check(Double.self, tolerance: 1e-10)
    try check(Float.self, tolerance: 1e-5)
  }
}

/// The losses of a model that has learned something lie between these bounds.
@Suite struct SummedBoundsTests {
  private let counts = SparseMatrix(randomCounts(40, 6, seed: 31))

  /// The loss of logits that are the same for all cells.
  private func loss(
    _ rows: [[Double]], _ value: (Tape<Double>, [Variable<Double>]) -> Double
  ) -> Double {
    let tape = Tape(Parameters<Double>())
    return value(
      tape,
      rows.map { row in
        tape.constant(Window(reading: Matrix(Array(repeating: row, count: counts.rows))))
      })
  }

  @Test func ofCounts() {
    // Every cell has a count.
    var whole = randomCounts(40, 6, seed: 31)
    for i in 0..<40 { whole[i, 0] += 1 }
    let counts = SparseMatrix(whole)
    let totals = (0..<40).map { i in
      counts.range(ofRow: i).reduce(0.0) { $0 + counts.values[$1] }
    }
    let target = CountTarget(counts: counts, sizeFactors: totals)
    let bounds = CountLossBounds(totaling: target)
    let sum = totals.reduce(0, +)
    let mean = sum / Double(totals.count)
    let moments = GeneMoments(
      of: CountTarget(counts: counts, sizeFactors: totals.map { $0 / mean }))
    // Shares that sum to 1 are the genes' means by the totals.
    let null = loss([moments.means.map { log($0) }, moments.dispersions.map { log($0) }]) {
      $0.scaledCountLoss(
        of: ScaledCountLogits(shares: $1[0], dispersions: $1[1]), to: target, weight: 1)
    }
    assertClose([bounds.geneMeans], [null], tolerance: 1e-4)
    #expect(bounds.everyCount < bounds.geneMeans)
    #expect(bounds.explainedShare(at: bounds.geneMeans) == 0)
    #expect(bounds.explainedShare(at: bounds.everyCount) == 1)
  }

  @Test func ofPeaks() {
    let open = counts.mapValues { $0 > 0 ? 1.0 : 0 }
    let target = CountTarget(counts: open, sizeFactors: [Double](repeating: 1, count: open.rows))
    let shares = (0..<6).map { j in
      Double((0..<open.entryCount).count { open.values[$0] > 0 && open.indices[$0] == Int32(j) })
        / Double(open.rows)
    }
    let null = loss([shares.map { log($0 / (1 - $0)) }]) {
      $0.bernoulliLoss(of: $1[0], to: target, weight: 1)
    }
    let bounds = CountLossBounds(openOf: target)
    assertClose([bounds.geneMeans], [null], tolerance: 1e-6)
    #expect(bounds.everyCount == 0 && bounds.geneMeans > 0)
  }
}
