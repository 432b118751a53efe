"""Ops of neural networks."""

import numpy as np

from ..errors import ArgumentError, DTypeError, IndexError_, ShapeError
from ._define import general


def _softmax(xp, x, axis):
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))  # the shift keeps exp from overflowing
    return e / xp.sum(e, axis=axis, keepdims=True)


def _centre(xp, g, y, axis):
    """g's part in the directions in which a softmax y can move: y (g - Σ g y)."""
    return y * (g - xp.sum(g * y, axis=axis, keepdims=True))


def _axis_samples(make):
    return [((make(2, 3),), {}), ((make(2, 3),), {"axis": 0}), ((make(4),), {}), ((make(2, 3, 2),), {"axis": 1})]


def _axis_errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {"axis": -2}, "IndexError_"), (("text",), {}, "DTypeError")]


softmax = general(
    "softmax", lambda xp, x, *, axis=-1: _softmax(xp, x, axis),
    vjp={"x": lambda xp, g, y, *, axis: _centre(xp, g, y, axis)},
    jvp={"x": lambda xp, t, y, *, axis: _centre(xp, t, y, axis)},
    tex=r"\frac{e^{x_i}}{\sum_j e^{x_j}}", doc="Positive numbers that add up to 1 along an axis.",
    samples=_axis_samples, errors=_axis_errors,
)


def _log_softmax(xp, x, axis):
    x = x - xp.max(x, axis=axis, keepdims=True)
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


log_softmax = general(
    "log_softmax", lambda xp, x, *, axis=-1: _log_softmax(xp, x, axis),
    vjp={"x": lambda xp, g, y, *, axis: g - xp.exp(y) * xp.sum(g, axis=axis, keepdims=True)},
    jvp={"x": lambda xp, t, y, *, axis: t - xp.sum(xp.exp(y) * t, axis=axis, keepdims=True)},
    tex=r"x_i - \ln \sum_j e^{x_j}", doc="The logarithm of softmax, without its overflow and underflow.",
    samples=_axis_samples, errors=_axis_errors,
)



def _linear(xp, x, w, b):
    y = xp.matmul(x, xp.matrix_transpose(w))
    return y if b is None else xp.add(y, b)


def _linear_weight(xp, g, x):
    """The weight's gradient gᵀ x, with all leading axes taken as one."""
    if g.ndim != 2:
        g, x = xp.reshape(g, (-1, g.shape[-1])), xp.reshape(x, (-1, x.shape[-1]))
    return xp.matmul(xp.matrix_transpose(g), x)


linear = general(
    "linear", lambda xp, x, weight, bias=None: _linear(xp, x, weight, bias),
    vjp={"x": lambda xp, g, weight: xp.matmul(g, weight), "weight": lambda xp, g, x: _linear_weight(xp, g, x),
         "bias": lambda xp, g: xp.sum(xp.reshape(g, (-1, g.shape[-1])), axis=0)},
    jvp={"x": lambda xp, t, weight: xp.matmul(t, xp.matrix_transpose(weight)),
         "weight": lambda xp, t, x: xp.matmul(x, xp.matrix_transpose(t)),
         "bias": lambda xp, t, *, shapes: xp.broadcast_to(t, (*shapes[0][:-1], shapes[1][0]))},
    tex=r"x W^\top + b", symbol="xWᵀ+b", doc="An affine map; weight has shape (out, in), bias (out,) or None.", method=False,
    samples=lambda make: [((make(2, 3), make(4, 3), make(4)), {}), ((make(2, 3), make(4, 3)), {}),
                          ((make(2, 2, 3), make(4, 3), make(4)), {}), ((make(3), make(4, 3), make(4)), {})],
    errors=lambda make: [((make(2, 3), make(3, 4)), {}, "ShapeError"), ((make(2, 3), make(4, 3), make(3)), {}, "ShapeError"),
                         ((make(2, 3), "text"), {}, "DTypeError")],
    expects="x (..., in), weight (out, in), bias (out,)", fix="weight.mT if it is (in, out)",
)


