"""Faults while a stage runs: signals, limits to memory, options that the data cannot meet, data too
small for anything."""
import json, os, random, signal, struct, subprocess, tempfile, time
from promise import Case, STAGES, run
from streams import Stream, command


def options(inputs):
    """What is wrong in itself: 64. What is wrong for this data: 65, or done as the pages say."""
    cells = inputs["cells"]
    table = [
        ("sc-knn", "--neighbors 0", 64), ("sc-knn", "--neighbors -3", 64), ("sc-knn", "--neighbors 1e3", 64), ("sc-knn", "--neighbors 99999999999999999999", 64),
        ("sc-knn", f"--neighbors {cells}", {0, 65}), ("sc-knn", f"--neighbors {cells + 1}", 65), ("sc-knn", f"--neighbors {1 << 60}", 64),
        ("sc-knn", "--neighbors 2", 0), ("sc-knn", "--neighbors 1", {0, 64, 65}), ("sc-knn", "--components 0", 64), ("sc-knn", f"--components {1 << 60}", 64),
        ("sc-knn", "--components 100000", {0, 65}), ("sc-knn", "--use X_none", 65), ("sc-knn", "--use ../../etc/passwd", 65), ("sc-knn", "--method ivf", 0), ("sc-knn", "--method ivf --recall 2", 64), ("sc-knn", "--recall 0.9", 64),
        ("sc-knn", "--modalities second", 64), ("sc-knn", "--second-weight nan", 64), ("sc-knn", "--threads 0", 64), ("sc-knn", "--threads 1024", 0),
        ("sc-pretrain", "--batch-size 7", 0), ("sc-pretrain", f"--batch-size {cells - 1}", 0), ("sc-pretrain", f"--batch-size {cells + 1}", 0),
        ("sc-pretrain", "--batch-size 0", 0), ("sc-pretrain", "--batch-size 1", {0, 64, 65}), ("sc-pretrain", "--batch-size 2", {0, 64, 65}),
        ("sc-pretrain", "--batch-size -1", 64), ("sc-pretrain", f"--batch-size {1 << 60}", 64), ("sc-pretrain", "--epochs 0", {0, 64}), ("sc-pretrain", "--epochs -1", 64),
        ("sc-pretrain", "--learning-rate nan", 64), ("sc-pretrain", "--learning-rate inf", 64), ("sc-pretrain", "--learning-rate 0", {0, 64}),
        ("sc-pretrain", "--learning-rate -1", 64), ("sc-pretrain", "--hops 1000000000", {64, 65}), ("sc-pretrain", "--hops -1", 64),
        ("sc-pretrain", "--models 0", 64), ("sc-pretrain", "--model scemc", 65), ("sc-pretrain", "--model nosuch", 64),
        ("sc-pretrain", "--learning-rate 1e30", 64), ("sc-pretrain", "--preset paper", 0),
        ("sc-cluster", "--clusters 0", 64), ("sc-cluster", "--clusters -1", 64), ("sc-cluster", f"--clusters {cells + 1}", 65), ("sc-cluster", f"--clusters {1 << 60}", 64),
        ("sc-cluster", f"--clusters {cells}", {0, 65}), ("sc-cluster", "--clusters 1", {0, 64, 65}), ("sc-cluster", "--clusters 2", 0), ("sc-cluster", "--batch-size 7", 0),
        ("sc-cluster", f"--batch-size {cells - 1}", 0), ("sc-cluster", "--batch-size 1", {0, 64, 65}), ("sc-cluster", "--update-interval 0", 64),
        ("sc-cluster", "--margin nan", 64), ("sc-cluster", "--gamma inf", 64), ("sc-cluster", "--latent-neighbors 0", 64), ("sc-cluster", "--latent-neighbors 1000000", {0, 65}),
        ("sc-cluster", "--outlier-share 2", 64), ("sc-cluster", "--learning-rate 1e30", 64), ("sc-cluster", "--use X_none --method kmeans", 65),
        ("sc-cluster", "--method leiden --resolution nan", 64), ("sc-cluster", "--method leiden --resolution 1e300", 64), ("sc-cluster", "--method spectral", 0),
        ("sc-cluster", "--method kmeans", 0), ("sc-cluster", "--method leiden", 0), ("sc-cluster", "--labels-out none/x.tsv", 73),
        ("sc-eval", "--labels none", 65), ("sc-eval", "--clusters-column none", 65), ("sc-eval", "--bootstrap 0", 64), ("sc-eval", "--bootstrap -5", 64),
        ("sc-eval", "--perplexity 0 --plot p.svg", {64, 65}), ("sc-eval", "--perplexity 1e9 --plot p.svg", {0, 64, 65}), ("sc-eval", "--perplexity nan --plot p.svg", 64),
        ("sc-eval", "--min-dist 7 --layout umap --plot p.svg", 64), ("sc-eval", "--plot p.gif", 64), ("sc-eval", "--ignore none", {0, 65}), ("sc-eval", "--use X_none", 65),
        ("sc-eval", "--marker-count 0 --markers m.tsv", 64), ("sc-eval", "--compare none.st", 66),
        ("sc-eval", "--compare in.st --plot p.svg --figures grid", 65), ("sc-eval", "--compare in.st --plot p.html", 64), ("sc-eval", "--curves c.png", 64),
        ("sc-preprocess", "--genes 0", 64), ("sc-preprocess", "--genes 1", 0), ("sc-preprocess", f"--genes {1 << 60}", 64), ("sc-preprocess", "--subsample 0", 64),
        ("sc-preprocess", "--subsample 100000000", {0, 65}), ("sc-preprocess", "--min-counts nan", 64), ("sc-preprocess", "--min-counts 1e30", 64),
        ("sc-preprocess", "--min-genes 100000", 65), ("sc-preprocess", "--max-mito-fraction 2", 64), ("sc-preprocess", "--batch-key none", 65),
        ("sc-preprocess", "--labels none", 65), ("sc-preprocess", "--second none.h5", 66), ("sc-preprocess", "--rna none", 64), ("sc-preprocess", "--genome none", 64),
        ("sc-preprocess", "--max-memory 0", 64), ("sc-preprocess", "--max-memory 1K", 71), ("sc-knn", "--max-memory 1K", 71),
        ("sc-pretrain", "--max-memory 1K", 71), ("sc-eval", "--max-memory 1K", 71), ("sc-eval", "--compare in.st --max-memory 1K", 71),
        *(("sc-cluster", f"--method {method} --max-memory 1K", 71) for method in ("sctpf", "consensus", "kmeans", "spectral", "leiden")),
        # What would change nothing.
        *(("sc-cluster", f"--method {method} {option}", 64) for method in ("consensus", "kmeans", "spectral", "leiden")
          for option in ("--gamma 3", "--learning-rate 0.1", "--start kmeans", "--keep last", "--patience 2", "--freeze-centers", "--preset paper", "--batch-size 9", "--grid")),
        ("sc-cluster", "--keep last --patience 2", 64), ("sc-cluster", "--phi 1", 64), ("sc-cluster", "--method sctpf --use X_pca", 64),
        ("sc-pretrain", "--structure sampled", 64), ("sc-pretrain", "--tolerance 0.1 --patience 0", 64), ("sc-pretrain", "--phi 1", 64),
        ("sc-knn", "--second-weight 2", 64), ("sc-knn", "--modalities rna", 64), ("sc-preprocess", "--genome hg38", 64),
        ("sc-preprocess", "--rna adt", 64), ("sc-preprocess", "--second-features 9", 64), ("sc-eval", "--history --labels type", 64), ("sc-eval", "--sample a", 64),
        # Quality of cells, doublets, batches.
        ("sc-preprocess", "--mad 0", 64), ("sc-preprocess", "--mad nan", 64), ("sc-preprocess", "--mad 1e-9", {0, 65}), ("sc-preprocess", "--qc q.gif", 64), ("sc-preprocess", "--qc none/q.png", 73),
        ("sc-preprocess", "--doublets", {0, 65}), ("sc-preprocess", "--doublets --doublet-rate 0", 64), ("sc-preprocess", "--doublets --doublet-threshold nan", 64), ("sc-preprocess", "--drop-doublets", 64),
        ("sc-preprocess", "--doublets --max-memory 1K", 71), ("sc-knn", "--integrate harmony", 64), ("sc-knn", "--batch-key type", 64), ("sc-knn", "--integrate harmony --batch-key none", 65),
        ("sc-eval", "--batch-key none", 65), ("sc-pretrain", "--batch-key none", 65), ("sc-pretrain", "--model scdsc --batch-key type --encode-batch", 64),
        ("sc-preprocess", "in.st", 64), ("sc-preprocess", "none.h5ad", 66), ("sc-preprocess", "--samples none.csv", 64),
        ("sc-pretrain", "--member 99", 64), ("sc-pretrain", "--gather none.st", 66), ("sc-cluster", "--within 99", 65),
    ]
    for stage, option, expect in table:
        yield Case(f"{stage} {option}", command(stage, "in.st", option), expect, files={"in.st": inputs[stage]}, timeout=40)
    yield Case("sc-cluster --reference none.st", "sc-cluster in.st --reference none.st -o out.st", 66, files={"in.st": inputs["sc-cluster"]})
    for name in ("x.csv", "x.loom", "x.zip", "x.safetensor", "x.h5", "x.h5ad.gz"):
        for stage in STAGES:
            yield Case(f"{stage} -o {name}", f"{stage} -q in.st -o {name}", 64, files={"in.st": inputs[stage]}, target=name, says="ending")
    for stage in STAGES:
        for option in ("--nosuch", "--format nosuch", "--seed -1", "--threads x", "--log-format xml", "a b", "--progress maybe", "-q -v"):
            # Further inputs of sc-preprocess are samples.
            expect = 66 if (stage, option) == ("sc-preprocess", "a b") else 64
            yield Case(f"{stage} {option}", f"{stage} in.st {option}", expect, files={"in.st": inputs[stage]})
        yield Case(f"{stage} on nothing", f"{stage} none.st", 66)
        yield Case(f"{stage} on a folder without data", f"mkdir d; {stage} d -o out.st", {65, 66})
        yield Case(f"{stage} on a file that may not be read", f"chmod 000 in.st; chmod 755 .; setpriv --reuid 65534 --clear-groups {stage} in.st", 66, files={"in.st": b"x"}) \
            if os.geteuid() == 0 else Case(f"{stage} on a file that may not be read", f"chmod 000 in.st; {stage} in.st", 66, files={"in.st": b"x"})
        yield Case(f"{stage} without standard input", f"{stage} <&-", 66)
        yield Case(f"{stage}: names that are not UTF-8", [stage, b"a\xff\nb\x1b[31m"], 66, says=r"a\\xff\\x0ab\\x1b")
        yield Case(f"{stage} on a device that never ends", f"{stage} /dev/zero -o out.st", 65, timeout=20)
    yield Case("sc-preprocess on a locked HDF5 file", "flock -x in.h5 sc-preprocess -q in.h5 -o out.st", 75, files={"in.h5": inputs["h5ad"]}, says="another program")


