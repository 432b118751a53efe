"""Module: a part of a model that knows its parameters, its sub-modules and its name."""

from .._core import Tensor, current_mode
from ..errors import ArgumentError, DTypeError, GraddlError
from ..modes import scope
from . import _registration, _state
from .parameter import Parameter


class Module:
    """A part of a model. A subclass has Parameters and Modules as attributes, and a ``forward``.

    Attributes are the registry: each Parameter or Module that is assigned to ``self`` belongs to
    the model, in the order of first assignment. ``__init__`` of this class need not be called.

    Attributes
    ----------
    training : bool
        Whether the module is being trained; ``train()`` and ``eval()`` set it.

    Raises
    ------
    GradientError
        On assigning a plain Tensor that wants gradient, or a list of such things or of Modules:
        no optimizer would find it.
    DTypeError
        On replacing a Parameter or a Module by something of another kind.
    ArgumentError
        On a name with a dot or of a method, and on a module that would become a part of itself.

    Examples
    --------
    >>> import graddl as gd
    >>> class Net(gd.nn.Module):
    ...     def __init__(self):
    ...         self.fc1 = gd.nn.Linear(4, 3)
    ...         self.fc2 = gd.nn.Linear(3, 2)
    ...
    ...     def forward(self, x):
    ...         return self.fc2(self.fc1(x).tanh())
    >>> [name for name, _ in Net().named_parameters()]
    ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']
    """

    training = True
    _name = None  # the name under which a parent holds this module: its scope while it runs
    _buffer_names: tuple[str, ...] = ()

    # ------------------------------------------------------------------------------ running
    def forward(self, *args, **kwargs):
        """Compute. Call the module itself, which adds its name to nodes and errors."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward()")

    def __call__(self, *args, **kwargs):
        if self._name is None:
            return self._run(args, kwargs)
        with scope(self._name):
            return self._run(args, kwargs)

    def _run(self, args, kwargs):
        try:
            return self.forward(*args, **kwargs)
        except GraddlError as error:
            if not hasattr(error, "layer"):  # the innermost module signs, those around it do not
                where = current_mode().where
                error.layer = where[0] if where else None
                path = f"layer {error.layer!r}, a " if error.layer else ""
                error.add_note(f"in {path}{self._label()}")
            raise

    # ------------------------------------------------------------------------------ registration
    def __setattr__(self, name, value):
        place = f"{type(self).__name__}.{name}"
        _registration.check_replaced(place, name, vars(self).get(name), value, Module)
        if isinstance(value, Module):
            self._adopt(name, value)
        elif isinstance(value, Parameter):
            _registration.check_name(name, Module)
            if value.name is None:
                value.name = self._dotted(name)
        elif isinstance(value, list | tuple | dict):
            _registration.check_collection(place, name, value, self._known, Module)
        else:
            _registration.check_tensor(place, name, value)
        object.__setattr__(self, name, value)

    def _adopt(self, name, child):
        """Give a child its name, and its path to those parameters that have none but their own."""
        _registration.check_name(name, Module)
        if any(module is self for module in child.modules()):
            raise ArgumentError(
                f"{type(self).__name__}.{name} would make the module a part of itself",
                fix="pass what the child needs of its parent as an argument of forward",
            )
        if any(child is other for other in self.children()):
            return  # held under two names: the first counts
        child._set_name(name)
        for path, parameter in child.named_parameters():
            if parameter.name in (None, path):
                parameter.name = self._dotted(f"{name}.{path}")

    def _set_name(self, name):
        self._name = name

    def _dotted(self, name):
        return name if self._name is None else f"{self._name}.{name}"

    def _known(self):
        """Identities of all that `parameters()` and `modules()` find."""
        return {id(thing) for thing in (*self.modules(), *self.parameters())}

    def register_buffer(self, name, tensor):
        """Hold a Tensor that is saved with the parameters and not trained, such as a running mean.

        Parameters
        ----------
        name : str
        tensor : Tensor that wants no gradient, or None
        """
        _registration.check_name(name, Module)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise DTypeError(
                f"the buffer {name!r} is no Tensor",
                got=type(tensor).__name__,
                expected="a Tensor",
                fix="gd.tensor(...)",
            )
        setattr(self, name, tensor)
        if name not in self._buffer_names:
            self._buffer_names = (*self._buffer_names, name)

    # ------------------------------------------------------------------------------ the tree
    def named_children(self):
        """Yield (name, module) of the direct sub-modules, in order of registration."""
        for name, value in list(vars(self).items()):
            if isinstance(value, Module):
                yield name, value

    def children(self):
        """Yield the direct sub-modules."""
        for _, child in self.named_children():
            yield child

    def _walk(self, path=""):
        """Yield (dotted path, module), parents first; a shared module once for each path to it."""
        yield path, self
        for name, child in self.named_children():
            yield from child._walk(f"{path}.{name}" if path else name)

    def _named_state(self):
        """Yield (dotted path, tensor) of parameters and buffers; a shared one for each path."""
        for path, module in self._walk():
            for name, value in list(vars(module).items()):
                is_buffer = isinstance(value, Tensor) and name in module._buffer_names
                if is_buffer or isinstance(value, Parameter):
                    yield f"{path}.{name}" if path else name, value

    def named_modules(self):
        """Yield (dotted path, module): this one under "", and all below; shared ones once."""
        return _once(self._walk())

    def modules(self):
        """Yield this module and all below it; shared ones once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self):
        """Yield (dotted path, Parameter); shared ones once, under their first path."""
        return _once((path, p) for path, p in self._named_state() if isinstance(p, Parameter))

    def parameters(self):
        """Yield the Parameters; shared ones once."""
        for _, parameter in self.named_parameters():
            yield parameter

    def named_buffers(self):
        """Yield (dotted path, Tensor) of the buffers; shared ones once."""
        return _once((path, t) for path, t in self._named_state() if not isinstance(t, Parameter))

    # ------------------------------------------------------------------------------ modes
    def train(self, mode=True):
        """Set `training` here and below; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Set `training` to False here and below; returns the module. Gradients: see no_grad()."""
        return self.train(False)

    def zero_grad(self):
        """Set the gradient of each Parameter to None."""
        for parameter in self.parameters():
            parameter.grad = None

    # ------------------------------------------------------------------------------ saving
    def state_dict(self):
        """Return a snapshot of parameters and buffers.

        Returns
        -------
        dict of str to Tensor
            Copies by dotted path: later training does not change them. A shared tensor stands
            under its first path.
        """
        return {path: Tensor(t.detach()) for path, t in _once(self._named_state())}

    def load_state_dict(self, state, strict=True):
        """Copy values into parameters and buffers, all of them or, on an error, none.

        Parameters
        ----------
        state : mapping of str to Tensor or ndarray
            As `state_dict` gives it; values are cast to the dtypes that the module has.
        strict : bool, default True
            Whether all of the module's names, and no others, must be there. Shapes must fit
            in any case.

        Returns
        -------
        LoadReport
            `missing` and `unexpected` names; both empty if `strict`.

        Raises
        ------
        CheckpointError
            The message lists missing and unexpected names and wrong shapes.
        """
        return _state.load(list(self._named_state()), state, strict)

    # ------------------------------------------------------------------------------ text
    def extra_repr(self):
        """What stands between the parentheses in the repr of a module without sub-modules."""
        return ""

    def _label(self):
        is_leaf = next(self.children(), None) is None
        return f"{type(self).__name__}({self.extra_repr()})" if is_leaf else type(self).__name__

    def __repr__(self):
        parts = [f"({name}): {child!r}" for name, child in self.named_children()]
        if not parts:
            return self._label()
        inside = "\n".join(parts).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {inside}\n)"


def _once(pairs):
    """Of (path, object) pairs, those whose object was not there yet."""
    seen = set()
    for path, thing in pairs:
        if id(thing) not in seen:
            seen.add(id(thing))
            yield path, thing
