"""Carry over what a network learned from the digits 0 to 4 to the digits 5 to 9, of which few come.

    python examples/transfer.py                         5, 10 and 20 of each digit; means of 5 seeds
    python examples/transfer.py --validate              the same, judged without the held-out images
    python examples/transfer.py --move --epochs 500     where it is of no use: see below

The digits are scikit-learn's, each set somewhere on a field of 12 x 12 pixels. LeNet sees many of
0 to 4, set anew whenever they are used: its convolutions learn strokes wherever they are. Of 5 to 9
there are few, and each stays where it stands. Three networks learn from these alone:

- scratch: starts from random weights;
- frozen: keeps the first network's features, `freeze(until="features")`, and gets a new
  classifier by `replace_head`; only that is trained;
- tuned: the same, but the features are trained, too, at a third of the rate of the classifier.

What is carried over here is that a digit stays the same wherever it stands. With `--move` the few
are set anew, too, and so teach that themselves: given enough epochs, the network from scratch is
then better than both that were helped.

30 % of the digits are held out, the same for each seed, and are looked at to report the accuracy.
Rates and epochs were chosen by `--validate`: a quarter of the training images, another one for each
seed, is taken away and tested instead. Into the folder `out` goes transfer.csv.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import graddl as gd

SIZE, CLASSES, BATCH, LR, SLOWER, DECAY = 12, 5, 25, 0.01, 3, 0.1
WAYS = ("scratch", "frozen", "tuned")


def load_data(quarter=None):
    """Images of shape (N, 1, 8, 8) scaled to [0, 1], and digits: (x, test x, y, test y).

    Tested are the held-out images or, if `quarter` says which, some of those for training.
    """
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32").reshape(-1, 1, 8, 8)
    x, x_held, y, y_held = train_test_split(x, y, test_size=0.3, stratify=y, random_state=0)
    if quarter is None:
        return x, x_held, y, y_held
    return train_test_split(x, y, test_size=0.25, stratify=y, random_state=quarter)


def place(images, rng):
    """Set each image somewhere on a field of zeros: (N, 1, 8, 8) -> (N, 1, SIZE, SIZE)."""
    fields = np.zeros((len(images), 1, SIZE, SIZE), images.dtype)
    places = rng.integers(SIZE - 7, size=(len(images), 2))
    for field, image, (i, j) in zip(fields, images, places, strict=True):
        field[:, i : i + 8, j : j + 8] = image
    return fields


def network(generator):
    """A LeNet for five digits."""
    return gd.models.LeNet(CLASSES, image_size=SIZE, generator=generator)


def fit(model, groups, x, y, epochs, generator, prepare=None):
    """Train on images x and classes y; `prepare` makes what a batch is used as, each time."""
    loss_function = gd.nn.CrossEntropyLoss()
    optimizer = gd.optim.AdamW(groups, lr=LR, weight_decay=DECAY)
    rates = [group["lr"] for group in optimizer.param_groups]
    steps = -(-len(x) // BATCH)
    schedule = gd.optim.OneCycleLR(
        optimizer, rates, epochs=epochs, steps_per_epoch=steps, cycle_momentum=False
    )
    for _ in range(epochs):
        order = gd.permutation(len(x), generator=generator)
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            images = prepare(x[batch], generator.numpy) if prepare else x[batch]
            loss = loss_function(model(images), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def accuracy(model, x, y):
    """The share of images whose largest logit is that of the right digit."""
    with gd.no_grad():
        return float((model(x).numpy().argmax(axis=1) == y).mean())


def transferred(way, state, generator):
    """A network for 5 to 9, made one of the three ways, and the parameters to train.

    `state` is the ``state_dict()`` of the network that knows 0 to 4.
    """
    model = network(generator)
    if way == "scratch":
        return model, model.parameters()
    head = model.classifier  # random as it is
    model = network(generator)
    model.load_state_dict(state)
    model.replace_head(head)
    if way == "frozen":
        model.freeze(until="features")
        return model, head.parameters()
    return model, [
        {"params": model.features.parameters(), "lr": LR / SLOWER},
        {"params": head.parameters()},
    ]


def compare(seed, numbers, epochs, first_epochs, move=False, validate=False):
    """Train the first network, then all others.

    Returns
    -------
    first : float
        The accuracy of the first network on 0 to 4.
    rows : list of dict
        The accuracy on 5 to 9 for each number of examples of a digit, and each way.
    """
    x, x_test, y, y_test = load_data(quarter=seed if validate else None)
    fixed = np.random.default_rng(seed)
    x_test = np.concatenate([place(x_test, fixed) for _ in range(4)])
    y_test = np.tile(y_test, 4)
    low, low_test = y < CLASSES, y_test < CLASSES

    generator = gd.Generator(seed)
    model = network(generator)
    fit(model, model.parameters(), x[low], y[low], first_epochs, generator, place)
    first, state = accuracy(model, x_test[low_test], y_test[low_test]), model.state_dict()

    rows = []
    for number in numbers:
        some = np.concatenate(
            [fixed.choice(np.flatnonzero(y == c), number, replace=False) for c in range(5, 10)]
        )
        images, classes = x[some] if move else place(x[some], fixed), y[some] - CLASSES
        for way in WAYS:
            generator = gd.Generator(seed)
            model, groups = transferred(way, state, generator)
            fit(model, groups, images, classes, epochs, generator, place if move else None)
            right = accuracy(model, x_test[~low_test], y_test[~low_test] - CLASSES)
            rows.append({"seed": seed, "examples": number, "way": way, "accuracy": right})
    return first, rows


def main(arguments=None):
    """Train and report; returns the mean accuracy on 5 to 9 by (examples of a digit, way)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, nargs="+", default=[5, 10, 20], help="of a digit")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--first-epochs", type=int, default=30, help="for the digits 0 to 4")
    parser.add_argument("--move", action="store_true", help="set the few anew at each use")
    parser.add_argument("--validate", action="store_true", help="leave held-out images alone")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    rows, firsts = [], []
    for seed in tqdm(range(options.seeds), "transfer", unit="seed", disable=None):
        first, more = compare(
            seed,
            options.examples,
            options.epochs,
            options.first_epochs,
            options.move,
            options.validate,
        )
        firsts.append(first)
        rows += more
    results = {
        (number, way): float(
            np.mean([r["accuracy"] for r in rows if (r["examples"], r["way"]) == (number, way)])
        )
        for number in options.examples
        for way in WAYS
    }
    print(f"accuracy on 0 to 4 of the network that learned them: {np.mean(firsts):.4f}")
    print(f"accuracy on 5 to 9, mean of {options.seeds} seeds, by how many of each were there")
    print("  examples" + "".join(f"{way:>10}" for way in WAYS))
    for number in options.examples:
        print(f"  {number:8}" + "".join(f"{results[number, way]:10.4f}" for way in WAYS))

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "transfer.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return results


if __name__ == "__main__":
    main()
