// Models say what their training holds (TrainingExtent); here it is laid beside the data and into
// the memory that there is.

import CellData
import StageSupport
import Training

extension MemoryEstimate {
  /// What sc-pretrain needs, and sc-cluster if it trains; `isRead` if the data are held already.
  package static func training(
    _ extent: DataExtent, _ training: TrainingExtent, isRead: Bool
  ) -> MemoryEstimate {
    var training = training
    training.secondFeatures = extent.secondFeatures
    training.secondEntries = extent.secondEntries
    let entryShare = Double(extent.entries) / Double(max(1, extent.cells * extent.genes))
    let formula = { @Sendable [training] (cells: Int, genes: Int) in
      training.bytes(cells, genes, entryShare: entryShare)
    }
    return isRead ? .beside(extent, formula) : .reading(extent, then: formula)
  }
}

/// What a training makes of the memory that it may use. Less of it costs time, and changes no bit
/// of the result.
package struct TrainingMemory: Sendable {
  /// How many models are trained side by side, at most.
  package let models: Int
  /// What the hop products of each may take.
  package let productBytes: Int
  package let estimate: MemoryEstimate

  /// Hop products that take less than this are not cut.
  private static let fewestBytes = 256 << 20

  /// The fastest use that needs no more than `limit`: fewer models at a time, then fewer hop
  /// products; the least of all where none fits.
  package init(
    _ extent: DataExtent, _ training: TrainingExtent, within limit: Int, isRead: Bool = false
  ) {
    var training = training
    func needed() -> MemoryEstimate { .training(extent, training, isRead: isRead) }
    while needed().bytes > limit {
      if training.models > 1 {
        training.models = 1
      } else if training.hops != nil && training.productBytes > Self.fewestBytes {
        training.productBytes /= 2
      } else {
        break
      }
    }
    (models, productBytes, estimate) = (training.models, training.productBytes, needed())
  }
}
