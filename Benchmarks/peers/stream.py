"""Reads a tensor stream of sc-knn or sc-pretrain with safetensors, as somebody else's program
would."""
import numpy
from safetensors import safe_open


class Stream:
    """The tensors of one file by name; sparse matrices as SciPy has them."""

    def __init__(self, path):
        self.file = safe_open(path, "numpy")
        self.notes = self.file.metadata()
        self.names = set(self.file.keys())

    def __getitem__(self, name):
        return self.file.get_tensor(name)

    def sparse(self, name):
        from scipy.sparse import csr_matrix

        rows, columns = (int(part) for part in self.notes[name + ".shape"].strip("[]").split(","))
        return csr_matrix((self[name + ".data"].astype(numpy.float32), self[name + ".indices"].astype(numpy.int64), self[name + ".indptr"]), shape=(rows, columns))

    def texts(self, name):
        letters, ends = self[name + ".bytes"].tobytes(), self[name + ".offsets"]
        return [letters[start:end].decode() for start, end in zip(ends[:-1], ends[1:])]

    def standardized(self):
        """X of the encoder: the log-normalized values with mean 0 and variance 1 in every gene.
        Dense, (N, G)."""
        return (self.sparse("X").toarray() - self["var.mean"]) / self["var.std"]

    def counts(self):
        return self.sparse("layers.counts").toarray()

    def adjacency(self):
        """A: every cell's neighbors and itself. Dense, (N, N)."""
        graph = self.sparse("obsp.distances")
        graph.data[:] = 1
        dense = graph.toarray()
        numpy.fill_diagonal(dense, 1)
        return dense

    def weights(self, model="sctpf"):
        start = f"model.{model}."
        return {name[len(start):]: self[name] for name in self.names if name.startswith(start)}
