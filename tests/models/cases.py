"""Every model in a small size with inputs that it takes, and what is asked of all of them."""

import json
import math
from pathlib import Path

import numpy as np

import graddl as gd
from graddl import models

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "models.json").read_text())


def numbers(*shape, seed=0.5):
    """sin(i + seed), as the oracles make them."""
    return np.sin(np.arange(math.prod(shape)) + seed).reshape(shape)


TOKENS = np.array([[0, 3, 1], [2, 1, 3]])
TARGETS = np.array([[0, 2], [1, 1]])
IMAGES = numbers(2, 1, 8, 8)
PADDING = np.array([[False, False, True], [False] * 3])

# name -> (class, arguments, options, inputs); small, since gradcheck runs each often
CASES = {
    "mlp": (models.MLP, [(6, 5, 4, 3)], {}, [numbers(4, 6)]),
    "mlp batch_norm": (models.MLP, [(6, 5, 4, 3)], {"batch_norm": True}, [numbers(4, 6)]),
    "lenet": (models.LeNet, [], {"image_size": 8}, [IMAGES]),
    "block": (models.BasicBlock, [1, 2, 2], {}, [numbers(2, 1, 4, 3)]),
    "resnet": (models.ResNet, [3, 1], {"widths": (1, 2)}, [numbers(2, 1, 4, 3)]),
    "lstm": (models.CharRNN, [4, 2, 3], {}, [TOKENS]),
    "gru": (models.CharRNN, [4, 2, 2, 2], {"cell": "gru"}, [TOKENS]),
    "rnn": (models.CharRNN, [4, 2, 3], {"cell": "rnn"}, [TOKENS]),
    "seq2seq": (models.Seq2Seq, [4, 3, 2, 2], {}, [TOKENS, TARGETS]),
    "seq2seq lstm": (models.Seq2Seq, [4, 3, 2, 2], {"cell": "lstm"}, [TOKENS, TARGETS]),
    "attention": (models.Seq2Seq, [4, 3, 2, 2], {"attention": True}, [TOKENS, TARGETS]),
    "autoencoder": (models.Autoencoder, [(6, 4, 2)], {"activation": "elu"}, [numbers(4, 6)]),
    "vae": (models.VAE, [(6, 4, 2)], {"activation": "tanh"}, [numbers(4, 6) ** 2]),
    "rbm_classifier": (models.RBMClassifier, [6, 4, 3], {}, [numbers(5, 6) ** 2]),
    "language": (models.TinyTransformer, [4, 3, 3, 1], {"max_length": 3, "causal": True}, [TOKENS]),
    "classes": (models.TinyTransformer, [4, 3, 3, 1], {"max_length": 3, "num_classes": 2},
                [TOKENS, PADDING]),
}  # fmt: skip


def made(name, seed=0):
    """The model of a case in float64, and its inputs."""
    kind, arguments, options, inputs = CASES[name]
    return kind(*arguments, **options, generator=gd.Generator(seed)).double(), inputs


def run(model, inputs):
    """All floating outputs; those of a VAE are drawn with the same noise each time."""
    more = {"generator": gd.Generator(1)} if isinstance(model, models.VAE) else {}
    ys = model(*inputs, **more)
    parts = []
    for y in ys if isinstance(ys, tuple) else (ys,):
        parts += y if isinstance(y, tuple) else [y]
    return parts


def weighted(ys):
    """A number that depends on all elements of all outputs, each in its own way."""
    return sum((y * numbers(*y.shape, seed=7)).sum() for y in ys)


def of_parameters(model, inputs, most=None):
    """(function of the parameters and floating inputs of a model, which runs it; their values).

    With `most`, parameters with more elements are left as they are.
    """
    places = [
        (module, name)
        for module in model.modules()
        for name, p in list(vars(module).items())
        if isinstance(p, gd.nn.Parameter) and (most is None or p.size <= most)
    ]
    own = [k for k, x in enumerate(inputs) if x.dtype.kind == "f"]
    values = [np.array(vars(module)[name].numpy()) for module, name in places]

    def f(*tensors):
        for (module, name), tensor in zip(places, tensors, strict=False):
            vars(module)[name] = tensor
        xs = dict(zip(own, tensors[len(places) :], strict=True))
        return tuple(run(model, [xs.get(k, x) for k, x in enumerate(inputs)]))

    return f, [*values, *(inputs[k] for k in own)]


def fit(model, loss, steps, lr=0.01):
    """Minimize loss() with Adam; returns the first value and the last."""
    optimizer, values = gd.optim.Adam(model.parameters(), lr=lr), []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        values.append(value.item())
    return values[0], values[-1]


# ---------------------------------------------------------------------- PyTorch's numbers
def fill(model):
    """Give a model, in float64, the numbers that PyTorch's had."""
    model.double()
    for k, (_, p) in enumerate(sorted(model.named_parameters())):
        p.data = numbers(*p.shape, seed=k + 1) / math.sqrt(math.prod(p.shape[1:]))
    return model


def check(name, model, inputs, function=None):
    """Names, outputs and gradients are PyTorch's, of steps of training and perhaps of eval.

    function : called with the inputs in place of the model; returns Tensors and arrays.
    """
    answer = ORACLE[name]
    fill(model)
    assert sorted(model.state_dict()) == sorted(answer["names"])
    for step, training in zip(answer["steps"], (True, False), strict=False):
        model.train(training)
        xs = [gd.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
        ys = (function or model)(*xs)
        ys = list(ys) if isinstance(ys, tuple) else [ys]
        weighted(y for y in ys if y.dtype.kind == "f").backward()
        for y, want in zip(ys, step["y"], strict=True):
            close(y, want)
        for x, want in zip((x for x in xs if x.requires_grad), step["x.grad"], strict=True):
            close(x.grad, want)
    with_gradient = {key: p.grad for key, p in model.named_parameters() if p.grad is not None}
    assert sorted(with_gradient) == sorted(answer["grad"])
    for key, g in with_gradient.items():
        close(g.reshape(-1)[:: max(1, g.size // 12)], answer["grad"][key]["some"])
        close((g * numbers(*g.shape, seed=5)).sum(), answer["grad"][key]["sum"])


def close(t, want):
    """Equal to 1e-9, and of that shape."""
    t, want = t.numpy() if isinstance(t, gd.Tensor) else t, np.array(want)
    assert t.shape == want.shape
    np.testing.assert_allclose(t, want, rtol=1e-9, atol=1e-10)
