"""Convolution and its transpose. Channels stand before the last axes, over which the kernel moves.

Sums of products over windows are three primitives, each the others' derivative: see
`graddl._convolution`. ``padding="same"`` at a stride s gives ceil(n / s) windows, as TensorFlow does:
of max((ceil(n / s) - 1) s + d (k - 1) + 1 - n, 0) zeros the odd one comes at the end.
"""

from ..errors import ArgumentError, GraddlError, ShapeError
from ._define import general, linear
from ._explain import shape_of
from ._windows import conv_place, each, transposed_place, usable, with_axes

# ------------------------------------------------------------------------------------------------ windows and products
_PLACE = {"stride": (2,), "dilation": (1,), "before": (1,)}
_PLACE2 = {"stride": (1, 2), "dilation": (2, 1), "before": (1, 0)}
windows = general(
    "windows", lambda xp, x, *, kernel, stride, dilation, before, size, fill=0: xp.windows(
        x, kernel=kernel, stride=stride, dilation=dilation, before=before, size=size, fill=fill),
    vjp={"x": lambda xp, g, *, shapes, stride, dilation, before: xp.add_windows(
        g, shape=shapes[0][-len(stride):], stride=stride, dilation=dilation, before=before)},
    jvp={"x": lambda xp, t, *, kernel, stride, dilation, before, size: xp.windows(
        t, kernel=kernel, stride=stride, dilation=dilation, before=before, size=size)},
    tex=r"y_{k i} = x_{s i + d k - p}", doc="All windows of the last axes.", hidden=True, method=False,
    samples=lambda make: [((make(2, 5),), {**_PLACE, "kernel": (2,), "size": (3,)}),
                          ((make(4, 3),), {**_PLACE2, "kernel": (2, 2), "size": (4, 1), "fill": 2.0})],
    torch="",
)
add_windows = linear(
    "add_windows", lambda xp, x, *, shape, stride, dilation, before: xp.add_windows(
        x, shape=shape, stride=stride, dilation=dilation, before=before),
    transpose=lambda xp, g, *, shapes, stride, dilation, before: xp.windows(
        g, kernel=shapes[0][-2 * len(stride):-len(stride)], size=shapes[0][-len(stride):], stride=stride, dilation=dilation, before=before),
    tex=r"y_{s i + d k - p} \mathrel{+}= x_{k i}", doc="Windows added up where they come from.", hidden=True, method=False,
    samples=lambda make: [((make(2, 2, 3),), {**_PLACE, "shape": (5,)}), ((make(2, 2, 4, 1),), {**_PLACE2, "shape": (4, 3)})],
    torch="",
)
conv = general(
    "conv", lambda xp, x, w, *, stride, dilation, before, size, groups: xp.conv(
        x, w, stride=stride, dilation=dilation, before=before, size=size, groups=groups),
    vjp={"x": lambda xp, g, w, *, shapes, stride, dilation, before, groups: xp.conv_input(
            g, w, shape=shapes[0][-len(stride):], stride=stride, dilation=dilation, before=before, groups=groups),
         "w": lambda xp, g, x, *, shapes, stride, dilation, before, groups: xp.conv_weight(
            g, x, kernel=shapes[1][2:], stride=stride, dilation=dilation, before=before, groups=groups)},
    jvp={"x": lambda xp, t, w, *, stride, dilation, before, size, groups: xp.conv(
            t, w, stride=stride, dilation=dilation, before=before, size=size, groups=groups),
         "w": lambda xp, t, x, *, stride, dilation, before, size, groups: xp.conv(
            x, t, stride=stride, dilation=dilation, before=before, size=size, groups=groups)},
    tex=r"y_{f i} = \sum_{c k} w_{f c k} x_{c, s i + d k - p}", doc="Products of windows and weights.", hidden=True, method=False,
    samples=lambda make: [((make(2, 2, 5), make(2, 1, 2)), {**_PLACE, "size": (3,), "groups": 2}),
                          ((make(2, 4, 3), make(3, 2, 2, 2)), {**_PLACE2, "size": (3, 1), "groups": 1})],
    torch="",
)
conv_input = general(
    "conv_input", lambda xp, u, w, *, shape, stride, dilation, before, groups: xp.conv_input(
        u, w, shape=shape, stride=stride, dilation=dilation, before=before, groups=groups),
    vjp={"u": lambda xp, g, w, *, shapes, stride, dilation, before, groups: xp.conv(
            g, w, size=shapes[0][-len(stride):], stride=stride, dilation=dilation, before=before, groups=groups),
         "w": lambda xp, g, u, *, shapes, stride, dilation, before, groups: xp.conv_weight(
            u, g, kernel=shapes[1][2:], stride=stride, dilation=dilation, before=before, groups=groups)},
    jvp={"u": lambda xp, t, w, *, shape, stride, dilation, before, groups: xp.conv_input(
            t, w, shape=shape, stride=stride, dilation=dilation, before=before, groups=groups),
         "w": lambda xp, t, u, *, shape, stride, dilation, before, groups: xp.conv_input(
            u, t, shape=shape, stride=stride, dilation=dilation, before=before, groups=groups)},
    tex=r"y_{c, s i + d k - p} \mathrel{+}= \sum_f w_{f c k} u_{f i}", doc="The gradient of a convolution's input.", hidden=True, method=False,
    samples=lambda make: [((make(2, 2, 3), make(2, 1, 2)), {**_PLACE, "shape": (5,), "groups": 2}),
                          ((make(3, 3, 1), make(3, 2, 2, 2)), {**_PLACE2, "shape": (4, 3), "groups": 1})],
    torch="",
)
conv_weight = general(
    "conv_weight", lambda xp, u, x, *, kernel, stride, dilation, before, groups: xp.conv_weight(
        u, x, kernel=kernel, stride=stride, dilation=dilation, before=before, groups=groups),
    vjp={"u": lambda xp, g, x, *, shapes, stride, dilation, before, groups: xp.conv(
            x, g, size=shapes[0][-len(stride):], stride=stride, dilation=dilation, before=before, groups=groups),
         "x": lambda xp, g, u, *, shapes, stride, dilation, before, groups: xp.conv_input(
            u, g, shape=shapes[1][-len(stride):], stride=stride, dilation=dilation, before=before, groups=groups)},
    jvp={"u": lambda xp, t, x, *, kernel, stride, dilation, before, groups: xp.conv_weight(
            t, x, kernel=kernel, stride=stride, dilation=dilation, before=before, groups=groups),
         "x": lambda xp, t, u, *, kernel, stride, dilation, before, groups: xp.conv_weight(
            u, t, kernel=kernel, stride=stride, dilation=dilation, before=before, groups=groups)},
    tex=r"y_{f c k} = \sum_i u_{f i} x_{c, s i + d k - p}", doc="The gradient of a convolution's weight.", hidden=True, method=False,
    samples=lambda make: [((make(2, 2, 3), make(2, 2, 5)), {**_PLACE, "kernel": (2,), "groups": 2}),
                          ((make(3, 3, 1), make(2, 4, 3)), {**_PLACE2, "kernel": (2, 2), "groups": 1})],
    torch="",
)


