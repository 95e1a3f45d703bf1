// The memory of this project. Every matrix rests on a Buffer: a counted, copy-on-write run of plain
// values from malloc or from a mapped file. An Array that cannot be allocated aborts the process.
// Here the failure reaches `MemoryExhaustion`, which ends a stage with its documented exit code.

import Glibc
import Synchronization

/// The handling of failed allocations: the stages install a handler that ends them with exit status
/// 71.
package enum MemoryExhaustion {
  private static let handler = Mutex<(@Sendable (_ bytes: Int) -> Void)?>(nil)

  /// Installs the function that is called when an allocation fails, with the bytes that were
  /// requested. It must not return.
  package static func onFailure(_ action: @escaping @Sendable (_ bytes: Int) -> Void) {
    handler.withLock { $0 = action }
  }

  @usableFromInline package static func fail(bytes: Int) -> Never {
    handler.withLock { $0 }?(bytes)
    preconditionFailure("no memory for \(bytes) bytes")
  }
}

/// The owner of a buffer's bytes. It frees them when the last buffer that shares them is gone.
@safe package final class BufferOwner {
  @usableFromInline let release: (() -> Void)?
  @usableFromInline let address: UnsafeMutableRawPointer

  /// Takes ownership of `address`. It is freed by `free`, or by `release` if that is given.
  @unsafe @usableFromInline
  package init(_ address: UnsafeMutableRawPointer, release: (() -> Void)? = nil) {
    // SAFETY: the caller transfers the ownership of the bytes.
    unsafe self.address = address
    self.release = release
  }

  deinit {
    if let release {
      release()
    } else {
      // SAFETY: without a `release` the bytes came from posix_memalign.
      unsafe free(address)
    }
  }
}

