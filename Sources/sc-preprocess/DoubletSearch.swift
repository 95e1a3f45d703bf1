// Doublets are looked for among the cells that the other filters leave, sample by sample: two cells
// of different samples are never in one drop.

import CellData
import Doublets
import Preprocessing
import StageSupport
import Tensors

/// What was found in one sample.
struct SampleDoublets {
  /// The name of the sample; nil if all cells are of one.
  let name: String?
  /// Rows of the input.
  let cells: [Int]
  let found: DoubletScores

  /// Those predicted to be doublets, rows of the input.
  var doublets: [Int] { zip(cells, found.calls).filter(\.1).map(\.0) }

  /// `31 of 480 cells (score above 0.23; this threshold detects 62 % of simulated doublets)`
  fileprivate var text: String {
    let subject = name.map { "sample '\($0)': " } ?? ""
    if let calls = found.refusedCalls {
      return "\(subject)no threshold, since it would call \(calls) of \(cells.count) cells doublets"
    }
    guard let threshold = found.threshold, let share = found.detectableFraction else {
      return "\(subject)no threshold"
    }
    let rounded = (threshold * 1000).rounded() / 1000
    return
      "\(subject)\(doublets.count) of \(cells.count) cells (score above \(rounded); this threshold detects \(Int((100 * share).rounded())) % of simulated doublets)"
  }
}

extension Preprocess {
  /// The doublets among the cells that pass the filters, by sample; none if they are not asked for.
  ///
  /// Throws kind `badData` if a cell has no sample, or a sample has too few cells.
  func doublets(
    among assessed: AssessedCells, _ counts: SparseMatrix<Float>, of cells: CellData,
    by key: String?, _ stage: Stage
  ) throws -> [SampleDoublets] {
    // Without cells there is a better message to come.
    guard quality.doublets, assessed.fates.contains(.kept) else { return [] }
    let samples = try samples(of: assessed.passingRows, in: cells, by: key)
    return try samples.enumerated().map { number, sample in
      var options = quality.doubletOptions(seed: stage.seed)
      options.sample = number
      let place = sample.name.map { " of sample \(number + 1) of \(samples.count), '\($0)'" } ?? ""
      do {
        let found = try DoubletScores(of: counts, rows: sample.rows, options: options) {
          stage.progress.update(done: $0, total: $1, note: "cells and simulated doublets\(place)")
        }
        stage.progress.finish()
        return SampleDoublets(name: sample.name, cells: sample.rows, found: found)
      } catch let fault as DoubletsFault {
        let subject = sample.name.map { "sample '\($0)' of obs/\(key ?? ""): " } ?? ""
        throw StageFault(
          .badData, "--doublets: \(subject)\(fault.description), or leave --doublets out")
      }
    }
  }

  /// The rows by the classes of the column, in the order of the names; without a column one sample.
  private func samples(
    of rows: [Int], in cells: CellData, by key: String?
  ) throws -> [(name: String?, rows: [Int])] {
    guard let key else { return [(nil, rows)] }
    let classes = try cells.obs.classes(key, option: "--batch-key")
    let missing = rows.count { classes.codes[$0] < 0 }
    if missing > 0 {
      throw StageFault(
        .badData,
        "--doublets: \(counted(missing, "cell")) \(missing == 1 ? "has" : "have") no sample in obs/\(key); give one, or leave --doublets out"
      )
    }
    let groups = Dictionary(grouping: rows) { Int(classes.codes[$0]) }
    return groups.keys.sorted().map { (classes.names[$0], groups[$0] ?? []) }
  }

  /// Reports what was found, in one line for all. It reports each sample with --verbose, and
  /// samples without a threshold.
  func announce(_ samples: [SampleDoublets], _ log: Log) {
    guard !samples.isEmpty else { return }
    let without = samples.filter { $0.found.threshold == nil }
    if samples.count == 1, without.isEmpty {
      log.note("predicted doublets: \(samples[0].text)")
    } else {
      for sample in samples { log.detail("predicted doublets: \(sample.text)") }
      let doublets = samples.reduce(0) { $0 + $1.doublets.count }
      let cells = samples.reduce(0) { $0 + $1.cells.count }
      log.note("predicted doublets: \(doublets) of \(cells) cells in \(samples.count) samples")
    }
    announceMissingThresholds(without, log)
    if quality.dropDoublets && samples.allSatisfy({ $0.doublets.isEmpty }) {
      log.note("--drop-doublets drops no cell: none is predicted to be a doublet")
    }
  }

  /// Reports in which samples no cell is called a doublet, the reason, and a remedy.
  private func announceMissingThresholds(_ without: [SampleDoublets], _ log: Log) {
    let refused = without.filter { $0.found.refusedCalls != nil }
    let others = without.filter { $0.found.refusedCalls == nil }
    func place(_ samples: [SampleDoublets]) -> String {
      let names = samples.compactMap(\.name)
      return names.isEmpty ? "" : " of sample \(listed(names))"
    }
    let advice = "look at obs/doublet_score and give --doublet-threshold"
    if !others.isEmpty {
      log.note(
        "the scores of simulated doublets\(place(others)) do not have two modes: no cell is called a doublet; \(advice)"
      )
    }
    if !refused.isEmpty {
      let calls = refused.reduce(0) { $0 + ($1.found.refusedCalls ?? 0) }
      let cells = refused.reduce(0) { $0 + $1.cells.count }
      let rate = percent(quality.doubletOptions(seed: 0).rate)
      log.note(
        "the threshold between the modes would make \(calls) of \(cells) cells\(place(refused)) doublets, where --doublet-rate expects \(rate) %, so no doublets are called; \(advice), or another --doublet-rate"
      )
    }
  }

  /// `6`, `0.1`
  private func percent(_ share: Double) -> String {
    let rounded = (share * 1000).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}

extension CellData {
  /// Writes scores and calls of the rows that were kept, under scanpy's names. Without any it takes
  /// out what an earlier run of ours left, and prints a note.
  mutating func writeDoublets(
    _ samples: [SampleDoublets], kept: [Int], inputCells: Int, _ columns: inout OwnColumns,
    _ log: Log
  ) {
    let names = ["doublet_score", "predicted_doublet"]
    if samples.isEmpty {
      let old = names.filter { obs[$0] != nil && columns.isOwn($0, in: self) }
      if old.isEmpty { return }
      for name in old { obs[name] = nil }
      log.note(
        "removed obs/\(old.joined(separator: " and obs/")) of an earlier run; --doublets computes them again"
      )
      return
    }
    var scores = [Float](repeating: 0, count: inputCells)
    var calls = [Bool](repeating: false, count: inputCells)
    for sample in samples {
      for (place, row) in sample.cells.enumerated() {
        scores[row] = Float(sample.found.scores[place])
      }
      for row in sample.doublets { calls[row] = true }
    }
    columns.write(.float32(Buffer(kept.map { scores[$0] })), names[0], to: &self)
    columns.write(.boolean(Buffer(kept.map { calls[$0] })), names[1], to: &self)
  }
}
