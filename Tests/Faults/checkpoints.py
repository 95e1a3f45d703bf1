"""Trainings that are interrupted at any moment and resumed: the same bytes as without; and
checkpoints that are none, or of another run."""
import os, random, signal, tempfile, time
from promise import UNNAMED, Case, run

# scTPF with two models and scEMC, in batches: the stage or the model, and the line.
TRAININGS = {"sc-pretrain": "sc-pretrain -q -t 1 in.st -o out.st --models 2 --epochs 30 --batch-size 8 --patience 0",
             "sc-cluster": "sc-cluster -q -t 1 in.st -o out.st --clusters 3 --epochs 24 --batch-size 8 --patience 99",
             "sc-pretrain scemc": "sc-pretrain -q -t 1 in.st -o out.st --model scemc --models 2 --epochs 6 --batch-size 16",
             "sc-cluster scemc": "sc-cluster -q -t 1 in.st -o out.st --clusters 3 --epochs 6 --batch-size 16 --stable-share 0 --patience 99"}
STAGES = ("sc-pretrain", "sc-cluster")
KEEPING = " --checkpoint c.ck --checkpoint-every 1 --resume c.ck"


class Training:
    """A training: its line, what it gives when nothing happens, how long it takes, and a checkpoint
    from its middle."""

    def __init__(self, stage, inputs):
        self.stage, self.line, self.files = stage, TRAININGS[stage], {"in.st": inputs[stage]}
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            with open(os.path.join(folder, "in.st"), "wb") as file:
                file.write(inputs[stage])
            began = time.monotonic()
            self.must(self.line, folder)
            self.seconds = time.monotonic() - began
            self.whole = self.contents(folder, "out.st")
            self.must(self.line + KEEPING, folder)
            self.checkpoint = self.contents(folder, "c.ck")

    def must(self, line, folder):
        outcome = run(line, folder, timeout=60)
        if outcome.status:
            raise SystemExit(f"faults: {line} ends with {outcome.status}: {outcome.errors}")

    @staticmethod
    def contents(folder, name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    def case(self, what, line, expect, **more):
        files = {**self.files, **more.pop("files", {})}
        return Case(f"{self.stage}: {what}", line, expect, files=files, timeout=60, **more)


def interrupted(inputs, library, times):
    """Killed, or asked to end, at random moments and in its system calls; then resumed until it is
    done."""
    chance = random.Random(11)
    for stage in TRAININGS:
        training = Training(stage, inputs)
        again = f"{training.line}{KEEPING}"
        for name in ("KILL", "TERM", "INT"):
            # What is killed between getting a name and the right one cannot take its temporary file
            # away.
            sweep = "rm -f .sc-*.tmp; " if name == "KILL" else ""
            for _ in range(times):
                delays = [chance.random() * training.seconds for _ in range(2)]
                stops = "".join(f"timeout -s {name} {delay:.3f} {again} 2> /dev/null; " for delay in delays)
                yield training.case(f"SIG{name} after {delays[0]:.2f} and {delays[1]:.2f} s, resumed", stops + sweep + again, 0, whole=training.whole)
        for _ in range(times):
            delay = training.seconds * (0.3 + 0.5 * chance.random())
            asked = (f"{training.line} --checkpoint c.ck & stage=$!; sleep {delay:.3f}; for i in {{1..300}}; do kill -USR1 $stage || break; [ -e c.ck ] && break; sleep 0.01; done; "
                     f"kill -9 $stage; wait $stage; rm -f .sc-*.tmp; {training.line} --resume c.ck")
            yield training.case(f"SIGUSR1 after {delay:.2f} s, then SIGKILL; resumed", f"{{ {asked}; }} 2> /dev/null", 0, whole=training.whole)
        for call, kind, numbers in (("write", "kill", 12), ("write", "torn", 12), ("rename", "kill", 6), ("sync", "kill", 6), ("write", "28", 6), ("rename", "5", 6), ("sync", "5", 6)):
            for _ in range(max(1, times * numbers // 12)):
                number = chance.randrange(1, 40)
                sweep = "" if UNNAMED and call != "rename" else "rm -f .sc-*.tmp; "
                stop = f"env LD_PRELOAD={library} INJECT={call}:{number}:{kind} {again} 2> /dev/null; {sweep}"
                yield training.case(f"{call} {number} of a run that keeps checkpoints: {kind}; resumed", stop + again, 0, whole=training.whole)


def strange(inputs):
    """Checkpoints that are no checkpoints, damaged, of other data or settings, or in impossible
    places."""
    trainings = {stage: Training(stage, inputs) for stage in STAGES}
    for stage, training in trainings.items():
        resume, data = training.line + " --resume c.ck", training.checkpoint
        other = trainings["sc-cluster" if stage == "sc-pretrain" else "sc-pretrain"]
        for what, content in {"empty": b"", "words": b"no checkpoint\n", "a result": training.whole, "of the other stage": other.checkpoint}.items():
            yield training.case(f"a checkpoint that is {what}", resume, 65, files={"c.ck": content}, says=r"c\.ck")
        for share in (0.1, 0.5, 0.9, 0.999):
            yield training.case(f"a checkpoint cut at {share:.1%}", resume, 65, files={"c.ck": data[:int(share * len(data))]}, says=r"c\.ck")
        for place in range(9, len(data), len(data) // 24):
            flipped = data[:place] + bytes([data[place] ^ 16]) + data[place + 1:]
            yield training.case(f"a checkpoint with byte {place} flipped", resume, {0, 65}, files={"c.ck": flipped}, whole=training.whole, says=r"c\.ck")
        for more, says in (("--seed 5", "seed"), ("--learning-rate 0.002", "learning_rate"), ("--batch-size 9", "batch_size")):
            line = resume.replace("--batch-size 8", "") if "batch" in more else resume
            yield training.case(f"a checkpoint of a run without {more}", f"{line} {more}", 65, files={"c.ck": data}, says=says)
        yield training.case("a checkpoint of other data", resume, 65, files={"c.ck": data, "in.st": other_values(training.files["in.st"])}, says=r"c\.ck")
        for where, expect in {"in.st": 64, "out.st": 64, "none/c.ck": 73, "d": 73, "in.st/c.ck": 73, "-": 64}.items():
            yield training.case(f"--checkpoint {where}", f"mkdir d; {training.line} --checkpoint {where}", expect)
        yield training.case("--resume of nothing", training.line + " --resume none.ck", 0, whole=training.whole)
        yield training.case("--checkpoint-every 0", training.line + " --checkpoint c.ck --checkpoint-every 0", 64)
        yield training.case("--checkpoint-every without --checkpoint", training.line + " --checkpoint-every 3", 64)


def other_values(stream):
    """The same tensors with one value changed, and therefore another checksum; without sums, which
    would show the change."""
    from streams import Stream, packed

    changed = Stream(stream)
    name = next(name for name in sorted(changed.tensors) if name.startswith("X") and changed.tensors[name][0] == "F32")
    dtype, shape, data = changed.tensors[name]
    changed.tensors[name] = (dtype, shape, data[:-4] + bytes(4))
    return packed(changed.tensors, {key: value for key, value in changed.metadata.items() if "crc32" not in key})