def _check_target(xp, x, target, reduction):
    """Class indices must be there, be integers and be in range: NumPy would wrap a negative one around in silence."""
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError("unknown reduction", op="cross_entropy", got=repr(reduction), expected="'mean', 'sum' or 'none'", fix="'mean'")
    if "int" not in str(getattr(target, "dtype", "")):
        raise DTypeError("the target is class indices", op="cross_entropy", got=str(getattr(target, "dtype", type(target).__name__)),
                         expected="integers", fix="target.astype(int)")
    if x.ndim < 1 or tuple(target.shape) != tuple(x.shape[:-1]):
        raise ShapeError(f"logits {x.shape} and target {target.shape} do not fit", op="cross_entropy", got=(x.shape, target.shape),
                         expected="logits (..., C), target (...)", fix="target.reshape(logits.shape[:-1])")
    low, high = (int(xp.min(target)), int(xp.max(target))) if target.size else (0, 0)
    if low < 0 or high >= x.shape[-1]:
        raise IndexError_("a class index is out of range", op="cross_entropy", got=f"{low} to {high}",
                          expected=f"0 to {x.shape[-1] - 1}", fix=f"a last layer with {high + 1} outputs")


def _reduce(xp, loss, reduction):
    return loss if reduction == "none" else xp.mean(loss) if reduction == "mean" else xp.sum(loss)


def _one_hot(xp, target, classes):
    return xp.arange(classes) == xp.expand_dims(target, axis=-1)


def _cross_entropy(xp, x, target, reduction):
    _check_target(xp, x, target, reduction)
    logp = _log_softmax(xp, x, -1)
    picked = xp.sum(xp.where(_one_hot(xp, target, x.shape[-1]), logp, 0), axis=-1)
    return _reduce(xp, -picked, reduction), (xp.exp(logp),)


def _cross_entropy_grad(xp, g, p, target, reduction):
    g = g / target.size if reduction == "mean" else g
    g = xp.expand_dims(g, axis=-1) if reduction == "none" else g
    return g * xp.where(_one_hot(xp, target, p.shape[-1]), p - 1, p)


def _cross_entropy_composition(xp, x, target, reduction="mean"):
    logp = xp.log_softmax(x, axis=-1)
    return _reduce(xp, -xp.sum(xp.where(_one_hot(xp, target, x.shape[-1]), logp, 0), axis=-1), reduction)


cross_entropy = general(
    "cross_entropy", lambda xp, logits, target, *, reduction="mean": _cross_entropy(xp, logits, target, reduction),
    vjp={"logits": lambda xp, g, p, target, *, reduction: _cross_entropy_grad(xp, g, p, target, reduction)},
    nondiff=("target",), residuals=("p",), composition=_cross_entropy_composition,
    tex=r"-\ln \frac{e^{x_t}}{\sum_j e^{x_j}}", symbol="softmax cross-entropy", method=False,
    doc="The negative log-probability of the target class; logits (..., C), target (...) of integers.",
    samples=lambda make: [((make(4, 3), np.array([0, 2, 1, 2])), {}), ((make(4, 3), np.array([0, 2, 1, 2])), {"reduction": "none"}),
                          ((make(3), np.array(1)), {"reduction": "sum"}), ((make(2, 2, 3), np.array([[0, 1], [2, 2]])), {})],
    errors=lambda make: [((make(4, 3), np.array([0, 1])), {}, "ShapeError"), ((make(2, 3), np.array([0.0, 1.0])), {}, "DTypeError"),
                         ((make(2, 3), np.array([0, 3])), {}, "IndexError_"), ((make(2, 3), np.array([0, -1])), {}, "IndexError_"),
                         ((make(2, 3), np.array([0, 1])), {"reduction": "avg"}, "ArgumentError")],
)
