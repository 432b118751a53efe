"""What may become an attribute of a Module: what would lose a gradient in silence may not."""

from .._core import Scalar, Tensor
from ..errors import ArgumentError, DTypeError, GradientError
from .parameter import Parameter


def check_name(name, taken):
    """A part's name becomes a step of a dotted path, and must not hide what the class has."""
    if not name or "." in name or hasattr(taken, name):
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
    for part in values.values() if isinstance(values, dict) else values:
        loses = isinstance(part, Tensor | Scalar) and part.requires_grad
        if (loses or isinstance(part, module_type)) and id(part) not in known():
            held = f"a {type(values).__name__} that holds a {type(part).__name__}"
            raise GradientError(
                f"{place} would be {held}: no optimizer would find what is in it",
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
