"""What stands where: sorting, medians and quantiles, counting; and how variables vary together."""

import numpy as np

from ..errors import ArgumentError, DTypeError, ShapeError
from ._define import composed, general
from .reduction import (
    axes_errors,
    axes_of,
    axes_samples,
    cut,
    floating,
    freedom,
    merged,
    nan_samples,
    one_axis_errors,
)


def _text_errors(make):
    return [((make.text(3),), {}, "DTypeError"), ((make.text(2, 3),), {}, "DTypeError"),
            ((np.array([1.5, 2], dtype=object),), {}, "DTypeError")]


# ------------------------------------------------------------------------------------------------ sorting
def _line(xp, x, axis):
    """What is sorted: x along an axis, or the flattened x."""
    return (xp.reshape(x, (-1,)), 0) if axis is None else (x, axis)


def _from(xp, x, axis, descending):
    """x from its end if the order goes down: to sort that upwards and turn it again leaves equal elements in their order."""
    return xp.flip(x, axis=axis) if descending else x


def _sorted(xp, x, axis, descending):
    x, axis = _line(xp, x, axis)
    return _from(xp, xp.sort(x, axis=axis), axis, descending)


def _order(xp, x, axis, descending, stable):
    x, axis = _line(xp, x, axis)
    i = _from(xp, xp.argsort(_from(xp, x, axis, descending), axis=axis, stable=stable), axis, descending)
    return x.shape[axis] - 1 - i if descending else i


def _along(xp, t, x, axis, descending, stable, back=False):
    """t in the order of x; or back to where the elements came from, by the inverse permutation."""
    flat, along = _line(xp, x, axis)
    order = xp.argsort(_from(xp, flat, along, descending), axis=along, stable=stable)
    order = xp.argsort(order, axis=along) if back else order
    t = _from(xp, xp.reshape(t, flat.shape), along, descending)
    return _from(xp, xp.take_along_axis(t, order, axis=along), along, descending)


def _sort_samples(make):
    return [((make(5),), {}), ((make(2, 3),), {"axis": 0}), ((make(2, 3),), {"axis": None}),
            ((make(3, 2),), {"descending": True, "axis": -2}), ((make(2, 2),), {"axis": None, "descending": True, "stable": False}),
            ((make(2, 0),), {}), ((make(1),), {})]


sort = general(
    "sort", lambda xp, x, *, axis=-1, descending=False, stable=True: _sorted(xp, x, axis, descending),
    vjp={"x": lambda xp, g, x, *, axis, descending, stable: xp.reshape(
        _along(xp, g, x, axis, descending, stable, back=True), x.shape)},
    jvp={"x": lambda xp, t, x, *, axis, descending, stable: _along(xp, t, x, axis, descending, stable)},
    tex=r"x_{(1)} \le x_{(2)} \le \dots", doc="The values in order along an axis, or all of them if it is None; NaN is the largest.",
    samples=_sort_samples, errors=one_axis_errors,
    torch="torch.sort(x.flatten() if axis is None else x, -1 if axis is None else axis, descending).values",
)
argsort = general(
    "argsort", lambda xp, x, *, axis=-1, descending=False, stable=True: _order(xp, x, axis, descending, stable), boolean=True,
    tex=r"i : x_{i_1} \le x_{i_2} \le \dots", doc="The indices that sort along an axis; equal elements keep their order.",
    samples=_sort_samples, errors=one_axis_errors,
    torch="torch.argsort(x.flatten() if axis is None else x, -1 if axis is None else axis, descending)",
)


def _topk(xp, x, k, axis, largest):
    order = xp.argsort(x, axis=axis, descending=largest)
    n, axis = x.shape[axis], axis % x.ndim
    if not 0 <= k <= n:
        raise ArgumentError(
            f"there are {n} elements", op="topk", got=f"k={k}", expected=f"k from 0 to {n}", fix=f"gd.topk(x, {n}, axis={axis})"
        )
    order = cut(order, axis, 0, k)
    return xp.take_along_axis(x, order, axis=axis), order


