import StageSupport
import Training

extension RuleRemarks {
  /// Remarks on a training that ends when the labels are stable, with or without a filter.
  static func stableLabels(
    _ filter: CalibratedFilter?, _ outcome: ClusteringOutcome,
    used: [(name: String, value: Double)]
  ) -> RuleRemarks {
    var remarks = RuleRemarks(goal: "the labels are stable")
    filter?.remark(in: &remarks, outcome, used: used)
    return remarks
  }
}

extension CalibratedFilter {
  /// What the provenance notes before the training.
  var provenance: [(String, JSONValue)] {
    [
      ("margin", calibration.setsMargin ? .string("auto") : .number(filter.margin)),
      (
        "latent_neighbors",
        calibration.setsNeighbors ? .string("auto") : .integer(filter.neighbors)
      ),
      ("outlier_share", .number(filter.outlierShare)),
    ]
  }

  /// Adds ε and k as they were used, and a warning if the outcome's filter had to lower ε.
  func remark(
    in remarks: inout RuleRemarks, _ outcome: ClusteringOutcome,
    used: [(name: String, value: Double)]
  ) {
    func value(_ name: String) -> Double { used.first { $0.name == name }?.value ?? 0 }
    func origin(_ isFromData: Bool) -> String { isFromData ? " from the data" : "" }
    let (margin, neighbors) = (value("margin"), Int(value("latent_neighbors")))
    let origins = [
      ("margin", calibration.setsMargin), ("latent_neighbors", calibration.setsNeighbors),
    ]
    remarks.summary =
      "ε \(margin)\(origin(calibration.setsMargin)), k \(neighbors)\(origin(calibration.setsNeighbors))"
    if let found = outcome.kept.filter, found.margin < margin {
      remarks.warnings.append(
        "no cell has a margin above \(margin) (--margin); the filter used \(threeDecimals(found.margin)), which one cell in twenty exceeds"
      )
    }
    remarks.settings = [
      ("margin", .number(margin)), ("latent_neighbors", .integer(neighbors)),
      ("from_data", .array(origins.filter(\.1).map { .string($0.0) })),
    ]
  }
}
