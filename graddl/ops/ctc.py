"""Connectionist temporal classification: the probability of a label sequence whose places in time are unknown.

A path gives one class to each time step; dropping its repetitions and then its blanks leaves a label sequence. Its states are
the labels with a blank around each, 2 S + 1 of them, and a path stays in a state, goes on to the next one, or skips the blank
between two labels that differ. Sums over all paths go forward in time through logarithms (N, 2 S + 1); the gradient comes
back by the shares that each state got from the states before it, which are probabilities: nothing over- or underflows.
"""

import math

import numpy as np

from ..errors import ArgumentError, DTypeError, IndexError_, ShapeError
from ._complaints import complain
from ._define import general
from ._explain import shape_of
from .loss import _check_reduction

NEVER = -1e30  # ln 0 with finite differences, so that unreachable states have derivatives of every order


# ------------------------------------------------------------------------------------------------ what a call may hold
def _check(xp, values, params):
    """Refuse arrays that do not fit, and labels that are no class or the blank."""

    def refuse(kind, message, got, expected, **changed):
        complain(kind, "ctc_loss", message, got, expected, values, params, **changed)

    shapes = shape, target_shape, *_ = [shape_of(x) for x in values]
    log_probs, targets, *lengths = [xp.asarray(x) for x in values]
    _check_reduction("ctc_loss", values, params)
    if "float" not in str(log_probs.dtype):
        refuse(DTypeError, "log-probabilities are floating numbers", str(log_probs.dtype), "floating numbers",
               log_probs="log_probs.astype(float)")
    if len(shape) not in (2, 3):
        fix = f"log_probs.reshape({(*shape[:2], -1) if len(shape) > 3 else (1, 1, -1)})"
        refuse(ShapeError, f"log_probs {shape}", shape, "(T, N, C), or (T, C) for one sequence", log_probs=fix)
    steps, n, classes = shape[0], 1 if len(shape) == 2 else shape[1], shape[-1]
    if not steps or not classes:
        refuse(ShapeError, "no time steps, or no classes", shape, "log_probs (T, N, C) with T and C of 1 or more",
               log_probs=f"gd.zeros({(max(steps, 1), *shape[1:-1], max(classes, 1))})")
    for name, x in zip(("targets", "input_lengths", "target_lengths"), (targets, *lengths), strict=True):
        if "int" not in str(x.dtype):
            refuse(DTypeError, f"{name} are integers", str(x.dtype), "integers", **{name: f"gd.asarray({name}).astype(int)"})
    if len(shape) == 3 and n != steps and all(shape_of(x) == (steps,) for x in lengths):
        refuse(ShapeError, f"log_probs {shape} for {steps} sequences", shapes, "log_probs (T, N, C), with time first",
               log_probs="gd.transpose(log_probs, (1, 0, 2))")
    if len(target_shape) not in (1, 2) or (len(target_shape) == 2 and target_shape[0] != n):
        refuse(ShapeError, f"targets {target_shape} for {n} sequences", shapes,
               "log_probs (T, N, C), targets (N, S) or one after the other", **_refit_targets(target_shape, n))
    for name, x, most in (("input_lengths", lengths[0], steps), ("target_lengths", lengths[1], target_shape[-1])):
        if x.size != n or x.ndim > 1:
            fix = f"{name}.reshape(-1)" if x.size == n else f"np.full({n}, {most})"
            refuse(ShapeError, f"{name} {shape_of(x)} for {n} sequences", shapes, "log_probs (T, N, C) and lengths (N,)", **{name: fix})
        low, high = _range(xp, x)
        if low < 0 or high > most:
            refuse(ArgumentError, f"{name} from {low} to {high}", (low, high), f"0 to {most}", **{name: f"gd.clip({name}, 0, {most})"})
    size, total = target_shape[0], int(xp.sum(lengths[1]))
    if len(target_shape) == 1 and size != total:
        fix = f"np.array({[size // n + (k < size % n) for k in range(n)]})"
        refuse(ShapeError, f"{size} labels in targets, {total} by target_lengths", target_shape, f"targets ({total},), one after the other",
               target_lengths=fix)
    _check_labels(xp, values, params["blank"], classes, refuse)


def _refit_targets(shape, n):
    """Texts that give targets n rows, or everything as many sequences as all have."""
    if shape[1:] == (n,):
        return {"targets": "targets.T"}
    if shape and math.prod(shape) % n == 0:
        return {"targets": f"targets.reshape({n}, -1)"}
    few = min(n, shape[0]) if shape else 1
    cut = {"log_probs": f"log_probs[:, :{few}]", "input_lengths": f"input_lengths[:{few}]", "target_lengths": f"target_lengths[:{few}]"}
    return cut | {"targets": f"targets[:{few}]" if shape else "targets.reshape(1, 1)"}


