"""Losses: how far a prediction is from its target. PyTorch's names, defaults and reductions.

Nothing broadcasts in silence: input and target have one shape, or the error says what to write.
"""

import math

import numpy as np

from ..errors import ArgumentError, DTypeError, IndexError_, ShapeError
from ._complaints import complain, misfits
from ._define import FUNCTIONS, composed, elementwise, general
from ._explain import call_text, shape_of
from .nn import log_of_softmax


# ------------------------------------------------------------------------------------------------ what all share
def _check_reduction(name, values, params, words=("mean", "sum", "none")):
    if params["reduction"] not in words:
        complain(ArgumentError, name, "unknown reduction", repr(params["reduction"]), " or ".join(map(repr, words)), values,
                 params | {"reduction": "mean"})


def _checked(xp, name, *values, same=2, words=("mean", "sum", "none"), **params):
    """The first `same` values of a loss, which have one shape; integers among them take the first one's dtype."""
    _check_reduction(name, values, params, words)
    names, found = FUNCTIONS[name].op.args, list(values[:same])
    first, dtype = shape_of(values[0]), getattr(values[0], "dtype", np.dtype(float))
    for k, x in enumerate(found):
        if x is not None and shape_of(x) != first:
            both = first, shape_of(x)
            complain(ShapeError, name, f"{names[0]} {both[0]} and {names[k]} {both[1]} differ", both, "equal shapes", values, params,
                     **_refit(names[0], names[k], *both))
        if dtype.kind == "f" and hasattr(x, "dtype") and x.dtype.kind in "biu":
            found[k] = xp.astype(x, dtype)
    return found


def _refit(a, b, sa, sb):
    """Texts that give the arrays named a and b one shape: the same elements, a broadcast that one sees, or what both have."""
    if math.prod(sa) == math.prod(sb):
        return {b: f"{b}.T" if sa == sb[::-1] and 1 not in sa else f"{b}.reshape({a}.shape)"}
    for x, y, sx, sy in ((a, b, sa, sb), (b, a, sb, sa)):
        if _broadcasts(sy, sx):
            return {y: f"gd.broadcast_to({y}, {x}.shape)"}
    if len(sa) == len(sb):
        cut = ", ".join(f":{min(m, n)}" for m, n in zip(sa, sb, strict=True))
        return {a: f"{a}[{cut}]", b: f"{b}[{cut}]"}
    n = min(math.prod(sa), math.prod(sb))
    return {k: f"{k}.reshape(-1)[:{n}]" for k in (a, b)}


def _broadcasts(small, shape):
    return len(small) <= len(shape) and all(m in (1, n) for m, n in zip(small[::-1], shape[::-1], strict=False))


def _check_beside(name, arg, values, params, otherwise="None"):
    """What goes with the elements of a loss has their shape after broadcasting."""
    given = dict(zip(FUNCTIONS[name].op.args, values, strict=True))
    shape, small = shape_of(given["input"]), shape_of(given[arg])
    if given[arg] is not None and not _broadcasts(small, shape):
        longer = (*small, *[1] * (len(shape) - len(small)))
        fix = f"{arg}.reshape({longer})" if _broadcasts(longer, shape) else otherwise
        complain(ShapeError, name, f"{arg} {small} does not broadcast to input {shape}", small, "the shape of input, after broadcasting",
                 values, params, **{arg: fix})


def _reduced(xp, loss, reduction):
    return loss if reduction == "none" else xp.mean(loss) if reduction == "mean" else xp.sum(loss)


def _weighted(xp, loss, weight, reduction):
    return _reduced(xp, loss if weight is None else loss * weight, reduction)


def _pairs(make, target=lambda t: t):
    """Samples of a loss of two arrays: every reduction, no axis, no elements; `target` maps numbers to what may be one."""
    def t(*shape):
        return np.asarray(target(make(*shape)))

    return [((make(2, 3), t(2, 3)), {}), ((make(2, 3), t(2, 3)), {"reduction": "sum"}), ((make(4), t(4)), {"reduction": "none"}),
            ((make(), t()), {}), ((make(0, 2), t(0, 2)), {"reduction": "sum"})]


def _pair_errors(make, target=lambda t: t):
    """A target that would broadcast, that is transposed, longer; text; an unknown reduction."""
    shapes = [((2, 3), (3,)), ((4, 1), (4,)), ((2, 3), (3, 2)), ((2, 3), (4, 2)), ((2, 3), (4,))]
    return [*misfits(*((make(*a), target(make(*b))) for a, b in shapes)), ((make.text(3), target(make(3))), {}, "DTypeError"),
            ((make(3), target(make(3))), {"reduction": "avg"}, "ArgumentError")]


def _half(t):
    """Numbers from -2 to 2 as probabilities."""
    return abs(t) / 2


_pair = dict(samples=_pairs, errors=_pair_errors, method=False, expects="input and target of one shape")


# ------------------------------------------------------------------------------------------------ numbers
def _difference(xp, name, *values, **params):
    input, target, *_ = _checked(xp, name, *values, **params)
    return input - target


def _weighted_mean(xp, loss, weight, reduction):
    """With weights, the mean is the weighted one."""
    if weight is None or reduction != "mean":
        return _weighted(xp, loss, weight, reduction)
    return xp.sum(loss * weight) / xp.sum(weight)


def _weighted_pairs(make):
    return [*_pairs(make), *(((make(2, 3), make(2, 3), make(2, 3) ** 2 + 0.5), {"reduction": r}) for r in ("mean", "none"))]


mse_loss = composed(
    "mse_loss", lambda xp, input, target, weight=None, *, reduction="mean": _weighted_mean(
        xp, xp.square(_difference(xp, "mse_loss", input, target, weight, same=3, reduction=reduction)), weight, reduction),
    order=("input", "target", "reduction", "weight"),
    tex=r"\frac{1}{n} \sum_i (x_i - t_i)^2", doc="The mean squared error.", aliases=("mse",),
    torch="F.mse_loss(input, target, reduction=reduction, weight=weight)", **_pair | {"samples": _weighted_pairs},
)
l1_loss = composed(
    "l1_loss", lambda xp, input, target, weight=None, *, reduction="mean": _weighted_mean(
        xp, xp.abs(_difference(xp, "l1_loss", input, target, weight, same=3, reduction=reduction)), weight, reduction),
    order=("input", "target", "reduction", "weight"),
    tex=r"\frac{1}{n} \sum_i |x_i - t_i|", doc="The mean absolute error.", aliases=("l1",),
    torch="F.l1_loss(input, target, reduction=reduction, weight=weight)", **_pair | {"samples": _weighted_pairs},
)


