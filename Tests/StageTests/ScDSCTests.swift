import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// scDSC as users run it.
@Suite struct ScDSCTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("the pipe finds the types, with the same bytes for any number of threads")
  func clusters() throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        """
        sc-pretrain -q --model scDSC --epochs 10 \(threads) knn.st \
          | sc-cluster -q -c 3 --keep last --epochs 12 --stable-share 0 --keep-snapshots \(threads) -o \(name)
        """, timeout: 120)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let report = try shell.figures("sc-eval one.st --labels type --diagnose --json")
    #expect(try #require(report["acc"] as? Double) > 0.9)
    #expect(report["lambda_fr"] != nil && report["lambda_fd"] != nil)
    let result = try shell.object("one.st")
    #expect(result.obs["confidence"] != nil && result.obs["reliability"] == nil)
    #expect(result.history[3].settings["method"] == "\"scdsc\"")
    #expect(result.obsm["X_latent"]?.columns == 16)
    #expect(result.tensors["model.scdsc.centers"]?.shape == [3, 16])
    #expect(result.tensors["model.scdsc.graph.3.kernel"]?.shape == [16, 3])
    #expect(result.tensors["model.scdsc.input.range"] == nil)
    #expect(try shell.leftovers.isEmpty)
  }

  /// After these few steps its graph network has learned nothing yet. Its widths need a gigabyte.
  @Test("the presets of paper and program", arguments: ["paper", "released"])
  func presets(_ preset: String) throws {
    for (name, threads) in [("one.st", "-t 1"), ("two.st", "-t 2")] {
      let outcome = try shell.run(
        """
        sc-pretrain -q --model scdsc --preset \(preset) --epochs 2 \(threads) knn.st \
          | sc-cluster -q -c 3 --preset \(preset) --epochs 2 \(threads) -o \(name)
        """, timeout: 300)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try shell.data("one.st") == shell.data("two.st"))
    let result = try shell.object("one.st")
    #expect(result.obsm["X_latent"]?.columns == 10)
    #expect(result.tensors["model.scdsc.graph.6.kernel"]?.shape == [10, 3])
    let range = try #require(result.tensors["model.scdsc.input.range"]?.matrix(Float.self))
    #expect(range.elements.allSatisfy { $0 > 0 })
    let isReleased = result.history[3].settings["normalizes_by_cells"] == "true"
    #expect(isReleased == (preset == "released"))
  }

  @Test("it learns from a sketch, and the other cells follow the nearest of it")
  func sketch() throws {
    let outcome = try shell.run(
      """
      sc-pretrain -q --model scdsc --models 2 --epochs 20 --sketch 80 knn.st -o m.st && \
      sc-cluster -q -c 3 --stable-share 0 --keep last m.st -o c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try #require(try shell.figures("sc-eval c.st --labels type --json")["acc"] as? Double) > 0.9)
    let result = try shell.object("c.st")
    #expect(result.obsm["X_latent"]?.rows == SimulatedCells.cells)
    #expect(result.tensors["uns.sketch.X_latent"]?.shape == [40, 16])
  }

  @Test("the clusters of the first state are not said to be those of the start")
  func firstState() throws {
    let outcome = try shell.run(
      """
      sc-pretrain -q --model scdsc --models 1 --epochs 20 knn.st -o one.st && \
      sc-cluster one.st -c 3 --keep best --stable-share 0 --epochs 4 --update-interval 1 \
        --learning-rate 1e-7 -o one.c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let words = "kept the clusters of the graph network before epoch 1: "
    #expect(
      outcome.errors.contains(words) && !outcome.errors.contains("of the start:"),
      "\(outcome.errors)")
  }

  @Test("it needs counts, a graph and a model of its own")
  func refusals() throws {
    for (command, complaint) in [
      ("sc-preprocess -q in.st | sc-pretrain --model scdsc", "obsp.distances: there is no graph"),
      ("sc-pretrain in.st --model scdsc", "obsp.distances: there is no graph of neighbors"),
      ("sc-cluster -c 3 --method scdsc knn.st", "there is no model of scdsc in the data"),
      (
        "sc-pretrain -q knn.st --model scdsc --epochs 2 | sc-preprocess -q --genes 20 | sc-knn -q | sc-cluster -c 3 --method scdsc",
        "genes, but the data have 20"
      ),
    ] {
      try shell.expectBadData(command, complaint)
    }
    var cells = try shell.object("knn.st")
    cells.layers["counts"] = nil
    try shell.write(cells, to: "bare.st")
    try shell.expectBadData(
      "sc-pretrain bare.st --model scdsc", "layers.counts: there are no raw counts")
    for option in ["--no-filter", "--no-transform", "--rna-noise 1", "--grid", "--batch-size 8"] {
      let outcome = try shell.run("sc-cluster -c 3 --method scdsc \(option) knn.st > out.st")
      #expect(outcome.status == 64, "\(option)")
    }
    for option in ["--hops 2", "--decay none", "--patience 0 --tolerance 0.1"] {
      let outcome = try shell.run("sc-pretrain --model scdsc \(option) knn.st > out.st")
      #expect(outcome.status == 64, "\(option)")
    }
  }

  /// A ring of 20,001 cells, each of which has one count.
  @Test("of more cells than it holds it takes a sketch, or ends with 71 and says how to")
  func largeData() throws {
    let count = 20_001
    var cells = CellData(
      obs: Frame(index: (0..<count).map { "c\($0)" }),
      var: Frame(index: (0..<3).map { "g\($0)" }))
    let values = SparseMatrix<Float>(
      rows: count, columns: 3, indptr: Buffer(0...count),
      indices: Buffer((0..<count).map { Int32($0 % 3) }),
      values: Buffer(repeating: 1, count: count))
    (cells.x, cells.layers["counts"]) = (.sparse(values), .sparse(values))
    cells.obs["size_factors"] = .float32(Buffer(repeating: 1, count: count))
    cells.obsp["distances"] = SparseMatrix<Float>(
      rows: count, columns: count, indptr: Buffer(0...count),
      indices: Buffer((0..<count).map { Int32(($0 + 1) % count) }),
      values: Buffer(repeating: 1, count: count))
    try shell.write(cells, to: "large.st")
    let outcome = try shell.run(
      "sc-pretrain --model scdsc --sketch none --epochs 1 large.st > out.st", timeout: 60)
    #expect(outcome.status == 71, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "scdsc holds all of its layers of all cells, at most 20000, and there are 20001; give sc-pretrain --sketch 20000"
      ), "\(outcome.errors)")
    var points = Matrix<Float>.zeros(count, 2)
    for i in 0..<count { (points[i, 0], points[i, 1]) = (Float(i % 3), Float(i % 7)) }
    cells.obsm["X_pca"] = points
    try shell.write(cells, to: "large.st")
    let other = try shell.run(
      "sc-pretrain --model scdsc --epochs 1 large.st > out.st", timeout: 120)
    #expect(other.status == 0, "\(other.errors)")
    #expect(
      other.errors.contains("the model learns from a sketch of 20000 of 20001 cells"),
      "\(other.errors)")
  }
}
