"""One derivative by three ways, with what each costs: finite differences, forward and reverse."""

from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np

from . import _trees, modes
from ._core import Scalar, Tensor
from .autodiff import jacobian


class Way(NamedTuple):
    """One way to a derivative, and what came of it.

    Attributes
    ----------
    name : str
    derivative : ndarray of shape (outputs, inputs)
        All outputs by all inputs, each flattened and in order.
    error, relative_error : float
        The largest difference from the most exact derivative, and its ratio to that one's largest
        element.
    seconds : float
        For the whole derivative.
    evaluations : int
        How often the function was called.
    passes : int
        How often its graph was walked: once for each input in forward mode, once for each output
        in reverse mode.
    """

    name: str
    derivative: np.ndarray
    error: float
    relative_error: float
    seconds: float
    evaluations: int
    passes: int


class Comparison(NamedTuple):
    """What :func:`compare` found; printed, it is a table.

    Attributes
    ----------
    inputs, outputs : int
        How many numbers the function takes and gives.
    finite_differences, forward, reverse : Way
    """

    inputs: int
    outputs: int
    finite_differences: Way
    forward: Way
    reverse: Way

    def __iter__(self) -> Iterator[Way]:
        return iter((self.finite_differences, self.forward, self.reverse))

    def __repr__(self) -> str:
        rows = [("", "error", "relative", "time", "calls of f", "passes")]
        for w in self:
            numbers = (f"{w.error:.1e}", f"{w.relative_error:.1e}", _time(w.seconds))
            rows.append((w.name, *numbers, str(w.evaluations), str(w.passes)))
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        head = f"derivative of {_count(self.outputs, 'output')} by {_count(self.inputs, 'input')}"
        lines = [
            "  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in rows
        ]
        return "\n".join([head, *lines])


def compare(f, x, *, eps=None):
    """The derivative of f at x by finite differences, forward mode and reverse mode, side by side.

    With n numbers in x and m in f(x): central differences call f 2n times and are never exact;
    forward mode calls it once and pushes n tangents; reverse mode calls it once and pulls m
    gradients, one for a loss.

    Parameters
    ----------
    f : callable
        Takes x, returns a Tensor of any shape, a Scalar, or containers of them. It must not be
        random.
    x : Tensor, Scalar, array or float, or containers of them
        Tensors and arrays of any shape, floating.
    eps : float, optional
        The step of the finite differences, times max(1, abs x). By default the cube root of the
        rounding error of x's dtype, where rounding and curvature are about equal.

    Returns
    -------
    Comparison
        Errors are measured against reverse mode in float64. So reverse mode has the error 0 if x is
        float64.

    Raises
    ------
    DTypeError
        x is not floating, or f returned no Tensor.

    Examples
    --------
    >>> import graddl as gd
    >>> found = gd.compare(lambda x: (gd.sin(x) * x).sum(), gd.linspace(0.0, 1.0, 50))
    >>> [(w.name, w.evaluations, w.passes) for w in found]
    [('finite differences', 100, 0), ('forward mode', 1, 50), ('reverse mode', 1, 1)]
    >>> found.forward.error < 1e-5 < found.finite_differences.error
    True
    """
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return f(x)

    with modes.no_grad():
        double = _trees.mapped(lambda v: _tensor(v, double=True), x)
        exact = jacobian(f, mode="reverse")(double)
        sizes = [[y.size for y in _trees.leaves(tree)] for tree in (f(double), double)]
        (m, n), exact = map(sum, sizes), _matrix(exact, sizes)
        ways = (
            ("finite differences", 0, lambda: _differences(counted, x, eps, m)),
            ("forward mode", n, lambda: _matrix(jacobian(counted, mode="forward")(x), sizes)),
            ("reverse mode", m, lambda: _matrix(jacobian(counted, mode="reverse")(x), sizes)),
        )
        found = []
        for name, passes, way in ways:
            calls, began = 0, perf_counter()
            derivative = way()
            seconds = perf_counter() - began
            error = float(np.max(np.abs(derivative - exact), initial=0.0))
            relative = error / max(float(np.max(np.abs(exact), initial=0.0)), 1e-300)
            found.append(Way(name, derivative, error, relative, seconds, calls, passes))
    return Comparison(n, m, *found)


def _tensor(x, double=False):
    """What f gets: a Scalar, or a Tensor, of float64 if asked and x is floating."""
    if isinstance(x, Scalar):
        return x
    x = Tensor(x, copy=False)
    return Tensor(x, "f8") if double and x.dtype.kind == "f" else x


def _number(x):
    return x.item() if isinstance(x, Scalar) else x.numpy()


def _matrix(tree, sizes):
    """The Jacobians in a tree as one matrix. sizes: of the outputs, and of the inputs."""
    blocks = iter([np.asarray(_number(j), float) for j in _trees.leaves(tree)])
    rows = [[next(blocks).reshape(m, n) for n in sizes[1]] for m in sizes[0]]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def _differences(f, x, eps, m):
    """The same by central differences, in the dtypes of x; f gives m numbers."""
    xs = [_tensor(v) for v in _trees.leaves(x)]
    columns = []

    def at(i, k, step):
        """(f, the k-th element of input i) after a step of that element."""
        moved = np.array(_number(xs[i]))
        moved.reshape(-1)[k] += step
        v = Scalar(moved.item()) if isinstance(xs[i], Scalar) else Tensor(moved)
        ys = _trees.leaves(f(_trees.filled(x, [*xs[:i], v, *xs[i + 1 :]])))
        y = np.concatenate([np.ravel(_number(y)).astype(float) for y in ys])
        return y, float(moved.reshape(-1)[k])

    for i, v in enumerate(xs):
        for k, size in enumerate(np.ravel(np.abs(_number(v)))):
            step = (eps or np.cbrt(np.finfo(v.dtype).eps)) * max(1, size)
            (high, b), (low, a) = at(i, k, step), at(i, k, -step)
            columns.append((high - low) / (b - a))
    return np.reshape(columns, (len(columns), m)).T


def _time(seconds):
    """As one reads it: 1.5 ms."""
    unit, size = next((u for u in (("s", 1), ("ms", 1e-3)) if seconds >= u[1]), ("µs", 1e-6))
    return f"{seconds / size:.3g} {unit}"


def _count(n, what):
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
