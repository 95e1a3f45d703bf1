#!/usr/bin/env python3
"""The five programs against what one would use instead, in one run on the same data: PyTorch,
scanpy and scikit-learn.

    SC=.build/release/ Benchmarks/peers.py [--quick] [--rounds 3] [--threads 2]
        [--only epoch paired graph kmeans leiden]
        [--data COUNTS] [--paired PAIRED] [--cells N --genes N]

Our programs and theirs alternate; a ratio is theirs divided by ours, the median of the rounds with
the range. Seconds and peak memory (of the whole process) are medians. The ratio of processor
seconds depends less on other work of the machine. It covers all threads together, and for ours
always the whole process.

  epoch    an epoch of sc-pretrain; the same step in eager PyTorch, dense
           (Benchmarks/peers/sctpf_torch.py), which first must reach the same losses from our weights
  paired   an epoch of sc-pretrain --model scemc as published; the same step in eager PyTorch
           (Benchmarks/peers/scemc_torch.py), with the same losses too
  graph    sc-preprocess | sc-knn on an .h5ad, whole processes that also write their result; scanpy
           from read_h5ad to neighbors, without imports and writing
  k-means  sc-cluster --method kmeans, the whole process; KMeans.fit alone, of as many starts, on
           the same principal components
  leiden   sc-cluster --method leiden, the whole process; scanpy.tl.leiden alone, by igraph, on the
           same graph

--data is a file of counts for the epoch (all its genes are kept). --paired is a file of two
measurements of the same cells. Without them cells are simulated. The packages are in
benchmark-results/venv, made on the first run.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time

import rundir
import yardstick

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(os.path.dirname(HERE), "benchmark-results")
VENV = os.path.join(RESULTS, "venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Settings that change which kernels OpenBLAS takes: nobody gets them.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def made_environment():
    """Whether the packages are there, after an installation if needed; reports in one line why
    not."""
    requirements = os.path.join(HERE, "peers", "requirements.txt")
    stamp = os.path.join(VENV, "installed.txt")
    with open(requirements) as file:
        wanted = file.read()
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return True
    print(f"installing {', '.join(wanted.split())} into {os.path.relpath(VENV)} (once; minutes) ...", file=sys.stderr)
    for command in ([sys.executable, "-m", "venv", VENV], [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "-r", requirements]):
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if made.returncode:
            reason = (made.stdout.decode().strip().splitlines() or ["no reason given"])[-1]
            print(f"peers: skipped, their packages cannot be installed ({reason})", file=sys.stderr)
            return False
    with open(stamp, "w") as file:
        file.write(wanted)
    return True


def run(*commands, environment=ENVIRONMENT):
    """Runs commands joined by pipes: (seconds, processor seconds), the sum of their peak memory in
    MB, the last one's output, all of standard error."""
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as output:
        start, children, source = time.monotonic(), [], subprocess.DEVNULL
        for number, command in enumerate(commands):
            last = number == len(commands) - 1
            child = subprocess.Popen(command, stdin=source, stdout=output if last else subprocess.PIPE, stderr=errors, env=environment)
            if source is not subprocess.DEVNULL:
                source.close()
            source = child.stdout
            children.append(child)
        memory, processor, failed = 0, 0, []
        for child, command in zip(children, commands):
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            memory += usage.ru_maxrss / 1024
            processor += usage.ru_utime + usage.ru_stime
            if child.returncode:
                failed.append(f"{command} ended with {child.returncode}")
        seconds = time.monotonic() - start
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
    if failed:
        sys.exit("\n".join([*failed, texts[1]]))
    return (seconds, processor), memory, *texts


