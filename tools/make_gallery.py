"""Render every kind of picture to out/gallery, as SVG and PNG, with a page that shows them all.

python tools/make_gallery.py [--out out/gallery] [--only neuron,bptt]
"""

import argparse
import functools
import time
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, make_moons

import graddl as gd

PICTURES = {}  # name -> (caption, function that makes the picture)


def picture(caption):
    """Put a function among the pictures, under its name."""

    def add(make):
        PICTURES[make.__name__] = caption, make
        return make

    return add


# ---------------------------------------------------------------------- graphs
def neuron_graph():
    x1, x2 = gd.Scalar(1.5, "x1"), gd.Scalar(-0.5, "x2")
    w1, w2 = gd.Scalar(0.8, "w1", parameter=True), gd.Scalar(1.2, "w2", parameter=True)
    b = gd.Scalar(0.1, "b", parameter=True)
    y = (x1 * w1 + x2 * w2 + b).tanh()
    y.name = "y"
    return y


def moons_loss(n=7):
    """The loss of a scalar network 2-16-16-1 on a few moons: thousands of nodes."""
    generator = np.random.default_rng(0)
    x, t = make_moons(n, noise=0.1, random_state=0)
    sizes, layers = (2, 16, 16, 1), []
    for fan_in, fan_out in pairwise(sizes):
        weights = generator.standard_normal((fan_out, fan_in)) / fan_in**0.5
        layers.append(
            [
                ([gd.Scalar(w, parameter=True) for w in row], gd.Scalar(0.0, parameter=True))
                for row in weights.tolist()
            ]
        )
    total = gd.Scalar(0.0, requires_grad=False)
    for row, sign in zip(x.tolist(), (2 * t - 1).tolist(), strict=True):
        units = row
        for k, layer in enumerate(layers):
            units = [sum((w * u for w, u in zip(ws, units, strict=True)), b) for ws, b in layer]
            units = [u.tanh() for u in units] if k < 2 else units
        total = total + (1 - sign * units[0]).relu()
    loss = total / n
    loss.name = "loss"
    return loss


def digits():
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype("float32"), y


@picture("The chain rule of one neuron: upstream × local derivative on each edge, in real order")
def neuron():
    return gd.draw(neuron_graph(), direction="right")


@picture("The same for a narrow page, where it runs down by itself")
def neuron_down():
    return gd.draw(neuron_graph())


@picture("The same in the dark")
def neuron_dark():
    return gd.draw(neuron_graph(), direction="right", theme="dark")


@picture("One weight used five times: a pill for each further use")
def shared_weight():
    w, x = gd.Scalar(0.9, "w", parameter=True), gd.Scalar(0.5, "x")
    y = x
    for _ in range(5):
        y = (w * y).tanh()
    return gd.draw(y)


@picture("A small network of tensors, op by op")
def tensors():
    gd.manual_seed(0)
    x = gd.randn(4, 2, name="x")
    W = gd.nn.Parameter(gd.randn(3, 2), name="W")
    b = gd.nn.Parameter(gd.zeros(3), name="b")
    loss = gd.nn.functional.cross_entropy((x @ W.T + b).relu(), np.array([0, 1, 1, 2]))
    return gd.draw(loss, names=locals(), detail="ops")


@picture("Gradient flow by layer")
def layers():
    gd.manual_seed(1)
    model = gd.nn.Sequential(
        gd.nn.Linear(64, 32), gd.nn.ReLU(), gd.nn.Linear(32, 16), gd.nn.ReLU(), gd.nn.Linear(16, 10)
    )
    x, y = digits()
    loss = gd.nn.functional.cross_entropy(model(x[:32]), y[:32])
    return gd.draw(loss, names={"loss": loss}, detail="layers", mode="grad", direction="right")


@picture("What goes wrong is said in words: dead and saturated units")
def flags():
    gd.manual_seed(1)
    model = gd.nn.Sequential(
        gd.nn.Linear(64, 16), gd.nn.ReLU(), gd.nn.Linear(16, 16), gd.nn.Tanh(), gd.nn.Linear(16, 10)
    )
    with gd.no_grad():
        model[0].bias[:5] = -50.0
        model[2].weight.mul_(40.0)
    x, y = digits()
    loss = gd.nn.functional.cross_entropy(model(x[:32]), y[:32])
    return gd.draw(loss, names={"loss": loss}, detail="layers", mode="grad", direction="right")


