"""The functions of the op table, for type checkers and editors. Written by `make stubs`."""

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy.typing as npt

from ._core import Op, Scalar, Tensor, _Like

__all__ = [
    "add",
    "subtract",
    "sub",
    "multiply",
    "mul",
    "divide",
    "div",
    "true_divide",
    "negative",
    "neg",
    "power",
    "pow",
    "floor_divide",
    "remainder",
    "mod",
    "square",
    "sqrt",
    "exp",
    "log",
    "abs",
    "absolute",
    "fabs",
    "sign",
    "floor",
    "erf",
    "tanh",
    "sigmoid",
    "relu",
    "softplus",
    "sin",
    "cos",
    "tan",
    "arctan2",
    "atan2",
    "hypot",
    "maximum",
    "minimum",
    "where",
    "clip",
    "clamp",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "logical_and",
    "logical_or",
    "logical_not",
    "isnan",
    "isfinite",
    "clone",
    "copy",
    "astype",
    "getitem",
    "add_at",
    "matmul",
    "matrix_transpose",
    "softmax",
    "log_softmax",
    "linear",
    "cross_entropy",
    "sum",
    "mean",
    "max",
    "amax",
    "min",
    "amin",
    "argmax",
    "all",
    "any",
    "reshape",
    "transpose",
    "permute_dims",
    "broadcast_to",
    "expand_dims",
    "unsqueeze",
    "squeeze",
    "concatenate",
    "concat",
    "cat",
    "stack",
    "split",
]

