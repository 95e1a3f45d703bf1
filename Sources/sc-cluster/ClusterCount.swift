import ArgumentParser

/// What --clusters asks for.
enum ClusterCount: Equatable, ExpressibleByArgument {
  case auto
  /// By the eigenvalues that random data would not have, as SC3 estimates it.
  case tracyWidom
  case exactly(Int)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if argument == "tracy-widom" {
      self = .tracyWidom
    } else if let number = Int(argument) {
      self = .exactly(number)
    } else {
      return nil
    }
  }

  /// Whether the number comes from the data.
  var isFromData: Bool { self == .auto || self == .tracyWidom }
}
