"""How much will shares move in the next three months? Networks against persistence and a line.

    python examples/stocks.py                   three seeds of a GRU and of an LSTM
    python examples/stocks.py --seeds 1

The data are matplotlib's sample of monthly prices from 1990 to 2022: the five shares and two
indices that have a price in each month. Whether a price will rise can hardly be foreseen, and the
program says how hardly; but months of large moves come together. So the target is the size of
moves, the log of the mean |return| of the next 3 months; inputs are the returns of the last 24
months and their sizes. All series share one model.

Everything is fitted to what was known at the end of 2010: means, scales, the line, the networks.
Their sizes, rates and epochs were chosen by training until 2005 and looking at 2006 to 2010. The
error is that of the years after, and of each half of them. These years are few and shares move
together: take differences of a few per cent for chance.

"Persistence" says that the next 3 months will be as the last 3; "mean" that they will be as all the
years before 2011, series by series; "line" is the least squares fit to the inputs that the networks
have. Into the folder `out` goes stocks.csv: all forecasts of the held-out months.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from matplotlib.cbook import get_sample_data
from tqdm import tqdm

import graddl as gd

PAST, AHEAD, LAST_KNOWN = 24, 3, "2010-12"
HIDDEN, BATCH, EPOCHS, LR, DECAY = 16, 32, 20, 0.003, 0.1
LEAST = 1e-3  # is added to |return|: log 0 is none


def load_returns():
    """Names of S series, months as "1990-02", and log returns of shape (months, S)."""
    with get_sample_data("Stocks.csv") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    rows = [row for row in rows if row["Date"].endswith("-01") and row["IBM"]]  # no dividends
    names = [name for name in rows[0] if name != "Date" and all(row[name] for row in rows)]
    prices = np.array([[float(row[name]) for name in names] for row in rows])
    return names, [row["Date"][:7] for row in rows[1:]], np.diff(np.log(prices), axis=0)


def size(returns):
    """The log of the mean |return| over the first axis."""
    return np.log(np.abs(returns).mean(axis=0) + LEAST)


def examples(returns):
    """What is known at the end of each month, and what comes then.

    Parameters
    ----------
    returns : ndarray of shape (months, S)

    Returns
    -------
    t : ndarray of shape (N,)
        The last known month.
    x : ndarray of shape (N, S, PAST, 2)
        Returns and their sizes.
    persistence, target : ndarray of shape (N, S)
        The size of the moves of the `AHEAD` months until t, and of those after it.
    """
    t = np.arange(PAST - 1, len(returns) - AHEAD)
    past = np.stack([returns[i - PAST + 1 : i + 1].T for i in t])
    before = np.stack([size(returns[i - AHEAD + 1 : i + 1]) for i in t])
    after = np.stack([size(returns[i + 1 : i + 1 + AHEAD]) for i in t])
    return t, np.stack([past, np.abs(past)], axis=-1), before, after


def line(x, target):
    """The least squares fit of the target (N,) by x (N, features), as a function of x."""
    weights = np.linalg.lstsq(np.c_[x, np.ones(len(x))], target)[0]
    return lambda x: np.c_[x, np.ones(len(x))] @ weights


class Forecaster(gd.nn.Module):
    """A recurrent layer over the months, and the forecast from its last state."""

    def __init__(self, kind, generator):
        self.layer = getattr(gd.nn, kind)(2, HIDDEN, batch_first=True, generator=generator)
        self.head = gd.nn.Linear(HIDDEN, 1, generator=generator)

    def forward(self, x):
        states, _ = self.layer(x)
        return self.head(states[:, -1])[:, 0]


def train(kind, x, target, epochs, seed):
    """A network trained on x (N, PAST, 2) and the target (N,), as a function of x."""
    center, scale = x.mean(axis=(0, 1)), x.std(axis=(0, 1))
    middle, spread = target.mean(), target.std()
    inputs = ((x - center) / scale).astype("float32")
    outputs = ((target - middle) / spread).astype("float32")
    generator = gd.Generator(seed)
    model = Forecaster(kind, generator)
    optimizer = gd.optim.AdamW(model.parameters(), lr=LR, weight_decay=DECAY)
    for _ in tqdm(range(epochs), f"{kind}, seed {seed}", unit="epoch", disable=None):
        order = gd.permutation(len(inputs), generator=generator)
        for start in range(0, len(inputs), BATCH):
            batch = order[start : start + BATCH]
            loss = gd.nn.functional.mse_loss(model(inputs[batch]), outputs[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @gd.no_grad()
    def forecast(x):
        return model(((x - center) / scale).astype("float32")).numpy() * spread + middle

    return forecast


def forecasts(returns, known, seeds, epochs=EPOCHS):
    """All forecasts of the months after the first `known` ones.

    Returns
    -------
    t : ndarray of shape (N,)
    target : ndarray of shape (N, S)
    found : dict of str to list of ndarrays of shape (N, S)
        By the model's name, one for each seed.
    """
    t, x, persistence, target = examples(returns)
    fit = t + AHEAD < known  # whose targets, too, were known
    held = t + 1 >= known
    flat = x[fit].reshape(-1, PAST, 2), target[fit].reshape(-1)
    rows, shape = x[held].reshape(-1, PAST, 2), target[held].shape
    straight = line(flat[0].reshape(len(flat[0]), -1), flat[1])
    found = {
        "persistence": [persistence[held]],
        "mean": [np.broadcast_to(target[fit].mean(axis=0), shape)],
        "line": [straight(rows.reshape(len(rows), -1)).reshape(shape)],
    }
    for kind in ("GRU", "LSTM"):
        models = [train(kind, *flat, epochs, seed) for seed in range(seeds)]
        found[kind] = [model(rows).reshape(shape) for model in models]
    return t[held], target[held], found


def foresight_of_returns(returns, known):
    """The held-out error of a line for the next month's return, over that of the mean."""
    t, x, _, _ = examples(returns)
    x, after = x.reshape(*x.shape[:2], -1), returns[t + 1]
    fit, held = t + 1 < known, t + 1 >= known
    model = line(np.concatenate(x[fit]), np.concatenate(after[fit]))
    error = np.square(model(np.concatenate(x[held])) - np.concatenate(after[held])).mean()
    return error / np.square(after[fit].mean(axis=0) - after[held]).mean()


