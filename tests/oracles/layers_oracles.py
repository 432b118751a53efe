"""Answers of PyTorch for layers of activations and losses, and for the gains of torch.nn.init.

The arrays are made by `array`, which the tests use, too.
"""

import math

ROWS, GRID = (5, 3), (2, 3, 4)

# (shape, seed, how its numbers are made of s = 2.5 sin(i + seed) and their positions i)
KINDS = {
    "values": ((2, 4, 3), 0.5, lambda s, i: s),
    "x": (ROWS, 1.0, lambda s, i: s),
    "x2": (ROWS, 5.0, lambda s, i: s),
    "x3": (ROWS, 9.0, lambda s, i: s),
    "probabilities": (ROWS, 1.0, lambda s, i: 0.5 + s / 6),
    "soft": (ROWS, 2.0, lambda s, i: 0.5 + s / 6),
    "positive": (ROWS, 3.0, lambda s, i: 0.3 + s * s),
    "signs": (ROWS, 4.0, lambda s, i: 1.0 if s > 0 else -1.0),
    "row_signs": ((5,), 4.0, lambda s, i: 1.0 if s > 0 else -1.0),
    "classes": ((5,), 0.0, lambda s, i: 2 * i % 3),
    "some_classes": ((5,), 0.0, lambda s, i: 1 if i == 2 else 2 * i % 3),
    "grid": (GRID, 1.0, lambda s, i: s),
    "grid_soft": (GRID, 2.0, lambda s, i: 0.5 + s / 6),
    "grid_classes": ((2, 4), 0.0, lambda s, i: 2 * i % 3),
    "logs": (ROWS, 1.0, lambda s, i: s - 3),
}
WANTED = {
    "values",
    "x",
    "x2",
    "x3",
    "probabilities",
    "positive",
    "grid",
    "logs",
}  # those with a gradient


def array(kind):
    """(shape, flat list of numbers) of one kind."""
    shape, seed, make = KINDS[kind]
    return shape, [make(2.5 * math.sin(i + seed), i) for i in range(math.prod(shape))]


ACTIVATIONS = [
    ["ReLU", {}],
    ["ReLU6", {}],
    ["LeakyReLU", {}],
    ["LeakyReLU", {"negative_slope": 0.2}],
    ["PReLU", {}],
    ["PReLU", {"num_parameters": 4, "init": 0.1}],
    ["Threshold", {"threshold": 0.3, "value": -2.0}],
    ["ELU", {}],
    ["ELU", {"alpha": 0.7}],
    ["SELU", {}],
    ["CELU", {}],
    ["CELU", {"alpha": 0.5}],  # PyTorch rounds alpha to float32
    ["Sigmoid", {}],
    ["LogSigmoid", {}],
    ["Tanh", {}],
    ["Softsign", {}],
    ["Hardtanh", {}],
    ["Hardtanh", {"min_val": -0.5, "max_val": 2.0}],
    ["Hardsigmoid", {}],
    ["GELU", {}],
    ["GELU", {"approximate": "tanh"}],
    ["SiLU", {}],
    ["Mish", {}],
    ["Hardswish", {}],
    ["Softplus", {}],
    ["Softplus", {"beta": 3.0, "threshold": 4.0}],
    ["GLU", {"dim": 1}],
    ["Tanhshrink", {}],
    ["Softshrink", {}],
    ["Softshrink", {"lambd": 1.0}],
    ["Hardshrink", {}],
    ["Hardshrink", {"lambd": 1.0}],
    ["Softmax", {"dim": 0}],
    ["Softmax", {"dim": -1}],
    ["LogSoftmax", {"dim": 1}],
    ["Softmin", {"dim": 1}],
]

