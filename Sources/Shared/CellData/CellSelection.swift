import Tensors

extension CellData {
  /// The cells named, in that order, with everything known about them.
  package func selectingCells(_ rows: [Int]) -> CellData {
    if rows.elementsEqual(0..<cellCount) { return self }
    var result = CellData(obs: obs.selectingRows(rows), var: self.var)
    result.x = x.map { $0.selectingRows(rows) }
    result.layers = layers.mapValues { $0.selectingRows(rows) }
    result.raw = raw.map { RawValues(x: $0.x.selectingRows(rows), var: $0.var) }
    result.obsm = obsm.mapValues { $0.selectingRows(rows) }
    result.varm = varm
    result.obsp = obsp.mapValues { graph in
      // Select rows, transpose, select rows again.
      graph.selectingRows(rows).transposed().selectingRows(rows).transposed()
    }
    result.modalities = modalities.map {
      Modality(name: $0.name, data: $0.data.selectingCells(rows))
    }
    result.tensors = tensors
    result.settings = settings
    result.history = history
    result.isScaled = isScaled
    return result
  }

  /// The object with the cells of these names, in that order. Names without a cell are left out.
  package func selectingCells(named names: [String]) -> CellData {
    if names == obs.index { return self }
    let row = obs.index.firstPositions
    return selectingCells(names.compactMap { row[$0] })
  }

  /// The object with these genes, in that order. All that has no column per gene is unchanged, and
  /// so is raw, which has genes of its own.
  package func selectingGenes(_ columns: [Int]) -> CellData {
    var result = self
    result.var = self.var.selectingRows(columns)
    result.x = x?.selectingColumns(columns)
    result.layers = layers.mapValues { $0.selectingColumns(columns) }
    result.varm = varm.mapValues { $0.selectingRows(columns) }
    return result
  }
}

extension MatrixValues {
  /// The rows named, in that order.
  package func selectingRows(_ rows: [Int]) -> MatrixValues {
    switch self {
    case .sparse(let matrix): .sparse(matrix.selectingRows(rows))
    case .dense(let matrix): .dense(matrix.selectingRows(rows))
    }
  }

  /// The columns named, in that order.
  package func selectingColumns(_ chosen: [Int]) -> MatrixValues {
    switch self {
    case .sparse(let matrix):
      let isRising = zip(chosen, chosen.dropFirst()).allSatisfy(<)
      return .sparse(
        isRising
          ? matrix.selectingColumns(chosen)
          : matrix.transposed().selectingRows(chosen).transposed())
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

  /// The transposed matrix.
  package func transposed() -> MatrixValues {
    switch self {
    case .sparse(let matrix): return .sparse(matrix.transposed())
    case .dense(let matrix):
      var result = Matrix<Float>(uninitializedRows: matrix.columns, columns: matrix.rows)
      var target = result.elements.mutableSpan
      for i in 0..<matrix.rows {
        let row = matrix.row(i)
        for j in 0..<matrix.columns { target[j * matrix.rows + i] = row[j] }
      }
      return .dense(result)
    }
  }
}

extension Sequence where Element: Hashable {
  /// The first position of every element.
  package var firstPositions: [Element: Int] {
    Dictionary(enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
