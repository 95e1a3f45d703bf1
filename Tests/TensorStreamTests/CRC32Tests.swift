import CellData
import TensorStream
import Tensors
import Testing

@Suite(.serialized) struct CRC32Tests {
  @Test func knownValues() {
    let digits = Array("123456789".utf8)
    #expect(hexDigits(crc32(digits.span)) == "cbf43926")
    #expect(crc32([UInt8]().span) == 0)
    #expect(hexDigits(0x2A) == "0000002a")
  }

  @Test func piecesGiveTheWhole() {
    let digits = Array("123456789".utf8)
    let head = crc32(Array(digits[..<4]).span)
    #expect(crc32(Array(digits[4...]).span, continuing: head) == 0xCBF4_3926)
  }

  @Test func tilesGiveTheWholeOnAnyNumberOfThreads() {
    let bytes = Buffer((0..<9_000_001).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
    let expected = crc32(bytes.span)
    for threads in 1...3 {
      Threads.count = threads
      #expect(crc32(bytes) == expected)
    }
    Threads.count = 1
  }
}
