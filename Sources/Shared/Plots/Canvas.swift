// The one wrapper around cairo. It draws to memory: the caller writes the bytes, and handles errors
// of writing.

import CCairo
import Colors
import Glibc
import Tensors

/// The format of a stored picture.
package enum PictureFormat: String, CaseIterable, Sendable {
  case png, svg, pdf

  /// Its media type.
  package var mediaType: String {
    switch self {
    case .png: "image/png"
    case .svg: "image/svg+xml"
    case .pdf: "application/pdf"
    }
  }

  /// Pixels (points in a PDF) for each unit.
  fileprivate var scale: Double {
    switch self {
    case .png: 2
    case .svg: 1
    case .pdf: 0.5
    }
  }
}

/// A sheet to draw on, with the origin at the top left.
@safe final class Canvas {
  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let format: PictureFormat
  private let sink = ByteCollector()

  /// An empty white sheet of that many units. Throws kind `noMemory`.
  init(width: Double, height: Double, format: PictureFormat) throws(PlotsFault) {
    self.format = format
    let (width, height) = (width * format.scale, height * format.scale)
    // SAFETY: cairo's objects may be in an error state but are never null; `sink` outlives both.
    let made =
      switch format {
      case .png: unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
      case .svg:
        unsafe cairo_svg_surface_create_for_stream(collectBytes, sink.address, width, height)
      case .pdf:
        unsafe cairo_pdf_surface_create_for_stream(collectBytes, sink.address, width, height)
      }
    guard let made = unsafe made, let context = unsafe cairo_create(made) else {
      throw PlotsFault(.noMemory, "the picture: cairo has no memory for it; free some")
    }
    unsafe surface = made
    unsafe self.context = context
    if format == .pdf {
      // SAFETY: the surface is a PDF's. The date is a constant: a date of the clock would change
      // the bytes of every run.
      unsafe cairo_pdf_surface_set_metadata(
        made, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    }
    try check()
    // SAFETY: the context is valid until `deinit`.
    unsafe cairo_scale(context, format.scale, format.scale)
    fill(.paper)
    unsafe cairo_paint(context)
  }

  deinit {
    // SAFETY: this object owns both, and nothing else has them.
    unsafe cairo_destroy(context)
    unsafe cairo_surface_destroy(surface)
  }

  /// The finished picture. Nothing can be drawn after it.
  func finish() throws(PlotsFault) -> [UInt8] {
    try check()
    if format == .png {
      // SAFETY: `sink` lives through the call.
      let status = unsafe cairo_surface_write_to_png_stream(surface, collectBytes, sink.address)
      try check(status)
    }
    // SAFETY: this object owns the surface; cairo writes the rest now.
    unsafe cairo_surface_finish(surface)
    try check(unsafe cairo_surface_status(surface))
    return sink.bytes
  }

  private func check() throws(PlotsFault) {
    // SAFETY: the context is valid.
    try check(unsafe cairo_status(context))
  }

  private func check(_ status: cairo_status_t) throws(PlotsFault) {
    if status == CAIRO_STATUS_SUCCESS { return }
    // SAFETY: the text is a constant of cairo's.
    let text = unsafe String(cString: cairo_status_to_string(status))
    throw PlotsFault(
      status == CAIRO_STATUS_NO_MEMORY ? .noMemory : .internalError,
      "the picture: cairo says '\(text)'; write the other format, or report it")
  }

  private func fill(_ color: Color, opacity: Double = 1) {
    // SAFETY: the context is valid.
    unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
  }

  /// A filled disk.
  func dot(x: Double, y: Double, radius: Double, _ color: Color, opacity: Double = 1) {
    fill(color, opacity: opacity)
    // SAFETY: the context is valid. A line of no length with a round end is a disk, with a tenth of
    // the text in SVG.
    unsafe cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    unsafe cairo_set_line_width(context, 2 * radius)
    unsafe cairo_move_to(context, x, y)
    unsafe cairo_line_to(context, x, y)
    unsafe cairo_stroke(context)
  }

  /// The outline of a rectangle.
  func frame(_ area: Rectangle, _ color: Color) {
    fill(color)
    // SAFETY: the context is valid.
    unsafe cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
    unsafe cairo_set_line_width(context, 1.2)
    unsafe cairo_rectangle(context, area.x, area.y, area.width, area.height)
    unsafe cairo_stroke(context)
  }

  /// A filled rectangle.
  func fill(_ area: Rectangle, _ color: Color) {
    fill(color)
    // SAFETY: the context is valid.
    unsafe cairo_rectangle(context, area.x, area.y, area.width, area.height)
    unsafe cairo_fill(context)
  }

  /// A filled polygon.
  func fill(_ corners: [(x: Double, y: Double)], _ color: Color, opacity: Double = 1) {
    guard let first = corners.first else { return }
    fill(color, opacity: opacity)
    // SAFETY: the context is valid.
    unsafe cairo_move_to(context, first.x, first.y)
    for corner in corners.dropFirst() { unsafe cairo_line_to(context, corner.x, corner.y) }
    unsafe cairo_close_path(context)
    unsafe cairo_fill(context)
  }

  /// Pieces of a line.
  struct Dashes {
    /// The length of a dash, the length of the gap after it, and the length before the first dash.
    let drawn, left, start: Double

    /// The position in the pattern at which a line begins.
    fileprivate var offset: Double { drawn + left - start }
  }

  /// Straight lines from point to point, solid or dashed; a single point is a dot.
  func line(
    _ points: [(x: Double, y: Double)], width: Double, _ color: Color, dashes: Dashes? = nil
  ) {
    guard let first = points.first else { return }
    if points.count == 1 { return dot(x: first.x, y: first.y, radius: width, color) }
    fill(color)
    // SAFETY: the context is valid.
    unsafe cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
    unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    unsafe cairo_set_line_width(context, width)
    unsafe cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { unsafe cairo_line_to(context, point.x, point.y) }
    let lengths = dashes.map { [$0.drawn, $0.left] } ?? []
    // SAFETY: cairo copies the lengths; without lengths, lines are solid.
    unsafe lengths.withUnsafeBufferPointer {
      unsafe cairo_set_dash(context, $0.baseAddress, Int32($0.count), dashes?.offset ?? 0)
    }
    unsafe cairo_stroke(context)
    // SAFETY: the context is valid.
    unsafe cairo_set_dash(context, nil, 0, 0)
  }

  /// The width of a line of text.
  func width(of text: String, size: Double, isBold: Bool = false) -> Double {
    setFont(size, isBold)
    var extents = cairo_text_extents_t()
    // SAFETY: the call fills `extents`; the text ends in zero.
    unsafe cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  /// A bar of the shades from 0 to 1, the first on the left.
  func fill(_ bar: Rectangle, by shade: (_ place: Double) -> Color) {
    let steps = 24
    for step in 0..<steps {
      let piece = Rectangle(
        x: bar.x + bar.width * Double(step) / Double(steps), y: bar.y,
        width: bar.width / Double(steps) + 0.5, height: bar.height)
      fill(piece, shade((Double(step) + 0.5) / Double(steps)))
    }
  }

  /// A line of text with its baseline at `y`; `alignment` is the share of its width to the left of
  /// `x`. With a halo it remains legible on dots.
  func text(
    _ text: String, x: Double, y: Double, size: Double, isBold: Bool = false,
    alignment: Double = 0, hasHalo: Bool = false, isUpright: Bool = false, color: Color = .ink
  ) {
    let text = text.printable
    let shift = alignment * width(of: text, size: size, isBold: isBold)
    // SAFETY: the context is valid; the text ends in zero.
    unsafe cairo_save(context)
    unsafe cairo_translate(context, x, y)
    if isUpright { unsafe cairo_rotate(context, -Double.pi / 2) }
    unsafe cairo_move_to(context, -shift, 0)
    if hasHalo {
      fill(.paper, opacity: 0.9)
      unsafe cairo_text_path(context, text)
      unsafe cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
      unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
      unsafe cairo_set_line_width(context, size / 3.5)
      unsafe cairo_stroke(context)
      unsafe cairo_move_to(context, -shift, 0)
    }
    fill(color)
    unsafe cairo_show_text(context, text)
    unsafe cairo_restore(context)
  }

  private func setFont(_ size: Double, _ isBold: Bool) {
    let weight = isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL
    // SAFETY: the context is valid; the name is a constant.
    unsafe cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL, weight)
    unsafe cairo_set_font_size(context, size)
  }
}

/// Collects the bytes that cairo writes.
private final class ByteCollector {
  var bytes: [UInt8] = []

  /// The address that cairo passes to `collectBytes`.
  var address: UnsafeMutableRawPointer {
    // SAFETY: the canvas keeps the collector alive as long as cairo has the address.
    unsafe Unmanaged.passUnretained(self).toOpaque()
  }
}

/// Appends a run of bytes to the `ByteCollector` at `context`.
private func collectBytes(
  _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt32
) -> cairo_status_t {
  // SAFETY: `context` is the address of a living collector, and `bytes` holds `count` bytes.
  guard let context = unsafe context, let bytes = unsafe bytes else {
    return CAIRO_STATUS_WRITE_ERROR
  }
  let collector = unsafe Unmanaged<ByteCollector>.fromOpaque(context).takeUnretainedValue()
  unsafe collector.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
  return CAIRO_STATUS_SUCCESS
}
