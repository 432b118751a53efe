"""What all of this folder says of an option with an impossible value."""

from ..errors import ArgumentError


def require(holds, op, name, value, expected):
    """Raise ArgumentError about the option `name` of `op` unless it `holds`."""
    if not holds:
        raise ArgumentError(
            f"{name} is {value!r}",
            op=op,
            got=value,
            expected=f"{name}: {expected}",
            fix=f"another {name}",
        )