@picture("A gradient that vanishes on its way through twenty sigmoids")
def vanishing():
    gd.manual_seed(1)
    parts = [part for _ in range(20) for part in (gd.nn.Linear(16, 16), gd.nn.Sigmoid())]
    loss = gd.nn.Sequential(*parts)(gd.randn(8, 16)).sum()
    return gd.draw(loss, names={"loss": loss}, mode="grad")


@picture("A scalar network 2-16-16-1 on seven points, siblings folded")
def folded():
    return gd.draw(moons_loss())


@picture("A LeNet, layer by layer")
def lenet_graph():
    gd.manual_seed(0)
    x, y = digits()
    model = gd.models.LeNet(image_size=8)
    loss = gd.nn.functional.cross_entropy(model(x[:16].reshape(16, 1, 8, 8)), y[:16])
    return gd.draw(loss, names={"loss": loss}, detail="layers", mode="grad")


# ---------------------------------------------------------------------- time
def recurrent_loss(kind, steps, units=3):
    gd.manual_seed(0)
    rnn = kind(2, units)
    x = gd.randn(steps, 4, 2)
    loss = rnn(x)[0][-1].square().sum()
    loss.name = "loss"
    return loss


@picture("Backpropagation through time: what each step adds to a shared weight")
def bptt():
    return gd.draw(recurrent_loss(gd.nn.RNN, 4), mode="bptt")


@picture("A hundred steps, the middle left out")
def bptt_long():
    return gd.draw(recurrent_loss(gd.nn.RNN, 100), mode="bptt")


@picture("An LSTM with its gates")
def bptt_lstm():
    return gd.draw(recurrent_loss(gd.nn.LSTM, 3), mode="bptt")


@picture("Truncated: the gradient is cut where the state is detached")
def bptt_truncated():
    gd.manual_seed(0)
    cell, x, h, losses = gd.nn.RNNCell(2, 3), gd.randn(6, 4, 2), gd.zeros(4, 3), []
    for t in range(6):
        with gd.timestep(t):
            h = cell(x[t], h.detach() if t == 3 else h)
            losses.append(h.square().sum())
    loss = sum(losses[1:], losses[0])
    loss.name = "loss"
    return gd.draw(loss, mode="bptt")


@picture("The gates of an LSTM over time")
def gates():
    lstm = gd.nn.LSTM(2, 4, generator=gd.Generator(0))
    return gd.viz.gates(lstm, gd.randn(20, 1, 2, generator=gd.Generator(1)))


@picture("The hidden states of a GRU")
def states():
    gru = gd.nn.GRU(2, 6, generator=gd.Generator(0))
    return gd.viz.states(gru, gd.randn(20, 1, 2, generator=gd.Generator(1)))


# ---------------------------------------------------------------------- networks and layers
@picture("A network of neurons and weights")
def network():
    model = gd.models.MLP((3, 5, 2), "tanh", generator=gd.Generator(0))
    return gd.viz.network(model, np.array([1.0, -0.5, 0.25], "float32"))


@picture("The layers of a LeNet and what comes out of each")
def pipeline():
    return gd.viz.pipeline(gd.models.LeNet(), (1, 1, 28, 28))


@picture("Convolution: a window, its products and their sum")
def convolution():
    x = np.array([[3.0, 0, 1, 2], [1, 5, 8, 9], [2, 7, 2, 5], [0, 1, 3, 1]])
    return gd.viz.convolution(x, np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]]), at=(0, 1))


@picture("Max pooling, and where its gradient goes")
def pooling():
    x = np.array([[1.0, 3, 2, 1], [4, 0, 1, 5], [2, 2, 0, 1], [0, 6, 3, 2]])
    return gd.viz.pooling(x, grad=np.array([[1.0, -2], [0.5, 3]]))


