import CellData
import Ground
import Tensors

/// Reads our group in `uns` (AnnDataWriter has its layout): tensors, settings, history and
/// modalities.
struct AnnDataOwnReader {
  let group: any StoredGroup

  func read(into data: inout CellData) throws {
    if let tensors = try group.group("tensors") {
      for name in try tensors.names {
        data.tensors[name] = try tensors.dataset(name)?.ownTensor()
      }
    }
    if let settings = try group.group("settings") {
      for name in try settings.names {
        data.settings[name] = try setting(name, in: settings)
      }
    }
    if let history = try group.group("history") {
      for name in try history.names {
        guard let entry = try history.group(name) else { continue }
        data.history.append(try provenance(entry))
      }
    }
    if let modalities = try group.group("modalities") {
      for name in try modalities.texts("mod-order") ?? modalities.names {
        guard let modality = try modalities.group(name) else { continue }
        data.modalities.append(
          Modality(name: name, data: try AnnDataReader(group: modality).read()))
      }
    }
  }

  /// A setting as JSON text; nil if there is none.
  ///
  /// - Throws: `FormatFault` for anything but one JSON value, which no stage writes.
  private func setting(_ name: String, in group: any StoredGroup) throws -> String? {
    guard let dataset = try group.dataset(name), let text = try dataset.strings().first else {
      return nil
    }
    if JSONText.fault(in: text) == nil { return text }
    throw FormatFault(
      dataset.path, "is damaged: a setting that is not JSON", "make the file again")
  }

  private func provenance(_ entry: any StoredGroup) throws -> Provenance {
    func text(_ name: String) throws -> String {
      try entry.required(name).strings(policy: .refuse).first ?? ""
    }
    var settings: [String: String] = [:]
    if let group = try entry.group("settings") {
      for name in try group.names {
        settings[name] = try setting(name, in: group)
      }
    }
    let seed = try entry.required("seed").numbers(UInt64.self).first ?? 0
    return Provenance(
      tool: try text("tool"), version: try text("version"), settings: settings, seed: seed,
      inputCRC: try text("input_crc"))
  }
}

extension StoredArray {
  /// A tensor as AnnDataWriter stores it: of 16-bit floats, which are kept as their bits, an
  /// attribute names the type.
  func ownTensor() throws -> Tensor? {
    guard let tensor = try tensor() else { return nil }
    guard let name = try text("element-type"),
      let type = Tensor.ElementType(rawValue: name), type.size == tensor.elementType.size
    else { return tensor }
    return Tensor(elementType: type, shape: tensor.shape, bytes: tensor.bytes)
  }
}
