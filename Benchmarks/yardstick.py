"""The speed of the machine's own matrix product (Benchmarks/sgemm.c). By it, times of another day
or machine can be compared."""
import os, re, subprocess

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sgemm.c")


def built(folder):
    binary = os.path.join(folder, "sgemm")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "openblas"], stdout=subprocess.PIPE, check=True).stdout.decode().split()
    subprocess.run(["cc", "-O2", SOURCE, "-o", binary, *flags], check=True)
    return binary


def speed(binary, copies, environment):
    """GFLOP/s of that many copies at once, each on one thread, added up."""
    runs = [subprocess.Popen([binary, "2"], stdout=subprocess.PIPE, env=environment) for _ in range(copies)]
    return sum(float(run.communicate()[0]) for run in runs)


def kernels(program, graph):
    """Which of OpenBLAS's kernels the programs choose here."""
    verbose = subprocess.run([program, graph, "--epochs", "1", "--models", "1", "-v", "-o", os.devnull], stderr=subprocess.PIPE).stderr.decode()
    found = re.search(r"kernels: OpenBLAS \S+ (\w+)", verbose)
    return found.group(1) if found else "Haswell", verbose
