import CellData
import Metrics
import Tensors

/// Two partitions of the same cells.
struct CrossedClasses {
  let first, second: Categories
  /// For every class of the second the class of the first that it is matched with.
  let matching: [Int: Int]

  init(_ first: Categories, _ second: Categories) throws {
    (self.first, self.second) = (first, second)
    let both = first.codes.indices.filter { first.codes[$0] >= 0 && second.codes[$0] >= 0 }
    let (classes, predicted) = (
      both.map { Int(first.codes[$0]) }, both.map { Int(second.codes[$0]) }
    )
    matching =
      both.isEmpty ? [:] : try ContingencyTable(truth: classes, predicted: predicted).matching
  }

  /// For every class of the second the number of its color. It is the color of the class it is
  /// matched with, else one that the first does not have.
  var colors: [Int] {
    var free = first.names.count - 1
    return second.names.indices.map { place in
      if let match = matching[place] { return match }
      free += 1
      return free
    }
  }
}

extension Categories {
  /// The cells of each class that each class of the other has.
  func shared(with other: Categories) -> [[Int]] {
    var counts = names.map { _ in [Int](repeating: 0, count: other.names.count) }
    for (own, others) in zip(codes, other.codes) where own >= 0 && others >= 0 {
      counts[Int(own)][Int(others)] += 1
    }
    return counts
  }

  /// The classes without some of them, whose cells then have none.
  func without(_ ignored: [String]) -> Categories {
    if ignored.isEmpty { return self }
    return leavingOut(Buffer(codes.map { $0 >= 0 && ignored.contains(names[Int($0)]) }))
  }

  /// The classes of these cells.
  func selecting(_ rows: [Int]) -> Categories {
    Categories(codes: Buffer(rows.map { codes[$0] }), names: names)
  }
}
