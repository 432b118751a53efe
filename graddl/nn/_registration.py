"""What may become an attribute of a Module: what would lose a gradient in silence may not."""

from .._core import Scalar, Tensor
from ..errors import ArgumentError, DTypeError, GradientError
from .parameter import Parameter

COLLECTIONS = (list, tuple, dict, set, frozenset)
PLAIN = {str, bytes, int, float, bool, type(None)}  # what cannot hold anything


def check_name(name, taken):
    """A part's name becomes a step of a dotted path, and must not hide what the class has."""
    if not isinstance(name, str) or not name or "." in name or hasattr(taken, name):
        raise ArgumentError(
            f"{name!r} cannot name a part of a module",
            got=repr(name),
            expected="a name without dots that Module does not use itself",
            fix="another name",
        )


def check_tensor(place, name, value):
    """Only Parameters may want gradient: nothing else is found by `parameters()`."""
    if isinstance(value, Tensor | Scalar) and value.requires_grad:
        raise GradientError(
            f"{place} would be a plain {type(value).__name__} that wants gradient: "
            "no optimizer would find it",
            got=repr(value),
            expected="an nn.Parameter",
            fix=f"wrap it in nn.Parameter: self.{name} = nn.Parameter(...); "
            ".detach() what is only looked at",
        )


def check_collection(place, name, values, known, module_type):
    """Parts inside of a list are found by nobody, unless they are attributes of their own too."""
    for part in _inside(values, (Tensor, Scalar, module_type), set()):
        loses = isinstance(part, module_type) or part.requires_grad
        if loses and id(part) not in known():
            raise _lost(place, name, values, part)


def check_later(module, known, module_type):
    """What changed after it was assigned: a list that grew, a Tensor that wants gradient by now.

    In a list only Parameters and Modules count: other tensors may be results that are kept.
    """
    for name, value in vars(module).items():
        if isinstance(value, COLLECTIONS) and name != "_hooks":
            for part in _inside(value, (Parameter, module_type), set()):
                if id(part) not in known():
                    raise _lost(f"{type(module).__name__}.{name}", name, value, part)
        elif isinstance(value, Tensor) and not isinstance(value, Parameter) and value.is_leaf:
            check_tensor(f"{type(module).__name__}.{name}", name, value)


def _inside(values, kinds, seen):
    """Yield what is of the `kinds` in a collection, and in collections in it."""
    values = values.values() if isinstance(values, dict) else values
    if set(map(type, values)) <= PLAIN:
        return  # such as a vocabulary
    for part in values:
        if isinstance(part, kinds):
            yield part
        elif isinstance(part, COLLECTIONS) and id(part) not in seen:
            seen.add(id(part))
            yield from _inside(part, kinds, seen)


def _lost(place, name, values, part):
    held = f"a {type(values).__name__} that holds a {type(part).__name__}"
    return GradientError(
        f"{place} cannot be {held}: no optimizer would find what is in it",
        got=held,
        expected="a Module, or Parameters as attributes",
        fix=f"self.{name} = nn.ModuleList([...]), or nn.Sequential(...)",
    )


def check_replaced(place, name, old, value, module_type):
    """A Parameter or a Module gives way to its like, or to None."""
    for kind in (Parameter, module_type):
        if isinstance(old, kind) and not (value is None or isinstance(value, kind)):
            assign = f"self.{name}.data = ... for new values"
            raise DTypeError(
                f"{place} is a {kind.__name__} and cannot become a {type(value).__name__}",
                got=type(value).__name__,
                expected=f"a {kind.__name__} or None",
                fix=assign if kind is Parameter else f"del self.{name} first",
            )
