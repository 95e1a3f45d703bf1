import CellData
import DataFormats
import Tensors
import Testing

/// The lists of a 10x folder in forms that other programs gave them.
@Suite struct ListFormsTests {
  private static let matrix =
    "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 1\n3 1 5\n2 2 7\n"
  private static let features = "ENSG1\tACTB\nENSG2\tCD3D\nENSG3\tCD4\n"
  private static let barcodes = "AAAC-1\nCCCG-1\n"

  private func read(features: String = features, barcodes: String = barcodes) throws
    -> (data: CellData, said: [String])
  {
    let folder = try TestFolder()
    _ = try folder.file("matrix.mtx", Self.matrix)
    _ = try folder.file("features.tsv", features)
    _ = try folder.file("barcodes.tsv", barcodes)
    let lines = Announcements()
    let data = try DataFormats.read(path: folder.path, options: lines.options())
    return (data, lines.all)
  }

  @Test(
    "barcodes with numbers of lines, quotation marks, commas and blanks",
    arguments: [
      "1\tAAAC-1\n2\tCCCG-1\n", "0\tAAAC-1\n1\tCCCG-1\n", "\tx\n1\tAAAC-1\n2\tCCCG-1\n",
      "1,AAAC-1\n2,CCCG-1\n", ",x\n1,AAAC-1\n2,CCCG-1\n", "\"1\" \"AAAC-1\"\n\"2\" \"CCCG-1\"\n",
      "\"x\"\n\"1\" \"AAAC-1\"\n\"2\" \"CCCG-1\"\n",
      "\"V1\"\n\"1\"\t\"AAAC-1\"\n\"2\"\t\"CCCG-1\"\n",
    ])
  func numbered(_ text: String) throws {
    let (data, said) = try read(barcodes: text)
    #expect(data.obs.index == ["AAAC-1", "CCCG-1"])
    #expect(said.contains("barcodes.tsv: a column that numbers its lines is not read"))
  }

  @Test(
    "features with other delimiters than tabs, headers and numbers of lines",
    arguments: [
      "ENSG1 ACTB\nENSG2 CD3D\nENSG3 CD4\n", "ENSG1,ACTB\nENSG2,CD3D\nENSG3,CD4\n",
      "ENSG1;ACTB;Gene Expression\nENSG2;CD3D;Gene Expression\nENSG3;CD4;Gene Expression\n",
      "\"gene_id\" \"symbol\"\n\"ENSG1\" \"ACTB\"\n\"ENSG2\" \"CD3D\"\n\"ENSG3\" \"CD4\"\n",
      "\"V1\" \"V2\"\n\"1\" \"ENSG1\" \"ACTB\"\n\"2\" \"ENSG2\" \"CD3D\"\n\"3\" \"ENSG3\" \"CD4\"\n",
      "1\tENSG1\tACTB\n2\tENSG2\tCD3D\n3\tENSG3\tCD4\n",
      "1\tENSG1\tACTB\tGene Expression\n2\tENSG2\tCD3D\tGene Expression\n3\tENSG3\tCD4\tGene Expression\n",
      "\tgene_id\tgene_name\ttype\n1\tENSG1\tACTB\tGene Expression\n2\tENSG2\tCD3D\tGene Expression\n3\tENSG3\tCD4\tGene Expression\n",
    ])
  func features(_ text: String) throws {
    let (data, said) = try read(features: text)
    #expect(data.var.index == ["ACTB", "CD3D", "CD4"])
    #expect(data.var["gene_ids"] == .strings(["ENSG1", "ENSG2", "ENSG3"]))
    #expect(said.contains { $0.hasPrefix("features.tsv: ") })
    if text.contains("Gene Expression") {
      #expect(data.var["feature_types"]?.classes?.names == ["Gene Expression"])
    }
  }

  @Test(
    "names with blanks or commas in them stay whole",
    arguments: [
      "ENSG1\tHLA-A (3' UTR)\nENSG2\tCD3D\nENSG3\t5\" odd\n", "Protein 1\nProtein 2\nProtein 3\n",
      "CD3 (UCHT1)\nCD4\nCD8\n", "CD3,isotype\nCD4,isotype\nCD8,isotype\n",
    ])
  func wholeNames(_ text: String) throws {
    let (data, said) = try read(features: text)
    let names = text.split(separator: "\n").map { String($0.split(separator: "\t").last ?? "") }
    #expect(data.var.index == names && said.isEmpty)
    let cells = try read(barcodes: "sample 1\nsample 2\n")
    #expect(cells.data.obs.index == ["sample 1", "sample 2"] && cells.said.isEmpty)
  }

  @Test(
    "a matrix whose name has a list's words is no list beside itself",
    arguments: [
      "gene_count.txt", "cell_gene_counts.txt", "barcodes.txt",
    ])
  func matrixCalledLikeAList(_ name: String) throws {
    let folder = try TestFolder()
    let path = try folder.file(name, Self.matrix)
    _ = try folder.file("other_genes.txt", Self.matrix)
    _ = try folder.file(
      "gene_annotate.csv", "gene_id,gene_type,gene_short_name\nE1,x,A\nE2,x,B\nE3,x,C\n")
    _ = try folder.file("cell_annotate.csv", "sample,Total_reads\ns.x,4\ns.y,5\n")
    let lines = Announcements()
    let data = try DataFormats.read(path: path, options: lines.options())
    #expect(data.var.index == ["A", "B", "C"] && data.obs.index == ["s.x", "s.y"])
    #expect(data.var["gene_ids"] == .strings(["E1", "E2", "E3"]))
    #expect(
      lines.all == ["genes are named by gene_annotate.csv, cells are named by cell_annotate.csv"])
  }

  @Test(
    "features of 10x under a header",
    arguments: [
      "id\tname\ttype\nENSG1\tACTB\tGene Expression\nENSG2\tCD3D\tGene Expression\nENSG3\tCD4\tGene Expression\n",
      "Name\tID\tType\nACTB\tENSG1\tGene Expression\nCD3D\tENSG2\tGene Expression\nCD4\tENSG3\tGene Expression\n",
    ])
  func headedFeatures(_ text: String) throws {
    let data = try read(features: text).data
    #expect(data.var.index == ["ACTB", "CD3D", "CD4"])
    #expect(data.var["gene_ids"] == .strings(["ENSG1", "ENSG2", "ENSG3"]))
    #expect(data.var["feature_types"]?.classes?.names == ["Gene Expression"])
  }

  @Test("further columns of barcodes come along where a header names them")
  func furtherColumns() throws {
    let (data, _) = try read(barcodes: "barcode\tkind\tn\nAAAC-1\tB\t4\nCCCG-1\tT\t5\n")
    #expect(data.obs.index == ["AAAC-1", "CCCG-1"])
    #expect(data.obs["kind"]?.classes?.names == ["B", "T"])
    #expect(data.obs["n"] == .integer(Buffer([4, 5])))
  }
}
