"""Pooling and upsampling layers. They work over the last axes and have no parameters."""

from ..ops import FUNCTIONS
from ._function_layer import FunctionLayer
from .module import Module


class _Resizing(FunctionLayer):
    """A function of one array, whose last axes change."""

    def forward(self, x):
        """Map x of shape (N, C, ...) to y of shape (N, C, ...), or both without N."""
        return self._function(x, **self._options())


class MaxPool1d(_Resizing, function=FUNCTIONS["max_pool1d"]):
    """
    x has shape (N, C, L); y is smaller along the last axis:
    floor((L + 2 p - d (K - 1) - 1) / s) + 1, or ceil in place of floor under `ceil_mode`.

    Parameters
    ----------
    kernel_size : int
        K.
    stride : int, optional
        s, from one window to the next; K if not given, so that windows do not overlap.
    padding : int, default 0
        p, what stands on either side and is never the largest; at most half of the kernel.
    dilation : int, default 1
        d, from one element of a window to the next.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end. By name only: PyTorch's fifth is another.

    Raises
    ------
    ArgumentError
        On a call, if one of the parameters is too small, or `padding` too large.
    ShapeError
        On a call whose x is smaller than the kernel.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.MaxPool1d(2)(gd.tensor([[1.0, 3.0, 2.0, 4.0]])).tolist()
    [[3.0, 4.0]]
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, *, ceil_mode=False):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.ceil_mode = dilation, ceil_mode


class MaxPool2d(_Resizing, function=FUNCTIONS["max_pool2d"]):
    """
    x has shape (N, C, H, W); y is smaller along the last two axes:
    floor((L + 2 p - d (K - 1) - 1) / s) + 1, or ceil in place of floor under `ceil_mode`.

    Parameters
    ----------
    kernel_size : int or two of them
        K.
    stride : int or two of them, optional
        s, from one window to the next; K if not given, so that windows do not overlap.
    padding : int or two of them, default 0
        p, what stands on either side and is never the largest; at most half of the kernel.
    dilation : int or two of them, default 1
        d, from one element of a window to the next.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end. By name only: PyTorch's fifth is another.

    Raises
    ------
    ArgumentError
        On a call, if one of the parameters is too small, or `padding` too large.
    ShapeError
        On a call whose x is smaller than the kernel.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.MaxPool2d(2)(gd.tensor([[[1.0, 3.0], [2.0, 4.0]]])).tolist()
    [[[4.0]]]
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, *, ceil_mode=False):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.ceil_mode = dilation, ceil_mode