/// A fixed-length run of plain values with value semantics (copied on the first write to shared
/// bytes).
@safe package struct Buffer<Element: BitwiseCopyable> {
  @usableFromInline package var owner: BufferOwner
  @usableFromInline package var base: UnsafeMutablePointer<Element>
  package let count: Int

  /// Allocates `count` elements without setting them.
  @inlinable package init(uninitializedCount count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    if overflow { MemoryExhaustion.fail(bytes: .max) }
    var raw: UnsafeMutableRawPointer?
    // SAFETY: `raw` is only used when posix_memalign reports success; it holds `count` strides.
    let status = unsafe posix_memalign(&raw, 64, Swift.max(bytes, 64))
    guard status == 0, let raw = unsafe raw else { MemoryExhaustion.fail(bytes: bytes) }
    unsafe owner = BufferOwner(raw)
    unsafe base = raw.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  /// `count` copies of `value`.
  @inlinable package init(repeating value: Element, count: Int) {
    self.init(uninitializedCount: count)
    // SAFETY: `base` holds `count` elements.
    unsafe base.initialize(repeating: value, count: count)
  }

  /// The elements of a collection.
  @inlinable package init(_ elements: some Collection<Element>) {
    self.init(uninitializedCount: elements.count)
    var i = 0
    for element in elements {
      // SAFETY: `i` stays below `elements.count`, which is this buffer's length.
      unsafe base[i] = element
      i += 1
    }
  }

  /// Every element transformed.
  @inlinable package func mapped<Result: BitwiseCopyable>(_ transform: (Element) -> Result)
    -> Buffer<Result>
  {
    var result = Buffer<Result>(uninitializedCount: count)
    let source = span
    var target = result.mutableSpan
    for i in source.indices { target[i] = transform(source[i]) }
    return result
  }

  /// Wraps memory of another owner, such as a mapped file. `release` is called when the last copy
  /// is gone.
  @unsafe package init(
    _ base: UnsafeMutablePointer<Element>, count: Int, release: @escaping () -> Void
  ) {
    // SAFETY: the caller guarantees `count` elements that live until `release`.
    unsafe owner = BufferOwner(UnsafeMutableRawPointer(base), release: release)
    unsafe self.base = base
    self.count = count
  }

  @inlinable package mutating func makeUnique() {
    if isKnownUniquelyReferenced(&owner) { return }
    let copy = Buffer(uninitializedCount: count)
    // SAFETY: both hold `count` elements and do not overlap.
    unsafe copy.base.initialize(from: base, count: count)
    self = copy
  }

  /// The elements, readable, with checked indices.
  @inlinable package var span: Span<Element> {
    @_lifetime(borrow self) get {
      // SAFETY: `base` holds `count` elements for as long as `self` lives.
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The elements, writable in place, with checked indices.
  @inlinable package var mutableSpan: MutableSpan<Element> {
    @_lifetime(&self) mutating get {
      makeUnique()
      // SAFETY: as above; `makeUnique` excludes other readers.
      let span = unsafe MutableSpan(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The address for a kernel; valid while `self` lives.
  @unsafe @inlinable package var pointer: UnsafePointer<Element> { unsafe UnsafePointer(base) }

  /// The address for a kernel that writes; call `makeUnique()` (as this does) before sharing it.
  @unsafe @inlinable package mutating func mutablePointer() -> UnsafeMutablePointer<Element> {
    makeUnique()
    return unsafe base
  }
}

extension Buffer: RandomAccessCollection, MutableCollection {
  @inlinable package var startIndex: Int { 0 }
  @inlinable package var endIndex: Int { count }
  // The standard library's forms of these are not specialized across modules: each step of a loop
  // would be a call.
  @inlinable package var indices: Range<Int> { 0..<count }
  @inlinable package func index(after i: Int) -> Int { i + 1 }
  @inlinable package func index(before i: Int) -> Int { i - 1 }
  @inlinable package func index(_ i: Int, offsetBy distance: Int) -> Int { i + distance }
  @inlinable package func distance(from a: Int, to b: Int) -> Int { b - a }
  @inlinable package func formIndex(after i: inout Int) { i += 1 }
  @inlinable package func formIndex(before i: inout Int) { i -= 1 }

  @inlinable package subscript(position: Int) -> Element {
    get {
      precondition(position >= 0 && position < count, "buffer index out of range")
      // SAFETY: checked on the line above.
      return unsafe base[position]
    }
    set {
      precondition(position >= 0 && position < count, "buffer index out of range")
      makeUnique()
      // SAFETY: checked, and no longer shared.
      unsafe base[position] = newValue
    }
  }
}

extension Buffer: Equatable where Element: Equatable {
  package static func == (a: Buffer, b: Buffer) -> Bool { a.elementsEqual(b) }
}

// SAFETY: a buffer is a value. Writers copy shared bytes first, so threads only share bytes to
// read.
extension Buffer: @unchecked Sendable where Element: Sendable {}

extension Buffer {
  /// The same bytes as another plain type, without a copy; their number must be a multiple of its
  /// size.
  package func reinterpreted<Other: BitwiseCopyable>(as type: Other.Type) -> Buffer<Other> {
    let bytes = count * MemoryLayout<Element>.stride
    precondition(
      bytes % MemoryLayout<Other>.stride == 0
        && MemoryLayout<Element>.stride == MemoryLayout<Element>.size,
      "\(bytes) bytes seen as \(Other.self)")
    // SAFETY: owner keeps the bytes; both types are plain, and every buffer is aligned for them
    // (checked).
    let raw = unsafe UnsafeMutableRawPointer(base)
    let address = UInt(bitPattern: raw)
    precondition(address % UInt(MemoryLayout<Other>.alignment) == 0, "misaligned bytes")
    return unsafe Buffer<Other>(
      owner: owner, base: raw.assumingMemoryBound(to: Other.self),
      count: bytes / MemoryLayout<Other>.stride)
  }

  @unsafe @inlinable package init(
    owner: BufferOwner, base: UnsafeMutablePointer<Element>, count: Int
  ) {
    self.owner = owner
    unsafe self.base = base
    self.count = count
  }

  /// Writes a run of another buffer's elements over the elements from `place` on.
  @inlinable package mutating func copy(_ range: Range<Int>, of source: Buffer, to place: Int) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= source.count && place >= 0
        && place + range.count <= count, "copy out of range")
    makeUnique()
    // SAFETY: both runs are inside their buffers, and these bytes are no longer shared.
    unsafe (base + place).update(from: source.base + range.lowerBound, count: range.count)
  }

  /// A run of the elements, sharing the bytes.
  @inlinable package func slice(_ range: Range<Int>) -> Buffer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "slice out of range")
    // SAFETY: the range is inside the buffer, whose owner the slice shares.
    return unsafe Buffer(owner: owner, base: base + range.lowerBound, count: range.count)
  }
}
