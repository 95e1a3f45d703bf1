/// Which modality of a file is used beside the RNA, so that both must have its cells.
package enum SecondChoice: Sendable {
  /// The one that our programs noted, else the first of proteins or peaks.
  case usual
  case none
  case named(String)
}

/// What a reader needs to know beside the file.
package struct ReadingOptions: Sendable {
  /// Which genome of a 10x file of version 2 to read, where it holds several.
  package var genome: String?
  /// Which modality of a file with several is the RNA; nil to detect it by names and feature types.
  package var rna: String?
  /// Which modality stands beside it.
  package var second = SecondChoice.usual
  /// Whether the matrix lies the other way than its format has it: text with the cells in its
  /// columns, Matrix Market with the cells in its rows.
  package var isTransposed = false
  /// Is called where cells of the same name were made distinct.
  package var renamedCells: (@Sendable () -> Void)?
  /// Is called with the format, once it is recognized.
  package var recognized: (@Sendable (FileFormat) -> Void)?
  /// What the rows of the file are, whatever else speaks for or against it; nil to decide by the
  /// format and the names.
  package var orientation: Orientation?
  /// The names of the cells, where another file has given them: they decide which way a matrix
  /// lies, before all else.
  package var knownCells: Set<String>?
  /// Whether names that contradict the layout end the reading; else they are announced.
  package var isOrientationChecked = false
  /// Whether cells of the same name are made distinct, by "-1", "-2", …, and not refused.
  package var makesCellsUnique = false
  /// Whether an X with values that are not finite may be left out where the counts can stand
  /// elsewhere: in `layers/counts`, in `countLayer` or in `raw`.
  package var isXDispensable = false
  /// The layer that holds the counts, if one is named.
  package var countLayer: String?
  /// Whether a matrix whose features have several types, such as genes and proteins, becomes
  /// several modalities. 10x files always do.
  package var partsFeatureTypes = false
  /// The bytes that one array may take; never more than the machine has.
  package var memoryBudget = Int.max
  /// Is reported, in one line each, what was left out because nothing here can hold it.
  package var note: (@Sendable (String) -> Void)?
  /// Is called with what every user should know of the reading, such as cells that were dropped.
  package var announce: (@Sendable (String) -> Void)?
  /// Is called with how much of a matrix has been read of how much: entries, or rows of one that is
  /// stored with its zeros. Of HDF5 and Matrix Market.
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
