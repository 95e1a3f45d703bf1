"""The pretraining of scEMC in eager PyTorch, written as the published program is, with the paper's
aggregation of cells.

    scemc_torch.py GRAPH.safetensors [--weights MODEL.safetensors] [--epochs 5] [--threads 2]
        [--batch-size 256] [--noise 2.5 1.5] [--pairs]

Reads what sc-knn writes of paired data. With --weights it starts from the weights in a stream of
sc-pretrain, otherwise from Glorot-uniform ones. Prints one JSON object: the losses and the seconds
of every epoch. --pairs adds the loss between the cells of a batch, which the second half of the
epochs has.
"""
import argparse, json, time

import numpy, torch
from zinb import zinb
from stream import Stream

PHI = 0.001


class Block(torch.nn.Module):
    """Dense layers, each with BatchNorm and ELU."""

    def __init__(self, widths):
        super().__init__()
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.BatchNorm1d(outputs), torch.nn.ELU()]
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)

    def load(self, name, weights):
        for number in range(len(self.layers) // 3):
            dense, norm = self.layers[3 * number], self.layers[3 * number + 1]
            dense.weight.data = weights[f"{name}.{number}.kernel"].T.contiguous()
            dense.bias.data = weights[f"{name}.{number}.bias"][0]
            norm.weight.data, norm.bias.data = weights[f"{name}.{number}.norm.scale"][0], weights[f"{name}.{number}.norm.shift"][0]


class Heads(torch.nn.Module):
    """The three parameters of every entry's distribution."""

    def __init__(self, inputs, features):
        super().__init__()
        self.pi, self.mean, self.dispersion = (torch.nn.Linear(inputs, features) for _ in range(3))

    def loss(self, decoded, counts, factors):
        pi = torch.sigmoid(self.pi(decoded))
        mean = factors * torch.clamp(torch.exp(self.mean(decoded)), 1e-5, 1e6)
        theta = torch.clamp(torch.nn.functional.softplus(self.dispersion(decoded)), 1e-4, 1e4)
        return zinb(counts, pi, mean, theta)

    def load(self, name, weights):
        for part in ("pi", "mean", "dispersion"):
            load(getattr(self, part), f"{name}.{part}", weights)


def load(dense, name, weights):
    dense.weight.data = weights[f"{name}.kernel"].T.contiguous()
    dense.bias.data = weights[f"{name}.bias"][0]


class Model(torch.nn.Module):
    def __init__(self, genes, features, has_counts):
        super().__init__()
        self.rna, self.second = Block([genes, 256, 64, 32, 8]), Block([features, 256, 64, 32, 8])
        self.query, self.key, self.value, self.head = (torch.nn.Linear(16, 16, bias=last) for last in (False, False, False, True))
        self.rna_decoder, self.second_decoder = Block([24, 64, 256]), Block([24, 20])
        self.rna_heads = Heads(256, genes)
        self.second_heads = Heads(20, features) if has_counts else torch.nn.Linear(20, features)

    def codes(self, x, y):
        rna = self.rna(x)
        joint = torch.cat([rna, self.second(y)], dim=1)
        weights = torch.softmax(self.query(joint) @ self.key(joint).T / 4, dim=1)
        return torch.cat([rna, self.head(joint + weights @ self.value(joint))], dim=1)

    def load(self, weights):
        for block, name in ((self.rna, "encoder.rna"), (self.second, "encoder.second"), (self.rna_decoder, "decoder.rna"), (self.second_decoder, "decoder.second")):
            block.load(name, weights)
        for layer, name in ((self.query, "query"), (self.key, "key"), (self.value, "value")):
            layer.weight.data = weights[f"attention.{name}"].T.contiguous()
        load(self.head, "attention.head", weights)
        self.rna_heads.load("zinb.rna", weights)
        if isinstance(self.second_heads, Heads):
            self.second_heads.load("zinb.second", weights)
        else:
            load(self.second_heads, "values.second", weights)


def pairs(codes):
    """mean_i KL(p_i ‖ q_i) of Student-t neighborhoods among the cells of a batch; p is held
    constant."""
    u = 1 / (1 + torch.cdist(codes, codes, compute_mode="donot_use_mm_for_euclid_dist") ** 2)
    u = u * (1 - torch.eye(len(codes)))
    q = u / u.sum(1, keepdim=True)
    with torch.no_grad():
        p = q**2 / q.sum(0)
        p = p / p.sum(1, keepdim=True)
    floor = 1e-12
    return (p * torch.log((p + floor) / (q + floor))).sum(1).mean()


def second_of(stream):
    """The second modality's standardized values, and its counts with their size factors if it has
    counts."""
    name = json.loads(stream.notes["modalities"])[0]
    place = f"mod.{name}."
    values = stream[place + "X"] if place + "X" in stream.names else stream.sparse(place + "X").toarray()
    values = (values - stream[place + "var.mean"]) / stream[place + "var.std"]
    if place + "layers.counts.data" not in stream.names:
        return values, None, None
    return values, stream.sparse(place + "layers.counts").toarray(), stream[place + "obs.size_factors"][:, None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph")
    parser.add_argument("--weights")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--noise", type=float, nargs=2, default=[2.5, 1.5])
    parser.add_argument("--pairs", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    stream = Stream(options.graph)
    tensor = lambda values: torch.from_numpy(numpy.ascontiguousarray(values, dtype=numpy.float32))
    x, counts, factors = tensor(stream.standardized()), tensor(stream.counts()), tensor(stream["obs.size_factors"])[:, None]
    second, second_counts, second_factors = (None if part is None else tensor(part) for part in second_of(stream))
    model = Model(x.shape[1], second.shape[1], second_counts is not None)
    if options.weights:
        model.load({name: torch.from_numpy(value.copy()) for name, value in Stream(options.weights).weights("scemc").items()})
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, amsgrad=True)
    report = {"version": torch.__version__, "losses": [], "seconds": [], "processor": []}
    for _ in range(options.epochs):
        start, used, sums = time.perf_counter(), time.process_time(), {}
        for rows in torch.randperm(len(x)).split(options.batch_size):
            optimizer.zero_grad()
            a, b = x[rows], second[rows]
            noisy = model.codes(a + options.noise[0] * torch.randn_like(a), b + options.noise[1] * torch.randn_like(b))
            parts = {"rna": model.rna_heads.loss(model.rna_decoder(noisy), counts[rows], factors[rows])}
            decoded = model.second_decoder(noisy)
            if second_counts is None:
                parts["second"] = torch.mean((model.second_heads(decoded) - b) ** 2)
            else:
                parts["second"] = model.second_heads.loss(decoded, second_counts[rows], second_factors[rows])
            total = parts["rna"] + parts["second"]
            clean = model.codes(a, b)
            if options.pairs:
                parts["pairs"] = pairs(clean)
                total = total + PHI * parts["pairs"]
            total.backward()
            optimizer.step()
            for name, value in {"total": total, **parts}.items():
                sums[name] = sums.get(name, 0) + float(value.detach()) * len(rows) / len(x)
        report["losses"].append(sums)
        report["seconds"].append(time.perf_counter() - start)
        report["processor"].append(time.process_time() - used)
    print(json.dumps(report))


main()
