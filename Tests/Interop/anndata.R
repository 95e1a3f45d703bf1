# AnnData by its layout, with hdf5r: what any reader in R does. Rows and columns are transposed,
# since R and HDF5 count dimensions from opposite ends. What is cells x genes in the file is genes x
# cells here. `group` is an opened group, at the root of a file or, for MuData, at mod/NAME.

# hdf5r cannot read an attribute without values, such as the columns of a table that has none.
attribute <- function(object, name) {
  if (object$attr_open(name)$get_space()$get_simple_extent_npoints() == 0) return(character())
  hdf5r::h5attr(object, name)
}
stored <- function(dataset) dataset$read()

# A transposed matrix: compressed rows become a dgCMatrix without change, whose validity Matrix
# checks.
read_matrix <- function(object) {
  kind <- attribute(object, "encoding-type")
  if (kind == "array") return(stored(object))
  shape <- as.integer(attribute(object, "shape"))
  by_row <- kind == "csr_matrix"
  made <- methods::new("dgCMatrix", i = as.integer(stored(object[["indices"]])), p = as.integer(stored(object[["indptr"]])), x = as.numeric(stored(object[["data"]])),
                       Dim = if (by_row) rev(shape) else shape)
  if (by_row) made else Matrix::t(made)
}

read_column <- function(object) {
  if (attribute(object, "encoding-type") != "categorical") return(stored(object))
  kinds <- as.character(stored(object[["categories"]]))
  codes <- stored(object[["codes"]])
  factor(kinds[ifelse(codes < 0, NA, codes + 1)], levels = kinds, ordered = as.logical(attribute(object, "ordered")))
}

read_table <- function(group) {
  names <- as.character(stored(group[[attribute(group, "_index")]]))
  columns <- as.character(attribute(group, "column-order"))
  made <- lapply(stats::setNames(columns, columns), function(name) read_column(group[[name]]))
  if (length(made) == 0) return(data.frame(row.names = names))
  data.frame(made, row.names = names, check.names = FALSE, stringsAsFactors = FALSE)
}

read_anndata <- function(group) {
  each <- function(name, body) {
    inside <- if (group$exists(name)) names(group[[name]]) else character()
    lapply(stats::setNames(inside, inside), function(key) body(group[[paste0(name, "/", key)]]))
  }
  obs <- read_table(group[["obs"]])
  var <- read_table(group[["var"]])
  named <- function(made) { dimnames(made) <- list(rownames(var), rownames(obs)); made }
  list(obs = obs, var = var, X = named(read_matrix(group[["X"]])), layers = lapply(each("layers", read_matrix), named),
       obsm = each("obsm", function(object) t(as.matrix(read_matrix(object)))), obsp = each("obsp", read_matrix))
}
