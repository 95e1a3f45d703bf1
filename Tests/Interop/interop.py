#!/usr/bin/env python3
"""Whether others read what we write and we read what others write, value by value; and whether
stages can be traded for scanpy's.

    SC=.build/release/ Tests/Interop/interop.py

Installs anndata, mudata, scanpy and safetensors into .build-interop/ on the first run. anndata
0.7.8 and 0.8.0, Scrublet and harmonypy, and pydeseq2 have folders of their own. If PyPI cannot be
reached, it skips with a message. Also reads every file of ../shared/data/fixtures (or SC_SHARED),
if that is present.
"""
import os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLACE = os.path.join(ROOT, ".build-interop")


def made(name, requirements):
    """The Python of an environment with these packages, made now if needed; None if that fails,
    after a message."""
    folder, python = os.path.join(PLACE, name), os.path.join(PLACE, name, "bin", "python")
    stamp = os.path.join(folder, "installed.txt")
    with open(os.path.join(HERE, requirements)) as file:
        wanted = file.read()
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return python
    print(f"installing {', '.join(wanted.split())} into {os.path.relpath(folder)} (once; minutes) ...", file=sys.stderr)
    for command in ([sys.executable, "-m", "venv", folder],
                    [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "-r", os.path.join(HERE, requirements)]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            reason = (done.stdout.decode().strip().splitlines() or ["no reason given"])[-1]
            print(f"interop: SKIPPED {name}: its packages cannot be installed ({reason})", file=sys.stderr)
            return None
    with open(stamp, "w") as file:
        file.write(wanted)
    return python


def main():
    current = made("current", "requirements.txt")
    if current is None:
        return 0
    old, early = made("old", "requirements-0.7.txt"), made("early", "requirements-0.8.txt")
    quality, groups = made("quality", "requirements-quality.txt"), made("groups", "requirements-groups.txt")
    environment = dict(os.environ, OLD_PYTHON=old or "", EARLY_PYTHON=early or "", QUALITY_PYTHON=quality or "", GROUPS_PYTHON=groups or "", PYTHONWARNINGS="ignore")
    return subprocess.run([current, os.path.join(HERE, "checks.py")], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
