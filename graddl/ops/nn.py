"""Functions of neural networks: softmax, affine maps, normalization, dropout, attention."""

import math

import numpy as np

from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import get_default_dtype
from ..random import Generator, default_generator
from ._complaints import complain, misfits
from ._define import composed, general
from ._explain import shape_of


# ------------------------------------------------------------------------------------------------ softmax
def _softmax(xp, x, axis):
    if 0 in shape_of(x):  # of no numbers none is the largest
        return xp.exp(x)
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))  # the shift keeps exp from overflowing
    return e / xp.sum(e, axis=axis, keepdims=True)


def _centre(xp, g, y, axis):
    """g's part in the directions in which a softmax y can move: y (g - Σ g y)."""
    return y * (g - xp.sum(g * y, axis=axis, keepdims=True))


def _axis_samples(make):
    return [((make(2, 3),), {}), ((make(2, 3),), {"axis": 0}), ((make(4),), {}), ((make(2, 3, 2),), {"axis": 1})]


def _axis_errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {"axis": -2}, "IndexError_"), ((make.text(4),), {}, "DTypeError")]


softmax = general(
    "softmax", lambda xp, x, *, axis=-1: _softmax(xp, x, axis),
    vjp={"x": lambda xp, g, y, *, axis: _centre(xp, g, y, axis)},
    jvp={"x": lambda xp, t, y, *, axis: _centre(xp, t, y, axis)},
    tex=r"\frac{e^{x_i}}{\sum_j e^{x_j}}", doc="Positive numbers that add up to 1 along an axis.",
    samples=_axis_samples, errors=_axis_errors, torch="F.softmax(x, dim=axis)",
)


def log_of_softmax(xp, x, axis):
    """ln softmax(x), shifted so that exp does not overflow."""
    if 0 in shape_of(x):
        return xp.exp(x)
    x = x - xp.max(x, axis=axis, keepdims=True)
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


log_softmax = general(
    "log_softmax", lambda xp, x, *, axis=-1: log_of_softmax(xp, x, axis),
    vjp={"x": lambda xp, g, y, *, axis: g - xp.exp(y) * xp.sum(g, axis=axis, keepdims=True)},
    jvp={"x": lambda xp, t, y, *, axis: t - xp.sum(xp.exp(y) * t, axis=axis, keepdims=True)},
    tex=r"x_i - \ln \sum_j e^{x_j}", doc="The logarithm of softmax, without its overflow and underflow.",
    samples=_axis_samples, errors=_axis_errors, torch="F.log_softmax(x, dim=axis)",
)
softmin = composed(
    "softmin", lambda xp, x, *, axis=-1: xp.softmax(-x, axis=axis), method=False,
    tex=r"\frac{e^{-x_i}}{\sum_j e^{-x_j}}", doc="The softmax of -x: the smallest number gets the largest share.",
    samples=_axis_samples, errors=_axis_errors, torch="F.softmin(x, dim=axis)",
)


# ------------------------------------------------------------------------------------------------ affine maps
def _linear(xp, x, w, b):
    if shape_of(x)[-1:] != shape_of(w)[1:]:
        raise ValueError(f"x {shape_of(x)} and weight {shape_of(w)} do not fit")
    y = xp.matmul(x, xp.matrix_transpose(w))
    if b is None:
        return y
    if shape_of(b) != y.shape[-1:]:
        raise ValueError(f"bias {shape_of(b)} and weight {shape_of(w)} do not fit")
    return xp.add(y, b)


def _linear_weight(xp, g, x):
    """The weight's gradient gᵀ x, with all leading axes taken as one."""
    if g.ndim != 2:
        g, x = xp.reshape(g, (-1, g.shape[-1])), xp.reshape(x, (-1, x.shape[-1]))
    return xp.matmul(xp.matrix_transpose(g), x)