@functools.cache
def trained_lenet():
    """A LeNet before and after some steps on digits, and what it says of the others."""
    x, y = digits()
    x = x.reshape(-1, 1, 8, 8)
    model = gd.models.LeNet(image_size=8, generator=gd.Generator(0))
    before = model.features[0].weight.numpy(copy=True)
    optimizer, order = gd.optim.Adam(model.parameters(), lr=0.003), np.random.default_rng(0)
    for _ in range(120):
        batch = order.integers(0, 1200, 32)
        loss = gd.nn.functional.cross_entropy(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with gd.no_grad():
        said = model(x[1200:]).numpy().argmax(axis=1)
    return model, before, said, y[1200:]


@picture("The first filters of a LeNet before and after training")
def filters():
    model, before, _, _ = trained_lenet()
    return gd.viz.filters(before, model.features[0])


@picture("Which digits are taken for which")
def confusion():
    _, _, said, right = trained_lenet()
    return gd.viz.confusion(right, said)


@picture("What a tensor is: its axes, shape and strides")
def tensor():
    return gd.viz.tensor(gd.arange(24.0).reshape(2, 3, 4))


# ---------------------------------------------------------------------- training
@picture("The gradient of each layer at each step of training")
def heatmap():
    gd.manual_seed(0)
    parts = [part for _ in range(6) for part in (gd.nn.Linear(16, 16), gd.nn.Sigmoid())]
    model = gd.nn.Sequential(*parts, gd.nn.Linear(16, 1))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.01)
    recorder = gd.GradientRecorder(model, optimizer)
    for _ in range(40):
        x = gd.randn(32, 16)
        loss = (model(x) - x.sum(axis=1, keepdims=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step()
    return recorder.heatmap()


@picture("Activations and their derivatives")
def activation():
    return gd.viz.activation("sigmoid", "tanh", "relu", "gelu")


@picture("Optimizers on their way down")
def descent():
    return gd.viz.descent("rosenbrock")


@picture("The same as a race")
def race():
    return gd.viz.race("rosenbrock")


@picture("Where a network draws the line")
def boundary():
    x, y = make_moons(200, noise=0.15, random_state=0)
    x = x.astype("float32")
    model = gd.models.MLP((2, 16, 16, 2), "tanh", generator=gd.Generator(0))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(200):
        loss = gd.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return gd.viz.boundary(model, x, y)


@picture("The loss around what was found")
def loss_surface():
    x, y = make_moons(100, noise=0.15, random_state=0)
    x = x.astype("float32")
    model = gd.models.MLP((2, 16, 2), "tanh", generator=gd.Generator(0))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        loss = gd.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return gd.viz.loss_surface(model, gd.nn.functional.cross_entropy, x, y)


@picture("Learning curves and what they say")
def learning_curves():
    x, y = digits()
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(x))
    train, held = rows[:150], rows[150:600]
    model = gd.models.MLP((64, 128, 10), generator=gd.Generator(0))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.01)
    history = {"loss": [], "val_loss": []}
    noisy = np.where(rng.random(len(train)) < 0.3, rng.integers(0, 10, len(train)), y[train])
    for _ in range(60):
        loss = gd.nn.functional.cross_entropy(model(x[train]), noisy)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with gd.no_grad():
            history["loss"].append(loss.item())
            held_loss = gd.nn.functional.cross_entropy(model(x[held]), y[held])
            history["val_loss"].append(held_loss.item())
    return gd.viz.learning_curves(history)


# ---------------------------------------------------------------------- the page
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>graddl: gallery</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 2rem auto; max-width: 72rem; font: 16px/1.5 Helvetica, Arial, sans-serif; }}
figure {{ margin: 2rem 0; }} img {{ max-width: 100%; }} figcaption {{ margin: .5rem 0; }}
</style></head><body>
<h1>Pictures that graddl draws</h1>
{figures}
</body></html>
"""
FIGURE = """<figure id="{name}"><figcaption>{caption} (<a href="{name}.svg">svg</a>,
<a href="{name}.png">png</a>)</figcaption><img src="{name}.svg" alt="{caption}"></figure>"""


def main(arguments=None):
    """Make the pictures; returns their names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/gallery"))
    parser.add_argument("--only", default="", help="names, separated by commas")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    names = [name for name in PICTURES if not options.only or name in options.only.split(",")]
    for name in names:
        start = time.perf_counter()
        drawing = PICTURES[name][1]()
        for kind in ("svg", "png"):
            drawing.save(options.out / f"{name}.{kind}")
        print(f"{name:20} {time.perf_counter() - start:6.2f} s", flush=True)
    gd.step_through(neuron_graph()).save(options.out / "steps.html")
    figures = [FIGURE.format(name=n, caption=escape(PICTURES[n][0])) for n in names]
    figures.append('<p><a href="steps.html">One neuron, step by step</a></p>')
    (options.out / "index.html").write_text(PAGE.format(figures="\n".join(figures)))
    print(f"{options.out / 'index.html'} shows them all")
    return names


if __name__ == "__main__":
    main()
