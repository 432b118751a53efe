"""The functions of the op table, for type checkers and editors.

Written by `make stubs`.
"""

# Where overloads overlap, the first one that fits is meant: Scalars and numbers give a Scalar.
# mypy: disable-error-code="overload-overlap"
# ruff: noqa: RUF022

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy.typing as npt

from ._core import Scalar, Tensor, _Like

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "adadelta_step",
    "adagrad_step",
    "adam_step",
    "adamax_step",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "add",
    "add_at",
    "addmm",
    "all",
    "allclose",
    "alpha_dropout",
    "amax",
    "amin",
    "angle",
    "any",
    "append",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "around",
    "array_equal",
    "array_split",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "average",
    "avg_pool1d",
    "avg_pool2d",
    "baddbmm",
    "batch_norm",
    "bce",
    "bce_with_logits",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bincount",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "block",
    "bmm",
    "broadcast_arrays",
    "broadcast_tensors",
    "broadcast_to",
    "cat",
    "cbrt",
    "cdist",
    "ceil",
    "celu",
    "cholesky",
    "choose",
    "chunk",
    "clamp",
    "clip",
    "clone",
    "column_stack",
    "compress",
    "concat",
    "concatenate",
    "cond",
    "conj",
    "conjugate",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "convolve",
    "copy",
    "copysign",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "cosine_embedding_loss",
    "cosine_similarity",
    "count_nonzero",
    "cov",
    "cross",
    "cross_entropy",
    "ctc",
    "ctc_loss",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "deg2rad",
    "degrees",
    "delete",
    "det",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "div",
    "divide",
    "divmod",
    "dot",
    "dropout",
    "dsplit",
    "dstack",
    "ediff1d",
    "eigh",
    "eigvalsh",
    "einsum",
    "elu",
    "embedding",
    "eq",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expand",
    "expand_as",
    "expand_dims",
    "expit",
    "expm1",
    "extract",
    "fabs",
    "fix",
    "flatnonzero",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "focal_loss",
    "frexp",
    "gather",
    "gaussian_nll_loss",
    "gcd",
    "ge",
    "gelu",
    "getitem",
    "glu",
    "gradient",
    "greater",
    "greater_equal",
    "group_norm",
    "gru",
    "gru_cell",
    "gt",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "hinge",
    "hinge_embedding_loss",
    "hinge_loss",
    "histogram",
    "hsplit",
    "hstack",
    "huber",
    "huber_loss",
    "hypot",
    "i0",
    "imag",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_select",
    "inner",
    "insert",
    "interp",
    "interpolate",
    "inv",
    "inverse",
    "invert",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "kl_div",
    "kron",
    "l1",
    "l1_loss",
    "layer_norm",
    "lcm",
    "ldexp",
    "le",
    "leaky_relu",
    "left_shift",
    "lerp",
    "less",
    "less_equal",
    "linear",
    "lion_step",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logcumsumexp",
    "logdet",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsigmoid",
    "logsumexp",
    "lstm",
    "lstm_cell",
    "lstsq",
    "lt",
    "margin_ranking_loss",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "max",
    "max_pool1d",
    "max_pool2d",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mm",
    "mod",
    "modf",
    "moveaxis",
    "movedim",
    "mse",
    "mse_loss",
    "mul",
    "multi_dot",
    "multi_margin_loss",
    "multilabel_soft_margin_loss",
    "multiply",
    "mv",
    "nadam_step",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ne",
    "neg",
    "negative",
    "nextafter",
    "nll",
    "nll_loss",
    "nonzero",
    "norm",
    "normalize",
    "normalize_batch",
    "not_equal",
    "one_hot",
    "outer",
    "pad",
    "pairwise_distance",
    "partition",
    "percentile",
    "permute",
    "permute_dims",
    "pinv",
    "poisson_nll_loss",
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "positive",
    "pow",
    "power",
    "prelu",
    "prod",
    "ptp",
    "qr",
    "quantile",
    "rad2deg",
    "radam_step",
    "radians",
    "ravel",
    "real",
    "reciprocal",
    "relu",
    "relu6",
    "remainder",
    "repeat",
    "repeat_interleave",
    "reshape",
    "reshape_as",
    "resize",
    "right_shift",
    "rint",
    "rms_norm",
    "rmsprop_step",
    "rnn",
    "rnn_cell",
    "roll",
    "rollaxis",
    "rot90",
    "round",
    "row_stack",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "select",
    "selu",
    "setitem",
    "sgd_step",
    "sigmoid",
    "sigmoid_focal_loss",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "sliding_window_view",
    "slogdet",
    "smooth_l1",
    "smooth_l1_loss",
    "soft_margin_loss",
    "soft_shrink",
    "soft_sign",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "solve",
    "sort",
    "spacing",
    "split",
    "split_with_sizes",
    "sqrt",
    "square",
    "squared_hinge",
    "squared_hinge_loss",
    "squeeze",
    "stack",
    "standardize",
    "std",
    "sub",
    "subtract",
    "sum",
    "svd",
    "svdvals",
    "swapaxes",
    "swapdims",
    "swish",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanh_shrink",
    "tanhshrink",
    "tensor_split",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "threshold",
    "tile",
    "topk",
    "trace",
    "transpose",
    "trapezoid",
    "tril",
    "trim_zeros",
    "triplet_margin_loss",
    "triu",
    "true_divide",
    "trunc",
    "unbind",
    "unflatten",
    "unfold",
    "unique",
    "unique_values",
    "unsqueeze",
    "unstack",
    "unwrap",
    "upsample",
    "vander",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vector_norm",
    "view",
    "view_as",
    "vsplit",
    "vstack",
    "where",
    "xlogy",
]