def _linear_fix(shapes, params):
    """The weight transposed, or as much of x and weight as fits; a bias that is too small is left out."""
    x, weight, bias = (*shapes, ())[:3]
    xs, n = ("x", x[-1]) if x else ("x.reshape(1)", 1)
    ws, (rows, columns) = ("weight", weight) if len(weight) == 2 else ("weight.reshape(1, -1)", (1, math.prod(weight)))
    if columns != n and rows == n:
        ws, rows = ws + ".mT", columns
    elif columns != n:
        xs, ws = f"{xs}[..., :{columns}]", f"{ws}[:, :{n}]"
    fits = bias and math.prod(bias) >= rows
    bs = "" if not fits else ", bias" if bias == (rows,) else f", bias.reshape(-1)[:{rows}]"
    return f"gd.linear({xs}, {ws}{bs})"


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
    errors=lambda make: [*misfits((make(2, 3), make(3, 4)), (make(2, 3), make(4, 3), make(3)), (make(2, 5), make(4, 3), make(4, 1)),
                                  (make(2, 3), make(3)), (make(2, 3), make(4, 3), make(1)), (make(), make(4, 3))),
                         ((make(2, 3), make.text(4, 3)), {}, "DTypeError")],
    expects="x (..., in), weight (out, in), bias (out,)", fix=_linear_fix, torch="F.linear(x, weight, bias)",
)


def _bilinear(xp, x1, x2, weight, bias):
    """x1 through the weight first: that leaves a matrix (out, in2) for each sample, which x2 is multiplied by."""
    sizes, shapes = x1.shape[-1:] + x2.shape[-1:], (x1.shape, x2.shape, weight.shape)
    if len(sizes) != 2 or len(weight.shape) != 3 or tuple(weight.shape[1:]) != sizes:
        raise ShapeError("x1 {}, x2 {} and weight {} do not fit".format(*map(tuple, shapes)))
    weight = xp.permute_dims(weight, (1, 0, 2))  # (in1, out, in2)
    n, *shape = weight.shape
    m = xp.reshape(xp.matmul(x1, xp.reshape(weight, (n, -1))), (*x1.shape[:-1], *shape))
    y = xp.squeeze(xp.matmul(m, xp.expand_dims(x2, axis=-1)), axis=-1)
    return y if bias is None else y + bias


def _bilinear_fix(shapes, params):
    """As much of each array as fits, without the bias."""
    x1, x2, w = ((1, 1, 1, *s)[-3:] for s in shapes[:3])
    a, b = min(x1[-1], w[1]), min(x2[-1], w[2])
    rows = "" if x1[:-1] == x2[:-1] else f":{min(x1[-2], x2[-2])}, "
    return f"gd.bilinear(x1[{rows}..., :{a}], x2[{rows}..., :{b}], weight[{':' if len(shapes[2]) == 3 else None}, :{a}, :{b}])"


bilinear = composed(
    "bilinear", lambda xp, x1, x2, weight, bias=None: _bilinear(xp, x1, x2, weight, bias), method=False,
    tex=r"y_k = x_1^\top W_k x_2 + b_k", doc="A map linear in each of two inputs; weight has shape (out, in1, in2), bias (out,) or None.",
    samples=lambda make: [((make(2, 3), make(2, 2), make(4, 3, 2), make(4)), {}), ((make(2, 3), make(2, 2), make(1, 3, 2)), {}),
                          ((make(3), make(2), make(2, 3, 2), make(2)), {}), ((make(2, 1, 3), make(2, 1, 2), make(2, 3, 2)), {})],
    errors=lambda make: [*misfits((make(2, 3), make(2, 2), make(4, 2, 3)), (make(2, 3), make(3, 2), make(4, 3, 2)),
                                  (make(2, 3), make(2, 2), make(3, 2)), (make(2, 3), make(2, 2), make(4, 3, 2), make(3))),
                         ((make(2, 3), make.text(2, 2), make(4, 3, 2)), {}, "DTypeError")],
    expects="x1 (..., in1), x2 (..., in2), weight (out, in1, in2), bias (out,)", fix=_bilinear_fix,
    torch="F.bilinear(x1, x2, weight, bias)",
)

