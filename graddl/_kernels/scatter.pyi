from typing import Any

import numpy as np

def add_rows(
    out: np.ndarray[Any, Any], at: np.ndarray[Any, Any], g: np.ndarray[Any, Any]
) -> bool: ...