class Comparison:
    """Runs our program and theirs in turn and keeps the rows of the table."""

    def __init__(self, options, folder):
        self.options, self.folder, self.rows, self.versions = options, folder, [], {}
        self.prefix = os.environ.get("SC", "")
        self.threads = str(options.threads)
        limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        self.environment = dict(ENVIRONMENT, **{name: self.threads for name in limits})

    def place(self, name):
        return os.path.join(self.folder, name)

    def ours(self, program, *arguments):
        return [self.prefix + program, *arguments, "-t", self.threads]

    def peer(self, script, *arguments):
        """What one of the scripts in peers/ reports, and its peak memory."""
        command = [PYTHON, os.path.join(HERE, "peers", script), *map(str, arguments)]
        _, memory, output, _ = run(command, environment=self.environment)
        report = json.loads(output.splitlines()[-1])
        return report, memory

    def simulate(self, name, cells, genes):
        path = self.place(name)
        run([PYTHON, os.path.join(HERE, "simulate_large.py"), path, "--cells", str(cells), "--genes", str(genes)])
        return path

    def row(self, what, rounds):
        """Adds a row and prints it; a round is our (seconds, processor seconds), our MB, theirs,
        their MB."""
        ours, theirs = (statistics.median(entry[side][0] for entry in rounds) for side in (0, 2))
        ours_mb, theirs_mb = (statistics.median(entry[side] for entry in rounds) for side in (1, 3))
        ratios = [entry[2][0] / entry[0][0] for entry in rounds]
        processor = statistics.median(entry[2][1] / entry[0][1] for entry in rounds)
        spread = f"{statistics.median(ratios):.2f}\t{min(ratios):.2f}-{max(ratios):.2f}"
        self.rows.append(f"{what}\t{ours:.3f}\t{theirs:.3f}\t{spread}\t{processor:.2f}\t{ours_mb:.0f}\t{theirs_mb:.0f}")
        print(self.rows[-1], flush=True)

    def note(self, text):
        self.rows.append("# " + text)
        print(self.rows[-1], flush=True)

    def pretrain(self, graph, name, epochs, *more):
        """The losses and the seconds of every epoch of our program; the processor seconds of the
        whole process for each; its peak memory."""
        command = self.ours("sc-pretrain", graph, "--preset", "paper", "--epochs", str(epochs), "--log-format", "json", "-o", self.place(name), *more)
        (_, processor), memory, _, errors = run(command)
        lines = [json.loads(line) for line in errors.splitlines()]
        lines = [line for line in lines if line["event"] == "epoch"]
        return [line["losses"] for line in lines], [line["epoch_seconds"] for line in lines], processor / epochs, memory


