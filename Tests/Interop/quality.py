"""Shares of genes, doublets and integration compared with scanpy, Scrublet and harmonypy, on the
same cells and, for random methods, the same random numbers."""
import json, subprocess, sys
import numpy as np

MASK = (1 << 64) - 1


class Chance:
    """Our random numbers (xoshiro256** filled by SplitMix64), so that another program can add up
    the same pairs."""
    def __init__(self, seed):
        self.state = [mixed(seed + i * 0x9E3779B97F4A7C15 & MASK) for i in range(4)]

    def next(self):
        s = self.state
        turn = lambda x, k: (x << k | x >> 64 - k) & MASK
        result, t = turn(s[1] * 5 & MASK, 7) * 9 & MASK, s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turn(s[3], 45)
        return result

    def below(self, bound):
        product = self.next() * bound
        if product & MASK < bound:
            least = (1 << 64) % bound
            while product & MASK < least:
                product = self.next() * bound
        return product >> 64

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def mixed(state):
    z = state + 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def stream(seed, purpose, *indices):
    state = mixed(mixed(seed) ^ purpose)
    for index in indices:
        state = mixed(state ^ index & MASK)
    return state


DOUBLETS = 27


def scrublet_scores(counts, seed=0, sample=0, rate=0.06):
    """Scrublet's own scores and threshold, of the cells and of the doublets that we simulate."""
    import scipy.sparse, scrublet
    chance = Chance(stream(seed, DOUBLETS, sample))
    pairs = np.array([[chance.below(counts.shape[0]) for _ in range(2)] for _ in range(2 * counts.shape[0])])
    program = scrublet.Scrublet(scipy.sparse.csc_matrix(counts, dtype=float), expected_doublet_rate=rate)

    def simulate(sim_doublet_ratio=None, synthetic_doublet_umi_subsampling=1.0):
        program._E_sim = program._E_obs[pairs[:, 0], :] + program._E_obs[pairs[:, 1], :]
        program._total_counts_sim = program._total_counts_obs[pairs].sum(1)
        program.doublet_parents_ = pairs
    program.simulate_doublets = simulate
    program.scrub_doublets(use_approx_neighbors=False, verbose=False)
    return program


def simulated(cells=600, genes=400, doublets=60, seed=3):
    """Counts of five types, some cells of two; returns them with what is a doublet."""
    chance = np.random.default_rng(seed)
    means = chance.gamma(0.5, 2.0, genes) * np.exp(1.2 * chance.normal(size=(5, genes)) * (chance.random((5, genes)) < 0.3))
    kinds = chance.integers(0, 5, cells)
    x = chance.poisson(means[kinds] * chance.lognormal(0, 0.25, cells)[:, None])
    pairs = chance.integers(0, cells, (doublets, 2))
    is_doublet = np.arange(cells + doublets) >= cells
    return np.vstack([x, x[pairs[:, 0]] + x[pairs[:, 1]]]).astype(np.float32), is_doublet


HARMONY = 28


def harmony(points, batches, seed=0, theta=2.0):
    """harmonypy's own correction, with the cells choosing their clusters in our order."""
    import harmonypy, logging, pandas as pd
    logging.getLogger("harmonypy").setLevel(logging.ERROR)
    place = {"turn": -1, "update": 0}
    shuffle, cluster = np.random.shuffle, harmonypy.harmony.Harmony.cluster

    def ordered(order):
        order[:] = Chance(stream(seed, HARMONY, place["turn"], place["update"])).permutation(len(order))
        place["update"] += 1

    def turn(program):
        place.update(turn=place["turn"] + 1, update=0)
        np.random.shuffle = ordered
        try:
            return cluster(program)
        finally:
            np.random.shuffle = shuffle
    harmonypy.harmony.Harmony.cluster = turn
    try:
        return harmonypy.run_harmony(np.asarray(points, float), pd.DataFrame({"batch": np.asarray(batches).astype(str)}), "batch", theta=theta, verbose=False)
    finally:
        harmonypy.harmony.Harmony.cluster = cluster


