// The zero-inflated negative binomial loss together with the linear layers of its three heads.
//
// mean_ij −log ZINB(x_ij | π_ij, μ_ij, θ_ij), π = sigmoid(D Wπ + bπ), μ = s clip(exp(D Wμ + bμ)), θ
// = clip(softplus(D Wθ + bθ)) (scTPF, supplement, equation 5; Eraslan et al. 2019). D (N, H); each
// W (H, G), b (1, G); x (N, G) counts; s (N) size factors.
//
// The N × 3G activations never exist at once: cells pass in tiles, and inside a tile the genes in
// blocks. One thread owns the task of a block: three products, the kernel that turns them into
// gradients in place, and the block's share of dW. dD needs all blocks and follows. Every sum runs
// over tiles and blocks of fixed size in their order, so the result does not depend on the number
// of threads.

import Autodiff
import Glibc
import Tensors

/// The number of cells in a tile, and the most genes in a block.
private let cellTile = 1024
private let largestBlock = 256

/// Genes in a block. The number of blocks is even and their sizes nearly equal, so that neither of
/// two threads waits for the last block.
private func blockSize(for genes: Int) -> Int {
  let blocks = genes <= 64 ? 1 : 2 * tileCount(genes, of: 2 * largestBlock)
  return (tileCount(genes, of: blocks) + 7) / 8 * 8
}

/// How the dispersion θ follows from its head.
package enum DispersionLink: String, Sendable {
  /// clip(softplus(a)).
  case softplus
  /// clip(exp(a)): scEMC, equation 5.
  case exp
}

/// The parameters of the three heads: dropout probability π, mean μ and dispersion θ.
package struct ZINBHeads: Sendable {
  package let dropout: Dense
  package let mean: Dense
  package let dispersion: Dense
  let link: DispersionLink

  /// Declares NAME.pi, NAME.mean and NAME.dispersion, each (inputs, genes) with a bias.
  package init<S>(
    _ name: String, inputs: Int, genes: Int, link: DispersionLink = .softplus,
    in parameters: Parameters<S>
  ) {
    self.link = link
    dropout = Dense("\(name).pi", inputs: inputs, outputs: genes, in: parameters)
    mean = Dense("\(name).mean", inputs: inputs, outputs: genes, in: parameters)
    dispersion = Dense("\(name).dispersion", inputs: inputs, outputs: genes, in: parameters)
  }

  var all: [Dense] { [dropout, mean, dispersion] }
}

/// The values that the loss compares with: counts, size factors, and the part of the loss that does
/// not depend on parameters.
package struct CountTarget<S: EngineScalar>: Sendable {
  let counts: SparseMatrix<S>
  package let sizeFactors: Buffer<S>
  /// Σ_j lgamma(x_ij + 1). (N)
  let constants: Buffer<Double>

  /// Takes counts, size factors and the known sums of their log-factorials.
  init(counts: SparseMatrix<S>, sizeFactors: Buffer<S>, constants: Buffer<Double>) {
    self.counts = counts
    self.sizeFactors = sizeFactors
    self.constants = constants
  }

  /// Takes counts (N, G) and N size factors.
  package init(counts: SparseMatrix<S>, sizeFactors: [S]) {
    precondition(
      sizeFactors.count == counts.rows,
      "\(sizeFactors.count) size factors for \(counts.rows) cells")
    self.init(
      counts: counts, sizeFactors: Buffer(sizeFactors), constants: rowSumsOfLogFactorials(counts))
  }

  /// The target of the cells `cells`, in their order.
  package func rows(_ cells: Buffer<Int32>) -> CountTarget {
    CountTarget(
      counts: counts.gathering(rows: cells),
      sizeFactors: Buffer(cells.map { sizeFactors[Int($0)] }),
      constants: Buffer(cells.map { constants[Int($0)] }))
  }
}

extension Tape {
  /// weight · mean_ij −log ZINB. Writes the gradients of the heads and of `hidden` (N, H), and
  /// returns the mean, not weighted.
  package func zinbLoss(
    _ heads: ZINBHeads, of hidden: Variable<S>, to target: CountTarget<S>, weight: S
  ) -> Double {
    zinbLoss(heads, of: hidden, to: target, weight: weight, ridge: 0).likelihood
  }

