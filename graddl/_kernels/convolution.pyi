from typing import Any

from numpy.typing import NDArray

CHUNK: int

# What graddl._convolution does, or NotImplemented.
def conv(
    x: NDArray[Any],
    w: NDArray[Any],
    *,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    before: tuple[int, ...],
    size: tuple[int, ...],
    groups: int,
) -> NDArray[Any]: ...
def conv_input(
    g: NDArray[Any],
    w: NDArray[Any],
    *,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    before: tuple[int, ...],
    groups: int,
) -> NDArray[Any]: ...
def conv_weight(
    g: NDArray[Any],
    x: NDArray[Any],
    *,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    before: tuple[int, ...],
    groups: int,
) -> NDArray[Any]: ...