def _huber(xp, d, delta):
    """c (d - c / 2), where c is d held within ±delta: d² / 2, then straight on."""
    c = xp.clip(d, -delta, delta)
    return c * (d - c / 2)


def _huber_loss(xp, input, target, weight, reduction, delta):
    if delta <= 0:
        complain(ArgumentError, "huber_loss", "delta is where the parabola ends", delta, "more than 0", (input, target, weight),
                 {"reduction": reduction, "delta": 1.0})
    d = _difference(xp, "huber_loss", input, target, weight, same=3, reduction=reduction, delta=delta)
    return _weighted(xp, _huber(xp, d, delta), weight, reduction)


huber_loss = composed(
    "huber_loss", lambda xp, input, target, weight=None, *, reduction="mean", delta=1.0: _huber_loss(
        xp, input, target, weight, reduction, delta), order=("input", "target", "reduction", "delta", "weight"), aliases=("huber",),
    tex=r"\begin{cases} \frac{1}{2} d^2 & |d| \le \delta \\ \delta (|d| - \frac{1}{2} \delta) & \text{else} \end{cases}, \quad d = x - t",
    doc="Half the square of small differences, linear from delta on.",
    torch="F.huber_loss(input, target, reduction=reduction, delta=delta, weight=weight)",
    **_pair | {"samples": lambda make: [*_weighted_pairs(make), ((make(2, 3), make(2, 3)), {"delta": 0.4})],
               "errors": lambda make: [*_pair_errors(make), ((make(3), make(3)), {"delta": 0.0}, "ArgumentError")]},
)


def _smooth_l1_loss(xp, input, target, reduction, beta):
    if beta < 0:
        complain(ArgumentError, "smooth_l1_loss", "beta is where the parabola ends", beta, "0 or more", (input, target),
                 {"reduction": reduction, "beta": -beta})
    d = _difference(xp, "smooth_l1_loss", input, target, reduction=reduction, beta=beta)
    return _reduced(xp, _huber(xp, d, beta) / beta if beta else xp.abs(d), reduction)


smooth_l1_loss = composed(
    "smooth_l1_loss", lambda xp, input, target, *, reduction="mean", beta=1.0: _smooth_l1_loss(xp, input, target, reduction, beta),
    tex=r"\begin{cases} \frac{1}{2 \beta} d^2 & |d| < \beta \\ |d| - \frac{1}{2} \beta & \text{else} \end{cases}, \quad d = x - t",
    doc="The absolute error, rounded off below beta: the Huber loss divided by beta.", aliases=("smooth_l1",),
    torch="F.smooth_l1_loss(input, target, reduction=reduction, beta=beta)",
    **_pair | {"samples": lambda make: [*_pairs(make), *(((make(2, 3), make(2, 3)), {"beta": b}) for b in (0.4, 0.0))],
               "errors": lambda make: [*_pair_errors(make), ((make(3), make(3)), {"beta": -1.0}, "ArgumentError")]},
)


# ------------------------------------------------------------------------------------------------ one class of several
def _check_classes(xp, name, x, target, weight, ignored=-100, **params):
    """Refuse class indices of another shape, not integer or out of range: NumPy would wrap a negative one around in silence.
    True if none of them may be one to ignore."""
    values, both = (x, target, weight), (shape_of(x), shape_of(target))
    shape, classes = both[0], both[0][-1] if both[0] else 0
    _check_reduction(name, values, params)
    if weight is not None and shape_of(weight) != (classes,):
        fix = f"weight[:{classes}]" if weight.ndim == 1 and weight.size > classes else "None"
        complain(ShapeError, name, f"{weight.size} class weights for {classes} classes", shape_of(weight), (classes,), values, params,
                 weight=fix)
    if not shape or both[1] != shape[:-1]:
        complain(ShapeError, name, f"input {both[0]} and target {both[1]} do not fit", both, "input (..., C), target (...)", values, params,
                 **_refit_classes(*both))
    if "int" not in str(target.dtype):
        complain(DTypeError, name, "a target is class indices", str(target.dtype), "integers", values, params, target="target.astype(int)")
    found = low, high = _range(xp, target)
    if low < 0 or high >= classes:
        low, high = _range(xp, xp.where(target == ignored, 0, target))
    if low < 0 or high >= classes:
        fix = "target - 1" if 0 < low and high == classes else f"gd.clip(target, 0, {classes - 1})"
        complain(IndexError_, name, "a class index is out of range", f"{low} to {high}", f"0 to {classes - 1}", values, params, target=fix)
    return not found[0] <= ignored <= found[1]


def _range(xp, target):
    return (int(xp.min(target)), int(xp.max(target))) if target.size else (0, 0)


def _refit_classes(shape, target):
    """Texts that make one row of input for each class index."""
    if math.prod(target) == math.prod(shape[:-1]) and shape:
        return {"target": "target.reshape(input.shape[:-1])"}
    if len(shape) > 2 and target == (shape[0], *shape[2:]):  # PyTorch's order
        return {"input": f"gd.transpose(input, {(0, *range(2, len(shape)), 1)})"}
    if target == shape:
        return {"target": "gd.argmax(target, axis=-1)"}
    n = min(math.prod(target), math.prod(shape[:-1]))
    return {"input": f"input.reshape(-1, {shape[-1] if shape else 1})[:{n}]", "target": f"target.reshape(-1)[:{n}]"}


def _one_hot(xp, target, classes, ignore_index):
    """Where each class is the target, (..., C); nowhere if the target is to be ignored."""
    target = xp.expand_dims(target, axis=-1)
    return xp.logical_and(target == xp.arange(classes), target != ignore_index)


def _mean_by(xp, loss, reduction, n):
    """As _reduced; a mean divides by n. The mean of nothing is NaN, and its gradient 0."""
    if reduction == "mean":
        return xp.sum(loss) / n if n else xp.sum(loss) + math.nan
    return _reduced(xp, loss, reduction)


