/// The memory of a training step. The n-th request of a step gets the n-th slot. Slots grow to the
/// largest request and are kept, so that nothing is allocated from the second step on. The windows
/// of a step are invalid after the next `reset()`.
package final class Workspace<Element: BitwiseCopyable> {
  private var slots: [Buffer<Element>] = []
  private var used = 0
  /// The number of allocations; constant once the steps repeat.
  package private(set) var allocationCount = 0

  package init() {}

  /// Starts a new step: the slots are used again from the first.
  package func reset() { used = 0 }

  /// A window of rows × columns whose elements are not set.
  package func window(rows: Int, columns: Int) -> Window<Element> {
    let count = rows * columns
    if used == slots.count { slots.append(Buffer(uninitializedCount: 0)) }
    if slots[used].count < count {
      slots[used] = Buffer(uninitializedCount: count)
      allocationCount += 1
    }
    let slot = slots[used]
    used += 1
    // SAFETY: the slot holds at least `count` elements, and the window keeps its owner.
    return unsafe Window(owner: slot.owner, base: slot.base, rows: rows, columns: columns)
  }

  /// Bytes held.
  package var byteCount: Int { slots.reduce(0) { $0 + $1.count } * MemoryLayout<Element>.stride }
}
