"""What a run of a stage must keep to, whatever it is fed, and the pool that tries many runs and
counts."""
import collections, concurrent.futures, os, re, resource, shutil, signal, subprocess, tempfile, threading, time

DOCUMENTED = {0, 64, 65, 66, 69, 71, 73, 74, 75, 130, 141, 143}
STAGES = ("sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster", "sc-eval")


def has_unnamed_files(folder):
    """Whether the file system has files without a name: half of one is never seen, whatever ends
    its writer."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
        return True
    except OSError:
        return False


UNNAMED = has_unnamed_files(tempfile.gettempdir())


class Outcome:
    """What a command left behind: its status as a shell gives it, what it wrote, seconds of
    processor time, peak memory in MiB."""

    def __init__(self, status, output, errors, processor, memory, hung):
        self.status, self.output, self.errors = status, output, errors
        self.processor, self.memory, self.hung = processor, memory, hung


def run(command, folder, environment=None, stdin=None, timeout=30, meanwhile=None):
    """Runs a list of arguments, or a line for bash, in `folder`; `meanwhile` is called with the
    process."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("SC_", "OPENBLAS_", "SLURM_", "INJECT"))}
    variables.update({"TMPDIR": folder, "COLUMNS": "80", "LC_ALL": "C.UTF-8"}, **(environment or {}))
    if isinstance(command, str):
        command = ["bash", "-c", command]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        source = subprocess.PIPE if isinstance(stdin, bytes) else stdin if stdin is not None else subprocess.DEVNULL
        child = subprocess.Popen(command, cwd=folder, env=variables, stdin=source, stdout=output, stderr=errors, start_new_session=True)
        watch = threading.Timer(timeout, lambda: os.killpg(child.pid, signal.SIGKILL))
        watch.start()
        began = time.monotonic()
        try:
            if meanwhile:
                meanwhile(child)
            if isinstance(stdin, bytes):
                try:
                    child.stdin.write(stdin)
                    child.stdin.close()
                except OSError:
                    pass  # the program may end before it has read everything
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            watch.cancel()
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read())
    code = child.returncode if child.returncode >= 0 else 128 - child.returncode
    hung = code == 137 and time.monotonic() - began >= timeout
    return Outcome(code, texts[0], texts[1].decode("utf-8", "backslashreplace"), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, hung)


class Case:
    """A fault: how to bring it about in a fresh folder, and what must follow.

    The arguments are
      files      name -> bytes, put there before
      command    as `run` takes it
      expect     the statuses that are allowed
      says       regular expressions that the line on standard error must match
      old        the bytes of out.* before: they, or a whole new file, must be there afterwards
      whole      what a complete output looks like: bytes, or None if nothing may come
      tidy       whether even a program that is killed leaves no temporary file
    """

    def __init__(self, what, command, expect, files=None, says=(), stdin=None, environment=None, whole=None, target="out.st", old=None,
                 timeout=30, processor=None, memory=None, killed=False, meanwhile=None, prepare=None, check=None, lines=1,
                 tidy=False):
        self.__dict__.update(locals())
        self.expect = {expect} if isinstance(expect, int) else set(expect)
        self.says = (says,) if isinstance(says, str) else says

    def complaints(self, outcome, folder):
        """What is broken of the promise, in words; none if it was kept."""
        found = []
        status, text = outcome.status, outcome.errors
        allowed = DOCUMENTED | ({137} if self.killed else set()) | ({70} & self.expect)
        if outcome.hung:
            found.append(f"hangs for {self.timeout} s")
        elif status not in allowed:
            found.append(f"ends with {status}")
        elif status not in self.expect:
            found.append(f"ends with {status}, not {sorted(self.expect)}")
        if status not in (0, 64, 130, 137, 141, 143) and self.lines:
            rows = text.split("\n")
            if len(rows) != self.lines + 1 or rows[-1] or not re.match(r"sc-[a-z]+: ", rows[0]):
                found.append("does not say what is wrong in one line")
        if status == 64 and not re.match(r"sc-[a-z]+: ", text):
            found.append("does not say what is wrong first")
        if any(ord(character) < 32 and character != "\n" or 127 <= ord(character) < 160 for character in text):
            found.append("lets control characters through")
        if status not in (0, 137):
            found += [f"the line does not say {wanted!r}" for wanted in self.says if not re.search(wanted, text)]
        found += self.complaints_about_output(status, outcome, folder)
        if status != 137 or self.tidy:
            found += [f"leaves {name} behind" for name in sorted(os.listdir(folder)) if re.match(r"\.?sc-.*\.tmp$", name)]
        if self.processor and outcome.processor > self.processor:
            found.append(f"takes {outcome.processor:.2f} s of processor time")
        # A program begins as a copy of this one, whose size counts as its own.
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 + 4
        if self.memory and outcome.memory > max(self.memory, own):
            found.append(f"takes {outcome.memory:.0f} MiB")
        if self.check and not found:
            found += self.check(outcome, folder) or []
        return found

    def complaints_about_output(self, status, outcome, folder):
        path = os.path.join(folder, self.target)
        there = None
        if os.path.isfile(path):
            with open(path, "rb") as file:
                there = file.read()
        if status == 0:
            return ["writes something else than the complete output"] if self.whole is not None and there != self.whole else []
        kept = there == self.old or (self.whole is not None and there == self.whole)
        found = [] if kept else ["leaves something in the output's place"]
        if outcome.output and self.target != "-" and self.whole is None:
            found.append("writes to standard output")
        return found

    def attempt(self):
        folder = tempfile.mkdtemp(prefix="faults-")
        try:
            for name, content in (self.files or {}).items():
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(content)
            if self.old is not None:
                with open(os.path.join(folder, self.target), "wb") as file:
                    file.write(self.old)
            if self.prepare:
                self.prepare(folder)
            outcome = run(self.command, folder, self.environment, self.stdin, self.timeout, self.meanwhile)
            complaints = self.complaints(outcome, folder)
            return complaints, outcome
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Tally:
    """Tries cases, a few at a time, and prints a line a group and one for each promise that was
    broken."""

    def __init__(self, workers):
        self.workers, self.tried, self.broken = workers, 0, 0

    def group(self, name, cases):
        began, broken = time.monotonic(), 0
        count, waiting = 0, collections.deque()

        def settle():
            case, future = waiting.popleft()
            complaints, outcome = future.result()
            if complaints:
                last = outcome.errors.strip().splitlines()[-1:] or [""]
                print(f"  ✘ {case.what}: {'; '.join(complaints)}\n      {last[0][:240]}", flush=True)
            return bool(complaints)

        # A few at a time: what a program takes is the difference to what this one has at most.
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            for case in cases:
                count += 1
                waiting.append((case, pool.submit(case.attempt)))
                if len(waiting) > 2 * self.workers:
                    broken += settle()
            while waiting:
                broken += settle()
        self.tried += count
        self.broken += broken
        print(f"{name:<58}{count:>6} tried{broken:>4} broken{time.monotonic() - began:>8.1f} s", flush=True)
