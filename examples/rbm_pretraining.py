"""Let a Boltzmann machine look at many digits before a classifier learns from few labels.

    python examples/rbm_pretraining.py              10 labels of each digit; means of 5 seeds
    python examples/rbm_pretraining.py --labels 20
    python examples/rbm_pretraining.py --validate   the same, judged without the held-out images

The data are scikit-learn's digits of 8 x 8 pixels, each five times: as it is, and moved by a pixel
to each side. All of those for training are there without labels, 10 of each digit with one. The
network has 64 pixels, 100 hidden units and 10 logits. It learns in four ways:

- random: from random weights, all weights from the labels;
- random, head: the same, but the hidden units stay as they are at random;
- pre-trained, head: an RBM first learns the hidden units by contrastive divergence (CD-1), without
  labels; then the logits are learned from the labels;
- pre-trained, tuned: then all weights are, by small steps.

The moved images make the task one for which pixels are not enough. On the images as they are the
labels say as much, and pre-training gains nothing: with `--still` it is even a little worse.

30 % of the digits are held out, the same for each seed, and are looked at to report the accuracy.
Rates and epochs were chosen by `--validate`: a quarter of the training images, another one for each
seed, is taken away and tested instead. Into the folder `out` goes rbm_pretraining.csv.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import graddl as gd

HIDDEN, BATCH, CD_LR, MOMENTUM = 100, 50, 0.4, 0.5
ALL, HEAD, TUNE = (0.01, 300), (0.1, 300), (0.001, 30)  # rate and steps
WAYS = ("random", "random, head", "pre-trained, head", "pre-trained, tuned")


def moved(x):
    """Each image five times, as it is and moved by a pixel: (N, 64) -> (5 N, 64)."""
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    starts = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    return np.concatenate([padded[:, i : i + 8, j : j + 8] for i, j in starts]).reshape(-1, 64)


def load_data(quarter=None, still=False):
    """Images of shape (N, 64) scaled to [0, 1], and digits: (x, test x, y, test y).

    Tested are the held-out images or, if `quarter` says which, some of those for training.
    """
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=0)
    if quarter is not None:
        x, x_test, y, y_test = train_test_split(
            x, y, test_size=0.25, stratify=y, random_state=quarter
        )
    if still:
        return x, x_test, y, y_test
    return moved(x), moved(x_test), np.tile(y, 5), np.tile(y_test, 5)


def pretrain(rbm, x, epochs, generator):
    """CD-1 on all images, at a rate that falls to 0."""
    optimizer = gd.optim.SGD(rbm.parameters(), lr=CD_LR, momentum=MOMENTUM)
    for epoch in range(epochs):
        optimizer.param_groups[0]["lr"] = CD_LR * (1 - epoch / epochs)
        order = gd.permutation(len(x), generator=generator)
        for start in range(0, len(x), BATCH):
            batch = x[order[start : start + BATCH]]
            loss = rbm.contrastive_divergence(batch, generator=generator)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def fit(model, parameters, x, y, lr, steps):
    """Train these parameters on all labels at once."""
    loss_function = gd.nn.CrossEntropyLoss()
    optimizer = gd.optim.Adam(parameters, lr=lr, weight_decay=1e-4)
    for _ in range(steps):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def accuracy(model, x, y):
    """The share of images whose largest logit is that of the right digit."""
    with gd.no_grad():
        return float((model(x).numpy().argmax(axis=1) == y).mean())


def compare(seed, labels, epochs, still=False, validate=False):
    """The accuracy of each way from one seed: the labels, the weights and their order."""
    x, x_test, y, y_test = load_data(seed if validate else None, still)
    generator = gd.Generator(seed)
    some = np.concatenate(
        [generator.numpy.choice(np.flatnonzero(y == c), labels, replace=False) for c in range(10)]
    )
    x_some, y_some = x[some], y[some]

    model = gd.models.RBMClassifier(64, HIDDEN, 10, generator=generator)
    start, results = model.state_dict(), {}
    fit(model, model.parameters(), x_some, y_some, *ALL)
    results["random"] = accuracy(model, x_test, y_test)
    for pretrained in (False, True):
        model.load_state_dict(start)
        if pretrained:
            pretrain(model.rbm, x, epochs, generator)
        else:  # as small as an RBM has them at first, they would be of no use unless trained
            gd.init.xavier_uniform_(model.rbm.weight, generator=generator)
        fit(model, model.head.parameters(), x_some, y_some, *HEAD)
        name = "pre-trained, head" if pretrained else "random, head"
        results[name] = accuracy(model, x_test, y_test)
    fit(model, model.parameters(), x_some, y_some, *TUNE)
    results["pre-trained, tuned"] = accuracy(model, x_test, y_test)
    return results


def main(arguments=None):
    """Train and report; returns the accuracies of each way, one for each seed, by its name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=10, help="of each digit")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=30, help="of contrastive divergence")
    parser.add_argument("--still", action="store_true", help="do not move the images")
    parser.add_argument("--validate", action="store_true", help="leave held-out images alone")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    rows = []
    for seed in tqdm(range(options.seeds), "pre-training", unit="seed", disable=None):
        found = compare(seed, options.labels, options.epochs, options.still, options.validate)
        rows += [{"seed": seed, "way": way, "accuracy": right} for way, right in found.items()]
    results = {way: [row["accuracy"] for row in rows if row["way"] == way] for way in WAYS}
    print(f"accuracy with {options.labels} labels of each digit: mean and worst of the seeds")
    for way, values in results.items():
        print(f"  {way:18}  {np.mean(values):.4f}  {min(values):.4f}")

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "rbm_pretraining.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return results


if __name__ == "__main__":
    main()
