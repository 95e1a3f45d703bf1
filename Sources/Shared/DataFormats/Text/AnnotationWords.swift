import CellData
import Tensors

/// The names by which columns of tables are known: columns that name cells or genes, and columns
/// that annotate them.
enum AnnotationWords {
  /// Words over a column of cells' names.
  static let cells: Set<String> = [
    "cell", "cells", "cellid", "cellids", "cellname", "cellnames", "cellindex", "barcode",
    "barcodes", "cellbarcode", "cellbarcodes", "bc", "cb", "bcwells", "spot", "spotid", "obsnames",
  ]

  /// Words over a column of genes' names.
  static let genes: Set<String> = [
    "gene", "genes", "geneid", "geneids", "genename", "genenames", "symbol", "symbols",
    "genesymbol", "genesymbols", "feature", "features", "featureid", "featurename", "ensembl",
    "ensemblid", "ensemblgeneid", "ensg", "hgncsymbol", "hgnc", "mgisymbol", "transcript",
    "transcriptid", "geneshortname", "probe", "probeid", "peak", "peaks", "varnames", "bioproduct",
    "target",
  ]

  /// Words over a column of symbols next to identifiers.
  static let symbols: Set<String> = [
    "genename", "genenames", "symbol", "symbols", "genesymbol", "genesymbols", "hgncsymbol",
    "mgisymbol", "featurename", "externalgenename", "geneshortname",
  ]

  /// Words over a column of identifiers.
  static let identifiers: Set<String> = [
    "geneid", "geneids", "ensembl", "ensemblid", "ensemblgeneid", "featureid", "accession", "id",
  ]

  /// Words over a column of counts; the first is preferred.
  static let counts = [
    "count", "counts", "umicount", "umicounts", "umi", "umis", "numi", "midcount", "midcounts",
    "rsecadjustedmolecules", "adjustedmolecules", "value", "n", "x", "expression", "reads", "freq",
  ]

  /// Whether a column of that name annotates cells or genes and is none of them. None of these
  /// words is a gene's symbol.
  static func isAnnotation(_ name: String) -> Bool {
    let word = plain(name)
    return ofCells.contains(word) || ofGenes.contains(word) || isOfFamily(name, word)
      || word.hasPrefix("pctcountsintop") || (word.hasPrefix("umap") && word.count <= 6)
      || (word.hasPrefix("tsne") && word.count <= 6)
  }

  /// Whether the name is one of a family: Seurat's `nCount_<assay>`, `nFeature_<assay>`,
  /// `<assay>_snn_res.<r>` and `res.<r>`, and `leiden_<r>`, `louvain_<r>` of scanpy's users.
  private static func isOfFamily(_ name: String, _ word: String) -> Bool {
    if name.hasPrefix("nCount_") || name.hasPrefix("nFeature_") { return true }
    if name.contains("_snn_res.") || name.contains("_nn_res.") { return true }
    if name.lowercased().hasPrefix("res."), Double(name.dropFirst(4)) != nil { return true }
    guard let method = ["leiden", "louvain", "phenograph"].first(where: { word.hasPrefix($0) })
    else { return false }
    let rest = word.dropFirst(method.count)
    return ["", "res", "resolution", "r"].contains {
      rest.hasPrefix($0) && rest.dropFirst($0.count).allSatisfy(\.isNumber)
    }
  }

  /// Small letters and digits alone: `nCount_RNA` as `ncountrna`.
  static func plain(_ name: String) -> String {
    String(
      decoding: name.utf8.compactMap { byte -> UInt8? in
        switch byte {
        case 0x41...0x5A: byte + 0x20
        case 0x61...0x7A, 0x30...0x39: byte
        default: byte > 0x7F ? byte : nil
        }
      }, as: UTF8.self)
  }

  private static let ofCells: Set<String> = Set(
    """
    ngenes ngene ngenesbycounts ncounts ncount numi numis totalcounts totalcount ncountrna nfeaturerna ncountadt nfeatureadt ncountatac \
    nfeatureatac ncountspatial nfeaturespatial percentmt percentmito percentmitochondrial pctcountsmt percentribo pctcountsribo totalcountsmt \
    log1pngenesbycounts log1ptotalcounts mitofraction mtfraction fractionmito leiden louvain cluster clusters clusterid seuratclusters kmeans \
    day batch batches batchid label labels celltype celltypes celltypemajor celltypeminor cellontologyclass cellontologyid annotation \
    sample sampleid samplename samples donor donorid patient patientid individual subject origident ident phase sscore g2mscore \
    doubletscore doubletscores predicteddoublet predicteddoublets isdoublet doublet sizefactor sizefactors tissue condition treatment genotype \
    sex gender age timepoint disease technology tech protocol plate well replicate group subclass region pseudotime dptpseudotime \
    intissue arrayrow arraycol imagerow imagecol xcoord ycoord centerxlocalpx centerylocalpx centerxglobalpx centeryglobalpx fov cellid \
    barcode cellbarcode bcwells species organism library libraryid mreadcount tscpcount genecount \
    phenograph numumis numgenes numreads umis nreads totalreads mappedreads totalumis totalumi totalgenes dataset passage stim \
    classlabel subclasslabel subclassid clusterlabel \
    confidence reliability votes novel clustersecond clusterconfidence clusterreliability clustervotes clusternovel
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  private static let ofGenes: Set<String> = Set(
    """
    length genelength chr chrom chromosome chromosomename seqname start end strand genename genesymbol symbol geneid ensemblid ensemblgeneid \
    biotype genebiotype genetype description entrezid entrezgeneid gccontent featuretype featuretypes effectivelength ncells ncellsbycounts \
    highlyvariable dispersions dispersionsnorm genome startposition endposition hgncsymbol mgisymbol externalgenename geneshortname
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}

extension Column {
  /// Texts of a file in their own type: whole numbers, numbers, booleans, else categories. Empty
  /// and NA are missing. Texts are numbers only if a program would write numbers like that
  /// (`PlainForm`).
  init(texts: [String]) {
    if let whole = wholeNumbers(texts) {
      self = .integer(Buffer(whole))
    } else if let known = realNumbers(texts.filter { !isMissingText($0) }) {
      var next = known.makeIterator()
      self = .float64(Buffer(texts.map { isMissingText($0) ? .nan : next.next() ?? .nan }))
    } else if let flags = converted(
      texts, { ["TRUE", "True", "FALSE", "False"].contains($0) ? $0.first == "T" : nil })
    {
      self = .boolean(Buffer(flags))
    } else {
      self = .categorical(Categories(texts.map { isMissingText($0) ? nil : $0 }))
    }
  }
}

/// Whether a column with that header holds the names of cells.
package func namesCells(header: String) -> Bool {
  AnnotationWords.cells.contains(AnnotationWords.plain(header))
}

/// Whether a text means a missing value in the output of R or pandas.
package func isMissingText(_ text: String) -> Bool {
  ["", "NA", "N/A", "NaN", "nan", "<NA>", "None", "null", "NULL"].contains(text)
}
