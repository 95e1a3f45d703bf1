// [X, ÂX, …, ÂᵀX] of some cells: all that a convolution of the input reads of a graph, so that a step on a few cells needs no other cell.
// A row of Âᵗ is sparse (at most κᵗ cells), and X = (S − 1 mᵀ) D⁻¹, so a row of ÂᵗX is (a S − (Σ a) mᵀ) D⁻¹ with a that row: a sum of sparse rows.
// Where all rows fit in the memory that is allowed, they are computed once and kept, each power from the one before, which costs κ dense rows a
// row; else those of a step are computed in it, which costs κᵗ sparse ones. Both agree to rounding; which of them it is depends on
// the size of the data alone.

import Tensors

private let rowTile = 16
private let columnBlock = 256

/// The rows of the hop products of standardized sparse data over a graph.
package struct HopProducts<S: EngineScalar>: Sendable {
  private let input: StandardizedInput<S>
  private var graph: SparseMatrix<S>
  /// T: the highest power of Â.
  package let hops: Int
  /// All rows, where they are kept. (N, (T + 1) G)
  private var kept: Window<S>?
  private let walkers: [Walker<S>]

  /// Takes X (N, G) and Â (N, N); keeps all products where they need at most `byteLimit` bytes.
  package init(
    of input: StandardizedInput<S>, over graph: Propagation<S>, hops: Int, byteLimit: Int
  ) {
    precondition(graph.cellCount == input.rows, "a graph of other cells")
    self.input = input
    self.graph = graph.forward
    self.hops = hops
    walkers = (0..<Threads.count).map { _ in Walker(cellCount: input.rows) }
    let bytes = Self.byteCount(cells: input.rows, genes: input.columns, hops: hops)
    guard bytes <= byteLimit else { return }
    let all = Window<S>(uninitializedRows: input.rows, columns: width)
    for t in 0...hops { fill(all, power: t) }
    kept = all
  }

  /// Takes another graph of the same cells; rows that are kept are written over.
  package mutating func change(to graph: Propagation<S>) {
    precondition(graph.cellCount == input.rows, "a graph of other cells")
    self.graph = graph.forward
    guard let kept, hops > 0 else { return }
    for t in 1...hops { fill(kept, power: t) }
  }

  /// The columns of ÂᵗX for all cells, from those of the power before.
  private func fill(_ all: Window<S>, power t: Int) {
    let (genes, width) = (input.columns, width)
    if t == 0 {
      parallelTiles(tileCount(all.rows, of: rowTile)) { number, worker in
        for r in tile(number, of: rowTile, in: all.rows) {
          walkers[worker].start(at: Int32(truncatingIfNeeded: r))
          write(walkers[worker], into: all.window(at: r * width, rows: 1, columns: genes))
        }
      }
      return
    }
    // Blocks of columns are the outer loop: the rows that neighbors share stay in cache.
    let (rowTiles, blocks) = (tileCount(all.rows, of: 64), tileCount(genes, of: columnBlock))
    parallelTiles(rowTiles * blocks) { number in
      let rows = tile(number % rowTiles, of: 64, in: all.rows)
      let columns = tile(number / rowTiles, of: columnBlock, in: genes)
      let place = t * genes + columns.lowerBound
      // SAFETY: what is read are the columns of the power before, what is written those of this one; both lie in every row of `all`.
      unsafe S.sparseProduct(
        rows, columns.count, graph.indptr.pointer, graph.indices.pointer, graph.values.pointer,
        all.pointer + (place - genes), width, all.pointer + place, width, false)
    }
  }

  /// What all rows take.
  package static func byteCount(cells: Int, genes: Int, hops: Int) -> Int {
    cells * (hops + 1) * genes * MemoryLayout<S>.stride
  }

  /// Whether all rows are kept.
  package var isKept: Bool { kept != nil }
  /// (T + 1) G
  package var width: Int { (hops + 1) * input.columns }

  /// The products of the cells named, a row each. (cells.count, (T + 1) G)
  package func rows(_ cells: Buffer<Int32>, into out: Window<S>) {
    precondition(
      out.rows == cells.count && out.columns == width,
      "hop products of \(cells.count) cells into \(out.rows) × \(out.columns)")
    guard let kept else {
      compute({ cells[$0] }, into: out)
      return
    }
    parallelTiles(tileCount(cells.count, of: rowTile)) { number in
      for r in tile(number, of: rowTile, in: cells.count) {
        let i = Int(cells[r])
        out.slice(rows: r..<r + 1).copy(from: kept.slice(rows: i..<i + 1))
      }
    }
  }

  private func compute(_ cell: @Sendable (Int) -> Int32, into out: Window<S>) {
    let genes = input.columns
    parallelTiles(tileCount(out.rows, of: rowTile)) { number, worker in
      for r in tile(number, of: rowTile, in: out.rows) {
        walkers[worker].start(at: cell(r))
        for t in 0...hops {
          if t > 0 { walkers[worker].step(over: graph) }
          write(
            walkers[worker], into: out.window(at: r * width + t * genes, rows: 1, columns: genes))
        }
      }
    }
  }

  /// (a S − (Σ a) mᵀ) D⁻¹ for the walker's row a of Âᵗ.
  private func write(_ walker: Walker<S>, into out: Window<S>) {
    let (count, total) = (walker.count, walker.total)
    out.fill(with: 0)
    // SAFETY: the walker's cells are rows of S, whose columns are those of `out`; mean and deviation have one value each.
    unsafe S.kernels.addSparseRows(
      count, walker.cells.pointer, walker.weights.pointer, input.values.indptr.pointer,
      input.values.indices.pointer, input.values.values.pointer, out.pointer)
    unsafe S.kernels.axpy(out.count, -total, input.mean.pointer, out.pointer, true)
    unsafe S.kernels.scaleRows(out.count, 1, out.pointer, input.inverseDeviation.pointer)
  }
}