def _check_labels(xp, values, blank, classes, refuse):
    """Labels are classes other than the blank; what stands behind the end of a target is not looked at."""
    *_, targets, _, lengths = _batch(xp, *values)
    real = xp.arange(targets.shape[1]) < xp.expand_dims(lengths, axis=-1)
    if not 0 <= blank < classes:
        refuse(IndexError_, "blank is no class", blank, f"0 to {classes - 1}", **_other_blank(targets, classes))
    low, high = _range(xp, xp.where(real, targets, blank))
    if low < 0 or high >= classes:
        fix = f"gd.clip(targets, {int(blank == 0)}, {classes - 1 - (blank == classes - 1)})"
        refuse(IndexError_, "a label is no class", f"{low} to {high}", f"0 to {classes - 1}", targets=fix)
    if xp.any(xp.logical_and(real, targets == blank)):
        refuse(ArgumentError, f"a label is {blank}, which stands for the blank", blank, "labels other than the blank",
               **_other_blank(targets, classes))


def _other_blank(targets, classes):
    """Texts that make a class the blank which is no label; if there is none, a new class."""
    unused = set(range(classes)) - set(np.asarray(targets).reshape(-1).tolist())
    if unused:
        return {"blank": str(min(unused))}
    wider = "gd.log_softmax(gd.concat([log_probs, gd.zeros_like(log_probs[..., :1])], axis=-1))"
    return {"log_probs": wider, "blank": str(classes)}


def _range(xp, x):
    return (int(xp.min(x)), int(xp.max(x))) if x.size else (0, 0)


# ------------------------------------------------------------------------------------------------ states and paths
def _batch(xp, log_probs, targets, *lengths):
    """Log-probabilities (T, N, C), targets (N, S), and both lengths (N,), from all that a call may hold."""
    x, targets = xp.asarray(log_probs), xp.asarray(targets)
    x = x if x.ndim == 3 else xp.expand_dims(x, axis=1)
    n, integer = x.shape[1], np.dtype(int)
    inputs, ends = (xp.astype(xp.reshape(xp.asarray(length), (n,)), integer) for length in lengths)
    targets = xp.astype(targets, integer)
    if targets.ndim == 1:  # one after the other
        starts, longest = xp.cumulative_sum(ends, axis=0) - ends, _range(xp, ends)[1]
        at = xp.minimum(xp.expand_dims(starts, axis=1) + xp.arange(longest), targets.shape[0] - 1)
        targets = xp.reshape(xp.take(targets, xp.reshape(at, (-1,)), axis=0), (n, longest))
    return x, targets, inputs, ends


def _ln(xp, holds, dtype):
    """ln 1 or ln 0."""
    return NEVER * xp.astype(xp.logical_not(holds), dtype)


def _states(xp, targets, ends, blank, dtype):
    """The class of each state, (N, 2 S + 1), and ln 1 or ln 0 of whether it may be entered past the state before it."""
    n, s = targets.shape
    labels = xp.where(xp.arange(s) < xp.expand_dims(ends, axis=1), targets, blank)
    pairs = xp.reshape(xp.stack([xp.full((n, s), blank), labels], axis=2), (n, 2 * s))
    states = xp.concat([pairs, xp.full((n, 1), blank)], axis=1)
    two_before = xp.concat([xp.full((n, 2), blank), states], axis=1)[:, :-2]
    return states, _ln(xp, states != two_before, dtype)


def _emissions(xp, x, states, inputs):
    """The log-probability of each state's class, (T, N, 2 S + 1), less the largest one at its time; and the sum of what was taken
    away, (N,). So sums over long times stay small, and precise. After the end of a sequence 0, whatever stands there."""
    steps = x.shape[0]
    at = xp.broadcast_to(xp.expand_dims(states, axis=0), (steps, *states.shape))
    live = xp.reshape(xp.arange(steps), (steps, 1, 1)) < xp.reshape(inputs, (1, -1, 1))
    e = xp.where(live, xp.maximum(xp.take_along_axis(x, at, axis=2), NEVER), 0)
    largest = xp.max(e, axis=2, keepdims=True)
    largest = xp.where(largest < NEVER / 2, 0, largest)  # where nothing can be emitted, that must show
    return e - largest, xp.sum(largest[..., 0], axis=0)


def _behind(xp, alpha, skips):
    """What reaches a state from the one before it and from the one before that, along the last axis."""
    wall = xp.full((*alpha.shape[:-1], 2), NEVER, dtype=alpha.dtype)
    padded = xp.concat([wall, alpha], axis=-1)
    return padded[..., 1:-1], padded[..., :-2] + skips


