"""Train a small network to read handwritten digits, and draw what it computes.

    python examples/digits.py                      seeds 0 to 4 with Adam, then seed 0 with SGD
    python examples/digits.py --seeds 1 --optimizer sgd

The data are scikit-learn's 1797 digits of 8 x 8 pixels. 30 % of them, the same share of each class,
are held out: they are looked at to report the accuracy, and nothing is chosen by them. Everything
random comes from the seed, so a seed gives the same numbers on every run.

Into the folder `out` go the learning curves (digits_history.csv), the graph of the loss of a small
batch (digits_loss_graph.svg) and the graph of a single neuron (neuron.svg).
"""

import argparse
import csv
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import graddl as gd

HIDDEN, BATCH = 128, 16
OPTIMIZERS = {
    "adam": lambda parameters: gd.optim.Adam(parameters, lr=0.003),
    "sgd": lambda parameters: gd.optim.SGD(parameters, lr=0.1, momentum=0.9),
}


class MLP(gd.nn.Module):
    """Two layers: 64 pixels -> hidden features -> 10 logits, one for each digit."""

    def __init__(self, generator):
        self.fc1 = gd.nn.Linear(64, HIDDEN, generator=generator)
        self.fc2 = gd.nn.Linear(HIDDEN, 10, generator=generator)

    def forward(self, x):
        return self.fc2(self.fc1(x).relu())


def load_data(seed):
    """Images scaled to [0, 1] and their digits, as (x, held-out x, y, held-out y)."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    return train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)


def accuracy(model, x, y):
    """The share of images whose largest logit is that of the right digit."""
    with gd.no_grad():
        return float((model(x).numpy().argmax(axis=1) == y).mean())


def train(seed, optimizer_name, epochs):
    """Train on one split.

    Returns
    -------
    model : MLP
    history : list of dict
        For each epoch the mean loss over its batches and the accuracy on the held-out images.
    """
    x, x_held, y, y_held = load_data(seed)
    generator = gd.Generator(seed)
    model = MLP(generator)
    loss_function = gd.nn.CrossEntropyLoss()
    optimizer = OPTIMIZERS[optimizer_name](model.parameters())
    history = []
    title = f"{optimizer_name}, seed {seed}"
    bar = tqdm(range(1, epochs + 1), title, unit="epoch", disable=None)  # None: only on terminals
    for epoch in bar:
        order = gd.permutation(len(x), generator=generator)
        total = 0.0
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            loss = loss_function(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        row = {"epoch": epoch, "loss": total / len(x), "accuracy": accuracy(model, x_held, y_held)}
        history.append({"optimizer": optimizer_name, "seed": seed, **row})
        bar.set_postfix(loss=f"{row['loss']:.4f}", held_out=f"{row['accuracy']:.3f}")
        if epoch % 10 == 0 or epoch == epochs:
            tqdm.write(
                f"{optimizer_name:4}  seed {seed}  epoch {epoch:3}  "
                f"loss {row['loss']:.4f}  held-out accuracy {row['accuracy']:.4f}"
            )
    return model, history


def draw_loss(model, path):
    """The graph of the loss of four images, with values and gradients."""
    x, _, y, _ = load_data(seed=0)
    model.zero_grad()
    with gd.record():  # keep what backward() would let go of, for the picture
        images, labels = gd.tensor(x[:4], name="images"), gd.tensor(y[:4], name="labels")
        loss = gd.nn.CrossEntropyLoss()(model(images), labels)
        loss.name = "loss"
        loss.backward()
    gd.draw(loss).save(path)


def draw_neuron(path):
    """The graph of one neuron, y = tanh(x1 w1 + x2 w2 + b), with values and gradients."""
    x1, x2 = gd.Scalar(1.5, "x1"), gd.Scalar(-0.5, "x2")
    w1, w2 = gd.Scalar(0.8, "w1", parameter=True), gd.Scalar(1.2, "w2", parameter=True)
    b = gd.Scalar(0.1, "b", parameter=True)
    y = (x1 * w1 + x2 * w2 + b).tanh()
    y.name = "y"
    y.backward()
    gd.draw(y, direction="right").save(path)


def main(arguments=None):
    """Train, report, draw; returns the last held-out accuracy of each (optimizer, seed)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 on")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="adam")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    other = next(name for name in OPTIMIZERS if name != options.optimizer)
    runs = [(options.optimizer, seed) for seed in range(options.seeds)] + [(other, 0)]
    rows, results = [], {}
    for name, seed in runs:
        model, history = train(seed, name, options.epochs)
        rows += history
        results[name, seed] = history[-1]["accuracy"]
    print("\nheld-out accuracy after the last epoch")
    for (name, seed), value in results.items():
        print(f"  {name:4}  seed {seed}  {value:.4f}")
    worst = min(value for (name, _), value in results.items() if name == options.optimizer)
    print(f"  worst with {options.optimizer}: {worst:.4f}")

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "digits_history.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    draw_loss(model, options.out / "digits_loss_graph.svg")
    draw_neuron(options.out / "neuron.svg")
    print(f"learning curves and pictures are in {options.out}/")
    return results


if __name__ == "__main__":
    main()