  /// weight · (mean_ij −log ZINB + ridge · mean_ij π²): scziDesk. Writes the gradients, and returns
  /// both means, not weighted.
  package func zinbLoss(
    _ heads: ZINBHeads, of hidden: Variable<S>, to target: CountTarget<S>, weight: S, ridge: S
  ) -> (likelihood: Double, ridge: Double) {
    let genes = target.counts.columns
    precondition(
      hidden.rows == target.counts.rows && heads.mean.kernel.columns == genes,
      "ZINB loss of \(hidden.rows) × \(heads.mean.kernel.columns) against \(target.counts.rows) × \(genes)"
    )
    let sweep = ZINBSweep(
      heads, of: hidden, to: target, weight: weight, ridge: ridge, on: self)
    var total = (likelihood: target.constants.reduce(0, +), ridge: 0.0)
    for number in 0..<tileCount(hidden.rows, of: cellTile) {
      let cells = tile(number, of: cellTile, in: hidden.rows)
      let found = sweep.run(cells, isFirst: number == 0)
      total = (total.likelihood + found.likelihood, total.ridge + found.ridge)
    }
    let count = Double(hidden.rows * genes)
    return (total.likelihood / count, total.ridge / count)
  }
}

/// The memory and the shapes of one pass over all cells.
private struct ZINBSweep<S: EngineScalar>: Sendable {
  let hidden: Window<S>
  let hiddenSink: GradientSink<S>?
  let target: CountTarget<S>
  let kernels: [Window<S>]
  let biases: [Window<S>]
  let kernelSinks: [GradientSink<S>?]
  let biasSinks: [GradientSink<S>?]
  let scale: S
  let geneBlock: Int
  let blocks: Int
  /// Three pre-activations, then gradients, for every block: block · 3 · cellTile · geneBlock.
  let activations: Window<S>
  let scratch: Window<S>
  let sums: Window<Double>
  let losses: Window<Double>
  /// exp(a) of the dispersion's head of every block, if that is θ; nil with softplus.
  let exponentials: Window<S>?
  let ridge: S
  /// What the ridge adds to the gradient of the dropout's head of every block; nil without one.
  let ridgeGradients: Window<S>?
  /// Σ π² of every block.
  let ridges: Window<Double>

  init(
    _ heads: ZINBHeads, of hidden: Variable<S>, to target: CountTarget<S>, weight: S,
    ridge: S, on tape: Tape<S>
  ) {
    self.hidden = hidden.value
    self.target = target
    hiddenSink = tape.sink(for: hidden)
    let kernelVariables = heads.all.map { tape.variable($0.kernel) }
    let biasVariables = heads.all.map { tape.variable($0.bias) }
    kernels = kernelVariables.map(\.value)
    biases = biasVariables.map(\.value)
    kernelSinks = kernelVariables.map { tape.sink(for: $0) }
    biasSinks = biasVariables.map { tape.sink(for: $0) }
    scale = weight / S(hidden.rows * target.counts.columns)
    geneBlock = blockSize(for: target.counts.columns)
    blocks = tileCount(target.counts.columns, of: geneBlock)
    activations = tape.workspace.window(
      rows: blocks * 3, columns: min(cellTile, hidden.rows) * geneBlock)
    scratch = tape.workspace.window(rows: blocks, columns: 12 * geneBlock)
    sums = tape.doubles.window(rows: blocks, columns: geneBlock)
    losses = tape.doubles.window(rows: 1, columns: blocks)
    exponentials =
      heads.link == .exp
      ? tape.workspace.window(rows: blocks, columns: min(cellTile, hidden.rows) * geneBlock) : nil
    self.ridge = ridge
    ridgeGradients =
      ridge > 0
      ? tape.workspace.window(rows: blocks, columns: min(cellTile, hidden.rows) * geneBlock) : nil
    ridges = tape.doubles.window(rows: 1, columns: blocks)
    ridges.fill(with: 0)
  }

  /// One tile of cells: loss, gradients of the heads, gradient of the hidden rows.
  func run(_ cells: Range<Int>, isFirst: Bool) -> (likelihood: Double, ridge: Double) {
    parallelTiles(blocks) { block in
      losses[0, block] = sweep(block, cells: cells, isFirst: isFirst)
    }
    if let sink = hiddenSink { hiddenGradient(of: cells, into: sink) }
    return (
      (0..<blocks).reduce(0) { $0 + losses[0, $1] }, (0..<blocks).reduce(0) { $0 + ridges[0, $1] }
    )
  }

  private func part(_ head: Int, of block: Int) -> UnsafeMutablePointer<S> {
    // SAFETY: the row exists: there are three for each block.
    unsafe activations.slice(rows: 3 * block + head..<3 * block + head + 1).pointer
  }