# ------------------------------------------------------------------------------------------------ normalization
def _standardize(xp, x, axis, eps):
    """(y, 1 / σ): the mean taken off, then divided by the standard deviation."""
    x = x - xp.mean(x, axis=axis, keepdims=True)
    r = 1 / xp.sqrt(xp.mean(x * x, axis=axis, keepdims=True) + eps)
    return x * r, (r,)


def _standardize_grad(xp, g, y, r, axis):
    """g without its mean and its part along y, times 1 / σ."""
    return r * (g - xp.mean(g, axis=axis, keepdims=True) - y * xp.mean(g * y, axis=axis, keepdims=True))


standardize = general(
    "standardize", lambda xp, x, *, axis=-1, eps=1e-5: _standardize(xp, x, axis, eps), method=False,
    vjp={"x": lambda xp, g, y, r, *, axis: _standardize_grad(xp, g, y, r, axis)},
    residuals=("r",), composition=lambda xp, x, axis=-1, eps=1e-5: _standardize(xp, x, axis, eps)[0],
    tex=r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}", doc="Mean 0 and variance 1 along axes; eps keeps equal numbers from 0 / 0.",
    samples=lambda make: [*_axis_samples(make), ((make(2, 3, 2),), {"axis": (-2, -1), "eps": 0.5}), ((make(0, 3),), {}),
                          ((make(2, 1),), {})],
    errors=_axis_errors,
    torch="(x - x.mean(axis, keepdim=True)) / (x.var(axis, correction=0, keepdim=True) + eps).sqrt()",
)


