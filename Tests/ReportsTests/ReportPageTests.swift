import Foundation
import Reports
import Testing

@Suite struct ReportPageTests {
  @Test("base64 is Foundation's, at every length")
  func encoding() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
      #expect(base64(bytes) == Data(bytes).base64EncodedString())
    }
  }

  @Test("markup and invisible characters in the data are quoted")
  func quoting() {
    #expect("<b a='1' c=\"2\">&".markup == "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;")
    #expect("a\u{0}\n\u{202E}é細".markup == "a\\x00\\x0a\\u{202e}é細")
  }

  private func page(_ text: String) -> String {
    let table = ReportTable(
      caption: text, headings: ["name", text], rows: [[text, "1"]], numbers: [1])
    let picture = ReportPicture(
      mediaType: "image/svg+xml", bytes: Array("<svg/>".utf8), alternative: text, caption: text)
    return ReportPage(
      title: text, subtitle: text,
      sections: [
        .init(
          text,
          [
            .paragraph(text), .table(table), .picture(picture),
            .folded(title: text, [.paragraph(text)]),
          ]
        )
      ]
    ).text
  }

  @Test("no place of the page lets markup through")
  func injection() {
    let (plain, hostile) = (page("word"), page("\"><script src='http://x'>&"))
    #expect(!hostile.contains("<script") && !hostile.contains("src='"))
    // As many elements as without.
    #expect(hostile.count { $0 == "<" } == plain.count { $0 == "<" })
    #expect(hostile.count { $0 == "\"" } == plain.count { $0 == "\"" })
  }

  @Test("nothing outside is asked for, and every element is closed")
  func selfContained() throws {
    let text = page("word")
    #expect(!text.contains("http:") && !text.contains("https:") && !text.contains("url("))
    #expect(text.contains("default-src 'none'"))
    #expect(text.contains("src=\"data:image/svg+xml;base64,\(base64(Array("<svg/>".utf8)))\""))
    for element in ["table", "section", "details", "figure", "tr", "td", "th", "p", "body"] {
      let opened =
        text.components(separatedBy: "<\(element)>").count
        + text.components(separatedBy: "<\(element) ").count - 2
      #expect(
        opened > 0 && opened == text.components(separatedBy: "</\(element)>").count - 1,
        "\(element)")
    }
  }
}