topk = composed(
    "topk", lambda xp, x, *, k, axis=-1, largest=True, sorted=True: _topk(xp, x, k, axis, largest), several=True,
    tex=r"x_{(n)}, \dots, x_{(n-k+1)}", doc="The k largest or smallest values along an axis, and their indices; NaN is the largest.",
    samples=lambda make: [((make(5),), {"k": 2}), ((make(3, 4),), {"k": 1, "axis": 0}), ((make(2, 3),), {"k": 2, "largest": False}),
                          ((make(3),), {"k": 0}), ((make(2, 3),), {"k": 3, "sorted": True, "axis": -1})],
    errors=lambda make: [((make(2, 3),), {"k": 4}, "ArgumentError"), ((make(2, 3),), {"k": 1, "axis": 2}, "IndexError_"),
                         ((make.text(4),), {"k": 1}, "DTypeError")],
    torch="torch.topk(x, k, axis, largest, sorted)",
)


def _partitioned(x, kth, axis, order, name):
    """A full order is a partition at any place."""
    y = order(x, axis=axis)
    n = y.shape[-1 if axis is None else axis]
    if any(not -n <= k < n for k in np.atleast_1d(kth)):
        raise ArgumentError(
            f"there are {n} elements", op=name, got=f"kth={kth}", expected=f"kth from {-n} to {n - 1}", fix=f"gd.{name}(x, -1, axis)"
        )
    return y


def _partition(name, forward, order, **more):
    return composed(
        name, forward, samples=lambda make: [((make(3),), {"kth": 1}), ((make(3, 2),), {"kth": (0, -1), "axis": 0}),
                                             ((make(2, 2),), {"kth": (1, -2), "axis": None})],
        errors=lambda make: [((make(2, 3),), {"kth": 3}, "ArgumentError"), ((make(2, 3),), {"kth": 1, "axis": 2}, "IndexError_"),
                             ((make.text(4),), {"kth": 1}, "DTypeError")],
        torch=f"torch.{order}(x.flatten() if axis is None else x, -1 if axis is None else axis)" + ".values" * (order == "sort"), **more,
    )


partition = _partition(
    "partition", lambda xp, x, *, kth, axis=-1: _partitioned(x, kth, axis, xp.sort, "partition"), "sort",
    tex=r"x_i \le x_{(k)} \le x_j", doc="The kth element in its sorted place, nothing larger before it, nothing smaller behind it.",
)
argpartition = _partition(
    "argpartition", lambda xp, x, *, kth, axis=-1: _partitioned(x, kth, axis, xp.argsort, "argpartition"), "argsort", boolean=True,
    tex=r"i : x_i \le x_{(k)} \le x_j", doc="The indices that partition, without gradient.",
)


def _unique(xp, x):
    """Of equal neighbors in order the first; a NaN has nothing but NaN behind it."""
    s = xp.sort(xp.reshape(x, (-1,)))
    again = xp.logical_or(s[1:] == s[:-1], xp.isnan(s[:-1]))
    return s[xp.concat([xp.ones(s[:1].shape, dtype=bool), xp.logical_not(again)])]


unique = composed(
    "unique", lambda xp, x: _unique(xp, x), aliases=("unique_values",),
    tex=r"\{x_i\}", doc="Each value once, in order; the gradient goes to the first element that has it.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {})],
    errors=_text_errors, torch="",  # torch.unique has no gradient
)


# ------------------------------------------------------------------------------------------------ medians and quantiles
def _places(counts, q, method):
    """Where the quantiles of so many values in order stand: NumPy's quantiles of the places 0, 1, ... themselves."""
    places = np.zeros((*counts.shape, q.size))
    try:
        for n in np.unique(counts):
            places[counts == n] = np.quantile(np.arange(n or 1, dtype=float), q, method=method)
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    return places


