"""Faults of several files in one run: one file in two roles, one failing output of many, outputs
through descriptors, a changed input."""
import os, re, struct
from promise import Case
from streams import Stream, command

CLUSTER = "sc-cluster -q -t 1 in.st --method kmeans --clusters 3"
EVAL = "sc-eval -q -t 1 in.st --clusters-column type --labels kind --use X_pca"
PRETRAIN = "sc-pretrain -q -t 1 in.st --epochs 2 --models 1"


def listing(folder):
    """Every file below a folder with its bytes, and every link with its target."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = file.read()
    return found


class Unchanged:
    """Compares the folder of a case before and after. Nothing may change except what a complete run
    makes (`made`), and what the shell creates."""

    def __init__(self, prepare="", made=(), creates=()):
        self.commands, self.made, self.creates, self.before = prepare, made, creates, None

    def prepare(self, folder):
        if self.commands:
            os.system(f"cd '{folder}' && {self.commands}")
        self.before = listing(folder)

    def check(self, outcome, folder):
        if outcome.status == 0 and not self.made:
            return []  # done, if that is allowed
        after = listing(folder)
        names = [path for path in {**self.before, **after} if self.before.get(path) != after.get(path)]
        return [f"changes {os.path.relpath(name, folder)}" for name in sorted(names) if os.path.basename(name) not in self.creates and not (outcome.status == 0 and os.path.basename(name) in self.made)]


def unchanged(what, line, expect, files, prepare="", made=(), creates=(), **more):
    keeper = Unchanged(prepare, made, creates)
    return Case(what, line, expect, files=files, target="-", prepare=keeper.prepare, check=keeper.check, **more)


SETUP = ("mkdir d; ln -s d e; ln in.st hard; ln -s in.st soft; ln -s ../in.st d/deep; mkfifo pipe; ln -s new dangling; printf 'cell0\\ta\\n' > labels.tsv; "
         "cp in.st other.st; ln other.st d/other")


def roles(inputs):
    """Two options that name one file: 64, and nothing is changed."""
    cluster, assessed, pre = {"in.st": inputs["sc-cluster"]}, {"in.st": inputs["sc-eval"]}, {"in.st": inputs["sc-preprocess"]}
    train = {"in.st": inputs["sc-pretrain"]}
    spellings = ["in.st", "./in.st", "d/../in.st", "e/../in.st", "$PWD/in.st", "hard", "soft", "d/deep", "e/deep"]
    for name in spellings:
        yield unchanged(f"sc-cluster --labels-out {name}, the input", f"{CLUSTER} --labels-out {name} -o y.st", 64, cluster, SETUP)
        yield unchanged(f"sc-cluster --checkpoint {name}, the input", f"sc-cluster -q in.st --clusters 3 --checkpoint {name} -o y.st", 64, cluster, SETUP)
        yield unchanged(f"sc-pretrain --checkpoint {name}, the input", f"{PRETRAIN} --checkpoint {name} -o y.st", 64, train, SETUP)
        for option in ("--markers", "--report", "--multiqc", "-o"):
            yield unchanged(f"sc-eval {option} {name}, the input", f"{EVAL} {option} {name}", 64, assessed, SETUP)
    pairs = [("y", "./y"), ("d/y", "e/y"), ("d/y", "$PWD/e/../d/y"), ("new", "dangling"), ("other.st", "d/other"), ("other.st", "e/other"), ("pipe", "pipe")]
    for first, second in pairs:
        yield unchanged(f"sc-cluster --labels-out {first} -o {second}", f"{CLUSTER} --labels-out {first} -o {second}", 64, cluster, SETUP, timeout=10)
        yield unchanged(f"sc-pretrain --checkpoint {first} -o {second}", f"{PRETRAIN} --checkpoint {first} -o {second}", 64, train, SETUP, timeout=10)
        if first != "pipe":
            yield unchanged(f"sc-pretrain --resume {first} -o {second}", f"{PRETRAIN} --resume {first} -o {second}", 64, train, SETUP)
        for one, other in (("--markers", "-o"), ("--report", "--markers"), ("--multiqc", "--report")):
            yield unchanged(f"sc-eval {one} {first} {other} {second}", f"{EVAL} {one} {first} {other} {second}", 64, assessed, SETUP, timeout=10)
    for what, line in {
        "twice": "--markers - -o -", "by default": "--markers -", "by two names": "--markers /dev/stdout -o -", "by its number": "--report /dev/fd/1 -o /proc/self/fd/1",
        "into its own file": "--markers o > o", "after itself": "--markers o >> o", "into nothing": "--markers - > /dev/null",
    }.items():
        yield unchanged(f"sc-eval: standard output {what}", f"{EVAL} {line}", 64, assessed, SETUP, creates=("o",))
    yield unchanged("sc-cluster --labels-out -", f"{CLUSTER} --labels-out -", 64, cluster, SETUP)
    for stage in ("sc-preprocess", "sc-knn"):
        yield unchanged(f"{stage} appends to its input", f"{stage} -q in.st >> in.st", 64, {"in.st": inputs[stage]}, SETUP)
        yield unchanged(f"{stage} appends to its standard input", f"{stage} -q < in.st >> in.st", 64, {"in.st": inputs[stage]}, SETUP)
        yield unchanged(f"{stage} writes into its input from the start", f"{stage} -q in.st 1<> in.st", 64, {"in.st": inputs[stage]}, SETUP)
    yield unchanged("sc-preprocess --labels FILE -o FILE", "sc-preprocess -q in.st --labels labels.tsv -o e/../labels.tsv", 64, pre, SETUP)
    yield unchanged("sc-preprocess --second FILE -o FILE", "sc-preprocess -q in.st --second other.st -o d/other", 64, pre, SETUP)
    yield unchanged("sc-preprocess --second is the input", "sc-preprocess -q in.st --second hard -o y.st", 64, pre, SETUP)
    yield unchanged("sc-eval --compare FILE -o FILE", "sc-eval -q --clusters-column type --compare in.st other.st -o d/other", 64, assessed, SETUP)


OUTPUTS = {"--report": "r.html", "--markers": "m.tsv", "--multiqc": "q.json", "--plot": "p.svg", "-o": "f.tsv"}


def whole(inputs, mounts, is_root, strace):
    """One of many outputs cannot be written: none is, and those that were there stay."""
    runs = {"sc-eval": (EVAL, OUTPUTS, {"in.st": inputs["sc-eval"]}), "sc-eval data": (EVAL, {**OUTPUTS, "-o": "f.h5ad"}, {"in.st": inputs["sc-eval"]}),
            "sc-cluster": (CLUSTER, {"--labels-out": "l.tsv", "-o": "y.st"}, {"in.st": inputs["sc-cluster"]}),
            "sc-cluster h5ad": (CLUSTER, {"--labels-out": "l.tsv", "-o": "y.h5ad"}, {"in.st": inputs["sc-cluster"]})}
    for what, (line, outputs, files) in runs.items():
        old = "; ".join(f"echo old > {name}" for name in list(outputs.values())[::2])
        silent = " > /dev/null" if what == "sc-eval data" else ""

        def with_places(changed):
            return " ".join([line] + [f"{option} {changed.get(option, name)}" for option, name in outputs.items()]) + silent

        for option, name in outputs.items():
            ending = name[name.rindex("."):]
            for place, expect in ((f"none/x{ending}", 73), (f"{'x' * (256 - len(ending))}{ending}", 73), (f"in.st/x{ending}", 73), (f"folder{ending}", 73)):
                yield unchanged(f"{what}: {option} {place[:20]}", with_places({option: place}), expect, files, f"{old}; mkdir folder{ending}")
            if name not in ("f.h5ad", "y.h5ad"):
                yield unchanged(f"{what}: {option} /dev/full", with_places({option: "/dev/full"}), 74, files, old)
            if mounts:
                small = (f"mkdir small; mount -t tmpfs -o size=4k none small || exit 99; {with_places({option: f'small/x{ending}'})}; s=$?; ls -A small > left; umount small; "
                         "rmdir small; [ -s left ] && [ $s -ne 0 ] && exit 98; rm -f left; exit $s")
                yield unchanged(f"{what}: {option} on a disk of 4 KB", small, {0, 74}, files, old)
            if is_root:
                closed = (f"chmod 777 .; chmod 644 in.st; chmod 666 {' '.join(list(outputs.values())[::2])}; mkdir closed; chmod 555 closed; setpriv --reuid 65534 --clear-groups env HOME=/ TMPDIR=/tmp bash -c "
                          f"'{with_places({option: f'closed/x{ending}'})}'")
                yield unchanged(f"{what}: {option} in a folder that may not be written", closed, 73, files, old)
        yield unchanged(f"{what}: a limit to file sizes", f"ulimit -f 2; {with_places({})}", 74, files, old)
        if strace:
            for number in range(1, len(outputs) + 1):
                trace = "strace -f -qq -o /dev/null -e trace=renameat,renameat2 -e inject=renameat,renameat2"
                yield unchanged(f"{what}: rename {number} fails", f"{trace}:error=EIO:when={number} {with_places({})}", 74, files, old)
                yield unchanged(f"{what}: SIGTERM at rename {number}", f"{trace}:signal=TERM:when={number} {with_places({})}", 0, files, old, made=outputs.values())
                yield unchanged(f"{what}: SIGTERM at sync {number}", f"strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=TERM:when={number} {with_places({})}", 143, files, old)
                yield Case(f"{what}: SIGKILL at rename {number}", f"{trace}:signal=KILL:when={number} {with_places({})}; s=$?; rm -f .sc-*.tmp; exit $s", 137, files=files, target="-",
                           killed=True, prepare=lambda folder, old=old: os.system(f"cd '{folder}'; {old}") and None, lines=0, check=none_half)
            yield unchanged(f"{what}: the folder cannot be synchronized", f"strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when={len(outputs) + 1}+ {with_places({})}",
                            74, files, old)


def none_half(outcome, folder):
    """Every file is the old one or a whole new one."""
    complete = {".st": lambda data: len(Stream(data).tensors) > 5, ".html": lambda data: data.rstrip().endswith(b"</html>"), ".svg": lambda data: data.rstrip().endswith(b"</svg>"),
                ".json": lambda data: data.endswith(b"}\n"), ".tsv": lambda data: data.endswith(b"\n"), ".h5ad": lambda data: data[1:4] == b"HDF"}
    found = []
    for path, data in listing(folder).items():
        name, ending = os.path.basename(path), os.path.splitext(path)[1]
        if name != "in.st" and ending in complete and data != b"old\n" and not complete[ending](data):
            found.append(f"leaves half of {name}")
    return found


def descriptors(inputs):
    """Standard output, descriptors and substitutions by their names: as other programs write
    them."""
    files = {"in.st": inputs["sc-knn"]}
    result = inputs["results"]["sc-knn", "out.st"]
    line = command("sc-knn", "in.st")
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-", "link"):
        to = line.replace("out.st", name)
        prepare = lambda folder: os.symlink("/dev/stdout", os.path.join(folder, "link"))
        for what, shell, expect in [
            ("into a pipe", f"{to} | cat > out.st", 0), ("into a file", f"{to} > out.st", 0), ("after what is there", f": > out.st; {to} >> out.st", 0),
            ("after what another program wrote", f"(echo HEAD; {to}) > o; head -1 o | grep -qx HEAD && tail -c +6 o > out.st", 0),
            ("appended", f"echo HEAD > o; {to} >> o; head -1 o | grep -qx HEAD && tail -c +6 o > out.st", 0),
            ("into a file without a name", f"(exec 3<> gone; rm gone; {to} >&3; ls | grep -q deleted && exit 98; cat /proc/self/fd/3 > out.st)", 0),
            ("into a full device", f"{to} > /dev/full", 74), ("into a closed descriptor", f"{to} >&-", 74), ("closed at once", f"set +o pipefail; ({to}; echo $? > s) | head -c 0; exit $(<s)", {0, 141}),
        ]:
            yield Case(f"sc-knn -o {name} {what}", shell, expect, files=files, whole=result if expect == 0 else None, target="out.st" if expect == 0 else "-", prepare=prepare, lines=0)
    yield Case("sc-knn -o /dev/fd/7", f"(exec 7> out.st; {line.replace('out.st', '/dev/fd/7')})", 0, files=files, whole=result)
    yield Case("sc-knn -o >(cat)", f"{line.replace('out.st', '>(cat > tmp; mv tmp out.st)')}; for i in {{1..50}}; do [ -e out.st ] && break; sleep 0.1; done", 0, files=files, whole=result)
    yield Case("sc-knn -o /dev/fd/77", line.replace("out.st", "/dev/fd/77"), 73, files=files)
    yield Case("sc-knn -o a descriptor for reading", f"exec 6< in.st; {line.replace('out.st', '/dev/fd/6')}", {64, 73}, files=files)
    yield unchanged("sc-knn: all standard streams closed", f"{line.replace('out.st', 'y.st')} <&- >&- 2>&-; cmp y.st whole", 0, {**files, "whole": result}, made=("y.st",))
    yield Case("sc-knn over a file that runs as its owner", f"touch out.st; chmod 6755 out.st; {line}; [ $(stat -c %a out.st) = 755 ] || exit 98", 0, files=files, whole=result)


def changed(inputs):
    """The input is overwritten or cut while it is computed on: 74, and no output."""
    files = {"in.st": inputs["sc-pretrain"], "other.st": inputs["sc-cluster"]}
    noise = os.urandom(len(inputs["sc-pretrain"]))
    slow = "sc-pretrain -q -t 1 in.st -o out.st --epochs 200 --patience 0 --models 1 --batch-size 8 --checkpoint c.ck --checkpoint-every 1"
    begun = "for i in {1..1000}; do [ -e c.ck ] && break; sleep 0.02; done"
    for what, change in {"overwritten by another stream": "cp other.st in.st", "overwritten with noise": "dd if=noise of=in.st conv=notrunc status=none", "cut": "truncate -s 4096 in.st",
                         "emptied": ": > in.st", "longer": "cat other.st >> in.st"}.items():
        line = f"{slow} & stage=$!; {begun}; {change}; wait $stage"
        yield Case(f"sc-pretrain: the input is {what} in training", line, 74, files={**files, "noise": noise}, says="changed or cut", timeout=60)
    yield Case("sc-pretrain: the input gets a new time", f"{slow} & stage=$!; {begun}; touch in.st; wait $stage", 0, files=files)
    for stage, more in (("sc-pretrain", "--epochs 200 --patience 0 --models 1"), ("sc-knn", ""), ("sc-eval", ""), ("sc-cluster", ""), ("sc-preprocess", "")):
        run, _, after = command(stage, "p", more).partition(" && ")
        line = f"mkfifo p; (sleep 1.5; cat in.st) > p & {run} & stage=$!; sleep 1; kill -USR1 $stage 2> /dev/null; wait $stage" + (f" && {after}" if after else "")
        yield Case(f"{stage}: SIGUSR1 without a checkpoint", line, 0, files={"in.st": inputs[stage]})


def not_finite(inputs):
    """NaN and infinities in what our programs have computed, whether a stage uses it or passes it
    on: 65 with the tensor's name."""
    stream = Stream(inputs["sc-eval"])
    names = [name for name, (dtype, _, data) in sorted(stream.tensors.items())
             if dtype in ("F32", "F64") and data and re.match(r"model\.|uns\.loss|uns\.pca|obsm\.X_(pca|latent)|obsp\.|var\.(mean|std)|obs\.size_factors|varm\.PCs", name)]
    chosen = names if len(names) < 14 else names[::max(1, len(names) // 14)]
    chosen = sorted({*chosen, *[name for name in names if not name.startswith("model.")]})
    lines = {"sc-knn": "sc-knn -q bad.st -o out.st", "sc-cluster kmeans": "sc-cluster -q bad.st --method kmeans --clusters 3 -o out.st",
             "sc-eval": "sc-eval -q bad.st --clusters-column type -o out.st", "sc-eval data": "sc-eval -q bad.st --clusters-column type --use X_pca -o out.h5ad > /dev/null"}
    for name in chosen:
        for value in (float("nan"), float("inf")):
            count = len(stream.tensors[name][2]) // struct.calcsize({"F32": "f", "F64": "d"}[stream.tensors[name][0]])
            bad = stream.changed(name, count - 1, value)
            for what, line in lines.items():
                yield Case(f"{what}: {value} in {name}", line, 65, files={"bad.st": bad}, says=re.escape(name.removesuffix(".data")))


def printable(inputs):
    """Names that move the cursor, end lines or turn text around, through every text that leaves a
    program."""
    evil = "a\tb\nc\x1b[31md\u202ee\u0085f\u2028g"
    stream = Stream(inputs["sc-eval"])
    for axis in ("obs", "var"):
        offsets = list(struct.unpack(f"<{len(stream.tensors[f'{axis}._index.offsets'][2]) // 8}q", stream.tensors[f"{axis}._index.offsets"][2]))
        data, added = stream.tensors[f"{axis}._index.bytes"][2], evil.encode()
        stream.tensors[f"{axis}._index.bytes"] = ("U8", [len(added) + len(data) - offsets[1]], added + data[offsets[1]:])
        moved = [0] + [place + len(added) - offsets[1] for place in offsets[1:]]
        stream.tensors[f"{axis}._index.offsets"] = ("I64", [len(moved)], struct.pack(f"<{len(moved)}q", *moved))
    files = {"in.st": stream.bytes()}

    def clean(outcome, folder):
        found = []
        for path, data in listing(folder).items():
            if path.endswith((".tsv", ".html", ".json", ".svg", ".txt")):
                text = data.decode()
                if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", text):
                    found.append(f"lets control characters into {os.path.basename(path)}")
                if path.endswith(".tsv") and len({line.count("\t") for line in text.splitlines()}) != 1:
                    found.append(f"{os.path.basename(path)} has lines of different lengths")
        return found
    yield Case("sc-cluster --labels-out: names that do not print", f"{CLUSTER} --labels-out l.tsv -o out.st", 0, files=files, check=clean)
    yield Case("sc-eval: names that do not print", f"{EVAL} --markers m.tsv --report r.html --plot p.svg --multiqc q.json -o f.tsv", 0, files=files, target="-", check=clean, lines=0)
    for more in ("", "--json"):
        yield Case(f"sc-eval --history {more}: names that do not print", f"sc-eval -q in.st --history {more} -o f.txt", 0, files={"in.st": history(stream, evil)}, target="-", check=clean)
        yield Case(f"sc-eval --compare {more}: names that do not print", f"sc-eval -q --clusters-column type --compare in.st in2.st {more} -o f.txt", 0,
                   files={"in.st": history(stream, evil), "in2.st": inputs["sc-eval"]}, target="-", check=clean)


def history(stream, evil):
    """The stream with a program and a setting of that name in its history."""
    import copy, json

    result = copy.copy(stream)
    key = "history"
    entries = json.loads(stream.metadata[key])
    entries[0]["tool"] = evil
    entries[0]["settings"][evil] = evil
    result.metadata = {**stream.metadata, key: json.dumps(entries, ensure_ascii=False)}
    return result.bytes()