@overload
def add(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def add(a: float, b: Scalar) -> Scalar: ...
@overload
def add(a: _Like, b: _Like) -> Tensor: ...
@overload
def subtract(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def subtract(a: float, b: Scalar) -> Scalar: ...
@overload
def subtract(a: _Like, b: _Like) -> Tensor: ...
@overload
def sub(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def sub(a: float, b: Scalar) -> Scalar: ...
@overload
def sub(a: _Like, b: _Like) -> Tensor: ...
@overload
def multiply(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def multiply(a: float, b: Scalar) -> Scalar: ...
@overload
def multiply(a: _Like, b: _Like) -> Tensor: ...
@overload
def mul(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def mul(a: float, b: Scalar) -> Scalar: ...
@overload
def mul(a: _Like, b: _Like) -> Tensor: ...
@overload
def divide(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def divide(a: float, b: Scalar) -> Scalar: ...
@overload
def divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def div(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def div(a: float, b: Scalar) -> Scalar: ...
@overload
def div(a: _Like, b: _Like) -> Tensor: ...
@overload
def true_divide(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def true_divide(a: float, b: Scalar) -> Scalar: ...
@overload
def true_divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def negative(x: Scalar) -> Scalar: ...
@overload
def negative(x: _Like) -> Tensor: ...
@overload
def neg(x: Scalar) -> Scalar: ...
@overload
def neg(x: _Like) -> Tensor: ...
@overload
def positive(x: Scalar) -> Scalar: ...
@overload
def positive(x: _Like) -> Tensor: ...
@overload
def reciprocal(x: Scalar) -> Scalar: ...
@overload
def reciprocal(x: _Like) -> Tensor: ...
@overload
def power(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def power(a: float, b: Scalar) -> Scalar: ...
@overload
def power(a: _Like, b: _Like) -> Tensor: ...
@overload
def pow(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def pow(a: float, b: Scalar) -> Scalar: ...
@overload
def pow(a: _Like, b: _Like) -> Tensor: ...
@overload
def float_power(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def float_power(a: float, b: Scalar) -> Scalar: ...
@overload
def float_power(a: _Like, b: _Like) -> Tensor: ...
@overload
def floor_divide(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def floor_divide(a: float, b: Scalar) -> Scalar: ...
@overload
def floor_divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def remainder(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def remainder(a: float, b: Scalar) -> Scalar: ...
@overload
def remainder(a: _Like, b: _Like) -> Tensor: ...
@overload
def mod(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def mod(a: float, b: Scalar) -> Scalar: ...
@overload
def mod(a: _Like, b: _Like) -> Tensor: ...
@overload
def fmod(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def fmod(a: float, b: Scalar) -> Scalar: ...
@overload
def fmod(a: _Like, b: _Like) -> Tensor: ...
def divmod(a: _Like, b: _Like) -> tuple[Tensor, ...]: ...
@overload
def lerp(a: Scalar, b: Scalar | float, weight: Scalar | float) -> Scalar: ...
@overload
def lerp(a: float, b: Scalar, weight: Scalar | float) -> Scalar: ...
@overload
def lerp(a: float, b: float, weight: Scalar) -> Scalar: ...
@overload
def lerp(a: _Like, b: _Like, weight: _Like) -> Tensor: ...
@overload
def abs(x: Scalar) -> Scalar: ...
@overload
def abs(x: _Like) -> Tensor: ...
@overload
def absolute(x: Scalar) -> Scalar: ...
@overload
def absolute(x: _Like) -> Tensor: ...
@overload
def fabs(x: Scalar) -> Scalar: ...
@overload
def fabs(x: _Like) -> Tensor: ...
@overload
def sign(x: Scalar) -> Scalar: ...
@overload
def sign(x: _Like) -> Tensor: ...
@overload
def copysign(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def copysign(a: float, b: Scalar) -> Scalar: ...
@overload
def copysign(a: _Like, b: _Like) -> Tensor: ...
@overload
def signbit(x: Scalar) -> bool: ...
@overload
def signbit(x: _Like) -> Tensor: ...
def heaviside(x: _Like, value: _Like) -> Tensor: ...
@overload
def round(x: Scalar, decimals: int = 0) -> Scalar: ...
@overload
def round(x: _Like, decimals: int = 0) -> Tensor: ...
@overload
def around(x: Scalar, decimals: int = 0) -> Scalar: ...
@overload
def around(x: _Like, decimals: int = 0) -> Tensor: ...
@overload
def rint(x: Scalar) -> Scalar: ...
@overload
def rint(x: _Like) -> Tensor: ...
@overload
def floor(x: Scalar) -> Scalar: ...
@overload
def floor(x: _Like) -> Tensor: ...
@overload
def ceil(x: Scalar) -> Scalar: ...
@overload
def ceil(x: _Like) -> Tensor: ...
@overload
def trunc(x: Scalar) -> Scalar: ...
@overload
def trunc(x: _Like) -> Tensor: ...
@overload
def fix(x: Scalar) -> Scalar: ...
@overload
def fix(x: _Like) -> Tensor: ...
def modf(x: _Like) -> tuple[Tensor, ...]: ...
@overload
def ldexp(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def ldexp(a: float, b: Scalar) -> Scalar: ...
@overload
def ldexp(a: _Like, b: _Like) -> Tensor: ...
def frexp(x: _Like) -> tuple[Tensor, ...]: ...
@overload
def nextafter(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def nextafter(a: float, b: Scalar) -> Scalar: ...
@overload
def nextafter(a: _Like, b: _Like) -> Tensor: ...
@overload
def spacing(x: Scalar) -> Scalar: ...
@overload
def spacing(x: _Like) -> Tensor: ...
@overload
def conjugate(x: Scalar) -> Scalar: ...
@overload
def conjugate(x: _Like) -> Tensor: ...
@overload
def conj(x: Scalar) -> Scalar: ...
@overload
def conj(x: _Like) -> Tensor: ...
@overload
def real(x: Scalar) -> Scalar: ...
@overload
def real(x: _Like) -> Tensor: ...
@overload
def imag(x: Scalar) -> Scalar: ...
@overload
def imag(x: _Like) -> Tensor: ...
@overload
def square(x: Scalar) -> Scalar: ...
@overload
def square(x: _Like) -> Tensor: ...
@overload
def sqrt(x: Scalar) -> Scalar: ...
@overload
def sqrt(x: _Like) -> Tensor: ...
@overload
def rsqrt(x: Scalar) -> Scalar: ...
@overload
def rsqrt(x: _Like) -> Tensor: ...
@overload
def cbrt(x: Scalar) -> Scalar: ...
@overload
def cbrt(x: _Like) -> Tensor: ...
@overload
def exp(x: Scalar) -> Scalar: ...
@overload
def exp(x: _Like) -> Tensor: ...
@overload
def exp2(x: Scalar) -> Scalar: ...
@overload
def exp2(x: _Like) -> Tensor: ...
@overload
def expm1(x: Scalar) -> Scalar: ...
@overload
def expm1(x: _Like) -> Tensor: ...
@overload
def log(x: Scalar) -> Scalar: ...
@overload
def log(x: _Like) -> Tensor: ...
@overload
def log2(x: Scalar) -> Scalar: ...
@overload
def log2(x: _Like) -> Tensor: ...
@overload
def log10(x: Scalar) -> Scalar: ...
@overload
def log10(x: _Like) -> Tensor: ...
@overload
def log1p(x: Scalar) -> Scalar: ...
@overload
def log1p(x: _Like) -> Tensor: ...
@overload
def logaddexp(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def logaddexp(a: float, b: Scalar) -> Scalar: ...
@overload
def logaddexp(a: _Like, b: _Like) -> Tensor: ...
@overload
def logaddexp2(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def logaddexp2(a: float, b: Scalar) -> Scalar: ...
@overload
def logaddexp2(a: _Like, b: _Like) -> Tensor: ...
@overload
def xlogy(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def xlogy(a: float, b: Scalar) -> Scalar: ...
@overload
def xlogy(a: _Like, b: _Like) -> Tensor: ...
@overload
def sin(x: Scalar) -> Scalar: ...
@overload
def sin(x: _Like) -> Tensor: ...
@overload
def cos(x: Scalar) -> Scalar: ...
@overload
def cos(x: _Like) -> Tensor: ...
@overload
def tan(x: Scalar) -> Scalar: ...
@overload
def tan(x: _Like) -> Tensor: ...
@overload
def arcsin(x: Scalar) -> Scalar: ...
@overload
def arcsin(x: _Like) -> Tensor: ...
@overload
def asin(x: Scalar) -> Scalar: ...
@overload
def asin(x: _Like) -> Tensor: ...
@overload
def arccos(x: Scalar) -> Scalar: ...
@overload
def arccos(x: _Like) -> Tensor: ...
@overload
def acos(x: Scalar) -> Scalar: ...
@overload
def acos(x: _Like) -> Tensor: ...
@overload
def arctan(x: Scalar) -> Scalar: ...
@overload
def arctan(x: _Like) -> Tensor: ...
@overload
def atan(x: Scalar) -> Scalar: ...
@overload
def atan(x: _Like) -> Tensor: ...
@overload
def arctan2(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def arctan2(a: float, b: Scalar) -> Scalar: ...
@overload
def arctan2(a: _Like, b: _Like) -> Tensor: ...
@overload
def atan2(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def atan2(a: float, b: Scalar) -> Scalar: ...
@overload
def atan2(a: _Like, b: _Like) -> Tensor: ...
@overload
def hypot(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def hypot(a: float, b: Scalar) -> Scalar: ...
@overload
def hypot(a: _Like, b: _Like) -> Tensor: ...
@overload
def deg2rad(x: Scalar) -> Scalar: ...
@overload
def deg2rad(x: _Like) -> Tensor: ...
@overload
def radians(x: Scalar) -> Scalar: ...
@overload
def radians(x: _Like) -> Tensor: ...
@overload
def rad2deg(x: Scalar) -> Scalar: ...
@overload
def rad2deg(x: _Like) -> Tensor: ...
@overload
def degrees(x: Scalar) -> Scalar: ...
@overload
def degrees(x: _Like) -> Tensor: ...
@overload
def sinh(x: Scalar) -> Scalar: ...
@overload
def sinh(x: _Like) -> Tensor: ...
@overload
def cosh(x: Scalar) -> Scalar: ...
@overload
def cosh(x: _Like) -> Tensor: ...
@overload
def tanh(x: Scalar) -> Scalar: ...
@overload
def tanh(x: _Like) -> Tensor: ...
@overload
def arcsinh(x: Scalar) -> Scalar: ...
@overload
def arcsinh(x: _Like) -> Tensor: ...
@overload
def asinh(x: Scalar) -> Scalar: ...
@overload
def asinh(x: _Like) -> Tensor: ...
@overload
def arccosh(x: Scalar) -> Scalar: ...
@overload
def arccosh(x: _Like) -> Tensor: ...
@overload
def acosh(x: Scalar) -> Scalar: ...
@overload
def acosh(x: _Like) -> Tensor: ...
@overload
def arctanh(x: Scalar) -> Scalar: ...
@overload
def arctanh(x: _Like) -> Tensor: ...
@overload
def atanh(x: Scalar) -> Scalar: ...
@overload
def atanh(x: _Like) -> Tensor: ...
@overload
def erf(x: Scalar) -> Scalar: ...
@overload
def erf(x: _Like) -> Tensor: ...
@overload
def erfc(x: Scalar) -> Scalar: ...
@overload
def erfc(x: _Like) -> Tensor: ...
@overload
def erfinv(x: Scalar) -> Scalar: ...
@overload
def erfinv(x: _Like) -> Tensor: ...
@overload
def sinc(x: Scalar) -> Scalar: ...
@overload
def sinc(x: _Like) -> Tensor: ...
@overload
def i0(x: Scalar) -> Scalar: ...
@overload
def i0(x: _Like) -> Tensor: ...
@overload
def maximum(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def maximum(a: float, b: Scalar) -> Scalar: ...
@overload
def maximum(a: _Like, b: _Like) -> Tensor: ...
@overload
def minimum(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def minimum(a: float, b: Scalar) -> Scalar: ...
@overload
def minimum(a: _Like, b: _Like) -> Tensor: ...
@overload
def fmax(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def fmax(a: float, b: Scalar) -> Scalar: ...
@overload
def fmax(a: _Like, b: _Like) -> Tensor: ...
@overload
def fmin(a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def fmin(a: float, b: Scalar) -> Scalar: ...
@overload
def fmin(a: _Like, b: _Like) -> Tensor: ...
@overload
def where(condition: Scalar, a: Scalar | float, b: Scalar | float) -> Scalar: ...
@overload
def where(condition: float, a: Scalar, b: Scalar | float) -> Scalar: ...
@overload
def where(condition: float, a: float, b: Scalar) -> Scalar: ...
@overload
def where(condition: _Like, a: _Like, b: _Like) -> Tensor: ...
@overload
def clip(
    x: Scalar, min: Scalar | float | None = None, max: Scalar | float | None = None
) -> Scalar: ...
@overload
def clip(x: _Like, min: _Like | None = None, max: _Like | None = None) -> Tensor: ...
@overload
def clamp(
    x: Scalar, min: Scalar | float | None = None, max: Scalar | float | None = None
) -> Scalar: ...
@overload
def clamp(x: _Like, min: _Like | None = None, max: _Like | None = None) -> Tensor: ...
@overload
def nan_to_num(x: Scalar, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Scalar: ...
@overload
def nan_to_num(x: _Like, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor: ...
@overload
def clone(x: Scalar) -> Scalar: ...
@overload
def clone(x: _Like) -> Tensor: ...
@overload
def copy(x: Scalar) -> Scalar: ...
@overload
def copy(x: _Like) -> Tensor: ...
def astype(x: _Like, dtype: npt.DTypeLike) -> Tensor: ...
@overload
def equal(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def equal(a: float, b: Scalar) -> bool: ...
@overload
def equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def eq(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def eq(a: float, b: Scalar) -> bool: ...
@overload
def eq(a: _Like, b: _Like) -> Tensor: ...
@overload
def not_equal(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def not_equal(a: float, b: Scalar) -> bool: ...
@overload
def not_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def ne(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def ne(a: float, b: Scalar) -> bool: ...
@overload
def ne(a: _Like, b: _Like) -> Tensor: ...
@overload
def less(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def less(a: float, b: Scalar) -> bool: ...
@overload
def less(a: _Like, b: _Like) -> Tensor: ...
@overload
def lt(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def lt(a: float, b: Scalar) -> bool: ...
@overload
def lt(a: _Like, b: _Like) -> Tensor: ...
@overload
def less_equal(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def less_equal(a: float, b: Scalar) -> bool: ...
@overload
def less_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def le(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def le(a: float, b: Scalar) -> bool: ...
@overload
def le(a: _Like, b: _Like) -> Tensor: ...
@overload
def greater(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def greater(a: float, b: Scalar) -> bool: ...
@overload
def greater(a: _Like, b: _Like) -> Tensor: ...
@overload
def gt(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def gt(a: float, b: Scalar) -> bool: ...
@overload
def gt(a: _Like, b: _Like) -> Tensor: ...
@overload
def greater_equal(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def greater_equal(a: float, b: Scalar) -> bool: ...
@overload
def greater_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def ge(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def ge(a: float, b: Scalar) -> bool: ...
@overload
def ge(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_and(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def logical_and(a: float, b: Scalar) -> bool: ...
@overload
def logical_and(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_or(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def logical_or(a: float, b: Scalar) -> bool: ...
@overload
def logical_or(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_xor(a: Scalar, b: Scalar | float) -> bool: ...
@overload
def logical_xor(a: float, b: Scalar) -> bool: ...
@overload
def logical_xor(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_not(x: Scalar) -> bool: ...
@overload
def logical_not(x: _Like) -> Tensor: ...
@overload
def isnan(x: Scalar) -> bool: ...
@overload
def isnan(x: _Like) -> Tensor: ...
@overload
def isinf(x: Scalar) -> bool: ...
@overload
def isinf(x: _Like) -> Tensor: ...
@overload
def isposinf(x: Scalar) -> bool: ...
@overload
def isposinf(x: _Like) -> Tensor: ...
@overload
def isneginf(x: Scalar) -> bool: ...
@overload
def isneginf(x: _Like) -> Tensor: ...
@overload
def isfinite(x: Scalar) -> bool: ...
@overload
def isfinite(x: _Like) -> Tensor: ...
@overload
def isclose(
    a: Scalar, b: Scalar | float, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool: ...
@overload
def isclose(
    a: float, b: Scalar, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool: ...
@overload
def isclose(
    a: _Like, b: _Like, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor: ...
def allclose(
    a: _Like, b: _Like, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor: ...
def array_equal(a: _Like, b: _Like, equal_nan: bool = False) -> Tensor: ...
def bitwise_and(a: _Like, b: _Like) -> Tensor: ...
def bitwise_or(a: _Like, b: _Like) -> Tensor: ...
def bitwise_xor(a: _Like, b: _Like) -> Tensor: ...
def left_shift(a: _Like, b: _Like) -> Tensor: ...
def bitwise_left_shift(a: _Like, b: _Like) -> Tensor: ...
def right_shift(a: _Like, b: _Like) -> Tensor: ...
def bitwise_right_shift(a: _Like, b: _Like) -> Tensor: ...
def invert(x: _Like) -> Tensor: ...
def bitwise_not(x: _Like) -> Tensor: ...
def bitwise_invert(x: _Like) -> Tensor: ...
def gcd(a: _Like, b: _Like) -> Tensor: ...
def lcm(a: _Like, b: _Like) -> Tensor: ...
@overload
def relu(x: Scalar) -> Scalar: ...
@overload
def relu(x: _Like) -> Tensor: ...
@overload
def relu6(x: Scalar) -> Scalar: ...
@overload
def relu6(x: _Like) -> Tensor: ...
@overload
def leaky_relu(x: Scalar, negative_slope: float = 0.01) -> Scalar: ...
@overload
def leaky_relu(x: _Like, negative_slope: float = 0.01) -> Tensor: ...
def prelu(x: _Like, weight: _Like) -> Tensor: ...
@overload
def threshold(x: Scalar, threshold: float = 0.0, value: float = 0.0) -> Scalar: ...
@overload
def threshold(x: _Like, threshold: float = 0.0, value: float = 0.0) -> Tensor: ...
@overload
def elu(x: Scalar, alpha: float = 1.0) -> Scalar: ...
@overload
def elu(x: _Like, alpha: float = 1.0) -> Tensor: ...
@overload
def selu(x: Scalar) -> Scalar: ...
@overload
def selu(x: _Like) -> Tensor: ...
@overload
def celu(x: Scalar, alpha: float = 1.0) -> Scalar: ...
@overload
def celu(x: _Like, alpha: float = 1.0) -> Tensor: ...
@overload
def sigmoid(x: Scalar) -> Scalar: ...
@overload
def sigmoid(x: _Like) -> Tensor: ...
@overload
def expit(x: Scalar) -> Scalar: ...
@overload
def expit(x: _Like) -> Tensor: ...
@overload
def logsigmoid(x: Scalar) -> Scalar: ...
@overload
def logsigmoid(x: _Like) -> Tensor: ...
@overload
def log_sigmoid(x: Scalar) -> Scalar: ...
@overload
def log_sigmoid(x: _Like) -> Tensor: ...
@overload
def softplus(x: Scalar, beta: float = 1.0, threshold: Any = None) -> Scalar: ...
@overload
def softplus(x: _Like, beta: float = 1.0, threshold: Any = None) -> Tensor: ...
@overload
def softsign(x: Scalar) -> Scalar: ...
@overload
def softsign(x: _Like) -> Tensor: ...
@overload
def soft_sign(x: Scalar) -> Scalar: ...
@overload
def soft_sign(x: _Like) -> Tensor: ...
@overload
def gelu(x: Scalar, approximate: str = "none") -> Scalar: ...
@overload
def gelu(x: _Like, approximate: str = "none") -> Tensor: ...
@overload
def silu(x: Scalar, beta: Scalar | float | None = None) -> Scalar: ...
@overload
def silu(x: _Like, beta: _Like | None = None) -> Tensor: ...
@overload
def swish(x: Scalar, beta: Scalar | float | None = None) -> Scalar: ...
@overload
def swish(x: _Like, beta: _Like | None = None) -> Tensor: ...
@overload
def mish(x: Scalar) -> Scalar: ...
@overload
def mish(x: _Like) -> Tensor: ...
def glu(x: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
@overload
def hardtanh(x: Scalar, min_val: float = -1.0, max_val: float = 1.0) -> Scalar: ...
@overload
def hardtanh(x: _Like, min_val: float = -1.0, max_val: float = 1.0) -> Tensor: ...
@overload
def hard_tanh(x: Scalar, min_val: float = -1.0, max_val: float = 1.0) -> Scalar: ...
@overload
def hard_tanh(x: _Like, min_val: float = -1.0, max_val: float = 1.0) -> Tensor: ...
@overload
def hardsigmoid(x: Scalar) -> Scalar: ...
@overload
def hardsigmoid(x: _Like) -> Tensor: ...
@overload
def hard_sigmoid(x: Scalar) -> Scalar: ...
@overload
def hard_sigmoid(x: _Like) -> Tensor: ...
@overload
def hardswish(x: Scalar) -> Scalar: ...
@overload
def hardswish(x: _Like) -> Tensor: ...
@overload
def hard_swish(x: Scalar) -> Scalar: ...
@overload
def hard_swish(x: _Like) -> Tensor: ...
@overload
def hard_silu(x: Scalar) -> Scalar: ...
@overload
def hard_silu(x: _Like) -> Tensor: ...
@overload
def tanhshrink(x: Scalar) -> Scalar: ...
@overload
def tanhshrink(x: _Like) -> Tensor: ...
@overload
def tanh_shrink(x: Scalar) -> Scalar: ...
@overload
def tanh_shrink(x: _Like) -> Tensor: ...
@overload
def softshrink(x: Scalar, lambd: float = 0.5) -> Scalar: ...
@overload
def softshrink(x: _Like, lambd: float = 0.5) -> Tensor: ...
@overload
def soft_shrink(x: Scalar, lambd: float = 0.5) -> Scalar: ...
@overload
def soft_shrink(x: _Like, lambd: float = 0.5) -> Tensor: ...
@overload
def hardshrink(x: Scalar, lambd: float = 0.5) -> Scalar: ...
@overload
def hardshrink(x: _Like, lambd: float = 0.5) -> Tensor: ...
@overload
def hard_shrink(x: Scalar, lambd: float = 0.5) -> Scalar: ...
@overload
def hard_shrink(x: _Like, lambd: float = 0.5) -> Tensor: ...
def sum(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def mean(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def prod(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def average(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    weights: _Like | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def max(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def amax(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def min(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def amin(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def ptp(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def argmax(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def argmin(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def var(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    ddof: int = 0,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def std(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    ddof: int = 0,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def logsumexp(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def cumulative_sum(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    include_initial: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def cumulative_prod(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    include_initial: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def cumsum(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def cumprod(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def cummax(
    x: _Like, axis: int, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def cummin(
    x: _Like, axis: int, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def logcumsumexp(x: _Like, axis: int, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
def all(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def any(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def count_nonzero(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nansum(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanprod(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanmean(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanvar(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    ddof: int = 0,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanstd(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    ddof: int = 0,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanmax(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanmin(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanargmax(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanargmin(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nancumsum(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def nancumprod(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def reshape(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def view(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def reshape_as(x: _Like, other: _Like) -> Tensor: ...
def view_as(x: _Like, other: _Like) -> Tensor: ...
def ravel(x: _Like) -> Tensor: ...
def flatten(x: _Like, start_dim: int = 0, end_dim: int = -1) -> Tensor: ...
def unflatten(
    x: _Like, axis: int, sizes: Any, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def squeeze(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def expand_dims(x: _Like, axis: int, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
def unsqueeze(x: _Like, axis: int, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
def atleast_1d(*xs: _Like) -> Tensor: ...
def atleast_2d(*xs: _Like) -> Tensor: ...
def atleast_3d(*xs: _Like) -> Tensor: ...
def transpose(x: _Like, axes: int | Sequence[Any] | None = None) -> Tensor: ...
def permute_dims(x: _Like, axes: int | Sequence[Any] | None = None) -> Tensor: ...
def permute(x: _Like, axes: int | Sequence[Any] | None = None) -> Tensor: ...
def swapaxes(x: _Like, axis1: int, axis2: int) -> Tensor: ...
def swapdims(x: _Like, axis1: int, axis2: int) -> Tensor: ...
def moveaxis(x: _Like, source: Any, destination: Any) -> Tensor: ...
def movedim(x: _Like, source: Any, destination: Any) -> Tensor: ...
def rollaxis(
    x: _Like, axis: int, start: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def broadcast_to(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def expand(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def expand_as(x: _Like, other: _Like) -> Tensor: ...
def broadcast_arrays(*xs: _Like) -> tuple[Tensor, ...]: ...
def broadcast_tensors(*xs: _Like) -> tuple[Tensor, ...]: ...
def meshgrid(*xs: _Like, indexing: str = "xy") -> tuple[Tensor, ...]: ...
def repeat(
    x: _Like,
    repeats: Any,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def repeat_interleave(
    x: _Like,
    repeats: Any,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def tile(x: _Like, reps: int | Sequence[int]) -> Tensor: ...
def resize(x: _Like, new_shape: Any) -> Tensor: ...
def flip(
    x: _Like, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def fliplr(x: _Like) -> Tensor: ...
def flipud(x: _Like) -> Tensor: ...
def rot90(x: _Like, k: int = 1, axes: int | Sequence[Any] = (0, 1)) -> Tensor: ...
def roll(
    x: _Like,
    shift: Any,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def pad(x: _Like, pad_width: Any, mode: str = "constant", constant_values: int = 0) -> Tensor: ...
def trim_zeros(
    x: _Like,
    trim: str = "fb",
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def diagonal(x: _Like, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
def diag_embed(x: _Like, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor: ...
def diag(x: _Like, k: int = 0) -> Tensor: ...
def diagflat(x: _Like, k: int = 0) -> Tensor: ...
def tril(x: _Like, k: int = 0) -> Tensor: ...
def triu(x: _Like, k: int = 0) -> Tensor: ...
def unfold(x: _Like, dimension: Any, size: Any, step: Any) -> Tensor: ...
def sliding_window_view(
    x: _Like,
    window_shape: Any,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def getitem(x: _Like, index: Any) -> Tensor: ...
def add_at(x: _Like, index: Any, shape: int | Sequence[int]) -> Tensor: ...
def setitem(x: _Like, value: _Like, index: Any) -> Tensor: ...
def take(
    x: _Like,
    indices: _Like,
    axis: int | tuple[int, ...] | None = None,
    mode: str = "raise",
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def take_along_axis(
    x: _Like, indices: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def compress(
    condition: _Like,
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def extract(condition: _Like, x: _Like) -> Tensor: ...
def choose(a: _Like, choices: Sequence[_Like], mode: str = "raise") -> Tensor: ...
def select(condlist: Any, choicelist: Sequence[_Like], default: int = 0) -> Tensor: ...
def gather(
    x: _Like, axis: int, index: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def scatter(
    x: _Like, axis: int, index: _Like, src: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def scatter_add(
    x: _Like, axis: int, index: _Like, src: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def scatter_reduce(
    x: _Like,
    axis: int,
    index: _Like,
    src: _Like,
    reduce: Any,
    include_self: bool = True,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def index_put(x: _Like, indices: Any, values: _Like, accumulate: bool = False) -> Tensor: ...
def index_select(
    x: _Like, axis: int, index: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def index_add(
    x: _Like,
    axis: int,
    index: _Like,
    source: _Like,
    alpha: int = 1,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def index_copy(
    x: _Like, axis: int, index: _Like, source: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def index_fill(
    x: _Like, axis: int, index: _Like, value: _Like, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def masked_fill(x: _Like, mask: _Like, value: _Like) -> Tensor: ...
def masked_select(x: _Like, mask: _Like) -> Tensor: ...
def masked_scatter(x: _Like, mask: _Like, source: _Like) -> Tensor: ...
def embedding(x: _Like, weight: _Like, padding_idx: Any = None) -> Tensor: ...
def one_hot(x: _Like, num_classes: int = -1, dtype: npt.DTypeLike = "int64") -> Tensor: ...
def concatenate(
    xs: Sequence[_Like], axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def concat(
    xs: Sequence[_Like], axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def cat(
    xs: Sequence[_Like], axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def stack(
    xs: Sequence[_Like], axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def split(x: _Like, sections: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]: ...
def unstack(
    x: _Like, axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def unbind(
    x: _Like, axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def vstack(xs: Sequence[_Like]) -> Tensor: ...
def row_stack(xs: Sequence[_Like]) -> Tensor: ...
def hstack(xs: Sequence[_Like]) -> Tensor: ...
def dstack(xs: Sequence[_Like]) -> Tensor: ...
def column_stack(xs: Sequence[_Like]) -> Tensor: ...
def block(xs: Sequence[_Like]) -> Tensor: ...
def append(
    x: _Like,
    values: _Like,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def insert(
    x: _Like,
    obj: Any,
    values: _Like,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def delete(
    x: _Like,
    obj: Any,
    axis: int | tuple[int, ...] | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def array_split(
    x: _Like,
    sections: int | Sequence[int],
    axis: int = 0,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> tuple[Tensor, ...]: ...
def tensor_split(
    x: _Like,
    sections: int | Sequence[int],
    axis: int = 0,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> tuple[Tensor, ...]: ...
def hsplit(x: _Like, sections: int | Sequence[int]) -> tuple[Tensor, ...]: ...
def vsplit(x: _Like, sections: int | Sequence[int]) -> tuple[Tensor, ...]: ...
def dsplit(x: _Like, sections: int | Sequence[int]) -> tuple[Tensor, ...]: ...
def chunk(
    x: _Like, chunks: Any, axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def split_with_sizes(
    x: _Like, split_sizes: Any, axis: int = 0, *, dim: int | tuple[int, ...] | None = None
) -> tuple[Tensor, ...]: ...
def matmul(a: _Like, b: _Like) -> Tensor: ...
def matrix_transpose(x: _Like) -> Tensor: ...
def dot(a: _Like, b: _Like) -> Tensor: ...
def vdot(a: _Like, b: _Like) -> Tensor: ...
def inner(a: _Like, b: _Like) -> Tensor: ...
def outer(a: _Like, b: _Like) -> Tensor: ...
def tensordot(a: _Like, b: _Like, axes: int | Sequence[Any] = 2) -> Tensor: ...
def einsum(subscripts: str, *operands: _Like) -> Tensor: ...
def vecdot(
    a: _Like, b: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def matvec(a: _Like, b: _Like) -> Tensor: ...
def vecmat(a: _Like, b: _Like) -> Tensor: ...
def mm(a: _Like, b: _Like) -> Tensor: ...
def bmm(a: _Like, b: _Like) -> Tensor: ...
def mv(a: _Like, b: _Like) -> Tensor: ...
def addmm(input: _Like, a: _Like, b: _Like, beta: int = 1, alpha: int = 1) -> Tensor: ...
def baddbmm(input: _Like, a: _Like, b: _Like, beta: int = 1, alpha: int = 1) -> Tensor: ...
def kron(a: _Like, b: _Like) -> Tensor: ...
def cross(
    a: _Like, b: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def multi_dot(arrays: Sequence[_Like]) -> Tensor: ...
def trace(x: _Like, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
def det(a: _Like) -> Tensor: ...
def slogdet(a: _Like) -> tuple[Tensor, ...]: ...
def logdet(a: _Like) -> Tensor: ...
def inv(a: _Like) -> Tensor: ...
def inverse(a: _Like) -> Tensor: ...
def solve(a: _Like, b: _Like) -> Tensor: ...
def tensorinv(a: _Like, ind: int = 2) -> Tensor: ...
def tensorsolve(a: _Like, b: _Like, axes: int | Sequence[Any] | None = None) -> Tensor: ...
def matrix_power(a: _Like, n: Any) -> Tensor: ...
def matrix_exp(a: _Like) -> Tensor: ...
def cholesky(a: _Like) -> Tensor: ...
def qr(a: _Like) -> tuple[Tensor, ...]: ...
def eigh(a: _Like) -> tuple[Tensor, ...]: ...
def eigvalsh(a: _Like) -> Tensor: ...
def svd(a: _Like, full_matrices: bool = True) -> tuple[Tensor, ...]: ...
def svdvals(a: _Like) -> Tensor: ...
def pinv(a: _Like, rcond: Any = None) -> Tensor: ...
def lstsq(a: _Like, b: _Like, rcond: Any = None) -> Tensor: ...
def matrix_rank(a: _Like, tol: Any = None, rtol: Any = None) -> Tensor: ...
def vector_norm(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    ord: int = 2,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def matrix_norm(
    x: _Like, keepdims: bool = False, ord: str = "fro", *, keepdim: bool | None = None
) -> Tensor: ...
def norm(
    x: _Like,
    ord: Any = None,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def cond(a: _Like, p: Any = None) -> Tensor: ...
def cdist(a: _Like, b: _Like, p: float = 2.0) -> Tensor: ...
def sort(
    x: _Like,
    axis: int = -1,
    descending: bool = False,
    stable: bool = True,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def argsort(
    x: _Like,
    axis: int = -1,
    descending: bool = False,
    stable: bool = True,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def topk(
    x: _Like,
    k: Any,
    axis: int = -1,
    largest: bool = True,
    sorted: bool = True,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> tuple[Tensor, ...]: ...
def partition(
    x: _Like, kth: Any, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def argpartition(
    x: _Like, kth: Any, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def unique(x: _Like) -> Tensor: ...
def unique_values(x: _Like) -> Tensor: ...
def median(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def quantile(
    x: _Like,
    q: Any,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def percentile(
    x: _Like,
    q: Any,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanmedian(
    x: _Like,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanquantile(
    x: _Like,
    q: Any,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def nanpercentile(
    x: _Like,
    q: Any,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
    *,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool | None = None,
) -> Tensor: ...
def cov(
    m: _Like, y: _Like | None = None, rowvar: bool = True, bias: bool = False, ddof: Any = None
) -> Tensor: ...
def corrcoef(x: _Like, y: _Like | None = None, rowvar: bool = True) -> Tensor: ...
def nonzero(x: _Like) -> tuple[Tensor, ...]: ...
def flatnonzero(x: _Like) -> Tensor: ...
def argwhere(x: _Like) -> Tensor: ...
def searchsorted(a: _Like, v: _Like, side: str = "left") -> Tensor: ...
def digitize(x: _Like, bins: _Like, right: bool = False) -> Tensor: ...
def bincount(x: _Like, weights: _Like | None = None, minlength: int = 0) -> Tensor: ...
def histogram(
    x: _Like, bins: int = 10, range: Any = None, density: bool = False
) -> tuple[Tensor, ...]: ...
def diff(
    x: _Like,
    n: int = 1,
    axis: int = -1,
    prepend: _Like | None = None,
    append: _Like | None = None,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def ediff1d(x: _Like, to_end: _Like | None = None, to_begin: _Like | None = None) -> Tensor: ...
def gradient(
    f: _Like,
    *spacing: _Like,
    axis: int | tuple[int, ...] | None = None,
    edge_order: int = 1,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def trapezoid(
    y: _Like,
    x: _Like | None = None,
    dx: float = 1.0,
    axis: int = -1,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def interp(
    x: _Like,
    points: _Like,
    values: _Like,
    left: _Like | None = None,
    right: _Like | None = None,
    period: Any = None,
) -> Tensor: ...
def angle(x: _Like, deg: bool = False) -> Tensor: ...
def unwrap(
    x: _Like,
    discont: Any = None,
    axis: int = -1,
    period: float = 6.283185307179586,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def correlate(a: _Like, v: _Like, mode: str = "valid") -> Tensor: ...
def convolve(a: _Like, v: _Like, mode: str = "full") -> Tensor: ...
def polyval(p: _Like, x: _Like) -> Tensor: ...
def polyadd(a: _Like, b: _Like) -> Tensor: ...
def polysub(a: _Like, b: _Like) -> Tensor: ...
def polymul(a: _Like, b: _Like) -> Tensor: ...
def polydiv(u: _Like, v: _Like) -> Tensor: ...
def polyder(p: _Like, m: int = 1) -> Tensor: ...
def polyint(p: _Like, m: int = 1, k: _Like | None = None) -> Tensor: ...
def polyfit(x: _Like, y: _Like, deg: Any, rcond: Any = None, w: _Like | None = None) -> Tensor: ...
def poly(zeros: _Like) -> Tensor: ...
def vander(x: _Like, N: Any = None, increasing: bool = False) -> Tensor: ...
def softmax(x: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
def log_softmax(
    x: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def softmin(x: _Like, axis: int = -1, *, dim: int | tuple[int, ...] | None = None) -> Tensor: ...
def linear(x: _Like, weight: _Like, bias: _Like | None = None) -> Tensor: ...
def bilinear(x1: _Like, x2: _Like, weight: _Like, bias: _Like | None = None) -> Tensor: ...
def standardize(
    x: _Like, axis: int = -1, eps: float = 1e-05, *, dim: int | tuple[int, ...] | None = None
) -> Tensor: ...
def layer_norm(
    x: _Like,
    normalized_shape: int | Sequence[int],
    weight: _Like | None = None,
    bias: _Like | None = None,
    eps: float = 1e-05,
) -> Tensor: ...
def rms_norm(
    x: _Like, normalized_shape: int | Sequence[int], weight: _Like | None = None, eps: Any = None
) -> Tensor: ...
def group_norm(
    x: _Like,
    num_groups: Any,
    weight: _Like | None = None,
    bias: _Like | None = None,
    eps: float = 1e-05,
) -> Tensor: ...
def normalize(
    x: _Like,
    p: int = 2,
    axis: int = 1,
    eps: float = 1e-12,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def dropout(x: _Like, p: float = 0.5, training: bool = True, generator: Any = None) -> Tensor: ...
def alpha_dropout(
    x: _Like, p: float = 0.5, training: bool = False, generator: Any = None
) -> Tensor: ...
def scaled_dot_product_attention(
    query: _Like,
    key: _Like,
    value: _Like,
    attn_mask: _Like | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: Any = None,
    generator: Any = None,
) -> Tensor: ...
def conv1d(
    x: _Like,
    weight: _Like,
    bias: _Like | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor: ...
def conv2d(
    x: _Like,
    weight: _Like,
    bias: _Like | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor: ...
def conv_transpose1d(
    x: _Like,
    weight: _Like,
    bias: _Like | None = None,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    groups: int = 1,
    dilation: int = 1,
) -> Tensor: ...
def conv_transpose2d(
    x: _Like,
    weight: _Like,
    bias: _Like | None = None,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    groups: int = 1,
    dilation: int = 1,
) -> Tensor: ...
def max_pool1d(
    x: _Like,
    kernel_size: Any,
    stride: Any = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Tensor: ...
def max_pool2d(
    x: _Like,
    kernel_size: Any,
    stride: Any = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Tensor: ...
def avg_pool1d(
    x: _Like,
    kernel_size: Any,
    stride: Any = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor: ...
def avg_pool2d(
    x: _Like,
    kernel_size: Any,
    stride: Any = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Tensor: ...
def adaptive_avg_pool1d(x: _Like, output_size: Any) -> Tensor: ...
def adaptive_avg_pool2d(x: _Like, output_size: Any) -> Tensor: ...
def adaptive_max_pool1d(x: _Like, output_size: Any) -> Tensor: ...
def adaptive_max_pool2d(x: _Like, output_size: Any) -> Tensor: ...
def interpolate(
    x: _Like,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Any = None,
) -> Tensor: ...
def upsample(
    x: _Like,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Any = None,
) -> Tensor: ...
def rnn_cell(
    x: _Like,
    h: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
    nonlinearity: str = "tanh",
) -> Tensor: ...
def rnn(
    x: _Like,
    h0: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
    nonlinearity: str = "tanh",
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, ...]: ...
def lstm_cell(
    x: _Like,
    h: _Like,
    c: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
) -> tuple[Tensor, ...]: ...
def lstm(
    x: _Like,
    h0: _Like,
    c0: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, ...]: ...
def gru_cell(
    x: _Like,
    h: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
) -> Tensor: ...
def gru(
    x: _Like,
    h0: _Like,
    weight_ih: _Like,
    weight_hh: _Like,
    bias_ih: _Like | None = None,
    bias_hh: _Like | None = None,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, ...]: ...
def normalize_batch(
    x: _Like, weight: _Like | None = None, bias: _Like | None = None, eps: float = 1e-05
) -> tuple[Tensor, ...]: ...
def batch_norm(
    x: _Like,
    running_mean: _Like | None = None,
    running_var: _Like | None = None,
    weight: _Like | None = None,
    bias: _Like | None = None,
    training: bool = False,
    eps: float = 1e-05,
) -> Tensor: ...
def mse_loss(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    weight: _Like | None = None,
) -> Tensor: ...
def mse(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    weight: _Like | None = None,
) -> Tensor: ...
def l1_loss(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    weight: _Like | None = None,
) -> Tensor: ...
def l1(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    weight: _Like | None = None,
) -> Tensor: ...
def huber_loss(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    delta: float = 1.0,
    weight: _Like | None = None,
) -> Tensor: ...
def huber(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    delta: float = 1.0,
    weight: _Like | None = None,
) -> Tensor: ...
def smooth_l1_loss(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    beta: float = 1.0,
) -> Tensor: ...
def smooth_l1(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    beta: float = 1.0,
) -> Tensor: ...
def cross_entropy(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    ignore_index: int = -100,
    reduction: Literal["mean", "sum", "none"] = "mean",
    label_smoothing: float = 0.0,
) -> Tensor: ...
def nll_loss(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    ignore_index: int = -100,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def nll(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    ignore_index: int = -100,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def multi_margin_loss(
    input: _Like,
    target: _Like,
    p: int = 1,
    margin: float = 1.0,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def binary_cross_entropy(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def bce(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def binary_cross_entropy_with_logits(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
    pos_weight: _Like | None = None,
) -> Tensor: ...
def bce_with_logits(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
    pos_weight: _Like | None = None,
) -> Tensor: ...
def multilabel_soft_margin_loss(
    input: _Like,
    target: _Like,
    weight: _Like | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def sigmoid_focal_loss(
    input: _Like,
    target: _Like,
    alpha: float = 0.25,
    gamma: int = 2,
    reduction: Literal["mean", "sum", "none"] = "none",
) -> Tensor: ...
def focal_loss(
    input: _Like,
    target: _Like,
    alpha: float = 0.25,
    gamma: int = 2,
    reduction: Literal["mean", "sum", "none"] = "none",
) -> Tensor: ...
def hinge_loss(
    input: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def hinge(
    input: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def squared_hinge_loss(
    input: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def squared_hinge(
    input: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def soft_margin_loss(
    input: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def hinge_embedding_loss(
    input: _Like,
    target: _Like,
    margin: float = 1.0,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def margin_ranking_loss(
    input1: _Like,
    input2: _Like,
    target: _Like,
    margin: float = 0.0,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def kl_div(
    input: _Like,
    target: _Like,
    reduction: Literal["mean", "sum", "none"] = "mean",
    log_target: bool = False,
) -> Tensor: ...
def poisson_nll_loss(
    input: _Like,
    target: _Like,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-08,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def gaussian_nll_loss(
    input: _Like,
    target: _Like,
    var: _Like,
    full: bool = False,
    eps: float = 1e-06,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def cosine_similarity(
    x1: _Like,
    x2: _Like,
    axis: int = 1,
    eps: float = 1e-08,
    *,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor: ...
def pairwise_distance(
    x1: _Like,
    x2: _Like,
    p: float = 2.0,
    eps: float = 1e-06,
    keepdims: bool = False,
    *,
    keepdim: bool | None = None,
) -> Tensor: ...
def cosine_embedding_loss(
    input1: _Like,
    input2: _Like,
    target: _Like,
    margin: float = 0.0,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def triplet_margin_loss(
    anchor: _Like,
    positive: _Like,
    negative: _Like,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-06,
    swap: bool = False,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor: ...
def ctc_loss(
    log_probs: _Like,
    targets: _Like,
    input_lengths: _Like,
    target_lengths: _Like,
    blank: int = 0,
    reduction: Literal["mean", "sum", "none"] = "mean",
    zero_infinity: bool = False,
) -> Tensor: ...
def ctc(
    log_probs: _Like,
    targets: _Like,
    input_lengths: _Like,
    target_lengths: _Like,
    blank: int = 0,
    reduction: Literal["mean", "sum", "none"] = "mean",
    zero_infinity: bool = False,
) -> Tensor: ...
def sgd_step(
    p: _Like,
    g: _Like,
    v: _Like | None = None,
    lr: float = 0.001,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
) -> tuple[Tensor, ...]: ...
def lion_step(
    p: _Like, g: _Like, m: _Like, lr: float = 0.0001, beta1: float = 0.9, beta2: float = 0.99
) -> tuple[Tensor, ...]: ...
def adagrad_step(
    p: _Like,
    g: _Like,
    v: _Like,
    lr: float = 0.01,
    lr_decay: float = 0.0,
    eps: float = 1e-10,
    t: int = 1,
) -> tuple[Tensor, ...]: ...
def rmsprop_step(
    p: _Like,
    g: _Like,
    v: _Like,
    mean: _Like | None = None,
    b: _Like | None = None,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-08,
    momentum: float = 0.0,
) -> tuple[Tensor, ...]: ...
def adadelta_step(
    p: _Like, g: _Like, v: _Like, u: _Like, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-06
) -> tuple[Tensor, ...]: ...
def adam_step(
    p: _Like,
    g: _Like,
    m: _Like,
    v: _Like,
    v_max: _Like | None = None,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-08,
    t: int = 1,
) -> tuple[Tensor, ...]: ...
def adamax_step(
    p: _Like,
    g: _Like,
    m: _Like,
    u: _Like,
    lr: float = 0.002,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-08,
    t: int = 1,
) -> tuple[Tensor, ...]: ...
def nadam_step(
    p: _Like,
    g: _Like,
    m: _Like,
    v: _Like,
    lr: float = 0.002,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-08,
    momentum_decay: float = 0.004,
    product: float = 1.0,
    t: int = 1,
) -> tuple[Tensor, ...]: ...
def radam_step(
    p: _Like,
    g: _Like,
    m: _Like,
    v: _Like,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-08,
    t: int = 1,
) -> tuple[Tensor, ...]: ...