class AvgPool1d(_Resizing, function=FUNCTIONS["avg_pool1d"]):
    """
    x has shape (N, C, L); y is smaller along the last axis:
    floor((L + 2 p - K) / s) + 1, or ceil in place of floor under `ceil_mode`.

    Parameters
    ----------
    kernel_size : int
        K.
    stride : int, optional
        s, from one window to the next; K if not given, so that windows do not overlap.
    padding : int, default 0
        p, zeros on either side; at most half of the kernel.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements.

    Raises
    ------
    ArgumentError
        On a call, if one of the parameters is too small, or `padding` too large.
    ShapeError
        On a call whose x is smaller than the kernel.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AvgPool1d(2)(gd.tensor([[1.0, 3.0, 2.0, 4.0]])).tolist()
    [[2.0, 3.0]]
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
    ):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad


class AvgPool2d(_Resizing, function=FUNCTIONS["avg_pool2d"]):
    """
    x has shape (N, C, H, W); y is smaller along the last two axes:
    floor((L + 2 p - K) / s) + 1, or ceil in place of floor under `ceil_mode`.

    Parameters
    ----------
    kernel_size : int or two of them
        K.
    stride : int or two of them, optional
        s, from one window to the next; K if not given, so that windows do not overlap.
    padding : int or two of them, default 0
        p, zeros on either side; at most half of the kernel.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements.
    divisor_override : int, optional
        What sums are divided by in place of the number of elements.

    Raises
    ------
    ArgumentError
        On a call, if one of the parameters is too small, or `padding` too large.
    ShapeError
        On a call whose x is smaller than the kernel.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AvgPool2d(2)(gd.tensor([[[1.0, 3.0], [2.0, 4.0]]])).tolist()
    [[[2.5]]]
    """

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override


class AdaptiveAvgPool1d(_Resizing, function=FUNCTIONS["adaptive_avg_pool1d"]):
    """
    Parameters
    ----------
    output_size : int
        Bins along the last axis. In place of a number None keeps the axis.

    Raises
    ------
    ArgumentError
        On a call, if a size is below 1.
    ShapeError
        On a call whose x has no axis.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AdaptiveAvgPool1d(2)(gd.tensor([[1.0, 3.0, 2.0]])).tolist()
    [[2.0, 2.5]]
    """

    def __init__(self, output_size):
        self.output_size = output_size


class AdaptiveAvgPool2d(_Resizing, function=FUNCTIONS["adaptive_avg_pool2d"]):
    """
    Parameters
    ----------
    output_size : int or two of them
        Bins along the last two axes. In place of a number None keeps the axis.

    Raises
    ------
    ArgumentError
        On a call, if a size is below 1.
    ShapeError
        On a call whose x has fewer than two axes.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AdaptiveAvgPool2d(2)(gd.tensor([[[1.0, 3.0], [2.0, 4.0]]])).tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """

    def __init__(self, output_size):
        self.output_size = output_size


class AdaptiveMaxPool1d(_Resizing, function=FUNCTIONS["adaptive_max_pool1d"]):
    """
    Parameters
    ----------
    output_size : int
        Bins along the last axis. In place of a number None keeps the axis.

    Raises
    ------
    ArgumentError
        On a call, if a size is below 1.
    ShapeError
        On a call whose x has no axis.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AdaptiveMaxPool1d(2)(gd.tensor([[1.0, 3.0, 2.0]])).tolist()
    [[3.0, 3.0]]
    """

    def __init__(self, output_size):
        self.output_size = output_size


class AdaptiveMaxPool2d(_Resizing, function=FUNCTIONS["adaptive_max_pool2d"]):
    """
    Parameters
    ----------
    output_size : int or two of them
        Bins along the last two axes. In place of a number None keeps the axis.

    Raises
    ------
    ArgumentError
        On a call, if a size is below 1.
    ShapeError
        On a call whose x has fewer than two axes.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.AdaptiveMaxPool2d(2)(gd.tensor([[[1.0, 3.0], [2.0, 4.0]]])).tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """

    def __init__(self, output_size):
        self.output_size = output_size


class GlobalAvgPool1d(Module):
    r"""The mean of each channel, :math:`y_c = \frac{1}{m} \sum_i x_{c i}`.

    Parameters
    ----------
    keepdims : bool, default False
        Whether the last axis stays, with size 1, as after AdaptiveAvgPool1d(1).

    Raises
    ------
    ``IndexError_``
        On a call whose x has no axis.

    References
    ----------
    Lin, Chen and Yan (2013), Network in network, section 3.2, arXiv:1312.4400.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.GlobalAvgPool1d()(gd.zeros(2, 3, 5)).shape
    (2, 3)
    """

    def __init__(self, keepdims=False):
        self.keepdims = keepdims

    def forward(self, x):
        """Map x of shape (N, C, L) to y of shape (N, C)."""
        return FUNCTIONS["mean"](x, axis=-1, keepdims=self.keepdims)

    def extra_repr(self):
        return "keepdims=True" if self.keepdims else ""


class GlobalAvgPool2d(Module):
    r"""The mean of each channel, :math:`y_c = \frac{1}{m} \sum_i x_{c i}`.

    Parameters
    ----------
    keepdims : bool, default False
        Whether the last two axes stay, with size 1, as after AdaptiveAvgPool2d(1).

    Raises
    ------
    ``IndexError_``
        On a call whose x has fewer than two axes.

    References
    ----------
    Lin, Chen and Yan (2013), Network in network, section 3.2, arXiv:1312.4400.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.GlobalAvgPool2d()(gd.zeros(2, 3, 5, 4)).shape
    (2, 3)
    """

    def __init__(self, keepdims=False):
        self.keepdims = keepdims

    def forward(self, x):
        """Map x of shape (N, C, H, W) to y of shape (N, C)."""
        return FUNCTIONS["mean"](x, axis=(-2, -1), keepdims=self.keepdims)

    def extra_repr(self):
        return "keepdims=True" if self.keepdims else ""


class Upsample(_Resizing, function=FUNCTIONS["interpolate"]):
    """
    Parameters
    ----------
    size : int or tuple of int, optional
        The axes after N and C.
    scale_factor : float or tuple of float, optional
        By what these axes grow; one of the two is given.
    mode : {"nearest", "linear", "bilinear"}, default "nearest"
        "linear" takes x of shape (N, C, L), "bilinear" (N, C, H, W).
    align_corners : bool, optional
        Whether the first and last elements of x and y lie upon each other, rather than the outer
        edges of their pixels.

    Raises
    ------
    ArgumentError
        On a call, if not one of `size` and `scale_factor` is given, or they do not fit x, or there
        is no such mode.
    ShapeError
        On a call whose x has other axes than the mode works on.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.Upsample(scale_factor=2)(gd.tensor([[[1.0, 2.0]]])).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None):
        self.size, self.scale_factor = size, scale_factor
        self.mode, self.align_corners = mode, align_corners