def _shares(xp, logp, target, weight, ignore_index, label_smoothing):
    """(t, n): what each -ln p is multiplied by, (..., C), and what a mean divides by."""
    w, even = 1 if weight is None else weight, label_smoothing / logp.shape[-1]
    if target.ndim == logp.ndim:
        return (target * (1 - label_smoothing) + even) * w, logp.size // logp.shape[-1]
    hot = xp.astype(_one_hot(xp, target, logp.shape[-1], ignore_index), logp.dtype)
    return (hot * (1 - label_smoothing) + even * xp.sum(hot, axis=-1, keepdims=True)) * w, float(xp.sum(hot * w))


def _shared_loss(xp, logp, t):
    """-Σ t ln p over the classes, where 0 times -∞ is 0."""
    return -xp.sum(t * xp.where(xp.logical_and(t == 0, logp == -math.inf), 0, logp), axis=-1)


def _check_cross_entropy(xp, x, target, weight, ignore_index, reduction, label_smoothing):
    """True in the plain case: class indices, none of them to be ignored, no weights."""
    values = x, target, weight
    params = {"ignore_index": ignore_index, "reduction": reduction, "label_smoothing": label_smoothing}
    if not 0 <= label_smoothing <= 1:
        complain(ArgumentError, "cross_entropy", "label_smoothing is a part of 1", label_smoothing, "0 to 1", values,
                 params | {"label_smoothing": min(max(label_smoothing, 0.0), 1.0)})
    if not x.ndim or target.shape != x.shape:
        return _check_classes(xp, "cross_entropy", *values, ignore_index, **params) and weight is None and not label_smoothing
    if "float" not in str(target.dtype):
        complain(DTypeError, "cross_entropy", "a target of the input's shape is class probabilities", str(target.dtype), "floating numbers",
                 values, params, target="target.astype(float)")
    return False


def _cross_entropy(xp, x, target, weight, ignore_index, reduction, label_smoothing):
    target = xp.asarray(target)
    plain = _check_cross_entropy(xp, x, target, weight, ignore_index, reduction, label_smoothing)
    logp = log_of_softmax(xp, x, -1)
    if plain:
        hot, n = xp.expand_dims(target, axis=-1) == xp.arange(x.shape[-1]), target.size
        loss = -xp.sum(xp.where(hot, logp, 0), axis=-1)
    else:
        t, n = _shares(xp, logp, target, weight, ignore_index, label_smoothing)
        loss = _shared_loss(xp, logp, t)
    return _mean_by(xp, loss, reduction, n), (xp.exp(logp), xp.asarray(float(n)))


def _share(xp, g, n, reduction):
    """The gradient of each sample's loss, (..., 1)."""
    g = g / (float(n) or 1) if reduction == "mean" else g
    return xp.expand_dims(g, axis=-1) if reduction == "none" else g


def _cross_entropy_grad(xp, g, p, n, target, weight, ignore_index, reduction, label_smoothing):
    g, target = _share(xp, g, n, reduction), xp.asarray(target)
    if weight is None and not label_smoothing and target.ndim < p.ndim and float(n) == target.size:
        return g * xp.where(xp.expand_dims(target, axis=-1) == xp.arange(p.shape[-1]), p - 1, p)
    t = _shares(xp, p, target, weight, ignore_index, label_smoothing)[0]
    return g * (p * xp.sum(t, axis=-1, keepdims=True) - t)


def _probabilities_grad(xp, g, n, input, weight, reduction, label_smoothing):
    """The gradient of a target of class probabilities; class indices have none."""
    y = _share(xp, g, n, reduction) * (label_smoothing - 1) * log_of_softmax(xp, input, -1)
    return y if weight is None else y * weight


