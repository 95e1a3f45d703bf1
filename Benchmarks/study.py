#!/usr/bin/env python3
"""What settings are worth: sets × settings × seeds through the real programs, judged by labels that only sc-eval reads.

    SC=.build/release/ Benchmarks/study.py TABLE.tsv SET [SET ...] [--settings NAME ...] [--seeds 0 1 2] [--jobs 2]
    SC=.build/release/ Benchmarks/study.py TABLE.tsv --report [--draw PICTURE.svg]

A SET is FILE:LABELS:CLUSTERS[:LABEL TO LEAVE OUT], for example ../shared/data/rna/10X_PBMC_top2000.h5:Y:8; CLUSTERS may be `auto` (then NAME:auto:TYPES is
written as auto/TYPES). A row is appended as soon as it is known, and what stands there already is not run again, so that an interrupted study goes on. Two runs
at a time share the cores, a thread each: seconds are then only a guide. `--report` prints the table of means and spreads, and what every setting changes.
"""
import argparse, concurrent.futures, json, os, statistics, struct, subprocess, sys, tempfile, threading, time

# name: options of sc-preprocess, sc-knn, sc-pretrain, sc-cluster. Each but the first undoes one choice of the default.
SETTINGS = {
    "default": ("", "", "", ""),
    "one model": ("", "", "--models 1", ""),
    "three models": ("", "", "--models 3", ""),
    "twelve models": ("", "", "--models 12", ""),
    "consensus without training": ("", "", "", "--method consensus"),
    "last epoch": ("", "", "", "--keep last --epochs 32 --patience 9"),
    "k-means of the first codes": ("", "", "", "--method kmeans --use X_latent"),
    "Leiden of the first codes": ("", "", "", "--method leiden --use X_latent"),
    "k-means of principal components": ("", "", "--models 1 --epochs 1", "--method kmeans --use X_pca"),
    "Leiden of the graph": ("", "", "--models 1 --epochs 1", "--method leiden"),
    "spectral of the graph": ("", "", "--models 1 --epochs 1", "--method spectral"),
    "no graph in the encoder": ("", "", "--hops 0", ""),
    "half the epochs": ("", "", "--epochs 12", ""),
    "values not scaled": ("--no-scale", "", "", ""),
    "1,000 genes": ("--genes 1000", "", "", ""),
    "sctag": ("", "", "--model sctag", ""),
    "sctag, paper": ("", "", "--model sctag --preset paper", "--preset paper"),
    "scdeepcluster": ("", "", "--model scdeepcluster", ""),
    "scdeepcluster, k-means of its codes": ("", "", "--model scdeepcluster", "--method kmeans --use X_latent"),
    "scdeepcluster, paper": ("", "", "--model scdeepcluster --preset paper", "--preset paper"),
    "scemc": ("", "", "--model scemc", ""),
    "scemc, RNA alone": ("", "", "--model scemc --rna-only", ""),
    "scemc, no skip": ("", "", "--model scemc --no-skip", ""),
    "scemc, no aggregation": ("", "", "--model scemc --no-aggregation", ""),
    "scemc, transformer": ("", "", "--model scemc --aggregation transformer", ""),
    "scemc, no reconstruction": ("", "", "--model scemc --no-reconstruction", ""),
    "scemc, no cluster loss": ("", "", "--model scemc --no-cluster-loss", ""),
    "scemc, k-means of its codes": ("", "", "--model scemc", "--method kmeans --use X_latent"),
    "scemc, k-means of sc-knn's coordinates": ("", "", "--model scemc", "--method kmeans --use X_joint"),
    "scemc, k-means of the RNA's components": ("", "", "--model scemc", "--method kmeans --use X_pca"),
    "scemc, last epoch": ("", "", "--model scemc", "--keep last"),
    "scemc, paper": ("", "", "--model scemc --preset paper", "--preset paper"),
    "paper": ("", "", "--preset paper", "--preset paper"),
    "released": ("", "", "--preset released", "--preset released"),
}
COLUMNS = ["set", "clusters", "setting", "seed", "acc", "nmi", "ari", "found", "acc_sure", "acc_unsure", "seconds"]


def tensors(path, names):
    """The named tensors and the settings of a stream, without any library."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start, result = file.tell(), {}
        for name in names:
            entry = header[name]
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            kinds = {"F32": "f", "I32": "i", "I64": "q", "F64": "d", "U8": "B", "I8": "b", "I16": "h"}
            kind = kinds[entry["dtype"]]
            data = file.read(end - begin)
            result[name] = struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data)
        return result


def calibration(path, labels):
    """The share of cells in the most frequent type of their cluster, above the median confidence and up to it."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    column = next((n for n in header if n.startswith(f"obs.{labels}") and n.endswith(("codes", labels))), None)
    cluster = next((n for n in header if n.startswith("obs.cluster") and n.endswith(("codes", "cluster"))), None)
    if column is None or cluster is None or "obs.confidence" not in header:
        return "", ""
    values = tensors(path, [column, cluster, "obs.confidence"])
    cells = list(zip(values[column], values[cluster], values["obs.confidence"]))
    counts = {}
    for truth, found, _ in cells:
        counts.setdefault(found, {}).setdefault(truth, 0)
        counts[found][truth] += 1
    major = {found: max(table, key=table.get) for found, table in counts.items()}
    middle = statistics.median(sure for _, _, sure in cells)
    share = lambda group: f"{sum(major[f] == t for t, f in group) / len(group):.4f}" if group else ""
    return share([(t, f) for t, f, s in cells if s > middle]), share([(t, f) for t, f, s in cells if s <= middle])


