/// How large data is, as the header of its file shows before anything else is read.
package struct DataExtent: Sendable, Equatable {
  package var cells: Int
  package var genes: Int
  /// Entries of the main matrix that are not zero; an estimate if it is stored dense.
  package var entries: Int
  /// The largest number of bytes that the whole object takes in memory while it is read.
  package var bytes: Int
  /// The further bytes of raw, if it is held as stored and a stage reads it.
  package var decodedRawBytes = 0
  /// The features of the second modality, and its entries that are not zero. Both are 0 if there is
  /// none, or if the header does not show it.
  package var secondFeatures = 0
  package var secondEntries = 0

  package init(cells: Int, genes: Int, entries: Int, bytes: Int) {
    self.cells = cells
    self.genes = genes
    self.entries = entries
    self.bytes = bytes
  }
}
