from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import numpy.typing as npt

from ._core import Scalar, Tensor, _AnyNode

_Visit = Callable[[_AnyNode, Any, Any], object]  # node, what arrived, what goes on to each input

@final
class Plan: ...

def gradients(
    outputs: Iterable[Tensor | Scalar],
    inputs: Iterable[Tensor | Scalar],
    grads: Sequence[Any] | None = None,
    *,
    create_graph: bool = False,
    on_visit: _Visit | None = None,
) -> list[Any]: ...
def trace(
    root: Tensor | Scalar, on_visit: _Visit, grad: Tensor | npt.ArrayLike | None = None
) -> None: ...
def backward_order(root: Tensor | Scalar) -> list[_AnyNode]: ...
def tensor_backward(
    self: Tensor,
    grad: Tensor | npt.ArrayLike | None = None,
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
    inputs: Tensor | Scalar | Sequence[Tensor | Scalar] | None = None,
) -> None: ...
def scalar_backward(
    self: Scalar,
    grad: Scalar | float | None = None,
    *,
    retain_graph: bool = True,
    create_graph: bool = False,
    inputs: Tensor | Scalar | Sequence[Tensor | Scalar] | None = None,
) -> None: ...
