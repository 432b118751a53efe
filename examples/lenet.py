"""Train LeNet, a small convolutional network, to read handwritten digits.

    python examples/lenet.py                        seeds 0 to 2
    python examples/lenet.py --validate             the same, judged without the held-out images

The data are scikit-learn's 1797 digits of 8 x 8 pixels. 30 % of them, the same share of each class,
are held out: the same ones for each seed, which stands for the initial weights and the order of the
images. They are looked at to report the accuracy. Rates, epochs and sizes of distortions were
compared on parts taken from the training images: by cross-validation, and by `--validate`, for
which each seed takes a quarter of them away, another one for each seed, and is judged by that.

Few images make the network learn them by heart. So each is distorted anew whenever it is used:
stretched, turned, sheared and moved by up to half a pixel. A whole pixel would be too much, as
digits reach the edges. In the end the network sees each tested image 16 times, distorted half as
much, and what it says of them is averaged: in cross-validation that took away four mistakes of ten.

Into the folder `out` go the learning curves, lenet_history.csv.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import graddl as gd

BATCH, LR, DECAY, SMOOTHING, COPIES = 64, 0.01, 0.1, 0.1, 16
BEND, MOVE = 0.2, 0.5  # most that is added to the entries of the matrix, and pixels


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


def distort(images, rng, strength=1.0):
    """Map each image by a random matrix close to 1, around its centre, and move it a little."""
    n = len(images)
    matrices = np.eye(2) + strength * rng.uniform(-BEND, BEND, (n, 2, 2))
    moves = strength * rng.uniform(-MOVE, MOVE, (n, 2, 1))
    pixels = np.indices((8, 8)).reshape(2, 64) - 3.5
    rows, columns = (matrices @ pixels + moves + 3.5).swapaxes(0, 1)  # each (n, 64)
    which = np.broadcast_to(np.arange(n)[:, None], (n, 64))
    values = map_coordinates(images[:, 0], (which, rows, columns), order=1, mode="grid-constant")
    return values.reshape(images.shape)


def accuracy(model, x, y):
    """The share of images whose largest logit is that of the right digit."""
    with gd.no_grad():
        return float((model(x).numpy().argmax(axis=1) == y).mean())


def voted(model, x, y):
    """The same for the mean of what the model says of distorted copies of each image."""
    rng, total = np.random.default_rng(0), 0.0
    with gd.no_grad():
        for _ in range(COPIES):
            total = total + model(distort(x, rng, 0.5)).softmax(axis=1).numpy()
    return float((total.argmax(axis=1) == y).mean())


def train(seed, epochs, validate=False):
    """Train from one seed.

    Returns
    -------
    model : LeNet
    history : list of dict
        For each epoch the mean loss over its batches and the accuracy on the tested images; for
        the last one also that of distorted copies, "voted".
    """
    x, x_test, y, y_test = load_data(quarter=seed if validate else None)
    generator = gd.Generator(seed)
    model = gd.models.LeNet(image_size=8, generator=generator)
    loss_function = gd.nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    optimizer = gd.optim.AdamW(model.parameters(), lr=LR, weight_decay=DECAY)
    schedule = gd.optim.OneCycleLR(
        optimizer, LR, epochs=epochs, steps_per_epoch=-(-len(x) // BATCH), cycle_momentum=False
    )
    history = []
    for epoch in tqdm(range(1, epochs + 1), f"seed {seed}", unit="epoch", disable=None):
        order = gd.permutation(len(x), generator=generator)
        total = 0.0
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            loss = loss_function(model(distort(x[batch], generator.numpy)), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        row = {"epoch": epoch, "loss": total / len(x), "accuracy": accuracy(model, x_test, y_test)}
        row["voted"] = voted(model, x_test, y_test) if epoch == epochs else ""
        history.append({"seed": seed, **row})
        if epoch % 50 == 0 or epoch == epochs:
            tqdm.write(
                f"seed {seed}  epoch {epoch:3}  loss {row['loss']:.4f}  "
                f"accuracy {row['accuracy']:.4f}" + (f" {row['voted']:.4f}" if row["voted"] else "")
            )
    return model, history


def main(arguments=None):
    """Train and report; returns the last accuracy of each seed, that of distorted copies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--validate", action="store_true", help="leave held-out images alone")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    rows, results = [], {}
    for seed in range(options.seeds):
        _, history = train(seed, options.epochs, options.validate)
        rows += history
        results[seed] = history[-1]["voted"]
    tested = "validation" if options.validate else "held-out"
    print(f"\naccuracy on {tested} images, each seen as {COPIES} distorted copies")
    for seed, value in results.items():
        print(f"  seed {seed}  {value:.4f}")
    print(f"  worst   {min(results.values()):.4f}")

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "lenet_history.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return results


if __name__ == "__main__":
    main()