def lisi(distances, neighbors, labels, perplexity):
    """The inverse Simpson index of Korsunsky et al. (2019), written down from their program."""
    result = []
    for apart, others in zip(np.asarray(distances, float), neighbors):
        beta, low, high = 1.0, -np.inf, np.inf
        for _ in range(51):
            weights = np.exp(-apart * beta)
            entropy = np.log(weights.sum()) + beta * (apart * weights).sum() / weights.sum()
            weights /= weights.sum()
            if abs(entropy - np.log(perplexity)) < 1e-5:
                break
            if entropy > np.log(perplexity):
                low, beta = beta, beta * 2 if high == np.inf else (beta + high) / 2
            else:
                high, beta = beta, beta / 2 if low == -np.inf else (beta + low) / 2
        result.append(1 / (np.bincount(labels[others], weights) ** 2).sum())
    return np.array(result)


def scib_figures(points, graph, types, batches):
    """scIB's figures (Luecken et al. 2022) from their definitions."""
    from scipy.sparse.csgraph import connected_components
    from scipy.stats import chi2
    from sklearn.metrics import silhouette_samples
    from sklearn.neighbors import NearestNeighbors
    distances, neighbors = NearestNeighbors(n_neighbors=89).fit(points).kneighbors()
    kinds, samples = len(np.unique(types)), len(np.unique(batches))
    parts, blended, mixed = [], [], []
    for kind in range(kinds):
        chosen = np.flatnonzero(types == kind)
        parts.append(np.bincount(connected_components(graph[chosen][:, chosen])[1]).max() / len(chosen))
        if 1 < len(np.unique(batches[chosen])) < len(chosen):
            size = min(70, max(10, len(chosen) // len(np.unique(batches[chosen]))))
            near = NearestNeighbors(n_neighbors=size - 1).fit(points[chosen]).kneighbors(return_distance=False)
            shares = np.bincount(batches[chosen]) / len(chosen)
            found = np.array([np.bincount(np.append(batches[chosen][row], own), minlength=len(shares)) for row, own in zip(near, batches[chosen])])
            statistic = ((found - size * shares) ** 2 / (size * shares)).sum(1)
            mixed.append((chi2.sf(statistic, len(shares) - 1) >= 0.05).mean())
            blended.append((1 - np.abs(silhouette_samples(points[chosen], batches[chosen]))).mean())
    return {"ilisi": (np.median(lisi(distances, neighbors, batches, 30)) - 1) / (samples - 1),
            "clisi": (kinds - np.median(lisi(distances, neighbors, types, 30))) / (kinds - 1),
            "kbet": np.mean(mixed), "graph_connectivity": np.mean(parts), "silhouette_batch": np.mean(blended),
            "silhouette_type": (silhouette_samples(points, types).mean() + 1) / 2}


def every_check(checks, run, python):
    """Our programs beside the others, which run in an environment of their own."""
    import anndata, pandas as pd, scanpy as sc
    from scipy import sparse
    print("quality of cells, doublets and integration")
    tally, at = checks.tally, checks.at
    x, is_doublet = simulated()
    cells, genes = [f"c{i}" for i in range(len(x))], [("MT-" if j < 12 else "RPS" if j < 40 else "G") + str(j) for j in range(x.shape[1])]
    data = anndata.AnnData(sparse.csr_matrix(x), obs=pd.DataFrame({"lane": pd.Categorical(np.arange(len(x)) % 2)}, index=cells), var=pd.DataFrame(index=genes))
    data.write_h5ad(at("quality.h5ad"))

    def shares():
        run("sc-preprocess -q quality.h5ad --min-cells-fraction 0.1 -o q.h5ad", checks.folder)
        data.var["mt"], data.var["ribo"] = data.var_names.str.startswith("MT-"), data.var_names.str.startswith(("RPS", "RPL"))
        theirs = sc.pp.calculate_qc_metrics(data, qc_vars=["mt", "ribo"], percent_top=None, log1p=False)[0].loc[(ours := anndata.read_h5ad(at("q.h5ad")).obs).index]
        for own, other in (("n_counts", "total_counts"), ("n_genes", "n_genes_by_counts"), ("pct_counts_mt", "pct_counts_mt"), ("pct_counts_ribo", "pct_counts_ribo")):
            tally.same(ours[own].to_numpy(np.float32), theirs[other].to_numpy(np.float32), own)
    tally.check("counts, genes and shares are scanpy's", shares)

    def deviations():
        run("sc-preprocess -q quality.h5ad --mad 2 -o q.h5ad", checks.folder)
        totals, shown, share = x.sum(1), (x > 0).sum(1), x[:, :12].sum(1) / x.sum(1)
        reach = lambda v: (np.median(v), 2 * np.median(np.abs(v - np.median(v))))
        kept = np.ones(len(x), bool)
        for values in (np.log1p(totals.astype(float)), np.log1p(shown)):
            middle, far = reach(values)
            kept &= np.abs(values - middle) <= far
        kept &= share <= sum(reach(share))
        tally.same(anndata.read_h5ad(at("q.h5ad")).obs_names.to_numpy(object), np.array(cells, object)[kept], "cells")
        return f"{kept.sum()} of {len(x)} cells are left"
    tally.check("median absolute deviations", deviations)

    def variable(flavor):
        batches, counts = np.repeat(["p", "q", "r"], [len(x) // 2, len(x) // 3, len(x) - len(x) // 2 - len(x) // 3]), x.copy()
        for lane, gene in (("p", 0), ("q", 1), ("r", 2)):
            counts[np.ix_(batches == lane, np.arange(gene, x.shape[1], 5))] = 0
        theirs = anndata.AnnData(sparse.csr_matrix(counts), obs=pd.DataFrame({"batch": pd.Categorical(batches)}, index=cells), var=pd.DataFrame(index=genes))
        theirs.write_h5ad(at("absent.h5ad"))
        run(f"sc-preprocess -q absent.h5ad --min-cells-fraction 0 --target-sum 10000 --genes 100 --batch-key batch --hvg-flavor {flavor} -o q.h5ad", checks.folder)
        ours = anndata.read_h5ad(at("q.h5ad")).raw.var
        theirs = theirs[:, ours.index].copy()
        sc.pp.normalize_total(theirs, target_sum=1e4)
        sc.pp.log1p(theirs)
        sc.pp.highly_variable_genes(theirs, n_top_genes=100, flavor=flavor, batch_key="batch")
        difference = np.abs(ours["dispersions_norm"] - theirs.var["dispersions_norm"]).max()
        shared = (ours["highly_variable"] & theirs.var["highly_variable"]).sum()
        if difference > 1e-3 or shared < 99:
            raise ValueError(f"{shared} of 100 genes, normalized dispersions differ by {difference}")
        return f"{shared} of 100 genes, normalized dispersions within {difference:.1e}"
    for flavor in ("seurat", "cell_ranger"):
        tally.check(f"variable genes of batches that lack genes, {flavor}", lambda: variable(flavor))
    if not python:
        print("Scrublet and harmonypy: SKIPPED, they could not be installed")
        return

    def others(what, *words):
        subprocess.run([python, __file__, what, at("in.npz"), at("out.npz"), *map(str, words)], check=True, capture_output=True)
        return np.load(at("out.npz"))

    def doublets(option, rows, sample):
        run(f"sc-preprocess -q quality.h5ad --doublets --min-cells-fraction 0 {option} -o q.h5ad", checks.folder)
        ours = anndata.read_h5ad(at("q.h5ad")).obs.iloc[rows]
        np.savez(at("in.npz"), counts=x[rows])
        theirs = others("doublets", sample)
        # A cell that is added to itself keeps its position: either of the two may be the last
        # neighbor.
        differing = ~np.isclose(ours["doublet_score"], theirs["scores"], rtol=1e-4)
        if differing.mean() > 0.01:
            raise ValueError(f"{differing.sum()} scores differ, by {np.abs(ours['doublet_score'] - theirs['scores']).max()}")
        tally.same(ours["predicted_doublet"].to_numpy(bool)[~differing], theirs["calls"][~differing], "calls")
        tally.values += len(rows)
        found, truth = ours["predicted_doublet"].to_numpy(bool), is_doublet[rows]
        return f"{differing.sum()} scores differ, precision {(found & truth).sum() / found.sum():.2f}, recall {(found & truth).sum() / truth.sum():.2f}"
    tally.check("doublets are Scrublet's", lambda: doublets("", np.arange(len(x)), 0))
    tally.check("those of a lane too", lambda: doublets("--batch-key lane", np.arange(1, len(x), 2), 1))

    def integrated():
        types, batches = np.arange(600) % 5, np.arange(600) // 5 % 3
        chance = np.random.default_rng(8)
        means = chance.gamma(0.5, 2.0, 300) * np.exp(1.2 * chance.normal(size=(5, 300)) * (chance.random((5, 300)) < 0.3))
        moved = np.exp(0.5 * chance.normal(size=(3, 300)) * (chance.random((3, 300)) < 0.5))
        y = chance.poisson(means[types] * moved[batches]).astype(np.float32)
        obs = pd.DataFrame({"type": pd.Categorical(types.astype(str)), "batch": pd.Categorical(batches.astype(str))}, index=[f"c{i}" for i in range(600)])
        anndata.AnnData(sparse.csr_matrix(y), obs=obs, var=pd.DataFrame(index=[f"G{j}" for j in range(300)])).write_h5ad(at("batches.h5ad"))
        run("sc-preprocess -q batches.h5ad | sc-knn -q --components 20 --batch-key batch --integrate harmony | sc-cluster -q --method kmeans -c 5 -o h.h5ad", checks.folder)
        ours = anndata.read_h5ad(at("h.h5ad"))
        np.savez(at("in.npz"), points=ours.obsm["X_pca"], batches=batches)
        theirs = others("harmony")["points"]
        graph = ours.obsp["connectivities"].tocsr()
        before = scib_figures(ours.obsm["X_pca"], graph, types, batches)
        found, other = (scib_figures(points, graph, types, batches) for points in (ours.obsm["X_pca_harmony"], theirs))
        reported = json.loads(run("sc-eval -q h.h5ad --labels type --batch-key batch --use X_pca_harmony --json", checks.folder))
        for name, value in found.items():
            if abs(reported[name] - value) > 1e-3:
                raise ValueError(f"{name}: {reported[name]}, not {value}")
            tally.values += 1
        if found["ilisi"] < max(before["ilisi"], other["ilisi"] - 0.05) or found["clisi"] < other["clisi"] - 0.02:
            raise ValueError(f"{found}, harmonypy {other}")
        return f"iLISI {before['ilisi']:.3f} before, {found['ilisi']:.3f} after, harmonypy {other['ilisi']:.3f}; cLISI {found['clisi']:.3f}, harmonypy {other['clisi']:.3f}"
    tally.check("batches come together as harmonypy brings them", integrated)


def main(what, source, target, sample=0):
    given = np.load(source)
    if what == "doublets":
        program = scrublet_scores(given["counts"], sample=int(sample))
        calls = program.predicted_doublets_
        np.savez(target, scores=program.doublet_scores_obs_, calls=np.zeros(len(given["counts"]), bool) if calls is None else calls)
    else:
        np.savez(target, points=harmony(given["points"], given["batches"]).Z_corr.T)


if __name__ == "__main__":
    main(*sys.argv[1:])
