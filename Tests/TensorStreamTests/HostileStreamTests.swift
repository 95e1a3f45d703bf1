import CellData
import Foundation
import TensorStream
import Tensors
import TestSupport
import Testing

struct HostileStreamTests {
  @Test(
    arguments: HostileStream.lengths + HostileStream.syntax + HostileStream.keys
      + HostileStream.fields + HostileStream.sizes)
  func isRefused(_ hostile: HostileStream) {
    for arrival in Arrival.allCases {
      let start = ContinuousClock.now
      let fault = refusal(reading: hostile.bytes, as: arrival, hostile.name)
      #expect(fault?.kind == .badData)
      let text = fault?.description ?? ""
      #expect(text.contains(hostile.mention), "\(hostile.name) as \(arrival): \(text)")
      #expect(!text.contains("\n") && text.contains(": ") && text.contains("; "))
      #expect(ContinuousClock.now - start < .seconds(10), "\(hostile.name) took too long")
    }
  }

  @Test func manyTinyTensorsAreRefusedFast() {
    func many(_ end: (Int) -> Int) -> [UInt8] {
      let entries = (0..<100_000).map {
        "\"t\($0)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\($0),\(end($0))]}"
      }
      return stream("{" + entries.joined(separator: ",") + "}", data: 99_999)
    }
    for arrival in Arrival.allCases {
      let cut = many { $0 + 1 }
      let wrong = many { $0 == 99_999 ? $0 + 2 : $0 + 1 }
      let start = ContinuousClock.now
      #expect(refusal(reading: cut, as: arrival)?.place.contains("offset") == true)
      #expect(refusal(reading: wrong, as: arrival)?.place == "tensor \"t99999\"")
      // Generous, for busy machines: the work takes well under a second.
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test func firstBytesTellAStream() throws {
    #expect(Signature.isTensorStream(try written(Samples.small())))
    #expect(!Signature.isTensorStream(Array("\u{89}HDF\r\n\u{1a}\n{".utf8)))
    #expect(!Signature.isTensorStream(length(64)))
    #expect(!Signature.isTensorStream(length(0) + Array("{".utf8)))
    #expect(!Signature.isTensorStream(length(1 << 32) + Array("{".utf8)))
  }

  @Test func thereAreManyCases() {
    let all =
      HostileStream.lengths + HostileStream.syntax + HostileStream.keys + HostileStream.fields
      + HostileStream.sizes
    #expect(all.count > 100 && Set(all.map(\.name)).count == all.count)
  }

  @Test func userDataIsEscapedInMessages() {
    let header = "{\"a\\n\\u001b[31m\\u202e\(String(repeating: "x", count: 500))\":1}"
    let text = refusal(reading: stream(header, data: 0))?.description ?? ""
    #expect(text.contains("a\\x0a\\x1b[31m\\u{202e}xxx") && text.utf8.count < 300)
  }

  @Test(arguments: Arrival.allCases)
  func everyTruncationIsRefused(arrival: Arrival) throws {
    let bytes = try written(Samples.small())
    for count in 0..<bytes.count {
      let fault = refusal(reading: Array(bytes[..<count]), as: arrival, "\(count) bytes")
      #expect(fault?.kind == .badData && fault?.place.contains("offset") == true)
    }
  }

  @Test func everyFlippedBitIsRefused() throws {
    let bytes = try written(Samples.small())
    for position in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[position] ^= 1 << bit
        #expect(
          refusal(reading: flipped, as: .pipe, "bit \(bit) of byte \(position)")?.kind == .badData)
      }
    }
  }

  @Test func aFlippedBitNamesItsTensor() throws {
    var bytes = try written(Samples.rich())
    bytes[bytes.count - 1] ^= 1
    let fault = try #require(refusal(reading: bytes))
    #expect(fault.description.contains("\"var._index.bytes\"") && fault.description.contains("CRC"))
  }

  @Test func verificationCanBeSkipped() throws {
    var bytes = try written(Samples.small())
    bytes[bytes.count - 1] ^= 1
    #expect(throws: StreamFault.self) { try read(bytes) }
    #expect(try read(bytes, verifying: false).data.cellCount == 2)
  }

  @Test(arguments: Arrival.allCases)
  func whatFollowsAStreamIsRefused(arrival: Arrival) throws {
    let bytes = try written(Samples.small())
    for rest in [bytes, [0], [0x20], Array(bytes.prefix(8))] {
      let fault = try #require(refusal(reading: bytes + rest, as: arrival))
      #expect(fault.place == "offset \(bytes.count)")
    }
  }

  @Test func aPipeMayDeliverByteByByte() throws {
    let data = Samples.rich()
    let bytes = try written(data)
    let ends = try makePipe()
    defer { close(ends.read) }
    let writer = Thread {
      let sink = DescriptorSink(descriptor: ends.write)
      for byte in bytes { try? sink.write([byte].span) }
      close(ends.write)
    }
    writer.start()
    expectEqual(try TensorStream.read(descriptor: ends.read).data, data)
  }

  @Test func aNonBlockingPipeIsWaitedFor() throws {
    let data = Samples.small()
    let bytes = try written(data)
    let ends = try makePipe()
    defer { close(ends.read) }
    _ = fcntl(ends.read, F_SETFL, O_NONBLOCK)
    let writer = Thread {
      let sink = DescriptorSink(descriptor: ends.write)
      for part in [bytes[..<100], bytes[100...]] {
        Thread.sleep(forTimeInterval: 0.05)
        try? sink.write(Array(part).span)
      }
      close(ends.write)
    }
    writer.start()
    expectEqual(try TensorStream.read(descriptor: ends.read).data, data)
  }

  @Test func foldersAndClosedDescriptorsAreNoInput() throws {
    let descriptor = unsafe open("/tmp", O_RDONLY)
    defer { close(descriptor) }
    for bad in [descriptor, 999] {
      do {
        _ = try TensorStream.read(descriptor: bad)
        Issue.record("descriptor \(bad) was read")
      } catch { #expect((error as? StreamFault)?.kind == .noInput) }
    }
  }

  @Test func aFullDeviceIsAnError() throws {
    let descriptor = unsafe open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    do {
      try TensorStream.write(Samples.small(), to: DescriptorSink(descriptor: descriptor))
      Issue.record("a full device took the stream")
    } catch { #expect((error as? SystemError)?.code == ENOSPC) }
  }
}
