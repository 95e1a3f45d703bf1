#!/usr/bin/env python3
"""Runs the commands of docs/worked-example.md and compares what they print with what is there.

    SC=.build/release scripts/worked-example.py demo/10x_pbmc68k_reduced.h5ad [--write]

With --write the page and its picture are made again. The picture is scaled down if Pillow is
installed. It uses only the standard library otherwise.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "worked-example.md")


def scaled(source, target):
    try:
        from PIL import Image
    except ImportError:
        print("worked-example: without Pillow the picture stays as large as it is", file=sys.stderr)
        shutil.copyfile(source, target)
        return
    picture = Image.open(source).convert("RGB").resize((1120, 840), Image.LANCZOS)
    picture = picture.crop((0, 0, 1120, 800))
    picture.save(target, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="10x_pbmc68k_reduced.h5ad, which `make demo` fetches")
    parser.add_argument("--write", action="store_true", help="put the output into the page")
    options = parser.parse_args()

    programs = os.path.abspath(os.environ.get("SC", os.path.join(ROOT, ".build/release")))
    path = os.pathsep.join([programs, os.path.join(ROOT, "Sources/sc"), os.environ["PATH"]])
    folder = tempfile.mkdtemp()
    shutil.copyfile(options.data, os.path.join(folder, "pbmc68k.h5ad"))
    differing = commands = 0

    def answer(match):
        nonlocal differing, commands
        commands += 1
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", match["command"]], cwd=folder, text=True,
            env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines = "".join(f"    {line}\n" for line in result.stdout.splitlines())
        if result.returncode != 0 or lines != match["output"]:
            differing += 1
            print(f"{match['command']}\n{lines}status {result.returncode}", file=sys.stderr)
        return f"    $ {match['command']}\n{lines}"

    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    page = re.sub(r"^    \$ (?P<command>.*)\n(?P<output>(?:    (?!\$ ).*\n)*)", answer, page, flags=re.M)
    if options.write:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page)
        scaled(os.path.join(folder, "pbmc68k.png"), os.path.join(ROOT, "docs", "pbmc68k.png"))
    shutil.rmtree(folder)
    print(f"worked example: {commands} commands, {differing} with other output than the page had")
    return 0 if options.write or not differing else 1


sys.exit(main())
