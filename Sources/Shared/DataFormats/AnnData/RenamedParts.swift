import CellData
import Tensors

extension DataFormats {
  /// The columns and matrices whose names HDF5 and zarr cannot hold, each with its name in the
  /// file: `obs/a/b as a_b`.
  package static func renamedParts(_ data: CellData) -> [String] {
    func changed(_ names: some Sequence<String>, in place: String) -> [String] {
      names.filter { storable($0) != $0 }.map { "\(place)/\($0) as \(storable($0))" }
    }
    let matrices: [(String, [String])] = [
      ("layers", data.layers.keys.sorted()), ("obsm", data.obsm.keys.sorted()),
      ("varm", data.varm.keys.sorted()), ("obsp", data.obsp.keys.sorted()),
    ]
    return changed(data.obs.columnNames, in: "obs") + changed(data.var.columnNames, in: "var")
      + changed(data.raw?.var.columnNames ?? [], in: "raw/var")
      + matrices.flatMap { changed($1, in: $0) }
      + data.modalities.flatMap { modality in
        changed([modality.name], in: "mod")
          + renamedParts(modality.data).map { "mod/\(modality.name)/\($0)" }
      }
  }
}
