"""Operations in NumPy with a gradient of one's own: the way to code that graddl cannot see into."""

import inspect
import os
import sys
from contextvars import ContextVar
from functools import cache, partial, wraps
from typing import Any, ClassVar, NamedTuple

import numpy as np

from . import _core, _trees, errors, modes
from ._core import READ_G, READ_NEEDS, READ_RESIDUAL, READ_Y, Op, Rule, Scalar, Tensor
from .autodiff import linear_only
from .backend import tensor_namespace as xp
from .ops._define import _fields

MOST = 30  # inputs of one call: a node has a bit for each

# The Function whose backward() is being recorded, in this thread and task: see _watch.
_recording: ContextVar[str | None] = ContextVar("graddl.function_backward", default=None)


class Context:
    """What ``forward`` tells ``backward``; both get it as ``ctx``.

    Attributes may be set freely, for axes, masks or options. Floating arrays are not among them:
    they go through ``save_for_backward``, so that second derivatives see them.

    Attributes
    ----------
    needs : tuple of bool
        For each argument of the call whether its gradient is wanted. ``needs_input_grad`` is the
        same.
    """

    __slots__ = ("__dict__", "_results", "_saved", "_tensors", "needs")

    def __init__(self, needs: tuple[bool, ...]):
        self.needs = needs
        self._saved: tuple = ()  # what forward saved, until it has returned
        self._results: Any = None  # what it returned, until the node has it
        self._tensors: tuple = ()  # what was saved, as Tensors, while backward runs

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__slots__:
            for v in _trees.leaves(value):
                if getattr(getattr(v, "dtype", None), "kind", "") == "f":
                    raise errors.GradientError(
                        f"ctx.{name} would hold a floating {type(v).__name__}, through which "
                        "second derivatives would be lost", op="Function", got=f"ctx.{name} = ...",
                        expected="ctx.save_for_backward",
                        fix=f"ctx.save_for_backward({name}), and ctx.saved_tensors in backward",
                    )  # fmt: skip
        object.__setattr__(self, name, value)

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """The same as ``needs``, in PyTorch's words."""
        return self.needs

    def save_for_backward(self, *arrays: Any) -> None:
        """Keep arrays until backward: inputs and results without a copy, or others, or None.

        Only inputs and results keep their place in the graph. So a backward that uses another
        floating array has no second derivative, and says so; to have one, save the inputs and
        compute the array again in backward.
        """
        self._saved = arrays

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """In backward: what was saved, as Tensors."""
        return self._tensors


