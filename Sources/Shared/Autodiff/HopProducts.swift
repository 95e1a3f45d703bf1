// [X, ÂX, …, ÂᵀX] of some cells: all that a convolution of the input reads of a graph. So a step on
// a few cells needs no other cell. A row of a power is the sum of κ rows of the power before. If
// the rows of all cells fit in the allowed memory, they are computed once and kept. Otherwise as
// many as fit are ready at a time: those of the next steps (`HopSweep`). Both ways give the same
// bits.

import Synchronization
import Tensors

private let rowTile = 16

/// The rows of the hop products of standardized sparse data over a graph.
package struct HopProducts<S: EngineScalar>: Sendable {
  private let input: StandardizedInput<S>
  private var graph: SparseMatrix<S>
  /// T: the highest power of Â.
  package let hops: Int
  /// How many rows may be ready, if a step does not need more.
  private let capacity: Int
  /// Which rows are ready. Copies share it.
  private let ready: ReadyRows<S>

  /// Takes X (N, G) and Â (N, N). The rows that are ready at a time take about `byteLimit` bytes:
  /// all products, if they fit.
  package init(
    of input: StandardizedInput<S>, over graph: Propagation<S>, hops: Int, byteLimit: Int
  ) {
    precondition(graph.cellCount == input.rows, "a graph of other cells")
    self.input = input
    self.graph = graph.forward
    self.hops = hops
    let all = Self.byteCount(cells: input.rows, genes: input.columns, hops: hops)
    let row = max(1, all / max(1, input.rows))
    capacity = all <= byteLimit ? input.rows : min(input.rows - 1, max(1, byteLimit / row))
    ready = ReadyRows(cellCount: input.rows)
    if isKept { computeAll() }
  }

  /// The bytes of all rows.
  package static func byteCount(cells: Int, genes: Int, hops: Int) -> Int {
    cells * (hops + 1) * genes * MemoryLayout<S>.stride
  }

  /// The bytes for that many cells and genes if `byteLimit` is allowed: the rows that are ready,
  /// and scratch.
  package static func byteCount(cells: Int, genes: Int, hops: Int, limit: Int) -> Int {
    let all = byteCount(cells: cells, genes: genes, hops: hops)
    return all <= limit ? all : limit + HopSweep<S>.byteCount(cells: cells)
  }

  /// Whether the rows of all cells are kept.
  package var isKept: Bool { capacity == input.rows }
  /// (T + 1) G
  package var width: Int { (hops + 1) * input.columns }

  /// Replaces the graph by another of the same cells; rows that are kept are overwritten.
  package mutating func change(to graph: Propagation<S>) {
    precondition(graph.cellCount == input.rows, "a graph of other cells")
    self.graph = graph.forward
    if isKept { computeAll() } else { ready.clear() }
  }

  private func computeAll() {
    let sweep = HopSweep(input, over: graph, hops: hops)
    ready.set(Array(0..<Int32(input.rows)), of: capacity, width: width) { sweep.fillAll($0) }
  }

  /// Makes the rows of the next steps ready; each step is given by its cells. It takes as many
  /// steps as there is room for, and always the first. If the first step's rows are ready, nothing
  /// is computed.
  package func prepare(_ steps: some Sequence<Buffer<Int32>>) {
    if isKept { return }
    var chosen: [Int32] = []
    for cells in steps {
      if chosen.isEmpty {
        if ready.hold(cells) { return }
      } else if chosen.count + cells.count > capacity {
        break
      }
      for k in 0..<cells.count { chosen.append(cells[k]) }
    }
    let cells = Set(chosen).sorted()
    let sweep = HopSweep(input, over: graph, hops: hops)
    ready.set(cells, of: capacity, width: width) { sweep.fill($0, of: cells) }
  }

  /// The products of `cells`, a row each; rows that are not ready are computed first. (cells.count,
  /// (T + 1) G)
  package func rows(_ cells: Buffer<Int32>, into out: Window<S>) {
    precondition(
      out.rows == cells.count && out.columns == width,
      "hop products of \(cells.count) cells into \(out.rows) × \(out.columns)")
    prepare(CollectionOfOne(cells))
    let (places, source) = ready.current
    let width = width
    parallelTiles(tileCount(cells.count, of: rowTile)) { number in
      for r in tile(number, of: rowTile, in: cells.count) {
        let place = Int(places[0, Int(cells[r])])
        precondition(place >= 0 && place < source.rows, "a row that is not ready")
        // SAFETY: both have rows of `width`, `out` one for each of the cells; the place is checked.
        unsafe (out.pointer + r * width).update(
          from: source.pointer + place * width, count: width)
      }
    }
  }
}

/// The rows that are ready, and their places.
private final class ReadyRows<S: EngineScalar>: Sendable {
  private struct State: Sendable {
    var cells: [Int32] = []
    var rows = Window<S>(uninitializedRows: 0, columns: 0)
  }

  /// The place of every cell among the rows; −1 if it has none. (1, N)
  private let places: Window<Int32>
  private let state = Mutex(State())

  init(cellCount: Int) {
    places = Window(uninitializedRows: 1, columns: cellCount)
    places.fill(with: -1)
  }

  /// Places and rows, until others are made ready.
  var current: (places: Window<Int32>, rows: Window<S>) {
    (places, state.withLock { $0.rows })
  }

  func hold(_ cells: Buffer<Int32>) -> Bool {
    (0..<cells.count).allSatisfy { places[0, Int(cells[$0])] >= 0 }
  }

  /// Empties the rows, but keeps their memory.
  func clear() {
    state.withLock { state in
      for cell in state.cells { places[0, Int(cell)] = -1 }
      state.cells = []
    }
  }

  /// Replaces the ready rows by those of `cells`, computed by `fill`. The memory holds `capacity`
  /// rows if that is enough. (cells.count, width)
  func set(_ cells: [Int32], of capacity: Int, width: Int, by fill: (Window<S>) -> Void) {
    clear()
    state.withLock { state in
      if state.rows.rows < cells.count || state.rows.columns != width {
        // The old rows are freed before the new ones are allocated.
        state.rows = Window(uninitializedRows: 0, columns: 0)
        state.rows = Window(uninitializedRows: max(capacity, cells.count), columns: width)
      }
      fill(state.rows.slice(rows: 0..<cells.count))
      for (place, cell) in cells.enumerated() { places[0, Int(cell)] = Int32(place) }
      state.cells = cells
    }
  }
}