  /// One block of genes: the heads' products, the kernel, the block's share of the weight
  /// gradients.
  private func sweep(_ block: Int, cells: Range<Int>, isFirst: Bool) -> Double {
    let genes = tile(block, of: geneBlock, in: target.counts.columns)
    let width = kernels[0].columns
    let (m, n, h) = (cells.count, genes.count, hidden.columns)
    // SAFETY: all places are inside windows whose shapes `init` set; blocks write to separate
    // places.
    let rows = unsafe hidden.pointer + cells.lowerBound * h
    for head in 0..<3 {
      let out = unsafe part(head, of: block)
      unsafe S.blasGemm(
        false, false, m, n, h, 1, rows, h, kernels[head].pointer + genes.lowerBound, width, 0,
        out, n)
      unsafe S.kernels.addBias(m, n, out, biases[head].pointer + genes.lowerBound, false)
    }
    if exponentials != nil { turnIntoSoftplus(block, count: m * n) }
    if let extra = ridgeGradients?.slice(rows: block..<block + 1) {
      ridges[0, block] = unsafe S.kernels.sigmoidRidge(
        m * n, scale * ridge, part(0, of: block), extra.pointer)
    }
    let counts = target.counts
    let loss = unsafe S.kernels.zinb(
      m, n, cells.lowerBound, genes.lowerBound, part(0, of: block), part(1, of: block),
      part(2, of: block), n, counts.indptr.pointer, counts.indices.pointer,
      counts.values.pointer, target.sizeFactors.pointer, scale,
      scratch.slice(rows: block..<block + 1).pointer)
    if let extra = ridgeGradients?.slice(rows: block..<block + 1) {
      unsafe S.kernels.axpy(m * n, 1, extra.pointer, part(0, of: block), true)
    }
    if exponentials != nil { turnIntoExponential(block, count: m * n) }
    for head in 0..<3 {
      if let sink = kernelSinks[head] {
        unsafe S.blasGemm(
          true, false, h, n, m, 1, rows, h, part(head, of: block), n,
          isFirst && !sink.accumulates ? 0 : 1, sink.window.pointer + genes.lowerBound, width)
      }
      if let sink = biasSinks[head] {
        unsafe S.kernels.columnSums(
          m, n, part(head, of: block), sink.window.pointer + genes.lowerBound,
          sums.slice(rows: block..<block + 1).pointer, !isFirst || sink.accumulates)
      }
    }
    return loss
  }

  /// a ← softplus⁻¹(exp a), so that the kernel's softplus gives exp a. Larger θ become 1e6: the
  /// kernel clips far below that.
  private func turnIntoSoftplus(_ block: Int, count: Int) {
    guard let exponentials else { return }
    // SAFETY: both rows hold the block's activations.
    let (a, kept) = unsafe (part(2, of: block), exponentials.slice(rows: block..<block + 1).pointer)
    for i in 0..<count {
      let value = unsafe min(exp(Double(a[i])), 1e6)
      unsafe kept[i] = S(value)
      unsafe a[i] = S(value > 30 ? value : log(max(expm1(value), .leastNormalMagnitude)))
    }
  }

  /// Turns the gradient of softplus(a) into that of exp, which is θ / (1 − e^−θ) times as large.
  private func turnIntoExponential(_ block: Int, count: Int) {
    guard let exponentials else { return }
    // SAFETY: both rows hold the block's activations.
    let (a, kept) = unsafe (part(2, of: block), exponentials.slice(rows: block..<block + 1).pointer)
    for i in 0..<count {
      let value = unsafe Double(kept[i])
      unsafe a[i] = S(Double(a[i]) * (value < 1e-12 ? 1 : value / -expm1(-value)))
    }
  }

  /// d hidden = Σ_blocks Σ_heads dA Wᵀ, for a tile of cells.
  private func hiddenGradient(of cells: Range<Int>, into sink: GradientSink<S>) {
    let (h, width) = (hidden.columns, kernels[0].columns)
    let size = 128
    parallelTiles(tileCount(cells.count, of: size)) { number in
      let rows = tile(number, of: size, in: cells.count)
      // SAFETY: the rows are inside the tile; row tiles write to separate places.
      let out = unsafe sink.window.pointer + (cells.lowerBound + rows.lowerBound) * h
      for block in 0..<blocks {
        let genes = tile(block, of: geneBlock, in: width)
        for head in 0..<3 {
          let keeps = sink.accumulates || block > 0 || head > 0
          unsafe S.blasGemm(
            false, true, rows.count, h, genes.count, 1,
            part(head, of: block) + rows.lowerBound * genes.count, genes.count,
            kernels[head].pointer + genes.lowerBound, width, keeps ? 1 : 0, out, h)
        }
      }
    }
  }
}
