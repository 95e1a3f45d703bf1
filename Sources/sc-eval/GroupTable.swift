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

    /// `, within replicates` if groups are compared so.
    var design: String { isPaired ? ", within replicates" : "" }
    /// The genes whose adjusted p-value is below the level.
    var differing: Int { entries.count { $0.adjustedPValue < GroupTable.level } }
  }

  /// Clusters that are not compared, or not with all groups, for one reason.
  struct LeftOut {
    var clusters: [String]
    let isWhole: Bool
    let reason: String

    var text: String {
      let subject = clusters.count == 1 ? "cluster" : "clusters"
      let verb = clusters.count == 1 ? "is" : "are"
      return
        "\(subject) \(listed(clusters)) \(verb) \(isWhole ? "not compared" : "compared in part"): \(reason)"
    }
  }

  let sections: [Section]
  let leftOut: [LeftOut]
  /// The compared groups, in one line.
  let design: String
  private let genes: [String]

  /// The largest adjusted p-value of the genes that are counted and shown first.
  static let level = 0.05

  /// Reports what is compared, and which clusters are left out. Throws kind `badData` if no cluster
  /// can be compared, and if there are no counts.
  init(
    _ options: GroupOptions, of cells: CellData, clusters: Categories, _ log: Log
  ) throws {
    let samples = try SampleGroups(options, in: cells)
    let counts = try CountsOfAllGenes(of: cells)
    genes = counts.genes.index
    var (sections, leftOut): ([Section], [LeftOut]) = ([], [])
    for (code, cluster) in clusters.names.enumerated() {
      let rows = clusters.codes.indices.filter { Int(clusters.codes[$0]) == code }
      if rows.isEmpty { continue }
      do {
        let chosen = try samples.samples(among: rows).get()
        sections += try Self.sections(cluster, chosen, counts.matrix)
        for reason in chosen.leftOut { leftOut.add(cluster, isWhole: false, reason.text) }
      } catch let reason as SampleGroups.Reason {
        leftOut.add(cluster, isWhole: true, reason.text)
      } catch let fault as ComparisonFault {
        leftOut.add(cluster, isWhole: true, fault.description)
      }
    }
    guard !sections.isEmpty else { throw samples.refusal(leftOut) }
    (self.sections, self.leftOut) = (sections, leftOut)
    design = samples.design(of: sections)
    announce(samples, log)
  }

  /// One line for the design and one for each gap; the figures of each section with `--verbose`.
  private func announce(_ samples: SampleGroups, _ log: Log) {
    log.note("--compare-groups: \(design); counts of \(counted(genes.count, "gene"))")
    if samples.missing > 0 {
      log.note(
        "--compare-groups: left out \(counted(samples.missing, "cell")) without a group or a replicate\(samples.missingWords)"
      )
    }
    for gap in leftOut { log.note("--compare-groups: \(gap.text)") }
    for section in sections {
      log.detail(
        "cluster '\(section.cluster)': \(section.differing) of \(counted(section.entries.count, "gene")) differ between '\(section.group)' (\(counted(section.replicates.group, "replicate"))) and '\(section.base)' (\(section.replicates.base))\(section.design)"
      )
    }
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

  /// A line for each cluster, group and gene; without a p-value its fields are empty.
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

  /// The design, what is left out, and the first genes of each section, folded.
  var blocks: [ReportPage.Block] {
    let note = ReportPage.Block.paragraph(
      "Counts of the cells of each cluster are summed by replicate. A negative binomial model tests each gene between groups, as DESeq2 does; p-values are adjusted by Benjamini and Hochberg within a cluster."
    )
    let gaps = leftOut.map {
      [$0.clusters.joined(separator: ", "), $0.isWhole ? "not compared" : "in part", $0.reason]
    }
    let table = ReportPage.Block.table(
      ReportTable(
        caption: "Left out", headings: ["clusters", "compared", "because"], rows: gaps))
    let head: [ReportPage.Block] =
      [note, .paragraph("Compared: \(design).")] + (gaps.isEmpty ? [] : [table])
    return head
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

extension [GroupTable.LeftOut] {
  /// Adds a cluster to those of the same reason.
  fileprivate mutating func add(_ cluster: String, isWhole: Bool, _ reason: String) {
    if let place = firstIndex(where: { $0.isWhole == isWhole && $0.reason == reason }) {
      self[place].clusters.append(cluster)
    } else {
      append(GroupTable.LeftOut(clusters: [cluster], isWhole: isWhole, reason: reason))
    }
  }
}
