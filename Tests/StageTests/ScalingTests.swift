import CellData
import Foundation
import Tensors
import Testing

/// X is scaled by what sc-preprocess wrote, and by nothing else that is called mean and std.
@Suite struct ScalingTests {
  private let shell: Shell
  private let genes = SimulatedCells.genes

  init() throws {
    shell = try Shell()
    try shell.write(try SimulatedCells.stream(), to: "plain")
    try shell.write(try SimulatedCells.stream { addScaling(to: &$0) }, to: "mine")
  }

  /// What scanpy's scale leaves, or any other program.
  private func addScaling(to cells: inout CellData) {
    let numbers = (0..<cells.geneCount).map { 0.25 + Double($0 % 7) }
    (cells.var["mean"], cells.var["std"]) = (.float64(Buffer(numbers)), .float64(Buffer(numbers)))
  }

  private func components(of file: String) throws -> Matrix<Float>? {
    try shell.object(file).obsm["X_pca"]
  }

  @Test func withoutScalingColumnsOfTheUserChangeNothing() throws {
    for name in ["plain", "mine"] {
      let made = try shell.run(
        "sc-preprocess \(name) --no-scale -q | sc-knn -o \(name).k.st; sc-pretrain \(name).k.st --models 2 --epochs 2 -q -o \(name).m.st"
      )
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.errors.contains("without scaling: sc-preprocess wrote no var/mean"))
    }
    #expect(try components(of: "plain.k.st") == components(of: "mine.k.st"))
    for name in ["X_latent", "X_latent_1"] {
      #expect(try shell.object("plain.m.st").obsm[name] == shell.object("mine.m.st").obsm[name])
    }
  }

  /// Data that sc-preprocess has not seen.
  @Test func foreignColumnsScaleNothing() throws {
    try shell.run("sc-preprocess plain -q -o p.st")
    for (name, isNamed) in [("a", false), ("b", true)] {
      var cells = try shell.object("p.st")
      cells.history = []
      (cells.var["mean"], cells.var["std"]) = (nil, nil)
      if isNamed { addScaling(to: &cells) }
      try shell.write(cells, to: "\(name).st")
      let made = try shell.run("sc-knn \(name).st -o \(name).k.st")
      #expect(made.errors.contains("there are no var/mean and var/std of sc-preprocess"))
    }
    #expect(try components(of: "a.k.st") == components(of: "b.k.st"))
  }

  /// scanpy's scale(zero_center=False) divides X, and puts its own columns in place of ours.
  @Test func valuesThatWereScaledSinceAreNotScaledAgain() throws {
    try shell.run("sc-preprocess plain -q -o p.st")
    var cells = try shell.object("p.st")
    guard case .sparse(var values)? = cells.x else { return }
    for k in 0..<values.entryCount { values.values[k] *= 2 }
    cells.x = .sparse(values)
    addScaling(to: &cells)
    try shell.write(cells, to: "scaled.st")
    let made = try shell.run("sc-knn scaled.st -o k.st")
    #expect(made.errors.contains("X or var/mean, var/std were changed after sc-preprocess"))
    cells.history = []
    try shell.write(cells, to: "foreign.st")
    try shell.run("sc-knn foreign.st -q -o f.st")
    #expect(try components(of: "k.st") == components(of: "f.st"))
  }

  /// The columns are ours, but no longer fit X.
  @Test(arguments: ["doubled", "spread", "cells"])
  func aStaleScalingIsNotUsed(change: String) throws {
    try shell.run("sc-preprocess plain -q -o p.st")
    var cells = try shell.object("p.st")
    guard case .sparse(var values)? = cells.x else { return }
    switch change {
    case "doubled":
      for k in 0..<values.entryCount { values.values[k] *= 2 }
    case "spread":
      // One gene with its mean, but another deviation.
      let entries = (0..<values.entryCount).filter { values.indices[$0] == 5 }
      let sum = entries.reduce(Float(0)) { $0 + values.values[$1] }
      for k in entries { values.values[k] = 0 }
      values.values[entries[0]] = sum
    default:
      let rows = (0..<40).map { 3 * $0 }
      values = values.selectingRows(rows)
      cells.obs = cells.obs.selectingRows(rows)
      cells.layers = cells.layers.mapValues { $0.selectingRows(rows) }
      (cells.raw, cells.obsm, cells.obsp) = (nil, [:], [:])
    }
    cells.x = .sparse(values)
    try shell.write(cells, to: "stale.st")
    let made = try shell.run(
      "sc-knn stale.st -o k.st && sc-pretrain k.st --models 1 --epochs 1 -o m.st")
    #expect(made.status == 0, "\(made.errors)")
    let words = "X or var/mean, var/std were changed after sc-preprocess; run it again"
    #expect(made.errors.components(separatedBy: words).count == 3, "\(made.errors)")
    (cells.var["mean"], cells.var["std"]) = (nil, nil)
    try shell.write(cells, to: "without.st")
    try shell.run("sc-knn without.st -q -o w.st")
    #expect(try components(of: "k.st") == components(of: "w.st"))
  }

  /// A stored model reads the values as it did in training, though cells were left out since.
  @Test(arguments: ["", "--no-scale"])
  func aModelReadsFewerCellsAsInTraining(option: String) throws {
    try shell.run(
      "sc-preprocess plain -q \(option) | sc-knn -q | sc-pretrain -q --model scdeepcluster --epochs 5 -o all.st"
    )
    var cells = try shell.object("all.st")
    let rows = (0..<cells.cellCount).filter { $0 % 4 == 0 }
    let codes = try #require(cells.obsm["X_latent"]).selectingRows(rows)
    cells = cells.selectingCells(rows)
    try shell.write(cells, to: "part.st")
    let made = try shell.run(
      "sc-cluster part.st --method scdeepcluster --clusters 2 --epochs 1 --learning-rate 1e-12 -q -o c.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    let found = try #require(try shell.object("c.st").obsm["X_latent"])
    for i in codes.elements.indices {
      #expect(abs(found.elements[i] - codes.elements[i]) < 1e-4, "\(i)")
    }
  }

  /// Genes that somebody leaves out do not change what the means of the others are.
  @Test func aSelectionOfOursIsStillScaled() throws {
    try shell.run("sc-preprocess plain -q -o p.st")
    var cells = try shell.object("p.st")
    let kept = Array(0..<100)
    cells.var = cells.var.selectingRows(kept)
    cells.x = cells.x?.selectingColumns(kept)
    cells.layers = cells.layers.mapValues { $0.selectingColumns(kept) }
    try shell.write(cells, to: "genes.st")
    cells.x = cells.x.map { .dense($0.dense()) }
    try shell.write(cells, to: "dense.st")
    for name in ["genes", "dense"] {
      let made = try shell.run("sc-knn \(name).st -o \(name).k.st")
      #expect(made.status == 0 && !made.errors.contains("without scaling"), "\(made.errors)")
    }
    #expect(try components(of: "genes.k.st") == components(of: "dense.k.st"))
  }
}
