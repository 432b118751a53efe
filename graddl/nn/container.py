"""Modules that hold others in order."""

from collections.abc import Mapping
from operator import index as as_int

from ..errors import DTypeError, IndexError_
from ._registration import check_name
from .module import Module
from .parameter import Parameter


class _Container(Module):
    """Parts in order, each an attribute: what the containers share."""

    _holds: type = Module  # what a part has to be

    def _parts(self):
        """The parts by name, in order."""
        return {name: x for name, x in vars(self).items() if isinstance(x, self._holds)}

    def __len__(self):
        return len(self._parts())

    def __iter__(self):
        return iter(self._parts().values())

    def _check(self, name, part):
        if isinstance(part, self._holds):
            return
        kind = self._holds.__name__
        fix = "a Module such as nn.ReLU()" if self._holds is Module else "nn.Parameter(...)"
        if isinstance(part, type):
            fix = f"{part.__name__}()"
        elif isinstance(part, list | tuple):
            fix = f"{type(self).__name__}(*layers)"
        raise DTypeError(
            f"part {name!r} is no {kind} but {part!r}",
            op=type(self).__name__,
            got=type(part).__name__,
            expected=f"a {kind}",
            fix=fix,
        )

    def _add(self, name, part):
        self._check(name, part)
        setattr(self, name, part)


class _Listed(_Container):
    """Parts by position. Those without names of their own are called "0", "1", ...; these numbers
    are counted anew when a part is put in between, or taken out."""

    def _name_at(self, index):
        """The name of the part at a position, which may count from the end."""
        names, index = list(self._parts()), as_int(index)
        if not -len(names) <= index < len(names):
            raise IndexError_(
                f"there is no part {index}",
                op=type(self).__name__,
                got=index,
                expected=f"a position among {len(names)}",
                fix=f"[{len(names) - 1}]" if names else ".append(...)",
            )
        return names[index]

    def _rearrange(self, parts):
        """Hold just these (name, part), in this order; names that are numbers count from 0."""
        numbered = all(name.isdigit() for name, _ in parts)
        for name in self._parts():
            vars(self).pop(name)
        for i, (name, part) in enumerate(parts):
            new = str(i) if numbered else name
            if new != name:
                self._renamed(name, new, part)
            setattr(self, new, part)

    def _renamed(self, old, new, part):
        """Let the names of Parameters follow that of their layer, also below other modules."""
        one = isinstance(part, Parameter)
        for path, parameter in [("", part)] if one else part.named_parameters():
            before, after = (self._dotted(f"{name}.{path}".rstrip(".")) for name in (old, new))
            if f".{parameter.name}".endswith(f".{before}"):
                parameter.name = parameter.name.removesuffix(before) + after

    def _free_name(self):
        """The number after the last one."""
        return str(max([-1, *(int(name) for name in self._parts() if name.isdigit())]) + 1)

    def append(self, part):
        """Add a part at the end; returns the container."""
        self._add(self._free_name(), part)
        return self

    def extend(self, parts):
        """Add parts at the end; returns the container."""
        for part in parts:
            self.append(part)
        return self

    def insert(self, index, part):
        """Put a part before the one at a position, as a list does; returns the container."""
        parts = list(self._parts().items())
        self._check(index, part)
        parts.insert(index, (self._free_name(), part))
        self._rearrange(parts)
        return self

    def pop(self, index=-1):
        """Take the part at a position out; returns it."""
        part = self._parts()[self._name_at(index)]
        del self[index]
        return part

    def __setitem__(self, index, part):
        self._add(self._name_at(index), part)

    def __delitem__(self, index):
        names = list(self._parts())
        gone = set(names[index] if isinstance(index, slice) else [self._name_at(index)])
        self._rearrange([(n, part) for n, part in self._parts().items() if n not in gone])


