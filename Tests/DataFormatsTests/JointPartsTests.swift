import CellData
import DataFormats
import Tensors
import Testing

/// MuData of other programs: what is joint and what is the RNA's, which modality is the RNA, and
/// whose cells are kept.
@Suite struct JointPartsTests {
  private let folder: TestFolder
  private let said = Announcements()

  init() throws { folder = try TestFolder() }

  /// A table with the column `leiden`, if it is given.
  private func frame(
    _ parent: any WritableGroup, _ name: String, _ rows: [String], _ leiden: [String]? = nil
  ) throws {
    let table = try parent.create(name, encoding: "dataframe", version: "0.2.0")
    try table.setAttribute("_index", "_index")
    try table.write(rows, "_index")
    if let leiden { try table.write(leiden, "leiden") }
    try table.setAttribute("column-order", leiden == nil ? [] : ["leiden"])
  }

  /// An embedding, a graph and an entry of `uns` that all hold `value`.
  private func write(_ value: Float, in group: any WritableGroup, cells: Int) throws {
    let obsm = try group.create("obsm", encoding: "dict")
    try obsm.write(Buffer(repeating: value, count: cells), "X_umap", shape: [cells, 1])
    let graphs = try group.create("obsp", encoding: "dict")
    let graph = try graphs.create("connectivities", encoding: "csr_matrix")
    try graph.setAttribute("shape", [cells, cells])
    try graph.write(Buffer([value]), "data")
    try graph.write(Buffer([0 as Int32]), "indices")
    try graph.write(Buffer([0] + Array(repeating: 1 as Int32, count: cells)), "indptr")
    let uns = try group.create("uns", encoding: "dict")
    try uns.write(["\(value)"], "info", isSingle: true)
  }

  /// Modalities by name, with their cells and features; every value is 1.
  private func mudata(
    _ parts: [(name: String, cells: [String], features: [String])], isJoint: Bool = false
  ) throws -> String {
    try folder.hdf5("a.h5mu") { root in
      try root.setAttribute("encoding-type", "MuData")
      let mod = try root.create("mod", encoding: "dict")
      for part in parts {
        let group = try mod.create(part.name, encoding: "anndata")
        let isRNA = isJoint && part.name == "rna"
        try frame(group, "obs", part.cells, isRNA ? part.cells.map { _ in "R" } : nil)
        try frame(group, "var", part.features)
        let count = part.cells.count * part.features.count
        try group.write(
          Buffer(repeating: 1 as Float, count: count), "X",
          shape: [part.cells.count, part.features.count])
        if isRNA { try write(1, in: group, cells: part.cells.count) }
      }
      try mod.setAttribute("mod-order", parts.map(\.name))
      if isJoint {
        try frame(root, "obs", parts[0].cells, parts[0].cells.map { "J" + $0 })
        try write(3, in: root, cells: parts[0].cells.count)
      }
    }
  }

  private func read(_ path: String, second: SecondModalityChoice = .usual) throws -> CellData {
    try DataFormats.read(path: path, options: said.options { $0.second = second })
  }

  private func expectJoint(_ data: CellData) {
    #expect(data.obs["leiden"] == .strings(["Jx", "Jy"]))
    #expect(data.obs["rna:leiden"] == .strings(["R", "R"]))
    #expect(data.obsm["X_umap"] == Matrix([[3], [3]]))
    #expect(data.obsm["rna:X_umap"] == Matrix([[1], [1]]))
    #expect(data.obsp["connectivities"]?.values == Buffer([3]))
    #expect(data.obsp["rna:connectivities"]?.values == Buffer([1]))
    #expect(data.settings["uns.info"] == "\"3.0\"")
    #expect(data.settings["uns.rna:info"] == "\"1.0\"")
  }

  @Test("joint parts come first; the RNA's own stay, and go back into the RNA")
  func jointParts() throws {
    let path = try mudata(
      [("rna", ["x", "y"], ["g"]), ("prot", ["x", "y"], ["p"])], isJoint: true)
    let data = try read(path)
    expectJoint(data)
    #expect(said.all.count == 1)
    #expect(
      said.all.first?.hasPrefix(
        "obs/leiden, obsm/X_umap, obsp/connectivities, uns/info: those of all modalities are taken")
        == true)
    let again = "\(folder.path)/b.h5mu"
    try DataFormats.writeMuData(data, toPath: again)
    expectJoint(try read(again))
    // Each where mudata looks for it.
    let rna = data.splitByOwner().rna
    #expect(rna.obs["leiden"] == .strings(["R", "R"]) && rna.obs["rna:leiden"] == nil)
    #expect(rna.obsm == ["X_umap": Matrix([[1], [1]])])
    #expect(rna.settings == ["uns.info": "\"1.0\""])
    let joint = data.splitByOwner().joint
    #expect(joint.obsm.keys.sorted() == ["X_umap"] && joint.settings["uns.rna:info"] == nil)
    #expect(joint.settings.keys.allSatisfy { $0 != "uns.of_rna" })
  }

  @Test("equal parts are one, and nothing is said")
  func equalParts() throws {
    var data = CellData(obs: Frame(index: ["x"]), var: Frame(index: ["g"]))
    data.obs["share"] = .float32(Buffer([.nan]))
    data.obsm["X_umap"] = Matrix([[1]])
    data.settings["uns.info"] = "1"
    var same = data
    same.addJointParts(data)
    #expect(same.obs.columnNames == ["share"] && same.obsm == data.obsm)
    #expect(same.settings == data.settings && same.placesOfRNA.isEmpty)
  }

  @Test("without names or feature types the RNA is guessed from its features, and that is said")
  func guesses() throws {
    let proteins = (0..<4).map { "P\($0)" }
    let named = try mudata([
      ("m1", ["x"], proteins), ("m2", ["x"], ["MT-ND1", "RPS3", "LYZ"]),
    ])
    #expect(try read(named).var.index == ["MT-ND1", "RPS3", "LYZ"])
    #expect(said.all.count == 1 && said.all[0].contains("mod/m2: no modality is named as RNA"))
    let larger = try mudata([("m1", ["x"], ["a", "b"]), ("m2", ["x"], proteins)])
    #expect(try read(larger).var.index == proteins)
    #expect(said.all.count == 2 && said.all[1].contains("by its size"))
    let alone = try mudata([("protein", ["x"], proteins)])
    #expect(try read(alone).var.index == proteins)
    #expect(
      said.all.last
        == "mod/protein: no modality is known to be RNA; the 4 proteins of this one are treated as genes"
    )
  }

  @Test("a modality that is not used costs no cell: where it lacks some it is left out")
  func unusedModalities() throws {
    let path = try mudata([
      ("rna", ["x", "y", "z"], ["g"]), ("prot", ["z", "y"], ["p"]), ("hto", ["x"], ["h"]),
    ])
    let usual = try read(path)
    #expect(usual.obs.index == ["y", "z"] && usual.modalities.map(\.name) == ["prot"])
    #expect(said.all.contains { $0.hasPrefix("mod/hto: has 0 of the 2 cells and is not used") })
    #expect(
      said.all.contains { $0.hasPrefix("mod/rna: 1 of 3 cells are missing from another modality") })
    let alone = try read(path, second: .none)
    #expect(alone.obs.index == ["x", "y", "z"] && alone.modalities.isEmpty)
    let tags = try read(path, second: .named("hto"))
    #expect(tags.obs.index == ["x"] && tags.modalities.map(\.name) == ["hto"])
  }
}
