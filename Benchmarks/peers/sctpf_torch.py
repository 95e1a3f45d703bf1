"""The pretraining of scTPF in eager PyTorch, written as the published programs are: everything
dense, nothing fused.

    sctpf_torch.py GRAPH.safetensors [--weights MODEL.safetensors] [--epochs 5] [--threads 2]
        [--hops every-epoch|once]

Reads the output of sc-knn. With --weights it starts from the weights in a stream of sc-pretrain,
otherwise from Glorot-uniform ones. Prints one JSON object: the losses and the seconds of every
epoch. `--hops every-epoch` multiplies the input by the powers of the adjacency in every step, as a
TAGConv layer does. `once` keeps the products of the input, which do not change, so that the layer
only multiplies by its weights.
"""
import argparse, json, time

import numpy, torch
from stream import Stream
from zinb import zinb

WIDTHS = [("decoder.0", 15, 128), ("decoder.1", 128, 256), ("decoder.2", 256, 512)]
HEADS = ["zinb.pi", "zinb.mean", "zinb.dispersion"]
HOPS = 3


def starting_weights(genes):
    """Glorot-uniform kernels and zero biases, under the names that sc-pretrain gives them."""
    shapes = [("encoder.0", (HOPS + 1) * genes, 128), ("encoder.1", (HOPS + 1) * 128, 15), ("adjacency", 15, 32), *WIDTHS, *((name, 512, genes) for name in HEADS)]
    weights = {"adjacency.bilinear": torch.nn.init.xavier_uniform_(torch.empty(32, 32))}
    for name, inputs, outputs in shapes:
        weights[name + ".kernel"] = torch.nn.init.xavier_uniform_(torch.empty(inputs, outputs))
        weights[name + ".bias"] = torch.zeros(1, outputs)
    return weights


class Model(torch.nn.Module):
    def __init__(self, weights, powers, size_factors, keeps_hops):
        super().__init__()
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, value in weights.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(value))
        self.powers, self.size_factors, self.keeps_hops, self.kept = powers, size_factors, keeps_hops, None

    def weight(self, name):
        return getattr(self, self.names[name])

    def dense(self, name, x):
        return x @ self.weight(name + ".kernel") + self.weight(name + ".bias")

    def hops(self, x):
        return torch.cat([x, *(power @ x for power in self.powers)], dim=1)

    def input_hops(self, x):
        if not self.keeps_hops:
            return self.hops(x)
        if self.kept is None:
            self.kept = self.hops(x)
        return self.kept

    def forward(self, x):
        hidden = torch.relu(self.dense("encoder.0", self.input_hops(x)))
        latent = self.dense("encoder.1", self.hops(hidden))
        codes = self.dense("adjacency", latent)
        adjacency = torch.sigmoid(codes @ self.weight("adjacency.bilinear") @ codes.T)
        decoded = latent
        for name, _, _ in WIDTHS:
            decoded = torch.relu(self.dense(name, decoded))
        pi = torch.sigmoid(self.dense("zinb.pi", decoded))
        mean = self.size_factors * torch.clamp(torch.exp(self.dense("zinb.mean", decoded)), 1e-5, 1e6)
        theta = torch.clamp(torch.nn.functional.softplus(self.dense("zinb.dispersion", decoded)), 1e-4, 1e4)
        return adjacency, pi, mean, theta


def powers_of(adjacency):
    """Â, Â² and Â³, dense."""
    root = adjacency.sum(1).rsqrt()
    first = root[:, None] * adjacency * root[None, :]
    powers = [first]
    while len(powers) < HOPS:
        powers.append(powers[-1] @ first)
    return powers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph")
    parser.add_argument("--weights")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hops", choices=["every-epoch", "once"], default="every-epoch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    stream = Stream(options.graph)
    x = torch.from_numpy(numpy.ascontiguousarray(stream.standardized(), dtype=numpy.float32))
    counts = torch.from_numpy(stream.counts())
    adjacency = torch.from_numpy(stream.adjacency())
    if options.weights:
        weights = {name: torch.from_numpy(value.copy()) for name, value in Stream(options.weights).weights().items()}
    else:
        weights = starting_weights(x.shape[1])
    model = Model(weights, powers_of(adjacency), torch.from_numpy(stream["obs.size_factors"])[:, None], options.hops == "once")
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    losses, seconds, processor = [], [], []
    for _ in range(options.epochs):
        start, used = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        rebuilt, pi, mean, theta = model(x)
        structure = torch.mean((adjacency - rebuilt) ** 2)
        content = zinb(counts, pi, mean, theta)
        total = 0.3 * structure + content
        total.backward()
        optimizer.step()
        losses.append({"total": float(total.detach()), "adjacency": float(structure.detach()), "zinb": float(content.detach())})
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    print(json.dumps({"version": torch.__version__, "losses": losses, "seconds": seconds, "processor": processor}))


main()
