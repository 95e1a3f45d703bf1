"""The folder for a benchmark's figures: Benchmarks/runs/DATE-COMMIT/, one for the runs of a day at
one commit."""
import datetime, glob, os, subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = os.path.join(HERE, "runs")


def commit():
    """The short name of the commit; `unknown` outside a repository. `-changed` follows if tracked
    files differ from it."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()

    name = git("rev-parse", "--short", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/Sources", ":/Package.swift")
    return (name or "unknown") + ("-changed" if changed else "")


def folder():
    """The folder of today's runs, made if need be."""
    path = os.path.join(RUNS, f"{datetime.date.today()}-{commit()}")
    os.makedirs(path, exist_ok=True)
    return path


def resumed(name):
    """The file that an earlier run at this commit began, or today's."""
    begun = sorted(glob.glob(os.path.join(RUNS, f"????-??-??-{commit()}", name)))
    return begun[-1] if begun else os.path.join(folder(), name)


if __name__ == "__main__":
    print(folder())
