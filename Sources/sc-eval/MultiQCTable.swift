import StageSupport
import Tensors

/// The figures of one sample as custom content of MultiQC, which puts the samples that it finds
/// together into one table.
///
/// The file should be called `…_mqc.json` for MultiQC to find it.
struct MultiQCTable {
  let sample: String
  let report: Report

  var text: String {
    let rows = report.rows.filter { $0.number != nil }
    let headers = rows.map { row -> (key: String, value: JSONValue) in
      let measure = Measure.known[row.name]
      var fields: [(key: String, value: JSONValue)] = [
        ("title", .string(measure?.title ?? row.name)),
        ("description", .string(measure?.meaning ?? row.name)),
        ("hidden", .boolean(!(measure?.isPrincipal ?? false))),
      ]
      if case .integer = row.value {
        fields += [("format", "{:,.0f}")]
      } else {
        fields += [("format", "{:,.3f}")]
      }
      if let range = measure?.range {
        fields += [("min", .number(range.low)), ("max", .number(range.high))]
      }
      return (row.name, .object(fields))
    }
    return JSONValue.object([
      ("id", "sc_eval"), ("section_name", "Single-cell clustering"),
      (
        "description",
        "How well the clusters agree with known types, and how well they are separated."
      ),
      ("plot_type", "table"),
      ("pconfig", .object([("id", "sc_eval_table"), ("title", "Single-cell clustering")])),
      ("headers", .object(headers)),
      ("data", .object([(sample, .object(rows.map { ($0.name, $0.value) }))])),
    ]).text.printableJSON + "\n"
  }
}
