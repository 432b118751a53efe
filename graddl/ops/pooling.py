"""Pooling and interpolation over the last axes: a window becomes one number, or one number several."""

import math
from itertools import product

import numpy as np

from ..errors import ArgumentError, GraddlError, ShapeError
from ._define import composed, general, linear
from ._explain import shape_of
from ._windows import bins, each, pool_place, usable, window_counts, with_axes


# ------------------------------------------------------------------------------------------------ one number for each window
def _offsets(windows, kernel, size):
    """Of windows (..., *kernel, *size), for each place in the kernel what stands there: (..., *size)."""
    return (windows[(..., *offset, *[slice(None)] * len(size))] for offset in product(*map(range, kernel)))


def _largest(xp, x, kernel, size, place):
    first, *others = _offsets(xp.windows(x, kernel=kernel, size=size, fill=-math.inf, **place), kernel, size)
    y = xp.asarray(first, copy=True)
    for part in others:
        y = xp.maximum(y, part)
    return y


def _first(xp, x, y, kernel, size, place):
    """For each place in the kernel, where it holds the largest number y and none before it does. NaN is the largest."""
    free = True
    for part in _offsets(xp.windows(x, kernel=kernel, size=size, fill=-math.inf, **place), kernel, size):
        largest = xp.logical_or(part >= y, part != part)
        yield xp.logical_and(largest, free)
        free = xp.logical_and(xp.logical_not(largest), free)


def _to_first(xp, g, x, y, kernel, size, place):
    """The gradient of a window goes to the first of its largest elements."""
    parts = xp.stack([xp.where(hit, g, 0) for hit in _first(xp, x, y, kernel, size, place)], axis=-len(size) - 1)
    lead = tuple(y.shape)[: -len(size)]
    return xp.add_windows(xp.reshape(parts, (*lead, *kernel, *size)), shape=tuple(x.shape)[len(lead):], **place)


def _of_first(xp, t, x, y, kernel, size, place):
    """The tangents at the first of each window's largest elements."""
    found = xp.zeros_like(y)
    for hit, part in zip(_first(xp, x, y, kernel, size, place), _offsets(xp.windows(t, kernel=kernel, size=size, **place), kernel, size), strict=True):
        found = xp.where(hit, part, found)
    return found


max_pool = general(
    "max_pool", lambda xp, x, *, kernel, size, place: _largest(xp, x, kernel, size, place),
    vjp={"x": lambda xp, g, x, y, *, kernel, size, place: _to_first(xp, g, x, y, kernel, size, place)},
    jvp={"x": lambda xp, t, x, y, *, kernel, size, place: _of_first(xp, t, x, y, kernel, size, place)},
    tex=r"y_i = \max_k x_{s i + d k - p}", doc="The largest number of each window.", hidden=True, method=False, symbol="max",
    samples=lambda make: [((make(2, 5),), {"kernel": (2,), "size": (3,), "place": {"stride": (2,), "dilation": (1,), "before": (1,)}}),
                          ((make(4, 4),), {"kernel": (3, 2), "size": (2, 2), "place": {"stride": (1, 2), "dilation": (1, 2), "before": (0, 1)}})],
    torch="",
)


def _mean(xp, x, kernel, size, place, divisor):
    first, *others = _offsets(xp.windows(x, kernel=kernel, size=size, **place), kernel, size)
    return _divided(xp, sum(others, start=first), divisor)


def _divided(xp, total, divisor):
    """By a number, or by an array for each window."""
    return total / (xp.astype(xp.asarray(divisor), total.dtype) if isinstance(divisor, np.ndarray) else divisor)


def _to_all(xp, g, shape, kernel, size, place, divisor):
    """A gradient goes in equal parts to all elements of its window."""
    lead = tuple(g.shape)[: -len(size)]
    each_one = xp.reshape(_divided(xp, g, divisor), (*lead, *[1] * len(size), *size))
    return xp.add_windows(xp.broadcast_to(each_one, (*lead, *kernel, *size)), shape=shape[len(lead):], **place)


