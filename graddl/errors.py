"""The errors of graddl: each says what op, what came, what was expected, and the likely fix."""


class GraddlError(Exception):
    """Every error of graddl: `op`, `got`, `expected`, `fix` say what happened."""

    layer: str | None  # where in a model it was raised; nn.Module sets it

    def __init__(self, message, *, op=None, got=None, expected=None, fix=None):
        self.message, self.op = message, op
        self.got, self.expected, self.fix = got, expected, fix
        text = f"{op}: {message}" if op else str(message)
        if got is not None and not _told(str(message), got):
            text += f"\n  got: {got}"
        if expected is not None:
            text += f"\n  expected: {expected}"
        if fix is not None:
            text += f"\n  likely fix: {fix}"
        super().__init__(text)


def _told(message, got):
    """Whether a message says what came, as a whole or part by part; or it would take too long."""
    parts = got if isinstance(got, tuple | list) and got else (got,)
    long = "\n" in str(got) or len(str(got)) > 200
    listed = "\n" in message or "; got " in message
    return long or listed or str(got) in message or all(str(part) in message for part in parts)


class ArgumentError(GraddlError, ValueError):
    """A parameter's value means nothing here: an unknown reduction, a negative learning rate."""


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


# What the compiled core complains about: key -> (class, message, expected, likely fix).
# {words} are filled in.
MESSAGES = {
    "released": (
        GradientError,
        "the values that it saved were released by an earlier backward()",
        "one pass per forward",
        "the first call as .backward(retain_graph=True)",
    ),
    "complex_result": (
        DTypeError,
        "complex values carry no gradient",
        "a floating dtype",
        ".detach(), or real and imaginary parts apart",
    ),
    "no_way_through": (
        GradientError,
        "no gradient flows through {name!r}",
        "a constant there",
        ".detach()",
    ),
    "arrays_in_a_list": (
        GradientError,
        "{name!r} is no array of numbers",
        "the arrays in a list",
        "[x, y] in place of x, y",
    ),
    "first_nan": (
        NumericalError,
        "made the first NaN{line}",
        None,
        "look at the inputs' range: log and sqrt of negatives, 0/0, inf - inf",
    ),
    "too_many_operands": (
        ShapeError,
        "at most 8 operands on Scalars",
        "8 or fewer",
        "gd.stack([...])",
    ),
    "operand_is_none": (
        DTypeError,
        "{name!r} is None, a later operand is not",
        "a number",
        "float('-inf') in its place",
    ),
    "not_one_element": (
        ShapeError,
        "only a Tensor of one element becomes a Scalar",
        "one element",
        ".sum()",
    ),
    "assign_computed": (
        GradientError,
        "only a leaf's .data can be assigned to",
        "a leaf",
        "compute the expression again",
    ),
    "float_loses_gradient": (
        GradientError,
        "float() would lose the gradient silently",
        "a number",
        ".item(), or graddl's own function in place of math's",
    ),
    "copy_loses_gradient": (
        GradientError,
        "a new tensor made of this one would lose its gradient silently",
        "values outside of the graph",
        "x.clone() to stay in the graph, x.detach() to leave it",
    ),
    "copy_of_history": (
        GradientError,
        "a value with history cannot be copied or pickled",
        "a leaf",
        ".detach()",
    ),
    "hook_not_callable": (
        DTypeError,
        "a hook is a function of the gradient",
        "a callable",
        "lambda g: print(g)",
    ),
    "no_such_device": (
        DeviceError,
        "no such device",
        "'cpu'",
        "device='cpu'",
    ),
    "masked_array": (
        DTypeError,
        "a masked array would lose its mask",
        "an array",
        ".filled(0)",
    ),
    "ragged_data": (
        DTypeError,
        "cannot make an array of this: {error}",
        "numbers in rows of equal length",
        "gd.stack([...]) for a list of Tensors",
    ),
    "not_numbers": (
        DTypeError,
        "cannot make an array of numbers of this",
        "numbers",
        "gd.stack([...]) for a list of Tensors or Scalars",
    ),
    "data_shape": (
        ShapeError,
        "assigned data of another shape",
        None,
        "make a new tensor",
    ),
    "grad_not_a_tensor": (
        DTypeError,
        "a gradient is a Tensor or None",
        "Tensor",
        "gd.tensor(g)",
    ),
    "grad_misfit": (
        ShapeError,
        "a gradient has its tensor's shape and dtype",
        None,
        ".astype, .reshape",
    ),
    "only_floating_wants": (
        DTypeError,
        "only floating tensors can want gradient",
        "a floating dtype",
        ".astype(gd.float32)",
    ),
    "computed_wants": (
        GradientError,
        "a computed tensor wants gradient because its inputs do",
        "a leaf",
        ".detach()",
    ),
    "retain_without_grad": (
        GradientError,
        "wants no gradient",
        "a recorded tensor",
        "requires_grad=True on an input",
    ),
    "hook_without_grad": (
        GradientError,
        "wants no gradient, so no hook would run",
        "requires_grad=True",
        "gd.tensor(..., requires_grad=True)",
    ),
    "item_of_many": (
        ShapeError,
        "only one element can become a number",
        "one element",
        ".tolist()",
    ),
    "array_loses_gradient": (
        GradientError,
        "turning this tensor into an array would lose its gradient silently",
        "a detached one",
        ".detach() or .numpy()",
    ),
    "truth_of_many": (
        ShapeError,
        "the truth of several elements is ambiguous",
        "one element",
        ".any() or .all()",
    ),
    "index_dtype": (
        DTypeError,
        "an index is integer or boolean",
        "int or bool",
        ".astype(int)",
    ),
    "read_only_memory": (
        GraddlError,
        "the tensor's memory is read-only",
        "memory of its own",
        ".clone()",
    ),
    "in_place_leaf": (
        GradientError,
        "a leaf that wants gradient cannot be changed in place while gradients are recorded",
        "a computed tensor",
        "x = x + y, or `with gd.no_grad():` for an update",
    ),
    "in_place_view": (
        GradientError,
        "a view of this tensor's memory is alive and would not follow",
        "no living view",
        "y = y + x, x[i] = x[i] + y, or change a .clone()",
    ),
    "size_called": (
        DTypeError,
        "x.size is the number of elements, as in NumPy",
        "no call",
        "x.shape, x.shape[0]",
    ),
    "in_place_dtype": (
        DTypeError,
        "{dtype} cannot hold the result and its gradient",
        "a floating tensor, and a number or floating tensor",
        "a new name, y = x * w, or x.astype(float) before",
    ),
    "in_place_shape": (
        ShapeError,
        "the result has another shape",
        None,
        "y = y + x",
    ),
    "changed_operand": (
        GradientError,
        "an operand was assigned to after it was used here",
        "the values of the forward pass",
        "assign to .data after backward(), or compute the expression again",
    ),
    "rule_wrong_shape": (
        GradientError,
        "a rule returned a gradient of the wrong shape",
        None,
        "the gradient of an input has the input's shape",
    ),
    "gradient_not_floating": (
        GradientError,
        "a gradient must be floating",
        None,
        "use xp.where(condition, g, 0)",
    ),
    "rule_returned_none": (
        GradientError,
        "the rule for input {i} returned None",
        "an array",
        "declare the input nondiff=, or return zeros",
    ),
    "nan_in_backward": (
        NumericalError,
        "its gradient made the first NaN of the backward pass; recorded{line}",
        None,
        "look at the values that it was computed from",
    ),
    "hook_wrong_shape": (
        GradientError,
        "a hook returned a gradient of another shape",
        None,
        "return None or an array like g",
    ),
    "changed_in_place": (
        GradientError,
        "{name}, which its gradient needs, was changed in place after the forward pass{line}; "
        "the write{write}",
        None,
        "write y = x + 1 in place of x += 1, or change a clone()",
    ),
    "changed_outside": (
        GradientError,
        "the array passed as input {i} was changed outside of graddl since{line}",
        "the bytes of the forward pass",
        "pass a copy",
    ),
    "unreachable_input": (
        GradientError,
        "the output does not depend on one of the inputs",
        "inputs that the output was computed from",
        "leave it out of inputs=",
    ),
    "walked_before": (
        GradientError,
        "this graph was already walked by backward(), and its saved values were released",
        "one pass per forward",
        "the first call as .backward(retain_graph=True)",
    ),
    "seed_needed": (
        GradientError,
        "only one number has a gradient without being told which",
        "a single element, or grad= of that shape",
        ".sum().backward()",
    ),
    "seed_shape": (
        ShapeError,
        "grad= has another shape than the tensor",
        None,
        "grad=gd.ones(y.shape)",
    ),
    "not_differentiable": (
        DTypeError,
        "can differentiate a Tensor or a Scalar",
        "a Tensor",
        "gd.tensor(...)",
    ),
    "nothing_to_differentiate": (
        GradientError,
        "nothing to differentiate: no input of this value wants gradient",
        "at least one leaf with requires_grad=True",
        "gd.tensor(..., requires_grad=True), or compute it outside of no_grad()",
    ),
}


def complaint(key, op=None, got=None, expected=None, **words):
    """The error that MESSAGES has under `key`."""
    kind, message, usual, fix = MESSAGES[key]
    return kind(
        message.format(**words),
        op=op,
        got=got,
        expected=usual if expected is None else expected,
        fix=fix,
    )


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