def _cross_entropy_composition(xp, input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    logp = xp.log_softmax(input, axis=-1)
    t, n = _shares(xp, logp, xp.asarray(target), weight, ignore_index, label_smoothing)
    return _mean_by(xp, _shared_loss(xp, logp, t), reduction, n)


def _class_samples(make):
    """Logits and class indices: each reduction, class weights, an index to ignore, one sample, two axes of samples."""
    at, w = np.array([0, 2, 1, 2]), abs(make(3)) + 0.5
    return [((make(4, 3), at, None), {}), ((make(4, 3), at, None), {"reduction": "none"}), ((make(4, 3), at, w), {"ignore_index": 0}),
            ((make(3), np.array(1), None), {"reduction": "sum"}), ((make(2, 2, 3), np.array([[0, 1], [2, 2]]), None), {}),
            ((make(4, 3), np.array([0, -100, 1, 1]), None), {})]


def _class_errors(make):
    two = np.array([0, 1])
    return [*misfits((make(4, 3), two), (make(4, 3), np.zeros((4, 1), int)), (make(2, 3, 4), np.zeros((2, 4), int)), (make(), two),
                     (make(2, 3), two, np.ones(4)), (make(2, 3), two, np.ones(2))),
            ((make(2, 3), two.astype(float)), {}, "DTypeError"), ((make.text(2, 3), two), {}, "DTypeError"),
            ((make(2, 3), np.array([1, 3])), {}, "IndexError_"), ((make(2, 3), np.array([0, -1])), {}, "IndexError_"),
            ((make(2, 3), two), {"reduction": "avg"}, "ArgumentError")]


def _soft_samples(make):
    """Class probabilities, and labels that are smoothed."""
    at, w, q, even = np.array([0, 2, -1, 2]), abs(make(3)) + 0.5, abs(make(4, 3)) + 0.1, {"label_smoothing": 0.3}
    return [((make(4, 3), at, w), {"ignore_index": -1, **even}), ((make(4, 3), at, None), even | {"ignore_index": -1, "reduction": "none"}),
            ((make(4, 3), q, None), {}), ((make(4, 3), q, w), {"reduction": "sum", **even}), ((make(3), q[0], None), {"reduction": "none"})]


cross_entropy = general(
    "cross_entropy", lambda xp, input, target, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0: _cross_entropy(
        xp, input, target, weight, ignore_index, reduction, label_smoothing),
    vjp={"input": lambda xp, g, p, n, target, weight, *, ignore_index, reduction, label_smoothing: _cross_entropy_grad(
             xp, g, p, n, target, weight, ignore_index, reduction, label_smoothing),
         "target": lambda xp, g, n, input, weight, *, reduction, label_smoothing: _probabilities_grad(
             xp, g, n, input, weight, reduction, label_smoothing)},
    nondiff=("weight",), residuals=("p", "n"), composition=_cross_entropy_composition,
    tex=r"-w_t \ln \frac{e^{x_t}}{\sum_j e^{x_j}}", symbol="softmax cross-entropy", method=False,
    doc="The negative log-probability of the target class; logits (..., C), target (...) of integers or (..., C) of probabilities.",
    samples=lambda make: [*_class_samples(make), *_soft_samples(make)],
    errors=lambda make: [*_class_errors(make), ((make(2, 3), np.ones((2, 3), int)), {}, "DTypeError"),
                         ((make(2, 3), np.array([0, 1])), {"label_smoothing": 1.5}, "ArgumentError")],
    torch="F.cross_entropy(input if input.ndim < 3 else input.movedim(-1, 1), target, weight,"
          " ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing)",
)


def _nll_loss(xp, input, target, weight, ignore_index, reduction):
    target = xp.asarray(target)
    _check_classes(xp, "nll_loss", input, target, weight, ignore_index, ignore_index=ignore_index, reduction=reduction)
    hot = _one_hot(xp, target, input.shape[-1], ignore_index)
    picked = xp.sum(xp.where(hot, input, 0), axis=-1)
    w = xp.sum(xp.astype(hot, picked.dtype) * (1 if weight is None else weight), axis=-1)
    return _mean_by(xp, -w * picked, reduction, float(xp.sum(w)))


nll_loss = composed(
    "nll_loss", lambda xp, input, target, weight=None, *, ignore_index=-100, reduction="mean": _nll_loss(
        xp, input, target, weight, ignore_index, reduction),
    nondiff=("target", "weight"), aliases=("nll",), method=False, tex=r"-w_t x_t",
    doc="Minus the log-probability of the target class; log-probabilities (..., C), target (...) of integers.",
    samples=_class_samples, errors=lambda make: [*_class_errors(make), ((make(2, 3), np.ones((2, 3), int)), {}, "ShapeError")],
    torch="F.nll_loss(input if input.ndim < 3 else input.movedim(-1, 1), target, weight, ignore_index=ignore_index, reduction=reduction)",
)


def _multi_margin_loss(xp, input, target, weight, p, margin, reduction):
    target, params = xp.asarray(target), {"p": p, "margin": margin, "reduction": reduction}
    if p not in (1, 2):
        complain(ArgumentError, "multi_margin_loss", "p is the power of a margin", p, "1 or 2", (input, target, weight), params | {"p": 1})
    _check_classes(xp, "multi_margin_loss", input, target, weight, **params)
    hot = _one_hot(xp, target, input.shape[-1], -100)
    own = xp.sum(xp.where(hot, input, 0), axis=-1, keepdims=True)
    loss = xp.where(hot, 0, xp.relu(margin - own + input) ** p)
    loss = loss if weight is None else loss * xp.sum(xp.where(hot, weight, 0), axis=-1, keepdims=True)
    return _reduced(xp, xp.mean(loss, axis=-1), reduction)


multi_margin_loss = composed(
    "multi_margin_loss", lambda xp, input, target, weight=None, *, p=1, margin=1.0, reduction="mean": _multi_margin_loss(
        xp, input, target, weight, p, margin, reduction),
    order=("input", "target", "p", "margin", "weight", "reduction"), nondiff=("target", "weight"), method=False,
    tex=r"\frac{1}{C} \sum_{i \ne t} w_t \max(0, m - x_t + x_i)^p",
    doc="How far the scores of other classes come within a margin of the target's; scores (..., C), target (...) of integers.",
    samples=lambda make: [((make(4, 3), np.array([0, 2, 1, 2])), {}), ((make(3), np.array(1)), {"reduction": "sum", "p": 2}),
                          ((make(4, 3), np.array([0, 2, 1, 2]), abs(make(3)) + 0.5), {"reduction": "none", "margin": 0.5})],
    errors=lambda make: [*_class_errors(make), ((make(2, 3), np.array([0, 1])), {"p": 3}, "ArgumentError")],
    torch="F.multi_margin_loss(input, target, p, margin, weight, reduction=reduction)",
)

# ------------------------------------------------------------------------------------------------ yes or no
def _log(xp, x):
    """ln x, which stops at -100."""
    return xp.maximum(xp.log(x), -100)


def _log_rest(xp, x):
    """ln(1 - x), which stops at -100."""
    return xp.maximum(xp.log1p(-x), -100)


log_loss = elementwise(
    "log_loss", lambda xp, input, target: target * -_log(xp, input) - (1 - target) * _log_rest(xp, input), hidden=True, method=False,
    d={"input": lambda xp, input, target: (input - target) / xp.maximum(input * (1 - input), 1e-12),
       "target": lambda xp, input: _log_rest(xp, input) - _log(xp, input)},
    tex=r"-t \ln x - (1 - t) \ln (1 - x)", domain=(0.1, 0.9),
    samples=lambda make: [((make(2, 3), make(2, 3)), {}), ((make(3), make(2, 1)), {})],
    doc="Binary cross-entropy, point by point. Where a probability is 0 it is finite, and so is its slope, so that one gets away.",
    torch="F.binary_cross_entropy(*torch.broadcast_tensors(input, target), reduction='none')",
)


def _check_inside(xp, name, arg, x, values, params, **changed):
    """A probability is not below 0 nor above 1."""
    if xp.any(xp.logical_or(x < 0, x > 1)):
        low, high = xp.min(x).item(), xp.max(x).item()
        complain(ArgumentError, name, f"{arg} is a probability", f"{low:.4g} to {high:.4g}", "0 to 1", values, params, **changed)



def _binary_cross_entropy(xp, input, target, weight, reduction):
    name, values, params = "binary_cross_entropy", (input, target, weight), {"reduction": reduction}
    x, t = _checked(xp, name, *values, **params)
    _check_beside(name, "weight", values, params)
    _check_inside(xp, name, "input", x, values, params, input="gd.sigmoid(input)")
    _check_inside(xp, name, "target", t, values, params, target="gd.clip(target, 0, 1)")
    return _weighted(xp, xp.log_loss(x, t), weight, reduction)


binary_cross_entropy = composed(
    "binary_cross_entropy", lambda xp, input, target, weight=None, *, reduction="mean": _binary_cross_entropy(
        xp, input, target, weight, reduction), nondiff=("weight",), aliases=("bce",), domain=(0.1, 0.9),
    tex=r"-\frac{1}{n} \sum_i w_i \left( t_i \ln x_i + (1 - t_i) \ln (1 - x_i) \right)",
    doc="The negative log-probability of targets from 0 to 1, given probabilities; logarithms stop at -100.",
    torch="F.binary_cross_entropy(input, target, weight, reduction=reduction)",
    **_pair | {"samples": lambda make: [*_pairs(make), ((make(2, 3), make(2, 3), make(3)), {"reduction": "none"}),
                                        ((make(2, 3), make(2, 3), make(2, 1)), {})],
               "errors": lambda make: [*misfits((make(2, 3), make(3)), (make(4, 1), make(4)), (make(3), make(3), make(2)),
                                                (make(3, 2), make(3, 2), make(3))),
                                       ((make(3) + 1, make(3)), {}, "ArgumentError"), ((make(3), -make(3)), {}, "ArgumentError"),
                                       ((make(3), make(3).astype("S")), {}, "DTypeError"),
                                       ((make(3), make(3)), {"reduction": "avg"}, "ArgumentError")]},
)


def _logits(xp, name, values, params, *weights):
    """Logits and their targets, checked."""
    x, t = _checked(xp, name, *values, **params)
    for arg in weights:
        _check_beside(name, arg, values, params)
    _check_inside(xp, name, "target", t, values, params, target="gd.clip(target, 0, 1)")
    return x, t


def _with_logits(xp, x, t, pos_weight=None):
    """-t ln σ(x) - (1 - t) ln σ(-x), where ln σ(-x) is ln σ(x) - x: nothing overflows, and nothing is rounded to ln 0."""
    w = 1 if pos_weight is None else 1 + (pos_weight - 1) * t
    return (1 - t) * x + w * xp.softplus(-x)


def _binary_cross_entropy_with_logits(xp, input, target, weight, pos_weight, reduction):
    values, params = (input, target, weight, pos_weight), {"reduction": reduction}
    x, t = _logits(xp, "binary_cross_entropy_with_logits", values, params, "weight", "pos_weight")
    return _weighted(xp, _with_logits(xp, x, t, pos_weight), weight, reduction)


def _logit_errors(make):
    return [*_pair_errors(make, _half), ((make(3), make(3)), {}, "ArgumentError")]


binary_cross_entropy_with_logits = composed(
    "binary_cross_entropy_with_logits",
    lambda xp, input, target, weight=None, pos_weight=None, *, reduction="mean": _binary_cross_entropy_with_logits(
        xp, input, target, weight, pos_weight, reduction),
    order=("input", "target", "weight", "reduction", "pos_weight"), nondiff=("weight", "pos_weight"), aliases=("bce_with_logits",),
    tex=r"-\frac{1}{n} \sum_i w_i \left( p_i t_i \ln \sigma(x_i) + (1 - t_i) \ln (1 - \sigma(x_i)) \right)",
    doc="The negative log-probability of targets from 0 to 1, given logits; pos_weight counts the positive ones more.",
    torch="F.binary_cross_entropy_with_logits(input, target, weight, pos_weight=pos_weight, reduction=reduction)",
    **_pair | {"samples": lambda make: [*_pairs(make, _half), ((make(2, 3), _half(make(2, 3)), make(3)), {"reduction": "none"}),
                                        ((make(2, 3), _half(make(2, 3)), make(2, 1), make(3) + 3), {}),
                                        ((make(3), _half(make(3)), None, make(3) + 3), {})],
               "errors": lambda make: [*_logit_errors(make), *misfits((make(3, 2), _half(make(3, 2)), make(3)),
                                                                      (make(3), _half(make(3)), None, make(2)))]},
)


def _multilabel_soft_margin_loss(xp, input, target, weight, reduction):
    x, t = _logits(xp, "multilabel_soft_margin_loss", (input, target, weight), {"reduction": reduction}, "weight")
    loss = _with_logits(xp, x, t)
    return _reduced(xp, xp.mean(loss if weight is None else loss * weight, axis=-1), reduction)


multilabel_soft_margin_loss = composed(
    "multilabel_soft_margin_loss", lambda xp, input, target, weight=None, *, reduction="mean": _multilabel_soft_margin_loss(
        xp, input, target, weight, reduction),
    tex=r"-\frac{1}{C} \sum_c w_c \left( t_c \ln \sigma(x_c) + (1 - t_c) \ln (1 - \sigma(x_c)) \right)",
    doc="Binary cross-entropy for several labels at once, the mean over those of each sample; logits (..., C).",
    torch="F.multilabel_soft_margin_loss(input, target, weight, reduction=reduction)",
    **_pair | {"samples": lambda make: [((make(2, 3), _half(make(2, 3))), {}), ((make(3), _half(make(3))), {"reduction": "sum"}),
                                        ((make(2, 3), _half(make(2, 3)), make(3)), {"reduction": "none"})],
               "errors": _logit_errors},
)


def _sigmoid_focal_loss(xp, input, target, alpha, gamma, reduction):
    params = {"alpha": alpha, "gamma": gamma, "reduction": reduction}
    x, t = _logits(xp, "sigmoid_focal_loss", (input, target), params)
    if gamma < 0:
        complain(ArgumentError, "sigmoid_focal_loss", "gamma turns easy samples down", gamma, "0 or more", (input, target),
                 params | {"gamma": 2})
    miss = xp.sigmoid(x) * (1 - t) + xp.sigmoid(-x) * t  # 1 - p, without the rounding of that difference
    loss = _with_logits(xp, x, t) * xp.maximum(miss, np.finfo(miss.dtype).tiny) ** gamma
    return _reduced(xp, loss if alpha < 0 else loss * (alpha * t + (1 - alpha) * (1 - t)), reduction)


sigmoid_focal_loss = composed(
    "sigmoid_focal_loss", lambda xp, input, target, *, alpha=0.25, gamma=2, reduction="none": _sigmoid_focal_loss(
        xp, input, target, alpha, gamma, reduction), aliases=("focal_loss",),
    tex=r"-\alpha_t (1 - p_t)^\gamma \ln p_t, \quad p_t = t \sigma(x) + (1 - t) \sigma(-x)",
    doc="Binary cross-entropy with logits, turned down by gamma for easy samples; positive ones weigh alpha, unless that is negative.",
    torch="F.l1_loss(F.binary_cross_entropy_with_logits(input, target, reduction='none')"
          " * (1 - input.sigmoid() * target - (-input).sigmoid() * (1 - target)) ** gamma"
          " * (alpha * target + (1 - alpha) * (1 - target) if alpha >= 0 else 1), torch.zeros_like(input), reduction=reduction)",
    **_pair | {"samples": lambda make: [*_pairs(make, _half), ((make(4), _half(make(4))), {"alpha": -1, "gamma": 1.5}),
                                        ((make(4), _half(make(4))), {"gamma": 0})],
               "errors": lambda make: [*_logit_errors(make), ((make(3), _half(make(3))), {"gamma": -1}, "ArgumentError")]},
)

# ------------------------------------------------------------------------------------------------ which side of a margin
def _check_signs(xp, name, target, values, params):
    if xp.any(xp.logical_and(target != 1, target != -1)):
        low, high = xp.min(target).item(), xp.max(target).item()
        complain(ArgumentError, name, "a target is a sign", f"{low} to {high}", "-1 or 1", values, params,
                 target="gd.where(target > 0, 1, -1)")


def _positive(xp, x):
    """max(x, 0), through which the gradient passes at 0, as it does through PyTorch's clamp: equal scores are pulled apart."""
    return xp.clip(x, 0)


def _signed(xp, name, input, target, **params):
    """Scores and the signs that they should have."""
    x, t = _checked(xp, name, input, target, **params)
    _check_signs(xp, name, t, (input, target), params)
    return x, t


def _sign_samples(make):
    return _pairs(make, np.sign)


def _sign_errors(make):
    return [*_pair_errors(make, np.sign), ((make(3), np.array([0, 1, 1])), {}, "ArgumentError")]


_sign = dict(samples=_sign_samples, errors=_sign_errors, nondiff=("target",), method=False, expects="input and target of one shape")


def _agreement(xp, name, *values, **params):
    """t x: how far a score is on the side of its sign."""
    x, t = _signed(xp, name, *values, **params)
    return t * x


hinge_loss = composed(
    "hinge_loss", lambda xp, input, target, *, reduction="mean": _reduced(
        xp, _positive(xp, 1 - _agreement(xp, "hinge_loss", input, target, reduction=reduction)), reduction),
    tex=r"\frac{1}{n} \sum_i \max(0, 1 - t_i x_i)", doc="How far scores are short of a margin of 1 on their side; targets are -1 or 1.",
    aliases=("hinge",), torch="F.margin_ranking_loss(input, torch.zeros_like(input), target, margin=1.0, reduction=reduction)", **_sign,
)
squared_hinge_loss = composed(
    "squared_hinge_loss", lambda xp, input, target, *, reduction="mean": _reduced(
        xp, xp.square(_positive(xp, 1 - _agreement(xp, "squared_hinge_loss", input, target, reduction=reduction))), reduction),
    tex=r"\frac{1}{n} \sum_i \max(0, 1 - t_i x_i)^2", doc="The square of the hinge loss, point by point; targets are -1 or 1.",
    aliases=("squared_hinge",), **_sign,
    torch="F.mse_loss((1 - target * input).clamp(min=0), torch.zeros_like(input), reduction=reduction)",
)
soft_margin_loss = composed(
    "soft_margin_loss", lambda xp, input, target, *, reduction="mean": _reduced(
        xp, xp.softplus(-_agreement(xp, "soft_margin_loss", input, target, reduction=reduction)), reduction),
    tex=r"\frac{1}{n} \sum_i \ln(1 + e^{-t_i x_i})", doc="The logistic loss of scores; targets are -1 or 1.",
    torch="F.soft_margin_loss(input, target, reduction=reduction)", **_sign,
)


def _hinge_embedding_loss(xp, input, target, margin, reduction):
    x, t = _signed(xp, "hinge_embedding_loss", input, target, margin=margin, reduction=reduction)
    return _reduced(xp, xp.where(t == 1, x, _positive(xp, margin - x)), reduction)


hinge_embedding_loss = composed(
    "hinge_embedding_loss", lambda xp, input, target, *, margin=1.0, reduction="mean": _hinge_embedding_loss(
        xp, input, target, margin, reduction),
    tex=r"\frac{1}{n} \sum_i \begin{cases} x_i & t_i = 1 \\ \max(0, m - x_i) & t_i = -1 \end{cases}",
    doc="Distances of pairs that belong together (1), and how far others (-1) are short of a margin.",
    torch="F.hinge_embedding_loss(input, target, margin, reduction=reduction)",
    **_sign | {"samples": lambda make: [*_sign_samples(make), ((make(4), np.sign(make(4))), {"margin": 0.3})]},
)


def _margin_ranking_loss(xp, input1, input2, target, margin, reduction):
    values, params = (input1, input2, target), {"margin": margin, "reduction": reduction}
    a, b, t = _checked(xp, "margin_ranking_loss", *values, same=3, **params)
    _check_signs(xp, "margin_ranking_loss", t, values, params)
    return _reduced(xp, _positive(xp, margin - t * (a - b)), reduction)


margin_ranking_loss = composed(
    "margin_ranking_loss", lambda xp, input1, input2, target, *, margin=0.0, reduction="mean": _margin_ranking_loss(
        xp, input1, input2, target, margin, reduction), nondiff=("target",), method=False,
    tex=r"\frac{1}{n} \sum_i \max(0, m - t_i (a_i - b_i))", expects="three arrays of one shape",
    doc="How far the first score is short of being a margin above (1) or below (-1) the second.",
    samples=lambda make: [((a, make(*a.shape), t), params) for (a, t), params in _sign_samples(make)]
                         + [((make(4), make(4), np.sign(make(4))), {"margin": 0.7})],
    errors=lambda make: [*misfits((make(2, 3), make(3), np.ones((2, 3))), (make(3), make(3), np.ones((3, 1)))),
                         ((make(3), make(3), np.zeros(3)), {}, "ArgumentError"), ((make(3), make.text(3), np.ones(3)), {}, "DTypeError"),
                         ((make(3), make(3), np.ones(3)), {"reduction": "avg"}, "ArgumentError")],
    torch="F.margin_ranking_loss(input1, input2, target, margin, reduction=reduction)",
)

# ------------------------------------------------------------------------------------------------ distributions
def _batch_mean(xp, loss, reduction):
    """"batchmean" divides the sum by the number of samples, as the formula has it; "mean" by that of elements."""
    return xp.sum(loss) / loss.shape[0] if reduction == "batchmean" and loss.ndim else _reduced(xp, loss, reduction)


def _kl_div(xp, input, target, reduction, log_target):
    params = {"reduction": reduction, "log_target": log_target}
    x, t = _checked(xp, "kl_div", input, target, words=("mean", "batchmean", "sum", "none"), **params)
    loss = xp.exp(t) * (t - x) if log_target else t * (xp.log(xp.where(t == 0, 1, t)) - x)
    return _batch_mean(xp, loss, reduction)


kl_div = composed(
    "kl_div", lambda xp, input, target, *, reduction="mean", log_target=False: _kl_div(xp, input, target, reduction, log_target),
    tex=r"\frac{1}{n} \sum_i t_i (\ln t_i - x_i)", domain=(0.1, 0.9),
    doc='The Kullback-Leibler divergence of targets from log-probabilities; reduction "batchmean" divides by the number of samples.',
    torch="F.kl_div(input, target, reduction=reduction, log_target=log_target)",
    **_pair | {"samples": lambda make: [*_pairs(make), *(((make(2, 3), make(2, 3)), {"reduction": "batchmean", "log_target": k})
                                                         for k in (False, True))]},
)


def _poisson_nll_loss(xp, input, target, log_input, full, eps, reduction):
    params = {"log_input": log_input, "full": full, "eps": eps, "reduction": reduction}
    x, t = _checked(xp, "poisson_nll_loss", input, target, **params)
    loss = xp.exp(x) - t * x if log_input else x - t * xp.log(x + eps)
    if full:
        many = xp.where(t > 1, t, 1)
        loss = loss + xp.where(t > 1, many * xp.log(many) - many + 0.5 * xp.log(2 * math.pi * many), 0)
    return _reduced(xp, loss, reduction)


poisson_nll_loss = composed(
    "poisson_nll_loss", lambda xp, input, target, *, log_input=True, full=False, eps=1e-8, reduction="mean": _poisson_nll_loss(
        xp, input, target, log_input, full, eps, reduction), domain=(0.3, 3),
    tex=r"\frac{1}{n} \sum_i \left( e^{x_i} - t_i x_i \right)",
    doc="The negative log-likelihood of counts, given their rate or its logarithm; full adds Stirling's term for counts above 1.",
    torch="F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=reduction)",
    **_pair | {"samples": lambda make: [*_pairs(make), ((make(2, 3), make(2, 3)), {"log_input": False, "eps": 0.1}),
                                        ((make(2, 3), make(2, 3)), {"full": True})]},
)


def _gaussian_nll_loss(xp, input, target, var, full, eps, reduction):
    values, params = (input, target, var), {"full": full, "eps": eps, "reduction": reduction}
    x, t = _checked(xp, "gaussian_nll_loss", *values, **params)
    if isinstance(var, int | float):
        var = xp.zeros_like(x) + var
    elif var.shape != shape_of(x) and var.shape == shape_of(x)[:-1]:
        var = xp.expand_dims(var, axis=-1)  # one variance for each row
    _check_beside("gaussian_nll_loss", "var", (input, target, var), params, otherwise="gd.mean(var)")
    if xp.any(var < 0):
        complain(ArgumentError, "gaussian_nll_loss", "a variance is not negative", f"{xp.min(var).item():.4g}", "0 or more", values, params,
                 var="gd.abs(var)")
    var = var + (xp.maximum(var, eps) - var).detach()  # held at eps with its gradient, so that it can grow again; as PyTorch
    loss = 0.5 * (xp.log(var) + xp.square(x - t) / var)
    return _reduced(xp, loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


gaussian_nll_loss = composed(
    "gaussian_nll_loss", lambda xp, input, target, var, *, full=False, eps=1e-6, reduction="mean": _gaussian_nll_loss(
        xp, input, target, var, full, eps, reduction), method=False, domain=(0.3, 3),
    tex=r"\frac{1}{2 n} \sum_i \left( \ln v_i + \frac{(x_i - t_i)^2}{v_i} \right)",
    doc="The negative log-likelihood under normal distributions with means x and variances var, held at eps or more.",
    expects="input and target of one shape, var of that shape or one for each row",
    samples=lambda make: [((x, t, make(*x.shape)), params) for (x, t), params in _pairs(make)]
                         + [((make(2, 3), make(2, 3), make(2, 1)), {"full": True}), ((make(2, 3), make(2, 3), make(2)), {}),
                            ((make(2, 3), make(2, 3), 0.5), {})],
    errors=lambda make: [*misfits((make(2, 3), make(3), make(3)), (make(2, 3), make(2, 3), make(2, 2))),
                         ((make(3), make(3), -make(3)), {}, "ArgumentError"), ((make(3), make.text(3), make(3)), {}, "DTypeError"),
                         ((make(3), make(3), make(3)), {"reduction": "avg"}, "ArgumentError")],
    torch="F.gaussian_nll_loss(input, target, var, full, eps, reduction)",
)

# ------------------------------------------------------------------------------------------------ distances of vectors
def _refitted(name):
    """The call with its first two arrays at one shape."""
    return lambda shapes, params: call_text(FUNCTIONS[name].op, shapes, params, _refit(*FUNCTIONS[name].op.args[:2], *shapes[:2]))


def _vector_errors(make):
    return [((make(2, 3), make.text(2, 3)), {}, "DTypeError"), *misfits((make(2, 3), make(2, 4)), (make(2, 3), make(4)))]


def _cosine_similarity(xp, x1, x2, axis, eps):
    a, b = (xp.normalize(x, axis=axis, eps=eps) for x in xp.broadcast_arrays(x1, x2))
    return xp.sum(a * b, axis=axis)


cosine_similarity = composed(
    "cosine_similarity", lambda xp, x1, x2, *, axis=1, eps=1e-8: _cosine_similarity(xp, x1, x2, axis, eps), method=False,
    tex=r"\frac{a \cdot b}{\max(\|a\|, \epsilon) \max(\|b\|, \epsilon)}", doc="The cosine of the angle between vectors along an axis.",
    samples=lambda make: [((make(2, 3), make(2, 3)), {}), ((make(3), make(3)), {"axis": 0}), ((make(2, 3), make(3)), {}),
                          ((make(2, 3, 2), make(3, 1)), {"axis": -2}), ((make(2, 3), make(2, 3)), {"eps": 1e-3})],
    errors=lambda make: [*_vector_errors(make)[:2], ((make(2, 3), make(2, 3)), {"axis": 2}, "IndexError_")],
    expects="shapes that broadcast", fix=_refitted("cosine_similarity"), torch="F.cosine_similarity(x1, x2, axis, eps)",
)
pairwise_distance = composed(
    "pairwise_distance", lambda xp, x1, x2, *, p=2.0, eps=1e-6, keepdims=False: xp.vector_norm(
        x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdims),
    tex=r"\|a - b + \epsilon\|_p", doc="The distance of vectors along the last axis, by the p-norm.", method=False,
    samples=lambda make: [((make(2, 3), make(2, 3)), {}), ((make(3), make(2, 3)), {"p": 1.0, "keepdims": True}),
                          ((make(3), make(3)), {"eps": 0.1})],
    errors=_vector_errors, expects="shapes that broadcast", fix=_refitted("pairwise_distance"),
    torch="F.pairwise_distance(x1, x2, p, eps, keepdims)",
)


def _cosine_embedding_loss(xp, input1, input2, target, margin, reduction):
    values, params = (input1, input2, target), {"margin": margin, "reduction": reduction}
    a, b = _checked(xp, "cosine_embedding_loss", *values, **params)
    shape, given = shape_of(a), shape_of(target)
    if given != shape[:-1]:
        complain(ShapeError, "cosine_embedding_loss", f"vectors {shape} and target {given} do not fit", given, shape[:-1], values, params,
                 **_refit_rows(shape, given))
    _check_signs(xp, "cosine_embedding_loss", target, values, params)
    cos = xp.cosine_similarity(a, b, axis=-1)
    return _reduced(xp, xp.where(target == 1, 1 - cos, _positive(xp, cos - margin)), reduction)


def _refit_rows(shape, target):
    """Texts that make one target for each pair of vectors."""
    if math.prod(target) == math.prod(shape[:-1]):
        return {"target": "target.reshape(input1.shape[:-1])"}
    n = min(math.prod(target), math.prod(shape[:-1]))
    cut = {k: f"{k}.reshape(-1, {shape[-1]})[:{n}]" for k in ("input1", "input2")}
    return cut | {"target": f"target.reshape(-1)[:{n}]"}


cosine_embedding_loss = composed(
    "cosine_embedding_loss", lambda xp, input1, input2, target, *, margin=0.0, reduction="mean": _cosine_embedding_loss(
        xp, input1, input2, target, margin, reduction), nondiff=("target",), method=False,
    tex=r"\frac{1}{n} \sum_i \begin{cases} 1 - \cos(a_i, b_i) & t_i = 1 \\ \max(0, \cos(a_i, b_i) - m) & t_i = -1 \end{cases}",
    doc="Pulls together pairs of vectors marked 1, and parts those marked -1 until their cosine is below the margin.",
    expects="two arrays (..., D) of one shape, target (...)",
    samples=lambda make: [((make(4, 3), make(4, 3), np.sign(make(4))), {}),
                          ((make(3), make(3), np.asarray(np.sign(make()))), {"reduction": "sum"}),
                          ((make(4, 3), make(4, 3), np.sign(make(4))), {"margin": 0.2, "reduction": "none"})],
    errors=lambda make: [*misfits((make(2, 3), make(3), np.ones(2)), (make(2, 3), make(2, 3), np.ones((2, 1))),
                                  (make(2, 3), make(2, 3), np.ones(3))),
                         ((make(2, 3), make(2, 3), np.zeros(2)), {}, "ArgumentError"),
                         ((make(2, 3), make.text(2, 3), np.ones(2)), {}, "DTypeError"),
                         ((make(2, 3), make(2, 3), np.ones(2)), {"reduction": "avg"}, "ArgumentError")],
    torch="F.cosine_embedding_loss(input1, input2, target, margin, reduction=reduction)",
)


def _triplet_margin_loss(xp, anchor, positive, negative, margin, p, eps, swap, reduction):
    params = {"margin": margin, "p": p, "eps": eps, "swap": swap, "reduction": reduction}
    a, b, c = _checked(xp, "triplet_margin_loss", anchor, positive, negative, same=3, **params)
    far = xp.pairwise_distance(a, c, p=p, eps=eps)
    far = xp.minimum(far, xp.pairwise_distance(b, c, p=p, eps=eps)) if swap else far
    return _reduced(xp, _positive(xp, margin + xp.pairwise_distance(a, b, p=p, eps=eps) - far), reduction)


triplet_margin_loss = composed(
    "triplet_margin_loss", lambda xp, anchor, positive, negative, *, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean":
        _triplet_margin_loss(xp, anchor, positive, negative, margin, p, eps, swap, reduction), method=False,
    tex=r"\frac{1}{n} \sum_i \max(0, m + \|a_i - b_i\|_p - \|a_i - c_i\|_p)", expects="three arrays (..., D) of one shape",
    doc="Holds an anchor nearer to a positive than to a negative, by a margin; swap also measures from the positive to the negative.",
    samples=lambda make: [((make(4, 3), make(4, 3), make(4, 3)), {}), ((make(3), make(3), make(3)), {"reduction": "sum", "swap": True}),
                          ((make(4, 3), make(4, 3), make(4, 3)), {"reduction": "none", "margin": 2.0, "p": 1.0, "eps": 0.1, "swap": True})],
    errors=lambda make: [*misfits((make(2, 3), make(3), make(2, 3)), (make(2, 3), make(2, 3), make(2, 4))),
                         ((make(2, 3), make.text(2, 3), make(2, 3)), {}, "DTypeError"),
                         ((make(3), make(3), make(3)), {"reduction": "avg"}, "ArgumentError")],
    torch="F.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=reduction)",
)