avg_pool = linear(
    "avg_pool", lambda xp, x, *, kernel, size, place, divisor: _mean(xp, x, kernel, size, place, divisor),
    transpose=lambda xp, g, *, shapes, kernel, size, place, divisor: _to_all(xp, g, shapes[0], kernel, size, place, divisor),
    tex=r"y_i = \frac{1}{n_i} \sum_k x_{s i + d k - p}", doc="The mean of each window.", hidden=True, method=False, symbol="mean",
    samples=lambda make: [((make(2, 5),), {"kernel": (2,), "size": (3,), "place": {"stride": (2,), "dilation": (1,), "before": (1,)},
                                           "divisor": np.array([1, 2, 2])}),
                          ((make(4, 3),), {"kernel": (3, 2), "size": (2, 2), "divisor": 6,
                                           "place": {"stride": (1, 2), "dilation": (1, 1), "before": (0, 1)}})],
    torch="",
)


# ------------------------------------------------------------------------------------------------ pooling
def _max_pool(xp, n, x, kernel_size, stride, padding, dilation, ceil_mode):
    kernel, size, place = pool_place(n, shape_of(x), kernel_size, stride, padding, dilation, ceil_mode)
    return xp.max_pool(x, kernel=kernel, size=size, place=place)


def _avg_pool(xp, n, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    shape = shape_of(x)
    kernel, size, place = pool_place(n, shape, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override is not None and divisor_override == 0:
        raise ArgumentError("a divisor is not 0; got divisor_override=0")
    divisor = divisor_override or window_counts(shape[-n:], kernel, size, place["stride"], place["before"], count_include_pad)
    return xp.avg_pool(x, kernel=kernel, size=size, place=place, divisor=divisor)


def _pool_fix(name, n):
    """Of a wrong call one that works: a kernel that fits, and numbers that are large enough."""
    def fix(shapes, params):
        xs, x = with_axes("x", shapes[0], n, max(n, len(shapes[0])))
        dilation = {"dilation": 1} if "dilation" in params else {}
        more = usable(params, n, kernel_size=1, stride=1, padding=0, **dilation)
        for wrong in ((), ("padding",), ("padding", "dilation"), ("padding", "dilation", "kernel_size")):
            more = {k: v for k, v in more.items() if k not in wrong}
            if "kernel_size" not in more:
                more = {"kernel_size": 1, **more}
            try:
                given = {"stride": None, "padding": 0, "dilation": 1, **more}
                pool_place(n, x, given["kernel_size"], given["stride"], given["padding"], given["dilation"], False)
                break
            except GraddlError:
                pass
        defaults = {"stride": None, "padding": 0, "dilation": 1}
        return f"gd.{name}({xs}, {', '.join(f'{k}={v!r}' for k, v in more.items() if v != defaults.get(k))})"

    return fix


def _pool_samples(n, *others):
    """A stride of its own, padding, no batch axis, ceil_mode; no window holds a number twice, so that there are no ties."""
    def samples(make):
        x, y = make(2, *[4] * n), make(1, 1, *[5] * n)
        return [((x,), {"kernel_size": 2}), ((y,), {"kernel_size": (3,) * n, "stride": 2, "padding": 1}),
                ((y,), {"kernel_size": 2, "ceil_mode": True}), *(((y,), {"kernel_size": 3, **other}) for other in others)]

    return samples


def _pool_errors(n, *others):
    """A kernel or padding too large, parameters too small, too few axes, text."""
    def errors(make):
        x = make(1, 2, *[3] * n)
        wrong = [{"kernel_size": 0}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "padding": 2}, {"kernel_size": 2, "padding": -1},
                 {"kernel_size": (2,) * (n + 1)}, *({"kernel_size": 2, **other} for other in others)]
        return [((x,), {"kernel_size": 4}, "ShapeError"), ((make(*[3] * (n - 1)),), {"kernel_size": 2}, "ShapeError"),
                *(((x,), params, "ArgumentError") for params in wrong), ((make.text(2, 4, 4),), {"kernel_size": 2}, "DTypeError")]

    return errors


_MAX = dict(
    tex=r"y_i = \max_k x_{s i + d k - p}", symbol="maxpool", method=False, expects="x (..., *shape) that the kernel fits in",
    doc="The largest number of each window; stride None stands for kernel_size. Of equal ones the first gets the gradient.",
)
_DILATED = ({"dilation": 2, "stride": 1, "padding": 1}, {"stride": 3, "padding": 1, "ceil_mode": True})
max_pool1d = composed(
    "max_pool1d", lambda xp, x, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False: _max_pool(
        xp, 1, x, kernel_size, stride, padding, dilation, ceil_mode), **_MAX,
    samples=_pool_samples(1, *_DILATED), errors=_pool_errors(1, {"dilation": 0}), fix=_pool_fix("max_pool1d", 1),
    torch="F.max_pool1d(x, kernel_size, stride, padding, dilation, ceil_mode)",
)
max_pool2d = composed(
    "max_pool2d", lambda xp, x, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False: _max_pool(
        xp, 2, x, kernel_size, stride, padding, dilation, ceil_mode), **_MAX,
    samples=_pool_samples(2, *_DILATED), errors=_pool_errors(2, {"dilation": 0}), fix=_pool_fix("max_pool2d", 2),
    torch="F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)",
)
_AVG = dict(
    tex=r"y_i = \frac{1}{n_i} \sum_k x_{s i + k - p}", symbol="avgpool", method=False, expects="x (..., *shape) that the kernel fits in",
    doc="The mean of each window; stride None stands for kernel_size. Zeros of the padding count, unless count_include_pad is False.",
)
_COUNTS = ({"padding": 1, "count_include_pad": False}, {"stride": 3, "padding": 1, "ceil_mode": True})
avg_pool1d = composed(
    "avg_pool1d", lambda xp, x, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True: _avg_pool(
        xp, 1, x, kernel_size, stride, padding, ceil_mode, count_include_pad, None), **_AVG,
    samples=_pool_samples(1, *_COUNTS), errors=_pool_errors(1), fix=_pool_fix("avg_pool1d", 1),
    torch="F.avg_pool1d(x, kernel_size, stride, padding, ceil_mode, count_include_pad)",
)
avg_pool2d = composed(
    "avg_pool2d", lambda xp, x, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None: _avg_pool(xp, 2, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override), **_AVG,
    samples=_pool_samples(2, *_COUNTS, {"divisor_override": 2}), errors=_pool_errors(2, {"divisor_override": 0}),
    fix=_pool_fix("avg_pool2d", 2),
    torch="F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)",
)


# ------------------------------------------------------------------------------------------------ pooling to a given size
def _adaptive(xp, n, x, output_size, pool):
    """Bins of nearly equal sizes: windows of one size where the axes part evenly, else a pool for each bin."""
    shape = shape_of(x)
    if len(shape) < n or 0 in shape[-n:]:
        raise ShapeError(f"pooling over {n} axes of an array of shape {shape}")
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size,) * n
    if len(wanted) != n:
        raise ArgumentError(f"a size for each of {n} axes, or one for all; got output_size={output_size}")
    wanted = each("output_size", tuple(m if k is None else k for k, m in zip(wanted, shape[-n:], strict=True)), n)
    if not any(m % k for k, m in zip(wanted, shape[-n:], strict=True)):
        return pool(x, kernel_size=tuple(m // k for k, m in zip(wanted, shape[-n:], strict=True)))
    parts = [_bin(x, ends, pool) for ends in product(*(bins(m, k) for k, m in zip(wanted, shape[-n:], strict=True)))]
    return xp.reshape(xp.concat(parts, axis=-1), (*shape[:-n], *wanted))


def _bin(x, ends, pool):
    """One bin, whose (start, end) along each axis are given, as one number on the last axis."""
    y = pool(x[(..., *(slice(a, b) for a, b in ends))], kernel_size=tuple(b - a for a, b in ends))
    return y[(..., *[0] * (len(ends) - 1), slice(None))]


def _adaptive_fields(name, n):
    return dict(
        method=False, expects=f"x with {n} axes or more, and an output_size of ints or None",
        fix=lambda shapes, params: f"gd.{name}({with_axes('x', shapes[0], n, max(n, len(shapes[0])))[0]}, 1)", torch=f"F.{name}(x, output_size)",
        samples=lambda make: [((make(1, 2, *[5] * n),), {"output_size": 3}), ((make(2, *[4] * n),), {"output_size": (2,) * n}),
                              ((make(1, 1, *[2] * n),), {"output_size": (3,) * n})],
        errors=lambda make: [((make(1, 2, *[5] * n),), {"output_size": 0}, "ArgumentError"),
                             ((make(1, 2, *[5] * n),), {"output_size": (2,) * (n + 1)}, "ArgumentError"),
                             ((make(*[1] * (n - 1)),), {"output_size": 1}, "ShapeError"),
                             ((make.text(1, 2, 3),), {"output_size": 1}, "DTypeError")],
    )


_TO_MEAN = dict(tex=r"\text{mean of } x_{\lfloor i m / n \rfloor \dots \lceil (i + 1) m / n \rceil}",
                doc="The mean of each of output_size bins along each axis; a size of None keeps an axis.")
_TO_MAX = dict(tex=r"\max x_{\lfloor i m / n \rfloor \dots \lceil (i + 1) m / n \rceil}",
               doc="The largest number of each of output_size bins along each axis; a size of None keeps an axis.")
adaptive_avg_pool1d = composed(
    "adaptive_avg_pool1d", lambda xp, x, *, output_size: _adaptive(xp, 1, x, output_size, xp.avg_pool1d),
    **_TO_MEAN, **_adaptive_fields("adaptive_avg_pool1d", 1),
)
adaptive_avg_pool2d = composed(
    "adaptive_avg_pool2d", lambda xp, x, *, output_size: _adaptive(xp, 2, x, output_size, xp.avg_pool2d),
    **_TO_MEAN, **_adaptive_fields("adaptive_avg_pool2d", 2),
)
adaptive_max_pool1d = composed(
    "adaptive_max_pool1d", lambda xp, x, *, output_size: _adaptive(xp, 1, x, output_size, xp.max_pool1d),
    **_TO_MAX, **_adaptive_fields("adaptive_max_pool1d", 1),
)
adaptive_max_pool2d = composed(
    "adaptive_max_pool2d", lambda xp, x, *, output_size: _adaptive(xp, 2, x, output_size, xp.max_pool2d),
    **_TO_MAX, **_adaptive_fields("adaptive_max_pool2d", 2),
)


# ------------------------------------------------------------------------------------------------ interpolation
_AXES = {"nearest": None, "linear": 1, "bilinear": 2}


def _sizes(shape, size, scale_factor):
    """(new size, old elements a new one is apart) for each axis."""
    n = len(shape)
    if (size is None) == (scale_factor is None):
        raise ArgumentError(f"one of size and scale_factor is given; got size={size}, scale_factor={scale_factor}")
    if size is not None:
        sizes = each("size", size, n)
        return [(k, m / k) for k, m in zip(sizes, shape, strict=True)]
    factors = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,) * n
    if len(factors) != n or not all(isinstance(f, int | float) and m * f >= 1 for f, m in zip(factors, shape, strict=False)):
        raise ArgumentError(f"scale_factor is a number, or one for each of {n} axes, that leaves an element; got scale_factor={scale_factor}")
    return [(math.floor(m * f), 1 / f) for f, m in zip(factors, shape, strict=True)]


def _interpolate(xp, x, size, scale_factor, mode, align_corners):
    shape = shape_of(x)
    if mode not in _AXES:
        raise ArgumentError(f"no such mode; got mode={mode!r}, not one of {', '.join(map(repr, _AXES))}")
    if len(shape) < 3 or _AXES[mode] not in (None, len(shape) - 2) or 0 in shape[2:]:
        raise ShapeError(f"mode {mode!r} on an x of shape {shape}")
    if align_corners is not None and mode == "nearest":
        raise ArgumentError(f"the nearest element knows no corners; got align_corners={align_corners}")
    for axis, (k, step) in enumerate(_sizes(shape[2:], size, scale_factor), 2):
        m = shape[axis]
        if mode == "nearest":
            at = np.floor(np.arange(k, dtype=np.float32) * np.float32(step)).astype(int)  # PyTorch's rounding, too
            x = _nearest(xp, x, np.minimum(at, m - 1), axis)
        else:
            at = np.arange(k) * ((m - 1) / max(k - 1, 1)) if align_corners else np.maximum((np.arange(k) + 0.5) * step - 0.5, 0)
            x = _between(xp, x, at, axis)
    return x


def _nearest(xp, x, at, axis):
    """Elements at indices; each as often as the next where that is so, which has a quicker gradient."""
    m, k = x.shape[axis], len(at)
    if k % m == 0 and (at == np.arange(k) // (k // m)).all():
        return xp.repeat(x, repeats=k // m, axis=axis)
    return xp.take(x, at, axis=axis)


def _between(xp, x, at, axis):
    """Elements at positions that may lie between two of them."""
    low = np.minimum(at.astype(int), x.shape[axis] - 1)
    high = np.minimum(low + 1, x.shape[axis] - 1)
    part = np.reshape(at - low, (-1, *[1] * (x.ndim - 1 - axis)))
    part = xp.asarray(part.astype(x.dtype if x.dtype.kind == "f" else float))
    return xp.take(x, low, axis=axis) * (1 - part) + xp.take(x, high, axis=axis) * part


def _interpolate_fix(shapes, params):
    """The call with a mode that fits the axes, and twice the size if it is not known which."""
    xs, x = with_axes("x", shapes[0], 3, max(3, len(shapes[0])))
    size, mode = params["size"], {3: "linear", 4: "bilinear"}.get(len(x), "nearest")
    mode = "nearest" if params["mode"] not in _AXES or params["mode"] == "nearest" else mode
    good = "size" in usable({"size": size}, len(x) - 2, size=1)
    return f"gd.interpolate({xs}, {f'size={size}' if good else 'scale_factor=2'}, mode={mode!r})"


interpolate = composed(
    "interpolate", lambda xp, x, *, size=None, scale_factor=None, mode="nearest", align_corners=None: _interpolate(
        xp, x, size, scale_factor, mode, align_corners),
    tex=r"y_i = (1 - r) x_{\lfloor t_i \rfloor} + r x_{\lfloor t_i \rfloor + 1}, \quad r = t_i - \lfloor t_i \rfloor", aliases=("upsample",),
    doc="x (N, C, ...) stretched to another size: \"nearest\" elements, or \"linear\" and \"bilinear\" means of neighbours.", method=False,
    expects="x (N, C, ...): (N, C, L) for \"linear\", (N, C, H, W) for \"bilinear\"", fix=_interpolate_fix,
    samples=lambda make: [((make(1, 2, 3),), {"scale_factor": 2}), ((make(1, 1, 3, 2),), {"size": (5, 3)}),
                          ((make(1, 1, 2, 2),), {"scale_factor": 1.5}),
                          ((make(1, 2, 3),), {"size": 5, "mode": "linear"}), ((make(2, 1, 2, 3),), {"scale_factor": 2, "mode": "bilinear"}),
                          ((make(1, 1, 4, 3),), {"size": (2, 5), "mode": "bilinear"}),
                          ((make(1, 1, 2, 3),), {"size": (4, 1), "mode": "bilinear", "align_corners": True}),
                          ((make(1, 1, 5),), {"scale_factor": 1.7, "mode": "linear", "align_corners": False})],
    errors=lambda make: [((make(1, 2, 3),), {"scale_factor": 2, "mode": "bilinear"}, "ShapeError"), ((make(2, 3),), {"size": 2}, "ShapeError"),
                         ((make(1, 2, 3),), {}, "ArgumentError"), ((make(1, 2, 3),), {"size": 2, "scale_factor": 2}, "ArgumentError"),
                         ((make(1, 2, 3),), {"size": 0}, "ArgumentError"), ((make(1, 2, 3),), {"scale_factor": 0.1}, "ArgumentError"),
                         ((make(1, 2, 3),), {"scale_factor": (2, 2)}, "ArgumentError"),
                         ((make(1, 2, 3),), {"size": 2, "mode": "cubic"}, "ArgumentError"),
                         ((make(1, 2, 3),), {"size": 2, "align_corners": True}, "ArgumentError"),
                         ((make.text(1, 2, 3),), {"size": 2}, "DTypeError")],
    torch="F.interpolate(x, size, scale_factor, mode, align_corners)",
)