def _last_axes(name, x, normalized_shape, *parameters, **params):
    """The axes that normalized_shape stands for: the last ones of x. Weight and bias have that shape."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    k, expected = len(shape), "x (..., *normalized_shape), weight and bias (*normalized_shape)"
    last = x.shape[-k:] if 0 < k <= x.ndim else x.shape[-1:]
    kept = [p if p is not None and p.shape == last else None for p in parameters]
    params["normalized_shape"] = last
    if last != shape:
        complain(ShapeError, name, f"x {x.shape} does not end in {shape}", x.shape, expected, (x, *kept), params)
    for p in parameters:
        if p is not None and p.shape != shape:
            complain(ShapeError, name, f"a weight or bias {p.shape} for {shape}", p.shape, expected, (x, *kept), params)
    return tuple(range(-k, 0))


def _scaled(y, weight, bias=None):
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _layer_norm(xp, x, weight, bias, normalized_shape, eps):
    axes = _last_axes("layer_norm", x, normalized_shape, weight, bias, eps=eps)
    return _scaled(xp.standardize(x, axis=axes, eps=eps), weight, bias)


layer_norm = composed(
    "layer_norm", lambda xp, x, weight=None, bias=None, *, normalized_shape, eps=1e-5: _layer_norm(
        xp, x, weight, bias, normalized_shape, eps),
    order=("x", "normalized_shape", "weight", "bias", "eps"), method=False,
    tex=r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b",
    doc="Mean 0 and variance 1 over the last axes, whose shape is given; then weight and bias.",
    samples=lambda make: [((make(2, 3),), {"normalized_shape": 3}), ((make(2, 3), make(3), make(3)), {"normalized_shape": (3,)}),
                          ((make(2, 2, 3), make(2, 3)), {"normalized_shape": (2, 3), "eps": 0.1}),
                          ((make(4),), {"normalized_shape": (4,)})],
    errors=lambda make: [((make(2, 3),), {"normalized_shape": 2}, "ShapeError"), ((make(3),), {"normalized_shape": (2, 3)}, "ShapeError"),
                         ((make(2, 3), make(2), make(3)), {"normalized_shape": 3}, "ShapeError"),
                         ((make.text(2, 3),), {"normalized_shape": 3}, "DTypeError")],
    torch="F.layer_norm(x, normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,), weight, bias, eps)",
)


def _rms_norm(xp, x, weight, normalized_shape, eps):
    axes = _last_axes("rms_norm", x, normalized_shape, weight, eps=eps)
    m = xp.mean(xp.square(x), axis=axes, keepdims=True)
    return _scaled(x / xp.sqrt(m + (np.finfo(m.dtype).eps if eps is None else eps)), weight)


rms_norm = composed(
    "rms_norm", lambda xp, x, weight=None, *, normalized_shape, eps=None: _rms_norm(xp, x, weight, normalized_shape, eps),
    order=("x", "normalized_shape", "weight", "eps"), method=False,
    tex=r"\frac{x}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}} w",
    doc="Divided by the root of the mean square over the last axes; eps None stands for the dtype's own.",
    samples=lambda make: [((make(2, 3),), {"normalized_shape": 3}), ((make(2, 3), make(3)), {"normalized_shape": (3,), "eps": 0.1}),
                          ((make(2, 2, 3), make(2, 3)), {"normalized_shape": (2, 3)})],
    errors=lambda make: [((make(2, 3),), {"normalized_shape": 2}, "ShapeError"),
                         ((make(2, 3), make(2)), {"normalized_shape": (3,)}, "ShapeError"),
                         ((make.text(2, 3),), {"normalized_shape": 3}, "DTypeError")],
    torch="F.rms_norm(x, normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,), weight, eps)",
)


def _group_norm(xp, x, weight, bias, num_groups, eps):
    shape, params = x.shape, {"num_groups": num_groups, "eps": eps}
    if len(shape) < 2:
        complain(ShapeError, "group_norm", f"x {shape} has no axis of channels", shape, "x (N, C, ...)", (x,), params | {"num_groups": 1},
                 x="x.reshape(-1, 1)")
    channels = shape[1]
    if num_groups < 1 or channels % num_groups:
        divisor = max(k for k in range(1, max(num_groups, 1) + 1) if channels % k == 0)
        complain(ArgumentError, "group_norm", f"{channels} channels cannot be parted into {num_groups} equal groups", num_groups,
                 f"a divisor of {channels}", (x, weight, bias), params | {"num_groups": divisor})
    for p in (weight, bias):
        if p is not None and p.shape != (channels,):
            complain(ShapeError, "group_norm", f"a weight or bias {p.shape} for {channels} channels", p.shape, (channels,), (x,), params)
    y = xp.standardize(xp.reshape(x, (shape[0], num_groups, math.prod(shape[1:]) // num_groups)), axis=-1, eps=eps)
    each = (channels, *[1] * (len(shape) - 2))  # weight and bias go along axis 1
    return _scaled(xp.reshape(y, shape), *(None if p is None else xp.reshape(p, each) for p in (weight, bias)))


group_norm = composed(
    "group_norm", lambda xp, x, weight=None, bias=None, *, num_groups, eps=1e-5: _group_norm(xp, x, weight, bias, num_groups, eps),
    order=("x", "num_groups", "weight", "bias", "eps"), method=False,
    tex=r"\frac{x - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}} w + b",
    doc="Mean 0 and variance 1 over each group of channels, x (N, C, ...); then a weight and a bias for each channel.",
    samples=lambda make: [((make(2, 4), make(4), make(4)), {"num_groups": 2}), ((make(2, 4, 3),), {"num_groups": 4}),
                          ((make(2, 2, 2, 2), make(2)), {"num_groups": 1, "eps": 0.1})],
    errors=lambda make: [((make(2, 4),), {"num_groups": 3}, "ArgumentError"), ((make(2, 4),), {"num_groups": 0}, "ArgumentError"),
                         ((make(4),), {"num_groups": 2}, "ShapeError"), ((make(2, 4), make(2)), {"num_groups": 2}, "ShapeError"),
                         ((make.text(2, 4),), {"num_groups": 2}, "DTypeError")],
    torch="F.group_norm(x, num_groups, weight, bias, eps)",
)
normalize = composed(
    "normalize", lambda xp, x, *, p=2, axis=1, eps=1e-12: x / xp.maximum(
        xp.vector_norm(x, ord=p, axis=axis, keepdims=True), eps), method=False,
    tex=r"\frac{x}{\max(\|x\|_p, \epsilon)}", doc="Vectors along an axis at length 1, measured by the p-norm.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"p": 1}), ((make(3),), {"p": 3, "axis": 0}), ((make(2, 3),), {"eps": 9.0}),
                          ((make(2, 3, 2),), {"axis": -1}), ((make(2, 3),), {"p": math.inf})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {}, "IndexError_"),
                         ((make.text(2, 3),), {}, "DTypeError")],
    torch="F.normalize(x, p, axis, eps)",
)


# ------------------------------------------------------------------------------------------------ dropout
def _kept(name, x, p, training, generator):
    """1 where a random number is at least p, else 0: drawn once, so that the gradient meets the same ones. An int is a seed."""
    if not 0 <= p <= 1:
        complain(ArgumentError, name, "p is a probability", p, "0 to 1", (x,), {"training": training, "p": min(max(p, 0.0), 1.0)})
    if isinstance(generator, int):
        generator = Generator(generator)
    kept = (generator or default_generator).numpy.random(x.shape, dtype=np.float32) >= p
    return kept.astype(x.dtype if x.dtype.kind == "f" else get_default_dtype())


def _dropout(xp, x, p, training, generator):
    if not training or p == 0:
        return x
    kept = _kept("dropout", x, p, training, generator)
    return x * xp.asarray(kept / (1 - p) if p < 1 else kept)


def _dropout_errors(make):
    return [((make(2, 3),), {"p": 1.5, "training": True}, "ArgumentError"), ((make(2, 3),), {"p": -0.1, "training": True}, "ArgumentError"),
            ((make.text(2, 3),), {}, "DTypeError")]


dropout = composed(
    "dropout", lambda xp, x, *, p=0.5, training=True, generator=None: _dropout(xp, x, p, training, generator), method=False,
    tex=r"\frac{m x}{1 - p}, \quad m \in \{0, 1\}, \; P(m = 0) = p",
    doc="While training, each element is set to 0 with probability p, and the others grow so that the mean stays; generator may be a seed.",
    samples=lambda make: [((make(2, 3),), {"training": False}), ((make(2, 3),), {"p": 0.0}), ((make(2, 3),), {"p": 1.0})],
    errors=_dropout_errors, torch="F.dropout(x, p, training)",
)
_ALPHA = 1.7580993408473766  # -selu(-∞)


def _alpha_dropout(xp, x, p, training, generator):
    if not training or p == 0:
        return x
    kept = _kept("alpha_dropout", x, p, training, generator)
    a = 1 / math.sqrt((_ALPHA**2 * p + 1) * (1 - p)) if p < 1 else 0
    return x * xp.asarray(a * kept) + xp.asarray(a * _ALPHA * (kept - (1 - p)))


alpha_dropout = composed(
    "alpha_dropout", lambda xp, x, *, p=0.5, training=False, generator=None: _alpha_dropout(xp, x, p, training, generator), method=False,
    tex=r"a \left( m x - \alpha (1 - m) \right) + a \alpha p",
    doc="Dropout for selu: elements take its lowest value with probability p, and mean 0 and variance 1 stay; generator may be a seed.",
    samples=lambda make: [((make(2, 3),), {}), *(((make(2, 3),), {"p": p, "training": True}) for p in (0.0, 1.0))],
    errors=_dropout_errors, torch="F.alpha_dropout(x, p, training)",
)


# ------------------------------------------------------------------------------------------------ attention
def _attention(xp, query, key, value, attn_mask, dropout_p, is_causal, scale, generator):
    name, given = "scaled_dot_product_attention", (query, key, value, attn_mask)
    params = {"dropout_p": dropout_p, "is_causal": is_causal, "scale": scale}
    flat = {k: f"{k}.reshape(1, -1)" for k, x in zip(("query", "key", "value"), given, strict=False) if x.ndim < 2}
    if flat:
        complain(ShapeError, name, f"{', '.join(flat)} has no axis of positions", tuple(x.shape for x in given[:3]),
                 "query (..., L, E), key (..., S, E), value (..., S, V)", given, params, **flat)
    if is_causal and attn_mask is not None:
        complain(ArgumentError, name, "is_causal=True is a mask of its own", "attn_mask and is_causal", "one of them", given,
                 params | {"is_causal": False})
    scores = xp.matmul(query * (1 / math.sqrt(query.shape[-1]) if scale is None else scale), xp.matrix_transpose(key))
    if is_causal:
        attn_mask = xp.expand_dims(xp.arange(scores.shape[-2]), axis=-1) >= xp.arange(scores.shape[-1])
    if attn_mask is None:
        weights = xp.softmax(scores)
    elif attn_mask.dtype.kind == "b":
        weights = _masked_softmax(xp, xp.where(attn_mask, scores, -math.inf), attn_mask)
    elif attn_mask.dtype.kind == "f":
        weights = _masked_softmax(xp, scores + attn_mask, attn_mask != -math.inf)  # NaN stays
    else:
        complain(DTypeError, name, "a mask is boolean, or floating numbers to be added", str(attn_mask.dtype), "bool or float", given,
                 params, attn_mask="attn_mask.astype(bool)")
    return xp.matmul(xp.dropout(weights, p=dropout_p, generator=generator), value)


def _masked_softmax(xp, scores, allowed):
    """The softmax, and 0 rather than NaN for a query that may look at nothing, as in PyTorch."""
    nothing = xp.logical_not(xp.any(allowed, axis=-1, keepdims=True))
    if not xp.any(nothing):
        return xp.softmax(scores)
    return xp.where(nothing, 0, xp.softmax(xp.where(nothing, 0, scores)))


def _attention_fix(shapes, params):
    """As many features and positions as fit, without a mask."""
    query, key, value = shapes[:3]
    e, s = min(query[-1], key[-1]), min(key[-2], value[-2])
    return f"gd.scaled_dot_product_attention(query[..., :{e}], key[..., :{s}, :{e}], value[..., :{s}, :])"


scaled_dot_product_attention = composed(
    "scaled_dot_product_attention",
    lambda xp, query, key, value, attn_mask=None, *, dropout_p=0.0, is_causal=False, scale=None, generator=None: _attention(
        xp, query, key, value, attn_mask, dropout_p, is_causal, scale, generator), method=False,
    tex=r"\operatorname{softmax}\left(\frac{Q K^\top}{\sqrt{E}} + M\right) V",
    doc="Each query takes a mean of the values, weighted by how well their keys match it; where a boolean mask is False it does not look.",
    samples=lambda make: [((make(2, 3), make(4, 3), make(4, 2)), {}), ((make(2, 2, 3), make(2, 2, 3), make(2, 2, 3)), {"is_causal": True}),
                          ((make(2, 3), make(4, 3), make(4, 2), np.array([[1, 0, 1, 1], [0, 0, 0, 1]]) > 0), {}),
                          ((make(2, 3), make(2, 3), make(2, 2), np.array([[1, 0], [0, 0]]) > 0), {"scale": 0.5}),
                          ((make(2, 3), make(4, 3), make(4, 2), make(2, 4)), {}),
                          ((make(2, 3), make(2, 3), make(2, 2)), {"dropout_p": 1.0}),
                          ((make(1, 2, 1, 3), make(1, 2, 2, 3), make(1, 2, 2, 1)), {})],
    errors=lambda make: [*misfits((make(2, 3), make(4, 2), make(4, 2)), (make(2, 3), make(4, 3), make(3, 2)),
                                  (make(2, 3), make(3), make(1, 2)), (make(2, 3), make(4, 3), make(4, 2), make(3, 4))),
                         ((make(2, 3), make(4, 3), make(4, 2), make(2, 4) > 0), {"is_causal": True}, "ArgumentError"),
                         ((make(2, 3), make(4, 3), make(4, 2), np.ones((2, 4), int)), {}, "DTypeError"),
                         ((make(2, 3), make.text(4, 3), make(4, 2)), {}, "DTypeError")],
    expects="query (..., L, E), key (..., S, E), value (..., S, V), attn_mask (..., L, S)", fix=_attention_fix,
    torch="F.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale)",
)
