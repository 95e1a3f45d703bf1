import Autodiff
import Tensors
import TestSupport
import Testing

/// Attention whose shares never exist is the same as attention with them.
@Suite(.serialized) struct TiledAttentionTests {
  private struct Setup {
    let parameters = Parameters<Double>()
    let declared: [Parameter]
    let upstream: Matrix<Double>

    init(cells: Int) {
      let parameters = parameters
      declared = [("q", 4), ("k", 4), ("v", 3)].map {
        parameters.declare($0.0, rows: cells, columns: $0.1, .zeros)
      }
      parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 5))
      upstream = randomMatrix(cells, 3, seed: 6)
    }

    func run(_ build: (Tape<Double>, [Variable<Double>]) -> Variable<Double>) -> (
      value: Matrix<Double>, gradient: Matrix<Double>
    ) {
      let tape = Tape(parameters)
      let out = build(tape, declared.map { tape.variable($0) })
      if let sink = tape.sink(for: out) { sink.window.copy(from: upstream) }
      tape.backward()
      return (out.value.matrix(), parameters.gradients.matrix())
    }
  }

  /// One tile, several, several blocks of rows and several tiles of columns; with dropout the masks
  /// of both are the same.
  @Test(arguments: [1, 40, 200, 1100], [false, true])
  func equalsAttention(_ cells: Int, _ drops: Bool) {
    let setup = Setup(cells: cells)
    let dropout = drops ? (rate: 0.3, key: NoiseKey(seed: 3, stream: 4)) : nil
    let tiled = setup.run {
      $0.tiledAttention(queries: $1[0], keys: $1[1], values: $1[2], dropout: dropout)
    }
    let whole = setup.run {
      $0.attention(queries: $1[0], keys: $1[1], values: $1[2], dropout: dropout)
    }
    assertClose(tiled.value, whole.value, tolerance: 1e-12, scale: 1)
    assertClose(tiled.gradient, whole.gradient, tolerance: 1e-12, scale: 1)
  }

  @Test func theNumberOfThreadsChangesNoBit() {
    let before = Threads.count
    defer { Threads.count = before }
    let setup = Setup(cells: 700)
    let found = [1, 2, 3].map { threads in
      Threads.count = threads
      return setup.run {
        $0.tiledAttention(
          queries: $1[0], keys: $1[1], values: $1[2],
          dropout: (rate: 0.1, key: NoiseKey(seed: 3, stream: 4)))
      }
    }
    for other in found.dropFirst() {
      #expect(other.value == found[0].value && other.gradient == found[0].gradient)
    }
  }

  /// By hand: all shares of the first cell are equal, for its code is 0.
  @Test func aCellOfCodeZeroAttendsToAllAlike() {
    let parameters = Parameters<Double>()
    let z = parameters.declare("z", rows: 3, columns: 2, .zeros)
    parameters.weights(of: z).copy(from: Matrix<Double>([[0, 0], [1, 0], [3, 4]]))
    let tape = Tape(parameters)
    let own = tape.variable(z)
    let out = tape.tiledAttention(queries: own, keys: own, values: own).value.matrix()
    assertClose([out[0, 0], out[0, 1]], [4.0 / 3, 4.0 / 3], tolerance: 1e-12)
  }
}
