"""Squeeze handwritten digits into 2 or 8 numbers and back: an autoencoder against PCA.

    python examples/autoencoder.py                  codes of 2 and 8 numbers, seeds 0 to 2
    python examples/autoencoder.py --validate       the same, judged without the held-out images

Principal component analysis is the best that can be done by linear maps. An autoencoder may bend:
its maps are networks, here 64 -> 128 -> 64 -> code and back. What is compared is how far the images
that come back are from those that went in, the sum of squared differences over the 64 pixels.

The data are scikit-learn's 1797 digits of 8 x 8 pixels. 30 % of them are held out, the same ones
for each seed, and are looked at to report the errors. Widths, rate and epochs were chosen by
`--validate`: a quarter of the training images, another one for each seed, is taken away and tested
instead.

Into the folder `out` go the errors (autoencoder.csv) and, for codes of 2 numbers, those of the
tested images with their digits (autoencoder_codes.csv): a map of the digits, drawn without labels.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import graddl as gd

HIDDEN, BATCH, LR = (128, 64), 32, 0.003
SHADES = " .:-=+*#%@"


def load_data(quarter=None):
    """Images of shape (N, 64) scaled to [0, 1], and digits: (x, test x, y, test y).

    Tested are the held-out images or, if `quarter` says which, some of those for training.
    """
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    x, x_held, y, y_held = train_test_split(x, y, test_size=0.3, stratify=y, random_state=0)
    if quarter is None:
        return x, x_held, y, y_held
    return train_test_split(x, y, test_size=0.25, stratify=y, random_state=quarter)


def error(x, result):
    """The mean over images of the sum of squared differences of pixels."""
    return float(((x - result) ** 2).sum(axis=1).mean())


def train(x, size, epochs, seed):
    """Train an autoencoder with a code of `size` numbers on images x."""
    generator = gd.Generator(seed)
    model = gd.models.Autoencoder((x.shape[1], *HIDDEN, size), generator=generator)
    loss_function = gd.nn.MSELoss()
    optimizer = gd.optim.Adam(model.parameters(), lr=LR)
    schedule = gd.optim.OneCycleLR(
        optimizer, LR, epochs=epochs, steps_per_epoch=-(-len(x) // BATCH), cycle_momentum=False
    )
    title = f"code of {size}, seed {seed}"
    for _ in tqdm(range(epochs), title, unit="epoch", disable=None):
        order = gd.permutation(len(x), generator=generator)
        for start in range(0, len(x), BATCH):
            batch = x[order[start : start + BATCH]]
            loss = loss_function(model(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model


def show(name, images):
    """Print images side by side."""
    print(name)
    levels = np.clip(images.reshape(-1, 8, 8) * len(SHADES), 0, len(SHADES) - 1).astype(int)
    for rows in levels.transpose(1, 0, 2):
        print("  " + "  ".join("".join(SHADES[level] for level in row) for row in rows))


def write(path, rows):
    """Write a list of dicts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def main(arguments=None):
    """Train and report; returns the errors of each way, one for each seed, by (size, way)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[2, 8], help="numbers of a code")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--validate", action="store_true", help="leave held-out images alone")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    results, rows = {}, []
    for size in options.sizes:
        for seed in range(options.seeds):
            x, x_test, _, y_test = load_data(seed if options.validate else None)
            pca = PCA(size, svd_solver="full").fit(x)
            model = train(x, size, options.epochs, seed)
            with gd.no_grad():
                codes, mine = model.encode(x_test).numpy(), model(x_test).numpy()
            theirs = pca.inverse_transform(pca.transform(x_test))
            for way, result in (("PCA", theirs), ("autoencoder", mine)):
                value = error(x_test, result)
                results.setdefault((size, way), []).append(value)
                rows.append({"size": size, "seed": seed, "way": way, "error": value})
        some = [int(np.flatnonzero(y_test == digit)[0]) for digit in range(10)]
        show("images", x_test[some])
        show(f"from a code of {size}, PCA", theirs[some])
        show(f"from a code of {size}, autoencoder", mine[some])
        if size == 2:
            write(
                options.out / "autoencoder_codes.csv",
                [
                    {"digit": int(digit), "first": float(a), "second": float(b)}
                    for digit, (a, b) in zip(y_test, codes, strict=True)
                ],
            )
    print("\nsquared error of an image: mean over images; the worst seed")
    for (size, way), values in results.items():
        print(f"  code of {size}  {way:11}  {max(values):.4f}")
    write(options.out / "autoencoder.csv", rows)
    return results


if __name__ == "__main__":
    main()
