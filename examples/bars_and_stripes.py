"""Train a restricted Boltzmann machine on bars and stripes, and say how likely it finds them.

    python examples/bars_and_stripes.py                 contrastive divergence, then persistent
    python examples/bars_and_stripes.py --epochs 500 --k 5

The data are the 30 images of 4 x 4 pixels in which every row is of one value, or every column is.
The machine has 16 visible and 16 hidden units: few enough to sum over all states of the hidden
ones, so that the log-likelihood is exact, where large machines have estimates. The best that any
model can do is to find each image equally likely, -ln 30 = -3.401. Contrastive divergence comes
close and stalls, as its samples stay near the data; persistent chains wander, and get closer.
Nothing is written.
"""

import argparse
import itertools
import math

import numpy as np

import graddl as gd

SIZE, HIDDEN, COPIES, LR = 4, 16, 10, 0.3


def bars_and_stripes(size=SIZE):
    """All images, each once, as an array of shape (2^(size + 1) - 2, size * size)."""
    bits = np.array(list(itertools.product((0, 1), repeat=size)), "float32")
    rows, columns = np.repeat(bits, size, axis=1), np.tile(bits, (1, size))
    return np.unique(np.concatenate([rows, columns]), axis=0)


def log_likelihood(model, images):
    """The exact mean log-likelihood of the images."""
    with gd.no_grad():
        return model.log_likelihood(images).mean().item()


def share_of_images(model, images):
    """The probability that the model draws one of the images, exactly."""
    with gd.no_grad():
        return model.log_likelihood(images).exp().sum().item()


def train(persistent, epochs, k, seed=0, every=500):
    """Train one machine on batches of all images, `COPIES` of each.

    Returns
    -------
    model : RBM
    history : list of (epoch, exact mean log-likelihood)
    """
    images = bars_and_stripes()
    generator = gd.Generator(seed)
    model = gd.nn.RBM(images.shape[1], HIDDEN, generator=generator)
    optimizer = gd.optim.SGD(model.parameters(), lr=LR)
    batch = np.tile(images, (COPIES, 1))  # more samples make a gradient with less noise
    history = [(0, log_likelihood(model, images))]
    for epoch in range(1, epochs + 1):
        loss = model.contrastive_divergence(batch, k, persistent, generator)
        optimizer.zero_grad()
        optimizer.param_groups[0]["lr"] = LR * (1 - epoch / epochs)  # noise settles at the end
        loss.backward()
        optimizer.step()
        if epoch % every == 0 or epoch == epochs:
            history.append((epoch, log_likelihood(model, images)))
    return model, history


def show(images):
    """Print images side by side."""
    for row in images.reshape(-1, SIZE, SIZE).transpose(1, 0, 2):
        print("  " + "   ".join("".join("#" if x else "." for x in part) for part in row))


def main(arguments=None):
    """Train and report; returns the log-likelihoods of each way, by its name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=2000)
    parser.add_argument("--k", type=int, default=1, help="Gibbs steps for each update")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    images, results = bars_and_stripes(), {}
    print(f"{len(images)} images; the best mean log-likelihood is {-math.log(len(images)):.3f}")
    for persistent in (False, True):
        name = f"PCD-{options.k}" if persistent else f"CD-{options.k}"
        model, history = train(persistent, options.epochs, options.k, options.seed)
        for epoch, value in history:
            print(f"{name}  epoch {epoch:5}  exact log-likelihood {value:8.3f}")
        print(
            f"{name}  draws bars or stripes with probability {share_of_images(model, images):.3f}"
        )
        start = gd.rand(8, SIZE * SIZE, generator=gd.Generator(options.seed))
        print("samples after 1000 Gibbs steps:")
        show(model.gibbs(start, 1000, gd.Generator(options.seed)).numpy())
        results[name] = [value for _, value in history]
    return results


if __name__ == "__main__":
    main()
