"""The adding problem: what a recurrent network still knows of a number it saw 100 steps ago.

    python examples/adding_problem.py                   RNN, GRU and LSTM, 100 steps
    python examples/adding_problem.py --length 50 --updates 400

A sequence has two rows: random numbers in [0, 1], and marks, two of them 1 and the others 0. One
mark is in the first half, one in the second, and the answer is the sum of the two marked numbers.
To say 1 whatever comes has a mean squared error of 1/6 = 0.167, and half of that is left to those
who know the second number only: the first has to reach the last state through all steps between.

All three networks have the same number of units, batches, updates, clipping of gradients, and
orthogonal recurrent matrices to start with. A gate that starts half open forgets, though: after
100 steps nothing is left but 0.5^100. So the gates that keep the state start with different
memories, from 2 steps to the whole length (Tallec and Ollivier 2018, "Can recurrent neural networks
warp time?", equation 16). Plain tanh units have no such gate.

How much of the loss's gradient reaches the input at step t is printed for the network as it starts,
and as it ends. Into the folder `out` goes adding_problem.csv: the errors while training.

The problem is that of Hochreiter and Schmidhuber (1997), "Long short-term memory", section 5.4.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from tqdm import tqdm

import graddl as gd

HIDDEN, BATCH, LR, MAX_NORM, HELD_OUT, EVERY = 32, 32, 0.01, 1.0, 1000, 100
GATED = ("GRU", "LSTM")  # what keeps the state is the gate z of r, z, n, and f of i, f, g, o


def sequences(n, length, rng):
    """n sequences of shape (length, n, 2), and their answers of shape (n,)."""
    numbers, marks = rng.random((length, n), "float32"), np.zeros((length, n), "float32")
    first, second = rng.integers(length // 2, size=n), rng.integers(length // 2, length, size=n)
    marks[first, np.arange(n)] = marks[second, np.arange(n)] = 1
    return np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=0)


class Adder(gd.nn.Module):
    """A recurrent layer, and the answer from its last state."""

    def __init__(self, kind, length, generator):
        self.layer = getattr(gd.nn, kind)(2, HIDDEN, generator=generator)
        self.head = gd.nn.Linear(HIDDEN, 1, generator=generator)
        recurrent = self.layer.weight_hh_l0.detach()
        for block in gd.split(recurrent, len(recurrent) // HIDDEN):
            gd.init.orthogonal_(block, generator=generator)
        if kind in GATED:
            self.start_gates(kind, length, generator)

    def start_gates(self, kind, length, generator):
        """Let unit k keep its state for T_k steps, T_k from 2 to the length: b = log(T_k - 1)."""
        bias = self.layer.bias_ih_l0.detach().reshape(-1, HIDDEN)
        self.layer.bias_hh_l0.detach()[: 2 * HIDDEN] = 0
        memory = np.log(generator.numpy.uniform(1, length - 1, HIDDEN))
        bias[1] = memory
        if kind == "LSTM":
            bias[0] = -memory  # i: takes in as little as f lets go, as 1 - z of the GRU does

    def forward(self, x):
        states, _ = self.layer(x)
        return self.head(states[-1])[:, 0]


def error(model, x, answer):
    """The mean squared error."""
    with gd.no_grad():
        return gd.nn.functional.mse_loss(model(x), answer).item()


def reach(model, x):
    """How far the answer moves with the input of each step: mean of |dy/dx_t|, shape (length,)."""
    gx = gd.grad(lambda x: model(x).sum())(x)  # sequences do not mix, so the sum keeps them apart
    return np.linalg.norm(gx.numpy(), axis=-1).mean(axis=1)


def train(kind, updates, held, seed):
    """Train one network, on sequences as long as the held-out ones.

    Returns
    -------
    model : Adder
    history : list of dict
        The held-out error, every `EVERY` updates.
    reaches : list of two arrays of shape (length,)
        What `reach` gives before and after.
    """
    rng, length = np.random.default_rng(seed), len(held[0])
    model = Adder(kind, length, gd.Generator(seed))
    optimizer = gd.optim.Adam(model.parameters(), lr=LR)
    some = held[0][:, :100]
    history, reaches = [], [reach(model, some)]
    for update in tqdm(range(1, updates + 1), kind, unit="update", disable=None):
        x, answer = sequences(BATCH, length, rng)
        loss = gd.nn.functional.mse_loss(model(x), answer)
        optimizer.zero_grad()
        loss.backward()
        norm = gd.optim.clip_grad_norm_(model.parameters(), MAX_NORM).item()
        optimizer.step()
        if update % EVERY == 0 or update == updates:
            row = {"update": update, "held_out": error(model, *held), "norm": norm}
            history.append({"network": kind, **row})
            tqdm.write(f"{kind:4}  update {update:5}  held-out error {row['held_out']:.5f}")
    return model, history, [*reaches, reach(model, some)]


def main(arguments=None):
    """Train and report; returns the last held-out error of each network, by its name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--length", type=int, default=100, help="steps of a sequence")
    parser.add_argument("--updates", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    held = sequences(HELD_OUT, options.length, np.random.default_rng(options.seed + 1))
    rows, reaches = [], {}
    results = {"always 1": float(np.square(held[1] - 1).mean())}
    for kind in ("RNN", *GATED):
        _, history, reaches[kind] = train(kind, options.updates, held, options.seed)
        rows += history
        results[kind] = history[-1]["held_out"]

    print("\nheld-out mean squared error")
    for name, value in results.items():
        print(f"  {name:8}  {value:.5f}")
    steps = np.linspace(0, options.length - 1, 5).astype(int)
    print("how far the answer moves with the input of a step, mean |dy/dx_t|")
    print(" " * 12 + "".join(f"{f't = {t + 1}':>10}" for t in steps))
    for when, name in enumerate(("start", "end")):
        for kind, values in reaches.items():
            print(f"  {kind:4} {name:5}" + "".join(f"{values[when][t]:10.1e}" for t in steps))

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "adding_problem.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return results


if __name__ == "__main__":
    main()
