import CellData
import DataFormats
import Tensors
import Testing

@Suite struct TextTests {
  private let expected = Matrix<Float>([[0, 1.5, 0], [2, 0, 0]])

  @Test(arguments: [
    ",g1,g2,g3\na,0,1.5,0\nb,2,0,0\n", "g1\tg2\tg3\na\t0\t1.5\t0\nb\t2\t0\t0",
    "\"\",\"g1\",\"g2\",\"g3\"\r\n\"a\",0,1.5,0\r\n\"b\",2e0,0,-0\r\n\r\n",
    "\u{FEFF}cell;g1;g2;g3\na;0;+1.5;0.0\nb; 2 ;0;0\n",
  ]) func headersDelimitersAndLineEnds(_ text: String) throws {
    let folder = try TestFolder()
    for bytes in [Array(text.utf8), gzipped(Array(text.utf8))] {
      let path = try folder.file("table.txt", bytes)
      #expect(try DataFormats.sniff(path: path) == .text)
      let data = try DataFormats.read(path: path)
      #expect(data.obs.index == ["a", "b"] && data.var.index == ["g1", "g2", "g3"])
      #expect(data.x == .sparse(SparseMatrix(expected)))
    }
  }

  @Test func genesInRowsAreTurned() throws {
    let folder = try TestFolder()
    let path = try folder.file("t.csv", ",a,b\ng,1,0\ng,0,0\nh,0,3\n")
    let data = try DataFormats.read(path: path, options: ReadingOptions(isTransposed: true))
    #expect(data.obs.index == ["a", "b"] && data.var.index == ["g", "g-1", "h"])
    #expect(data.x?.dense() == Matrix([[1, 0, 0], [0, 0, 3]]))
  }

  @Test func namesAreMadeUniqueAsScanpyDoes() throws {
    let folder = try TestFolder()
    let path = try folder.file("t.csv", ",a,a,a-1,a,b,b\nc,1,2,3,4,5,6\n")
    #expect(try DataFormats.read(path: path).var.index == ["a", "a-2", "a-1", "a-3", "b", "b-1"])
  }

  @Test(arguments: [
    (",g\na,1\na,2\n", "column 1: the cell a (number 2) appears twice"),
    (",g,h\na,1,2\nb,1\n", "line 3: fewer than 2 values"),
    (",g,h\na,1,2\nb,1,2,3\n", "line 3: more than 2 values"),
    (",g,h\na,1,x\n", "line 2, column 3: a, h: `x` is not a number"),
    (",g,h\na,1,nan\n", "line 2, column 3: a, h: the value is nan"),
    (",g,h\na,1,-inf\n", "line 2, column 3: a, h: the value is -inf"),
    (",g,h\na,1,1e39\n", "line 2, column 3: a, h: the value is 1e+39"),
    (",g,h\na,1,0x10\n", "line 2, column 3: a, h: `0x10` is not a number"),
    (",g,h\n", "no line with values"),
  ]) func faultsNameTheirPlace(_ text: String, _ message: String) throws {
    let folder = try TestFolder()
    let path = try folder.file("t.csv", text)
    let found = fault { _ = try DataFormats.read(path: path) }
    #expect(found?.kind == .badData)
    #expect(found?.description.hasPrefix(message) == true, "\(found?.description ?? "none")")
  }

  @Test func bytesThatAreNotUTF8AreRefusedWithTheirLine() throws {
    let folder = try TestFolder()
    let path = try folder.file("t.csv", Array(",g\nb".utf8) + [0xFF] + Array(",1\n".utf8))
    #expect(fault { _ = try DataFormats.read(path: path) }?.place == "line 2, column 1")
  }

  @Test func damagedGzipIsRefused() throws {
    let folder = try TestFolder()
    let good = gzipped(Array(",g,h\na,1,2\n".utf8))
    var flipped = good
    flipped[good.count - 6] ^= 1
    for (bytes, word) in [
      (Array(good.dropLast(3)), "cut short"), (flipped, "damaged"),
      (good + Array("garbage".utf8), "after the end"),
    ] {
      let path = try folder.file("t.csv.gz", bytes)
      let found = fault { _ = try DataFormats.read(path: path, as: .text) }
      #expect(found?.kind == .badData && found?.problem.contains(word) == true)
    }
    // Several members, and zero bytes that pad, are part of the format.
    let parts = gzipped(Array(",g,h\na,".utf8)) + gzipped(Array("1,2\n".utf8)) + [0, 0, 0]
    let path = try folder.file("t.csv.gz", parts)
    #expect(try DataFormats.read(path: path).x?.dense() == Matrix([[1, 2]]))
  }

  @Test func sniffingLeavesOthersAlone() throws {
    let folder = try TestFolder()
    let stream: [UInt8] = [56, 0, 0, 0, 0, 0, 0, 0] + Array("{\"x\": 1}".utf8)
    #expect(try DataFormats.sniff(path: folder.file("s", stream)) == nil)
    #expect(try DataFormats.sniff(path: folder.file("e", [])) == nil)
    #expect(try DataFormats.sniff(path: folder.path) == .matrixMarket)
    #expect(fault { _ = try DataFormats.sniff(path: "/nonexistent") }?.kind == .noInput)
    #expect(fault { _ = try DataFormats.read(path: folder.path + "/e") }?.kind == .badData)
  }
}
