"""Faults of writing: no room, no permission, calls that fail, and a program that is killed. The old
file or the whole new one must be there, never half."""
import errno, os, random, signal, subprocess, tempfile, time
from promise import UNNAMED, Case, run
from streams import command

OLD = b"what stood there before"


def written(stage, target):
    """A stage with its result in `target`."""
    if stage == "sc-eval":
        option = {"png": "--plot", "svg": "--plot", "pdf": "--plot", "html": "--report", "tsv": "--markers"}.get(target.rsplit(".", 1)[-1])
        return f"sc-eval -q -t 1 in.st --clusters-column type --labels kind {option or '-o'} {target}" + (" > /dev/null" if option or target.endswith(("st", "h5ad")) else "")
    return command(stage, "in.st").replace("out.st", target)


TARGETS = {"sc-preprocess": ["out.st", "out.h5ad", "out.h5mu"], "sc-knn": ["out.st", "out.h5ad"], "sc-pretrain": ["out.st"],
           "sc-cluster": ["out.st", "out.h5ad"], "sc-eval": ["out.txt", "out.svg", "out.png", "out.pdf", "out.html", "out.tsv", "out.h5ad"]}


def each(inputs):
    for stage, targets in TARGETS.items():
        for target in targets:
            yield stage, target, {"in.st": inputs[stage]}


def impossible(inputs, has_tmpfs, is_root):
    """If nothing can be written: 73 or 74, and nothing is left."""
    for stage, target, files in each(inputs):
        at = lambda place: written(stage, target).replace(target, place)
        ending = target.split(".")[-1]
        # The name's ending decides the form of a report: a device has none.
        if stage != "sc-eval" or ending == "txt":
            yield Case(f"{stage} to /dev/full", at("/dev/full"), 74, files=files, target="-", says="No space left")
            form = f" --format {ending}" if ending in ("h5ad", "h5mu") else ""
            yield Case(f"{stage} {ending} to a full standard output", at("-") + form + " > /dev/full", 74, files=files, target="-", says="No space left")
            yield Case(f"{stage} {ending} to a closed standard output", at("-") + form + " >&-", 74, files=files, target="-")
            yield Case(f"{stage} {ending} to a closed pipe", f"set +o pipefail; ({at('-')}{form}; echo $? > status) | head -c 0; exit $(<status)", {0, 141},
                       files=files, target="-", lines=0)
        yield Case(f"{stage} {target} with a limit to file sizes", f"ulimit -f 1; {written(stage, target)}", {0, 74} if stage == "sc-eval" else 74,
                   files=files, target=target, says="File too large|writing failed")
        yield Case(f"{stage} {target} over an old file, the same", f"ulimit -f 1; {written(stage, target)}", {0, 74} if stage == "sc-eval" else 74,
                   files=files, target=target, old=None if stage == "sc-eval" else OLD)
        yield Case(f"{stage} {target} in a folder that is missing", at(f"none/{target}"), 73, files=files)
        yield Case(f"{stage} {target} is a folder", f"mkdir {target}; {written(stage, target)}", 73, files=files, target="none")
        yield Case(f"{stage} {target} in a file", at(f"in.st/{target}"), 73, files=files)
        if has_tmpfs:
            yield Case(f"{stage} {target} on a disk of 16 KB", f"mkdir small; mount -t tmpfs -o size=16k none small || exit 99; {at(f'small/{target}')}; s=$?; "
                       "ls -A small >left; umount small; [ -s left ] && [ $s -ne 0 ] && exit 98; exit $s", {0, 74} if stage == "sc-eval" else 74, files=files)
        if is_root:
            yield Case(f"{stage} {target} in a folder that may not be written", f"mkdir closed; chmod 555 closed; chmod 755 .; chmod 644 in.st; setpriv --reuid 65534 --clear-groups env HOME=/ "
                       f"TMPDIR=/tmp bash -c '{at(f'closed/{target}')}'", 73, files=files)


