#!/usr/bin/env python3
"""Instructions of one small fixed step of every stage, counted by callgrind: a figure that repeats
under any load of the machine.

    SC=.build/release/ Benchmarks/instructions.py [--top 6] [--keep FOLDER]

The simulated cells are the same every time; one thread runs, so that nothing waits. The cost of an
epoch is the difference of two runs that differ only in their epochs, so that reading, starting and
writing cancel out. Valgrind shows programs a processor with AVX2 and without AVX-512, and OpenBLAS
must use its Haswell kernels. The count is that of these kernels on every machine. Prints millions
of instructions, and the functions in which an epoch spends them; --keep leaves callgrind's files.
"""
import argparse, collections, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Swift's hash tables would differ from run to run.
ENVIRONMENT = dict(os.environ, OPENBLAS_CORETYPE="Haswell", OPENBLAS_NUM_THREADS="1", SWIFT_DETERMINISTIC_HASHING="1")
QUIETLY = ["-t", "1", "-q"]
CELLS, GENES, TYPES = 192, 240, 4
PRETRAIN = [("paper", ["--preset", "paper"]), ("default", ["--models", "1", "--batch-size", "64"])]
CLUSTER = [("paper", ["--preset", "paper"]), ("default", ["--batch-size", "64"])]


class Counter:
    def __init__(self, folder):
        self.folder, self.prefix, self.number = folder, os.environ.get("SC", ""), 0

    def count(self, program, *arguments):
        """Instructions of every function of one run, by callgrind."""
        self.number += 1
        profile = os.path.join(self.folder, f"callgrind.{self.number:02d}.{program}")
        command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={profile}", self.stripped(program), *arguments]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT)
        if run.returncode:
            sys.exit(run.stderr.decode())
        return functions(profile)

    def stripped(self, program):
        """A copy with the names of functions alone: valgrind gives up on Swift's debug
        information."""
        copy = os.path.join(self.folder, program)
        if not os.path.exists(copy):
            path = shutil.which(self.prefix + program) or sys.exit(f"{self.prefix}{program}: no such program")
            subprocess.run(["strip", "--strip-debug", path, "-o", copy], check=True)
        return copy


def functions(profile):
    """Function → instructions of its own, from a file of callgrind."""
    names, counts, function, skips = {}, collections.Counter(), None, 0
    with open(profile) as file:
        for line in file:
            if line.startswith("fn="):
                number, name = re.match(r"fn=\((\d+)\)(?: (.*))?", line).groups()
                function = names.setdefault(number, name)
            elif line.startswith(("cfn=", "cfi=", "cfl=", "cob=")):
                found = re.match(r"cfn=\((\d+)\) (.*)", line)
                if found:
                    names.setdefault(*found.groups())
            elif line.startswith("calls="):
                skips = 1  # the next line has the cost of what is called
            elif line[0] in "+-*0123456789":
                if skips:
                    skips = 0
                else:
                    counts[function] += int(line.split()[1])
    return counts


def demangled(names):
    swift = shutil.which("swift-demangle") or shutil.which("swift")
    if not swift:
        return names
    command = [swift, "demangle"] if swift.endswith("/swift") else [swift]
    texts = subprocess.run([*command, "--simplified", "--compact", *names], stdout=subprocess.PIPE).stdout.decode().splitlines()
    return [re.sub(r"^(generic )?specialized |^partial apply for |merged ", "", text) for text in texts]


def show(what, counts, top):
    total = sum(counts.values())
    print(f"{what}\t{total / 1e6:.1f}", flush=True)
    most = [(name, count) for name, count in counts.most_common(top) if count > 0.005 * total]
    if top and most:
        for text, (_, count) in zip(demangled([name for name, _ in most]), most):
            print(f"#   {count / total:6.1%}  {text[:110]}", flush=True)


def difference(counter, program, source, target, options, epochs):
    """What one more epoch costs."""
    less, more = (counter.count(program, source, *options, *QUIETLY, "--epochs", str(number), "-o", target) for number in epochs)
    more.subtract(less)
    return more


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", type=int, default=6, help="functions to name under every epoch")
    parser.add_argument("--keep", metavar="FOLDER", help="where to leave the files of callgrind")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("instructions: valgrind is needed (Debian: apt-get install valgrind)")
    folder = options.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    try:
        measure(Counter(folder), folder, options.top)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def measure(counter, folder, top):
    place = lambda name: os.path.join(folder, name)
    subprocess.run([sys.executable, os.path.join(HERE, "simulate.py"), place("counts"), "--cells", str(CELLS), "--genes", str(GENES), "--types", str(TYPES)], check=True)
    print(f"# {CELLS} simulated cells x {GENES} genes, one thread, AVX2\nwhat\tmillions of instructions")
    kept = ["--min-cells-fraction", "0", "--genes", str(GENES)]
    show("sc-knn --version", counter.count("sc-knn", "--version"), 0)
    show("sc-preprocess, the whole run", counter.count("sc-preprocess", place("counts"), *kept, *QUIETLY, "-o", place("pre.safetensors")), 0)
    show("sc-knn, the whole run", counter.count("sc-knn", place("pre.safetensors"), *QUIETLY, "-o", place("knn.safetensors")), 0)
    for name, more in PRETRAIN:
        what = f"sc-pretrain, one epoch {' '.join(more)}"
        show(what, difference(counter, "sc-pretrain", place("knn.safetensors"), place(f"{name}.safetensors"), more, (2, 3)), top)
    for name, more in CLUSTER:
        what = f"sc-cluster, one epoch {' '.join(more)}"
        more = [*more, "--clusters", str(TYPES), "--keep", "last"]
        show(what, difference(counter, "sc-cluster", place(f"{name}.safetensors"), place("clustered.safetensors"), more, (2, 3)), top)


main()
