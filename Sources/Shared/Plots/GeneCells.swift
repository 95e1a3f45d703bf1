/// One gene with its values in the cells of every cluster, for violins and heat maps.
package struct GeneCells: Sendable {
  let name: String
  /// The values of the drawn cells, cluster by cluster.
  let values: [[Double]]

  package init(name: String, values: [[Double]]) { (self.name, self.values) = (name, values) }

  /// The highest of all, at least a little above 0.
  var highest: Double { max(1e-9, values.lazy.compactMap { $0.max() }.max() ?? 0) }
}