# ------------------------------------------------------------------------------------------------ convolution
def _check_channels(n, shapes, groups, transposed):
    """That x (N, C, ...) or (C, ...), weight and bias go together; weight[0] is x's channels in a transposed convolution."""
    x, weight, bias = shapes
    if len(x) not in (n + 1, n + 2) or len(weight) != n + 2:
        raise ShapeError(f"x has {len(x)} axes and weight {len(weight)}, not {n + 2} (x may come without the first one)")
    (groups,), got = each("groups", groups, 1), f"got x {x}, weight {weight}, groups={groups}"
    channels, takes = x[-n - 1], weight[0] if transposed else weight[1] * groups
    if weight[0] % groups or channels % groups:
        raise ArgumentError(f"groups={groups} does not divide {channels} channels and {weight[0]} rows of weight; {got}")
    if channels != takes:
        raise ShapeError(f"x has {channels} channels, weight takes {takes}; {got}")
    out = weight[1] * groups if transposed else weight[0]
    if bias is not None and bias != (out,):
        raise ShapeError(f"bias {bias} for {out} output channels; {got}")


def _conv(xp, n, x, weight, bias, groups, *how):
    """The convolution over n axes, when all is checked."""
    shapes: list = [None if a is None else shape_of(a) for a in (x, weight, bias)]
    _check_channels(n, shapes, groups, transposed=False)
    size, place = conv_place(shapes[0], shapes[1][2:], *how)
    y = xp.conv(x, weight, size=size, groups=groups, **place)
    return y if bias is None else y + _beside(xp, bias, size)


