import Tensors

/// The parts of a block of values, chunk by chunk. A run is contiguous both in the chunk and in the
/// block, each in C order.
struct ChunkRuns {
  struct Run {
    /// The first value in the chunk, and in the block.
    let source: Int
    let target: Int
    let count: Int
  }

  let chunk: [Int]
  let start: [Int]
  let extent: [Int]

  init(chunk: [Int], start: [Int], extent: [Int]) {
    precondition(chunk.count == start.count && start.count == extent.count, "rank of a block")
    (self.chunk, self.start, self.extent) = (chunk, start, extent)
  }

  /// Calls `body` with the numbers of each chunk and its runs.
  func visit(_ body: (_ place: [Int], _ run: Run) throws -> Void) throws {
    if extent.contains(0) { return }
    let first = zip(start, chunk).map { $0 / $1 }
    let counts = chunk.indices.map { d in (start[d] + extent[d] - 1) / chunk[d] - first[d] + 1 }
    var counter = Counter(counts)
    repeat {
      let place = zip(first, counter.numbers).map { $0 + $1 }
      try visitRuns(of: place) { try body(place, $0) }
    } while counter.advance()
  }

  private func visitRuns(of place: [Int], _ body: (Run) throws -> Void) throws {
    // The part of the block that is in this chunk: its beginning in both, and its size.
    let begin = chunk.indices.map { d in max(start[d], place[d] * chunk[d]) }
    let size = chunk.indices.map { d in
      min(start[d] + extent[d], (place[d] + 1) * chunk[d]) - begin[d]
    }
    // Dimensions that are whole in both are one run with the one before them.
    var outer = chunk.count
    var count = 1
    while outer > 0 {
      outer -= 1
      count *= size[outer]
      if size[outer] != chunk[outer] || size[outer] != extent[outer] { break }
    }
    var counter = Counter(Array(size[..<outer]))
    repeat {
      var (source, target) = (0, 0)
      for d in chunk.indices {
        let inside = d < outer ? counter.numbers[d] : 0
        source = source * chunk[d] + begin[d] + inside - place[d] * chunk[d]
        target = target * extent[d] + begin[d] + inside - start[d]
      }
      try body(Run(source: source, target: target, count: count))
    } while counter.advance()
  }
}
