"""The fully connected layer."""

import math

from .._core import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from ..random import default_generator
from .module import Module
from .parameter import Parameter

linear = FUNCTIONS["linear"]


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
        if in_features < 1 or out_features < 1:
            raise ArgumentError(
                "a layer needs at least one feature on each side",
                op="Linear",
                got=(in_features, out_features),
                expected="sizes of 1 or more",
                fix="Linear(in_features, out_features)",
            )
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)
        self.weight = _uniform(bound, (out_features, in_features), dtype, generator)
        self.bias = _uniform(bound, (out_features,), dtype, generator) if bias else None

    def forward(self, x):
        """Map x of shape (..., in_features) to y of shape (..., out_features)."""
        if not hasattr(x, "dtype"):
            x = Tensor(x)
        if x.dtype.kind not in "fc":
            raise DTypeError(
                f"{self._label()} on {x.dtype}: a layer takes floating numbers",
                op="linear",
                got=x.dtype.name,
                expected=self.weight.dtype.name,
                fix=f"x.astype({self.weight.dtype.name!r})",
            )
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


def _uniform(bound, shape, dtype, generator):
    """A Parameter of uniform numbers in [-bound, bound]."""
    numbers = (generator or default_generator).numpy.uniform(-bound, bound, shape)
    return Parameter(numbers.astype(dtype or get_default_dtype()))
