"""GradientRecorder: how gradients fare in training, one number for each layer and step."""

import csv
import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, GradientError, MissingDependency
from ..nn import Module, ReLU
from ..optim.optimizer import Optimizer
from .drawing import Drawing
from .numbers import summary
from .options import one_of

KINDS = ("grad", "weight", "ratio", "dead")


class GradientRecorder:
    r"""Records a training run: for each layer and step four numbers.

    ========  =======================================================================
    kind      what
    ========  =======================================================================
    grad      root mean square of the gradients of the layer's parameters
    weight    root mean square of the parameters before the step
    ratio     of the update to the weights: :math:`|\Delta\theta|_{rms} / |\theta|_{rms}`
    dead      share of units of a ReLU that gave 0 for each example since the last step
    ========  =======================================================================

    A layer is a module with parameters of its own; for "dead" it is a module of type ReLU, as a
    function leaves nothing to watch. What was not computed is None; a gradient may be NaN. A ratio
    of about 1e-3 is usual [1]_.

    The weights are copied at each step, and compared with the next. Values are read, and nothing of
    the training changes. `close()` takes the hooks off the model; so does leaving a `with` block.

    Parameters
    ----------
    model : Module
    optimizer : Optimizer, optional
        Its learning rate is recorded, too.

    Attributes
    ----------
    layers, units : list of str
        Paths of the layers, and of the ReLU modules.
    steps : int
        How often `step()` was called.

    Raises
    ------
    DTypeError
        Not a Module, or not an Optimizer.

    References
    ----------
    .. [1] A. Karpathy, "CS231n: Convolutional Neural Networks for Visual Recognition", Stanford
       University, notes on neural networks 3, "Ratio of weights:updates".

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.nn.Sequential(gd.nn.Linear(2, 3), gd.nn.ReLU(), gd.nn.Linear(3, 1))
    >>> optimizer = gd.optim.SGD(model.parameters(), lr=0.1)
    >>> recorder = GradientRecorder(model, optimizer)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     model(gd.ones(4, 2)).square().mean().backward()
    ...     optimizer.step()
    ...     recorder.step()
    >>> recorder.heatmap()
    <Drawing of rms gradient: 2 layers, 3 steps>
    """

    def __init__(self, model: Module, optimizer: Optimizer | None = None):
        for what, got, kind, fix in (
            ("model", model, Module, "gd.GradientRecorder(model)"),
            ("optimizer", optimizer, Optimizer | None, "gd.GradientRecorder(model, optimizer)"),
        ):
            if not isinstance(got, kind):
                raise DTypeError(
                    f"no {what}", op="GradientRecorder", got=type(got).__name__,
                    expected="a Module, and an Optimizer", fix=fix,
                )  # fmt: skip
        self.optimizer = optimizer
        self._own = {path or type(m).__name__: dict(own(m)) for path, m in model.named_modules()}
        self._own = {path: params for path, params in self._own.items() if params}
        relus = {path or "ReLU": m for path, m in model.named_modules() if isinstance(m, ReLU)}
        self._types = {path: type(m).__name__ for path, m in model.named_modules()}
        self.layers, self.units = list(self._own), list(relus)
        self.steps = 0
        self.rates: list[float | None] = []
        self._rows: dict[str, dict[str, list[float | None]]] = {
            kind: {name: [] for name in (self.units if kind == "dead" else self.layers)}
            for kind in KINDS
        }
        self._alive: dict[str, np.ndarray] = {}
        self._handles = [
            m.register_forward_hook(lambda m, args, y, path=path: self._watch(path, m, y))
            for path, m in relus.items()
        ]
        self._before = self._weights()

    def _weights(self) -> dict[str, list[np.ndarray]]:
        return {path: [p.numpy(copy=True) for p in params.values()]
                for path, params in self._own.items()}  # fmt: skip

    def _watch(self, path: str, module: Module, y: Any) -> None:
        """Note which units gave more than 0; the first axis is the batch, others are places."""
        if not module.training:
            return
        a = y.detach().numpy() > 0
        found = a.any(axis=(0, *range(2, a.ndim))) if a.ndim > 1 else a
        old = self._alive.get(path)
        self._alive[path] = found if old is None or old.shape != found.shape else old | found

    def step(self) -> None:
        """Record one step: call it after `optimizer.step()`, before gradients are set to zero.

        Raises
        ------
        GradientError
            No parameter has a gradient.
        """
        grads = {path: [None if p.grad is None else p.grad.numpy() for p in params.values()]
                 for path, params in self._own.items()}  # fmt: skip
        if all(g is None for found in grads.values() for g in found):
            raise GradientError(
                "no parameter has a gradient", op="GradientRecorder.step", got="none",
                expected="loss.backward() before it, and zero_grad() after it",
                fix="loss.backward(); optimizer.step(); recorder.step()",
            )  # fmt: skip
        after = self._weights()
        for path, old in self._before.items():
            new = after[path]
            there = [g for g in grads[path] if g is not None]
            weight, change = rms(old), rms([a - b for a, b in zip(new, old, strict=True)])
            ratio = change / weight if weight and change is not None else None
            values = {"grad": rms(there), "weight": weight, "ratio": ratio}
            for kind, value in values.items():
                self._rows[kind][path].append(value)
        for path in self.units:
            alive = self._alive.get(path)
            share = None if alive is None or not alive.size else float(1.0 - alive.mean())
            self._rows["dead"][path].append(share)
        group = self.optimizer.param_groups[0] if self.optimizer is not None else {}
        self.rates.append(float(group["lr"]) if "lr" in group else None)
        self._before, self._alive = after, {}
        self.steps += 1

    def heatmap(
        self, kind: str = "grad", range: tuple[float, float] | None = None, theme: str = "auto"
    ) -> Drawing:
        """Draw layers × steps, in powers of ten, with the layers that fare badly marked in words.

        Parameters
        ----------
        kind : "grad", "weight", "ratio" or "dead"
        range : (low, high), optional
            The ends of the colours; by decades around what was recorded if not given.
        theme : "auto", "light" or "dark"

        Raises
        ------
        ArgumentError
            An unknown kind, nothing recorded, or an impossible range.
        """
        from .teach.heatmap import heatmap

        one_of("kind", kind, KINDS, "recorder.heatmap('grad')")
        if not self.steps or not self._rows[kind]:
            what = "modules of type ReLU" if self.steps else "steps"
            raise ArgumentError(
                f"there are no {what} to draw", op="GradientRecorder.heatmap", got=f"no {what}",
                expected="recorder.step() in the training loop",
                fix="recorder.heatmap('grad')" if self.steps else "recorder.step()",
            )  # fmt: skip
        return heatmap(kind, self._rows[kind], self._types, self.rates, range).drawn(theme)

    def to_dict(self) -> dict[str, Any]:
        """All numbers: kind -> layer -> a list over steps; and "lr", a list."""
        found: dict[str, Any] = {
            kind: {name: list(row) for name, row in rows.items()}
            for kind, rows in self._rows.items()
        }
        return {**found, "lr": list(self.rates)}

    def rows(self) -> Iterator[tuple[int, str, str, float | None]]:
        """(step, layer, kind, value) of all numbers."""
        for step in range(self.steps):
            for kind, rows in self._rows.items():
                for name, row in rows.items():
                    yield step, name, kind, row[step]

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write step, layer, kind, value; a value that was not computed is empty."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(("step", "layer", "kind", "value"))
            out.writerows((s, n, k, "" if v is None else repr(v)) for s, n, k, v in self.rows())

    def to_tensorboard(self, logdir: str | os.PathLike) -> None:
        """Write the numbers as scalars `grad/fc1`, for TensorBoard, by tensorboardX.

        Raises
        ------
        MissingDependency
        """
        try:
            from tensorboardX import SummaryWriter  # type: ignore[import-untyped]
        except ImportError:
            raise MissingDependency(
                "the package tensorboardX is missing", op="GradientRecorder.to_tensorboard",
                fix="pip install graddl[train]",
            ) from None  # fmt: skip
        with SummaryWriter(os.fspath(logdir)) as writer:
            for step, name, kind, value in self.rows():
                if value is not None:
                    writer.add_scalar(f"{kind}/{name}", value, step)
            for step, rate in enumerate(self.rates):
                if rate is not None:
                    writer.add_scalar("lr", rate, step)

    def close(self) -> None:
        """Take the hooks off the model; what was recorded stays."""
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> "GradientRecorder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def own(module: Module) -> Iterator[tuple[str, Any]]:
    """The parameters of a module itself."""
    for name, p in module.named_parameters():
        if "." not in name:
            yield name, p


def rms(arrays: list) -> float | None:
    """Root mean square of all elements; None of none. NaN where there is one."""
    found = [(summary(a.ravel()), a.size) for a in arrays if a.size]
    if not found:
        return None
    sizes = [n.size for n, _ in found if n is not None]
    peak = max(sizes, key=lambda s: math.inf if s != s else s)
    if not 0.0 < peak < math.inf:
        return peak
    total = sum(count * (n.size / peak) ** 2 for n, count in found if n is not None)
    return peak * math.sqrt(total / sum(count for _, count in found))
