import CellData
import Foundation
import Tensors
import Testing

/// sc-eval -o with .h5ad or .safetensors, run as a program: the data with its layouts.
@Suite struct LayoutTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      let types = (0..<120).map { $0 % 3 }
      // Cells at one place would tear groups apart in any UMAP.
      var random = RandomGenerator(seed: 4)
      cells.obs["cluster"] = .integer(Buffer(types))
      cells.obsm["X_latent"] = Matrix(
        types.map { type in
          (0..<4).map { Float($0 == type ? 9 : 0) + Float(random.normal()) / 2 }
        })
    }
  }

  @Test("both layouts in obsm, everything else passed on, the run in the history")
  func stored() throws {
    let plain = try shell.run("sc-eval in.st --labels type")
    let outcome = try shell.run("sc-eval in.st --labels type --layout both -o out.safetensors")
    #expect(outcome.status == 0 && outcome.output == plain.output, "\(outcome.errors)")
    let (before, after) = try (shell.object("in.st"), shell.object("out.safetensors"))
    for name in ["X_tsne", "X_umap"] {
      let layout = try #require(after.obsm[name])
      #expect(layout.rows == 120 && layout.columns == 2)
      #expect(layout.elements.allSatisfy { $0.isFinite })
      // Cells are nearer to the center of their type than to another.
      let centers = (0..<3).map { type in
        (0..<2).map { axis in
          stride(from: type, to: 120, by: 3).reduce(Float(0)) { $0 + layout[$1, axis] } / 40
        }
      }
      for cell in 0..<120 {
        let gaps = centers.map { hypotf(layout[cell, 0] - $0[0], layout[cell, 1] - $0[1]) }
        #expect(gaps.firstIndex(of: gaps.min() ?? 0) == cell % 3, "\(name): cell \(cell)")
      }
    }
    #expect(after.obs == before.obs && after.x == before.x)
    #expect(after.obsm["X_latent"] == before.obsm["X_latent"])
    let entry = try #require(after.history.last)
    #expect(entry.tool == "sc-eval" && entry.settings["layout"] == "\"both\"")
  }

  @Test(
    "a layout that nothing would show is refused",
    arguments: [
      "--layout both", "--layout tsne", "--perplexity 9", "--layout umap --history",
      "--layout umap --compare in.st", "--layout umap --plot a.png --figures sizes",
      "--layout umap -o figures.tsv",
    ])
  func withoutOutput(_ options: String) throws {
    let outcome = try shell.run("sc-eval in.st \(options)")
    #expect(outcome.status == 64 && outcome.errors.contains("but the layout is missing"))
    #expect(outcome.output.isEmpty && !shell.exists("a.png") && !shell.exists("figures.tsv"))
  }

  @Test("in place, as AnnData, of one method")
  func inPlace() throws {
    #expect(try shell.run("sc-eval in.st --layout umap -o a.h5ad").status == 0)
    #expect(try shell.run("sc-eval a.h5ad --layout tsne -o a.h5ad").status == 0)
    #expect(try shell.run("sc-eval a.h5ad --use X_umap").text.contains("silhouette"))
    #expect(try shell.run("sc-eval a.h5ad --use X_tsne").text.contains("silhouette"))
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("the threads change no byte, the seed does", arguments: ["tsne", "umap"])
  func repeatable(_ method: String) throws {
    let command = "sc-eval in.st --layout \(method)"
    try shell.run(
      "\(command) -t 1 -o 1.safetensors; \(command) -t 2 -o 2.safetensors; \(command) --seed 3 -o 3.safetensors"
    )
    #expect(try shell.data("1.safetensors") == shell.data("2.safetensors"))
    let key = "X_\(method)"
    #expect(try shell.object("1.safetensors").obsm[key] != shell.object("3.safetensors").obsm[key])
  }

  @Test("without an embedding a UMAP takes the graph, a t-SNE says what is missing")
  func graphAlone() throws {
    try shell.writeInput { $0.obs["cluster"] = .integer(Buffer((0..<120).map { $0 % 3 })) }
    #expect(try shell.run("sc-preprocess -q in.st | sc-knn -q -o knn.st").status == 0)
    var graph = try shell.object("knn.st")
    graph.obsm = [:]
    try shell.write(graph, to: "k.st")
    let umap = try shell.run("sc-eval k.st --clusters-column type --layout umap -o u.safetensors")
    #expect(umap.status == 0, "\(umap.errors)")
    #expect(try shell.object("u.safetensors").obsm["X_umap"]?.rows == 120)
    let tsne = try shell.run("sc-eval k.st --clusters-column type -o t.safetensors")
    #expect(tsne.status == 65 && tsne.errors.contains("no embedding 'X_latent'"))
    #expect(try !shell.exists("t.safetensors") && shell.leftovers.isEmpty)
  }

  @Test("data and text are distinguished by the name; text options refuse a data file")
  func outputNames() throws {
    for option in ["--history", "--compare in.st"] {
      let outcome = try shell.run("sc-eval in.st \(option) -o out.h5ad")
      #expect(outcome.status == 64 && outcome.errors.contains("write text"))
    }
    #expect(try shell.run("sc-eval in.st -o missing/out.h5ad").status == 73)
    let limited = try shell.run("ulimit -f 8; sc-eval in.st -o out.h5ad")
    #expect(
      limited.status == 74 && limited.errors.contains("raise the limit (ulimit -f)"),
      "\(limited.errors)")
    #expect(try !shell.exists("out.h5ad") && shell.leftovers.isEmpty)
  }
}
