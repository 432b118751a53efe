"""Modules that hold others in order."""

from collections.abc import Mapping

from ..errors import DTypeError
from .module import Module


class _Ordered(Module):
    """Sub-modules in order: what the containers share."""

    def __len__(self):
        return sum(1 for _ in self.children())

    def __iter__(self):
        return self.children()

    def _add(self, name, layer):
        if not isinstance(layer, Module):
            fix = "a Module such as nn.ReLU()"
            if isinstance(layer, type):
                fix = f"{layer.__name__}()"
            elif isinstance(layer, list | tuple):
                fix = f"{type(self).__name__}(*layers)"
            raise DTypeError(
                f"part {name!r} is no Module but {layer!r}",
                op=type(self).__name__,
                got=type(layer).__name__,
                expected="a Module",
                fix=fix,
            )
        setattr(self, name, layer)

    def append(self, layer):
        """Add a layer at the end; returns the container."""
        names = [int(name) for name, _ in self.named_children() if name.isdigit()]
        self._add(str(max([-1, *names]) + 1), layer)
        return self


class Sequential(_Ordered):
    """Layers one after the other: the output of each is the input of the next.

    Parameters
    ----------
    *layers : Module
        Named "0", "1", ...; or one mapping of names to Modules.

    Raises
    ------
    DTypeError
        If something is not a Module.

    Examples
    --------
    >>> import graddl as gd
    >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU(), gd.nn.Linear(3, 2))
    >>> net(gd.zeros(5, 4)).shape
    (5, 2)
    >>> net[:-1]
    Sequential(
      (0): Linear(4, 3)
      (1): ReLU()
    )
    """

    def __init__(self, *layers):
        one_mapping = len(layers) == 1 and isinstance(layers[0], Mapping)
        named = layers[0] if one_mapping else dict(enumerate(layers))
        for name, layer in named.items():
            self._add(str(name), layer)

    def __getitem__(self, index):
        """The layer at a position, or with a slice a Sequential of layers that keep their names."""
        if isinstance(index, slice):
            return Sequential(dict(list(self.named_children())[index]))
        return list(self.children())[index]

    def forward(self, x):
        """Pass x through all layers."""
        for layer in self.children():
            x = layer(x)
        return x


class ModuleList(_Ordered):
    """A list whose Modules belong to the model; the module that holds it says how to call them.

    Parameters
    ----------
    layers : iterable of Module

    Raises
    ------
    DTypeError
        If something is not a Module.
    """

    def __init__(self, layers=()):
        for layer in layers:
            self.append(layer)

    def __getitem__(self, index):
        """The layer at a position, or with a slice a plain list of layers."""
        return list(self.children())[index]

    def _set_name(self, name):
        # The list itself never runs, so its layers carry its name: "layers.0".
        self._name = name
        for own, child in self.named_children():
            child._set_name(f"{name}.{own}")

    def append(self, layer):
        """Add a layer at the end; returns the list."""
        super().append(layer)
        if self._name is not None:
            self._set_name(self._name)
        return self
