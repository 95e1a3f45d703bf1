import Glibc
import Tensors

/// Ranks the genes that passed the filter by their variability, over all kept cells or batch by
/// batch.
///
/// With batches (as in scanpy) every batch ranks the genes by itself; genes without counts in it
/// get 0. Cells without a batch (code −1) rank nothing, nor do batches of fewer than
/// `fewestRankingCells`. If no batch has that many, all cells rank together.
///
/// For seurat and cell_ranger the first key is the number of batches in which a gene is among the
/// `count` most variable. The second is a larger mean normalised dispersion. For seurat_v3 the
/// first key is a smaller median rank over the batches in which a gene is among the `count` first.
/// The second is the number of such batches.
func rankGenes(
  _ counts: SparseMatrix<Float>, _ filtered: Filtered, _ batches: [Int]?,
  _ flavor: VariableGeneFlavor, count: Int
) -> VariableGenes {
  let everyone = Array(filtered.cells.indices)
  guard let batches, filtered.cells.contains(where: { batches[$0] >= 0 }) else {
    return rank(counts, filtered, everyone, flavor)
  }
  let members = Dictionary(grouping: everyone) { batches[filtered.cells[$0]] }
  let codes = members.keys.filter { code in
    code >= 0 && (members[code]?.count ?? 0) >= fewestRankingCells
  }.sorted()
  if codes.isEmpty { return rank(counts, filtered, everyone, flavor) }
  let parts = codes.map { rank(counts, filtered, members[$0] ?? [], flavor) }
  return parts.count == 1 ? parts[0] : combine(parts, flavor, count: count)
}

/// The fewest cells of a batch for a ranking of its own: the deviation of fewer values shows
/// little.
package let fewestRankingCells = 10

extension Preprocessed {
  /// The batches whose kept cells are too few to rank genes, rising; codes begin at 0.
  package func batchesTooSmallToRank(_ batches: [Int]) -> [Int] {
    var cells: [Int: Int] = [:]
    for i in keptCells where batches[i] >= 0 { cells[batches[i], default: 0] += 1 }
    return cells.filter { $0.value < fewestRankingCells }.keys.sorted()
  }
}

/// The ranking over the kept cells at `positions`.
private func rank(
  _ counts: SparseMatrix<Float>, _ filtered: Filtered, _ positions: [Int],
  _ flavor: VariableGeneFlavor
) -> VariableGenes {
  let rows = positions.map { filtered.cells[$0] }
  let factors = positions.map { filtered.scales[$0] }
  let genes = filtered.genes
  switch flavor {
  case .seurat:
    let moments = GeneMoments(of: counts, rows: rows) { i, _, x in Double(x) / factors[i] }
    return VariableGenes(seurat: moments, genes: genes)
  case .cellRanger:
    let moments = GeneMoments(of: counts, rows: rows) { i, _, x in log1p(Double(x) / factors[i]) }
    return VariableGenes(cellRanger: moments, genes: genes)
  case .seuratV3: return VariableGenes(seuratV3: counts, rows: rows, genes: genes)
  }
}

private func combine(
  _ parts: [VariableGenes], _ flavor: VariableGeneFlavor, count: Int
) -> VariableGenes {
  let genes = parts[0].means.indices
  func mean(_ values: (VariableGenes) -> [Double]) -> [Double] {
    let columns = parts.map(values)
    return genes.map { j in columns.reduce(0) { $0 + $1[j] } / Double(parts.count) }
  }
  var ranks = [[Double]](repeating: [], count: genes.count)
  for part in parts {
    for (position, gene) in part.ranking.prefix(count).enumerated() where part.varies[gene] {
      ranks[gene].append(Double(position))
    }
  }
  let fewestBatches = ranks.map { -Double($0.count) }
  let medianRanks = ranks.map { $0.isEmpty ? .infinity : median($0) }
  return VariableGenes(
    means: mean(\.means), dispersions: mean(\.dispersions),
    normalizedDispersions: mean(\.normalizedDispersions),
    varies: genes.map { j in parts.contains { $0.varies[j] } },
    keys: flavor == .seuratV3 ? [medianRanks, fewestBatches] : [fewestBatches])
}
