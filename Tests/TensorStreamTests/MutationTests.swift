import CellData
import TensorStream
import Tensors
import Testing

/// Random damage to streams without CRCs, so that it reaches every check behind them.
struct MutationTests {
  /// What a mutation may put into a header: pieces that mean something there.
  static let pieces: [String] = [
    "\"", "{", "}", "[", "]", ",", ":", "0", "1", "9", "-", ".", "e", " ", "\\", "\\u0000", "%2E",
    "X", "obs", "var", "mod.", "raw.", "_index", ".data", ".codes", ".shape", "U8", "I64", "BOOL",
    "F16", "281474976710655", "null", "__metadata__", "é",
  ]

  static func mutated(_ stream: [UInt8], _ random: inout some RandomNumberGenerator) -> [UInt8] {
    let size = stream[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = Array(stream[8..<8 + size])
    var data = Array(stream[(8 + size)...])
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: 0..<header.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: header[place] = UInt8.random(in: 0x20..<0x7F, using: &random)
      case 1:
        let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
        header.replaceSubrange(place..<min(place + piece.count, header.count), with: piece)
      case 2:
        // A digit for a digit: shapes, offsets and dtypes that are still well formed.
        let digits = header.indices.filter { (0x30...0x39).contains(header[$0]) }
        if let place = digits.randomElement(using: &random) {
          header[place] = UInt8.random(in: 0x30...0x39, using: &random)
        }
      default:
        let place = Int.random(in: 0..<data.count, using: &random)
        data[place] = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
    }
    return length(UInt64(header.count)) + header + data
  }

  @Test func damageIsRefusedOrHarmless() throws {
    var random = RandomGenerator(seed: 7)
    let sound = Unsound("sound", names: "").stream
    var accepted = 0
    for _ in 0..<5_000 {
      let bytes = Self.mutated(sound, &random)
      do {
        let data = try read(bytes, as: .pipe).data
        accepted += 1
        // What was accepted can be written and read again.
        _ = try read(written(data), as: .pipe)
      } catch let fault as StreamFault {
        #expect(fault.kind == .badData, "\(fault)")
      }
    }
    #expect(accepted > 100 && accepted < 4_900)
  }
}
