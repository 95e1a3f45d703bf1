/// How large data is, as the header of its file shows before anything else is read.
package struct DataExtent: Sendable, Equatable {
  package var cells: Int
  package var genes: Int
  /// Entries of the main matrix that are not zero; estimated where it is stored dense.
  package var entries: Int
  /// The bytes that all of it takes in memory at the most while it is read.
  package var bytes: Int
  /// The bytes that raw takes beside, where it is held as stored and a stage reads it.
  package var decodedRawBytes = 0
  /// The features of the second modality, and its entries that are not zero; 0 where there is none,
  /// or where the header does not show it.
  package var secondFeatures = 0
  package var secondEntries = 0

  package init(cells: Int, genes: Int, entries: Int, bytes: Int) {
    self.cells = cells
    self.genes = genes
    self.entries = entries
    self.bytes = bytes
  }
}
