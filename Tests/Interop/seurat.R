# What R makes of our files, and files that R writes, for rlanguage.py:
#   Rscript seurat.R read FILE.h5ad SEEN.json      by way of Seurat and SingleCellExperiment objects
#   Rscript seurat.R paired FILE.h5mu SEEN.json    two assays of a Seurat object
#   Rscript seurat.R tenx FILE.h5 SEEN.json        Seurat's Read10X_h5
#   Rscript seurat.R write FOLDER                  counts of R, in the formats that R writes;
#                                                  FOLDER/truth.json has them
#   Rscript seurat.R readme SNIPPET.R SEEN.json    the lines of README.md, on an object of 300 cells
suppressPackageStartupMessages({ library(methods); library(Matrix); library(Seurat); library(SingleCellExperiment); library(DropletUtils) })
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "anndata.R"))

save_json <- function(value, path) jsonlite::write_json(value, path, digits = NA, na = "null", null = "null", auto_unbox = TRUE)
# Cells x features again, as Python has it.
rows <- function(made) unname(t(as.matrix(made)))
columns <- function(frame) lapply(frame, function(value) if (is.factor(value)) list(codes = ifelse(is.na(value), 0L, as.integer(value)) - 1L, categories = I(levels(value)), ordered = is.ordered(value)) else value)

simulated <- function(cells = 60, genes = 40) {
  set.seed(11)
  kinds <- rep(c("a", "b", "c"), length.out = cells)
  rate <- outer(rep(c("a", "b", "c", "d"), length.out = genes), kinds, function(gene, cell) ifelse(gene == cell, 4, 0.6))
  counts <- as(matrix(rpois(cells * genes, rate), genes, dimnames = list(paste0("gene", seq_len(genes)), paste0("cell", seq_len(cells), "-1"))), "CsparseMatrix")
  list(counts = counts, kinds = kinds)
}

see <- function(path, output) {
  # rhdf5 first: the two share one libhdf5, and each closes what the other has opened.
  of_rhdf5 <- lapply(c("X/data", "obs/cluster/codes", "obsm/X_latent"), function(place) as.vector(rhdf5::h5read(path, place)))
  rhdf5::h5closeAll()
  data <- read_anndata(hdf5r::H5File$new(path, "r"))
  stopifnot(of_rhdf5[[1]] == data$X@x, of_rhdf5[[2]] == as.integer(data$obs$cluster) - 1L, of_rhdf5[[3]] == as.vector(t(data$obsm$X_latent)))
  object <- suppressWarnings(CreateSeuratObject(as(data$layers$counts, "CsparseMatrix"), meta.data = data$obs, names.field = NULL))
  for (name in names(data$obsm)) {
    codes <- data$obsm[[name]]
    dimnames(codes) <- list(rownames(data$obs), paste0("d", seq_along(name), "_", seq_len(ncol(codes))))
    object[[gsub("_", "", name)]] <- suppressWarnings(CreateDimReducObject(codes, key = paste0(gsub("[^A-Za-z]", "", name), "_"), assay = "RNA"))
  }
  graph <- data$obsp$connectivities
  dimnames(graph) <- list(rownames(data$obs), rownames(data$obs))
  object[["connectivities"]] <- as.Graph(graph)
  Idents(object) <- "cluster"
  ranked <- suppressWarnings(FindMarkers(NormalizeData(object, verbose = FALSE), ident.1 = levels(Idents(object))[1], verbose = FALSE))
  whole <- SingleCellExperiment(list(X = data$X, counts = data$layers$counts), colData = S4Vectors::DataFrame(data$obs, check.names = FALSE),
                                rowData = S4Vectors::DataFrame(data$var, check.names = FALSE), reducedDims = data$obsm)
  save_json(list(x = rows(assay(whole, "X")), counts = rows(GetAssayData(object, slot = "counts")), cells = colnames(object), genes = rownames(whole),
                 obs = columns(as.data.frame(colData(whole))), var = columns(as.data.frame(rowData(whole))), idents = as.character(Idents(object)), kept = columns(object[[]][colnames(data$obs)]),
                 obsm = lapply(stats::setNames(reducedDimNames(whole), reducedDimNames(whole)), function(name) unname(reducedDim(whole, name))),
                 latent = unname(Embeddings(object, "Xlatent")), connectivities = rows(as.matrix(object[["connectivities"]])), distances = rows(data$obsp$distances), ranked = nrow(ranked)), output)
}

see_paired <- function(path, output) {
  file <- hdf5r::H5File$new(path, "r")
  kinds <- as.character(attribute(file[["mod"]], "mod-order"))
  parts <- lapply(stats::setNames(kinds, kinds), function(kind) read_anndata(file[[paste0("mod/", kind)]]))
  object <- suppressWarnings(CreateSeuratObject(as(parts[[1]]$X, "CsparseMatrix"), assay = kinds[1]))
  for (kind in kinds[-1]) object[[kind]] <- suppressWarnings(CreateAssayObject(as(parts[[kind]]$X, "CsparseMatrix")))
  save_json(list(cells = colnames(object), modalities = lapply(stats::setNames(kinds, kinds), function(kind) rows(GetAssayData(object[[kind]], slot = "counts")))), output)
}

