import Glibc
import Synchronization
import Tensors
import Testing

/// Buffers in files. What they hold is the same as in memory, whatever was given back meanwhile.
@Suite(.serialized) struct SpooledMemoryTests {
  private static func file() -> Descriptor? {
    var name = Array("/tmp/spooled-XXXXXX".utf8CString)
    let number = unsafe mkstemp(&name)
    unsafe unlink(name)
    return number >= 0 ? Descriptor(number) : nil
  }

  /// Other suites allocate meanwhile: only buffers of these tests are as large.
  private static let least = 64 << 20

  @Test("a large buffer lies in a file, keeps what is written, and is copied like any other")
  func values() throws {
    let opened = Atomic<Int>(0)
    SpooledMemory.install(from: Self.least, room: 1 << 40) {
      opened.wrappingAdd(1, ordering: .relaxed)
      return Self.file()
    }
    defer { SpooledMemory.install(from: .max, room: 0) { nil } }
    #expect(SpooledMemory.residentBytes(of: Self.least - 1) == Self.least - 1)
    #expect(SpooledMemory.residentBytes(of: 1 << 30) == SpooledMemory.residentLimit)
    _ = Buffer<Int32>(spooledCount: 1000)
    #expect(opened.load(ordering: .relaxed) == 0)
    // Twice what may stay in memory, so that parts of it are given back while it is written.
    let count = SpooledMemory.residentLimit / 2
    var buffer = Buffer<Int32>(spooledCount: count)
    #expect(opened.load(ordering: .relaxed) == 1)
    let base = unsafe SharedPointer(buffer.mutablePointer())
    let size = 1 << 20
    parallelTiles(tileCount(count, of: size)) { number in
      for i in tile(number, of: size, in: count) {
        unsafe base.pointer[i] = Int32(truncatingIfNeeded: i &* 2_654_435_761)
      }
    }
    SpooledMemory.trim()
    let wrong = parallelMap(tileCount(count, of: size), tileSize: 1) { [buffer] number in
      let span = buffer.span
      return tile(number, of: size, in: count).count {
        span[$0] != Int32(truncatingIfNeeded: $0 &* 2_654_435_761)
      }
    }
    #expect(wrong.reduce(0, +) == 0)
    var copy = buffer
    copy[5] = -1
    #expect(copy[5] == -1 && buffer[5] != -1 && copy[6] == buffer[6])
  }

  @Test("without a file, or without room, a buffer is memory")
  func memory() {
    SpooledMemory.install(from: Self.least, room: 1 << 40) { nil }
    defer { SpooledMemory.install(from: .max, room: 0) { nil } }
    var buffer = Buffer<UInt8>(spooledCount: Self.least)
    buffer[Self.least - 1] = 7
    #expect(buffer[Self.least - 1] == 7)
    SpooledMemory.install(from: Self.least, room: Self.least) { Self.file() }
    #expect(SpooledMemory.residentBytes(of: Self.least) == Self.least)
  }

  @Test("entries of a selection and of mapped values are those of the matrix in memory")
  func matrices() {
    let rows = 3000
    var dense = Matrix<Float>.zeros(rows, 40)
    for i in 0..<rows {
      for j in 0..<40 { dense[i, j] = Float((i * 31 + j * 17) % 7 % 3) }
    }
    let matrix = SparseMatrix(dense)
    let cells = Array(stride(from: 1, to: rows, by: 2))
    let genes = Array(stride(from: 0, to: 40, by: 3))
    let expected = matrix.selecting(rows: cells, columns: genes).mapEntries { $1 * Float($0) }
    SpooledMemory.install(from: 1, room: 1 << 40) { Self.file() }
    defer { SpooledMemory.install(from: .max, room: 0) { nil } }
    #expect(matrix.selecting(rows: cells, columns: genes).mapEntries { $1 * Float($0) } == expected)
  }
}