def _arrivals(xp, e, skips):
    """ln of the probability of all paths that are about to emit in a state, (T, N, 2 S + 1)."""
    rows = [xp.broadcast_to(_ln(xp, xp.arange(e.shape[2]) < 2, e.dtype), e.shape[1:])]
    for t in range(1, e.shape[0]):
        alpha = rows[-1] + e[t - 1, ...]
        step, skip = _behind(xp, alpha, skips)
        rows.append(xp.logaddexp(xp.logaddexp(alpha, step), skip))
    return xp.stack(rows, axis=0)


def _endings(xp, alpha, inputs, ends):
    """ln of the probability of all paths by their last state, (N, 2 S + 1), and of all together, (N,)."""
    n, s = alpha.shape[1:]
    last = xp.broadcast_to(xp.reshape(xp.maximum(inputs - 1, 0), (1, n, 1)), (1, n, s))
    last = xp.reshape(xp.take_along_axis(alpha, last, axis=0), (n, s))
    state, end = xp.arange(s), xp.expand_dims(2 * ends, axis=1)
    last = xp.where(xp.logical_or(state == end, state == end - 1), last, NEVER)
    largest = xp.max(last, axis=1, keepdims=True)
    total = largest[:, 0] + xp.log(xp.sum(xp.exp(last - largest), axis=1))
    return last, xp.where(inputs == 0, _ln(xp, ends == 0, total.dtype), total)  # without time, no labels are certain


# ------------------------------------------------------------------------------------------------ the loss
def _ctc_loss(xp, log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity):
    """(loss, (arrivals,))."""
    values = log_probs, targets, input_lengths, target_lengths
    _check(xp, values, {"blank": blank, "reduction": reduction, "zero_infinity": zero_infinity})
    x, targets, inputs, ends = _batch(xp, *values)
    states, skips = _states(xp, targets, ends, blank, x.dtype)
    e, level = _emissions(xp, x, states, inputs)
    arrivals = _arrivals(xp, e, skips)
    _, total = _endings(xp, arrivals + e, inputs, ends)
    # An infinite loss has a gradient of NaN, as in PyTorch, unless it is to be passed over: nothing trains on it in silence.
    never = total < NEVER / 2
    loss = -total - level
    loss = xp.where(never, 0, loss) if zero_infinity else loss * xp.where(never, math.inf, xp.ones_like(total))
    if reduction == "sum":
        return xp.sum(loss), (arrivals,)
    if reduction == "mean":
        loss = xp.sum(loss / xp.astype(xp.maximum(ends, 1), x.dtype))
        return loss / inputs.shape[0] if inputs.shape[0] else loss + math.nan, (arrivals,)
    return (xp.reshape(loss, ()) if log_probs.ndim == 2 else loss), (arrivals,)


def _ctc_grad(xp, g, arrivals, log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity):
    """-g times the probability, given the labels, that a path has class c at time t."""
    x, targets, inputs, ends = _batch(xp, log_probs, targets, input_lengths, target_lengths)
    states, skips = _states(xp, targets, ends, blank, x.dtype)
    e, _ = _emissions(xp, x, states, inputs)
    alpha = arrivals + e
    last, total = _endings(xp, alpha, inputs, ends)
    g = xp.broadcast_to(xp.reshape(g, (-1,)), total.shape)
    if reduction == "mean":
        g = g / (total.shape[0] * xp.astype(xp.maximum(ends, 1), x.dtype))
    g = xp.where(total < NEVER / 2, 0.0 if zero_infinity else math.nan, g)
    shares = _shares(xp, alpha, arrivals, skips)
    p = _posterior(xp, shares, xp.exp(last - xp.expand_dims(total, axis=1)), inputs)
    hot = xp.astype(xp.expand_dims(states, axis=2) == xp.arange(x.shape[2]), x.dtype)  # (N, 2 S + 1, C)
    by_class = xp.matmul(xp.permute_dims(p, (1, 0, 2)) * xp.reshape(g, (-1, 1, 1)), hot)
    return -xp.reshape(xp.permute_dims(by_class, (1, 0, 2)), log_probs.shape)


def _shares(xp, alpha, arrivals, skips):
    """For t = 1 ... T - 1: of what arrives in a state, the shares that stayed, stepped, skipped. They add up to 1."""
    earlier, now = alpha[:-1, ...], arrivals[1:, ...]
    return [xp.exp(part - now) for part in (earlier, *_behind(xp, earlier, skips))]


def _posterior(xp, shares, at_end, inputs):
    """The probability of each state at each time given the labels, (T, N, 2 S + 1), from the last time back."""
    wall, s = xp.zeros((at_end.shape[0], 2), dtype=at_end.dtype), at_end.shape[1]
    rows, later = [], xp.zeros_like(at_end)
    for t in range(shares[0].shape[0], -1, -1):
        now = xp.where(xp.expand_dims(inputs, axis=1) == t + 1, at_end, later)
        rows.append(now)
        if t:
            stay, step, skip = (now * share[t - 1, ...] for share in shares)
            later = stay + xp.concat([step, wall], axis=1)[:, 1 : s + 1] + xp.concat([skip, wall], axis=1)[:, 2 : s + 2]
    return xp.stack(rows[::-1], axis=0)


