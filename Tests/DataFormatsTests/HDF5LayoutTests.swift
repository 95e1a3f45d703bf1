import CellData
import DataFormats
import Foundation
import Tensors
import Testing

@Suite struct HDF5LayoutTests {
  /// [[1, 0, 2], [0, 0, 3]] in compressed rows, with changes.
  private func csr(
    _ group: any WritableGroup, data: [Float] = [1, 2, 3], indices: [Int] = [0, 2, 2],
    indptr: [Int] = [0, 2, 3]
  ) throws {
    try group.write(Buffer(data), "data")
    try group.write(Buffer(indices), "indices")
    try group.write(Buffer(indptr), "indptr")
  }

  private func frame(_ parent: any WritableGroup, _ name: String, _ index: [String]) throws {
    let frame = try parent.create(name, encoding: "dataframe", version: "0.2.0")
    try frame.write(index, "_index")
    try frame.setAttribute("_index", "_index")
    try frame.setAttribute("column-order", [String]())
  }

  private let dense = Matrix<Float>([[1, 0, 2], [0, 0, 3]])

  @Test func tenXVersion3PartsItsModalities() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { root in
      let matrix = try root.create("matrix", encoding: "")
      try csr(matrix)
      try matrix.write(Buffer([3, 2]), "shape")
      try matrix.write(["x", "y"], "barcodes")
      let features = try matrix.create("features", encoding: "")
      try features.write(["E1", "E2", "P1"], "id")
      try features.write(["A", "A", "CD3"], "name")
      try features.write(
        ["Gene Expression", "Gene Expression", "Antibody Capture"], "feature_type")
    }
    #expect(try DataFormats.sniff(path: path) == .tenXHDF5)
    let data = try DataFormats.read(path: path)
    #expect(data.x?.dense() == Matrix([[1, 0], [0, 0]]))
    #expect(data.var.index == ["A", "A-1"])
    #expect(data.modalities.first?.data.x?.dense() == Matrix([[2], [3]]))
  }

  /// Probes of two genomes, one of which may be asked for; what else is known of features comes
  /// along.
  @Test func tenXProbesAndGenomes() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { root in
      let matrix = try root.create("matrix", encoding: "")
      try csr(matrix)
      try matrix.write(Buffer([3, 2]), "shape")
      try matrix.write(["x", "y"], "barcodes")
      try matrix.write(Buffer([1, 0] as [UInt8]), "filtered_barcodes")
      let features = try matrix.create("features", encoding: "")
      try features.write(["E1|p1", "E2|p2", "AB"], "id")
      try features.write(["E1", "E2", "AB"], "gene_id")
      try features.write(["A", "B", "AB"], "name")
      try features.write(["spliced", "unspliced", ""], "probe_region")
      try features.write(booleans: Buffer([1, 0, 1]), "filtered_probes")
      try features.write(["hg", "mm", ""], "genome")
      try features.write(["Gene Expression", "Gene Expression", "Custom"], "feature_type")
      try features.create("target_sets", encoding: "").write(Buffer([0]), "panel")
    }
    let all = try DataFormats.read(path: path)
    #expect(all.var.index == ["A", "B"] && all.var["gene_ids"] == .strings(["E1", "E2"]))
    #expect(all.var["probe_ids"] == .strings(["E1|p1", "E2|p2"]))
    #expect(all.var["probe_region"] == .strings(["spliced", "unspliced"]))
    #expect(all.var["filtered_probes"] == .boolean(Buffer([true, false])))
    #expect(all.obs["filtered_barcodes"] == .boolean(Buffer([true, false])))
    let one = try DataFormats.read(path: path, options: ReadingOptions(genome: "mm"))
    #expect(one.var.index == ["B"] && one.x?.dense() == Matrix([[0], [0]]))
    #expect(one.var["probe_ids"] == .strings(["E2|p2"]))
    #expect(one.modalities.first?.data.x?.dense() == Matrix([[2], [3]]))
    let found = fault {
      _ = try DataFormats.read(path: path, options: ReadingOptions(genome: "rn"))
    }
    #expect(found?.kind == .usage && found?.advice == "choose one of hg, mm")
  }

  @Test func compressedColumnsAndUnsortedRowsAreRead() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5ad") { root in
      try frame(root, "obs", ["x", "y"])
      try frame(root, "var", ["A", "B", "C"])
      let x = try root.create("X", encoding: "csc_matrix")
      try x.setAttribute("shape", [2, 3])
      try csr(x, data: [1, 3, 2], indices: [0, 1, 0], indptr: [0, 1, 1, 3])
      let layer = try root.create("layers", encoding: "dict").create("l", encoding: "csr_matrix")
      try layer.setAttribute("shape", [2, 3])
      try csr(layer, data: [2, 1, 3], indices: [2, 0, 2])
    }
    let data = try DataFormats.read(path: path)
    #expect(data.x == .sparse(SparseMatrix(dense)))
    #expect(data.layers["l"] == .sparse(SparseMatrix(dense)))
  }

  /// They would come back as infinite, or all count as 0. What is infinite or 0 in the file is the
  /// user's.
  @Test func embeddingsBeyondSinglePrecisionAreLeftOut() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5ad") { root in
      try frame(root, "obs", ["x", "y"])
      try frame(root, "var", ["A", "B", "C"])
      let x = try root.create("X", encoding: "csr_matrix")
      try x.setAttribute("shape", [2, 3])
      try csr(x)
      let obsm = try root.create("obsm", encoding: "dict")
      try obsm.write(Buffer([1e300, 1, 2, 3]), "huge", shape: [2, 2])
      try obsm.write(Buffer([Double.infinity, 1, 2, 3]), "infinite", shape: [2, 2])
      try obsm.write(Buffer([1e30, 1, 2, 3]), "large", shape: [2, 2])
      try obsm.write(Buffer([1e-42, 0, 2e-41, 1e-300]), "tiny", shape: [2, 2])
      try obsm.write(Buffer([1, 0, 9, 20].map(Float.init(bitPattern:))), "flat", shape: [2, 2])
      try obsm.write(Buffer([1e-42, 0, 1e-37, 0]), "small", shape: [2, 2])
      try obsm.write(Buffer([0.0, 0, 0, 0]), "zero", shape: [2, 2])
    }
    let data = try DataFormats.read(path: path)
    #expect(data.obsm.keys.sorted() == ["infinite", "large", "small", "zero"])
    #expect(data.obsm["infinite"]?[0, 0] == .infinity && data.obsm["large"]?[0, 0] == 1e30)
  }

  @Test func benchmarkFilesCarryLabelsAndSecondMatrices() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { root in
      try root.write(dense.elements, "X", shape: [2, 3])
      try root.write(Buffer([4.0, 5.0]), "Y")
      try root.write(Buffer([1, 2, 3, 4] as [Float]), "ADT", shape: [2, 2])
    }
    #expect(try DataFormats.sniff(path: path) == .benchmark)
    let data = try DataFormats.read(path: path)
    #expect(data.x?.dense() == dense && data.obs["Y"]?.classes?.names == ["4", "5"])
    #expect(data.modalities.first?.data.x?.dense() == Matrix([[1, 2], [3, 4]]))
  }

  @Test func benchmarkFilesWithNamesAreRead() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { root in
      let exprs = try root.create("exprs", encoding: "")
      try csr(exprs)
      try exprs.write(Buffer([2, 3]), "shape")
      try root.write(["x", "y"], "obs_names")
      try root.write(["A", "B", "C"], "var_names")
      try root.create("obs", encoding: "").write(["T", "B"], "cell_type1")
    }
    let data = try DataFormats.read(path: path)
    #expect(data.obs.index == ["x", "y"] && data.var.index == ["A", "B", "C"])
    #expect(data.obs["cell_type1"] == .strings(["T", "B"]) && data.x?.dense() == dense)
  }

  @Test func loomIsTurned() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.loom") { root in
      try root.write(Buffer([1, 0, 0, 0, 2, 3] as [Float]), "matrix", shape: [3, 2])
      try root.create("row_attrs", encoding: "").write(["A", "B", "C"], "Gene")
      try root.create("col_attrs", encoding: "").write(["x", "y"], "CellID")
    }
    #expect(try DataFormats.sniff(path: path) == .loom)
    let data = try DataFormats.read(path: path)
    #expect(data.x?.dense() == dense && data.obs.index == ["x", "y"])
  }

  @Test func muDataPairsCellsByName() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5mu") { root in
      try root.setAttribute("encoding-type", "MuData")
      let mod = try root.create("mod", encoding: "dict")
      for (name, cells, values) in [
        ("adt", ["y", "z", "x"], [20, 30, 10] as [Float]), ("rna", ["x", "y"], [1, 2]),
      ] {
        let part = try mod.create(name, encoding: "anndata")
        try frame(part, "obs", cells)
        try frame(part, "var", ["f"])
        try part.write(Buffer(values), "X", shape: [cells.count, 1])
      }
      try mod.setAttribute("mod-order", ["adt", "rna"])
    }
    let data = try DataFormats.read(path: path)
    #expect(data.obs.index == ["x", "y"] && data.x?.dense() == Matrix([[1], [2]]))
    #expect(data.modalities.first?.data.x?.dense() == Matrix([[10], [20]]))
  }

  /// What is written instead of a sound matrix, and what the fault must say.
  enum Damage: String, CaseIterable, Sendable {
    case fallingIndptr = "falls from 2 to 1"
    case largeIndex = "index 3 in a matrix of 3"
    case negativeIndex = "index -1 in a matrix of 3"
    case shortData = "values for"
    case notANumber = "cell x, gene C: the value is nan"
    case infinite = "the value is inf"
    case groupForArray = "a group where an array is needed"
    case textForNumbers = "holds text where numbers are needed"
    case otherShape = "belong there"
    case duplicateCell = "the cell x (number 2) appears twice"
    case shortColumn = "has 1 values for 2 rows"
  }

  @Test(arguments: Damage.allCases) func damageIsRefused(_ damage: Damage) throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5ad") { root in
      try frame(root, "obs", damage == .duplicateCell ? ["x", "x"] : ["x", "y"])
      try frame(root, "var", ["A", "B", "C"])
      let x = try root.create("X", encoding: "csr_matrix")
      try x.setAttribute("shape", damage == .otherShape ? [2, 4] : [2, 3])
      switch damage {
      case .fallingIndptr: try csr(x, indptr: [0, 2, 1])
      case .largeIndex: try csr(x, indices: [0, 3, 2])
      case .negativeIndex: try csr(x, indices: [0, -1, 2])
      case .shortData: try csr(x, data: [1])
      case .notANumber: try csr(x, data: [1, .nan, 3])
      case .infinite: try csr(x, data: [.infinity, 1, 3])
      case .groupForArray:
        _ = try x.create("data", encoding: "dict")
        try x.write(Buffer([0]), "indices")
        try x.write(Buffer([0]), "indptr")
      case .textForNumbers:
        try x.write(["1", "2", "3"], "data")
        try x.write(Buffer([0, 2, 2]), "indices")
        try x.write(Buffer([0, 2, 3]), "indptr")
      case .otherShape, .duplicateCell: try csr(x)
      case .shortColumn:
        try csr(x)
        let raw = try root.create("raw", encoding: "raw")
        let genes = try raw.create("var", encoding: "dataframe", version: "0.2.0")
        try genes.write(["A", "B"], "_index")
        try genes.setAttribute("_index", "_index")
        try genes.setAttribute("column-order", ["short"])
        try genes.write(Buffer([1]), "short")
      }
    }
    let found = fault { _ = try DataFormats.read(path: path) }
    #expect(found?.kind == .badData)
    #expect(
      found?.description.contains(damage.rawValue) == true, "\(found?.description ?? "none")")
  }

  @Test func aFileCutAnywhereIsRefused() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { try $0.write(dense.elements, "X", shape: [2, 3]) }
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for size in stride(from: 8, to: whole.count, by: 97) {
      let cut = try folder.file("cut.h5", Array(whole[..<size]))
      #expect(fault { _ = try DataFormats.read(path: cut) }?.kind == .badData)
    }
  }

  @Test func theBudgetIsKept() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.h5") { try $0.write(dense.elements, "X", shape: [2, 3]) }
    let found = fault {
      _ = try DataFormats.read(path: path, options: ReadingOptions(memoryBudget: 8))
    }
    #expect(found?.kind == .noMemory)
  }
}