def main(arguments=None):
    """Fit and report; returns the held-out errors of each model, one for each seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    names, months, returns = load_returns()
    known = months.index(LAST_KNOWN) + 1
    t, target, found = forecasts(returns, known, options.seeds, options.epochs)
    print(f"{', '.join(names)}: {known} months to learn from, {len(months) - known} held out")
    ratio = foresight_of_returns(returns, known)
    print(f"the return of the next month: a line has {ratio:.2f} times the error of the mean")
    half = len(t) // 2
    print(f"\nthe size of the next {AHEAD} months' moves: mean squared error of its log, held out")
    print(f"  {'':11}{'all':>7}{f'until {months[t[half]]}':>15}{'after':>7}{'each seed':>11}")
    results = {}
    for name, runs in found.items():
        errors = np.square(np.stack(runs) - target)  # (seeds, N, S)
        results[name] = errors.mean(axis=(1, 2)).tolist()
        print(
            f"  {name:11}{errors.mean():7.3f}{errors[:, :half].mean():15.3f}"
            f"{errors[:, half:].mean():7.3f}  " + "".join(f"{x:7.3f}" for x in results[name])
        )

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "stocks.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["known_until", "series", "target", *found])
        for i, s in np.ndindex(target.shape):
            row = [target[i, s], *(np.mean([run[i, s] for run in runs]) for runs in found.values())]
            writer.writerow([months[t[i]], names[s], *(f"{value:.4f}" for value in row)])
    return results


if __name__ == "__main__":
    main()