def _transposed(xp, n, x, weight, bias, groups, *how):
    shapes: list = [None if a is None else shape_of(a) for a in (x, weight, bias)]
    _check_channels(n, shapes, groups, transposed=True)
    shape, place = transposed_place(shapes[0], shapes[1][2:], *how)
    y = xp.conv_input(x, weight, shape=shape, groups=groups, **place)
    return y if bias is None else y + _beside(xp, bias, shape)


def _beside(xp, bias, size):
    """A bias (F,) as (F, 1, ...), to be broadcast over pixels."""
    return xp.reshape(bias, (-1, *[1] * len(size)))


def _to_pixels(xp, t, shapes, size):
    """A tangent of the bias for each sample and pixel."""
    lead = shapes[0][: -len(shapes[1][1:])]
    return xp.broadcast_to(_beside(xp, t, size), (*lead, t.shape[0], *size))


def _sum_to_channels(xp, g, shapes):
    """The gradient of a bias: all axes but that of the channels are summed over."""
    channels = g.ndim + 1 - len(shapes[1])
    return xp.sum(g, axis=tuple(a for a in range(g.ndim) if a != channels))


def _last(shapes, i):
    """The i-th input's shape without samples and channels."""
    return shapes[i][2 - len(shapes[1]):]


def _whole_place(shapes, *how):
    size, place = conv_place(shapes[0], shapes[1][2:], *how)
    return {**place, "size": size}


def _whole_place_t(shapes, *how):
    shape, place = transposed_place(shapes[0], shapes[1][2:], *how)
    return {**place, "shape": shape}


def _place(shapes, *how):
    return conv_place(shapes[0], shapes[1][2:], *how)[1]


def _place_t(shapes, *how):
    return transposed_place(shapes[0], shapes[1][2:], *how)[1]