def shell(command):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}\n{done.stderr[-600:]}")
    return done.stdout


def train(prefix, item, setting, seed, threads, folder):
    """The trained models of a setting, and the seconds they took."""
    path, labels = item.split(":")[:2]
    pre, knn, options, _ = SETTINGS[setting]
    common = f"-q --seed {seed} -t {threads}"
    trained, start = os.path.join(folder, "trained.safetensors"), time.monotonic()
    shell(f"{prefix}sc-preprocess {path} --labels {labels} {pre} {common} | {prefix}sc-knn {knn} {common} | {prefix}sc-pretrain {options} {common} -o {trained}")
    return trained, time.monotonic() - start


def judge(prefix, item, setting, seed, threads, trained, seconds):
    """The row of a setting."""
    path, labels, clusters, *left_out = item.split(":", 3)
    out, start = trained.removesuffix(".safetensors") + ".clustered.safetensors", time.monotonic()
    shell(f"{prefix}sc-cluster {trained} --clusters {clusters.split('/')[0]} {SETTINGS[setting][3]} -q --seed {seed} -t {threads} -o {out}")
    seconds += time.monotonic() - start
    ignored = f"--ignore-label {left_out[0]}" if left_out else ""
    scores = json.loads(shell(f"{prefix}sc-eval {out} --labels {labels} {ignored} --json -q"))
    found = json.loads(shell(f"{prefix}sc-eval {out} --json -q")).get("clusters", "")
    sure, unsure = calibration(out, labels)
    name = os.path.basename(path).split(".")[0]
    return [name, clusters, setting, seed, *(f"{scores[key]:.4f}" for key in ("acc", "nmi", "ari")), found, sure, unsure, f"{seconds:.1f}"]


def read(table):
    if not os.path.exists(table):
        return []
    with open(table) as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    return [dict(zip(COLUMNS, line)) for line in lines[1:]]


def report(rows, picture):
    sets, settings = ([*dict.fromkeys(row[key] for row in rows)] for key in ("set", "setting"))
    means = {}
    for row in rows:
        means.setdefault((row["setting"], row["set"]), []).append(float(row["ari"]))
    print("| setting | " + " | ".join(sets) + " | mean |")
    print("|---" * (len(sets) + 2) + "|")
    for setting in settings:
        cells = [means.get((setting, s)) for s in sets]
        text = [f"{statistics.mean(c):.3f}" + (f" ± {statistics.stdev(c):.3f}" if len(c) > 1 else "") if c else "" for c in cells]
        whole = f"{statistics.mean(statistics.mean(c) for c in cells):.3f}" if all(cells) else ""
        print(f"| {setting} | " + " | ".join(text) + f" | {whole} |")
    if picture:
        draw(picture, sets, settings, means)


def draw(path, sets, settings, means):
    """Points of every setting on every set."""
    left, width, row, top = 260, 150, 22, 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width * len(sets) + 20}" height="{top + row * len(settings) + 20}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>']
    for i, name in enumerate(sets):
        x = left + i * width
        out.append(f'<text x="{x}" y="20">{name[:22]}</text>')
        for tick in (0, 0.5, 1):
            place = x + tick * (width - 30)
            out.append(f'<line x1="{place}" y1="{top - 8}" x2="{place}" y2="{top + row * len(settings)}" stroke="#ddd"/><text x="{place}" y="{top - 10}" fill="#666" font-size="9">{tick}</text>')
    for j, setting in enumerate(settings):
        y = top + row * j + row / 2
        out.append(f'<text x="8" y="{y + 4}">{setting}</text>')
        for i, name in enumerate(sets):
            for value in means.get((setting, name), []):
                out.append(f'<circle cx="{left + i * width + max(0, value) * (width - 30):.1f}" cy="{y}" r="4" fill="{"#D55E00" if j == 0 else "#0072B2"}" fill-opacity="0.6"/>')
    with open(path, "w") as file:
        file.write("\n".join(out + ["</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--settings", nargs="+", default=["default"], choices=[*SETTINGS], metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--draw")
    options = parser.parse_args()
    prefix, lock = os.environ.get("SC", ""), threading.Lock()
    done = {(row["set"], row["clusters"], row["setting"], row["seed"]) for row in read(options.table)}
    if not os.path.exists(options.table) and options.sets:
        with open(options.table, "w") as file:
            file.write("\t".join(COLUMNS) + "\n")

    def is_done(item, setting, seed):
        path, _, clusters = item.split(":")[:3]
        return (os.path.basename(path).split(".")[0], clusters, setting, str(seed)) in done

    def task(item, settings, seed):
        """Settings that differ in what follows training share it."""
        left = [setting for setting in settings if not is_done(item, setting, seed)]
        if not left:
            return
        with tempfile.TemporaryDirectory() as folder:
            trained, seconds = train(prefix, item, left[0], seed, options.threads, folder)
            for setting in left:
                row = judge(prefix, item, setting, seed, options.threads, trained, seconds)
                with lock, open(options.table, "a") as file:
                    file.write("\t".join(map(str, row)) + "\n")
                    print(*row, sep="\t", file=sys.stderr, flush=True)

    trainings = {}
    for setting in options.settings:
        trainings.setdefault(SETTINGS[setting][:3], []).append(setting)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = [pool.submit(task, item, settings, seed) for seed in options.seeds for settings in trainings.values() for item in options.sets]
        failures = [str(job.exception()) for job in work if job.exception()]
    if options.report or options.draw:
        report(read(options.table), options.draw)
    if failures:
        sys.exit("\n".join(failures))


main()