class Function:
    """An operation with a gradient of its own.

    A subclass has two static methods. ``forward(ctx, *arrays, **params)`` gets each Tensor as an
    ndarray (read-only, of any shape), all else as it was passed, and returns an array or a tuple of
    arrays. ``backward(ctx, *gs)`` gets for each result a Tensor of its shape, and returns for each
    positional argument a Tensor of its shape, in a tuple if there are several; None for those that
    are no Tensors or of which ``ctx.needs`` says that no gradient is wanted.

    ``apply`` calls it: ``y = Exp.apply(x)``. The call is one node of the graph. It has derivatives
    of any order if backward uses graddl's functions only, on arrays that are inputs or results.

    A gradient may have more axes than its argument, or be longer along those of size 1: it is
    summed over them, so a forward that broadcasts needs no more.

    ``ctx.save_for_backward(*arrays)`` in forward keeps arrays for ``ctx.saved_tensors`` in
    backward: inputs and results without a copy, and so that a later write to them is noticed.
    ``ctx.needs`` (also ``ctx.needs_input_grad``) says of which arguments a gradient is wanted.
    Other attributes of ctx are for axes, masks and options: constants to second derivatives.

    Raises
    ------
    GradientError
        In a backward pass: a gradient that is wanted is None; there is not one for each argument;
        under ``create_graph`` backward left graddl (by ``.numpy()``, ``.item()``, ``.detach()``, an
        ndarray), or used a floating array that is neither input nor result. In apply: a parameter
        wants gradient, forward used a Tensor that wants gradient, or set an attribute of ctx to a
        floating array.
    ShapeError
        A gradient has not the shape of its argument.
    DTypeError
        A gradient is not floating; forward returned no array.
    ArgumentError
        More than 30 arrays.

    Notes
    -----
    An op of the table, made with the constructors in ``graddl.ops.define``, needs less and gives
    more: methods, forward mode, a label in pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import graddl as gd
    >>> class Exp(gd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         y = np.exp(x)
    ...         ctx.save_for_backward(y)
    ...         return y
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (y,) = ctx.saved_tensors
    ...         return g * y
    >>> x = gd.tensor([0.0, 1.0], requires_grad=True)
    >>> Exp.apply(x).sum().backward()
    >>> x.grad.tolist() == np.exp([0.0, 1.0], dtype="f4").tolist()
    True
    >>> gd.gradcheck(Exp.apply, [x], order=2)
    True
    """

    _ops: ClassVar[dict["_Layout", Op]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._ops = {}

    @staticmethod
    def forward(ctx: Context, *arrays: Any, **params: Any) -> Any:
        """The results from the arguments; to be written by the subclass."""
        raise NotImplementedError("a Function needs a static method forward(ctx, *arrays)")

    @staticmethod
    def backward(ctx: Context, *gs: Any) -> Any:
        """The gradients of the arguments from those of the results; to be written, too."""
        raise NotImplementedError("a Function needs a static method backward(ctx, *gs)")

    @classmethod
    def apply(cls, *args: Any, **params: Any) -> Any:
        """Call it: a Tensor, or a tuple of Tensors if forward returns a tuple."""
        name, grad = cls.__name__, _core.current_mode().grad
        for key, value in params.items():
            if isinstance(value, Tensor | Scalar) and value.requires_grad:
                wants = "a value that wants gradient"
                raise errors.complaint("no_way_through", op=name, got=wants, name=key)
        full = [xp.from_scalar(a) if isinstance(a, Scalar) else a for a in args]
        at = tuple(i for i, a in enumerate(full) if isinstance(a, Tensor) or _is_plain(a))
        if len(at) > MOST:
            raise errors.ArgumentError(
                "too many arrays", op=name, got=len(at), expected=f"at most {MOST}", fix="gd.stack"
            )
        inputs = [full[i] for i in at]
        ctx = Context(tuple(grad and isinstance(a, Tensor) and a.requires_grad for a in full))
        arrays = [_read_only(v) for v in arrays_of(inputs)]
        for i, array in zip(at, arrays, strict=True):
            full[i] = array
        returned = cls.forward(ctx, *full, **params)
        several = isinstance(returned, tuple | list)
        results = tuple(returned) if several else (returned,)
        places, kept = _places(ctx._saved, arrays, results)
        values = tuple(_array(y, name) for y in results)
        residuals = tuple(_array(a, name) for a in kept)
        layout = _Layout(at, len(args), places, len(kept), several)
        if layout not in cls._ops:
            cls._ops[layout] = _op(cls, layout)
        value = values if several else values[0]
        ctx._saved, ctx._results = (), (value, residuals) if residuals else value
        try:
            return _core.call(cls._ops[layout], *inputs, ctx=ctx)
        finally:
            ctx._results = None


class _Layout(NamedTuple):
    """What calls of a Function have to have in common to share an Op."""

    at: tuple[int, ...]  # which positional arguments are arrays
    n: int  # how many there are in all
    places: tuple  # where each thing that was saved is: see _places
    kept: int  # how many of them are neither inputs nor results
    several: bool  # whether there is a tuple of results


# ---------------------------------------------------------------------- arrays
def _hand_out(xp, *xs, into):
    into.extend(xs)
    return xs


_values = Op("values", "general", _hand_out, ("xs",), True, {}, (None,), several=True)


def arrays_of(tensors):
    """The arrays behind Tensors, of whatever device; what writes to them does so unnoticed."""
    found: list = []
    with modes.no_grad():
        _core.call(_values, *tensors, into=found)
    return found


def _is_plain(x):
    """Whether it is an ndarray of numbers."""
    return type(x) is np.ndarray and x.dtype.kind in "biufc"


def _read_only(array):
    """A view that cannot be written to, where the library has such a thing."""
    if isinstance(array, np.ndarray):
        array = array.view()
        array.flags.writeable = False
    return array


def _array(y, name):
    """A result of forward as an array."""
    if isinstance(y, Tensor | Scalar):
        if y.requires_grad:
            raise errors.GradientError(
                "forward used a Tensor that wants gradient and is no argument", op=name,
                got=repr(y), expected="arrays", fix="pass it to apply",
            )  # fmt: skip
        return arrays_of([y])[0] if isinstance(y, Tensor) else np.asarray(y.item())
    y = y if hasattr(y, "dtype") and hasattr(y, "shape") else np.asarray(y)
    if y.dtype.kind not in "biufc":
        raise errors.DTypeError(
            "forward returns arrays of numbers", op=name, got=f"{type(y).__name__} of {y.dtype}",
            expected="an array or a tuple of arrays", fix="return np.asarray(y)",
        )  # fmt: skip
    return y


# ---------------------------------------------------------------------- the node
def _places(saved, arrays, results):
    """(where what was saved can be had again, those arrays that are neither inputs nor results).

    A place is (what a rule reads, which of the results); None stands for None.
    """
    places: list = []
    kept: list = []

    def position(a, among):
        return next((k for k, b in enumerate(among) if a is b), None)

    for a in saved:
        i, k = position(a, arrays), position(a, results)
        if a is None:
            places.append(None)
        elif i is not None:
            places.append((i, None))
        elif k is not None:
            places.append((READ_Y, k))
        else:
            places.append((READ_RESIDUAL - len(kept), None))
            kept.append(a)
    return tuple(places), kept


def _op(cls, layout):
    """The op of a Function for calls of one layout: forward has run when it is called."""
    reads = (READ_G, READ_NEEDS, *(p[0] for p in layout.places if p))
    joint = Rule(partial(_gradients, cls, layout), False, reads, ("ctx", "shapes"))
    names = list(inspect.signature(cls.forward).parameters)[1:]
    args = tuple(names[min(i, len(names) - 1)] for i in layout.at)
    tex = rf"\operatorname{{{cls.__name__}}}({', '.join(args)})"
    doc = (cls.__doc__ or "").partition("\n")[0]

    def forward(xp, *arrays, ctx):
        return ctx._results

    info = _fields(cls.__name__, forward, tex=tex, doc=doc, rules={}, jvp={}, hidden=True)
    residuals = tuple(f"saved{k}" for k in range(layout.kept))
    return Op(
        cls.__name__, "general", forward, args, False, {"ctx": None}, (joint,) * len(args), joint,
        residuals, None, layout.several, info,
    )  # fmt: skip


def _gradients(cls, layout, namespace, g, needs, *saved, ctx, shapes):
    """The joint rule: what backward returns, checked. Under create_graph all are Tensors."""
    name, graph, several = cls.__name__, namespace is xp, layout.several
    found = iter(saved)
    mine = Context(ctx.needs)  # so that passes over one graph do not disturb each other
    mine.__dict__.update(ctx.__dict__)
    mine._tensors = tuple(p and _saved(p, next(found), graph, several, name) for p in layout.places)
    gs = tuple(v if graph else _tensor(v) for v in (g if several else (g,)))
    if graph:
        _watch()
        token = _recording.set(name)
        try:
            returned = cls.backward(mine, *gs)
        finally:
            _recording.reset(token)
    else:
        with modes.no_grad():
            returned = cls.backward(mine, *gs)
    returned = returned if isinstance(returned, tuple | list) else (returned,)
    if len(returned) != layout.n:
        raise errors.GradientError(
            "backward returns a gradient for each positional argument", op=name,
            got=f"{len(returned)} gradients", expected=f"{layout.n}, None where there is none",
            fix="return g1, g2, None",
        )  # fmt: skip
    linear = graph and all(v.requires_grad for v in gs)
    return [
        _checked(returned[i], i, shape, graph, linear, name) if need else None
        for i, need, shape in zip(layout.at, needs, shapes, strict=True)
    ]


def _tensor(array):
    return Tensor(_read_only(array), copy=False)


def _saved(place, value, graph, several, name):
    """What backward gets for something that was saved."""
    code, k = place
    value = value[k] if code == READ_Y and several else value
    if not graph:
        return _tensor(value)
    if linear_only.get():
        return value.detach()
    if code <= READ_RESIDUAL and value.dtype.kind == "f":
        raise errors.GradientError(
            "second derivatives need to know how a saved array came about, and this one is neither "
            "an input nor a result", op=name, got=f"an array of shape {value.shape}",
            expected="inputs and results in save_for_backward",
            fix="save the inputs, and compute it again in backward",
        )  # fmt: skip
    return value


def _checked(gx, i, shape, graph, linear, name):
    """The gradient of argument i as backward returned it, if it is one."""
    place = f"the gradient of argument {i}"
    if gx is None:
        raise errors.GradientError(
            f"{place} is wanted, and backward returned None", op=name, got="None",
            expected=f"a Tensor of shape {shape}", fix=f"return gd.zeros({shape}) for it",
        )  # fmt: skip
    gx = xp.from_scalar(gx) if isinstance(gx, Scalar) else gx
    if graph and not isinstance(gx, Tensor):
        raise _left(name, f"{place} is {type(gx).__name__}")
    gx = gx if isinstance(gx, Tensor) else np.asarray(gx)
    try:
        fits = np.broadcast_shapes(shape, gx.shape) == tuple(gx.shape)
    except ValueError:
        fits = False
    if not fits:
        raise errors.ShapeError(
            f"{place} has another shape than the argument", op=name, got=tuple(gx.shape),
            expected=shape, fix="gd.broadcast_to(g, x.shape)",
        )  # fmt: skip
    if gx.dtype.kind != "f":
        raise errors.DTypeError(
            f"{place} is not floating", op=name, got=gx.dtype.name, expected="a floating dtype",
            fix="gd.where(condition, g, 0.0)",
        )  # fmt: skip
    if linear and not gx.requires_grad and gx.numpy().any():
        raise _left(name, f"{place} does not depend on what arrives")
    return gx


# ---------------------------------------------------------------------- ways out of the graph
_PACKAGE = os.path.join(os.path.dirname(__file__), "")


def _left(name, got):
    return errors.GradientError(
        f"backward leaves graddl, so there is no second derivative: {got}", op=name, got=got,
        expected="functions of graddl on Tensors", fix="gd.exp(x) in place of np.exp(x.numpy())",
    )  # fmt: skip


@cache
def _watch():
    """Let every way out of the graph ask whether a backward() is being recorded.

    Called when the first one is: only who takes second derivatives of Functions pays for it.
    """

    def guarded(way, function):
        @wraps(function)
        def ask(self, *args, **kwargs):
            name = _recording.get()
            if name and self.requires_grad:
                if not sys._getframe(1).f_code.co_filename.startswith(_PACKAGE):
                    raise _left(name, f".{way} of a value that second derivatives need")
            return function(self, *args, **kwargs)

        return ask

    for kind in (Tensor, Scalar):
        for way in ("numpy", "item", "tolist", "detach"):
            if hasattr(kind, way):
                _core.install(kind, way, guarded(way + "()", getattr(kind, way)))
        data: Any = kind.__dict__["data"]
        ask = guarded("data", data.__get__)
        _core.install(kind, "data", property(ask, data.__set__, doc=data.__doc__))