def _conv_fix(name, n, transposed):
    """Of a wrong call one that works: other groups, fewer channels, "same" for a large kernel, no bias that does not fit."""
    defaults = {"stride": 1, "padding": 0, **({"output_padding": 0} if transposed else {}), "dilation": 1, "groups": 1}
    least = {k: v for k, v in defaults.items() if k != "groups"}

    def fix(shapes, params):
        x, weight, bias = (*shapes, ())[:3]
        xs, x = with_axes("x", x, n + 1, n + 2)
        ws, weight = with_axes("weight", weight, n + 2, n + 2)
        takes = weight[0] if transposed else weight[1]
        if x[-1] == takes != x[-n - 1]:
            xs, x = f"gd.moveaxis({xs}, -1, {-n - 1})", (*x[: -n - 1], x[-1], *x[-n - 1 : -1])
        channels = x[-n - 1]
        groups = [k for k in (params["groups"], 1, channels // takes) if hasattr(k, "__index__") and k > 0 and weight[0] % k == 0
                  and channels == (takes if transposed else takes * k)]
        if not groups:
            c, slices = min(channels, takes), ", :" * n
            xs, ws = f"{xs}[..., :{c}{slices}]", f"{ws}[:{c}]" if transposed else f"{ws}[:, :{c}]"
            weight, groups = (c, *weight[1:]) if transposed else weight, [1]
        more = {**least, **usable(params, n, **least)}
        try:
            (transposed_place if transposed else conv_place)(x, weight[2:], *more.values())
        except GraddlError:
            more = {} if transposed else {**more, "padding": "same"}
        more["groups"] = groups[0]
        text = "".join(f", {k}={v!r}" for k, v in more.items() if v != defaults[k])
        out = weight[1] * groups[0] if transposed else weight[0]
        return f"gd.{name}({xs}, {ws}{', bias' if bias == (out,) else ''}{text})"

    return fix


def _conv_samples(n):
    """Stride, both paddings, dilation, groups, no batch axis; as tiny as finite differences want them."""
    def one(make, x, w, *bias, **params):
        return (make(*x, *[x[-1]] * (n - 1)), make(*w, *[w[-1]] * (n - 1)), *(make(b) for b in bias)), params

    return lambda make: [one(make, (2, 2, 3), (3, 2, 2), 3), one(make, (1, 2, 3), (2, 1, 2), 2, stride=2, padding=1, groups=2),
                         one(make, (2, 3), (1, 2, 2), dilation=2, padding=(1,) * n), one(make, (2, 4), (2, 2, 3), 2, stride=(2,) * n),
                         one(make, (1, 1, 3), (1, 1, 2), padding="SAME"), one(make, (1, 1, 3), (1, 1, 1), padding="valid")]


def _transposed_samples(n):
    """The same for the transposed convolution, whose output_padding may exceed its stride if it is below the dilation."""
    def one(make, x, w, *bias, **params):
        return (make(*x, *[x[-1]] * (n - 1)), make(*w, *[w[-1]] * (n - 1)), *(make(b) for b in bias)), params

    return lambda make: [one(make, (2, 2, 2), (2, 3, 2), 3), one(make, (1, 2, 2), (2, 1, 3), 2, stride=2, padding=1, groups=2),
                         one(make, (2, 3), (2, 1, 2), dilation=2, padding=(1,) * n, output_padding=1),
                         one(make, (1, 2), (1, 2, 2), 2, stride=2, output_padding=(1,) * n)]


def _conv_errors(n, transposed):
    """Channels, groups, bias, axes, channels last, text; each parameter too small; a kernel or a padding that leaves nothing."""
    x, rows, k = (2, 4) + (3,) * n, (4, 2) if transposed else (2, 4), (2,) * n
    other = [{"groups": 3}, {"groups": 0}, {"stride": 0}, {"dilation": -1}, {"padding": -1}, {"padding": (1,) * (n + 1)}, {"stride": "2"},
             {"output_padding": 1} if transposed else {"padding": "full"}]

    def errors(make):
        weight = make(*rows, *k)
        too_far = ((make(*x), weight), {"padding": 9}) if transposed else ((make(*x), make(*rows, *[4] * n)), {})
        return [((make(2, 3, *x[2:]), weight), {}, "ShapeError"), ((make(2, 6, *x[2:]), weight), {}, "ShapeError"),
                ((make(2, *x[2:], 4), weight), {}, "ShapeError"), ((make(*x), weight, make(3)), {}, "ShapeError"),
                ((make(4), weight), {}, "ShapeError"), ((make(2, *x), make(4)), {}, "ShapeError"), (*too_far, "ShapeError"),
                *(((make(*x), weight), params, "ArgumentError") for params in other), ((make.text(*x), weight), {}, "DTypeError")]

    return errors


_CONV = dict(
    vjp={"x": lambda xp, g, weight, *, shapes, stride, padding, dilation, groups: xp.conv_input(
            g, weight, shape=_last(shapes, 0), groups=groups, **_place(shapes, stride, padding, dilation)),
         "weight": lambda xp, g, x, *, shapes, stride, padding, dilation, groups: xp.conv_weight(
            g, x, kernel=shapes[1][2:], groups=groups, **_place(shapes, stride, padding, dilation)),
         "bias": lambda xp, g, *, shapes: _sum_to_channels(xp, g, shapes)},
    jvp={"x": lambda xp, t, weight, *, shapes, stride, padding, dilation, groups: xp.conv(
            t, weight, groups=groups, **_whole_place(shapes, stride, padding, dilation)),
         "weight": lambda xp, t, x, *, shapes, stride, padding, dilation, groups: xp.conv(
            x, t, groups=groups, **_whole_place(shapes, stride, padding, dilation)),
         "bias": lambda xp, t, *, shapes, stride, padding, dilation: _to_pixels(
            xp, t, shapes, conv_place(shapes[0], shapes[1][2:], stride, padding, dilation)[0])},
    tex=r"y_{f i} = \sum_{c k} w_{f c k} x_{c, s i + d k - p} + b_f", symbol="conv", method=False,
    doc="The products of each window with F kernels. Padding with zeros is numbers, \"same\" or \"valid\".",
    expects="x (N, C, ...) or (C, ...), weight (F, C / groups, *kernel), bias (F,)",
)
_SPELLING = "(x, weight, bias, stride, padding.lower() if isinstance(padding, str) else padding, dilation, groups)"
conv1d = general(
    "conv1d", lambda xp, x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1: _conv(
        xp, 1, x, weight, bias, groups, stride, padding, dilation), **_CONV,
    samples=_conv_samples(1), errors=_conv_errors(1, False), fix=_conv_fix("conv1d", 1, False), torch="F.conv1d" + _SPELLING,
)
conv2d = general(
    "conv2d", lambda xp, x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1: _conv(
        xp, 2, x, weight, bias, groups, stride, padding, dilation), **_CONV,
    samples=_conv_samples(2), errors=_conv_errors(2, False), fix=_conv_fix("conv2d", 2, False), torch="F.conv2d" + _SPELLING,
)
_TRANSPOSED = dict(
    vjp={"x": lambda xp, g, weight, *, shapes, stride, padding, output_padding, groups, dilation: xp.conv(
            g, weight, size=_last(shapes, 0), groups=groups, **_place_t(shapes, stride, padding, output_padding, dilation)),
         "weight": lambda xp, g, x, *, shapes, stride, padding, output_padding, groups, dilation: xp.conv_weight(
            x, g, kernel=shapes[1][2:], groups=groups, **_place_t(shapes, stride, padding, output_padding, dilation)),
         "bias": lambda xp, g, *, shapes: _sum_to_channels(xp, g, shapes)},
    jvp={"x": lambda xp, t, weight, *, shapes, stride, padding, output_padding, groups, dilation: xp.conv_input(
            t, weight, groups=groups, **_whole_place_t(shapes, stride, padding, output_padding, dilation)),
         "weight": lambda xp, t, x, *, shapes, stride, padding, output_padding, groups, dilation: xp.conv_input(
            x, t, groups=groups, **_whole_place_t(shapes, stride, padding, output_padding, dilation)),
         "bias": lambda xp, t, *, shapes, stride, padding, output_padding, dilation: _to_pixels(
            xp, t, shapes, transposed_place(shapes[0], shapes[1][2:], stride, padding, output_padding, dilation)[0])},
    tex=r"y_{f, s i + d k - p} \mathrel{+}= \sum_c w_{c f k} x_{c i} + b_f", symbol="convᵀ", method=False,
    doc="The transpose of a convolution, from small arrays to large ones; output_padding makes the output longer at its end.",
    expects="x (N, C, ...) or (C, ...), weight (C, F / groups, *kernel), bias (F,)",
)
conv_transpose1d = general(
    "conv_transpose1d", lambda xp, x, weight, bias=None, *, stride=1, padding=0, output_padding=0, groups=1, dilation=1: _transposed(
        xp, 1, x, weight, bias, groups, stride, padding, output_padding, dilation), **_TRANSPOSED,
    samples=_transposed_samples(1), errors=_conv_errors(1, True), fix=_conv_fix("conv_transpose1d", 1, True),
    torch="F.conv_transpose1d(x, weight, bias, stride, padding, output_padding, groups, dilation)",
)
conv_transpose2d = general(
    "conv_transpose2d", lambda xp, x, weight, bias=None, *, stride=1, padding=0, output_padding=0, groups=1, dilation=1: _transposed(
        xp, 2, x, weight, bias, groups, stride, padding, output_padding, dilation), **_TRANSPOSED,
    samples=_transposed_samples(2), errors=_conv_errors(2, True), fix=_conv_fix("conv_transpose2d", 2, True),
    torch="F.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)",
)
