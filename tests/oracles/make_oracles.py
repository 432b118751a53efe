"""Answers of PyTorch, frozen into small JSON files that the tests read.

    python tests/oracles/make_oracles.py            write all files
    python tests/oracles/make_oracles.py --check    compare fresh answers with the files
    python tests/oracles/make_oracles.py optim      only that file

Needs torch==2.13.0, on the CPU. To add an oracle, write a function that returns numbers in lists
and dicts, and register it with @oracle; its name is the file's. Inputs are made by `numbers`, which
the tests can repeat, or are stored beside the answers.
"""

import argparse
import importlib
import inspect
import json
import math
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1]))  # for tests.samples
TORCH = "2.13.0"
TOLERANCE = 1e-12

ORACLES = {}


def oracle(function):
    """Register a function whose answer is frozen into `<name>.json`."""
    ORACLES[function.__name__] = function
    return function


def numbers(torch, *shape, seed=0.0):
    """sin(i + seed): numbers that need no random generator to agree."""
    size = math.prod(shape)
    return torch.tensor([math.sin(i + seed) for i in range(size)], dtype=torch.float64).reshape(
        shape
    )


@oracle
def optim(torch):
    """Trajectories of an uneven quadratic bowl, of two parameters in 20 steps."""
    cases = {
        "sgd": ("SGD", {"lr": 0.1}),
        "sgd momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
        "sgd nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
        "sgd all": (
            "SGD",
            {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1},
        ),
        "adam": ("Adam", {"lr": 0.1}),
        "adam all": (
            "Adam",
            {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.1},
        ),
    }
    answers = {}
    stiffness = torch.arange(1, 7, dtype=torch.float64).reshape(2, 3) / 6
    for name, (kind, options) in cases.items():
        a = numbers(torch, 2, 3, seed=1.0).requires_grad_()
        b = numbers(torch, 3, seed=2.0).requires_grad_()
        arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        optimizer = getattr(torch.optim, kind)([a, b], **arguments)
        steps = {}
        for t in range(1, 21):
            optimizer.zero_grad()
            y = a * b - 1
            (y * y * stiffness).sum().backward()
            optimizer.step()
            if t in (1, 2, 20):
                steps[str(t)] = {"a": a.tolist(), "b": b.tolist()}
        answers[name] = {"class": kind, "options": options, "steps": steps}
    return answers


