// Names. A tensor's name is a path of components joined by dots: `obs.leiden.codes`,
// `mod.adt.X.data`. A component that denotes a name of the user's (a column, a layer, a modality)
// is escaped, so that it holds no dot. `%` becomes `%25`, `.` becomes `%2E`, and a column called
// `_index` becomes `%5Findex`. Other percent signs of other writers are kept unchanged. The keys of
// `uns` follow the same rule: `uns.leiden_0%2E5_colors` is one entry, `uns.leiden_0.5_colors` a
// level.
//
// Columns. Numbers are one tensor, text two (`.offsets`, `.bytes`), categories `.codes` with their
// values. Values that are text are `.categories.offsets` and `.categories.bytes`. Values that are
// numbers or booleans are one tensor `.categories` of their own type. A column of whole numbers or
// booleans with missing values has a second tensor, `.missing`, of booleans. Whole numbers are I64,
// or U64 if one is above the largest of I64. Older streams lack numeric categories, `.missing` and
// such U64, and have all categories as text. They are read as before: the version of the profile is
// the same.
//
// Modalities. The main object is the RNA. Each further measurement of the same cells, in the same
// order, is a whole object under `mod.NAME`. Its tables have the names of the main one: mod.adt.X,
// mod.adt.var.mean, mod.adt.layers.counts, mod.adt.obs.size_factors. The setting
// `uns.second_modality` names the one that models use together with the RNA. Inside it
// `mod.NAME.uns.features.kind` (proteins, peaks, other) and `mod.NAME.uns.features.transform` (clr,
// tfidf, log, none) show what it holds. Without layers.counts its values are real numbers, not
// counts. What concerns the cells by both measurements is in the main object: obsm.X_second,
// obsm.X_joint, obsp, `uns.joint.second_weight`.

import CellData

/// The words of our profile of safetensors.
enum Profile {
  /// The value of `format` in the metadata.
  static let format = "single-cell-clustering"
  static let version = "1"
  static let formatKey = "format"
  static let versionKey = "format_version"
  static let historyKey = "history"
  /// A JSON object: the CRC-32 of every tensor's bytes.
  static let tensorCRCKey = "crc32"
  /// The CRC-32 of N and the header, with these eight digits taken as zeros.
  static let headerCRCKey = "header_crc32"
  /// A JSON array: the names of the modalities in their order.
  static let modalitiesKey = "modalities"
  /// What free settings begin with.
  static let settingsPrefix = "uns."
  /// What metadata of other writers is kept under, as settings: the value as a JSON string.
  static let foreignPrefix = "uns.metadata."
  /// The first components that belong to tables of the annotated object.
  static let tables: Set<String> = [
    "X", "layers", "obs", "var", "obsm", "varm", "obsp", "raw", "mod",
  ]

  /// A name as one component of a path.
  static func escaped(_ name: String) -> String {
    name == "_index" ? "%5Findex" : DottedName.escaped(name)
  }

  /// The name that a component denotes.
  static func unescaped(_ component: String) -> String { DottedName.unescaped(component) }
}
