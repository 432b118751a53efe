"""Small graphs that the tests of pictures share: functions that give (root, options of draw).

Options hold all tensors by name: a graph does not keep its tensors alive.
"""

import itertools

import numpy as np

import graddl as gd


def parameter(array, name):
    return gd.Tensor(np.array(array), requires_grad=True, parameter=True, name=name)


def neuron():
    x1, x2 = gd.Scalar(2.0, "x1"), gd.Scalar(0.0, "x2")
    w1, w2 = gd.Scalar(-3.0, "w1", parameter=True), gd.Scalar(1.0, "w2", parameter=True)
    b = gd.Scalar(6.881373587, "b", parameter=True)
    n = x1 * w1 + x2 * w2 + b
    o = n.tanh()
    n.name, o.name = "n", "o"
    return o, {}


def polynomial():
    x = gd.Scalar(3.0)
    return 2 * x**2 - x / 4 + 1, {"names": {"x": x}}


def mlp():
    x = gd.tensor(np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0], [-1.0, 0.25]]), name="x")
    w1 = parameter([[0.5, -0.25], [1.0, 0.5], [-0.5, -1.0]], "W1")
    b1, w2 = parameter([0.0, 0.5, 0.0], "b1"), parameter([[1.0, -1.0, 0.5], [0.25, 0.5, 1.0]], "W2")
    b2 = parameter([0.0, 0.0], "b2")
    h = gd.relu(gd.linear(x, w1, b1))
    z, t = gd.linear(h, w2, b2), gd.tensor([0, 1, 1, 0])
    loss = gd.cross_entropy(z, t)
    names = {"x": x, "W1": w1, "b1": b1, "W2": w2, "b2": b2, "h": h, "logits": z, "target": t}
    return loss, {"names": {**names, "loss": loss}}


def mlp_ops():
    root, options = mlp()
    return root, {**options, "detail": "ops"}


def mlp_data():
    root, options = mlp()
    return root, {**options, "mode": "data", "theme": "dark"}


def mixed():
    a, c = gd.Scalar(2.0, "a"), gd.Scalar(-1.0, "c")
    v, w = gd.stack([a, c, a * c]), parameter([1.0, 2.0, 3.0], "w")
    return gd.Scalar((v * w).sum()) ** 2, {"names": {"v": v, "w": w}}


def shared_weight():
    w, start = parameter(np.eye(16) * 0.5, "W"), gd.tensor(np.ones((2, 16)), name="h0")
    h = start
    for _ in range(5):
        h = gd.tanh(h @ w)
    return h.sum(), {"detail": "ops", "names": {"W": w, "h0": start}}


def long_chain():
    y = gd.Scalar(1.0, "x")
    for _ in range(40):
        y = y * 1.5 + 0.25
    return y, {"max_nodes": 12}


def several_outputs():
    x = gd.tensor(np.arange(6.0), requires_grad=True, name="x")
    left, right = gd.split(x, sections=2)
    return (left * right).sum(), {"names": {"x": x, "left": left, "right": right}}


def layers():
    """Two scopes; three units of the first have a bias that keeps them at 0."""
    rng = np.random.default_rng(3)
    x = gd.tensor(rng.normal(size=(8, 4)).astype("f4"), name="x")
    w1, w2 = (rng.normal(size=shape).astype("f4") for shape in ((6, 4), (3, 6)))
    dead = np.array([0, -20, 0, -20, -20, 0], "f4")
    w1, b1 = parameter(w1, "fc1.weight"), parameter(dead, "fc1.bias")
    w2, b2 = parameter(w2, "fc2.weight"), parameter(np.zeros(3, "f4"), "fc2.bias")
    with gd.scope("fc1"):
        z = gd.linear(x, w1, b1)
    h = gd.relu(z)
    with gd.scope("fc2"):
        logits = gd.linear(h, w2, b2)
    target = gd.tensor(rng.integers(0, 3, 8), name="target")
    loss = gd.cross_entropy(logits, target)
    kept = {"x": x, "z": z, "h": h, "logits": logits, "loss": loss, "target": target}
    kept.update(w1=w1, b1=b1, w2=w2, b2=b2)
    return loss, {"detail": "layers", "mode": "grad", "names": kept}


def layers_data():
    root, options = layers()
    return root, {**options, "mode": "data", "theme": "dark"}


def layers_range():
    root, options = layers()
    return root, {**options, "range": (1e-4, 10.0)}


def parameters_are_layers():
    """Without scopes."""
    root, options = mlp()
    return root, {**options, "detail": "layers"}


def sequential(depth, width, batch=3, scale=1.0):
    g = gd.Generator(0)
    linear = [gd.nn.Linear(width, width, generator=g) for _ in range(depth)]
    net = gd.nn.Sequential(*[m for layer in linear for m in (layer, gd.nn.Tanh())])
    x = gd.randn(batch, width, generator=g, name="x") * scale
    y = net(x)
    loss = (y * y).mean()
    return loss, {"names": {"x": x, "y": y, "loss": loss, "_net": net}}


