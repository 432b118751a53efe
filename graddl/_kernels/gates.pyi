from collections.abc import Callable
from typing import Any

KERNELS: dict[str, dict[str, Callable[..., Any]]]  # entry -> door -> kernel
