from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from ._core import Scalar

class Tape:
    inputs: tuple[Scalar, ...]
    params: tuple[Scalar, ...]
    n: int
    branched: bool
    value: float | npt.NDArray[np.float64] | None
    param_grads: npt.NDArray[np.float64] | None
    def __new__(
        cls, y: Scalar, inputs: Sequence[Scalar], params: Sequence[Scalar] = ()
    ) -> Self: ...
    def __len__(self) -> int: ...
    def instructions(
        self,
    ) -> tuple[list[tuple[str, tuple[tuple[int, float], ...], int]], tuple[int, float]]: ...
    def run(self, X: npt.ArrayLike = ()) -> float | npt.NDArray[np.float64]: ...
    def backward(self, grad: npt.ArrayLike | None = None) -> npt.NDArray[np.float64]: ...

def compile(y: Scalar, inputs: Sequence[Scalar], params: Sequence[Scalar] = ()) -> Tape: ...
