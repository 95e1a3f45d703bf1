import CellData
import Foundation
import TensorStream
import Tensors

/// 120 cells × 200 genes of 3 types: every type has its own 60 genes with high rates.
enum SimulatedCells {
  static let (cells, genes, types) = (120, 200, 3)
  static let typeNames = ["alpha", "beta", "gamma"]

  /// Counts, row after row; the same on every call. (120, 200)
  static let counts: [[Float]] = {
    var generator = RandomGenerator(seed: 7)
    return (0..<cells).map { cell in
      let depth = 0.5 + generator.uniform()
      return (0..<genes).map { gene in
        let rate = (gene / 60 == cell % types ? 6 : 0.7) * depth
        return poisson(rate, &generator)
      }
    }
  }()

  static let barcodes = (0..<cells).map { "cell-\($0)" }
  static let geneNames = (0..<genes).map { "Gene\($0)" }

  /// Poisson by multiplication of uniform numbers (Knuth 1969).
  private static func poisson(_ rate: Double, _ generator: inout RandomGenerator) -> Float {
    let limit = exp(-rate)
    var (count, product) = (-1, 1.0)
    repeat {
      count += 1
      product *= generator.uniform()
    } while product > limit
    return Float(count)
  }

  /// The object with `obs/type`, and whatever `change` makes of it.
  static func object(_ change: (inout CellData) -> Void = { _ in }) -> CellData {
    var result = CellData(
      obs: Frame(index: barcodes), var: Frame(index: geneNames),
      x: .sparse(SparseMatrix(Matrix(counts))))
    result.obs["type"] = .strings((0..<cells).map { typeNames[$0 % types] })
    change(&result)
    return result
  }

  /// A tensor stream of it.
  static func stream(_ change: (inout CellData) -> Void = { _ in }) throws -> Data {
    let sink = DataSink()
    try TensorStream.write(object(change), to: sink)
    return sink.data
  }

  /// Comma-separated text, cells in rows.
  static var table: String {
    let head = "," + geneNames.joined(separator: ",") + "\n"
    return head
      + zip(barcodes, counts).map { name, row in
        name + "," + row.map { String(Int($0)) }.joined(separator: ",") + "\n"
      }.joined()
  }
}

/// Collects what is written.
final class DataSink: ByteSink {
  private(set) var data = Data()

  func write(_ bytes: RawSpan) {
    // SAFETY: the bytes are copied at once.
    unsafe bytes.withUnsafeBytes { unsafe data.append(contentsOf: $0) }
  }
}

extension Shell {
  /// Puts `in.st` there: the simulated cells as a tensor stream.
  func writeInput(_ change: (inout CellData) -> Void = { _ in }) throws {
    try write(try SimulatedCells.stream(change), to: "in.st")
  }

  /// Puts cells there as a tensor stream.
  func write(_ cells: CellData, to name: String) throws {
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    try write(sink.data, to: name)
  }

  /// What a stage wrote.
  func object(_ name: String) throws -> CellData {
    let file = try FileHandle(forReadingFrom: url(name))
    return try TensorStream.read(descriptor: file.fileDescriptor).data
  }
}