def _between(xp, a, b, share):
    """a + share (b - a); the middle, and what lies beside an infinite value, without that difference."""
    middle = a / 2 + b / 2
    return xp.where(xp.logical_or(share == 0.5, xp.abs(middle) == np.inf), middle, a + (b - a) * share)


def _quantile(xp, x, q, axis, method, keepdims, skip_nan=False):
    x, q = floating(xp, x), np.asarray(q, dtype=float)
    flat, _ = merged(xp, x, axis)
    s = xp.sort(flat if flat.shape[-1] else xp.mean(flat, axis=-1, keepdims=True))  # the mean of nothing is NaN
    counts = xp.count_nonzero(xp.logical_not(xp.isnan(s)), axis=-1).numpy() if skip_nan else np.full(s.shape[:-1], s.shape[-1])
    place = _places(counts, q.reshape(-1), method)
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    share = (place - low).astype(s.dtype)
    y = _between(xp, xp.take_along_axis(s, low, axis=-1), xp.take_along_axis(s, high, axis=-1), share)
    if not skip_nan:
        y = xp.where(xp.isnan(s[..., -1:]), s[..., -1:], y)
    gone = axes_of(axis, x.ndim)
    rest = [1 if a in gone else n for a, n in enumerate(x.shape) if keepdims or a not in gone]
    return xp.reshape(xp.moveaxis(y, -1, 0), (*q.shape, *rest))


def _percent(q):
    return np.asarray(q, dtype=float) / 100


def _quantile_samples(top, more=lambda make: []):
    """Samples with q from 0 to `top`."""
    def samples(make):
        return [
            ((make(2, 3),), {"q": 0.3 * top}), ((make(2, 3),), {"q": np.array([0.0, 0.45, 1.0, 0.7]) * top, "axis": 0}),
            ((make(2, 3, 2),), {"q": 0.3 * top, "axis": (0, -1), "keepdims": True, "method": "midpoint"}), ((make(),), {"q": 0.5 * top}),
            *(((make(2, 4),), {"q": 0.4 * top, "axis": -1, "method": method}) for method in ("lower", "higher", "nearest")), *more(make),
        ]

    return samples


def _quantile_errors(top):
    def errors(make):
        return [*((xs, {"q": 0.5, **params}, error) for xs, params, error in axes_errors(make)),
                ((make(2, 3),), {"q": 2.0 * top}, "ArgumentError"), ((make(2, 3),), {"q": 0.5, "method": "mean"}, "ArgumentError")]

    return errors


def _spelled(torch, q, method=""):
    """PyTorch's quantile, which takes one axis."""
    return (f"torch.{torch}(x.movedim(axis, (0, 1)).flatten(0, 1), {q}, 0{method}) if isinstance(axis, tuple) "
            f"else torch.{torch}(x, {q}, axis, keepdim=keepdims{method})")


def _two_holes(make):
    """Columns with no, one, and two numbers less."""
    x = make(3, 3)
    x[0, 1] = x[0, 2] = x[2, 2] = np.nan if x.dtype.kind == "f" else 0
    return x


