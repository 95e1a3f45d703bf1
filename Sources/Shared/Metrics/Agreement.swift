/// All figures that compare predicted labels with true ones.
package struct Agreement: Sendable, BitwiseCopyable {
  package let accuracy: Double
  package let normalizedMutualInformation: Double
  package let adjustedRandIndex: Double
  package let adjustedMutualInformation: Double
  package let homogeneity: Double
  package let completeness: Double
  package let vMeasure: Double
  package let purity: Double
  package let fowlkesMallows: Double

  /// Computes them; throws if the labels differ in number or there are none.
  package init(truth: [Int], predicted: [Int]) throws(MetricsFault) {
    self.init(try ContingencyTable(truth: truth, predicted: predicted))
  }

  /// Computes them from the table of counts.
  package init(_ table: ContingencyTable) {
    self.init(table, logFactorials(upTo: table.cells))
  }

  /// The same with the logarithms of the factorials up to the number of cells, for many tables of
  /// one size.
  init(_ table: ContingencyTable, _ logFactorial: [Double]) {
    accuracy = table.accuracy
    normalizedMutualInformation = table.normalizedMutualInformation
    adjustedRandIndex = table.adjustedRandIndex
    adjustedMutualInformation = table.adjustedMutualInformation(logFactorial)
    homogeneity = table.homogeneity
    completeness = table.completeness
    vMeasure = table.vMeasure
    purity = table.purity
    fowlkesMallows = table.fowlkesMallows
  }

  /// The figures by the short names that reports use, in the order of a report.
  package var named: [(key: String, value: Double)] {
    [
      ("acc", accuracy), ("nmi", normalizedMutualInformation), ("ari", adjustedRandIndex),
      ("ami", adjustedMutualInformation), ("homogeneity", homogeneity),
      ("completeness", completeness), ("v_measure", vMeasure), ("purity", purity),
      ("fowlkes_mallows", fowlkesMallows),
    ]
  }
}
