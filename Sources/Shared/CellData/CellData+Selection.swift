import Tensors

extension CellData {
  /// The cells named, in that order, with what is known of each and of the genes; without graphs and `raw`.
  ///
  /// A modality of another number of cells stays as it is.
  package func selectingCells(_ rows: [Int]) -> CellData {
    var result = CellData(obs: obs.selectingRows(rows), var: self.var, x: x?.selectingRows(rows))
    result.layers = layers.mapValues { $0.selectingRows(rows) }
    result.obsm = obsm.mapValues { $0.selectingRows(rows) }
    result.varm = varm
    result.modalities = modalities.map { modality in
      modality.data.cellCount == cellCount
        ? Modality(name: modality.name, data: modality.data.selectingCells(rows)) : modality
    }
    (result.tensors, result.settings, result.history) = (tensors, settings, history)
    return result
  }
}

extension MatrixValues {
  /// The rows named, in that order. (rows.count, columns)
  fileprivate func selectingRows(_ rows: [Int]) -> MatrixValues {
    switch self {
    case .sparse(let matrix): .sparse(matrix.selectingRows(rows))
    case .dense(let matrix): .dense(matrix.selectingRows(rows))
    }
  }
}
