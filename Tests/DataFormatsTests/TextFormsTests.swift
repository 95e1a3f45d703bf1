import CellData
import DataFormats
import Tensors
import Testing

/// Tables of text in the forms that other programs write.
@Suite struct TextFormsTests {
  private let expected = Matrix<Float>([[0, 1, 0, 5], [2, 0, 0, 0], [2, 0, 3, 1]])
  private let cells = ["a", "b", "c"]
  private let genes = ["g1", "g2", "g3", "g4"]

  /// The contents of a table, and the messages about it.
  private func read(_ text: String, _ options: ReadingOptions = ReadingOptions()) throws
    -> (data: CellData, said: [String])
  {
    let folder = try TestFolder()
    let path = try folder.file("table.txt", text)
    let lines = Announcements()
    var options = options
    options.announce = lines.options().announce
    options.isOrientationChecked = true
    return (try DataFormats.read(path: path, options: options), lines.all)
  }

  @Test(
    "comments, blanks and delimiters at the end change nothing",
    arguments: [
      "# made by hand; 2020, in two parts\n#\n,g1,g2,g3,g4\na,0,1,0,5\nb,2,0,0,0\nc,2,0,3,1\n",
      "cell  g1   g2 g3  g4\n  a  0 1  0   5\nb 2   0  0 0\nc 2 0 3 1  \n",
      "   g1 g2 g3 g4\n\"a\"   0  1  0  5\n\"b\"   2  0  0  0\n\"c\"   2  0  3  1\n",
      "CELL\tg1\tg2\tg3\tg4\t\na\t0\t1\t0\t5\t\nb\t2\t0\t0\t0\t\nc\t2\t0\t3\t1\t\n",
      ",g1,g2,g3,g4\na,0,1,0,5,\nb,2,0,0,0,\nc,2,0,3,1,\n",
      "c;g1;g2;g3;g4\n\"a\";0;1;0;5\n\"b\";2;0;0;0\nc;2;0;3;1\n",
      "## of a program\n# g1 g2 g3 g4\na 0 1 0 5\nb 2 0 0 0\nc 2 0 3 1\n",
      "\u{FEFF}#x\r\n\"\";\"g1\";\"g2\";\"g3\";\"g4\"\r\n\"a\";0;1;0;5\r\n\"b\";2;0;0;0\r\n\"c\";2;0;3;1\r\n",
    ])
  func forms(_ text: String) throws {
    let data = try read(text).data
    #expect(data.obs.index == cells && data.var.index == genes)
    #expect(data.x?.dense() == expected)
  }

  @Test(
    "a first line of values is no header",
    arguments: [
      "a1,0,1,0,5\na2,2,0,0,0\n", "c0,5,3,1\nc1,0,2,4\n", "0 1 0 5\n2 0 0 0\n",
      "1.5e0\t2.5e0\t1e0\n0\t1\t0\n", "g1\t0\t0\t7\ng2\t1\t1\t1\n",
    ])
  func withoutHeader(_ text: String) throws {
    let found = fault { _ = try read(text) }
    #expect(found?.kind == .badData && found?.place == "line 1")
    #expect(found?.problem == "holds numbers, not names")
  }

  @Test("numbers that are names stay names, and that is said")
  func numbers() throws {
    let (data, said) = try read(",0,1,2,3\na,0,1,0,5\nb,2,0,0,0\nc,2,0,3,1\n")
    #expect(data.var.index == ["0", "1", "2", "3"] && data.x?.dense() == expected)
    #expect(said.contains { $0.contains("genes have numbers as names") })
    let (entrez, nothing) = try read("id,100,12,9,1\nacgtcell_1,0,1,0,5\ncell_2,2,0,0,0\n")
    #expect(entrez.var.index == ["100", "12", "9", "1"] && nothing.isEmpty)
    let rows = try read(",gene1,gene2\n0,1,0\n1,2,2\n2,0,1\n")
    #expect(rows.data.obs.index == ["0", "1", "2"])
    #expect(rows.said == ["its cells have numbers as names: 0, 1, 2"])
    let unnamed = fault { _ = try read("GAPDH,ACTB,g3\n5,1,0\n7,0,1\n") }
    #expect(unnamed?.problem.hasPrefix("'GAPDH' holds numbers") == true)
  }

