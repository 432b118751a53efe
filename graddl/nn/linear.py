"""Fully connected layers, of one input and of two."""

import math
from operator import index

from .._core import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from ..random import default_generator
from .module import Module
from .parameter import Parameter

linear, bilinear = FUNCTIONS["linear"], FUNCTIONS["bilinear"]


class Linear(Module):
    r"""An affine map of the last axis, :math:`y = x W^\top + b`.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{\mathrm{in}}`.

    Parameters
    ----------
    in_features, out_features : int
        Sizes of the last axis of x and of y, at least 1.
    bias : bool, default True
        Whether b is added.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in_features)
    bias : Parameter of shape (out_features,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1.
    ShapeError
        On a call whose x does not have `in_features` on its last axis.
    DTypeError
        On a call whose x is not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> fc = gd.nn.Linear(4, 2)
    >>> fc(gd.zeros(3, 4)).shape
    (3, 2)
    """

    def __init__(self, in_features, out_features, bias=True, *, dtype=None, generator=None):
        sizes = whole("Linear", "at least one feature on each side", in_features, out_features)
        self.in_features, self.out_features = in_features, out_features = sizes
        bound = 1 / math.sqrt(in_features)
        self.weight = _uniform(bound, (out_features, in_features), dtype, generator)
        self.bias = _uniform(bound, (out_features,), dtype, generator) if bias else None

    def forward(self, x):
        """Map x of shape (..., in_features) to y of shape (..., out_features)."""
        x = floating(self, x, "linear")
        if x.shape[-1:] != (self.in_features,):
            raise self._shape_error(tuple(x.shape))
        return linear(x, self.weight, self.bias)

    def _shape_error(self, shape):
        if not shape:
            text, fix = "x has no axes", "x.reshape(1, -1)"
        else:
            text = f"the last axis of x has {shape[-1]}, the layer takes {self.in_features}"
            if math.prod(shape[1:]) == self.in_features:
                fix = f"x.reshape({shape[0]}, -1)"
            elif len(shape) == 2 and shape[0] == self.in_features:
                fix = "x.mT"
            else:
                fix = f"Linear({shape[-1]}, {self.out_features})"
        return ShapeError(
            f"{self._label()} on {shape}: {text}",
            op="linear",
            got=shape,
            expected=f"x (..., {self.in_features}) for the weight {self.weight.shape}",
            fix=fix,
        )

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}" + (
            "" if self.bias is not None else ", bias=False"
        )


class Bilinear(Module):
    r"""A map that is linear in each of two inputs, :math:`y_k = x_1^\top W_k x_2 + b_k`.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{\mathrm{in}_1}`.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        Sizes of the last axes of x1, of x2 and of y, at least 1.
    bias : bool, default True
        Whether b is added.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in1_features, in2_features)
    bias : Parameter of shape (out_features,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1.
    ShapeError
        On a call whose inputs do not have these sizes on their last axes, or differ before them.
    DTypeError
        On a call whose inputs are not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.Bilinear(4, 3, 2)
    >>> layer(gd.zeros(5, 4), gd.zeros(5, 3)).shape
    (5, 2)
    """

    def __init__(
        self, in1_features, in2_features, out_features, bias=True, *, dtype=None, generator=None
    ):
        sizes = (in1_features, in2_features, out_features)
        in1, in2, out = whole("Bilinear", "at least one feature on each side", *sizes)
        self.in1_features, self.in2_features, self.out_features = in1, in2, out
        bound, shape = 1 / math.sqrt(in1), (out, in1, in2)
        self.weight = _uniform(bound, shape, dtype, generator)
        self.bias = _uniform(bound, (out,), dtype, generator) if bias else None

    def forward(self, x1, x2):
        """Map x1 (..., in1_features) and x2 (..., in2_features) to y (..., out_features)."""
        x1, x2 = floating(self, x1, "bilinear"), floating(self, x2, "bilinear")
        return bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self):
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


def whole(layer, needs, *sizes, fix=None):
    """The sizes of a layer as ints, each of 1 or more: 784 / 2 is none."""
    try:
        found = tuple(index(size) for size in sizes)
    except TypeError:
        found = (0,)
    if min(found) < 1:
        usable = (isinstance(size, int | float) and 1 <= size < math.inf for size in sizes)
        fixed = (int(size) if good else 1 for size, good in zip(sizes, usable, strict=True))
        raise ArgumentError(
            f"needs {needs}",
            op=layer,
            got=sizes if len(sizes) > 1 else repr(sizes[0]),
            expected="integers of 1 or more",
            fix=fix or f"{layer}({', '.join(map(str, fixed))})",
        )
    return found


def floating(layer, x, op):
    """x as an array, if its numbers are floating: integers would be cast without being asked."""
    if not hasattr(x, "dtype"):
        x = Tensor(x)
    if x.dtype.kind not in "fc":
        dtype = next((p.dtype.name for p in layer.parameters()), get_default_dtype().name)
        raise DTypeError(
            f"{layer._label()} on {x.dtype}: a layer takes floating numbers",
            op=op,
            got=x.dtype.name,
            expected=dtype,
            fix=f"x.astype({dtype!r})",
        )
    return x


def _uniform(bound, shape, dtype, generator):
    """A Parameter of uniform numbers in [-bound, bound]."""
    numbers = (generator or default_generator).numpy.uniform(-bound, bound, shape)
    return Parameter(numbers.astype(dtype or get_default_dtype()))
