from typing import Any

from numpy.typing import DTypeLike, NDArray

class Packed:
    def __init__(self, dtype: DTypeLike, depth: int, columns: int, run: int) -> None: ...

class Matrix(Packed):
    def __init__(self, w: NDArray[Any], rows: int) -> None: ...
