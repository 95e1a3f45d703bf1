// One file that a browser opens without any request. Style and pictures are in it, there is no
// script, and a policy in its head forbids requests. Text from the data is quoted.

/// A page of text, tables and pictures.
package struct ReportPage: Sendable {
  /// A piece of the page.
  package enum Block: Sendable {
    case paragraph(String)
    case table(ReportTable)
    case picture(ReportPicture)
    /// Shown only when the reader opens it.
    case folded(title: String, [Block])
  }

  /// Blocks under a heading.
  package struct Section: Sendable {
    package let title: String
    package let blocks: [Block]

    package init(_ title: String, _ blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  private let title: String
  private let subtitle: String
  private let sections: [Section]

  package init(title: String, subtitle: String, sections: [Section]) {
    self.title = title
    self.subtitle = subtitle
    self.sections = sections
  }

  /// The page as HTML.
  package var text: String {
    let parts = sections.enumerated().map { number, section in
      "<section aria-labelledby=\"s\(number)\">\n<h2 id=\"s\(number)\">\(section.title.markup)</h2>\n"
        + section.blocks.map(ReportPage.text).joined() + "</section>\n"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title.markup)</title>
      <style>
      \(ReportPage.style)
      </style>
      </head>
      <body>
      <header><h1>\(title.markup)</h1><p>\(subtitle.markup)</p></header>
      <main>
      \(parts.joined())</main>
      </body>
      </html>

      """
  }

  private static func text(_ block: Block) -> String {
    switch block {
    case .paragraph(let text): "<p>\(text.markup)</p>\n"
    case .table(let table): table.text
    case .picture(let picture): picture.text
    case .folded(let title, let blocks):
      "<details><summary>\(title.markup)</summary>\n\(blocks.map(text).joined())</details>\n"
    }
  }

  private static let style = """
    body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 75rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
    h1 { font-size: 1.9rem; margin: .5rem 0 0; overflow-wrap: anywhere; }
    header p { color: #555; margin: 0; }
    h2 { font-size: 1.3rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ccc; padding-bottom: .2rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: .4rem 0 1rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: #555; padding-bottom: .3rem; }
    th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eee; }
    thead th { border-bottom: 1px solid #888; white-space: nowrap; }
    .number { text-align: right; }
    td { overflow-wrap: anywhere; min-width: 3rem; }
    figure { margin: .5rem 0 1.5rem; }
    img { max-width: 100%; height: auto; border: 1px solid #eee; }
    figcaption { color: #555; }
    summary { cursor: pointer; padding: .2rem 0; }
    @media print { details:not([open]) > * { display: revert; } section { break-inside: avoid; } }
    """
}

/// Rows under headings.
package struct ReportTable: Sendable {
  private let caption: String?
  private let headings: [String]
  private let rows: [[String]]
  /// The columns that hold numbers, which are aligned right.
  private let numbers: Set<Int>

  package init(
    caption: String? = nil, headings: [String], rows: [[String]], numbers: Set<Int> = []
  ) {
    precondition(rows.allSatisfy { $0.count == headings.count }, "a cell a heading")
    self.caption = caption
    self.headings = headings
    self.rows = rows
    self.numbers = numbers
  }

  fileprivate var text: String {
    func cells(_ texts: [String], _ element: String, _ more: String = "") -> String {
      texts.enumerated().map { place, text in
        "<\(element)\(more)\(numbers.contains(place) ? " class=\"number\"" : "")>\(text.markup)</\(element)>"
      }.joined()
    }
    let head = "<thead><tr>\(cells(headings, "th", " scope=\"col\""))</tr></thead>\n"
    let body = rows.map { "<tr>\(cells($0, "td"))</tr>\n" }.joined()
    let title = caption.map { "<caption>\($0.markup)</caption>" } ?? ""
    return
      "<div class=\"wide\"><table>\(title)\n\(head)<tbody>\n\(body)</tbody></table></div>\n"
  }
}

/// A picture in the page.
package struct ReportPicture: Sendable {
  /// Such as `image/svg+xml`.
  private let mediaType: String
  private let bytes: [UInt8]
  /// The content of the picture, for readers who cannot see it.
  private let alternative: String
  private let caption: String

  package init(mediaType: String, bytes: [UInt8], alternative: String, caption: String) {
    self.mediaType = mediaType
    self.bytes = bytes
    self.alternative = alternative
    self.caption = caption
  }

  fileprivate var text: String {
    """
    <figure><img alt="\(alternative.markup)" src="data:\(mediaType.markup);base64,\(base64(bytes))">
    <figcaption>\(caption.markup)</figcaption></figure>

    """
  }
}
