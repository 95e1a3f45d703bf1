import CellData
import Foundation
import Testing

/// sc-cluster without a given number of clusters, and with Leiden.
@Suite struct LeidenStageTests {
  private static func clusters(_ options: String) throws -> (Outcome, [Int32]) {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-cluster \(options) -o out.st")
    guard outcome.status == 0 else { return (outcome, []) }
    guard case .categorical(let found) = try shell.object("out.st").obs["cluster"] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return (outcome, Array(found.codes))
  }

  /// The types alternate from cell to cell.
  private static func areTheTypes(_ labels: [Int32]) -> Bool {
    labels.count == SimulatedCells.cells && Set(labels).count == SimulatedCells.types
      && labels.indices.allSatisfy { labels[$0] == labels[$0 % SimulatedCells.types] }
  }

  @Test(arguments: [
    "--method leiden", "--method leiden --resolution 0.8", "--method leiden --clusters 3",
    "--method leiden --clusters auto", "--method leiden --use X_pca", "",
    "--method spectral --clusters auto -t 2",
  ])
  func typesAreFound(_ options: String) throws {
    let (outcome, labels) = try Self.clusters(options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(Self.areTheTypes(labels), "\(options)")
  }

  @Test func exactlySoManyClusters() throws {
    for count in [1, 2, 5, 9] {
      let (outcome, labels) = try Self.clusters("-q --method leiden --clusters \(count)")
      #expect(outcome.status == 0 && Set(labels) == Set(0..<Int32(count)))
    }
  }

  @Test func theCurveIsPrintedWhenAsked() throws {
    let quiet = try Self.clusters("--clusters auto").0.errors
    let verbose = try Self.clusters("--clusters auto -v").0.errors
    #expect(quiet.contains("3 clusters, the most stable"))
    #expect(!quiet.contains("stability 0.") && !quiet.contains("stability 1"))
    #expect(verbose.contains("clusters, modularity") && verbose.contains(", stability"))
  }

  @Test(
    "what the data cannot give ends with one line, also where another line would say the method",
    arguments: [
      ("-c 121", "121 clusters (--clusters) for 120 cells"),
      ("-c 3 --use X_nosuch", "there is no embedding 'X_nosuch' (--use)"),
      ("--method scTPF", "there is no model of sctpf in the data"),
    ])
  func oneLine(_ options: String, _ words: String) throws {
    let (outcome, _) = try Self.clusters(options)
    #expect(outcome.status == 65 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test func sizesOfOneClusterAreOneNumber() throws {
    let (outcome, _) = try Self.clusters("--method kmeans -c 1")
    #expect(outcome.errors.contains("1 cluster of 120 cells"), "\(outcome.errors)")
  }

  @Test(arguments: [
    "--method kmeans --resolution 1", "--method leiden --resolution 1 --clusters 3",
    "--method leiden --resolution -1", "--method leiden --resolution nan", "--clusters 0",
    "--clusters many",
  ])
  func wrongUsage(_ options: String) throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-cluster in.st \(options) -o out.st")
    #expect(outcome.status == 64 && !shell.exists("out.st"))
  }
}
