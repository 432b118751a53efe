"""Convolutional layers: kernels that move over the last axes, and their transposes."""

import math

from ..errors import ArgumentError, ShapeError
from ..ops import FUNCTIONS
from ..ops._windows import each, padding_of
from .linear import _uniform, floating
from .module import Module


class _Convolution(Module):
    """What convolutions share: parameters, checks, text. The kernel moves over `_axes` axes."""

    in_channels: int
    out_channels: int
    groups: int
    kernel_size: tuple[int, ...]
    _axes = 2
    _transposed = False
    _defaults = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}  # noqa: RUF012

    def __init__(self, in_channels, out_channels, groups, bias, dtype, generator, **moves):
        sizes = {"in_channels": in_channels, "out_channels": out_channels, "groups": groups}
        for name, value in sizes.items():
            (number,) = self._each(name, value, 1)
            setattr(self, name, number)
        for name, value in moves.items():
            setattr(self, name, self._each(name, value, self._axes))
        if in_channels % groups or out_channels % groups:
            raise self._error(
                f"{groups} groups do not divide {in_channels} and {out_channels} channels",
                f"groups={groups}",
                "a divisor of in_channels and of out_channels",
                groups=math.gcd(in_channels, out_channels, groups),
            )
        rows, columns = out_channels, in_channels
        if self._transposed:
            rows, columns = columns, rows
        shape = (rows, columns // groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = _uniform(bound, shape, dtype, generator)
        self.bias = _uniform(bound, (out_channels,), dtype, generator) if bias else None

    def _each(self, name, value, n):
        """A parameter as a number for each of n axes, or the word that stands for them."""
        least = 0 if "padding" in name else 1
        try:
            if name == "padding" and isinstance(value, str) and not self._transposed:
                padding_of(value, (), (), (), ())  # refuses other words than the two
                return value.lower()
            return each(name, value, n, least)
        except ArgumentError as error:
            given = {name: self._defaults.get(name, 1)}
            raise self._error(error.message, f"{name}={value!r}", "numbers", **given) from None

    def _error(self, message, got, expected, **changed):
        """An ArgumentError whose fix is this layer with other arguments."""
        given = {"in_channels": 1, "out_channels": 1, "kernel_size": 1, **vars(self), **changed}
        return ArgumentError(
            message,
            op=type(self).__name__,
            got=got,
            expected=expected,
            fix=f"{type(self).__name__}({self._arguments(given)})",
        )

    def forward(self, x):
        """Map x of shape (N, in_channels, ...) to y of shape (N, out_channels, ...)."""
        x = floating(self, x, self._op)
        n = self._axes
        channels = x.shape[-n - 1] if x.ndim > n else None
        if x.ndim in (n + 1, n + 2) and channels != self.in_channels:
            given = {**vars(self), "in_channels": channels, "groups": 1}
            last = x.ndim == n + 2 and x.shape[-1] == self.in_channels
            raise ShapeError(
                f"{self._label()} on {x.shape}: x has {channels} channels, the layer takes "
                f"{self.in_channels}",
                op=self._op,
                got=x.shape,
                expected=f"x (N, {self.in_channels}, {', '.join('LHW'[-n:] if n > 1 else 'L')})",
                fix=f"gd.moveaxis(x, -1, {-n - 1})"
                if last
                else f"{type(self).__name__}({self._arguments(given)})",
            )
        return FUNCTIONS[self._op](x, self.weight, self.bias, **self._moves())

    @property
    def _op(self):
        return f"conv{'_transpose' if self._transposed else ''}{self._axes}d"

    def _moves(self):
        """The parameters of the op, as far as this layer has them."""
        return {name: vars(self)[name] for name in self._defaults if name in vars(self)}

    def _arguments(self, given):
        """The arguments of a layer with these attributes, as one would type them."""
        parts = [str(given[name]) for name in ("in_channels", "out_channels")]
        parts.append(f"kernel_size={given['kernel_size']}")
        for name, default in self._defaults.items():
            if name in given and given[name] not in (default, (default,) * self._axes):
                parts.append(f"{name}={given[name]!r}")
        return ", ".join(parts)

    def extra_repr(self):
        return self._arguments(vars(self)) + ("" if self.bias is not None else ", bias=False")


class _Conv(_Convolution):
    """The parameters of Conv1d and Conv2d."""

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
        bias=True, *, dtype=None, generator=None,
    ):  # fmt: skip
        super().__init__(
            in_channels, out_channels, groups, bias, dtype, generator,
            kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
        )  # fmt: skip


