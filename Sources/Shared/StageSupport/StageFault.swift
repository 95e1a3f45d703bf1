import Tensors

/// A fault of the command line, the files or the system, as a stage shows it.
package struct StageFault: Fault {
  package let kind: FaultKind
  package let description: String
  /// Whether the description begins with the file that it is about.
  let namesFile: Bool

  /// `description` reads `place: what is wrong; what to do`, in one line. Faults of the data get
  /// the input's name unless `file` is given.
  package init(_ kind: FaultKind, _ description: String, in file: String? = nil) {
    self.kind = kind
    self.description = file.map { "\($0): \(description)" } ?? description
    namesFile = file != nil
  }
}

/// A fault with the file that it is about before it.
struct LocatedFault: Fault {
  let fault: any Fault
  let kind: FaultKind
  let description: String

  init(_ fault: any Fault, in file: String) {
    self.fault = fault
    kind = fault.kind
    description = "\(file): \(fault.description)"
  }
}

/// Puts the name of a file before each fault that `body` throws.
package func locating<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let fault as LocatedFault {
    throw fault
  } catch let fault as any Fault {
    throw LocatedFault(fault, in: file)
  }
}

/// The reader of a pipe has closed it. This is no fault: the stage ends as `cat` does.
struct ClosedPipe: Error {}

/// `value` in base 16, with zeros before it up to `width` digits.
func hexadecimal(_ value: UInt32, width: Int = 1) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
