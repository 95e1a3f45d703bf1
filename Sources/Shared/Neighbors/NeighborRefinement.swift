// What an index proposes is put right where the lists of neighbors contradict each other. If a is a neighbor of i, then a and a's k neighbors
// are k points at most d(i, a) + r(a) away from i, r(a) being how far the last of a's is: a list of i that reaches farther has missed
// some. Joining i's list with its neighbors' lists enforces that bound. What is left are small islands, cells that the index
// reaches only together: their lists reach into another group of cells, whose own reach is short. They are searched exactly. An island of more
// cells than a list holds fills its lists with its own cells: it misses neighbors unnoticed, but links nothing.

import Tensors

/// Lists of neighbors that are nearly right, and how to mend them.
struct NeighborRefinement {
  private let points: Matrix<Float>
  private let metric: Metric
  private let exact: ExactDistances

  /// A list that reaches so many times as far as that of one of its members is searched again; keys are squares.
  private static let suspiciousRatio = 4.0
  /// At most this share of the cells is searched again, and always these many.
  private static let largestShare = 0.01
  private static let alwaysSearched = 256

  init(of points: Matrix<Float>, _ metric: Metric) {
    (self.points, self.metric) = (points, metric)
    exact = ExactDistances(from: points, to: points, metric)
  }

  /// The nearest `count` of what was proposed (N, any; −1 for nothing), by exact distances; index −1 where there are fewer. (N, count)
  func settled(_ proposed: Matrix<Int32>, count: Int) -> Matrix<Candidate> {
    var found = Matrix<Candidate>(uninitializedRows: points.rows, columns: count)
    parallelRows(of: &found) { rows, out in
      for (r, i) in rows.enumerated() {
        var list = NearestList(count: count)
        for j in Set((0..<proposed.columns).map { proposed[i, $0] }).sorted() where j >= 0 {
          if Int(j) != i { list.offer(Candidate(key: exact.key(i, Int(j)), index: j)) }
        }
        list.write(to: &out, at: r * count)
      }
    }
    return found
  }

  /// Every list joined with those of its members.
  func joined(_ found: Matrix<Candidate>) -> Matrix<Candidate> {
    let count = found.columns
    var result = Matrix<Candidate>(uninitializedRows: points.rows, columns: count)
    parallelRows(of: &result) { rows, out in
      var indirect: [Int32] = []
      for (r, i) in rows.enumerated() {
        var list = NearestList(count: count)
        let own = found.row(i)
        indirect.removeAll(keepingCapacity: true)
        for k in 0..<count where own[k].index >= 0 {
          list.offer(own[k])
          let theirs = found.row(Int(own[k].index))
          for m in 0..<count where theirs[m].index >= 0 { indirect.append(theirs[m].index) }
        }
        indirect.sort()
        var last = Int32(-1)
        for j in indirect where j != last {
          last = j
          if Int(j) == i || list.contains(j) { continue }
          list.offer(Candidate(key: exact.key(i, Int(j), upTo: list.reach), index: j))
        }
        list.write(to: &out, at: r * count)
      }
    }
    return result
  }

  /// The lists that are short, and those that reach suspiciously far, replaced by the exact search's.
  func searchedAgain(_ found: Matrix<Candidate>) -> Matrix<Candidate> {
    let again = suspects(found)
    if again.isEmpty { return found }
    let count = found.columns
    let search = NeighborSearch(
      points.selectingRows(again), points, again, metric, count: count,
      available: points.rows - 1
    ).run()
    var result = found
    var out = result.elements.mutableSpan
    let source = search.elements.span
    for (r, i) in again.enumerated() {
      for k in 0..<count { out[i * count + k] = source[r * count + k] }
    }
    return result
  }

  /// Rising.
  private func suspects(_ found: Matrix<Candidate>) -> [Int] {
    let last = found.columns - 1
    let scores = parallelMap(points.rows) { i in
      let row = found.row(i)
      if row[last].index < 0 { return Double.infinity }
      var shortest = Double.infinity
      for k in 0...last {
        shortest = min(shortest, found.row(Int(row[k].index))[last].key)
      }
      return row[last].key > Self.suspiciousRatio * shortest ? row[last].key / shortest : 0
    }
    let isShort = scores.indices.filter { found[$0, last].index < 0 }
    let most = max(Self.alwaysSearched, Int(Self.largestShare * Double(points.rows)))
    let far = scores.indices.filter { scores[$0] > 0 && found[$0, last].index >= 0 }
      .sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    return (isShort + far.prefix(most)).sorted()
  }
}

/// The nearest of the candidates seen, in order.
private struct NearestList {
  private var entries: [Candidate] = []
  private let count: Int

  init(count: Int) {
    self.count = count
    entries.reserveCapacity(count + 1)
  }

  /// The key that a candidate has to stay within.
  var reach: Double { entries.count < count ? .infinity : entries[count - 1].key }

  func contains(_ index: Int32) -> Bool { entries.contains { $0.index == index } }

  mutating func offer(_ candidate: Candidate) {
    if entries.count == count {
      guard Candidate.precedes(candidate, entries[count - 1]) else { return }
      entries.removeLast()
    }
    var position = entries.count
    while position > 0 && Candidate.precedes(candidate, entries[position - 1]) { position -= 1 }
    entries.insert(candidate, at: position)
  }

  func write(to out: inout MutableSpan<Candidate>, at start: Int) {
    for k in 0..<count {
      out[start + k] = k < entries.count ? entries[k] : Candidate(key: .infinity, index: -1)
    }
  }
}
