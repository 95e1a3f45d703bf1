"""Genes that differ between groups beside pydeseq2, on the same simulated donors."""
import subprocess, sys
import numpy as np

GENES, DONORS, FEWEST = 1200, 8, 10


def simulated(paired, seed=5):
    """Counts of two clusters; every other donor is treated, or every donor has both conditions. One
    sample of one gene is far off."""
    chance = np.random.default_rng(seed)
    base = chance.lognormal(0, 1.6, GENES) * 0.6
    dispersion = 0.05 + 0.6 / (1 + 25 * base)
    change = np.where(chance.random(GENES) < 0.1, chance.normal(0, 1.2, GENES), 0)
    rows, obs = [], []
    for donor in range(DONORS):
        own = chance.normal(0, 0.5, GENES) if paired else 0
        for treated in ((0, 1) if paired else (donor % 2,)):
            for cluster in (0, 1):
                cells = 6 if (donor, cluster) == (0, 1) else int(chance.integers(30, 70))
                level = chance.gamma(1 / dispersion, dispersion) * np.exp(own + (change if treated and not cluster else 0))
                counts = chance.poisson((base * level)[None] * chance.lognormal(0, 0.3, cells)[:, None])
                if (donor, treated, cluster) == (3, 1, 0):
                    counts[:, 17] += 900
                rows.append(counts)
                obs += [(f"d{donor}", "treated" if treated else "control", str(cluster))] * cells
    return np.vstack(rows).astype(np.float32), obs


def every_check(checks, run, python):
    import anndata, pandas as pd
    from scipy import sparse
    print("groups of samples")
    if not python:
        print("pydeseq2: SKIPPED, it could not be installed")
        return
    tally, at = checks.tally, checks.at

    def compared(paired):
        x, obs = simulated(paired)
        frame = pd.DataFrame(obs, columns=["donor", "condition", "cluster"], index=[f"c{i}" for i in range(len(obs))])
        frame["cluster"] = frame["cluster"].astype("category")
        anndata.AnnData(sparse.csr_matrix(x), obs=frame, var=pd.DataFrame(index=[f"g{j}" for j in range(GENES)])).write_h5ad(at("groups.h5ad"))
        run("sc-eval -q groups.h5ad --compare-groups condition --replicate donor --group-genes g.tsv >/dev/null", checks.folder)
        ours = pd.read_csv(at("g.tsv"), sep="\t", dtype={"cluster": str})
        worst = []
        for cluster, part in ours.groupby("cluster"):
            sums = pd.DataFrame(x, index=frame.index)[frame["cluster"] == cluster].groupby([frame["donor"], frame["condition"]], observed=True).agg(["sum", "size"])
            sizes = sums.iloc[:, 1]
            table = sums.xs("sum", axis=1, level=1)[sizes >= FEWEST]
            donors, conditions = (table.index.get_level_values(k).to_numpy(str) for k in (0, 1))
            np.savez(at("in.npz"), counts=table.to_numpy(np.int64), donors=donors, conditions=conditions, paired=paired and len(set(donors)) * 2 == len(donors))
            subprocess.run([python, __file__, at("in.npz"), at("out.npz")], check=True, capture_output=True)
            theirs = np.load(at("out.npz"))
            found = part.set_index("gene").reindex([f"g{j}" for j in theirs["genes"]])
            tally.same(found["mean"].to_numpy(np.float32), theirs["mean"].astype(np.float32), "means")
            usual = np.isfinite(theirs["p"]) & np.isfinite(found["p_value"].to_numpy())
            if (np.isfinite(theirs["p"]) != np.isfinite(found["p_value"].to_numpy())).mean() > 0.005:
                raise ValueError("other genes have no p-value")
            fold = (np.abs(found["log2_fold_change"] - theirs["fold"]) / theirs["error"])[usual]
            error = np.abs(found["standard_error"] / theirs["error"] - 1)[usual]
            p = np.abs(np.log10(found["p_value"]) - np.log10(theirs["p"]))[usual]
            # Genes at the edge of a rule may be on either side of it in one of both.
            if np.quantile(fold, 0.99) > 0.1 or np.quantile(error, 0.98) > 0.15 or p.median() > 0.02:
                raise ValueError(f"fold changes differ by {np.quantile(fold, 0.99)} standard errors, these by {np.quantile(error, 0.98)}, p-values by {p.median()}")
            called, other = (found["p_adjusted"] < 0.05).to_numpy(), theirs["adjusted"] < 0.05
            if (called != other).sum() > 0.05 * max(20, other.sum()):
                raise ValueError(f"{called.sum()} genes are called, {other.sum()} by pydeseq2, {(called & other).sum()} by both")
            tally.values += 3 * int(usual.sum())
            worst.append(f"{called.sum()} genes, {other.sum()} by pydeseq2, {(called & other).sum()} by both")
        return "; ".join(worst)
    tally.check("conditions of donors are compared as by pydeseq2", lambda: compared(False))
    tally.check("those within donors too", lambda: compared(True))


def main(source, target):
    """pydeseq2's results for sums of counts."""
    import warnings
    warnings.filterwarnings("ignore")
    import pandas as pd
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.ds import DeseqStats
    given = np.load(source)
    genes = np.flatnonzero(given["counts"].sum(0) >= 10)
    names = [f"s{i}" for i in range(len(given["counts"]))]
    counts = pd.DataFrame(given["counts"][:, genes], index=names, columns=[f"g{j}" for j in genes])
    data = pd.DataFrame({"donor": given["donors"], "condition": given["conditions"]}, index=names)
    model = DeseqDataSet(counts=counts, metadata=data, design="~donor + condition" if given["paired"] else "~condition", refit_cooks=False, quiet=True)
    # Only means of at least 0.5 have dispersions, as in DESeq2 itself; pydeseq2 keeps that limit
    # for designs of one factor alone.
    fit = model.inference.irls
    model.inference.irls = lambda *a, **k: tuple(np.maximum(part, 0.5) if i == 1 else part for i, part in enumerate(fit(*a, **k)))
    model.fit_size_factors()
    model.fit_genewise_dispersions()
    model.inference.irls = fit
    for step in (model.fit_dispersion_trend, model.fit_dispersion_prior, model.fit_MAP_dispersions, model.fit_LFC, model.calculate_cooks, model.cooks_outlier):
        step()
    test = DeseqStats(model, contrast=["condition", "treated", "control"], independent_filter=False, quiet=True)
    test.summary()
    found = test.results_df
    np.savez(target, genes=genes, mean=found["baseMean"], fold=found["log2FoldChange"], error=found["lfcSE"], p=found["pvalue"], adjusted=found["padj"].fillna(1))


if __name__ == "__main__":
    main(*sys.argv[1:])
