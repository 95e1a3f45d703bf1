// What the weights of a model do not show by their shapes is stored as uns.MODEL.NAME.

import CellData
import Models
import StageSupport
import Training

/// A model whose shape is known from the stored weights, and from settings beside them.
package protocol ShapedModel: ModelKind {
  associatedtype Shape: ModelShape

  var configuration: Shape { get }
  init(_ shape: Shape, clusters: Int?)

  /// The shape that the stored weights show; what they do not show has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  static func shape(shownIn cells: CellData) throws(ModelFault) -> Shape
  /// What is stored beside the weights.
  static var stored: [StoredSetting<Shape>] { get }
}

extension ShapedModel {
  package static var stored: [StoredSetting<Shape>] { [] }

  /// The shape of the stored model, by its weights and its settings.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package static func shape(in cells: CellData) throws(ModelFault) -> Shape {
    var shape = try shape(shownIn: cells)
    for setting in stored { setting.take(cells, name, &shape) }
    return shape
  }

  /// Stores the settings of a model of that shape.
  package static func store(_ shape: Shape, in cells: inout CellData) {
    cells.store(settings: stored.map { ($0.name, $0.value(shape)) }, of: name)
  }

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try Self.shape(in: cells), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }
}

extension ShapedModel where Shape: ShapeOfWeights {
  package static func shape(shownIn cells: CellData) throws(ModelFault) -> Shape {
    try Shape(of: cells.weights(of: name))
  }
}

/// A part of a model's shape that is stored as uns.MODEL.NAME.
package struct StoredSetting<Shape> {
  let name: String
  /// What is stored; nil takes it away.
  let value: (Shape) -> JSONValue?
  /// Takes what is stored, where that is such a value.
  let take: (CellData, _ model: String, inout Shape) -> Void

  /// A number of 0 or more.
  static func number(_ name: String, _ part: WritableKeyPath<Shape, Double>) -> Self {
    Self(
      name: name, value: { .number($0[keyPath: part]) },
      take: { cells, model, shape in
        if let found = cells.storedNumber(name, of: model) { shape[keyPath: part] = found }
      })
  }

  /// One of some choices, by its word.
  static func choice<Choice: RawRepresentable<String>>(
    _ name: String, _ part: WritableKeyPath<Shape, Choice>
  ) -> Self {
    Self(
      name: name, value: { .string($0[keyPath: part].rawValue) },
      take: { cells, model, shape in
        let found: Choice? = cells.storedChoice(name, of: model)
        if let found { shape[keyPath: part] = found }
      })
  }

  /// True or false.
  static func flag(_ name: String, _ part: WritableKeyPath<Shape, Bool>) -> Self {
    Self(
      name: name, value: { .boolean($0[keyPath: part]) },
      take: { cells, model, shape in
        if let found = cells.storedFlag(name, of: model) { shape[keyPath: part] = found }
      })
  }

  /// Stored only of a shape that differs from the default in it.
  ///
  /// - Parameter make: makes a shape differ.
  static func mark(
    _ name: String, _ differs: @escaping (Shape) -> Bool, _ make: @escaping (inout Shape) -> Void
  ) -> Self {
    Self(
      name: name, value: { differs($0) ? .boolean(true) : nil },
      take: { cells, model, shape in
        if cells.storedFlag(name, of: model) == true { make(&shape) }
      })
  }
}

extension JSONValue {
  /// The widths of layers.
  static func widths(_ layers: [Int]) -> JSONValue { .array(layers.map { .integer($0) }) }
}
