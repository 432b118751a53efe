from typing import Any

from numpy.typing import DTypeLike, NDArray

class Left:
    def __init__(self, start: NDArray[Any], step: NDArray[Any], place: NDArray[Any]) -> None: ...

class Packed:
    def __init__(self, dtype: DTypeLike, depth: int, columns: int, run: int) -> None: ...

class Matrix(Packed):
    def __init__(self, w: NDArray[Any], rows: int) -> None: ...
