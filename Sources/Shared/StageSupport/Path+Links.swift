import Glibc
import Tensors

extension Path {
  /// Follows links by hand: the last one may point to a file that is not there yet.
  func resolvingLinks() throws -> Path {
    var path = self
    for _ in 0..<40 {
      guard let next = path.linked else { return path }
      path = next
    }
    throw StageFault(.cannotCreate, "the links form a loop; name a file")
  }

  /// The target of the path if it is a link.
  private var linked: Path? {
    guard let status = try? FileSystem.status(self, followingLinks: false), status.isLink,
      let target = try? FileSystem.linkTarget(self)
    else { return nil }
    let isAbsolute = target.bytes.first == UInt8(ascii: "/")
    return isAbsolute
      ? target : Path(bytes: split.folder.bytes + [UInt8(ascii: "/")] + target.bytes)
  }

  /// Whether it names no file that keeps what is written: standard output, a descriptor, a device.
  package var isStream: Bool { isStandard || descriptorNumber != nil || isDevice }

  private var isDevice: Bool {
    guard let status = try? FileSystem.status(self) else { return false }
    return !status.isRegular && !status.isDirectory
  }

  /// The descriptor of this process that the name means. Such names are /dev/stdout, /dev/fd/3,
  /// /proc/self/fd/3, a shell's name for `>(command)`, and links to these.
  var descriptorNumber: Int32? {
    var path = self
    for _ in 0..<40 {
      if let number = path.ownDescriptor { return number }
      guard let next = path.linked else { return nil }
      path = next
    }
    return nil
  }

  private var ownDescriptor: Int32? {
    for (number, name) in ["stdin", "stdout", "stderr"].enumerated()
    where self == Path("/dev/\(name)") {
      return Int32(number)
    }
    let (folder, name) = split
    guard let text = name.text, let number = Int32(text), number >= 0, String(number) == text else {
      return nil
    }
    if folder == Path("/dev/fd") || folder == Path("/proc/self/fd") { return number }
    guard let words = FileSystem.resolved(folder)?.text?.split(separator: "/"), words.count > 2,
      words[0] == "proc", words[1] == "\(getpid())", words.last == "fd"
    else { return nil }
    return number
  }
}
