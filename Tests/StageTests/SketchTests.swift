import CellData
import Foundation
import Tensors
import Testing

/// Models that learn from some of the cells and code all.
@Suite struct SketchTests {
  private static let pretrain = "sc-pretrain -q --models 2 --epochs 20"

  /// Cells with a graph in `knn.st`, and models of a sketch of 60 of the 120 in `model.st`.
  private static let prepared: Result<Shell, any Error> = Result {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st &&
      \(pretrain) --sketch 60 knn.st -o model.st
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private let shell: Shell

  init() throws { shell = try Self.prepared.get() }

  private func marks(_ cells: CellData, _ column: String = "sketch") throws -> [String?] {
    let marks = try #require(cells.obs[column]?.classes)
    return marks.codes.map { $0 < 0 ? nil : marks.names[Int($0)] }
  }

  @Test func allCellsAreCodedAndTheLearnersMarked() throws {
    let cells = try shell.object("model.st")
    let marks = try marks(cells)
    #expect(marks.count { $0 == "uniform" } == 30 && marks.count { $0 == "geometric" } == 30)
    #expect(cells.obsm["X_latent"]?.rows == 120 && cells.obsm["X_latent_1"] == nil)
    for name in ["X_latent", "X_latent_1"] {
      #expect(cells.tensors["uns.sketch.\(name)"]?.shape == [30, 15])
    }
    #expect(cells.history.last?.settings["sketch"] == "60")
  }

  @Test("every method clusters all cells", arguments: ["sctpf", "consensus", "kmeans", "leiden"])
  func clusters(_ method: String) throws {
    let made = try shell.run(
      "sc-cluster -q model.st -c 3 --method \(method) -o \(method).st && sc-eval -q \(method).st --labels type --json"
    )
    #expect(made.status == 0, "\(made.errors)")
    let scores = try #require(
      try JSONSerialization.jsonObject(with: made.output) as? [String: Any])
    #expect(try #require(scores["ari"] as? Double) > 0.9)
    #expect(scores["cells"] as? Int == 120)
  }

  /// A training of steps that are far too large ends with the start.
  @Test func whereTheStartIsKeptLearnersKeepItAndTheOthersFollowTheNearest() throws {
    let made = try shell.run(
      """
      sc-cluster model.st -c 7 --epochs 4 --learning-rate 10 -o kept.st &&
      sc-cluster -q model.st -c 7 --no-cluster-loss -o start.st
      """)
    #expect(made.status == 0 && made.errors.contains("kept the initial clusters"), "\(made.errors)")
    let (kept, start) = (try shell.object("kept.st"), try shell.object("start.st"))
    let labels = try #require(kept.obs["cluster"]?.classes)
    #expect(labels == start.obs["cluster"]?.classes)
    let codes = try #require(kept.obsm["X_latent"])
    let centers = try #require(kept.tensors["model.sctpf.centers"]?.matrix(Float.self))
    #expect(nearestCenters(codes, centers) != labels.codes.map { Int($0) })
  }

  @Test func labelsAreThoseOfTheNearestCenterAndOnlyLearnersAreAssessed() throws {
    let made = try shell.run(
      "sc-cluster -q model.st -c 3 --keep last -o c.st && sc-cluster -q c.st -c 3 -o d.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("c.st")
    let codes = try #require(cells.obsm["X_latent"])
    let centers = try #require(cells.tensors["model.sctpf.centers"]?.matrix(Float.self))
    let clusters = try #require(cells.obs["cluster"]?.classes)
    #expect(nearestCenters(codes, centers) == clusters.codes.map { Int($0) })
    let reliability = try #require(cells.obs["reliability"]?.classes)
    let marks = try marks(cells)
    #expect(zip(reliability.codes, marks).allSatisfy { ($0 >= 0) == ($1 == "uniform") })
    #expect(cells.obs["confidence"]?.numbers?.allSatisfy { (0...1).contains($0) } == true)
    #expect(cells.tensors["uns.sketch.X_latent"]?.shape == [30, 15])
  }

  @Test func pairedCellsHaveASketchToo() throws {
    let shell = try Shell()
    try shell.writeInput { $0.modalities = [PairedCells.modality()] }
    let made = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 |
        sc-pretrain -q --model scemc --epochs 20 --sketch 80 |
        sc-cluster -q -c 3 --filter -o c.st && sc-eval -q c.st --labels type --diagnose --json
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.object("c.st").obsm["X_latent"]?.rows == 120)
  }

