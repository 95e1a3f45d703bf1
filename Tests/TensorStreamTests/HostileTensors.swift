extension HostileStream {
  /// The description of `t` with other fields than the right ones.
  private static func entry(
    _ name: String, dtype: String = "\"F32\"", shape: String = "[1]", offsets: String = "[0,4]",
    data size: Int = 4, names mention: String
  ) -> HostileStream {
    HostileStream(
      name, tensor: "{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}",
      data: size, names: mention)
  }

  static let fields: [HostileStream] = [
    HostileStream("tensor is a number", tensor: "1", names: "\"t\""),
    HostileStream("tensor is null", tensor: "null", names: "\"t\""),
    HostileStream("tensor is a string", tensor: "\"x\"", names: "\"t\""),
    HostileStream("tensor is empty", tensor: "{}", names: "lacks dtype"),
    HostileStream(
      "no dtype", tensor: #"{"shape":[1],"data_offsets":[0,4]}"#, names: "\"t\" lacks dtype"),
    HostileStream(
      "no shape", tensor: #"{"dtype":"F32","data_offsets":[0,4]}"#, names: "\"t\" lacks shape"),
    HostileStream(
      "no offsets", tensor: #"{"dtype":"F32","shape":[1]}"#, names: "\"t\" lacks data_offsets"),
    HostileStream(
      "unknown field", tensor: #"{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1]}"#,
      names: "\"strides\""),
    HostileStream(
      "field twice", tensor: #"{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}"#,
      names: "\"dtype\" appears"),
    HostileStream(
      "field twice, escaped",
      tensor: #"{"dtype":"F32","d\u0074ype":"F32","shape":[1],"data_offsets":[0,4]}"#,
      names: "\"dtype\" appears"),
    entry("unknown dtype", dtype: "\"F31\"", names: "\"F31\""),
    entry("lower-case dtype", dtype: "\"f32\"", names: "\"f32\""),
    entry("eight-bit float", dtype: "\"F8_E4M3\"", names: "\"F8_E4M3\""),
    entry("dtype is a number", dtype: "32", names: "offset 22"),
    entry("shape is a number", shape: "1", names: "offset 36"),
    entry("shape is null", shape: "null", names: "offset 36"),
    entry("shape with a comma at the end", shape: "[1,]", names: "offset 39"),
    entry("nested shape", shape: "[[1]]", names: "offset 37"),
    entry("shape with a string", shape: "[\"1\"]", names: "offset 37"),
    entry("negative dimension", shape: "[-1]", names: "offset 37"),
    entry("negative zero", shape: "[-0]", offsets: "[0,0]", data: 0, names: "offset 37"),
    entry("decimal point", shape: "[1.0]", names: "offset 37"),
    entry("exponent", shape: "[1e0]", names: "offset 37"),
    entry("leading zero", shape: "[01]", names: "offset 37"),
    entry("plus sign", shape: "[+1]", names: "offset 37"),
    entry("hexadecimal", shape: "[0x1]", names: "offset 38"),
    entry("true as a number", shape: "[true]", names: "offset 37"),
    entry("dimension 2^48", shape: "[281474976710656]", names: "offset 37"),
    entry("dimension 2^64", shape: "[18446744073709551616]", names: "offset 37"),
    entry("dimension 10^30", shape: "[1000000000000000000000000000000]", names: "offset 37"),
    entry("NaN", shape: "[NaN]", names: "offset 37"),
  ]

  static let sizes: [HostileStream] = [
    entry("product 2^64", shape: "[4294967296,4294967296]", names: "\"t\""),
    entry("product wraps to 1", shape: "[4294967297,4294967297]", names: "\"t\""),
    entry("product 2^62 times the size", shape: "[2147483648,2147483648]", names: "\"t\""),
    entry(
      "product beside a zero", shape: "[0,4294967296,4294967296]", offsets: "[0,0]", data: 0,
      names: "\"t\""),
    entry("one offset", offsets: "[0]", names: "\"t\""),
    entry("three offsets", offsets: "[0,4,4]", names: "\"t\""),
    entry("no offsets inside", offsets: "[]", names: "\"t\""),
    entry("end before begin", offsets: "[4,0]", names: "\"t\""),
    entry("negative offset", offsets: "[-4,0]", names: "offset 56"),
    entry("decimal offsets", offsets: "[0.0,4.0]", names: "offset 56"),
    entry("offset 2^48", offsets: "[0,281474976710656]", names: "offset 58"),
    entry("too few bytes", offsets: "[0,3]", data: 3, names: "\"t\""),
    entry("too many bytes", offsets: "[0,5]", data: 5, names: "\"t\""),
    entry("bytes for no elements", shape: "[0]", names: "\"t\""),
    entry("no bytes for an element", shape: "[]", offsets: "[0,0]", data: 0, names: "\"t\""),
    entry("hole at the start", offsets: "[4,8]", data: 8, names: "\"t\""),
    entry("data cut", data: 3, names: "offset"),
    entry("no data", data: 0, names: "offset"),
    entry("a byte too many", data: 5, names: "offset 66"),
    entry("data without tensors", data: 400, names: "offset 66"),
    HostileStream("a byte after nothing", "{}", data: 1, names: "offset 10"),
    HostileStream(
      "hole", two(#""shape":[1],"data_offsets":[8,12]"#), data: 12, names: "\"u\""),
    HostileStream(
      "overlap", two(#""shape":[1],"data_offsets":[2,6]"#), data: 6, names: "\"u\""),
    HostileStream(
      "same bytes twice", two(#""shape":[1],"data_offsets":[0,4]"#), data: 4, names: "overlap"),
    HostileStream(
      "nothing inside another", two(#""shape":[0],"data_offsets":[2,2]"#), data: 4,
      names: "\"u\""),
    HostileStream(
      "nothing beyond the end", two(#""shape":[0],"data_offsets":[9,9]"#), data: 4,
      names: "\"u\""),
    HostileStream(
      "claims 256 TiB",
      tensor: #"{"dtype":"U8","shape":[281474976710655],"data_offsets":[0,281474976710655]}"#,
      names: "offset"),
  ]

  private static func two(_ second: String) -> String {
    "{\"t\":\(tensor),\"u\":{\"dtype\":\"F32\",\(second)}}"
  }
}
