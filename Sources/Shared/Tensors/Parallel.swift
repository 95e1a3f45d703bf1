// One owner of the cores at a time: OpenBLAS runs on one thread, and only this file starts others.
// Work is cut into tiles of a fixed size, whatever the number of threads. So every sum is computed
// in the same order.

import Synchronization

/// The number of threads that `parallelTiles` may use.
package enum Threads {
  private static let limit = Atomic<Int>(1)
  /// The share of the threads that a job of `sideBySide` has.
  @TaskLocal fileprivate static var share: Int?

  /// The number of threads in use; 1 until a stage sets it. Results do not depend on it.
  package static var count: Int {
    get { share ?? limit.load(ordering: .relaxed) }
    set { limit.store(Swift.max(1, newValue), ordering: .relaxed) }
  }
}

/// Runs `job` for every number in 0..<count, up to `width` at a time, each on an equal share of the
/// threads. Returns their results in order. Two jobs of many small steps are faster this way than
/// one after the other on all threads.
///
/// - Throws: the error of the first job, by number, that failed; after a failure no other job
///   begins.
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

/// Runs `body` once for every tile in 0..<count, on up to `Threads.count` threads. Returns when all
/// are done.
///
/// Tiles begin in order but may end in any order: a body writes only the results of its tile. Calls
/// must not be nested, except inside the jobs of `sideBySide`.
package func parallelTiles(_ count: Int, _ body: @Sendable (_ tile: Int) -> Void) {
  parallelTiles(count) { tile, _ in body(tile) }
}

/// The same, with the number of the worker (below `Threads.count`). The body may use it to find
/// scratch memory that the next tile overwrites.
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

/// The range with this number among the ranges of length `size` that cover 0..<count; the last may
/// be shorter.
package func tile(_ number: Int, of size: Int, in count: Int) -> Range<Int> {
  number * size..<min(count, (number + 1) * size)
}

/// The number of tiles of length `size` that cover `count`.
package func tileCount(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }

/// Passes a pointer into a `@Sendable` body whose tiles write to separate elements.
@unsafe package struct SharedPointer<Pointee>: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Pointee>

  /// SAFETY: the caller guarantees that no two tiles write the same element.
  @unsafe package init(_ pointer: UnsafeMutablePointer<Pointee>) { unsafe self.pointer = pointer }
}

/// Passes a pointer to values that tiles only read.
@unsafe package struct SharedConstPointer<Pointee>: @unchecked Sendable {
  package let pointer: UnsafePointer<Pointee>

  /// SAFETY: the caller guarantees that nothing writes the values meanwhile.
  @unsafe package init(_ pointer: UnsafePointer<Pointee>) { unsafe self.pointer = pointer }
}

/// Calls `body` for tiles of rows of a matrix, with the range of the rows and their writable
/// elements.
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
  // SAFETY: only one tile writes each index.
  let base = unsafe SharedPointer(result.mutablePointer())
  parallelTiles(tileCount(count, of: tileSize)) { number in
    for i in tile(number, of: tileSize, in: count) { unsafe base.pointer[i] = body(i) }
  }
  return result
}