median = composed(
    "median", lambda xp, x, *, axis=None, keepdims=False: _quantile(xp, x, 0.5, axis, "linear", keepdims),
    tex=r"\operatorname{median}_i x_i", doc="The value in the middle of the order, or the mean of the two there; NaN if there is one.",
    samples=lambda make: axes_samples(make)[:-1], errors=axes_errors, torch=_spelled("quantile", 0.5),
)
quantile = composed(
    "quantile", lambda xp, x, *, q, axis=None, method="linear", keepdims=False: _quantile(xp, x, q, axis, method, keepdims),
    tex=r"x_{(q n)}", doc="The value below which a share q of the others lies, q from 0 to 1 or an array; by any of NumPy's methods.",
    samples=_quantile_samples(1), errors=_quantile_errors(1), torch=_spelled("quantile", "q", ", interpolation=method"),
    expects="q from 0 to 1, and a method of np.quantile", fix="gd.quantile(x, np.clip(q, 0, 1), axis)",
)
percentile = composed(
    "percentile", lambda xp, x, *, q, axis=None, method="linear", keepdims=False: _quantile(xp, x, _percent(q), axis, method, keepdims),
    tex=r"x_{(q n / 100)}", doc="The value below which q percent of the others lie, q from 0 to 100 or an array of such.",
    samples=_quantile_samples(100), errors=_quantile_errors(100), torch=_spelled("quantile", "q / 100", ", interpolation=method"),
    expects="q from 0 to 100, and a method of np.percentile", fix="gd.percentile(x, np.clip(q, 0, 100), axis)",
)
nanmedian = composed(
    "nanmedian", lambda xp, x, *, axis=None, keepdims=False: _quantile(xp, x, 0.5, axis, "linear", keepdims, skip_nan=True),
    tex=r"\operatorname{median}_{x_i \in \mathbb{R}} x_i", doc="The median of all that are numbers; NaN of none.", passes_nan=False,
    samples=nan_samples, errors=axes_errors, torch=_spelled("nanquantile", 0.5),
)
nanquantile = composed(
    "nanquantile", lambda xp, x, *, q, axis=None, method="linear", keepdims=False:
        _quantile(xp, x, q, axis, method, keepdims, skip_nan=True),
    tex=r"x_{(q n)},\ x_i \in \mathbb{R}", doc="The quantile of all that are numbers; NaN of none.", passes_nan=False,
    samples=_quantile_samples(1, lambda make: [((_two_holes(make),), {"q": np.array([0.2, 0.6]), "axis": 0})]),
    errors=_quantile_errors(1), torch=_spelled("nanquantile", "q", ", interpolation=method"),
    expects="q from 0 to 1, and a method of np.quantile", fix="gd.nanquantile(x, np.clip(q, 0, 1), axis)",
)
nanpercentile = composed(
    "nanpercentile", lambda xp, x, *, q, axis=None, method="linear", keepdims=False:
        _quantile(xp, x, _percent(q), axis, method, keepdims, skip_nan=True),
    tex=r"x_{(q n / 100)},\ x_i \in \mathbb{R}", doc="The percentile of all that are numbers; NaN of none.", passes_nan=False,
    samples=_quantile_samples(100, lambda make: [((_two_holes(make),), {"q": np.array([20.0, 60.0]), "axis": 0})]),
    errors=_quantile_errors(100), torch=_spelled("nanquantile", "q / 100", ", interpolation=method"),
    expects="q from 0 to 100, and a method of np.percentile", fix="gd.nanpercentile(x, np.clip(q, 0, 100), axis)",
)


# ------------------------------------------------------------------------------------------------ covariance
def _rows(xp, x, rowvar):
    """The variables as rows: a vector is one variable."""
    if x.ndim > 2:
        raise ShapeError(f"{x.ndim} axes")
    if x.ndim < 2:
        return xp.reshape(x, (1, -1))
    return x if rowvar else xp.matrix_transpose(x)


def _cov(xp, m, y, rowvar, bias, ddof):
    m = _rows(xp, floating(xp, m), rowvar)
    m = m if y is None else xp.concat([m, _rows(xp, floating(xp, y), rowvar)], axis=0)
    c = m - xp.mean(m, axis=1, keepdims=True)
    products = xp.matmul(c, xp.matrix_transpose(c)) / freedom(1, (0 if bias else 1) if ddof is None else ddof, c.shape)
    return xp.reshape(products, ()) if c.shape[0] == 1 else products


def _corrcoef(xp, x, y, rowvar):
    """NumPy's: held between -1 and 1 against rounding; NaN for a variable that does not vary."""
    c = xp.cov(x, y, rowvar=rowvar)
    if not c.ndim:
        return c / c
    i = np.arange(c.shape[0])
    s = xp.sqrt(c[i, i])
    return xp.clip(c / s / xp.expand_dims(s, axis=1), -1, 1)