see_tenx <- function(path, output) {
  counts <- suppressMessages(Read10X_h5(path))
  save_json(list(x = rows(counts), cells = colnames(counts), genes = rownames(counts)), output)
}

# AnnData as rhdf5 writes it: strings of fixed length, attributes as arrays of one or as scalars.
write_anndata <- function(path, counts, kinds, scalar) {
  rhdf5::h5createFile(path)
  mark <- function(place, ...) {
    handle <- rhdf5::H5Fopen(path)
    object <- rhdf5::H5Oopen(handle, place)
    values <- list(...)
    for (name in names(values)) rhdf5::h5writeAttribute(values[[name]], object, name, asScalar = scalar && length(values[[name]]) == 1)
    rhdf5::H5Oclose(object)
    rhdf5::H5Fclose(handle)
  }
  put <- function(place, value) rhdf5::h5write(value, path, place)
  group <- function(place) rhdf5::h5createGroup(path, place)
  mark("/", `encoding-type` = "anndata", `encoding-version` = "0.1.0")
  group("X")
  put("X/data", counts@x)
  put("X/indices", counts@i)
  put("X/indptr", counts@p)
  mark("X", `encoding-type` = "csr_matrix", `encoding-version` = "0.1.0", shape = rev(dim(counts)))
  for (part in c("obs", "var")) {
    group(part)
    put(paste0(part, "/_index"), if (part == "obs") colnames(counts) else rownames(counts))
    mark(paste0(part, "/_index"), `encoding-type` = "string-array", `encoding-version` = "0.2.0")
  }
  group("obs/kind")
  kinds <- factor(kinds)
  put("obs/kind/codes", as.integer(kinds) - 1L)
  put("obs/kind/categories", levels(kinds))
  mark("obs/kind", `encoding-type` = "categorical", `encoding-version` = "0.2.0", ordered = 0L)
  put("obs/depth", Matrix::colSums(counts))
  mark("obs/depth", `encoding-type` = "array", `encoding-version` = "0.2.0")
  mark("obs", `encoding-type` = "dataframe", `encoding-version` = "0.2.0", `_index` = "_index", `column-order` = c("kind", "depth"))
  put("var/length", seq_len(nrow(counts)) * 100L)
  mark("var/length", `encoding-type` = "array", `encoding-version` = "0.2.0")
  mark("var", `encoding-type` = "dataframe", `encoding-version` = "0.2.0", `_index` = "_index", `column-order` = "length")
  group("obsm")
  put("obsm/X_two", matrix(seq_len(2 * ncol(counts)) / 7, 2))
  mark("obsm/X_two", `encoding-type` = "array", `encoding-version` = "0.2.0")
}

write_all <- function(folder) {
  made <- simulated()
  counts <- made$counts
  at <- function(name) file.path(folder, name)
  ids <- paste0("E", seq_len(nrow(counts)))
  for (version in c("2", "3")) {
    write10xCounts(at(paste0("droplet", version, ".h5")), counts, barcodes = colnames(counts), gene.id = ids, gene.symbol = rownames(counts), type = "HDF5", version = version, genome = "hg19")
    write10xCounts(at(paste0("droplet", version)), counts, barcodes = colnames(counts), gene.id = ids, gene.symbol = rownames(counts), type = "sparse", version = version)
  }
  write_anndata(at("arrays.h5ad"), counts, made$kinds, FALSE)
  write_anndata(at("scalars.h5ad"), counts, made$kinds, TRUE)
  write.table(t(as.matrix(counts)), at("table.tsv"), sep = "\t", quote = TRUE)
  write.csv(t(as.matrix(counts)), gzfile(at("table.csv.gz")))
  saveRDS(counts, at("counts.rds"))
  save(counts, file = at("counts.RData"))
  save_json(list(x = rows(counts), cells = colnames(counts), genes = rownames(counts), kinds = made$kinds, depth = unname(Matrix::colSums(counts))), at("truth.json"))
}

readme <- function(snippet, output) {
  made <- simulated(300, 120)
  object <- suppressWarnings(CreateSeuratObject(made$counts))
  suppressWarnings(suppressMessages(source(snippet, local = environment())))
  save_json(list(cells = colnames(object), kinds = made$kinds, clusters = as.character(Idents(object)), confidence = object$confidence, latent = unname(Embeddings(object, "sctpf")),
                 umap = dim(Embeddings(object, "umap"))), output)
}

given <- commandArgs(trailingOnly = TRUE)
switch(given[1], read = see(given[2], given[3]), paired = see_paired(given[2], given[3]), tenx = see_tenx(given[2], given[3]), write = write_all(given[2]), readme = readme(given[2], given[3]),
       stop("no such task: ", given[1]))
