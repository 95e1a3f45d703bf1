"""The comparisons of interop.py; needs the packages that it installs."""
import json, os, shutil, subprocess, sys, tempfile, warnings
warnings.filterwarnings("ignore")
import anndata, h5py, mudata, numpy as np, pandas as pd, scanpy as sc, scipy.io
from safetensors.numpy import load_file, save_file
from scipy import sparse
import groups, objects, quality, rlanguage, samples, stages, stores

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get("SC_SHARED", os.path.join(ROOT, "../shared"))
FIXTURES = os.path.join(SHARED, "data/fixtures")
anndata.settings.allow_write_nullable_strings = True


class Tally:
    def __init__(self):
        self.files, self.values, self.failed = 0, 0, 0

    def check(self, what, body):
        """Runs one comparison; what it raises is a failure."""
        before = self.values
        try:
            note = body()
            self.files += 1
            print(f"  {what}: {self.values - before} values{f', {note}' if note else ''}", flush=True)
        except Exception as error:
            self.failed += 1
            print(f"  ✘ {what}: {type(error).__name__}: {str(error)[:600]}", flush=True)

    def same(self, ours, theirs, what):
        """Two arrays of numbers, ours in single precision."""
        ours, theirs = (part.toarray() if sparse.issparse(part) else np.asarray(part) for part in (ours, theirs))
        if ours.shape != theirs.shape:
            raise ValueError(f"{what}: {ours.shape}, not {theirs.shape}")
        if ours.dtype.kind in "OUSTb" or theirs.dtype.kind in "OUSTb":
            equal = np.array([str(a) == str(b) for a, b in zip(ours.ravel(), theirs.ravel())], bool).reshape(ours.shape)
        else:
            equal = np.isclose(ours.astype(float), theirs.astype(np.float32).astype(float) if ours.dtype == np.float32 else theirs.astype(float), rtol=1e-6, atol=0, equal_nan=True)
        if not equal.all():
            place = np.argwhere(~equal)[0]
            raise ValueError(f"{what}{list(place)}: {ours[tuple(place)]!r}, not {theirs[tuple(place)]!r} ({(~equal).sum()} differ)")
        self.values += ours.size

    def same_table(self, ours, theirs, what):
        """Theirs is all in ours, which may have more columns."""
        self.same(ours.index.to_numpy(object), theirs.index.astype(str).to_numpy(object), f"{what} names")
        for name in theirs:
            if name not in ours:
                raise ValueError(f"{what}/{name} is lost")
            a, b = ours[name], theirs[name]
            if isinstance(b.dtype, pd.CategoricalDtype) and isinstance(a.dtype, pd.CategoricalDtype):
                if list(map(str, a.cat.categories)) != list(map(str, b.cat.categories)) or a.cat.ordered != b.cat.ordered:
                    raise ValueError(f"{what}/{name}: categories {list(a.cat.categories)[:5]}, not {list(b.cat.categories)[:5]}")
                if a.cat.categories.dtype.kind != b.cat.categories.dtype.kind and "O" not in (a.cat.categories.dtype.kind, b.cat.categories.dtype.kind):
                    raise ValueError(f"{what}/{name}: categories of type {a.cat.categories.dtype}, not {b.cat.categories.dtype}")
                if b.cat.categories.dtype.kind in "iufb" and a.cat.categories.dtype.kind == "O":
                    raise ValueError(f"{what}/{name}: categories of {b.cat.categories.dtype} have become text")
                self.same(a.cat.codes, b.cat.codes, f"{what}/{name}")
            elif pd.api.types.is_integer_dtype(a) and pd.api.types.is_integer_dtype(b):
                if a.isna().tolist() != b.isna().tolist() or [int(v) for v in a.dropna()] != [int(v) for v in b.dropna()]:
                    raise ValueError(f"{what}/{name}: {a.tolist()[:5]}, not {b.tolist()[:5]}")
                self.values += len(a)
            elif pd.api.types.is_numeric_dtype(b) and not pd.api.types.is_bool_dtype(b):
                self.same(a.to_numpy(float, na_value=np.nan), b.to_numpy(float, na_value=np.nan), f"{what}/{name}")
            else:
                self.same(a.astype(object).fillna("nan").to_numpy(object), b.astype(object).fillna("nan").to_numpy(object), f"{what}/{name}")

    def same_settings(self, ours, theirs, what):
        for key, value in theirs.items():
            if key not in ours:
                raise ValueError(f"{what}/{key} is lost")
            if isinstance(value, dict):
                self.same_settings(ours[key], value, f"{what}/{key}")
            elif isinstance(value, pd.DataFrame) or value is None:
                continue
            else:
                self.same(np.atleast_1d(ours[key]), np.atleast_1d(value), f"{what}/{key}")

    def same_object(self, ours, theirs, parts=("layers", "obsm", "varm", "obsp"), settings=True):
        theirs.var_names_make_unique()
        if theirs.X is not None:
            self.same(ours.X, theirs.X, "X")
        self.same_table(ours.obs, theirs.obs, "obs")
        self.same_table(ours.var, theirs.var, "var")
        for part in parts:
            for name, value in getattr(theirs, part).items():
                if isinstance(value, pd.DataFrame) or (part == "obsm" and sparse.issparse(value)):
                    continue
                if name not in getattr(ours, part):
                    raise ValueError(f"{part}/{name} is lost")
                self.same(getattr(ours, part)[name], value, f"{part}/{name}")
        if theirs.raw is not None:
            self.same(ours.raw.X, theirs.raw.X, "raw/X")
            self.same_table(ours.raw.var, theirs.raw.var, "raw/var")
        if settings:
            self.same_settings(ours.uns, theirs.uns, "uns")


