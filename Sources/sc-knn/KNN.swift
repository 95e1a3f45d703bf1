import ArgumentParser
import StageSupport
import CellData

@main struct KNN: StageCommand {
  static let configuration = CommandConfiguration(stage: "sc-knn", abstract: "Neighbours", discussion: "D", examples: ["sc-knn a"])
  static let multipliesMatrices = true
  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions
  func run(in stage: Stage) throws {
    let (cells, crc) = try stage.open(input, output: output)
    try stage.save(cells, to: output, settings: [:], inputCRC: crc)
  }
}