class _ConvTranspose(_Convolution):
    """The parameters of ConvTranspose1d and ConvTranspose2d."""

    _transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0,
        groups=1, bias=True, dilation=1, *, dtype=None, generator=None,
    ):  # fmt: skip
        super().__init__(
            in_channels, out_channels, groups, bias, dtype, generator, kernel_size=kernel_size,
            stride=stride, padding=padding, output_padding=output_padding, dilation=dilation,
        )  # fmt: skip


class Conv1d(_Conv):
    r"""Kernels of weights that move over the last axis of x, and a number for each place.

    .. math::
        y_{f i} = \sum_{c k} w_{f c k} x_{c, s i + d k - p} + b_f

    x has shape (N, C, L) or (C, L), y has F channels and
    floor((L + 2 p - d (K - 1) - 1) / s) + 1 elements along its last axis.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{(C / \mathrm{groups}) \prod K}`.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int
        K.
    stride : int, default 1
        s, from one window to the next.
    padding : int, "same" or "valid", default 0
        p, zeros on either side. "valid": none. "same": as many as make ceil(L / s) windows,
        max((ceil(L / s) - 1) s + d (K - 1) + 1 - L, 0) in all, of which an odd one stands at the
        end, as in TensorFlow. Capital letters mean the same.
    dilation : int, default 1
        d, from one element of a window to the next.
    groups : int, default 1
        Channels are parted into so many groups that do not see each other; `in_channels` of them
        and each channel has kernels of its own.
    bias : bool, default True
        Whether b is added.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (F, C / groups, K)
    bias : Parameter of shape (F,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1, `padding` is negative or another word, or `groups` does not divide
        the channels.
    ShapeError
        On a call whose x has other channels, or is smaller than the kernel.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    LeCun et al. (1998), Gradient-based learning applied to document recognition. Dumoulin and Visin
    (2016), A guide to convolution arithmetic for deep learning, arXiv:1603.07285.

    Examples
    --------
    >>> import graddl as gd
    >>> conv = gd.nn.Conv1d(3, 8, 3, padding="same")
    >>> conv(gd.zeros(2, 3, 9)).shape
    (2, 8, 9)
    """

    _axes = 1


class Conv2d(_Conv):
    r"""Kernels of weights that move over the last two axes of x, and a number for each place.

    .. math::
        y_{f i} = \sum_{c k} w_{f c k} x_{c, s i + d k - p} + b_f

    x has shape (N, C, H, W) or (C, H, W), y has F channels and
    floor((L + 2 p - d (K - 1) - 1) / s) + 1 elements along an axis of L.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{(C / \mathrm{groups}) \prod K}`.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int or two of them
        K.
    stride : int or two of them, default 1
        s, from one window to the next.
    padding : int or two of them, "same" or "valid", default 0
        p, zeros on either side. "valid": none. "same": as many as make ceil(L / s) windows,
        max((ceil(L / s) - 1) s + d (K - 1) + 1 - L, 0) in all, of which an odd one stands at the
        end, as in TensorFlow. Capital letters mean the same.
    dilation : int or two of them, default 1
        d, from one element of a window to the next.
    groups : int, default 1
        Channels are parted into so many groups that do not see each other; `in_channels` of them
        and each channel has kernels of its own.
    bias : bool, default True
        Whether b is added.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (F, C / groups, K_1, K_2)
    bias : Parameter of shape (F,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1, `padding` is negative or another word, or `groups` does not divide
        the channels.
    ShapeError
        On a call whose x has other channels, or is smaller than the kernel.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    LeCun et al. (1998), Gradient-based learning applied to document recognition. Dumoulin and Visin
    (2016), A guide to convolution arithmetic for deep learning, arXiv:1603.07285.

    Examples
    --------
    >>> import graddl as gd
    >>> conv = gd.nn.Conv2d(3, 8, 3, padding="same")
    >>> conv(gd.zeros(2, 3, 9, 7)).shape
    (2, 8, 9, 7)
    """

    _axes = 2


