import Synchronization
import Tensors
import Testing

/// Jobs at the same time, each with its share of the threads.
@Suite(.serialized) struct SideBySideTests {
  private func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = count
    return try body()
  }

  @Test("results stand in the order of the jobs, whatever the width and the threads")
  func order() {
    for (threads, width) in [(1, 1), (3, 1), (3, 2), (4, 9), (2, 0)] {
      let results = withThreads(threads) {
        sideBySide(11, width: width) { number in
          parallelMap(100, tileSize: 7) { $0 * number }.reduce(0, +)
        }
      }
      #expect(results == (0..<11).map { 4950 * $0 })
    }
    #expect(sideBySide(0, width: 4) { $0 }.isEmpty)
  }

  @Test(
    "every tile is done once, by workers of different numbers, in calls inside calls and from many threads at once"
  )
  func tiles() {
    withThreads(4) {
      let counts = Mutex([Int](repeating: 0, count: 7 * 50))
      let busy = Mutex(Set<[Int]>())
      for _ in 0..<200 {
        _ = sideBySide(7, width: 2) { job in
          parallelTiles(50) { tile, worker in
            // Tests beside this one set other numbers of threads, up to 8, and back.
            #expect(worker >= 0 && worker < 8)
            #expect(busy.withLock { $0.insert([job, worker]).inserted })
            counts.withLock { $0[job * 50 + tile] += 1 }
            _ = busy.withLock { $0.remove([job, worker]) }
          }
        }
      }
      #expect(counts.withLock { $0 } == [Int](repeating: 200, count: 7 * 50))
    }
  }

  @Test("threads are shared out equally and given back")
  func shares() {
    withThreads(5) {
      #expect(sideBySide(4, width: 2) { _ in Threads.count } == [2, 2, 2, 2])
      #expect(sideBySide(4, width: 1) { _ in Threads.count } == [5, 5, 5, 5])
      #expect(sideBySide(3, width: 8) { _ in Threads.count } == [1, 1, 1])
      #expect(Threads.count == 5)
    }
  }

  private struct Failure: Error, Equatable { let number: Int }

  @Test("the failure of the lowest number is thrown, and no job begins after one")
  func failures() throws {
    #expect(throws: Failure(number: 2)) {
      _ = try sideBySide(5, width: 1) { number in
        if number > 2 { Issue.record("job \(number) has begun") }
        if number == 2 { throw Failure(number: number) }
      }
    }
    withThreads(4) {
      _ = #expect(throws: Failure.self) {
        _ = try sideBySide(40, width: 4) { if $0 % 2 == 1 { throw Failure(number: $0) } }
      }
    }
  }
}