  @Test func theNumberOfThreadsChangesNoByte() throws {
    let made = try shell.run(
      """
      for t in 1 2 3; do
        \(Self.pretrain) --sketch 50 -t $t knn.st -o m$t.st && sc-cluster -q -c 3 -t $t m$t.st -o t$t.st
      done
      cmp m1.st m2.st && cmp m1.st m3.st && cmp t1.st t2.st && cmp t1.st t3.st
      """)
    #expect(made.status == 0, "\(made.text) \(made.errors)")
  }

  @Test func picturesAndFiguresOfASketch() throws {
    let made = try shell.run(
      """
      sc-cluster -q model.st -c 3 --keep-snapshots -o e.st &&
      sc-eval -q e.st --labels type --plot e.svg --report e.html --diagnose --json
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(shell.exists("e.svg"))
    #expect(made.text.contains("lambda_fr"))
  }

  @Test func trainingOnAllCellsTakesTheSketchAway() throws {
    let made = try shell.run("\(Self.pretrain) --sketch none model.st -o all.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("all.st")
    #expect(cells.obs["sketch"] == nil)
    #expect(!cells.tensors.keys.contains { $0.hasPrefix("uns.sketch") })
    #expect(cells.obsm["X_latent_1"]?.rows == 120)
  }

  @Test func aColumnOfTheUserStays() throws {
    let shell = try Shell()
    let mine = Column.strings((0..<120).map { "mine \($0 % 2)" })
    try shell.writeInput { $0.obs["sketch"] = mine }
    let made = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 |
        sc-pretrain --models 1 --epochs 3 --sketch 60 -o m.st && sc-cluster -q m.st -c 3 -o c.st
      """)
    #expect(made.status == 0 && made.errors.contains("obs/sketch (ours: obs/sketch_sc)"))
    let cells = try shell.object("c.st")
    #expect(cells.obs["sketch"] == mine)
    #expect(try marks(cells, "sketch_sc").count { $0 == "uniform" } == 30)
  }

  @Test func otherCellsThanTheLearnersAreRefused() throws {
    var cells = try shell.object("model.st")
    let marks = try #require(cells.obs["sketch"]?.classes)
    let row = try #require(marks.codes.firstIndex(of: 0))
    cells = cells.selectingCells((0..<120).filter { $0 != row })
    try shell.write(cells, to: "fewer.st")
    let refused = try shell.run("sc-cluster fewer.st -c 3 -o out.st")
    #expect(refused.status == 65 && !shell.exists("out.st"))
    #expect(
      refused.errors.contains("obs.sketch: 29 cells are marked 'uniform'")
        && refused.errors.contains("run sc-pretrain again"), "\(refused.errors)")
  }

  @Test func aSketchNeedsTheCoordinatesOfTheGraph() throws {
    var cells = try shell.object("knn.st")
    cells.obsm["X_pca"] = nil
    try shell.write(cells, to: "bare.st")
    let refused = try shell.run("sc-pretrain bare.st --sketch 60 -o out.st")
    #expect(refused.status == 65 && refused.errors.contains("obsm.X_pca"), "\(refused.errors)")
  }

  @Test(arguments: ["0", "9", "x", "-5", "1.5", "99999999999999999999"])
  func numbersThatMeanNothingAreRefused(_ text: String) throws {
    let refused = try shell.run("sc-pretrain knn.st --sketch=\(text) -o out.st")
    #expect(refused.status == 64, "\(refused.errors)")
  }

  @Test func asManyCellsAsThereAreChangeNothing() throws {
    let made = try shell.run(
      """
      \(Self.pretrain) --sketch none knn.st -o none.st && \(Self.pretrain) knn.st -o auto.st &&
      sc-pretrain --models 2 --epochs 20 --sketch 120 knn.st -o many.st && cmp none.st auto.st && cmp none.st many.st
      """)
    #expect(made.status == 0, "\(made.text)")
    #expect(made.errors.contains("--sketch 120 changes nothing: there are 120 cells"))
  }
}

/// The nearest center (K, D) of every code (N, D). (N)
private func nearestCenters(_ codes: Matrix<Float>, _ centers: Matrix<Float>) -> [Int] {
  (0..<codes.rows).map { i in
    let distances = (0..<centers.rows).map { j in
      (0..<codes.columns).reduce(Float(0)) {
        $0 + (codes[i, $1] - centers[j, $1]) * (codes[i, $1] - centers[j, $1])
      }
    }
    return distances.indices.min { distances[$0] < distances[$1] } ?? 0
  }
}