def _pairs(make):
    return [((make(2, 4),), {}), ((make(3, 2),), {"rowvar": False}), ((make(4), make(4)), {}), ((make(5),), {}),
            ((make(2, 4), make(4)), {}), ((make(4, 2), make(4, 1)), {"rowvar": False})]


def _cov_errors(make):
    return [((make(2, 3, 4),), {}, "ShapeError"), ((make(2, 3), make(4)), {}, "ShapeError"), ((make.text(2, 3),), {}, "DTypeError")]


def _cov_fix(name, x):
    """The observations that both have; the axes behind the first as one."""
    def fix(shapes, params):
        if max(map(len, shapes)) > 2:
            return f"gd.{name}({x}.reshape({x}.shape[0], -1))"
        n = min(s[-1] for s in shapes if s)
        return f"gd.{name}({x}[..., :{n}], y[..., :{n}])"

    return fix


def _stacked(x):
    """Variables as rows in PyTorch."""
    return f"{x} if y is None else torch.cat([torch.atleast_2d({x}), torch.atleast_2d(y)], 0 if rowvar or y.ndim == 1 else 1)"


cov = composed(
    "cov", lambda xp, m, y=None, *, rowvar=True, bias=False, ddof=None: _cov(xp, m, y, rowvar, bias, ddof),
    tex=r"\frac{1}{n - 1} (X - \bar X) (X - \bar X)^\top", doc="How the rows of a matrix vary together; columns if rowvar is false.",
    samples=lambda make: [*_pairs(make), ((make(2, 4),), {"bias": True}), ((make(2, 4),), {"ddof": 2})], errors=_cov_errors,
    expects="m (variables, n) or (n,), y with as many observations", fix=_cov_fix("cov", "m"),
    torch=f"(lambda v: torch.cov(v if rowvar else v.mT, correction=(0 if bias else 1) if ddof is None else ddof))({_stacked('m')})",
)
corrcoef = composed(
    "corrcoef", lambda xp, x, y=None, *, rowvar=True: _corrcoef(xp, x, y, rowvar),
    tex=r"\frac{C_{ij}}{\sqrt{C_{ii} C_{jj}}}", doc="The correlations of the rows of a matrix, from -1 to 1; columns if rowvar is false.",
    samples=_pairs, errors=_cov_errors, expects="x (variables, n) or (n,), y with as many observations", fix=_cov_fix("corrcoef", "x"),
    torch=f"(lambda v: torch.corrcoef(v if rowvar else v.mT))({_stacked('x')})",
)


# ------------------------------------------------------------------------------------------------ places and counts
nonzero = general(
    "nonzero", lambda xp, x: xp.nonzero(x), several=True, boolean=True, tex=r"\{i : x_i \ne 0\}",
    doc="Where elements are not 0: an array of indices for each axis.",
    samples=lambda make: [((make(2, 3),), {}), ((make(4) > 0,), {}), ((np.array([[0.0, 1.0], [2.0, 0.0]]),), {})],
    errors=lambda make: [((make(),), {}, "ShapeError"), *_text_errors(make)], expects="at least one axis", fix="gd.nonzero(x.reshape(-1))",
    torch="torch.nonzero(x, as_tuple=True)",
)
flatnonzero = composed(
    "flatnonzero", lambda xp, x: xp.nonzero(xp.reshape(x, (-1,)))[0], boolean=True,
    tex=r"\{i : x_i \ne 0\}", doc="Where elements of the flattened array are not 0.",
    samples=lambda make: [((make(2, 3) > 0,), {}), ((np.array(2.0),), {})], errors=_text_errors,
    torch="torch.nonzero(x.flatten()).flatten()",
)
argwhere = composed(
    "argwhere", lambda xp, x: xp.stack(xp.nonzero(x), axis=-1), boolean=True,
    tex=r"\{i : x_i \ne 0\}", doc="Where elements are not 0: a row of indices for each.",
    samples=lambda make: [((make(2, 3) > 0,), {}), ((make(4) > 0,), {})], expects="at least one axis", fix="gd.argwhere(x.reshape(-1))",
    errors=lambda make: [((make(),), {}, "ShapeError"), *_text_errors(make)],
)


