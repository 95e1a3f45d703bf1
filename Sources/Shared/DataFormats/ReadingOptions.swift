/// Which modality of a file is used with the RNA, so that both must have its cells.
package enum SecondModalityChoice: Sendable {
  /// The modality that our programs noted, else the first of proteins or peaks.
  case usual
  case none
  case named(String)
}

/// What a reader needs to know apart from the file.
package struct ReadingOptions: Sendable {
  /// Which genome of a 10x file of version 2 to read, if it holds several.
  package var genome: String?
  /// Which modality of a file with several is the RNA; nil to detect it by names and feature types.
  package var rna: String?
  /// Which modality is the second.
  package var second = SecondModalityChoice.usual
  /// Whether the matrix is transposed against its format: text with the cells in its columns,
  /// Matrix Market with the cells in its rows.
  package var isTransposed = false
  /// Called if cells of the same name were made distinct.
  package var renamedCells: (@Sendable () -> Void)?
  /// Is called with the format, once it is recognized.
  package var recognized: (@Sendable (FileFormat) -> Void)?
  /// What the rows of the file are, regardless of other evidence; nil to decide by the format and
  /// the names.
  package var orientation: Orientation?
  /// The names of the cells, if another file has given them. They decide the orientation of a
  /// matrix before anything else.
  package var knownCells: Set<String>?
  /// Whether names that contradict the layout end the reading; else a message announces them.
  package var isOrientationChecked = false
  /// Whether cells of the same name are made distinct, by "-1", "-2", …, and not refused.
  package var makesCellsUnique = false
  /// Whether an X with values that are not finite may be left out if the counts can be elsewhere.
  /// Such places are `layers/counts`, `countLayer` and `raw`.
  package var allowsMissingX = false
  /// The layer that holds the counts, if one is named.
  package var countLayer: String?
  /// Whether a matrix whose features have several types, such as genes and proteins, becomes
  /// several modalities. 10x files always do.
  package var splitsFeatureTypes = false
  /// The bytes that one array may take; at most the machine's memory.
  package var memoryBudget = Int.max
  /// Is reported, in one line each, what was left out because nothing here can hold it.
  package var note: (@Sendable (String) -> Void)?
  /// Called with messages for every user about the reading, such as the number of dropped cells.
  package var announce: (@Sendable (String) -> Void)?
  /// Called with the parts of a matrix read and their total: entries, or rows of one that is stored
  /// with its zeros. Only readers of HDF5 and Matrix Market call it.
  package var progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?

  package init(
    genome: String? = nil, rna: String? = nil, isTransposed: Bool = false,
    memoryBudget: Int = .max,
    note: (@Sendable (String) -> Void)? = nil, announce: (@Sendable (String) -> Void)? = nil
  ) {
    self.genome = genome
    self.rna = rna
    self.isTransposed = isTransposed
    self.memoryBudget = memoryBudget
    self.note = note
    self.announce = announce
  }
}