def shape_of(stream):
    """Cells and genes of a tensor stream, by its header."""
    with open(stream, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return json.loads(json.loads(file.read(size))["__metadata__"]["X.shape"])


def same_step(comparison, graph):
    """Whether the PyTorch step has our losses: along five epochs from our first weights, and at our
    weights after three of them."""
    epochs = 5
    losses, *_ = comparison.pretrain(graph, "model.safetensors", epochs)
    largest = 0
    # With a step size that moves no weight in single precision, the first weights are what is
    # stored.
    for stored, skipped in ((("1", "--learning-rate", "1e-30"), 0), (("3",), 3)):
        comparison.pretrain(graph, "start.safetensors", int(stored[0]), *stored[1:])
        arguments = ["--weights", comparison.place("start.safetensors"), "--threads", comparison.threads]
        report, _ = comparison.peer("sctpf_torch.py", graph, *arguments, "--epochs", 1 if skipped else epochs)
        differences = [max(abs(a[name] - b[name]) for name in a) for a, b in zip(losses[skipped:], report["losses"])]
        largest = max(largest, *differences)
        start = f"our weights after {skipped} epochs" if skipped else "our first weights"
        figures = ", ".join(f"{ours['total']:.6f} / {theirs['total']:.6f}" for ours, theirs in zip(losses[skipped:], report["losses"]))
        comparison.note(f"loss from {start}, ours / PyTorch: {figures}; all terms within {max(differences):.1e}")
    if largest > 1e-4:
        sys.exit(f"the PyTorch step is not the same: its losses differ by {largest:.1e}")


def compare_epochs(comparison):
    options = comparison.options
    data = options.data or comparison.simulate("cells.h5ad", *options.epoch_shape)
    graph = comparison.place("epoch.safetensors")
    run(comparison.ours("sc-preprocess", data, "--min-cells-fraction", "0", "--genes", "1000000", "-q"), comparison.ours("sc-knn", "-q", "-o", graph))
    cells, genes = shape_of(graph)
    comparison.note(f"epoch: {cells} cells x {genes} genes, {os.path.basename(options.data) if options.data else 'simulated'}")
    same_step(comparison, graph)
    rounds = {"every-epoch": [], "once": []}
    for _ in range(options.rounds):
        for hops, rows in rounds.items():
            _, seconds, processor, memory = comparison.pretrain(graph, "model.safetensors", 12)
            report, peer_memory = comparison.peer("sctpf_torch.py", graph, "--threads", comparison.threads, "--epochs", 4, "--hops", hops)
            theirs = tuple(statistics.median(report[name][1:]) for name in ("seconds", "processor"))
            rows.append(((statistics.median(seconds[2:]), processor), memory, theirs, peer_memory))
            comparison.versions["torch"] = report["version"]
    comparison.row("epoch: sc-pretrain / PyTorch, A^t X in every epoch as published", rounds["every-epoch"])
    comparison.row("epoch: sc-pretrain / PyTorch, A^t X kept", rounds["once"])


def compare_paired(comparison):
    options, graph = comparison.options, comparison.place("paired.safetensors")
    source = [options.paired]
    if not options.paired:
        cells, genes = options.epoch_shape
        source = [comparison.place("rna.h5ad"), "--second", comparison.place("proteins.h5ad")]
        run([PYTHON, os.path.join(HERE, "simulate_large.py"), *source, "--cells", str(cells), "--genes", str(genes)])
    run(comparison.ours("sc-preprocess", *source, "-q"), comparison.ours("sc-knn", "-q", "-o", graph))
    cells, genes = shape_of(graph)
    comparison.note(f"paired: {cells} cells x {genes} genes, {os.path.basename(options.paired) if options.paired else 'simulated'}")
    # All cells are in one batch, without noise, and the step size moves nothing. The second of two
    # epochs is then one step from the stored weights.
    still = ["--model", "scemc", "--rna-noise", "0", "--second-noise", "0", "--batch-size", str(2 * cells), "--learning-rate", "1e-30"]
    losses, *_ = comparison.pretrain(graph, "start.safetensors", 2, *still)
    report, _ = comparison.peer("scemc_torch.py", graph, "--weights", comparison.place("start.safetensors"), "--epochs", 1, "--batch-size", 2 * cells, "--noise", 0, 0, "--pairs")
    difference = max(abs(losses[1][name] - report["losses"][0][name]) for name in losses[1])
    comparison.note(f"loss from our first weights, ours / PyTorch: {losses[1]['total']:.6f} / {report['losses'][0]['total']:.6f}; all terms within {difference:.1e}")
    if difference > 1e-4:
        sys.exit(f"the PyTorch step of scEMC is not the same: its losses differ by {difference:.1e}")
    rounds = []
    for _ in range(options.rounds):
        _, seconds, processor, memory = comparison.pretrain(graph, "model.safetensors", 12, "--model", "scemc")
        report, peer_memory = comparison.peer("scemc_torch.py", graph, "--threads", comparison.threads, "--epochs", 4, "--pairs")
        theirs = tuple(statistics.median(report[name][1:]) for name in ("seconds", "processor"))
        # The loss of the pairs is added in the second half of our epochs.
        rounds.append(((statistics.median(seconds[6:]), processor), memory, theirs, peer_memory))
        comparison.versions["torch"] = report["version"]
    comparison.row("paired: an epoch of sc-pretrain --model scemc / PyTorch", rounds)


def graph_files(comparison):
    """The simulated counts of the graph's comparison, and the file for our graph of them."""
    cells, genes = comparison.options.graph_shape
    if not os.path.exists(comparison.place("counts.h5ad")):
        comparison.simulate("counts.h5ad", cells, genes)
        comparison.note(f"graph, k-means: {cells} cells x {genes} genes, simulated")
    return comparison.place("counts.h5ad"), comparison.place("graph.safetensors")


def make_graph(comparison, data, graph):
    """Our seconds and peak memory."""
    return run(comparison.ours("sc-preprocess", data, "-q"), comparison.ours("sc-knn", "-q", "-o", graph))[:2]


def compare_graphs(comparison):
    options = comparison.options
    data, graph = graph_files(comparison)
    warm, first, common = [], [], {}
    for number in range(options.rounds):
        seconds, memory = make_graph(comparison, data, graph)
        compared = ["--compare", graph] if number == 0 else []
        report, peer_memory = comparison.peer("scanpy_graph.py", data, "--threads", comparison.threads, *compared)
        warm.append((seconds, memory, (report["seconds"], report["processor"]), peer_memory))
        first.append((seconds, memory, (report["first"], report["processor_first"]), peer_memory))
        common = report.get("common", common)
        comparison.versions["scanpy"] = report["version"]
    comparison.note(f"in common with scanpy: {common['genes']:.1%} of the genes, {common['neighbors']:.1%} of the neighbors")
    comparison.row("graph: sc-preprocess | sc-knn / scanpy, all compiled", warm)
    comparison.row("graph: sc-preprocess | sc-knn / scanpy, first call", first)


def compare_clusterings(comparison, what, arguments, script, more, package):
    """sc-cluster, the whole process, against a function of another program alone, on the same graph
    file."""
    rounds = []
    data, graph = graph_files(comparison)
    if not os.path.exists(graph):
        make_graph(comparison, data, graph)
    for _ in range(comparison.options.rounds):
        seconds, memory, _, _ = run(comparison.ours("sc-cluster", graph, *arguments, "-q", "-o", comparison.place("clustered.safetensors")))
        report, peer_memory = comparison.peer(script, graph, *more)
        rounds.append((seconds, memory, (report["seconds"], report["processor"]), peer_memory))
        comparison.versions[package] = report["version"]
    comparison.row(what, rounds)


def compare_kmeans(comparison):
    arguments = ["--method", "kmeans", "--use", "X_pca", "--clusters", "10"]
    compare_clusterings(comparison, "k-means: sc-cluster, whole process / KMeans.fit alone", arguments, "kmeans_sklearn.py", ["10"], "scikit-learn")


def compare_leiden(comparison):
    arguments = ["--method", "leiden", "--resolution", "1"]
    compare_clusterings(comparison, "leiden: sc-cluster, whole process / tl.leiden alone", arguments, "leiden_scanpy.py", [], "scanpy")


PARTS = {"epoch": compare_epochs, "paired": compare_paired, "graph": compare_graphs, "kmeans": compare_kmeans, "leiden": compare_leiden}


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown processor")
    load = os.getloadavg()[0]
    busy = "; THE MACHINE IS BUSY" if load > 0.5 else ""
    return f"{model}, {os.cpu_count()} cores, load {load:.1f} at the start{busy}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sets, one round")
    parser.add_argument("--only", choices=list(PARTS), nargs="+")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--data", help="a file of counts for the epoch, instead of simulated cells")
    parser.add_argument("--paired", help="a file of two measurements of the same cells, instead of simulated ones")
    parser.add_argument("--cells", type=int, help="of the graph")
    parser.add_argument("--genes", type=int, help="of the graph")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.epoch_shape = (1000, 1000) if options.quick else (4271, 2000)
    cells, genes = (2000, 3000) if options.quick else (20_000, 5_000)
    options.graph_shape = (options.cells or cells, options.genes or genes)
    os.makedirs(RESULTS, exist_ok=True)
    if not made_environment():
        return
    folder = tempfile.mkdtemp()
    try:
        comparison = Comparison(options, folder)
        comparison.note(machine())
        comparison.rows.append("what\tours_s\tpeer_s\tratio\trange\tprocessor_ratio\tours_mb\tpeer_mb")
        print(comparison.rows[-1])
        binary = yardstick.built(folder)
        sgemm = lambda: f"{yardstick.speed(binary, options.threads, ENVIRONMENT):.0f}"
        before = sgemm()
        for name in options.only or PARTS:
            PARTS[name](comparison)
        comparison.note(f"sgemm of OpenBLAS on {options.threads} threads, GFLOP/s before and after, its own choice of kernels: {before}, {sgemm()}")
        comparison.note(", ".join(f"{name} {version}" for name, version in comparison.versions.items()) + f"; rounds: {options.rounds}, threads: {options.threads}")
    finally:
        shutil.rmtree(folder)
    table = os.path.join(RESULTS if options.quick else rundir.folder(), "-".join(["peers", *(options.only or [])]) + ".tsv")
    with open(table, "w") as file:
        file.write("\n".join(comparison.rows) + "\n")
    print(f"written to {os.path.relpath(table)}", file=sys.stderr)


if __name__ == "__main__":
    main()
