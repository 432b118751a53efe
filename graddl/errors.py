"""The errors of graddl: each says what op, what came, what was expected, and the likely fix."""


class GraddlError(Exception):
    """Every error of graddl. `op`, `got`, `expected`, `fix` say what happened without parsing the text."""

    def __init__(self, message, *, op=None, got=None, expected=None, fix=None):
        self.op, self.got, self.expected, self.fix = op, got, expected, fix
        text = f"{op}: {message}" if op else str(message)
        if expected is not None:
            text += f"\n  expected: {expected}"
        if fix is not None:
            text += f"\n  likely fix: {fix}"
        super().__init__(text)


class ArgumentError(GraddlError, ValueError):
    """A value of a parameter that means nothing here, such as an unknown reduction or a negative learning rate."""


class ShapeError(GraddlError, ValueError):
    """Shapes do not fit."""


class DTypeError(GraddlError, TypeError):
    """A dtype or a type does not fit."""


class IndexError_(GraddlError, IndexError):
    """An index or an axis is out of range."""


class GradientError(GraddlError, RuntimeError):
    """A gradient was asked for where there is none to be had."""


class DeviceError(GraddlError, RuntimeError):
    """Arrays on different devices, or a device that is not there."""


class NumericalError(GraddlError, FloatingPointError):
    """detect_anomaly() saw a NaN being made."""


class MissingDependency(GraddlError, ImportError):
    """An optional package is needed; the message says which."""


class CheckpointError(GraddlError, ValueError):
    """A file of saved state is damaged or does not fit the model."""


__all__ = [
    "ArgumentError",
    "CheckpointError",
    "DTypeError",
    "DeviceError",
    "GraddlError",
    "GradientError",
    "IndexError_",
    "MissingDependency",
    "NumericalError",
    "ShapeError",
]
