/// Bytes as text of 64 characters (RFC 4648, with padding), for data URIs.
package func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  result.reserveCapacity((bytes.count + 2) / 3 * 4)
  for begin in stride(from: 0, to: bytes.count, by: 3) {
    let count = min(3, bytes.count - begin)
    var word = 0
    for k in 0..<3 { word = word << 8 | (k < count ? Int(bytes[begin + k]) : 0) }
    for k in 0..<4 {
      result.append(k <= count ? alphabet[word >> (18 - 6 * k) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: result, as: UTF8.self)
}
