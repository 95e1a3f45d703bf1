import CellData
import StageSupport

extension EvaluationOptions {
  /// The files that --labels may name, as in sc-preprocess: FILE, or FILE:COLUMN.
  var labelFiles: [Path] { labels.map { StageSupport.labelFiles(Path($0)) } ?? [] }

  /// The same with the labels of a file as a column of `cells`, if --labels names a file and no
  /// column.
  ///
  /// Throws kind `badData` if neither is there, or the file does not fit.
  func attachingLabels(to cells: inout CellData, in stage: Stage) throws -> EvaluationOptions {
    guard let labels, cells.obs[labels] == nil else { return self }
    var columns = OwnColumns()
    var result = self
    result.labels = try attachLabels(Path(labels), to: &cells, columns: &columns, in: stage)
    return result
  }
}