def run(line, folder):
    """A command line of ours; its messages if it fails."""
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{line} ends with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Checks:
    def __init__(self, folder):
        self.folder, self.tally, self.old = folder, Tally(), os.path.join(HERE, "old.py")

    def at(self, name):
        return os.path.join(self.folder, name)

    def passed_through(self, path, use="X_test"):
        """What a stage of ours, which changes nothing but the graph, makes of a file."""
        option = f"--use {use}" if use else ""
        run(f"sc-knn -q '{path}' {option} -n 5 -o out.h5ad", self.folder)
        return anndata.read_h5ad(self.at("out.h5ad"))

    def generated(self):
        print("files that the present anndata wrote, through a stage of ours and back")
        for number, (what, x) in enumerate(objects.matrices(1)):
            for compression in (None, "gzip", "lzf"):
                data = anndata.AnnData(x.copy(), **objects.parts(1 + number))
                data.obs["maybe"] = pd.array([None if i % 4 == 0 else i for i in range(data.n_obs)], dtype="Int64")
                data.obs["dose"], data.obs["hash"] = pd.Categorical(np.arange(data.n_obs) % 3 / 10), np.arange(data.n_obs, dtype=np.uint64) + np.uint64(2**63)
                data.obs["perhaps"] = pd.array([None if i % 6 == 0 else i % 2 == 0 for i in range(data.n_obs)], dtype="boolean")
                if number % 2:
                    data.raw = data.copy()
                path = self.at("in.h5ad")
                data.write_h5ad(path, compression=compression)
                self.tally.check(f"{what}, {compression}", lambda: self.tally.same_object(self.passed_through(path), anndata.read_h5ad(path)))
        print("the same by way of our tensor stream and standard input")
        def piped():
            run("cat in.h5ad | sc-knn -q --use X_test -n 5 | sc-knn -q --use X_test -n 4 -o out.h5ad", self.folder)
            self.tally.same_object(anndata.read_h5ad(self.at("out.h5ad")), anndata.read_h5ad(self.at("in.h5ad")))
        self.tally.check("two stages and a pipe", piped)

    def of_old(self, old, early):
        if not old or not early:
            print("anndata 0.7.8 and 0.8.0: SKIPPED, they could not be installed")
            return
        print("files that anndata 0.7.8 wrote; what we make of them, read by 0.8.0")
        place = self.at("old")
        os.makedirs(place)
        subprocess.run([old, self.old, "write", place], check=True, stderr=subprocess.DEVNULL)
        for name in sorted(os.listdir(place)):
            path = os.path.join(place, name)
            self.tally.check(name, lambda: self.tally.same_object(self.passed_through(path), anndata.read_h5ad(path)))
            self.tally.check(f"{name} after us", lambda: self.read_by(early))
            def for_old():
                run(f"sc-knn -q '{path}' --use X_test -n 5 --format h5ad-0.7 -o out.h5ad", self.folder)
                self.tally.same_object(anndata.read_h5ad(self.at("out.h5ad")), anndata.read_h5ad(path))
                return f"{self.read_by(early)}, {self.read_by(old)}"
            self.tally.check(f"{name} after us, --format h5ad-0.7", for_old)

    def read_by(self, python):
        seen = json.loads(subprocess.run([python, self.old, "read", self.at("out.h5ad")], check=True, capture_output=True, text=True).stdout)
        now = anndata.read_h5ad(self.at("out.h5ad"))
        self.tally.same(now.X, np.array(seen["x"]), "X")
        self.tally.same(now.obs_names.to_numpy(object), np.array(seen["cells"], object), "cells")
        for column in now.obs:
            if now.obs[column].dtype.name in ("category", "int64", "bool", "uint8"):
                self.tally.same(np.array([str(value) for value in now.obs[column]], object), np.array(seen["obs"][column], object), column)
        for part in ("obsm", "obsp"):
            for key, value in getattr(now, part).items():
                self.tally.same(value, np.array(seen[part][key]), key)
        return f"read by {seen['version']}"

    def other_formats(self):
        print("other formats, as scanpy, scipy, pandas and mudata have them")
        x = objects.counts(9)
        cells, genes = [f"cell{i}" for i in range(60)], [f"gene{j % 25}" for j in range(30)]
        theirs = anndata.AnnData(sparse.csr_matrix(x), obs=pd.DataFrame(index=cells), var=pd.DataFrame(index=genes))
        theirs.var_names_make_unique()

        def compare(path):
            ours = self.passed_through(path, use=None)
            self.tally.same(ours.X, theirs.X, "X")
            self.tally.same(ours.obs_names.to_numpy(object), theirs.obs_names.to_numpy(object), "cells")
            self.tally.same(ours.var_names.to_numpy(object), theirs.var_names.to_numpy(object), "genes")

        frame = pd.DataFrame(x.astype(int), index=cells, columns=genes)
        frame.to_csv(self.at("in.csv"))
        frame.to_csv(self.at("in.tsv.gz"), sep="\t")
        self.tally.check("pandas .csv", lambda: compare("in.csv"))
        self.tally.check("pandas .tsv.gz", lambda: compare("in.tsv.gz"))
        os.makedirs(self.at("mtx"))
        scipy.io.mmwrite(self.at("mtx/matrix.mtx"), sparse.coo_matrix(x.T.astype(int)))
        pd.DataFrame({"id": [f"E{j}" for j in range(30)], "name": genes, "type": "Gene Expression"}).to_csv(self.at("mtx/features.tsv.gz"), sep="\t", index=False, header=False)
        pd.DataFrame(cells).to_csv(self.at("mtx/barcodes.tsv.gz"), sep="\t", index=False, header=False)
        self.tally.check("scipy Matrix Market folder", lambda: compare("mtx"))
        with h5py.File(self.at("10x.h5"), "w") as file:
            group = file.create_group("matrix")
            by_cell = sparse.csr_matrix(x.astype(np.int32))
            for name, value in (("data", by_cell.data), ("indices", by_cell.indices.astype(np.int64)), ("indptr", by_cell.indptr.astype(np.int64)), ("shape", np.array([30, 60], np.int32)),
                                ("barcodes", np.array(cells, "S"))):
                group.create_dataset(name, data=value, compression="gzip")
            for name, value in (("id", [f"E{j}" for j in range(30)]), ("name", genes), ("feature_type", ["Gene Expression"] * 30), ("genome", ["g"] * 30)):
                group.create_dataset(f"features/{name}", data=np.array(value, "S"))
        self.tally.check("10x HDF5, which scanpy reads the same", lambda: (compare("10x.h5"), self.tally.same(sc.read_10x_h5(self.at("10x.h5")).X, x, "scanpy"))[2:] or None)
        with h5py.File(self.at("in.loom"), "w") as file:
            file.create_dataset("matrix", data=x.T, chunks=(8, 8), compression="gzip")
            file.create_dataset("row_attrs/Gene", data=genes, dtype=h5py.string_dtype())
            file.create_dataset("col_attrs/CellID", data=cells, dtype=h5py.string_dtype())
            file.create_group("layers"), file.create_group("row_graphs"), file.create_group("col_graphs")
        self.tally.check("loom", lambda: compare("in.loom"))
        save_file({"X": x}, self.at("in.st"))
        self.tally.check("safetensors of another program", lambda: self.tally.same(self.passed_through("in.st", use=None).X, x, "X"))

        def stream():
            run("sc-knn -q in.csv -n 5 -o out.safetensors && sc-knn -q in.csv -n 5 -o out.h5ad", self.folder)
            tensors, data = load_file(self.at("out.safetensors")), anndata.read_h5ad(self.at("out.h5ad"))
            if "X" in tensors:
                self.tally.same(tensors["X"], data.X, "X")
            else:
                self.tally.same(sparse.csr_matrix((tensors["X.data"], tensors["X.indices"], tensors["X.indptr"]), shape=data.shape), data.X, "X")
            self.tally.same(tensors["obsm.X_pca"], data.obsm["X_pca"], "X_pca")
            graph = sparse.csr_matrix((tensors["obsp.distances.data"], tensors["obsp.distances.indices"], tensors["obsp.distances.indptr"]), shape=(60, 60))
            self.tally.same(graph, data.obsp["distances"], "distances")
        self.tally.check("our stream, read by safetensors", stream)

        def paired():
            proteins = anndata.AnnData(objects.counts(11)[:, :8] * 20, obs=pd.DataFrame(index=cells), var=pd.DataFrame(index=[f"P{j}" for j in range(8)]))
            rna = theirs.copy()
            rna.obsm["X_test"] = objects.parts(2)["obsm"]["X_test"]
            mudata.MuData({"rna": rna, "prot": proteins}).write_h5mu(self.at("in.h5mu"))
            run("sc-knn -q in.h5mu --use X_test -n 5 -o out.h5mu", self.folder)
            ours, before = mudata.read_h5mu(self.at("out.h5mu")), mudata.read_h5mu(self.at("in.h5mu"))
            for name in before.mod:
                self.tally.same(ours.mod[name].X, before.mod[name].X, name)
                self.tally.same(ours.mod[name].var_names.to_numpy(object), before.mod[name].var_names.to_numpy(object), name)
        self.tally.check("MuData, there and back", paired)

    def traded(self):
        print("stages traded for scanpy's")
        chance = np.random.default_rng(4)
        kinds = np.arange(300) % 3
        x = chance.poisson(0.5 + 4 * (np.arange(120) // 40 == kinds[:, None])).astype(np.float32)
        raw = anndata.AnnData(sparse.csr_matrix(x), obs=pd.DataFrame({"kind": pd.Categorical(np.array(list("abc"))[kinds])}, index=[f"c{i}" for i in range(300)]),
                              var=pd.DataFrame(index=[f"g{j}" for j in range(120)]))
        raw.write_h5ad(self.at("raw.h5ad"))
        run("sc-preprocess -q raw.h5ad -o a.h5ad && sc-knn -q a.h5ad -o b.h5ad", self.folder)
        agreement = lambda path, column="cluster": self.agreement(anndata.read_h5ad(self.at(path)).obs, column)

        def their_neighbors():
            data = anndata.read_h5ad(self.at("a.h5ad"))
            sc.pp.pca(data, n_comps=20)
            sc.pp.neighbors(data, n_neighbors=15)
            data.write_h5ad(self.at("theirs.h5ad"))
            run("sc-pretrain -q theirs.h5ad --models 1 | sc-cluster -q --clusters 3 -o c.h5ad", self.folder)
            return f"ARI {agreement('c.h5ad'):.3f}"
        self.tally.check("scanpy's neighbors into sc-pretrain", their_neighbors)

        def their_components():
            data = anndata.read_h5ad(self.at("a.h5ad"))
            sc.pp.pca(data, n_comps=20)
            data.write_h5ad(self.at("pca.h5ad"))
            run("sc-knn -q pca.h5ad --use X_pca -n 15 -o d.h5ad", self.folder)
            ours, theirs = anndata.read_h5ad(self.at("d.h5ad")), data.copy()
            sc.pp.neighbors(theirs, n_neighbors=15, use_rep="X_pca")
            same = [len(set(ours.obsp["distances"][i].indices) & set(theirs.obsp["distances"][i].indices)) for i in range(300)]
            share = sum(same) / theirs.obsp["distances"].nnz
            self.tally.same(ours.obsm["X_pca"], theirs.obsm["X_pca"], "X_pca")
            if share < 0.999:
                raise ValueError(f"only {share:.4f} of the neighbors are scanpy's")
            return f"{100 * share:.1f} % of the neighbors are scanpy's"
        self.tally.check("scanpy's PCA into sc-knn --use", their_components)

        def their_preparation():
            data = raw.copy()
            data.layers["counts"] = data.X.copy()
            sc.pp.normalize_total(data)
            sc.pp.log1p(data)
            data.write_h5ad(self.at("log.h5ad"))
            run("sc-preprocess -q log.h5ad -o e.h5ad", self.folder)
            ours, before = anndata.read_h5ad(self.at("e.h5ad")), anndata.read_h5ad(self.at("a.h5ad"))
            self.tally.same(ours.layers["counts"], before.layers["counts"], "counts")
            self.tally.same(ours.X, before.X, "X")
        self.tally.check("scanpy's log-normalized values into sc-preprocess", their_preparation)

        def their_leiden():
            data = anndata.read_h5ad(self.at("b.h5ad"))
            sc.tl.leiden(data, flavor="igraph", n_iterations=2, directed=False)
            sc.tl.umap(data)
            if not np.isfinite(data.obsm["X_umap"]).all():
                raise ValueError("UMAP is not finite")
            return f"leiden ARI {self.agreement(data.obs, 'leiden'):.3f}, umap {data.obsm['X_umap'].shape}"
        self.tally.check("our graph into scanpy's leiden and umap", their_leiden)

        def their_genes():
            run("sc-cluster -q b.h5ad --method kmeans --clusters 3 -o f.h5ad", self.folder)
            data = anndata.read_h5ad(self.at("f.h5ad"))
            sc.tl.rank_genes_groups(data, "cluster", method="wilcoxon")
            return f"ARI {agreement('f.h5ad'):.3f}, {len(data.uns['rank_genes_groups']['names'])} genes ranked"
        self.tally.check("our clusters into scanpy's rank_genes_groups", their_genes)

        def assessed():
            data = anndata.read_h5ad(self.at("b.h5ad"))
            sc.tl.leiden(data, flavor="igraph", n_iterations=2, directed=False)
            data.write_h5ad(self.at("leiden.h5ad"))
            figures = json.loads(run("sc-eval -q leiden.h5ad --clusters-column leiden --labels kind --use X_pca --json", self.folder))
            theirs = self.agreement(data.obs, "leiden")
            if abs(figures["ari"] - theirs) > 1e-6:
                raise ValueError(f"ARI {figures['ari']}, not {theirs}")
            return f"ARI {theirs:.3f} by both"
        self.tally.check("scanpy's clusters into sc-eval", assessed)

    @staticmethod
    def agreement(obs, column):
        from sklearn.metrics import adjusted_rand_score
        value = adjusted_rand_score(obs["kind"], obs[column])
        if value < 0.9:
            raise ValueError(f"ARI {value:.3f}")
        return value

    def fixtures(self):
        if not os.path.isdir(FIXTURES):
            print("the shared fixtures: SKIPPED, they are not here")
            return
        print("files of other programs")
        at = lambda *names: os.path.join(FIXTURES, *names)
        for name in ("anndata_archives/v0.5.0/adata.h5ad", "anndata_archives/v0.7.0/adata.h5ad", "anndata_archives/v0.7.8/adata.h5ad", "anndata_archives/v0.11.4/adata.h5ad",
                     "scvi_tools/pbmc_5k_protein_v3.h5ad", "zellkonverter/example_anndata.h5ad", "zellkonverter/krumsiek11.h5ad"):
            self.tally.check(name, lambda: self.fixture(at(name), anndata.read_h5ad(at(name))))
        for name in ("scanpy_10x_data/3.0.0/filtered_feature_bc_matrix.h5", "scanpy_10x_data/1.2.0/filtered_gene_bc_matrices_h5.h5", "scanpy_visium_1.0.0/filtered_feature_bc_matrix.h5",
                     "scprep/test_10X.h5"):
            self.tally.check(name, lambda: self.fixture(at(name), sc.read_10x_h5(at(name))))
        for name in ("scanpy_10x_data/3.0.0/filtered_feature_bc_matrix", "scanpy_10x_data/1.2.0/filtered_gene_bc_matrices/hg19_chr21", "scprep/test_10X_cellranger3"):
            if os.path.exists(at(name, "matrix.mtx.gz")) or os.path.exists(at(name, "genes.tsv")):
                self.tally.check(name, lambda: self.fixture(at(name), sc.read_10x_mtx(at(name))))
        for name in ("scprep/test_small.csv",):
            self.tally.check(name, lambda: self.fixture(at(name), anndata.AnnData(pd.read_csv(at(name), index_col=0))))
        for folder in ("mudata_archives/v0.1.2", "mudata_archives/v0.3.10", "mudata_archives/v0.4.1"):
            path = at(folder, "mdata_axis0.h5mu")
            self.tally.check(f"{folder}/mdata_axis0.h5mu", lambda: self.paired_fixture(path))

    def fixture(self, path, theirs):
        # Any graph will do: what comes with it is what counts.
        use = "--components 2"
        if theirs.X is None:
            use = next((f"--use {name}" for name, value in theirs.obsm.items() if isinstance(value, np.ndarray)), None)
        if use is None:
            done = subprocess.run(["sc-knn", "-q", path, "-o", self.at("out.h5ad")], capture_output=True, text=True)
            if done.returncode != 65 or "there is no matrix of values (X)" not in done.stderr:
                raise ValueError(f"ends with {done.returncode}: {done.stderr}")
            return "it has no numbers, which is said"
        run(f"sc-knn -q '{path}' {use} -n 3 -o out.h5ad", self.folder)
        ours = anndata.read_h5ad(self.at("out.h5ad"))
        theirs.var_names_make_unique()
        if theirs.X is not None:
            self.tally.same(ours.X, theirs.X, "X")
        self.tally.same(ours.obs_names.to_numpy(object), theirs.obs_names.astype(str).to_numpy(object), "cells")
        self.tally.same(ours.var_names.to_numpy(object), theirs.var_names.astype(str).to_numpy(object), "genes")
        self.tally.same_table(ours.obs, theirs.obs, "obs")
        for name, value in theirs.obsm.items():
            if isinstance(value, np.ndarray) and value.ndim == 2 and name != "X_pca" and np.isfinite(value).all():
                self.tally.same(ours.obsm[name], value, f"obsm/{name}")

    def paired_fixture(self, path):
        theirs = mudata.read_h5mu(path)
        run(f"sc-knn -q '{path}' --components 2 -n 3 -o out.h5mu", self.folder)
        ours = mudata.read_h5mu(self.at("out.h5mu"))
        names = [name for name in theirs.mod if name in ours.mod]
        cells = ours.mod[names[0]].obs_names
        for name in names:
            self.tally.same(ours.mod[name].X, theirs.mod[name][cells].X, name)
        return f"{', '.join(names)} of {', '.join(theirs.mod)}"


def main():
    os.environ["PATH"] = os.path.abspath(os.environ.get("SC", os.path.join(ROOT, ".build/release"))) + ":" + os.environ["PATH"]
    folder = tempfile.mkdtemp(prefix="interop-")
    try:
        checks = Checks(folder)
        checks.generated()
        checks.of_old(os.environ.get("OLD_PYTHON"), os.environ.get("EARLY_PYTHON"))
        checks.other_formats()
        checks.traded()
        stages.every_stage(checks, run, os.environ.get("EARLY_PYTHON"))
        stores.every_check(checks, run)
        samples.every_check(checks, run)
        quality.every_check(checks, run, os.environ.get("QUALITY_PYTHON"))
        groups.every_check(checks, run, os.environ.get("GROUPS_PYTHON"))
        rlanguage.every_way(checks, run)
        checks.fixtures()
        tally = checks.tally
        print(f"interop (anndata {anndata.__version__}, mudata {mudata.__version__}, scanpy {sc.__version__}): {tally.files} comparisons hold, "
              f"{tally.values} values compared, {tally.failed} disagree")
        return 1 if tally.failed else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