WEIGHT = [0.5, 1.25, 2.0]
LOSSES = [  # class, arguments, arrays; each with every reduction
    ["MSELoss", {}, ["x", "x2"]],
    ["L1Loss", {}, ["x", "x2"]],
    ["HuberLoss", {}, ["x", "x2"]],
    ["HuberLoss", {"delta": 0.4}, ["x", "x2"]],
    ["SmoothL1Loss", {}, ["x", "x2"]],
    ["SmoothL1Loss", {"beta": 0.4}, ["x", "x2"]],
    ["CrossEntropyLoss", {}, ["x", "classes"]],
    ["CrossEntropyLoss", {"weight": WEIGHT}, ["x", "classes"]],
    ["CrossEntropyLoss", {"ignore_index": 1}, ["x", "some_classes"]],
    [
        "CrossEntropyLoss",
        {"weight": WEIGHT, "ignore_index": 1, "label_smoothing": 0.2},
        ["x", "classes"],
    ],
    ["CrossEntropyLoss", {"label_smoothing": 0.1}, ["grid", "grid_classes"]],
    ["CrossEntropyLoss", {"weight": WEIGHT}, ["grid", "grid_classes"]],
    ["CrossEntropyLoss", {"weight": WEIGHT}, ["grid", "grid_soft"]],
    ["NLLLoss", {}, ["logs", "classes"]],
    ["NLLLoss", {"weight": WEIGHT, "ignore_index": 0}, ["logs", "classes"]],
    ["NLLLoss", {"weight": WEIGHT}, ["grid", "grid_classes"]],
    ["MultiMarginLoss", {}, ["x", "classes"]],
    ["MultiMarginLoss", {"p": 2, "margin": 0.5, "weight": WEIGHT}, ["x", "classes"]],
    ["BCELoss", {}, ["probabilities", "soft"]],
    ["BCELoss", {"weight": WEIGHT}, ["probabilities", "soft"]],
    ["BCEWithLogitsLoss", {}, ["x", "soft"]],
    ["BCEWithLogitsLoss", {"weight": WEIGHT, "pos_weight": [3.0, 1.0, 0.5]}, ["x", "soft"]],
    ["MultiLabelSoftMarginLoss", {}, ["x", "soft"]],
    ["MultiLabelSoftMarginLoss", {"weight": WEIGHT}, ["x", "soft"]],
    ["SoftMarginLoss", {}, ["x", "signs"]],
    ["HingeEmbeddingLoss", {}, ["x", "signs"]],
    ["HingeEmbeddingLoss", {"margin": 2.0}, ["x", "signs"]],
    ["MarginRankingLoss", {}, ["x", "x2", "signs"]],
    ["MarginRankingLoss", {"margin": 0.7}, ["x", "x2", "signs"]],
    ["KLDivLoss", {}, ["logs", "soft"]],
    ["KLDivLoss", {"log_target": True}, ["logs", "x2"]],
    ["PoissonNLLLoss", {}, ["x", "positive"]],
    ["PoissonNLLLoss", {"log_input": False, "full": True, "eps": 0.1}, ["positive", "soft"]],
    ["GaussianNLLLoss", {}, ["x", "x2", "positive"]],
    ["GaussianNLLLoss", {"full": True, "eps": 0.1}, ["x", "x2", "positive"]],
    ["CosineEmbeddingLoss", {}, ["x", "x2", "row_signs"]],
    ["CosineEmbeddingLoss", {"margin": 0.3}, ["x", "x2", "row_signs"]],
    ["TripletMarginLoss", {}, ["x", "x2", "x3"]],
    ["TripletMarginLoss", {"margin": 3.0, "p": 1.0, "eps": 0.1, "swap": True}, ["x", "x2", "x3"]],
    ["CosineSimilarity", {}, ["x", "x2"]],
    ["CosineSimilarity", {"dim": 0, "eps": 0.1}, ["x", "x2"]],
    ["PairwiseDistance", {}, ["x", "x2"]],
    ["PairwiseDistance", {"p": 3.0, "eps": 0.1, "keepdim": True}, ["x", "x2"]],
]
DISTANCES = {"CosineSimilarity", "PairwiseDistance"}  # these have no reduction


def loss_cases():
    """[class, arguments, arrays] with every reduction."""
    for kind, options, arrays in LOSSES:
        if kind in DISTANCES:
            yield kind, options, arrays
            continue
        reductions = ["mean", "sum", "none"] + ["batchmean"] * (kind == "KLDivLoss")
        for reduction in reductions:
            yield kind, {**options, "reduction": reduction}, arrays


def layers(torch):
    """Outputs and gradients of activation and loss layers, and gains of initializers."""
    return {
        "activations": [_activation(torch, *case) for case in ACTIVATIONS],
        "losses": [_loss(torch, *case) for case in loss_cases()],
        "gains": {
            str([name, slope]): torch.nn.init.calculate_gain(name, slope)
            for name, slope in [
                *((name, None) for name in ("linear", "conv1d", "conv2d", "conv3d")),
                *((f"conv_transpose{n}d", None) for n in (1, 2, 3)),
                *((name, None) for name in ("sigmoid", "tanh", "relu", "selu", "leaky_relu")),
                *(("leaky_relu", slope) for slope in (0, 0.2, 1.0)),
            ]
        },
    }


def _tensor(torch, kind):
    shape, numbers = array(kind)
    dtype = torch.int64 if isinstance(numbers[0], int) else torch.float64
    return torch.tensor(numbers, dtype=dtype).reshape(shape).requires_grad_(kind in WANTED)


def _activation(torch, kind, options):
    torch.set_default_dtype(torch.float64)
    try:
        layer = getattr(torch.nn, kind)(**options)
    finally:
        torch.set_default_dtype(torch.float32)
    x = _tensor(torch, "values")
    # PyTorch's own rounds 1/6 to float32.
    y = torch.nn.ReLU6()(x + 3) / 6 if kind == "Hardsigmoid" else layer(x)
    (y * y).sum().backward()
    return {
        "class": kind,
        "options": options,
        "y": y.tolist(),
        "x.grad": x.grad.tolist(),
        "parameters": {name: p.grad.tolist() for name, p in layer.named_parameters()},
    }


def _loss(torch, kind, options, arrays):
    tensors = [_tensor(torch, name) for name in arrays]
    given = {
        k: torch.tensor(v, dtype=torch.float64) if isinstance(v, list) else v
        for k, v in options.items()
    }
    y = getattr(torch.nn, kind)(**given)(*tensors)
    (y * y).sum().backward()
    return {
        "class": kind,
        "options": options,
        "arrays": arrays,
        "y": y.tolist(),
        "grads": [None if t.grad is None else t.grad.tolist() for t in tensors],
    }
