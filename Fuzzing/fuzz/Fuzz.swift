// Feeds mutated inputs to what reads files: FUZZ_TARGET=stream|csr|market|text|lzf|hdf5|zarr fuzz
// [libFuzzer's options] CORPUS
//
// An input must be read, or refused by a fault about the data. Data that was read must be valid: it
// can be written as a tensor stream, and is the same when read again. Anything else traps, and
// libFuzzer keeps the input.

import CFuzzer
import CLZF
import CellData
import DataFormats
import Glibc
import TensorStream
import Tensors

/// What an input is treated as.
enum FuzzTarget: String {
  case stream, csr, market, text, lzf, hdf5, zarr

  func run(_ bytes: [UInt8]) throws {
    switch self {
    case .stream: try readStream(bytes)
    case .csr: checkRows(bytes)
    case .market: try readFile(bytes, as: .matrixMarket)
    case .text: try readFile(bytes, as: .text)
    case .lzf: unpack(bytes)
    case .hdf5: try readTree(bytes)
    // Unchanged, and with the checksums corrected so that the content of members is reached.
    case .zarr:
      do { try readTree(bytes) } catch let fault as any Fault { check(fault) }
      try readTree(withSoundChecksums(bytes))
    }
  }

  static let chosen: FuzzTarget = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? "stream"
    guard let target = FuzzTarget(rawValue: name) else { fatalError("no target \(name)") }
    return target
  }()
}

/// Collects what is written.
final class Bytes: ByteSink {
  var all: [UInt8] = []
  func write(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe all.append(contentsOf: $0) }
  }
}

func readStream(_ bytes: [UInt8]) throws {
  let nothing = unsafe open("/dev/null", O_RDONLY)
  defer { close(nothing) }
  let data = try TensorStream.read(descriptor: nothing, prefix: bytes, verifying: false).data
  try checkRoundTrip(data)
}

/// Data that was read can be written, and is the same when read again.
func checkRoundTrip(_ data: CellData) throws {
  let sink = Bytes()
  try TensorStream.write(data, to: sink)
  let nothing = unsafe open("/dev/null", O_RDONLY)
  defer { close(nothing) }
  let again = try TensorStream.read(descriptor: nothing, prefix: sink.all).data
  precondition(
    again.cellCount == data.cellCount && again.geneCount == data.geneCount, "another size")
  precondition(again.x == data.x && again.obs == data.obs && again.var == data.var, "other data")
}

/// Bytes treated as a matrix in compressed rows: if nothing is found wrong with it, it can be
/// worked with.
func checkRows(_ bytes: [UInt8]) {
  guard bytes.count >= 2 else { return }
  let (rows, columns) = (Int(bytes[0] % 16), Int(bytes[1] % 16))
  let rest = bytes.dropFirst(2).map { Int(Int8(bitPattern: $0)) }
  guard rest.count > rows else { return }
  let starts = Buffer(Array(rest.prefix(rows + 1)))
  let entries = rest.count - rows - 1
  let matrix = SparseMatrix<Float>(
    rows: rows, columns: columns, indptr: starts,
    indices: Buffer(rest.suffix(entries).map { Int32($0) }),
    values: Buffer((0..<entries).map { Float($0) }))
  guard matrix.structuralFault() == nil else { return }
  let turned = matrix.transposed()
  precondition(
    turned.structuralFault() == nil && turned.transposed() == matrix, "turned over twice")
  for i in 0..<rows { precondition(matrix.range(ofRow: i).count <= entries, "a row") }
}

/// Bytes treated as a packed chunk: what is measured is what comes out.
func unpack(_ bytes: [UInt8]) {
  let size = unsafe bytes.withUnsafeBufferPointer {
    unsafe lzf_decoded_size($0.baseAddress, $0.count)
  }
  guard size > 0, size < 1 << 24 else { return }
  var output = [UInt8](repeating: 0, count: size)
  unsafe bytes.withUnsafeBufferPointer { input in
    unsafe output.withUnsafeMutableBufferPointer {
      unsafe lzf_decode(input.baseAddress, input.count, $0.baseAddress)
    }
  }
}

/// Has `body` read the bytes as a file.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) rethrows -> Result {
  let file = fuzz_memory_file()
  precondition(file >= 0, "no file")
  defer { close(file) }
  let put = unsafe bytes.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
  precondition(put == bytes.count, "not written")
  return try body("/proc/self/fd/\(file)")
}

func sniffed(_ bytes: [UInt8]) throws -> FileFormat? {
  guard let format = try withFile(bytes, { try DataFormats.sniff(path: $0) }) else { return nil }
  return [.text, .matrixMarket].contains(format) ? nil : format
}

func readTree(_ bytes: [UInt8]) throws {
  guard let format = try sniffed(bytes) else { return }
  try readFile(bytes, as: format)
}

/// A zip archive with the right checksum for the content of every stored member.
func withSoundChecksums(_ bytes: [UInt8]) -> [UInt8] {
  func number(_ count: Int, at place: Int) -> Int {
    guard place + count <= bytes.count else { return 0 }
    return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }
  var result = bytes
  var entry = 0
  while entry + 46 <= bytes.count {
    guard bytes[entry..<entry + 4].elementsEqual([0x50, 0x4B, 1, 2]) else {
      entry += 1
      continue
    }
    let (count, member) = (number(4, at: entry + 20), number(4, at: entry + 42))
    let begin = member + 30 + number(2, at: member + 26) + number(2, at: member + 28)
    if begin + count <= bytes.count {
      let sum = crc32(Buffer(Array(bytes[begin..<begin + count])))
      for place in 0..<4 {
        result[entry + 16 + place] = UInt8(truncatingIfNeeded: sum >> (8 * place))
      }
    }
    entry += 46 + number(2, at: entry + 28)
  }
  return result
}

func readFile(_ bytes: [UInt8], as format: FileFormat) throws {
  let options = ReadingOptions(memoryBudget: 64 << 20)
  let data = try withFile(bytes) { path in
    _ = try? DataFormats.extent(path: path, as: format, options: options)
    return try DataFormats.read(path: path, as: format, options: options)
  }
  try checkRoundTrip(data)
}

/// The faults that an input can be to blame for.
let refusals: Set<FaultKind> = [.badData, .usage, .missingLibrary, .noMemory, .noInput]

/// Traps if an input cannot have caused a fault, or its line could not be printed.
func check(_ fault: any Fault) {
  let text = fault.description
  precondition(refusals.contains(fault.kind), "\(fault.kind): \(text)")
  precondition(
    text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }, "unprintable: \(text)")
}

let body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 = { start, count in
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  do {
    try FuzzTarget.chosen.run(bytes)
  } catch let fault as any Fault {
    check(fault)
  } catch {
    fatalError("\(error)")
  }
  return 0
}

/// SwiftPM calls a program's main by the name of its module.
@_cdecl("fuzz_main")
public func fuzzMain(
  _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  var (count, arguments) = unsafe (count, arguments)
  return unsafe LLVMFuzzerRunDriver(&count, &arguments, body)
}
