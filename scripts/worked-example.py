#!/usr/bin/env python3
"""Runs the commands of a page such as docs/worked-example.md, and compares what they print with it.

    SC=.build/release scripts/worked-example.py PAGE [DEMO] [--write]

The lines of code above the first heading of second rank make the input; `cd FOLDER` there names the
folder of all that follows. The commands are the lines of code that begin with `$`. All run in a
temporary folder, beside the folders demo/ and scripts/. DEMO is the file of `make demo`, if it is
elsewhere. The page names the kernels of its output. With other kernels the commands must succeed,
and their output is not compared.

With --write the page and its pictures are made again. Pictures are scaled down if Pillow is
installed. Standard library only otherwise.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEMO = "10x_pbmc68k_reduced.h5ad"
COMMAND = re.compile(r"^    \$ (?P<command>.*)\n(?P<output>(?:    (?!\$ ).*\n)*)", re.M)


def scaled(source, target):
    """Copies a picture, 1,120 pixels wide, without its last line and the blank strip above that."""
    try:
        from PIL import Image, ImageChops
    except ImportError:
        print("worked-example: without Pillow the picture stays as large as it is", file=sys.stderr)
        shutil.copyfile(source, target)
        return
    picture = Image.open(source).convert("RGB")
    picture = picture.resize((1120, picture.height * 1120 // picture.width), Image.LANCZOS)
    picture = picture.crop((0, 0, 1120, picture.height - 40))
    blank = Image.new("RGB", picture.size, "white")
    bottom = ImageChops.difference(picture, blank).getbbox()[3]
    picture.crop((0, 0, 1120, min(bottom + 12, picture.height))).save(target, optimize=True)


def has_avx2():
    try:
        with open("/proc/cpuinfo") as file:
            return re.search(r"^flags\b.*\bavx2\b", file.read(), re.M) is not None
    except OSError:
        return False


class Example:
    """A page, and the folder in which its commands run, within a temporary one."""

    def __init__(self, page, demo):
        self.page, self.root = page, tempfile.mkdtemp()
        self.folder = self.root
        with open(page, encoding="utf-8") as file:
            self.text = file.read()
        programs = os.path.abspath(os.environ.get("SC", os.path.join(ROOT, ".build/release")))
        path = os.pathsep.join([programs, os.path.join(ROOT, "Sources/sc"), os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path}
        # The output of the pages comes from these kernels, which every processor with AVX2 has.
        if has_avx2():
            self.environment.setdefault("OPENBLAS_CORETYPE", "Haswell")
        os.symlink(os.path.join(ROOT, "scripts"), os.path.join(self.root, "scripts"))
        os.mkdir(os.path.join(self.root, "demo"))
        if os.path.exists(demo):
            os.symlink(os.path.abspath(demo), os.path.join(self.root, "demo", DEMO))
        self.commands = self.differing = self.failed = 0

    def run(self, command):
        """The exit status, and everything that is printed as lines of code of the page."""
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return result.returncode, "".join(f"    {line}\n" for line in result.stdout.splitlines())

    def prepare(self):
        for command in re.findall(r"^    (\S.*)$", self.text.split("\n## ")[0], re.M):
            if command.startswith("cd "):
                self.folder = os.path.join(self.root, command[3:])
                continue
            status, lines = self.run(command)
            if status != 0:
                sys.exit(f"{self.page}: {command}\n{lines}status {status}")

    def answer(self, match):
        self.commands += 1
        status, lines = self.run(match["command"])
        self.failed += status != 0
        if status != 0 or lines != match["output"]:
            self.differing += 1
            print(f"{match['command']}\n{lines}status {status}", file=sys.stderr)
        return f"    $ {match['command']}\n{lines}"

    def has_kernels_of_page(self):
        """Whether the last file that a command clustered has the kernels that the page names."""
        named = re.search(r"`(OpenBLAS [^`]*)`", self.text)
        _, history = self.run("sc eval clustered.h5* --history")
        return named is None or named[1] in history

    def write(self):
        """The page with the new output, and the pictures that it shows and that the commands
        drew."""
        with open(self.page, "w", encoding="utf-8") as file:
            file.write(self.text)
        for name in re.findall(r"!\[[^\]]*\]\(([^)]*\.png)\)", self.text):
            drawn = os.path.join(self.folder, name)
            if os.path.exists(drawn):
                scaled(drawn, os.path.join(os.path.dirname(self.page), name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page")
    parser.add_argument("demo", nargs="?", default=os.path.join(ROOT, "demo", DEMO), help=f"{DEMO}, which `make demo` fetches")
    parser.add_argument("--write", action="store_true", help="put the output into the page")
    options = parser.parse_args()

    example = Example(options.page, options.demo)
    try:
        example.prepare()
        example.text = COMMAND.sub(example.answer, example.text)
        same_kernels = example.has_kernels_of_page()
        if options.write:
            example.write()
    finally:
        shutil.rmtree(example.root)
    print(f"{options.page}: {example.commands} commands, {example.failed} failed, {example.differing} with other output than the page had")
    if not same_kernels:
        print(f"{options.page}: output not compared, because the kernels are not those of the page")
    return 1 if example.failed or (example.differing and same_kernels and not options.write) else 0


if __name__ == "__main__":
    sys.exit(main())
