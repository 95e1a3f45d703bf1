import CKernels
import Foundation
import Testing

/// The polynomials of CKernels/math_f32.h against the C library in double precision, on a fine grid
/// of each function's range.
@Suite struct KernelMathTests {
  @safe struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let kernel: @Sendable (Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    let exact: @Sendable (Double) -> Double
    let range: ClosedRange<Double>
    /// The largest error in units of the last place of the result.
    let ulps: Double
    var testDescription: String { name }
  }

  static let functions = [
    unsafe Function(
      name: "exp", kernel: sc_exp_f32, exact: { Foundation.exp($0) }, range: -86...86, ulps: 1.5),
    unsafe Function(
      name: "expm1", kernel: sc_expm1_f32, exact: { Foundation.expm1($0) }, range: -20...20,
      ulps: 2),
    unsafe Function(
      name: "expm1 near zero", kernel: sc_expm1_f32, exact: { Foundation.expm1($0) },
      range: -1e-3...1e-3, ulps: 1),
    unsafe Function(
      name: "log", kernel: sc_log_f32, exact: { Foundation.log($0) }, range: 1e-30...1e30, ulps: 1),
    unsafe Function(
      name: "log near one", kernel: sc_log_f32, exact: { Foundation.log($0) }, range: 0.9...1.1,
      ulps: 1),
    unsafe Function(
      name: "log1p", kernel: sc_log1p_f32, exact: { Foundation.log1p($0) }, range: -0.9...1e6,
      ulps: 2),
    unsafe Function(
      name: "log1p near zero", kernel: sc_log1p_f32, exact: { Foundation.log1p($0) },
      range: -1e-4...1e-4, ulps: 2),
    unsafe Function(
      name: "sigmoid", kernel: sc_sigmoid_f32, exact: { 1 / (1 + Foundation.exp(-$0)) },
      range: -80...80, ulps: 3),
    unsafe Function(
      name: "tanh", kernel: sc_tanh_f32, exact: { Foundation.tanh($0) }, range: -30...30, ulps: 4),
    unsafe Function(
      name: "tanh near zero", kernel: sc_tanh_f32, exact: { Foundation.tanh($0) },
      range: -1e-2...1e-2, ulps: 4),
    unsafe Function(
      name: "softplus", kernel: sc_softplus_f32,
      exact: { max($0, 0) + Foundation.log1p(Foundation.exp(-abs($0))) }, range: -80...80, ulps: 3),
  ]

  @Test(arguments: functions) func errorStaysBelowWhatTheHeaderStates(_ function: Function) {
    let count = 200_001
    let (low, high) = (function.range.lowerBound, function.range.upperBound)
    // Ranges over many powers of ten are walked by powers of ten.
    let isGeometric = low > 0 && high / low > 1e3
    let x = (0..<count).map { i -> Float in
      let share = Double(i) / Double(count - 1)
      return Float(
        isGeometric ? low * Foundation.pow(high / low, share) : low + share * (high - low))
    }
    var y = [Float](repeating: .nan, count: count)
    // SAFETY: both arrays hold `count` numbers.
    unsafe x.withUnsafeBufferPointer { from in
      unsafe y.withUnsafeMutableBufferPointer { to in
        unsafe function.kernel(count, from.baseAddress, to.baseAddress)
      }
    }
    var worst = (error: 0.0, at: Float(0))
    for (input, output) in zip(x, y) {
      let exact = function.exact(Double(input))
      // In Double: the unit itself is below what single precision holds without denormal numbers.
      let unit = Double(sign: .plus, exponent: max(abs(exact), 1e-37).exponent - 23, significand: 1)
      let error = abs(Double(output) - exact) / unit
      if !(error <= worst.error) { worst = (error, input) }
    }
    #expect(
      worst.error <= function.ulps, "\(function.name)(\(worst.at)) is off by \(worst.error) ulp")
  }

  @Test func whatIsNotANumberStaysNone() {
    for function in Self.functions {
      var value = Float.nan
      // SAFETY: one number in place.
      unsafe withUnsafeMutablePointer(to: &value) { unsafe function.kernel(1, $0, $0) }
      #expect(value.isNaN, "\(function.name)")
    }
  }
}