/// A row of Âᵗ, and what is needed to go on to the next power. One a thread.
private final class Walker<S: EngineScalar>: Sendable {
  /// The cells that the row holds, in the order in which they were reached, and their weights.
  let cells: Window<Int32>
  let weights: Window<S>
  /// Scratch: the next row, and the place of every cell in it, −1 where it has none.
  private let nextCells: Window<Int32>
  private let nextWeights: Window<S>
  private let places: Window<Int32>
  /// How many cells the row holds.
  private let counter = Window<Int>(uninitializedRows: 1, columns: 1)

  init(cellCount: Int) {
    cells = Window(uninitializedRows: 1, columns: cellCount)
    nextCells = Window(uninitializedRows: 1, columns: cellCount)
    weights = Window(uninitializedRows: 1, columns: cellCount)
    nextWeights = Window(uninitializedRows: 1, columns: cellCount)
    places = Window(uninitializedRows: 1, columns: cellCount)
    places.fill(with: -1)
    counter[0, 0] = 0
  }

  var count: Int { counter[0, 0] }

  /// Σ a, in the order of the cells.
  var total: S { (0..<count).reduce(0) { $0 + weights[0, $1] } }

  /// The row of Â⁰: the cell alone.
  func start(at cell: Int32) {
    cells[0, 0] = cell
    weights[0, 0] = 1
    counter[0, 0] = 1
  }

  /// From a to a Â.
  func step(over graph: SparseMatrix<S>) {
    let (starts, columns, values) = (graph.indptr.span, graph.indices.span, graph.values.span)
    var found = 0
    for r in 0..<count {
      let (i, weight) = (Int(cells[0, r]), weights[0, r])
      for k in starts[i]..<starts[i + 1] {
        let j = Int(columns[k])
        let place = Int(places[0, j])
        if place >= 0 {
          nextWeights[0, place] = nextWeights[0, place] + weight * values[k]
        } else {
          places[0, j] = Int32(truncatingIfNeeded: found)
          nextCells[0, found] = columns[k]
          nextWeights[0, found] = weight * values[k]
          found += 1
        }
      }
    }
    for r in 0..<found {
      places[0, Int(nextCells[0, r])] = -1
      cells[0, r] = nextCells[0, r]
      weights[0, r] = nextWeights[0, r]
    }
    counter[0, 0] = found
  }
}
