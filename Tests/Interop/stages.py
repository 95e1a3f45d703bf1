"""What every stage writes, opened by others; and what a file has that is unknown to us, through all
five stages and back."""
import json, subprocess
import anndata, mudata, numpy as np, pandas as pd
from scipy import sparse
import objects

STAGES = {"sc-preprocess": "sc-preprocess {0}", "sc-knn": "sc-knn {0} -n 8", "sc-pretrain": "sc-pretrain {0} --epochs 2 --models 2",
          "sc-cluster": "sc-cluster {0} --clusters 3 --epochs 4"}
# What an AnnData object may have and our stages have no place for: the words of the line that
# --verbose has for it.
UNKNOWN = {"varp": "varp", "uns/records": "uns/records", "uns/table": "uns/table", "uns/graph": "uns/graph", "uns/nothing": "uns/nothing", "raw/varm": "raw/varm", "obsm/table": "obsm/table"}


def rich(cells=240, genes=90):
    """Counts of three types, with something in every place of an object."""
    parts = objects.parts(71, cells, genes)
    x = objects.counts(71, cells, genes)
    parts["layers"] = {"velocity": sparse.csr_matrix(x * 2), "smooth": x.astype(float) / 3}
    data = anndata.AnnData(sparse.csr_matrix(x), **parts)
    data.obs["maybe"] = pd.array([None if i % 4 == 0 else i for i in range(cells)], dtype="Int64")
    data.obsm["X_sparse"] = sparse.random(cells, 7, 0.3, format="csr", random_state=1)
    data.raw = data.copy()
    data.uns.update({"limit": float("inf"), "unknown": float("nan"), "flag": True})
    return data


def with_unknown(data):
    chance = np.random.default_rng(1)
    data.varp["relations"] = sparse.random(data.n_vars, data.n_vars, 0.1, format="csr", random_state=2)
    data.uns.update({"records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), "table": pd.DataFrame({"q": [1, 2]}),
                     "graph": sparse.random(5, 4, 0.5, format="csr", random_state=3), "nothing": None})
    data.raw.varm["loads"] = chance.random((data.n_vars, 3))
    data.obsm["table"] = pd.DataFrame({"u": chance.random(data.n_obs), "word": ["w"] * data.n_obs}, index=data.obs_names)
    return data


def every_stage(checks, run, early):
    print("what every stage writes")
    tally, at = checks.tally, checks.at
    data = rich()
    data.write_h5ad(at("rich.h5ad"))
    before = anndata.read_h5ad(at("rich.h5ad"))

    def opened():
        given, read = "rich.h5ad", 0
        for stage, line in STAGES.items():
            run(f"{line.format(given)} -q -o {stage}.h5ad && {line.format(given)} -q -o {stage}.h5mu", checks.folder)
            ours, paired = anndata.read_h5ad(at(f"{stage}.h5ad")), mudata.read_h5mu(at(f"{stage}.h5mu"))
            tally.same(paired.mod["rna"].X, ours.X, f"{stage}.h5mu")
            tally.same(paired.mod["rna"].var_names.to_numpy(object), ours.var_names.to_numpy(object), f"{stage}.h5mu genes")
            if early:
                seen = subprocess.run([early, checks.old, "read", at(f"{stage}.h5ad")], check=True, capture_output=True, text=True).stdout
                tally.same(ours.X, np.array(json.loads(seen)["x"]), f"{stage}.h5ad by 0.8.0")
            given, read = f"{stage}.h5ad", read + 2
        run(f"sc-eval -q {given} --labels type --json -o figures.json", checks.folder)
        return f"{read} files"
    tally.check("AnnData and MuData of four stages, and sc-eval on the last", opened)

    def kept():
        ours = anndata.read_h5ad(at("sc-cluster.h5ad"))
        # Otherwise anndata drops the categories that no cell has.
        with anndata.settings.override(remove_unused_categories=False):
            theirs = before[ours.obs_names, ours.var_names].copy()
        theirs.X, theirs.raw = ours.X, before.raw.to_adata()[ours.obs_names].copy()
        tally.same_object(ours, theirs)
        tally.same(ours.obsm["X_sparse"], theirs.obsm["X_sparse"], "obsm/X_sparse")
    tally.check("all that came with the counts, after all stages", kept)

    def all_genes():
        plain = rich()
        del plain.raw
        plain.write_h5ad(at("plain.h5ad"))
        for form, option in (("log", ""), ("counts", "--raw counts")):
            run(f"sc-preprocess -q plain.h5ad --genes 40 {option} -o {form}.h5ad", checks.folder)
        logs, counts = anndata.read_h5ad(at("log.h5ad")), anndata.read_h5ad(at("counts.h5ad"))
        genes = logs.raw.var_names
        if logs.n_vars != 40 or not 40 < len(genes) <= 90 or list(genes[logs.raw.var["highly_variable"]]) != list(logs.var_names):
            raise ValueError(f"{logs.n_vars} genes in X, {len(genes)} in raw")
        tally.same(counts.raw.X, plain[logs.obs_names, genes].X, "counts in raw")
        factors = logs.obs["size_factors"].to_numpy()[:, None]
        made = np.log1p(counts.raw.X.toarray() / factors)
        if np.abs(made - logs.raw.X.toarray()).max() > 1e-5 or (np.rint(np.expm1(logs.raw.X.toarray()) * factors) != counts.raw.X.toarray()).any():
            raise ValueError("raw holds other values than the counts make")
        tally.same(logs.raw[:, logs.var_names].X, logs.X, "genes of X in raw")
        return f"{len(genes)} genes"
    tally.check("all genes in raw, as logarithms and as counts", all_genes)

    def named():
        with_unknown(rich()).write_h5ad(at("unknown.h5ad"))
        done = subprocess.run(["sc-preprocess", "-v", "unknown.h5ad", "-o", "named.h5ad"], cwd=checks.folder, capture_output=True, text=True)
        missing = [what for what, words in UNKNOWN.items() if f"{words}" not in done.stderr]
        if done.returncode or missing:
            raise ValueError(f"ends with {done.returncode}, names not {missing}: {done.stderr}")
        return f"{len(UNKNOWN)} named"
    tally.check("what cannot be kept is named by --verbose", named)
