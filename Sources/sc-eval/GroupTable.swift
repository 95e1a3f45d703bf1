import CellData
import DifferentialExpression
import ModelStages
import Reports
import StageSupport
import Tensors

/// The genes that differ between groups of samples, cluster by cluster.
struct GroupTable {
  /// One group of one cluster against the base group.
  struct Section {
    let cluster: String
    let group: String
    let base: String
    /// The samples of either.
    let replicates: (group: Int, base: Int)
    let isPaired: Bool
    let entries: [GroupComparison.Entry]

    /// `within replicates` where groups are compared so.
    var design: String { isPaired ? ", within replicates" : "" }
    /// The genes whose adjusted p-value is below the level.
    var differing: Int { entries.count { $0.adjustedPValue < GroupTable.level } }
  }

  let sections: [Section]
  private let genes: [String]

  /// The largest adjusted p-value of the genes that are counted and shown first.
  static let level = 0.05

  /// Says which clusters are left out. Throws kind `badData` where no cluster can be compared, and
  /// where there are no counts.
  init(
    _ options: GroupOptions, of cells: CellData, clusters: Categories, _ log: Log
  ) throws {
    let samples = try SampleGroups(options, in: cells)
    let counts = try CountsOfAllGenes(of: cells)
    genes = counts.genes.index
    log.note("--compare-groups: counts of \(genes.count) genes")
    if samples.missing > 0 {
      log.note("--compare-groups: \(samples.missing) cells have no group or no replicate")
    }
    var sections: [Section] = []
    var reasons: [String] = []
    for (code, cluster) in clusters.names.enumerated() {
      let rows = clusters.codes.indices.filter { Int(clusters.codes[$0]) == code }
      if rows.isEmpty { continue }
      do {
        let chosen = try samples.samples(among: rows).get()
        sections += try Self.sections(cluster, chosen, counts.matrix)
        reasons += chosen.leftOut.map {
          "cluster '\(cluster)' is compared in part: \($0.text)"
        }
      } catch let reason as SampleGroups.Reason {
        reasons.append("cluster '\(cluster)' is not compared: \(reason.text)")
      } catch let fault as ComparisonFault {
        reasons.append("cluster '\(cluster)' is not compared: \(fault.description)")
      }
    }
    guard !sections.isEmpty else {
      throw StageFault(
        .badData,
        "--compare-groups: \(reasons.first ?? "no cell has a cluster"); give samples of more donors, or larger clusters"
      )
    }
    for reason in reasons { log.note("--compare-groups: \(reason)") }
    for section in sections {
      log.detail(
        "cluster '\(section.cluster)': \(section.differing) of \(section.entries.count) genes differ between '\(section.group)' (\(section.replicates.group) replicates) and '\(section.base)' (\(section.replicates.base))\(section.design)"
      )
    }
    self.sections = sections
  }

  private static func sections(
    _ cluster: String, _ samples: SampleGroups.Samples, _ counts: SparseMatrix<Float>
  ) throws -> [Section] {
    let design = GroupDesign(group: samples.group, replicate: samples.replicate)
    let found = try GroupComparison(counts.sums(of: samples.cells), design: design)
    func size(_ group: Int) -> Int { samples.group.count { $0 == group } }
    return found.groups.enumerated().map { place, entries in
      Section(
        cluster: cluster, group: samples.groups[place + 1], base: samples.groups[0],
        replicates: (size(place + 1), size(0)), isPaired: design.isPaired, entries: entries)
    }
  }

  /// A line a cluster, group and gene; without a p-value the fields of it are empty.
  var text: String {
    var lines = [
      "cluster\tgroup\tbase_group\trank\tgene\tmean\tlog2_fold_change\tstandard_error\tstatistic\tp_value\tp_adjusted"
    ]
    for section in sections {
      let head = [section.cluster, section.group, section.base].map(\.printable)
      for (place, entry) in section.entries.enumerated() {
        let numbers = [
          entry.mean, entry.logFoldChange, entry.standardError, entry.statistic, entry.pValue,
          entry.adjustedPValue,
        ]
        lines.append(
          (head + ["\(place + 1)", genes[entry.gene].printable]
            + numbers.map { $0.isFinite ? "\($0)" : "" })
            .joined(separator: "\t"))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The first genes of each section, folded.
  var blocks: [ReportPage.Block] {
    let note = ReportPage.Block.paragraph(
      "Counts of the cells of each cluster are summed by replicate. A negative binomial model tests each gene between groups, as DESeq2 does; p-values are adjusted by Benjamini and Hochberg within a cluster."
    )
    return [note]
      + sections.map { section in
        let rows = section.entries.prefix(10).map { entry in
          [
            genes[entry.gene], entry.mean.fourDecimals, entry.logFoldChange.fourDecimals,
            entry.standardError.fourDecimals,
            entry.adjustedPValue.isFinite ? entry.adjustedPValue.briefProbability : "",
          ]
        }
        let found = section.differing
        return ReportPage.Block.folded(
          title:
            "Cluster \(section.cluster), \(section.group) against \(section.base)\(section.design): \(found) \(found == 1 ? "gene" : "genes") with adjusted p below \(Self.level)",
          [
            .table(
              ReportTable(
                headings: [
                  "gene", "mean count", "log2 fold change", "standard error", "adjusted p",
                ], rows: rows, numbers: [1, 2, 3, 4]))
          ])
      }
  }
}