@oracle
def nn(torch):
    """Losses and gradients of a linear layer and of cross-entropy in its variants."""
    answers = {}
    layer = torch.nn.Linear(4, 3, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(numbers(torch, 3, 4, seed=1.0))
        layer.bias.copy_(numbers(torch, 3, seed=2.0))
    x = numbers(torch, 2, 5, 4, seed=3.0).requires_grad_()
    y = layer(x)
    (y * y).sum().backward()
    answers["linear"] = {
        "y": y.tolist(),
        "x.grad": x.grad.tolist(),
        "weight.grad": layer.weight.grad.tolist(),
        "bias.grad": layer.bias.grad.tolist(),
    }
    cases = [
        (shape, reduction, weight)
        for shape in ((5, 3), (2, 3, 4))
        for reduction in ("mean", "sum", "none")
        for weight in (None, [0.5, 1.0, 2.0])
    ]
    answers["cross_entropy"] = []
    for shape, reduction, weight in cases:
        logits = (3 * numbers(torch, *shape, seed=4.0)).requires_grad_()
        size = math.prod(shape) // 3
        target = (torch.arange(size) * 2 % 3).reshape(shape[0], *shape[2:])
        tensor = None if weight is None else torch.tensor(weight, dtype=torch.float64)
        loss = torch.nn.CrossEntropyLoss(weight=tensor, reduction=reduction)(logits, target)
        loss.sum().backward()
        answers["cross_entropy"].append(
            {
                "shape": list(shape),
                "reduction": reduction,
                "weight": weight,
                "target": target.tolist(),
                "loss": loss.tolist(),
                "grad": logits.grad.tolist(),
            }
        )
    return answers


@oracle
def ops(torch):
    """Every entry of the op table on its own samples: values, and gradients of their weighted sum.

    null where PyTorch has nothing alike."""
    from tests.samples import ENTRIES, samples

    answers = {}
    for op in ENTRIES:
        spelling = torch_spelling(torch, op)
        try:
            answers[op.name] = spelling and [
                as_text(torch_answer(torch, op, spelling, *sample)) for sample in samples(op)
            ]
        except Exception as error:
            error.add_note(f"in PyTorch's spelling of {op.name}: {spelling}")
            raise
    return answers


@oracle
def special(torch):
    """Elementwise entries at zeros, infinities, NaN, kinks, ties; what JSON lacks is text."""
    from tests.samples import ENTRIES, special

    answers = {}
    for op in ENTRIES:
        xs, spelling = special(op), torch_spelling(torch, op)
        if xs is None or spelling is None or inspect.Parameter.empty in op.params.values():
            continue
        try:
            answers[op.name] = as_text(torch_answer(torch, op, spelling, xs, {}))
        except (NotImplementedError, RuntimeError) as error:  # PyTorch has values and no gradient
            print(f"special: {op.name}: {str(error).splitlines()[0]}")
    return answers


def as_text(tree):
    """Infinities and NaN as text."""
    if isinstance(tree, dict):
        return {key: as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return list(map(as_text, tree))
    return tree if not isinstance(tree, float) or math.isfinite(tree) else repr(tree)


def torch_spelling(torch, op):
    """PyTorch's expression for an op: the entry's own, or the function of the same name."""
    if op.info["torch"] is not None:
        return op.info["torch"] or None
    for path in ("torch", "torch.special", "F"):
        if not op.params and not op.variadic and hasattr(_place(torch, path), op.name):
            return f"{path}.{op.name}({', '.join(op.args)})"
    return None


def _place(torch, path):
    return {"torch": torch, "torch.special": torch.special, "F": torch.nn.functional}[path]


def torch_answer(torch, op, spelling, xs, params):
    """PyTorch's values and gradients on one sample, and a fingerprint of it."""
    from tests.samples import differentiable, fingerprint, output_weights

    at = differentiable(op, xs)
    numbers = {}  # few of PyTorch's functions that work point by point take plain numbers
    if op.kind == "elementwise" or op.info["boolean"]:
        numbers = {float: torch.float64, int: torch.int64}
    given = [
        torch.tensor(x, dtype=numbers[type(x)])
        if type(x) in numbers
        else _to_torch(torch, x, i in at)
        for i, x in enumerate(xs)
    ]
    n = len(op.args) - 1
    named = dict(zip(op.args, [*given, *[None] * len(op.args)], strict=False))
    if op.variadic:
        named[op.args[n]] = given[n:]
    named |= {k: _to_torch(torch, v, False) for k, v in {**op.params, **params}.items()}
    y = eval(spelling, {"torch": torch, "F": torch.nn.functional, "math": math, **named})
    ys = list(y) if isinstance(y, tuple | list) else [y]
    weights = output_weights([tuple(part.shape) for part in ys])
    total = [
        (part * torch.tensor(w)).sum()
        for part, w in zip(ys, weights, strict=True)
        if part.is_floating_point() and part.requires_grad
    ]
    grads = []
    if total:
        leaves = [given[i] for i in at]
        grads = torch.autograd.grad(sum(total), leaves, allow_unused=True, materialize_grads=True)
    return {
        "sample": fingerprint(xs, params),
        "values": [part.detach().resolve_neg().tolist() for part in ys],
        "gradients": [g.tolist() for g in grads],
    }


def _to_torch(torch, x, wanted):
    import numpy as np

    if isinstance(x, tuple):
        return tuple(_to_torch(torch, part, False) for part in x)
    if not isinstance(x, np.ndarray):
        return x
    return torch.tensor(x).requires_grad_() if wanted else torch.tensor(x)


# Oracles with a file of their own: <name>_oracles.py.
for _name, _file in {
    "blocks": "blocks", "conv": "conv", "ctc": "ctc", "hooks": "hooks", "layers": "layers",
    "models": "models", "optim_more": "optim", "recurrent": "recurrent",
}.items():  # fmt: skip
    oracle(getattr(importlib.import_module(f"tests.oracles.{_file}_oracles"), _name))


def differences(fresh, frozen, path=""):
    """Yield what is not the same in two answers, beyond TOLERANCE (relative or absolute)."""
    if isinstance(fresh, dict) and isinstance(frozen, dict) and fresh.keys() == frozen.keys():
        for key in fresh:
            yield from differences(fresh[key], frozen[key], f"{path}/{key}")
    elif isinstance(fresh, list) and isinstance(frozen, list) and len(fresh) == len(frozen):
        for i, (a, b) in enumerate(zip(fresh, frozen, strict=True)):
            yield from differences(a, b, f"{path}/{i}")
    elif isinstance(fresh, float) and isinstance(frozen, float):
        if not math.isclose(fresh, frozen, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{path}: {fresh} now, {frozen} in the file"
    elif fresh != frozen:
        yield f"{path}: {str(fresh)[:60]} now, {str(frozen)[:60]} in the file"


def main():
    """Write or check the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*ORACLES, []], help="which files; default all")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()

    import torch

    if torch.__version__.partition("+")[0] != TORCH:
        sys.exit(f"torch {torch.__version__} is installed; the oracles are those of {TORCH}")
    torch.set_num_threads(1)
    wrong = 0
    for name in options.names or ORACLES:
        path = FOLDER / f"{name}.json"
        fresh = ORACLES[name](torch)
        if options.check:
            found = list(differences(fresh, json.loads(path.read_text())))
            print(f"{path.name}: {'same' if not found else f'{len(found)} differences'}")
            print("".join(f"  {line}\n" for line in found), end="")
            wrong += len(found)
        else:
            path.write_text(json.dumps(fresh, allow_nan=False) + "\n")
            print(f"{path.name}: {path.stat().st_size} bytes")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
