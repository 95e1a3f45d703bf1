import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// Collects what is written.
final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []
  func write(_ piece: RawSpan) throws {
    // SAFETY: the span's bytes are copied while it lives.
    unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}

/// The stream of an object.
func written(_ data: CellData) throws -> [UInt8] {
  let sink = MemorySink()
  try TensorStream.write(data, to: sink)
  return sink.bytes
}

/// The ways a stream can arrive.
enum Arrival: CaseIterable {
  case file, pipe, prefixedPipe
}

/// Reads a stream that arrives as a file or through a pipe.
func read(_ bytes: [UInt8], as arrival: Arrival = .file, verifying: Bool = true) throws
  -> TensorStreamContents
{
  switch arrival {
  case .file:
    let folder = try TemporaryFolder()
    let path = folder.path("stream.safetensors")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try read(path: path, verifying: verifying)
  case .pipe: return try readPipe(bytes, prefixSize: 0, verifying)
  case .prefixedPipe: return try readPipe(bytes, prefixSize: min(11, bytes.count), verifying)
  }
}

/// Writes to an open file.
final class DescriptorSink: ByteSink {
  private let file: Descriptor
  init(descriptor: Int32) { file = Descriptor(descriptor, isOwned: false) }
  func write(_ bytes: RawSpan) throws { try file.write(bytes) }
}

func read(path: String, verifying: Bool = true) throws -> TensorStreamContents {
  let descriptor = unsafe open(path, O_RDONLY)
  #expect(descriptor >= 0)
  defer { close(descriptor) }
  return try TensorStream.read(descriptor: descriptor, verifying: verifying)
}

private func readPipe(_ bytes: [UInt8], prefixSize: Int, _ verifying: Bool) throws
  -> TensorStreamContents
{
  let ends = try makePipe()
  defer { close(ends.read) }
  let rest = Array(bytes[prefixSize...])
  let writer = Thread {
    try? DescriptorSink(descriptor: ends.write).write(rest.span)
    close(ends.write)
  }
  writer.start()
  return try TensorStream.read(
    descriptor: ends.read, prefix: Array(bytes[..<prefixSize]), verifying: verifying)
}

/// A pipe whose writers see an error, not a signal, when the reader has gone.
func makePipe() throws -> (read: Int32, write: Int32) {
  signal(SIGPIPE, SIG_IGN)
  var ends: [Int32] = [0, 0]
  #expect(unsafe pipe(&ends) == 0)
  return (ends[0], ends[1])
}

/// A folder that goes with its owner.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  deinit { try? FileManager.default.removeItem(at: url) }
}

/// The fault that reading gives; nil (and a recorded issue) if there is none.
func refusal(
  reading bytes: [UInt8], as arrival: Arrival = .file, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) -> StreamFault? {
  do {
    _ = try read(bytes, as: arrival)
    Issue.record("\(what) was accepted as \(arrival)", sourceLocation: sourceLocation)
    return nil
  } catch let fault as StreamFault {
    return fault
  } catch {
    Issue.record("\(what): \(error)", sourceLocation: sourceLocation)
    return nil
  }
}

/// Records an issue unless two objects hold the same.
func expectEqual(_ a: CellData, _ b: CellData, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(a.obs == b.obs, sourceLocation: sourceLocation)
  #expect(a.var == b.var, sourceLocation: sourceLocation)
  #expect(a.x == b.x, sourceLocation: sourceLocation)
  #expect(a.layers == b.layers, sourceLocation: sourceLocation)
  #expect(a.raw?.x == b.raw?.x, sourceLocation: sourceLocation)
  #expect(a.raw?.var == b.raw?.var, sourceLocation: sourceLocation)
  #expect(a.obsm == b.obsm, sourceLocation: sourceLocation)
  #expect(a.varm == b.varm, sourceLocation: sourceLocation)
  #expect(a.obsp == b.obsp, sourceLocation: sourceLocation)
  #expect(a.tensors == b.tensors, sourceLocation: sourceLocation)
  #expect(a.settings == b.settings, sourceLocation: sourceLocation)
  #expect(a.history == b.history, sourceLocation: sourceLocation)
  #expect(a.modalities.map(\.name) == b.modalities.map(\.name), sourceLocation: sourceLocation)
  for (a, b) in zip(a.modalities, b.modalities) {
    expectEqual(a.data, b.data, sourceLocation: sourceLocation)
  }
}