def labels(inputs):
    """True labels that do not fit."""
    def case(what, text, expect, says=()):
        return Case(f"labels: {what}", "sc-preprocess -q in.st --labels l.tsv -o out.st", expect, files={"in.st": inputs["sc-preprocess"], "l.tsv": text}, says=says)

    names = [f"cell{i}" for i in range(inputs["cells"])]
    yield case("all", "".join(f"{name}\ta\n" for name in names).encode(), 0)
    yield case("for half of the cells", "".join(f"{name}\ta\n" for name in names[::2]).encode(), 0)
    yield case("for other cells", b"x\ta\ny\tb\n", 65, "none of the")
    yield case("twice for a cell", b"cell0\ta\ncell0\tb\n", 65, "line 2")
    yield case("three columns", b"cell0\ta\tb\n", 65, "l.tsv:COLUMN")
    yield case("not UTF-8", b"cell0\t\xff\xfe\n", 65)
    yield case("empty", b"", 65)
    yield case("control bytes", b"cell0\t\x1b[31m\ncell1\tb\n", {0, 65})
    for what, column in {"one class": ["a"] * inputs["cells"], "a class a cell": [f"c{i}" for i in range(inputs["cells"])]}.items():
        text = "".join(f"{name}\t{value}\n" for name, value in zip(names, column)).encode()

        def figures(outcome, folder):
            with open(os.path.join(folder, "out.st")) as file:
                values = json.load(file)
            return [f"{name} is {value}" for name, value in values.items() if isinstance(value, float) and value != value]
        yield Case(f"sc-eval: true labels of {what}", "sc-preprocess -q in.st --labels l.tsv | sc-knn -q | sc-cluster -q --method kmeans --clusters 3 | "
                   "sc-eval --labels label --json > out.st", 0, files={"in.st": inputs["sc-preprocess"], "l.tsv": text}, check=figures)