class Sequential(_Listed):
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
    >>> net.insert(1, gd.nn.Tanh())
    Sequential(
      (0): Linear(4, 3)
      (1): Tanh()
      (2): ReLU()
      (3): Linear(3, 2)
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
            return Sequential(dict(list(self._parts().items())[index]))
        return self._parts()[self._name_at(index)]

    def forward(self, x):
        """Pass x through all layers."""
        for layer in self:
            x = layer(x)
        return x


class _Shelf(_Container):
    """A container that never runs itself, so that its layers carry its name: "layers.0"."""

    def _set_name(self, name):
        self._name = name
        for own, child in self.named_children():
            child._set_name(f"{name}.{own}")

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if isinstance(value, Module) and self._name is not None:
            self._set_name(self._name)


class ModuleList(_Shelf, _Listed):
    """A list whose Modules belong to the model; the module that holds it says how to call them.

    Parameters
    ----------
    layers : iterable of Module

    Raises
    ------
    DTypeError
        If something is not a Module.

    Examples
    --------
    >>> import graddl as gd
    >>> layers = gd.nn.ModuleList(gd.nn.Linear(2, 2) for _ in range(3))
    >>> x = gd.ones(2)
    >>> for layer in layers:
    ...     x = layer(x)
    >>> len(layers), len(list(layers.parameters()))
    (3, 6)
    """

    def __init__(self, layers=()):
        self.extend(layers)

    def __getitem__(self, index):
        """The part at a position, or with a slice a plain list of parts."""
        if isinstance(index, slice):
            return list(self)[index]
        return self._parts()[self._name_at(index)]


class ParameterList(ModuleList):
    """A list whose Parameters belong to the model.

    Parameters
    ----------
    parameters : iterable of Parameter

    Raises
    ------
    DTypeError
        If something is not a Parameter.

    Examples
    --------
    >>> import graddl as gd
    >>> scales = gd.nn.ParameterList(gd.nn.Parameter([1.0 * n]) for n in range(3))
    >>> [name for name, _ in scales.named_parameters()]
    ['0', '1', '2']
    """

    _holds = Parameter


class ModuleDict(_Shelf):
    """A dict whose Modules belong to the model; the module that holds it says how to call them.

    Parameters
    ----------
    parts : mapping of str to Module, or iterable of (str, Module)

    Raises
    ------
    DTypeError
        If something is not a Module.
    ArgumentError
        On a key with a dot, or one that is a method of the class, such as "train".

    Examples
    --------
    >>> import graddl as gd
    >>> heads = gd.nn.ModuleDict({"digit": gd.nn.Linear(8, 10), "color": gd.nn.Linear(8, 3)})
    >>> heads["color"](gd.ones(8)).shape
    (3,)
    >>> list(heads)
    ['digit', 'color']
    """

    def __init__(self, parts=()):
        self.update(parts)

    def __getitem__(self, key):
        return self._parts()[key]

    def __setitem__(self, key, part):
        check_name(key, type(self))
        self._add(key, part)

    def __delitem__(self, key):
        self.pop(key)

    def __contains__(self, key):
        return key in self._parts()

    def __iter__(self):
        return iter(self._parts())

    def pop(self, key):
        """Take the part with a name out; returns it. KeyError if there is none."""
        part = self._parts()[key]
        delattr(self, key)
        return part

    def keys(self):
        """The names."""
        return self._parts().keys()

    def values(self):
        """The parts."""
        return self._parts().values()

    def items(self):
        """Pairs of name and part."""
        return self._parts().items()

    def update(self, parts):
        """Put in the parts of a mapping or of (name, part) pairs."""
        for key, part in dict(parts).items():
            self[key] = part


class ParameterDict(ModuleDict):
    """A dict whose Parameters belong to the model.

    Parameters
    ----------
    parts : mapping of str to Parameter, or iterable of (str, Parameter)

    Raises
    ------
    DTypeError
        If something is not a Parameter.
    ArgumentError
        On a key with a dot, or one that is a method of the class.

    Examples
    --------
    >>> import graddl as gd
    >>> factors = gd.nn.ParameterDict({"left": gd.nn.Parameter([1.0])})
    >>> (factors["left"] * 2).tolist()
    [2.0]
    """

    _holds = Parameter