class ConvTranspose1d(_ConvTranspose):
    r"""The transpose of Conv1d as a map: each number of x is spread over a window of y.

    .. math::
        y_{f, s i + d k - p} \mathrel{+}= \sum_c w_{c f k} x_{c i}

    and then b is added. x has shape (N, C, L) or (C, L), y has F
    channels and (L - 1) s - 2 p + d (K - 1) + 1 + o elements along its last axis.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{(F / \mathrm{groups}) \prod K}`.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int
        K.
    stride : int, default 1
        s, from one window of y to the next.
    padding : int, default 0
        p, what is cut off on either side of y.
    output_padding : int, default 0
        o, by how much y is longer at its end: of the sizes that a strided convolution maps to one,
        it says which. Smaller than `stride` or `dilation`.
    groups : int, default 1
        Channels are parted into so many groups that do not see each other.
    bias : bool, default True
        Whether b is added.
    dilation : int, default 1
        d, from one element of a window to the next.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (C, F / groups, K)
    bias : Parameter of shape (F,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1, a padding is negative, or `groups` does not divide the channels; on
        a call with an `output_padding` that is too large.
    ShapeError
        On a call whose x has other channels, or if `padding` leaves nothing.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    Zeiler et al. (2010), Deconvolutional networks. Dumoulin and Visin (2016), A guide to
    convolution arithmetic for deep learning, section 4, arXiv:1603.07285.

    Examples
    --------
    >>> import graddl as gd
    >>> up = gd.nn.ConvTranspose1d(8, 3, 2, stride=2)
    >>> up(gd.zeros(2, 8, 9)).shape
    (2, 3, 18)
    """

    _axes = 1


class ConvTranspose2d(_ConvTranspose):
    r"""The transpose of Conv2d as a map: each number of x is spread over a window of y.

    .. math::
        y_{f, s i + d k - p} \mathrel{+}= \sum_c w_{c f k} x_{c i}

    and then b is added. x has shape (N, C, H, W) or (C, H, W), y has F
    channels and (L - 1) s - 2 p + d (K - 1) + 1 + o elements along an axis of L.

    Weight and bias start uniform in :math:`\pm 1 / \sqrt{(F / \mathrm{groups}) \prod K}`.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int or two of them
        K.
    stride : int or two of them, default 1
        s, from one window of y to the next.
    padding : int or two of them, default 0
        p, what is cut off on either side of y.
    output_padding : int or two of them, default 0
        o, by how much y is longer at its end: of the sizes that a strided convolution maps to one,
        it says which. Smaller than `stride` or `dilation`.
    groups : int, default 1
        Channels are parted into so many groups that do not see each other.
    bias : bool, default True
        Whether b is added.
    dilation : int or two of them, default 1
        d, from one element of a window to the next.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (C, F / groups, K_1, K_2)
    bias : Parameter of shape (F,), or None

    Raises
    ------
    ArgumentError
        If a size is below 1, a padding is negative, or `groups` does not divide the channels; on
        a call with an `output_padding` that is too large.
    ShapeError
        On a call whose x has other channels, or if `padding` leaves nothing.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    Zeiler et al. (2010), Deconvolutional networks. Dumoulin and Visin (2016), A guide to
    convolution arithmetic for deep learning, section 4, arXiv:1603.07285.

    Examples
    --------
    >>> import graddl as gd
    >>> up = gd.nn.ConvTranspose2d(8, 3, 2, stride=2)
    >>> up(gd.zeros(2, 8, 9, 7)).shape
    (2, 3, 18, 14)
    """

    _axes = 2
