"""Small graphs that the tests of pictures share: functions that give (root, options of draw).

Options hold all tensors by name: a graph does not keep its tensors alive.
"""

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


GRAPHS = {
    f.__name__: f
    for f in (neuron, polynomial, mlp, mlp_ops, mlp_data, mixed, shared_weight, long_chain,
              several_outputs)
}  # fmt: skip