  @Test("columns that are no counts go to the table of their axis, and that is said")
  func annotations() throws {
    let text = """
      barcode,cell_type,gene1,gene2,n_genes,leiden
      cell1,"T, naive",1,0,2,0
      cell2,B,2,2,1,1
      cell3,NA,0,1,1,1
      """
    let (data, said) = try read(text)
    #expect(data.var.index == ["gene1", "gene2"])
    #expect(data.x?.dense() == Matrix([[1, 0], [2, 2], [0, 1]]))
    #expect(data.obs.columnNames == ["cell_type", "n_genes", "leiden"])
    #expect(data.obs["leiden"] == .integer(Buffer([0, 1, 1])))
    #expect(data.obs["cell_type"]?.classes?.names == ["B", "T, naive"])
    #expect(data.obs["cell_type"]?.classes.map { Array($0.codes) } == [1, 0, -1])
    #expect(said == ["cell_type, n_genes, leiden: no counts; kept in obs"])
  }

  @Test(
    "columns that these programs write are no genes",
    arguments: [
      "barcode\tcluster\tconfidence\nc1\t0\t0.82\nc2\t1\t0.5\n",
      "barcode\tcluster\tconfidence\tvotes\tnovel\nc1\t0\t0.82\t0.9\tFalse\nc2\t1\t0.5\t1\tTrue\n",
    ])
  func tablesOfClusters(text: String) {
    #expect(
      fault { _ = try read(text) }?.problem == "a table of words or annotations, not a matrix")
  }

  @Test("genes in rows with identifiers, symbols and rows about the cells")
  func genesInRows() throws {
    let text = """
      gene_id\tgene_name\tlength\tcell1\tcell2
      ENSG00000000001\tA\t100\t1\t0
      ENSG00000000002\t\t50\t3\t4
      cluster\tNA\tNA\t7\t8
      """
    let refused = fault { _ = try read(text) }
    #expect(refused?.kind == .badData && refused?.advice.contains("--transpose") == true)
    var options = ReadingOptions()
    options.orientation = .genes
    for options in [options, ReadingOptions(isTransposed: true)] {
      let data = try read(text, options).data
      #expect(data.obs.index == ["cell1", "cell2"])
      #expect(data.var.index == ["A", "ENSG00000000002"])
      #expect(data.var["gene_ids"]?.classes?.names == ["ENSG00000000001", "ENSG00000000002"])
      #expect(data.var["length"] == .integer(Buffer([100, 50])))
      #expect(data.obs["cluster"] == .integer(Buffer([7, 8])))
      #expect(data.x?.dense() == Matrix([[1, 3], [0, 4]]))
    }
  }

  @Test("columns beside those that are called as cells are say something about the genes")
  func columnsBesideCells() throws {
    var options = ReadingOptions()
    options.isTransposed = true
    func found(_ cells: [String]) throws -> (CellData, [String]) {
      let names = ["GC"] + cells + ["Best"]
      let lines = (1...3).map { gene in
        (["G\(gene)"] + names.indices.map { "\($0 + gene)" }).joined(separator: "\t")
      }
      let text = ([(["gene"] + names).joined(separator: "\t")] + lines).joined(separator: "\n")
      let (data, said) = try read(text + "\n", options)
      return (data, said)
    }
    let barcodes = (0..<12).map { "ACGTACGTACGTAC\($0 % 2 == 0 ? "A" : "C")G-\($0)" }
    let (data, said) = try found(barcodes)
    #expect(data.obs.index == barcodes && data.var.columnNames == ["GC", "Best"])
    #expect(said.contains { $0.contains("GC, Best: no counts; kept in var") })
    // Few names, or others among them, are no evidence.
    #expect(try found(Array(barcodes.prefix(9))).0.cellCount == 11)
    #expect(try found(barcodes.prefix(6) + ["other"] + barcodes.suffix(6)).0.cellCount == 15)
  }

  @Test("a column of fractions among many of whole numbers is no gene")
  func fractions() throws {
    let genes = (0..<25).map { "gene\($0)" }
    let rows = (0..<4).map { i in "cell\(i)," + genes.map { _ in "\(i)" }.joined(separator: ",") }
    let text =
      "," + genes.joined(separator: ",") + ",odd\n"
      + rows.map { "\($0),0.25\n" }.joined()
    let (data, said) = try read(text)
    #expect(data.geneCount == 25 && data.obs["odd"] == .float64(Buffer([0.25, 0.25, 0.25, 0.25])))
    #expect(said == ["odd: no counts; kept in obs"])
  }

  @Test("the names that stand beside numbers of rows name the rows")
  func namesBesideNumbers() throws {
    let data = try read(",barcode,gene1,gene2\n0,x-1,1,0\n1,x-2,2,2\n").data
    #expect(data.obs.index == ["x-1", "x-2"] && data.obs.columnNames.isEmpty)
    #expect(data.var.index == ["gene1", "gene2"])
  }

  @Test(
    "long tables are read in any order of their columns",
    arguments: [
      "gene\tcell\tcount\nG1\tc_a\t3\nG2\tc_a\t1\nG2\tc_b\t2\n",
      "cell,gene,count\nc_a,G1,3\nc_a,G2,1\nc_b,G2,2\n",
      "count;barcode;symbol\n3;c_a;G1\n1;c_a;G2\n2;c_b;G2\n",
      "Cell_Index,Gene,RSEC_Reads,RSEC_Adjusted_Molecules\nc_a,G1,9,3\nc_a,G2,9,1\nc_b,G2,9,2\n",
      "G1\tc_a\t3\nG2\tc_a\t1\nG2\tc_b\t2\n",
      "gene cell count\nG1 c_a 2\nG2 c_a 1\nG2 c_b 2\nG1 c_a 1\n",
    ])
  func longTables(_ text: String) throws {
    let (data, said) = try read(text)
    #expect(data.obs.index == ["c_a", "c_b"] && data.var.index == ["G1", "G2"])
    #expect(data.x?.dense() == Matrix([[3, 1], [0, 2]]))
    #expect(said.count == 1 && said[0].hasPrefix("a long table of"))
  }

  @Test("long tables without words are recognized by their names, or say what was assumed")
  func longTablesWithoutWords() throws {
    let barcodes = "AAACCCGGGTTTAC-1,MT-ND1,3\nAAACCCGGGTTTAC-1,ACTB,1\nCCCCCCGGGTTTAC-1,ACTB,2\n"
    let (data, said) = try read(barcodes)
    #expect(data.var.index == ["MT-ND1", "ACTB"] && data.cellCount == 2)
    #expect(!said[0].contains("assumed"))
    let assumed = try read("p,q,1\nr,q,2\n")
    #expect(assumed.data.var.index == ["p", "r"] && assumed.said[0].contains("assumed"))
    let turned = try read("p,q,1\nr,q,2\n", ReadingOptions(isTransposed: true))
    #expect(turned.data.obs.index == ["p", "r"])
    let found = fault { _ = try read("gene,cell,count\nG1,a,1\nG2,a,x\n") }
    #expect(found?.place == "line 3, column 3")
  }

  @Test(
    "the options act on long tables with words too, and names that contradict these end the reading"
  )
  func longTablesAgainstTheirWords() throws {
    let lines = "AAACCCGGGTTTAC-1\tMT-ND1\t3\nAAACCCGGGTTTAC-1\tACTB\t1\n"
    let wrong = "gene\tcell\tcount\n" + lines
    let found = fault { _ = try read(wrong) }
    #expect(
      found?.problem.hasPrefix("the names that its header calls genes look like cells") == true)
    #expect(found?.advice.contains("--transpose") == true)
    var cells = ReadingOptions()
    cells.orientation = .cells
    for options in [ReadingOptions(isTransposed: true), cells] {
      let (data, said) = try read(wrong, options)
      #expect(data.obs.index == ["AAACCCGGGTTTAC-1"] && data.var.index == ["MT-ND1", "ACTB"])
      #expect(said.count == 1 && said[0].contains("against the header"))
    }
    let right = "cell\tgene\tcount\n" + lines
    #expect(try read(right, cells).data.cellCount == 1)
    #expect(try read(right, ReadingOptions(isTransposed: true)).data.cellCount == 2)
    cells.orientation = .genes
    #expect(try read(right, cells).data.cellCount == 2)
  }

  @Test("CosMx matrices: cells are named by field of view, what lies in none is left out")
  func cosMx() throws {
    let (data, said) = try read(
      "fov,cell_ID,AATK,ABL1\n1,0,9,9\n1,1,1,0\n1,2,0,4\n2,0,9,9\n2,1,3,0\n")
    #expect(data.obs.index == ["1_1", "2_1", "1_2"])
    #expect(data.obs["fov"] == .integer(Buffer([1, 1, 2])))
    #expect(data.var.index == ["AATK", "ABL1"])
    #expect(data.x?.dense() == Matrix([[1, 0], [0, 4], [3, 0]]))
    #expect(said.contains { $0.contains("cell_ID 0") && $0.hasSuffix("left out: 2") })
  }

  @Test("tables of featureCounts have their genes in rows, whatever is asked")
  func featureCounts() throws {
    let text = """
      # Program:featureCounts v2.0.1; Command:"featureCounts" "-a" "a.gtf"
      Geneid\tChr\tStart\tEnd\tStrand\tLength\t/data/x/s1.bam\t/data/x/s2.bam
      ENSG00000000001\tchr1;chr1\t1;5\t3;9\t+;+\t7\t4\t0
      ENSG00000000002\tchr2\t1\t3\t-\t2\t0\t6
      """
    for options in [ReadingOptions(), ReadingOptions(isTransposed: true)] {
      let (data, said) = try read(text, options)
      #expect(data.obs.index == ["s1", "s2"])
      #expect(data.var.index == ["ENSG00000000001", "ENSG00000000002"])
      #expect(data.var.columnNames == ["Chr", "Start", "End", "Strand", "Length"])
      #expect(data.x?.dense() == Matrix([[4, 0], [0, 6]]))
      #expect(said.first?.hasPrefix("a table of featureCounts") == true)
    }
  }

  @Test("commas in numbers and a second line of names are called so")
  func whatIsNoTable() throws {
    let comma = fault { _ = try read(";g1;g2\na;1,5;0\nb;0;2,5\n") }
    #expect(comma?.place == "line 2, column 2" && comma?.problem == "`1,5` has a comma in a number")
    let names = fault { _ = try read(",g1,g2\n,kind,kind\na,1,2\nb,0,4\n") }
    #expect(names?.place == "line 2" && names?.problem.hasPrefix("is a second line") == true)
    for text in ["cell,kind,day\na,x,y\nb,x,z\n", ",orig.ident,nCount_RNA\na,x,100\nb,x,101\n"] {
      #expect(
        fault { _ = try read(text) }?.problem == "a table of words or annotations, not a matrix")
    }
  }

  @Test("lines that end in carriage returns alone are called so")
  func carriageReturns() throws {
    #expect(
      fault { _ = try read(",g1,g2\ra,1,2\r") }?.problem
        == "its lines end in carriage returns alone")
  }
}
