import CellData
import StageSupport

/// What a run keeps of itself for a later one: how it is called in messages.
struct KeptRun {
  let noun: String
  /// What to do about a file that is none.
  let remedyForOthers: String
  /// What to do about one of another run.
  let remedy: String

  static let checkpoint = KeptRun(
    noun: "checkpoint",
    remedyForOthers: "name a file that --checkpoint wrote, or start again without --resume",
    remedy: "give the same again, or start again without --resume")
  static let member = KeptRun(
    noun: "trained model", remedyForOthers: "name files that sc-pretrain --member wrote",
    remedy: "give --gather the input and options of --member, or train it again")
}

extension Provenance {
  /// What a run is: what its line in the history of the output will be.
  init(of stage: Stage, settings: [(String, JSONValue)], inputCRC: String) {
    let texts = settings.map { ($0.0, $0.1.text) }
    self.init(
      tool: stage.name, version: Stage.version,
      settings: Dictionary(texts, uniquingKeysWith: { $1 }), seed: stage.seed, inputCRC: inputCRC)
  }

  /// Why what is stored was not kept by this run; nil if it was.
  ///
  /// - Parameter ignored: settings that may differ.
  func difference(from stored: CellData, _ kind: KeptRun, ignoring ignored: Set<String> = [])
    -> String?
  {
    guard stored.isCheckpoint, let other = stored.history.last else {
      return "is not a \(kind.noun); \(kind.remedyForOthers)"
    }
    if other.tool != tool {
      return "is a \(kind.noun) of \(other.tool), not of \(tool); name another file"
    }
    if other.version != version {
      return
        "is a \(kind.noun) of version \(other.version), and this is \(version); \(kind.remedy)"
    }
    if other.inputCRC != inputCRC {
      return
        "is a \(kind.noun) of other data (CRC-32 \(other.inputCRC), the input has \(inputCRC)); \(kind.remedy)"
    }
    var differences = other.seed == seed ? [] : ["seed was \(other.seed), now \(seed)"]
    for name in Set(settings.keys).union(other.settings.keys).subtracting(ignored).sorted() {
      let (before, now) = (other.settings[name] ?? "not set", settings[name] ?? "not set")
      if before != now { differences.append("\(name) was \(before), now \(now)") }
    }
    if differences.isEmpty { return nil }
    return
      "is a \(kind.noun) of other settings (\(differences.joined(separator: ", "))); \(kind.remedy)"
  }
}