def finite(outcome, folder):
    """No number of the result is NaN or infinite."""
    with open(os.path.join(folder, "out.st"), "rb") as file:
        stream = Stream(file.read())
    found = []
    for name, (dtype, _, data) in stream.tensors.items():
        form = {"F32": "f", "F64": "d"}.get(dtype)
        if form and not all(abs(value) < float("inf") for value in struct.unpack(f"<{len(data) // struct.calcsize(form)}{form}", data)):
            found.append(f"writes numbers that are not finite into {name}")
    return found


def tiny():
    """One cell, one gene, a constant gene, cells that are all the same, through the whole pipe: a
    result without NaN, or 65."""
    chance = random.Random(2)
    for what, rows, columns, value in [
        ("one cell", 1, 50, None), ("two cells", 2, 50, None), ("three cells", 3, 50, None), ("one gene", 40, 1, None), ("two genes", 40, 2, None), ("one cell, one gene", 1, 1, 3),
        ("cells that are all the same", 40, 30, 2), ("a constant gene", 40, 30, "constant"), ("a cell that has all", 40, 30, "one"), ("counts of 2^24", 40, 30, 1 << 24),
        ("one count a cell", 40, 30, "diagonal"), ("counts of 1", 40, 30, 1), ("cells twice each", 40, 30, "twice"),
    ]:
        def count(i, j):
            if value is None:
                return chance.randrange(1, 9)
            if value == "constant":
                return 5 if j == 3 else chance.randrange(0, 9)
            if value == "one":
                return 1000 if i == 0 else int(j == 0)
            if value == "diagonal":
                return int(i % columns == j)
            if value == "twice":
                return 1 + (i // 2 * 7 + j * j * (i // 2 + 1)) % 5
            return value
        text = "," + ",".join(f"gene{j}" for j in range(columns)) + "\n" + "".join(
            f"cell{i}," + ",".join(str(count(i, j)) for j in range(columns)) + "\n" for i in range(rows))
        files = {"in.csv": text.encode()}
        pre, knn = "sc-preprocess -q in.csv --min-cells-fraction 0", "sc-knn -q -n 5"
        train = "sc-pretrain -q --epochs 2 --models 1"
        ends = {"sc-preprocess": "", "sc-knn": f" | {knn}", "sc-knn -n 2": " | sc-knn -q -n 2", "sc-pretrain": f" | {knn} | {train}",
                "sc-cluster": f" | {knn} | {train} | sc-cluster -q --clusters 2 --epochs 4 --min-epochs 2",
                "sc-cluster --clusters auto": f" | {knn} | {train} | sc-cluster -q --epochs 2 --min-epochs 1",
                "kmeans": f" | {knn} | sc-cluster -q --method kmeans --clusters 2", "spectral": f" | {knn} | sc-cluster -q --method spectral --clusters 2",
                "leiden": f" | {knn} | sc-cluster -q --method leiden", "paper": f" | {knn} | {train} --preset paper | sc-cluster -q --preset paper --clusters 2 --epochs 3"}
        for stage, rest in ends.items():
            yield Case(f"{what}, to {stage}", f"set -o pipefail; {pre}{rest} > tmp && mv tmp out.st", {0, 65}, files=files, lines=0, check=lambda o, f: finite(o, f) if o.status == 0 else [],
                       timeout=60)
        figures = f"set -o pipefail; {pre} | {knn} | sc-cluster -q --method kmeans --clusters 2 > tmp && sc-eval -q tmp --use X_pca --json > tmp2 && mv tmp2 out.st"
        yield Case(f"{what}, to sc-eval", figures, {0, 65}, files=files, lines=0)
        yield Case(f"{what}, to pictures", figures.replace("--json > tmp2", "--use X_pca --plot p.svg --report r.html --markers m.tsv > tmp2"), {0, 65}, files=files, lines=0, timeout=60)


def result(stage, stream):
    """What the stage makes of the stream when nothing disturbs it."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "in.st"), "wb") as file:
            file.write(stream)
        outcome = run(command(stage, "in.st"), folder)
        if outcome.status:
            raise RuntimeError(outcome.errors)
        with open(os.path.join(folder, "out.st"), "rb") as file:
            return file.read()


def signals(inputs, times):
    """Signals in training and anywhere else: 130 or 143, nothing written; a second one ends it at
    once; others do as they do."""
    slow = {"sc-pretrain": "--epochs 100000 --patience 0 --models 1", "sc-cluster": "--clusters 3 --epochs 100000 --min-epochs 100000 --patience 1000000"}
    for stage, more in slow.items():
        for name, status in (("INT", 130), ("TERM", 143)):
            for delay in (0.4, 0.9)[:times]:
                for twice in (False, True):
                    def meanwhile(child, name=name, delay=delay, twice=twice):
                        time.sleep(delay)
                        for _ in range(1 + twice):
                            os.killpg(child.pid, getattr(signal, "SIG" + name))
                            time.sleep(0.005)
                    yield Case(f"{stage}: {'two ' if twice else ''}SIG{name} after {delay} s of training", f"exec {stage} -q -t 1 in.st -o out.st {more}", status,
                               files={"in.st": inputs[stage]}, old=b"old", meanwhile=meanwhile, timeout=20)
    chance = random.Random(8)
    for stage in STAGES:
        complete = result(stage, inputs[stage])
        for name, status in (("INT", 130), ("TERM", 143)):
            for _ in range(times):
                delay = 0.02 + chance.random() * 0.1

                def meanwhile(child, name=name, delay=delay):
                    time.sleep(delay)
                    try:
                        os.killpg(child.pid, getattr(signal, "SIG" + name))
                    except ProcessLookupError:
                        pass
                # The program itself in place of the shell: what would follow it is left out.
                line = command(stage, "in.st").removesuffix(" && mv out.tsv out.st")
                yield Case(f"{stage}: SIG{name} after {delay * 1000:.0f} ms", "exec " + line, {0, status}, files={"in.st": inputs[stage]},
                           target="out.tsv" if stage == "sc-eval" else "out.st", whole=complete, meanwhile=meanwhile)  # one that comes after the file has its name finds it complete
        for name in ("WINCH", "CONT", "URG"):
            def meanwhile(child, name=name):
                time.sleep(0.05)
                try:
                    os.killpg(child.pid, getattr(signal, "SIG" + name))
                except ProcessLookupError:
                    pass
            yield Case(f"{stage}: SIG{name} goes by", "exec " + command(stage, "in.st", "--epochs 40" if stage == "sc-pretrain" else ""), 0,
                       files={"in.st": inputs[stage]}, meanwhile=meanwhile)


def diverging(inputs):
    """A loss that is not finite: 70, naming the epoch."""
    for rate in ("0.5", "10", "1000", "1e6", "1e20"):
        yield Case(f"sc-pretrain at a learning rate of {rate}", f"sc-pretrain -q -t 1 in.st -o out.st --epochs 30 --models 1 --learning-rate {rate}", {0, 64, 70},
                   files={"in.st": inputs["sc-pretrain"]}, says="epoch|learning-rate", check=lambda o, f: finite(o, f) if o.status == 0 else [])


def memory(inputs, megabytes):
    """Limits to the address space: done, or 71. Below 120 MB the dynamic linker may fail before a
    program begins."""
    for stage in STAGES:
        for limit in megabytes:
            yield Case(f"{stage} in {limit} MB", f"ulimit -v {limit * 1024}; " + command(stage, "in.st"), {0, 71}, files={"in.st": inputs[stage]}, says="memory", timeout=40)
        yield Case(f"{stage} in 150 MB, two threads", f"ulimit -v {150 * 1024}; " + command(stage, "in.st").replace("-t 1", "-t 2"), {0, 71},
                   files={"in.st": inputs[stage]}, says="memory", timeout=40)