@overload
def add(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def add(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def add(a: _Like, b: _Like) -> Tensor: ...
@overload
def subtract(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def subtract(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def subtract(a: _Like, b: _Like) -> Tensor: ...
@overload
def sub(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sub(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sub(a: _Like, b: _Like) -> Tensor: ...
@overload
def multiply(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def multiply(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def multiply(a: _Like, b: _Like) -> Tensor: ...
@overload
def mul(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def mul(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def mul(a: _Like, b: _Like) -> Tensor: ...
@overload
def divide(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def divide(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def div(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def div(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def div(a: _Like, b: _Like) -> Tensor: ...
@overload
def true_divide(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def true_divide(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def true_divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def negative(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def negative(x: _Like) -> Tensor: ...
@overload
def neg(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def neg(x: _Like) -> Tensor: ...
@overload
def power(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def power(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def power(a: _Like, b: _Like) -> Tensor: ...
@overload
def pow(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def pow(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def pow(a: _Like, b: _Like) -> Tensor: ...
@overload
def floor_divide(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def floor_divide(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def floor_divide(a: _Like, b: _Like) -> Tensor: ...
@overload
def remainder(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def remainder(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def remainder(a: _Like, b: _Like) -> Tensor: ...
@overload
def mod(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def mod(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def mod(a: _Like, b: _Like) -> Tensor: ...
@overload
def square(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def square(x: _Like) -> Tensor: ...
@overload
def sqrt(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sqrt(x: _Like) -> Tensor: ...
@overload
def exp(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def exp(x: _Like) -> Tensor: ...
@overload
def log(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def log(x: _Like) -> Tensor: ...
@overload
def abs(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def abs(x: _Like) -> Tensor: ...
@overload
def absolute(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def absolute(x: _Like) -> Tensor: ...
@overload
def fabs(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def fabs(x: _Like) -> Tensor: ...
@overload
def sign(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sign(x: _Like) -> Tensor: ...
@overload
def floor(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def floor(x: _Like) -> Tensor: ...
@overload
def erf(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def erf(x: _Like) -> Tensor: ...
@overload
def tanh(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def tanh(x: _Like) -> Tensor: ...
@overload
def sigmoid(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sigmoid(x: _Like) -> Tensor: ...
@overload
def relu(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def relu(x: _Like) -> Tensor: ...
@overload
def softplus(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def softplus(x: _Like) -> Tensor: ...
@overload
def sin(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def sin(x: _Like) -> Tensor: ...
@overload
def cos(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def cos(x: _Like) -> Tensor: ...
@overload
def tan(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def tan(x: _Like) -> Tensor: ...
@overload
def arctan2(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def arctan2(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def arctan2(a: _Like, b: _Like) -> Tensor: ...
@overload
def atan2(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def atan2(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def atan2(a: _Like, b: _Like) -> Tensor: ...
@overload
def hypot(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def hypot(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def hypot(a: _Like, b: _Like) -> Tensor: ...
@overload
def maximum(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def maximum(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def maximum(a: _Like, b: _Like) -> Tensor: ...
@overload
def minimum(a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def minimum(a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def minimum(a: _Like, b: _Like) -> Tensor: ...
@overload
def where(condition: Scalar, a: Scalar | float, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def where(condition: float, a: Scalar, b: Scalar | float) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def where(condition: float, a: float, b: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def where(condition: _Like, a: _Like, b: _Like) -> Tensor: ...
@overload
def clip(
    x: Scalar, min: Scalar | float | None = None, max: Scalar | float | None = None
) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clip(x: float, min: Scalar | None = None, max: Scalar | float | None = None) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clip(x: float, min: float | None = None, max: Scalar | None = None) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clip(x: _Like, min: _Like | None = None, max: _Like | None = None) -> Tensor: ...
@overload
def clamp(
    x: Scalar, min: Scalar | float | None = None, max: Scalar | float | None = None
) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clamp(x: float, min: Scalar | None = None, max: Scalar | float | None = None) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clamp(x: float, min: float | None = None, max: Scalar | None = None) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clamp(x: _Like, min: _Like | None = None, max: _Like | None = None) -> Tensor: ...
@overload
def equal(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def equal(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def not_equal(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def not_equal(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def not_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def less(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def less(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def less(a: _Like, b: _Like) -> Tensor: ...
@overload
def less_equal(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def less_equal(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def less_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def greater(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def greater(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def greater(a: _Like, b: _Like) -> Tensor: ...
@overload
def greater_equal(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def greater_equal(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def greater_equal(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_and(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def logical_and(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def logical_and(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_or(a: Scalar, b: Scalar | float) -> bool: ...  # type: ignore[overload-overlap]
@overload
def logical_or(a: float, b: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def logical_or(a: _Like, b: _Like) -> Tensor: ...
@overload
def logical_not(x: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def logical_not(x: _Like) -> Tensor: ...
@overload
def isnan(x: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def isnan(x: _Like) -> Tensor: ...
@overload
def isfinite(x: Scalar) -> bool: ...  # type: ignore[overload-overlap]
@overload
def isfinite(x: _Like) -> Tensor: ...
@overload
def clone(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def clone(x: _Like) -> Tensor: ...
@overload
def copy(x: Scalar) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def copy(x: _Like) -> Tensor: ...
@overload
def astype(x: Scalar, dtype: npt.DTypeLike) -> Scalar: ...  # type: ignore[overload-overlap]
@overload
def astype(x: _Like, dtype: npt.DTypeLike) -> Tensor: ...
def getitem(x: _Like, index: Any) -> Tensor: ...
def add_at(x: _Like, index: Any, shape: int | Sequence[int]) -> Tensor: ...
def matmul(a: _Like, b: _Like) -> Tensor: ...
def matrix_transpose(x: _Like) -> Tensor: ...
def softmax(x: _Like, axis: int = -1) -> Tensor: ...
def log_softmax(x: _Like, axis: int = -1) -> Tensor: ...
def linear(x: _Like, weight: _Like, bias: _Like | None = None) -> Tensor: ...
def cross_entropy(
    logits: _Like, target: _Like, reduction: Literal["mean", "sum", "none"] = "mean"
) -> Tensor: ...
def sum(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def mean(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def max(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def amax(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def min(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def amin(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def argmax(
    x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Tensor: ...
def all(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def any(x: _Like, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor: ...
def reshape(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def transpose(x: _Like, axes: Sequence[int] | None = None) -> Tensor: ...
def permute_dims(x: _Like, axes: Sequence[int] | None = None) -> Tensor: ...
def broadcast_to(x: _Like, shape: int | Sequence[int]) -> Tensor: ...
def expand_dims(x: _Like, axis: int) -> Tensor: ...
def unsqueeze(x: _Like, axis: int) -> Tensor: ...
def squeeze(x: _Like, axis: int | tuple[int, ...] | None = None) -> Tensor: ...
def concatenate(xs: Sequence[_Like], axis: int = 0) -> Tensor: ...
def concat(xs: Sequence[_Like], axis: int = 0) -> Tensor: ...
def cat(xs: Sequence[_Like], axis: int = 0) -> Tensor: ...
def stack(xs: Sequence[_Like], axis: int = 0) -> Tensor: ...
def split(x: _Like, sections: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]: ...
