"""A function as a layer: what activations and losses have in common."""

import inspect
from collections.abc import Callable
from typing import Any

from .._core import Tensor
from .module import Module


class FunctionLayer(Module):
    """A function whose parameters are attributes of the layer.

    A subclass names its function, ``class ELU(FunctionLayer, function=FUNCTIONS["elu"])``. Its
    ``__init__`` sets an attribute for each of its own parameters; every call hands these on under
    their names. Of a function of the table, sentence and formula go to the head of the docstring.
    """

    _function: Callable[..., Any]
    _parameters: tuple[str, ...] = ()  # of __init__ and, under the same names, of the function
    _notes = ""  # ends the docstring of a subclass that has none of its own

    def __init_subclass__(cls, function=None, **more):
        super().__init_subclass__(**more)
        if function is None:  # a base, or a variant that somebody derives from a layer
            return
        cls._function = staticmethod(function)
        init = vars(cls).get("__init__")
        if init is not None:
            code = init.__code__
            names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
            cls._parameters = tuple(name for name in names if name != "inplace")
        own = inspect.cleandoc(vars(cls).get("__doc__") or cls._notes)
        if hasattr(function, "op"):
            info = function.op.info
            own = f"{info['doc']}\n\n.. math:: {info['tex']}\n\n{own}".strip()
        cls.__doc__ = own

    def _options(self):
        """The parameters that a call hands on."""
        return {name: getattr(self, name) for name in self._parameters}

    def extra_repr(self):
        """The parameters; of an array its shape, and nothing where it is None."""
        return ", ".join(
            f"{name}: {value.shape}" if isinstance(value, Tensor) else f"{name}={value!r}"
            for name, value in self._options().items()
            if value is not None
        )