def _searchsorted(xp, a, v, side):
    if side not in ("left", "right"):
        raise ArgumentError(
            "unknown side", op="searchsorted", got=repr(side), expected="'left' or 'right'", fix="gd.searchsorted(a, v, 'left')"
        )
    return xp.searchsorted(a, v, side=side)


searchsorted = general(
    "searchsorted", lambda xp, a, v, *, side="left": _searchsorted(xp, a, v, side), boolean=True, method=False,
    tex=r"\#\{i : a_i < v\}", doc="Where to insert v in the sorted a: before equal elements, or behind them on the right side.",
    samples=lambda make: [((np.sort(make(4)), make(2, 3)), {}), ((np.array([0.0, 1.0, 1.0]), np.array(1.0)), {"side": "right"})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((make(3), make(2)), {"side": "middle"}, "ArgumentError"),
                         ((make.text(3), make(2)), {}, "DTypeError")],
    expects="one axis of sorted values", fix="gd.searchsorted(gd.sort(a, axis=None), v)", torch="torch.searchsorted(a, v, side=side)",
)


def _digitize(xp, x, bins, right):
    """Edges may fall, too: then the places count from the end."""
    if bins.ndim != 1:
        raise ShapeError(f"bins have {bins.ndim} axes")
    side, steps = "left" if right else "right", bins[1:] - bins[:-1]
    if bool(xp.all(steps >= 0)):
        return xp.searchsorted(bins, x, side=side)
    if bool(xp.all(steps <= 0)):
        return bins.shape[0] - xp.searchsorted(xp.flip(bins, axis=0), x, side=side)
    raise ArgumentError("the edges of the bins go up and down")


digitize = composed(
    "digitize", lambda xp, x, bins, *, right=False: _digitize(xp, x, bins, right), boolean=True, method=False,
    tex=r"\#\{i : b_i \le x\}", doc="The bin of each element, from 0 before the first edge; an element on an edge is in the bin behind it.",
    samples=lambda make: [((make(2, 3), np.array([-1.0, 0.0, 1.0])), {}), ((np.array([0.0, 1.0]), np.array([0.0, 1.0])), {"right": True}),
                          ((make(4), np.array([1.0, -1.0])), {})],
    errors=lambda make: [((make(3), np.array([0.0, 2.0, 1.0])), {}, "ArgumentError"), ((make(3), make(2, 3)), {}, "ShapeError"),
                         ((make.text(3), make(2)), {}, "DTypeError")],
    expects="edges that rise or fall, along one axis", fix="gd.digitize(x, gd.sort(bins, axis=None))",
    torch="torch.bucketize(x, bins, right=not right) if bins[-1] >= bins[0] "
          "else len(bins) - torch.bucketize(x, bins.flip(0), right=not right)",
)


def _bincount(xp, x, weights, minlength):
    if x.dtype.kind not in "biu":
        raise DTypeError("only integers count", op="bincount", got=x.dtype.name, expected="integers", fix="gd.bincount(x.astype(int))")
    if x.ndim != 1 or (weights is not None and weights.shape != x.shape):
        raise ShapeError(
            "one axis is needed, and a weight for each element", op="bincount", got=(x.shape, getattr(weights, "shape", None)),
            expected="x (n,), weights (n,) or None", fix="gd.bincount(x.ravel())",
        )
    place = x.numpy().astype(int)
    if place.min(initial=0) < 0:
        raise ArgumentError(
            "a negative number", op="bincount", got=int(place.min()), expected="numbers from 0", fix="gd.bincount(x - x.min())"
        )
    size = max(int(place.max(initial=-1)) + 1, minlength)
    return xp.add_at(np.ones(place.shape, int) if weights is None else weights, index=place, shape=(size,))