def _samples(make):
    """Three labels with a repetition, sequences that end before time and targets before their rows; one after the other; one sequence."""
    labels, inputs, ends = np.array([[1, 2, 2], [3, 1, 0]]), np.array([5, 4]), np.array([3, 2])
    return [((make(5, 2, 4), labels, inputs, ends), {}), ((make(5, 2, 4), labels, inputs, ends), {"reduction": "none"}),
            ((make(4, 2, 4), np.array([1, 3, 2]), np.array([4, 3]), np.array([2, 1])), {"reduction": "sum"}),
            ((make(4, 3), np.array([0, 0]), np.array([4]), np.array([2])), {"blank": 2, "reduction": "none"}),
            ((make(2, 3, 3), np.array([[1, 1], [2, 1], [0, 0]]), np.array([2, 2, 2]), np.array([2, 2, 0])), {"zero_infinity": True}),
            ((make(2, 2, 3), np.array([[1], [2]]), np.array([1, 2]), np.array([0, 1])), {})]


def _errors(make):
    x, labels, inputs, ends = make(5, 2, 4), np.array([[1, 2, 2], [3, 1, 2]]), np.array([5, 4]), np.array([3, 2])
    return [((make(2, 5, 4), labels, inputs, ends), {}, "ShapeError"),
            *(((x, *rest), params, kind) for rest, params, kind in [
                ((labels, np.array([5]), ends), {}, "ShapeError"), ((labels, inputs, np.array([[3], [2]])), {}, "ShapeError"),
                ((labels.T, inputs, ends), {}, "ShapeError"), ((labels.reshape(-1)[:4], inputs, ends), {}, "ShapeError"),
                ((labels[:1], inputs, ends), {}, "ShapeError"), ((np.array([[1], [2], [3]]), inputs, np.array([1, 1])), {}, "ShapeError"),
                ((labels, np.array([6, 4]), ends), {}, "ArgumentError"), ((labels, inputs, np.array([3, 4])), {}, "ArgumentError"),
                ((labels, inputs, np.array([3, -1])), {}, "ArgumentError"), ((labels % 3, inputs, ends), {}, "ArgumentError"),
                ((labels, inputs, ends), {"blank": 3}, "ArgumentError"), ((labels + 2, inputs, ends), {}, "IndexError_"),
                ((-labels, inputs, ends), {}, "IndexError_"), ((labels, inputs, ends), {"blank": 4}, "IndexError_"),
                ((labels.astype(float), inputs, ends), {}, "DTypeError"), ((labels, inputs.astype(float), ends), {}, "DTypeError"),
                ((labels, inputs, ends), {"reduction": "avg"}, "ArgumentError")]),
            ((make.text(5, 2, 4), labels, inputs, ends), {}, "DTypeError"), ((x[..., :3], labels % 3, inputs, ends), {}, "ArgumentError"),
            ((make(4), labels[0, :1], *[np.array([1])] * 2), {}, "ShapeError"),
            ((np.zeros((0, 2, 4)), labels, np.array([0, 0]), ends), {}, "ShapeError")]


ctc_loss = general(
    "ctc_loss", lambda xp, log_probs, targets, input_lengths, target_lengths, *, blank=0, reduction="mean", zero_infinity=False: _ctc_loss(
        xp, log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity),
    vjp={"log_probs": lambda xp, g, arrivals, log_probs, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity:
         _ctc_grad(xp, g, arrivals, log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)},
    nondiff=("targets", "input_lengths", "target_lengths"), residuals=("arrivals",), aliases=("ctc",), method=False, symbol="CTC",
    composition=lambda xp, log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False: _ctc_loss(
        xp, log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)[0],
    tex=r"-\ln \sum_{\pi \to l} \prod_t e^{x_{t, \pi_t}}",
    doc="Minus the log-probability of labels (N, S) whose places in time are unknown; log-probabilities (T, N, C), one class is the blank.",
    samples=_samples, errors=_errors, expects="log_probs (T, N, C), targets (N, S), lengths (N,)",
    # PyTorch's gradient is right only behind log_softmax: normalized there, and what that changed is taken back.
    torch="(lambda loss: loss if reduction == 'none' else loss.sum() if reduction == 'sum' else"
          " (loss / target_lengths.clamp(min=1)).mean())((lambda raw: raw - (raw != 0) * (log_probs.logsumexp(-1) *"
          " (torch.arange(len(log_probs)).reshape(-1, *log_probs.shape[2:] and (1,)) < input_lengths)).sum(0))(F.ctc_loss("
          "F.log_softmax(log_probs, -1), targets, input_lengths, target_lengths, blank, 'none', zero_infinity)))",
)
