import CellData
import Tensors

extension CellData {
  /// Drops matrices with NaN or infinite values, which no stream takes, and reports them. The
  /// counts stay.
  package mutating func leaveOutNonFinite(in stage: Stage) {
    var names = leaveOutNonFinite(path: "")
    for i in modalities.indices {
      names += modalities[i].data.leaveOutNonFinite(path: "mod/\(modalities[i].name)/")
    }
    stage.announce(leftOut: names, because: "they hold values that are not finite")
  }

  private mutating func leaveOutNonFinite(path: String) -> [String] {
    let brokenLayers = layers.keys.sorted().filter { !(layers[$0]?.isFinite ?? true) }
    let brokenSides = obsm.keys.sorted().filter { obsm[$0]?.firstNonFinite != nil }
    let brokenGenes = varm.keys.sorted().filter { varm[$0]?.firstNonFinite != nil }
    let brokenGraphs = obsp.keys.sorted().filter { obsp[$0]?.firstNonFinite != nil }
    for name in brokenLayers { layers[name] = nil }
    for name in brokenSides { obsm[name] = nil }
    for name in brokenGenes { varm[name] = nil }
    for name in brokenGraphs { obsp[name] = nil }
    var names = brokenLayers.map { "\(path)layers/\($0)" } + brokenSides.map { "\(path)obsm/\($0)" }
    names += brokenGenes.map { "\(path)varm/\($0)" } + brokenGraphs.map { "\(path)obsp/\($0)" }
    // Stored matrices were checked when they were read.
    if let raw, raw.stored == nil, !raw.x.isFinite {
      self.raw = nil
      names.append("\(path)raw")
    }
    return names
  }
}

extension MatrixValues {
  fileprivate var isFinite: Bool {
    switch self {
    case .sparse(let matrix): matrix.firstNonFinite == nil
    case .dense(let matrix): matrix.firstNonFinite == nil
    }
  }
}
