import CellData
import Preprocessing
import StageSupport
import Tensors

extension CellData {
  /// The object with the kept cells and genes, its new matrices and columns, and everything else that came in, cut to fit.
  func preprocessed(_ result: Preprocessed, from source: CountSource) -> CellData {
    var kept = selectingCells(result.keptCells)
    kept.var = source.genes(of: self).selectingRows(result.keptGenes)
    kept.var["highly_variable"] = .boolean(Buffer(repeating: true, count: result.keptGenes.count))
    if let scaling = result.scaling {
      kept.var["mean"] = .float32(scaling.mean)
      kept.var["std"] = .float32(scaling.standardDeviation)
    } else {
      kept.var["mean"] = nil
      kept.var["std"] = nil
    }
    // What runs over the columns of X fits no longer where the counts come from raw.
    let isSameAxis = source.place != .raw
    kept.layers = isSameAxis ? kept.layers.mapValues { $0.selectingColumns(result.keptGenes) } : [:]
    kept.varm = isSameAxis ? varm.mapValues { $0.selectingRows(result.keptGenes) } : [:]
    kept.layers["counts"] = .sparse(result.counts)
    kept.x = .sparse(result.logNormalized)
    kept.obs["size_factors"] = .float32(result.sizeFactors)
    kept.obs["n_counts"] = .float32(result.totals)
    kept.obs["n_genes"] = .integer(Buffer(result.geneCounts))
    return kept
  }

  /// Everything that has a row a cell, for the cells named, in all modalities.
  func selectingCells(_ rows: [Int]) -> CellData {
    if rows.count == cellCount { return self }
    var result = self
    result.obs = obs.selectingRows(rows)
    result.x = x?.selectingRows(rows)
    result.layers = layers.mapValues { $0.selectingRows(rows) }
    result.raw = raw.map { RawValues(x: $0.x.selectingRows(rows), var: $0.var) }
    result.obsm = obsm.mapValues { $0.selectingRows(rows) }
    result.obsp = obsp.mapValues { $0.selecting(rows: rows, columns: rows) }
    result.modalities = modalities.map {
      Modality(name: $0.name, data: $0.data.selectingCells(rows))
    }
    return result
  }
}

extension MatrixValues {
  /// The rows named, in that order.
  func selectingRows(_ rows: [Int]) -> MatrixValues {
    switch self {
    case .sparse(let matrix):
      .sparse(matrix.selecting(rows: rows, columns: Array(0..<matrix.columns)))
    case .dense(let matrix): .dense(matrix.selectingRows(rows))
    }
  }

  /// The columns named, which must rise.
  func selectingColumns(_ chosen: [Int]) -> MatrixValues {
    switch self {
    case .sparse(let matrix):
      return .sparse(matrix.selecting(rows: Array(0..<matrix.rows), columns: chosen))
    case .dense(let matrix):
      var result = Matrix<Float>(uninitializedRows: matrix.rows, columns: chosen.count)
      var target = result.elements.mutableSpan
      for i in 0..<matrix.rows {
        let row = matrix.row(i)
        for j in chosen.indices { target[i * chosen.count + j] = row[chosen[j]] }
      }
      return .dense(result)
    }
  }
}