bincount = composed(
    "bincount", lambda xp, x, weights=None, *, minlength=0: _bincount(xp, x, weights, minlength), nondiff=("x",), method=False,
    tex=r"y_k = \sum_{i : x_i = k} w_i", doc="How often each number from 0 on occurs in an array of integers, or the sum of its weights.",
    samples=lambda make: [((np.array([0, 2, 2, 5]), make(4)), {}), ((np.array([1, 0]), make(2)), {"minlength": 4}),
                          ((np.array([], dtype=int), make(0)), {"minlength": 2})],
    errors=lambda make: [((np.abs(make(3)),), {}, "DTypeError"), ((np.eye(2, dtype=int),), {}, "ShapeError"),
                         ((np.array([0, 1]), make(3)), {}, "ShapeError"), ((np.array([0, -1]),), {}, "ArgumentError")],
    torch="torch.zeros(max(x.max().item() + 1 if len(x) else 0, minlength), dtype=weights.dtype).index_add(0, x, weights)",
)


def _edges(xp, x, bins, range_):
    """The given edges, or those of so many equal bins in a range, by default from the smallest element to the largest."""
    if not isinstance(bins, int | np.integer):
        edges = xp.asarray(bins if hasattr(bins, "dtype") else np.asarray(bins, x.dtype))
    else:
        low, high = np.asarray(range_ or (0.0, 1.0), x.dtype) if range_ or not x.size else (xp.min(x), xp.max(x))
        low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
        step = (high - low) / max(bins, 1)
        edges = xp.concat([np.arange(bins).astype(x.dtype) * step + low, xp.reshape(high, (1,))])
    steps = (edges[1:] - edges[:-1]).numpy()
    if not (steps.size and (steps >= 0).all()):  # so NaN is none
        raise ArgumentError("the edges do not rise")
    return edges


def _histogram(xp, x, bins, range_, density):
    """The last bin has both its edges; what lies outside is not counted."""
    x = xp.reshape(floating(xp, x), (-1,))
    edges = _edges(xp, x, bins, range_)
    size = edges.shape[0] - 1
    place = xp.searchsorted(edges, x, side="right").numpy() - 1
    place = np.where(x.numpy() == edges.numpy()[-1], size - 1, place)
    counts = xp.bincount(place[(place >= 0) & (place < size)], minlength=size)
    if density:
        counts = xp.astype(counts, dtype=edges.dtype) / (edges[1:] - edges[:-1]) / counts.sum().item()
    return counts, edges


histogram = composed(
    "histogram", lambda xp, x, *, bins=10, range=None, density=False: _histogram(xp, x, bins, range, density), several=True,
    tex=r"\#\{i : b_k \le x_i < b_{k+1}\}", doc="How many elements are in each bin, or their density, and the edges of the bins.",
    samples=lambda make: [((make(2, 4),), {"bins": 4}), ((make(6),), {"bins": 3, "range": (-1.0, 1.5)}),
                          ((make(8),), {"bins": (-1.0, 0.5, 1.0), "density": True})],
    errors=lambda make: [((make(3),), {"bins": 0}, "ArgumentError"), ((make(3),), {"bins": np.array([1.0, 0.0])}, "ArgumentError"),
                         ((make(3),), {"range": (1.0, 0.0)}, "ArgumentError"), ((make.text(3),), {}, "DTypeError")],
    expects="a number of bins, or edges that rise", fix="gd.histogram(x[gd.isfinite(x)], 10)",
    torch="(torch.histogram(x.detach(), bins, range=range).hist, torch.lerp(*(torch.aminmax(x) if range is None else x.new_tensor(range)), "
          "torch.linspace(0, 1, bins + 1, dtype=x.dtype))) if isinstance(bins, int) "
          "else torch.histogram(x.detach(), x.new_tensor(bins), density=density)",
)
