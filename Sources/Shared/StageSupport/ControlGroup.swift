// The memory limit that a batch system or a container sets. It is in control groups of version 1 or
// 2. A limit of any group around the process's own counts.

import Glibc
import Ground

/// The control groups that this process is in.
package enum ControlGroup {
  /// The bytes of memory that it may use; nil if no limit is known.
  static var memoryLimit: Int? {
    memoryLimit(
      groups: contents("/proc/self/cgroup") ?? "", mounts: contents("/proc/self/mountinfo") ?? "",
      contents: contents)
  }

  /// The least limit of the process's group and all groups above it.
  ///
  /// - Parameters:
  ///   - groups: `/proc/self/cgroup`, a line `number:controllers:path` a hierarchy.
  ///   - mounts: `/proc/self/mountinfo`.
  ///   - contents: the contents of a file.
  package static func memoryLimit(
    groups: String, mounts: String, contents: (String) -> String?
  ) -> Int? {
    var limits: [Int] = []
    for mount in mounts.split(separator: "\n").compactMap({ Mount($0) }) {
      var path = mount.relative(mount.group(in: groups) ?? "/")
      while true {
        let text = contents("\(mount.point)\(path)/\(mount.file)")
        // Version 2 has `max` if there is no limit.
        if let limit = text.flatMap({ Int($0.prefix { $0.isNumber }) }) { limits.append(limit) }
        guard let cut = path.lastIndex(of: "/") else { break }
        path = String(path[..<cut])
      }
    }
    return limits.min()
  }

  private static func contents(_ path: String) -> String? {
    guard let file = try? Descriptor.open(Path(path), O_RDONLY) else { return nil }
    var bytes: [UInt8] = []
    while let piece = try? file.read(upTo: 1 << 14), !piece.isEmpty { bytes += piece }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The mount of a hierarchy of control groups that limits memory.
private struct Mount {
  let point: String
  /// The group that is seen at `point`: in a container its own.
  private let root: String
  private let isUnified: Bool

  /// The file of a group with its limit.
  var file: String { isUnified ? "memory.max" : "memory.limit_in_bytes" }

  /// From a line of mountinfo: `36 35 0:31 ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS`; nil for
  /// other file systems.
  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
      return nil
    }
    let limitsMemory = fields[dash + 3].split(separator: ",").contains("memory")
    isUnified = fields[dash + 1] == "cgroup2"
    guard isUnified || (fields[dash + 1] == "cgroup" && limitsMemory) else { return nil }
    (root, point) = (String(fields[3]), String(fields[4]))
  }

  /// The process's group in this hierarchy.
  func group(in groups: String) -> String? {
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isThis =
        isUnified ? fields[1].isEmpty : fields[1].split(separator: ",").contains("memory")
      if isThis { return String(fields[2]) }
    }
    return nil
  }

  /// The group's path below the mount point. It is empty for the root, and for a group that is not
  /// visible here.
  func relative(_ group: String) -> String {
    let base = root == "/" ? "" : root
    guard group.hasPrefix(base + "/"), group != "/" else { return "" }
    return String(group.dropFirst(base.count))
  }
}
