"""R beside us: what Seurat, SingleCellExperiment, rhdf5 and hdf5r make of our files, and we of
theirs (seurat.R has R's part)."""
import json, os, re, shutil, subprocess
import anndata, mudata, numpy as np, pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ("rhdf5", "hdf5r", "Seurat", "SingleCellExperiment", "DropletUtils", "jsonlite")
DEBIAN = "r-base-core r-bioc-rhdf5 r-cran-hdf5r r-cran-seurat r-bioc-singlecellexperiment r-bioc-dropletutils"


def missing():
    """Why R cannot be tried; None if it can."""
    if not shutil.which("Rscript"):
        return "there is no Rscript"
    lines = "; ".join(f'if (!requireNamespace("{name}", quietly = TRUE)) cat("{name} ")' for name in PACKAGES)
    done = subprocess.run(["Rscript", "-e", lines], capture_output=True, text=True)
    absent = done.stdout.strip()
    return f"R has no {absent}" if absent or done.returncode else None


def r(folder, *arguments):
    """Runs a task of seurat.R; the JSON that it leaves in its last argument, if that is such a
    file."""
    done = subprocess.run(["Rscript", os.path.join(HERE, "seurat.R"), *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"seurat.R {' '.join(arguments)}: {done.stderr.strip()[-400:]}")
    if arguments[-1].endswith(".json"):
        with open(os.path.join(folder, arguments[-1])) as file:
            return json.load(file)


def same_columns(tally, seen, frame, what):
    """The columns of a table as R has them: factors as codes, categories and order."""
    for name in frame:
        ours, theirs = frame[name], seen[name]
        if isinstance(ours.dtype, pd.CategoricalDtype):
            tally.same(np.array(theirs["codes"]), ours.cat.codes.to_numpy(), f"{what}/{name}")
            if theirs["categories"] != list(map(str, ours.cat.categories)) or theirs["ordered"] != ours.cat.ordered:
                raise ValueError(f"{what}/{name}: {theirs['categories']}, not {list(ours.cat.categories)}")
        elif pd.api.types.is_bool_dtype(ours):
            tally.same(np.array(theirs, object), ours.astype(bool).to_numpy(object), f"{what}/{name}")
        elif pd.api.types.is_numeric_dtype(ours):
            tally.same(np.array([np.nan if value in (None, "NA", "NaN") else value for value in theirs], float), ours.to_numpy(float, na_value=np.nan), f"{what}/{name}")
        else:
            tally.same(np.array(theirs, object), ours.to_numpy(object), f"{what}/{name}")


def read_by_r(tally, folder, path):
    seen, ours = r(folder, "read", path, "seen.json"), anndata.read_h5ad(os.path.join(folder, path))
    names = lambda values: np.array(list(values), object)
    tally.same(names(seen["cells"]), names(ours.obs_names), "cells")
    tally.same(names(seen["genes"]), names(ours.var_names), "genes")
    tally.same(np.array(seen["x"]), ours.X, "X")
    tally.same(np.array(seen["counts"]), ours.layers["counts"], "layers/counts of Seurat")
    same_columns(tally, seen["obs"], ours.obs, "obs")
    same_columns(tally, seen["kept"], ours.obs, "meta.data")
    same_columns(tally, seen["var"], ours.var, "var")
    tally.same(names(seen["idents"]), names(ours.obs["cluster"]), "Idents")
    for name, value in ours.obsm.items():
        tally.same(np.array(seen["obsm"][name]), value, f"obsm/{name}")
    tally.same(np.array(seen["latent"]), ours.obsm["X_latent"], "Embeddings")
    tally.same(np.array(seen["connectivities"]), ours.obsp["connectivities"], "Graph")
    tally.same(np.array(seen["distances"]), ours.obsp["distances"], "obsp/distances")
    return f"{seen['ranked']} genes ranked by FindMarkers"


def every_way(checks, run):
    reason = missing()
    if reason:
        print(f"R: SKIPPED, {reason} (Debian: apt-get install {DEBIAN})")
        return
    print("R: Seurat, SingleCellExperiment, rhdf5, hdf5r and DropletUtils")
    tally, at, folder = checks.tally, checks.at, checks.folder
    tally.check("all stages' AnnData in R", lambda: read_by_r(tally, folder, "sc-cluster.h5ad"))

    def paired():
        cells, chance = [f"cell{i}" for i in range(60)], np.random.default_rng(6)
        part = lambda names: anndata.AnnData(chance.poisson(2, (60, len(names))).astype(np.float32), obs=pd.DataFrame(index=cells), var=pd.DataFrame(index=names))
        mudata.MuData({"rna": part([f"gene{j}" for j in range(30)]), "adt": part([f"CD{j}" for j in range(8)])}).write_h5mu(at("for-r.h5mu"))
        run("sc-knn -q for-r.h5mu -n 5 --components 4 -o of-ours.h5mu", folder)
        seen, ours = r(folder, "paired", "of-ours.h5mu", "seen.json"), mudata.read_h5mu(at("of-ours.h5mu"))
        for name in ours.mod:
            tally.same(np.array(seen["modalities"][name]), ours.mod[name].X, name)
        return f"assays {', '.join(ours.mod)}"
    tally.check("MuData as two assays", paired)

    os.makedirs(at("by-r"))
    r(folder, "write", "by-r")
    with open(at("by-r/truth.json")) as file:
        truth = json.load(file)

    def same_counts(path):
        ours = checks.passed_through(path, use=None)
        tally.same(ours.X, np.array(truth["x"], float), "X")
        for what, mine, theirs in (("cells", ours.obs_names, truth["cells"]), ("genes", ours.var_names, truth["genes"])):
            tally.same(np.array(list(mine), object), np.array(theirs, object), what)
        return ours

    def annotated(path):
        ours = same_counts(path)
        tally.same(ours.obs["kind"].to_numpy(object), np.array(truth["kinds"], object), "obs/kind")
        tally.same(ours.obs["depth"].to_numpy(), np.array(truth["depth"], float), "obs/depth")
        tally.same(ours.var["length"].to_numpy(), 100.0 * (1 + np.arange(ours.n_vars)), "var/length")
        tally.same(ours.obsm["X_two"], (1 + np.arange(2.0 * ours.n_obs)).reshape(-1, 2) / 7, "obsm/X_two")

    for name in ("droplet2.h5", "droplet3.h5", "droplet2", "droplet3", "table.tsv", "table.csv.gz"):
        tally.check(f"{name} of R", lambda: (same_counts(f"by-r/{name}"), None)[1])
    for name in ("arrays.h5ad", "scalars.h5ad"):
        tally.check(f"{name} of rhdf5", lambda: annotated(f"by-r/{name}"))

    def refused():
        for name in ("counts.rds", "counts.RData"):
            done = subprocess.run(["sc-preprocess", f"by-r/{name}"], cwd=folder, capture_output=True, text=True)
            if done.returncode != 65 or "data of R" not in done.stderr:
                raise ValueError(f"{name} ends with {done.returncode}: {done.stderr}")
    tally.check("R's own files are refused as such", refused)

    def by_seurat(path):
        seen, ours = r(folder, "tenx", path, "seen.json"), checks.passed_through(path, use=None)
        tally.same(ours.X, np.array(seen["x"], float), "X")
        tally.same(np.array(list(ours.obs_names), object), np.array(seen["cells"], object), "cells")
    for name in ("by-r/droplet3.h5", "by-r/droplet2.h5"):
        tally.check(f"{name} by Read10X_h5", lambda: by_seurat(name))

    def recipe():
        with open(os.path.join(HERE, "../../README.md")) as file:
            section = re.search(r"## Beside Seurat\n(.*?)\n## ", file.read(), re.S).group(1)
        with open(at("recipe.R"), "w") as file:
            file.write(section.replace("--clusters 8", "--clusters 3"))
        seen, ours = r(folder, "readme", "recipe.R", "seen.json"), anndata.read_h5ad(at("clustered.h5ad"))
        tally.same(np.array(seen["clusters"], object), ours.obs["cluster"].to_numpy(object), "clusters")
        tally.same(np.array(seen["confidence"], float).round(4), ours.obs["confidence"].to_numpy(float).round(4), "confidence")
        tally.same(np.array(seen["latent"]), ours.obsm["X_latent"], "latent codes")
        return f"ARI {checks.agreement(pd.DataFrame({'kind': seen['kinds'], 'cluster': seen['clusters']}), 'cluster'):.3f}, umap {seen['umap']}"
    tally.check("the lines of README.md", recipe)
