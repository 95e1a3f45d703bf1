import Clustering
import Foundation
import Tensors
import Testing

/// Python with igraph, which implements the same algorithm independently: only asked for its
/// modularity, never needed.
private enum Oracle {
  /// SC_PYTHON, or else the python3 of the PATH.
  static let python = ProcessInfo.processInfo.environment["SC_PYTHON"] ?? "python3"

  static let isAvailable = (try? run("import igraph; print(1)", input: "")) != nil

  /// The mean modularity of ten seeds, each iterated until it is stable.
  static func meanModularity(of graph: SparseMatrix<Float>, resolution: Double) throws -> Double {
    let script = """
      import igraph, random, sys
      edges, weights = [], []
      for line in sys.stdin:
          i, j, w = line.split()
          edges.append((int(i), int(j)))
          weights.append(float(w))
      g = igraph.Graph(n=\(graph.rows), edges=edges)
      total = 0
      for seed in range(10):
          random.seed(seed)
          p = g.community_leiden(objective_function='modularity', weights=weights, resolution=\(resolution), n_iterations=-1)
          total += g.modularity(p.membership, weights=weights, resolution=\(resolution))
      print(repr(total / 10))
      """
    var lines = ""
    for i in 0..<graph.rows {
      for k in graph.range(ofRow: i) where Int(graph.indices[k]) < i {
        lines += "\(i) \(graph.indices[k]) \(graph.values[k])\n"
      }
    }
    return try #require(Double(try run(script, input: lines)))
  }

  private static func run(_ script: String, input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-c", script]
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(input.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

@Suite(.enabled(if: Oracle.isAvailable, "python3 with igraph is not installed"), .serialized)
struct LeidenOracleTests {
  /// The mean of ten of ours is at least the mean of ten of igraph's, but for the spread among
  /// runs.
  @Test(arguments: [0.5, 1, 2]) func modularityIsAtLeastThatOfIgraph(resolution: Double) throws {
    let planted = plantedPartition(
      sizes: [60, 80, 100, 120], inside: 0.12, outside: 0.03, seed: 2)
    for (name, graph) in [
      ("karate", graph(34, karateClub)), ("cliques", ringOfCliques(20, size: 5)),
      ("planted", planted.graph),
    ] {
      let ours = try (0..<10).map { seed in
        try leiden(of: graph, resolution: resolution, seed: UInt64(seed)).quality
      }
      let theirs = try Oracle.meanModularity(of: graph, resolution: resolution)
      #expect(ours.reduce(0, +) / 10 >= theirs - 0.001, "\(name)")
    }
  }
}
