/// A buffer that grows at its end, for arrays whose length is not known beforehand.
package struct GrowingBuffer<Element: BitwiseCopyable> {
  @usableFromInline var storage = Buffer<Element>(uninitializedCount: 1024)
  /// The number of elements so far.
  @usableFromInline package var count = 0

  @inlinable package init() {}

  /// Makes room for `extra` more elements.
  @inlinable package mutating func reserve(_ extra: Int) {
    guard count + extra > storage.count else { return }
    storage = storage.enlarged(to: max(count + extra, storage.count / 2 * 3), keeping: count)
  }

  @inlinable package mutating func append(_ element: Element) {
    if count == storage.count { reserve(1) }
    storage[count] = element
    count += 1
  }

  /// Appends up to `limit` elements. `body` writes them one after another from position `start` on,
  /// and returns their number.
  @inlinable package mutating func append(
    upTo limit: Int, _ body: (_ target: inout MutableSpan<Element>, _ start: Int) -> Int
  ) {
    reserve(limit)
    let start = count
    var target = storage.mutableSpan
    let added = body(&target, start)
    precondition(added <= limit, "more elements than room")
    count += added
  }

  /// The elements so far.
  @inlinable package var elements: Buffer<Element> { storage.slice(0..<count) }
}

extension Buffer {
  /// A longer buffer that begins with the first `kept` elements of this one; the rest is not set.
  @inlinable package func enlarged(to size: Int, keeping kept: Int) -> Buffer {
    var larger = Buffer(uninitializedCount: size)
    larger.copy(0..<kept, of: self, to: 0)
    return larger
  }
}
