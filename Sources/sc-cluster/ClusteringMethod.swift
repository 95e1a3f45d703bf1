import ArgumentParser
import ModelStages
import Models

/// How the cells are clustered.
enum ClusteringMethod: Equatable {
  /// Continues the training of a stored model with clusters.
  case model(ModelName)
  case consensus, kmeans, spectral, leiden, sc3

  static let all: [ClusteringMethod] =
    ModelName.allCases.map { .model($0) } + [
      .consensus, .kmeans, .spectral, .leiden, .sc3,
    ]

  var name: String {
    switch self {
    case .model(let model): model.rawValue
    case .consensus: "consensus"
    case .kmeans: "kmeans"
    case .spectral: "spectral"
    case .leiden: "leiden"
    case .sc3: "sc3"
    }
  }

  /// The name of runs that map cells onto a reference.
  static let mapping = "mapping"

  /// Whether it divides a graph of the cells.
  var dividesGraph: Bool { self == .spectral || self == .leiden }
}

extension ClusteringMethod: ExpressibleByArgument {
  init?(argument: String) {
    let name = argument.lowercased()
    guard let method = Self.all.first(where: { $0.name == name }) else { return nil }
    self = method
  }

  static var allValueStrings: [String] { all.map(\.name) }
  var defaultValueDescription: String { name }
}