def deep_net():
    """Forty layers, of which the picture shows six; the gradient vanishes."""
    root, options = sequential(40, 4)
    return root, {**options, "max_nodes": 20}


def residual():
    g = gd.Generator(1)
    x = gd.randn(4, 5, generator=g, name="x")
    h, kept = x, {"x": x}
    for k in range(3):
        with gd.scope(f"block{k}"):
            fc = gd.nn.Linear(5, 5, generator=g)
            h = h + fc(h).tanh()
            kept[f"_fc{k}"] = fc
    loss = h.square().mean()
    return loss, {"detail": "layers", "names": {**kept, "h": h, "loss": loss}}


def nested():
    g = gd.Generator(1)
    layer = [gd.nn.Linear(3, 3, generator=g) for _ in range(3)]
    h = x = gd.randn(2, 3, generator=g, name="x")
    with gd.scope("encoder"):
        for name, fc in zip("ab", layer, strict=False):
            with gd.scope(name):
                h = fc(h).tanh()
    with gd.scope("head"):
        y = layer[2](h)
    loss = y.square().mean()
    return loss, {"names": {"x": x, "loss": loss, "_keep": (layer, h, y)}}


def collapsed():
    root, options = nested()
    return root, {**options, "collapse": ["encoder"]}


def called_twice():
    """One module on two inputs: two boxes, with one set of weights."""
    g = gd.Generator(1)
    net = gd.nn.Sequential(gd.nn.Linear(3, 2, generator=g))
    a, b = (gd.randn(4, 3, generator=g, name=n) for n in "ab")
    loss = (net(a) - net(b)).square().sum()
    return loss, {"detail": "layers", "names": {"a": a, "b": b, "loss": loss, "_net": net}}


def loop(steps, named):
    g = gd.Generator(0)
    cell, head = gd.nn.RNNCell(2, 3, generator=g), gd.nn.Linear(3, 1, generator=g)
    x, h, states = gd.randn(steps, 1, 2, generator=g), gd.zeros(1, 3), []
    for t in range(steps):
        with gd.timestep(t) if named else gd.enable_grad():
            h = cell(x[t], h)
        states.append(h)
    loss = head(h).square().sum()
    return loss, {"names": {"loss": loss, "_keep": (cell, head, x, states)}}


def time_steps():
    return loop(20, True)


def passes():
    root, options = loop(16, False)
    return root, {**options, "max_nodes": 20}


def scalar_network(sizes=(2, 4, 1), samples=3, seed=0):
    """Neurons of Scalars, as in a first lesson on networks: many siblings."""
    rng = np.random.default_rng(seed)

    def neuron(n):
        weights = [gd.Scalar(v, parameter=True) for v in rng.normal(size=n)]
        return weights, gd.Scalar(0.1, parameter=True)

    layers = [[neuron(a) for _ in range(b)] for a, b in itertools.pairwise(sizes)]
    total = gd.Scalar(0.0, requires_grad=False)
    for _ in range(samples):
        row = [gd.Scalar(v, requires_grad=False) for v in rng.normal(size=sizes[0])]
        for k, layer in enumerate(layers):
            sums = [sum((w * v for w, v in zip(ws, row, strict=True)), b) for ws, b in layer]
            row = [s.tanh() if k + 1 < len(layers) else s for s in sums]
        total = total + (1 - float(rng.choice([-1, 1])) * row[0]).relu()
    loss = total / samples
    loss.name = "loss"
    return loss, {}


def folded():
    return scalar_network()


def towers():
    """Four heads that differ in nothing but their numbers, each with its own scope."""
    g = gd.Generator(2)
    x, kept = gd.randn(2, 3, generator=g, name="x"), []
    heads = []
    for _ in range(4):
        with gd.scope("head"):
            fc = gd.nn.Linear(3, 2, generator=g)
            heads.append(fc(x).tanh())
            kept.append(fc)
    loss = gd.concat(heads, axis=1).square().mean()
    names = {"x": x, "loss": loss, "_keep": (kept, heads)}
    return loss, {"detail": "layers", "max_nodes": 8, "names": names}


def doubling():
    y = gd.Scalar(1.0, "x")
    for _ in range(60):
        y = y + y
    return y, {}


GRAPHS = {
    f.__name__: f
    for f in (neuron, polynomial, mlp, mlp_ops, mlp_data, mixed, shared_weight, long_chain,
              several_outputs, layers, layers_data, layers_range, parameters_are_layers, deep_net,
              residual, nested, collapsed, called_twice, time_steps, passes, folded, towers,
              doubling)
}  # fmt: skip
