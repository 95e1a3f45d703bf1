import CellData
import DataFormats
import StageSupport
import Tensors

/// One sample of an experiment.
struct Sample {
  let name: String
  let path: Path
}

/// The samples of a run, and what a table has of them.
struct SampleTable {
  private(set) var samples: [Sample]
  /// Further columns: the name, and the text of each sample; nil for a missing one.
  private(set) var columns: [(name: String, values: [String?])] = []

  /// Samples of the command line. Throws kind `usage` for a name that two have.
  init(_ inputs: [NamedInput]) throws {
    samples = inputs.map { Sample(name: $0.sampleName, path: $0.path) }
    if let name = repeated {
      throw StageFault(
        .usage, "two inputs are called '\(name)'; name every sample by itself: NAME=FILE")
    }
  }

  /// Samples of a table with the columns `sample` and `file`; files are looked for in the folder of
  /// the table.
  ///
  /// Throws kind `badData` for missing columns and columns of one name, gaps in these two, and a
  /// sample that appears twice.
  init(_ table: DelimitedTable, at place: Path) throws {
    func fault(_ text: String) -> StageFault {
      StageFault(.badData, text, in: place.isStandard ? "standard input" : place.description)
    }
    let header = table.rows.first ?? []
    func column(_ wanted: String) throws -> Int {
      if let found = header.firstIndex(where: { $0.lowercased() == wanted }) { return found }
      throw fault(
        "there is no column '\(wanted)'; there are \(listed(header)); a table of samples has 'sample' and 'file'"
      )
    }
    if let name = Self.repeatedColumn(of: header) {
      throw fault("there are two columns '\(name)'; give every column its own name")
    }
    let (name, file) = (try column("sample"), try column("file"))
    let rows = Array(zip(table.rows, table.lineNumbers).dropFirst())
    if rows.isEmpty { throw fault("names no samples; write one per line below the header") }
    samples = []
    for (row, line) in rows {
      if row[name].isEmpty || row[file].isEmpty {
        throw fault("line \(line): the sample or its file is missing; fill both in")
      }
      samples.append(Sample(name: row[name], path: place.beside(row[file])))
      if repeated != nil {
        throw fault(
          "line \(line): the sample '\(row[name])' appears twice; give every sample its own name"
        )
      }
    }
    columns = header.indices.filter { $0 != name && $0 != file && !header[$0].isEmpty }.map { j in
      (header[j], rows.map { isMissingText($0.0[j]) ? nil : $0.0[j] })
    }
  }

  /// A name that two columns have; `Sample` is `sample`.
  private static func repeatedColumn(of header: [String]) -> String? {
    var seen: Set<String> = []
    return header.first { name in
      let known = name.lowercased()
      let isOurs = known == "sample" || known == "file"
      return !name.isEmpty && !seen.insert(isOurs ? known : name).inserted
    }
  }

  /// A name that two samples have.
  private var repeated: String? {
    var seen: Set<String> = []
    return samples.first { !seen.insert($0.name).inserted }?.name
  }

  /// Throws kind `noInput` for the first file that is not there, before any is read.
  func requireFiles(_ stage: Stage) throws {
    for sample in samples where !sample.path.isStandard && !stage.exists(sample.path) {
      throw StageFault(
        .noInput,
        "\(sample.path.description): cannot be opened: No such file or directory; check the name and its permissions"
      )
    }
  }

  /// What the table has, a row a cell: whole numbers, numbers, or classes. `rows` has the sample of
  /// every cell.
  func columns(of rows: [Int]) -> [(name: String, column: Column)] {
    columns.map { name, texts in
      let known = texts.compactMap(\.self)
      let missing = rows.map { texts[$0] == nil }
      if wholeNumbers(known) != nil {
        let values = Column.integer(Buffer(rows.map { texts[$0].flatMap { Int($0) } ?? 0 }))
        return (
          name, missing.contains(true) ? .nullable(values, missing: Buffer(missing)) : values
        )
      }
      if let numbers = realNumbers(known), numbers.allSatisfy(\.isFinite) {
        return (name, .float64(Buffer(rows.map { texts[$0].flatMap { Double($0) } ?? .nan })))
      }
      return (name, .categorical(Categories(rows.map { texts[$0] })))
    }
  }
}
