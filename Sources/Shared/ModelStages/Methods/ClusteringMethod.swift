import ArgumentParser
import Models

/// How the cells are clustered.
package enum ClusteringMethod: Equatable, Sendable {
  /// Continues the training of a stored model with clusters.
  case model(ModelName)
  case consensus, kmeans, spectral, leiden, sc3

  package static let all: [ClusteringMethod] =
    ModelName.allCases.map { .model($0) } + [
      .consensus, .kmeans, .spectral, .leiden, .sc3,
    ]

  package var name: String {
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
  package static let mapping = "mapping"

  /// Whether it divides a graph of the cells.
  package var dividesGraph: Bool { self == .spectral || self == .leiden }
}

extension ClusteringMethod: ExpressibleByArgument {
  package init?(argument: String) {
    let name = argument.lowercased()
    guard let method = Self.all.first(where: { $0.name == name }) else { return nil }
    self = method
  }

  package static var allValueStrings: [String] { all.map(\.name) }
  package var defaultValueDescription: String { name }
}
