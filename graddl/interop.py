"""Tensors in einops: `rearrange`, `reduce`, `repeat`, `einsum` on them keep their gradients.

einops asks the subclasses of its AbstractBackend whose a value is. Ours is defined as soon as
einops has been imported, before or after graddl; graddl itself never imports it. Other libraries
need no more than NumPy's protocols, the array API and DLPack, which a Tensor speaks itself.
"""

import importlib.util
import sys
from typing import Any

from . import _core
from .ops import FUNCTIONS

MODULE = "einops._backends"


def register(backends: Any) -> None:
    """Add our backend to einops' module of backends."""

    class GraddlBackend(backends.AbstractBackend):
        framework_name = "graddl"

        def is_appropriate_type(self, tensor):
            return isinstance(tensor, _core.Tensor)

        def from_numpy(self, x):
            return _core.Tensor(x, requires_grad=x.dtype.kind == "f")

        def to_numpy(self, x):
            return x.numpy()

        def arange(self, start, stop):
            return sys.modules["graddl"].arange(start, stop)

        def stack_on_zeroth_dimension(self, tensors):
            return FUNCTIONS["stack"](tensors)

        def tile(self, x, repeats):
            return FUNCTIONS["tile"](x, repeats)

        def concat(self, tensors, axis):
            return FUNCTIONS["concatenate"](tensors, axis)

        def is_float_type(self, x):
            return x.dtype.kind == "f"

        def add_axis(self, x, new_position):
            return FUNCTIONS["expand_dims"](x, new_position)

        def einsum(self, pattern, *x):
            return FUNCTIONS["einsum"](pattern, *x)

    backends.GraddlBackend = GraddlBackend  # einops finds it as long as somebody holds it


class _Watch:
    """Stands in the way of one import: that of einops' backends, to which it adds ours.

    A finder and a loader; without their base classes, whose module takes 10 ms to import."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec: Any = importlib.util.find_spec(name)
        if spec is not None:
            self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        register(module)


if MODULE in sys.modules:
    register(sys.modules[MODULE])
else:
    sys.meta_path.insert(0, _Watch())
