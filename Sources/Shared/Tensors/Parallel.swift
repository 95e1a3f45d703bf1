// One owner of the cores at a time: OpenBLAS runs on one thread, and this is the only place that
// starts others. Work is cut into tiles of a fixed size, whatever the number of threads, so that
// every sum is formed in the same order.

import Synchronization

/// How many threads `parallelTiles` may use.
package enum Threads {
  private static let limit = Atomic<Int>(1)
  /// What a job of `sideBySide` has of them.
  @TaskLocal fileprivate static var share: Int?

  /// The number of threads in use; 1 until a stage sets it. Results do not depend on it.
  package static var count: Int {
    get { share ?? limit.load(ordering: .relaxed) }
    set { limit.store(Swift.max(1, newValue), ordering: .relaxed) }
  }
}

/// Runs `job` for every number in 0..<count, up to `width` at a time, each on an equal share of the
/// threads, and returns what they give in their order. Two jobs of many small steps are done sooner
/// so than one after the other on all threads.
///
/// - Throws: what the job of the lowest number among those that failed has thrown; after a failure
///   no other job begins.
package func sideBySide<Value: Sendable, Failure: Error>(
  _ count: Int, width: Int, _ job: @Sendable (_ number: Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let workers = max(1, min(width, count, Threads.count))
  let share = Threads.count / workers
  let next = Atomic<Int>(0)
  let outcomes = Mutex<[Int: Result<Value, Failure>]>([:])
  ThreadTeam.shared.run(workers) { _ in
    Threads.$share.withValue(share) {
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if number >= count { return }
        let outcome = Result { () throws(Failure) in try job(number) }
        outcomes.withLock { $0[number] = outcome }
        if case .failure = outcome { next.store(count, ordering: .relaxed) }
      }
    }
  }
  var values: [Value] = []
  for (_, outcome) in outcomes.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
    values.append(try outcome.get())
  }
  return values
}

/// Runs `body` once for every tile in 0..<count, on up to `Threads.count` threads, and returns when
/// all are done.
///
/// Tiles are handed out in order but may end in any order: a body writes only what belongs to its
/// tile. Calls must not be nested, but may stand in the jobs of `sideBySide`.
package func parallelTiles(_ count: Int, _ body: @Sendable (_ tile: Int) -> Void) {
  parallelTiles(count) { tile, _ in body(tile) }
}

/// The same, giving the body the worker (below `Threads.count`) it runs on, for scratch memory that
/// the next tile may overwrite.
package func parallelTiles(_ count: Int, _ body: @Sendable (_ tile: Int, _ worker: Int) -> Void) {
  let workers = min(Threads.count, count)
  if workers <= 1 {
    for tile in 0..<count {
      body(tile, 0)
      SpooledMemory.trim()
    }
    return
  }
  let next = Atomic<Int>(0)
  ThreadTeam.shared.run(workers) { worker in
    while true {
      let tile = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if tile >= count { return }
      body(tile, worker)
      SpooledMemory.trim()
    }
  }
}

/// The range number `number` of those of length `size` (the last may be shorter) that cover
/// 0..<count.
package func tile(_ number: Int, of size: Int, in count: Int) -> Range<Int> {
  number * size..<min(count, (number + 1) * size)
}

/// How many tiles of length `size` cover `count`.
package func tileCount(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }

/// Passes a pointer into a `@Sendable` body whose tiles write apart from each other.
@unsafe package struct SharedPointer<Pointee>: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Pointee>

  /// SAFETY: whoever makes one vouches that no two tiles write the same element.
  @unsafe package init(_ pointer: UnsafeMutablePointer<Pointee>) { unsafe self.pointer = pointer }
}

/// Passes a pointer to values that tiles only read.
@unsafe package struct SharedConstPointer<Pointee>: @unchecked Sendable {
  package let pointer: UnsafePointer<Pointee>

  /// SAFETY: whoever makes one vouches that nobody writes the values meanwhile.
  @unsafe package init(_ pointer: UnsafePointer<Pointee>) { unsafe self.pointer = pointer }
}

/// Calls `body` for tiles of rows of a matrix, each with the range of its rows and their elements
/// to be written.
package func parallelRows<Element>(
  of matrix: inout Matrix<Element>, tileSize: Int = 256,
  _ body: @Sendable (_ rows: Range<Int>, _ elements: inout MutableSpan<Element>) -> Void
) {
  let (rows, columns) = (matrix.rows, matrix.columns)
  // SAFETY: tiles are disjoint runs of rows.
  let base = unsafe SharedPointer(matrix.elements.mutablePointer())
  parallelTiles(tileCount(rows, of: tileSize)) { number in
    let range = tile(number, of: tileSize, in: rows)
    var span = unsafe MutableSpan(
      _unsafeStart: base.pointer + range.lowerBound * columns, count: range.count * columns)
    body(range, &span)
  }
}

/// The values of `body` for 0..<count, computed by tiles of indices in parallel.
package func parallelMap<Result: BitwiseCopyable & Sendable>(
  _ count: Int, tileSize: Int = 256, _ body: @Sendable (_ index: Int) -> Result
) -> Buffer<Result> {
  var result = Buffer<Result>(uninitializedCount: count)
  // SAFETY: every index is written by the one tile that it belongs to.
  let base = unsafe SharedPointer(result.mutablePointer())
  parallelTiles(tileCount(count, of: tileSize)) { number in
    for i in tile(number, of: tileSize, in: count) { unsafe base.pointer[i] = body(i) }
  }
  return result
}