def in_place(inputs):
    """The output may be the input, by any name."""
    for stage, target, files in each(inputs):
        if stage == "sc-eval" or target != "out.st":
            continue
        plain = written(stage, target)
        for what, line in {
            "the same file": plain.replace("out.st", "in.st") + "; s=$?; mv in.st out.st; exit $s",
            "a link to it": "ln -s in.st l.st; " + plain.replace("out.st", "l.st") + "; s=$?; [ -L l.st ] || exit 99; mv in.st out.st; exit $s",
            "another hard link": "ln in.st h.st; " + plain.replace("out.st", "h.st") + "; s=$?; mv h.st out.st; exit $s",
        }.items():
            yield Case(f"{stage}: the output is {what}", line, 0, files=files, whole=inputs["results"][stage, target])


def injected(inputs, library, stages, limit):
    """The n-th write, sync, rename, open, truncate or close fails or comes up short, for every n:
    whole or nothing."""
    for stage, target, files in each(inputs):
        if stage not in stages:
            continue
        line, whole = written(stage, target), inputs["results"].get((stage, target))
        for call, kinds in {"write": [errno.ENOSPC, errno.EIO, "eintr", "short", "kill", "torn"], "sync": [errno.EIO, "kill"], "rename": [errno.EIO, "kill"],
                            "open": [errno.EMFILE, errno.EACCES], "truncate": [errno.EIO], "close": [errno.EIO], "read": [errno.EIO, "eintr", "short"]}.items():
            count = counted(line, files, library)[call]
            numbers = range(1, count + 1)
            if count > limit:
                # All of the first and last, and an even share of those between.
                numbers = sorted({*range(1, limit // 3), *range(count - limit // 3, count + 1), *range(1, count, max(1, 3 * count // limit))})
            for number in numbers:
                for kind in kinds:
                    harmless = kind in ("eintr", "short")
                    kills = kind in ("kill", "torn")
                    wants = {0} if harmless else {137} if kills else {0, 64, 65, 66, 71, 73, 74}
                    if call == "open" or (call in ("write", "read", "close") and not harmless):
                        wants |= {0}
                    has_reader = target.endswith(("h5ad", "h5mu"))
                    yield Case(f"{stage} {target}, {call} {number} of {count}: {kind if isinstance(kind, str) else errno.errorcode[kind]}", line,
                               wants | ({74} if harmless and has_reader else set()), files=files, target=target, old=OLD, whole=whole, killed=kills,
                               environment={"LD_PRELOAD": library, "INJECT": f"{call}:{number}:{kind}"}, timeout=20,
                               # Output of HDF5 has a hidden name. Any other file has one from
                               # getting it until the rename. The previous file is kept until the
                               # sync of the folder after that.
                               tidy=UNNAMED and call != "rename" and not (call == "sync" and number == count) and not target.endswith(("h5ad", "h5mu")))


COUNTS = {}


def counted(line, files, library):
    """How many calls of each kind a run makes."""
    if line not in COUNTS:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            for name, content in files.items():
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
            path = os.path.join(folder, "counts")
            outcome = run(line, folder, {"LD_PRELOAD": library, "INJECT_COUNT": path})
            if outcome.status or not os.path.exists(path):
                raise SystemExit(f"faults: {line} ends with {outcome.status} under the injector: {outcome.errors}")
            with open(path) as file:
                COUNTS[line] = {name: int(number) for name, number in (row.split() for row in file)}
    return COUNTS[line]


def killed(inputs, times):
    """kill -9 at random moments of a run."""
    chance = random.Random(3)
    for stage, target, files in each(inputs):
        if stage == "sc-eval":
            continue
        for _ in range(times):
            delay = chance.random() * inputs["seconds"][stage, target] * 1.1

            def meanwhile(child, delay=delay):
                time.sleep(delay)
                try:
                    os.killpg(child.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            yield Case(f"{stage} {target} killed after {delay * 1000:.0f} ms", "exec " + written(stage, target), {0, 137}, files=files, target=target, old=OLD,
                       whole=inputs["results"][stage, target], killed=True, meanwhile=meanwhile)


def twenty_writers(inputs):
    for stage, target, files in each(inputs):
        if stage in ("sc-preprocess", "sc-knn"):
            yield Case(f"twenty of {stage} write one {target}", f"for i in {{1..20}}; do {written(stage, target)} & done; wait", 0, files=files, target=target,
                       whole=inputs["results"][stage, target], timeout=60)
