// MuData wants what concerns one modality in `/mod/NAME` and what concerns the cells at the root.
// The RNA's matrices, tables and principal components are in `/mod/rna`, next to the other
// modalities. The cells' embeddings, graphs, models and history are at the root, where mudata's
// tools look for them. The table of the cells is in both places. If a file had a part of one name
// in both, the RNA's goes back into the RNA (OwnOfRNA.swift).

import CellData
import Tensors

extension DataFormats {
  /// Writes an `.h5mu` file and overwrites an existing one. Reading it gives the same object back.
  /// Throws FormatFault of kind `cannotCreate` or `inputOutput`.
  package static func writeMuData(_ data: CellData, toPath path: String) throws {
    let data = data.withStorableModalities()
    try HDF5Library.exclusively {
      let file = try HDF5File(creating: path, userBlock: MuDataWriter.signature.count)
      do {
        try MuDataWriter(root: file.root).write(data)
        try file.flush()
      }
      try file.close()
    }
    try Descriptor.overwriteStart(of: path, with: MuDataWriter.signature)
  }
}

/// Writes several AnnData objects below `/mod`.
struct MuDataWriter {
  let root: any WritableGroup

  /// The user block of 512 bytes that mudata recognizes its files by.
  static let signature: [UInt8] = {
    let text = Array("MuData (format-version=0.1.0;creator=single-cell-clustering)".utf8)
    return text + [UInt8](repeating: 0, count: 512 - text.count)
  }()

  func write(_ data: CellData) throws {
    try root.setEncoding("MuData", "0.1.0")
    try root.setAttribute("axis", [0])
    let (joint, ofRNA) = data.splitByOwner()
    let parts = try writeModalities(joint, ofRNA)
    try writeAxes(joint, parts)
    var common = CellData(obs: joint.obs, var: Frame(index: []))
    (common.obsp, common.tensors, common.settings) = (joint.obsp, joint.tensors, joint.settings)
    common.history = joint.history
    let writer = AnnDataWriter(group: root)
    try writer.write(joint.obsm.filter { $0.key != "X_pca" }, "obsm")
    try writer.write(graphs: joint.obsp)
    for name in ["varm", "varp"] { _ = try root.create(name, encoding: "dict") }
    try AnnDataUnsWriter(parent: root).write(common)
  }

  /// The modalities with their names, the RNA first, which gets what `ofRNA` has for it alone.
  private func writeModalities(
    _ data: CellData, _ ofRNA: CellData
  ) throws -> [(name: String, data: CellData)] {
    let group = try root.create("mod", encoding: "dict")
    var main = data
    main.obs = ofRNA.obs
    main.obsm = data.obsm.filter { $0.key == "X_pca" }.merging(ofRNA.obsm) { pca, _ in pca }
    (main.obsp, main.tensors, main.settings) = (ofRNA.obsp, ofRNA.tensors, ofRNA.settings)
    (main.modalities, main.history) = ([], [])
    main.setIndexName(data.indexName(of: .obs), of: .obs)
    main.setIndexName(data.indexName(of: .var), of: .var)
    let isTaken = data.modalities.contains { $0.name == "rna" }
    var parts: [(name: String, data: CellData)] = []
    for (name, part) in [(isTaken ? "main" : "rna", main)]
      + data.modalities.map({ ($0.name, $0.data) })
    {
      let name = try group.freeName(name)
      let target = try group.create(name, encoding: "anndata")
      try AnnDataWriter(group: target).write(part)
      parts.append((name, part))
    }
    try group.setAttribute("mod-order", parts.map(\.name))
    return parts
  }

  /// The common tables, and the positions of each modality's rows in them, counted from 1.
  private func writeAxes(_ data: CellData, _ parts: [(name: String, data: CellData)]) throws {
    let writer = AnnDataWriter(group: root)
    try writer.write(data.obs, "obs", in: root, index: data.indexName(of: .obs))
    try writer.write(Frame(index: parts.flatMap(\.data.var.index)), "var", in: root)
    let cells = try root.create("obsmap", encoding: "dict")
    let features = try root.create("varmap", encoding: "dict")
    let total = parts.reduce(0) { $0 + $1.data.geneCount }
    var begin = 0
    for part in parts {
      let range = begin..<begin + part.data.geneCount
      try cells.write(Buffer((0..<data.cellCount).map { Int32($0 + 1) }), part.name)
      try features.write(
        Buffer((0..<total).map { range.contains($0) ? Int32($0 - range.lowerBound + 1) : 0 }),
        part.name)
      begin = range.upperBound
    }
  }
}
