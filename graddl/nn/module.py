"""Module: a part of a model that knows its parameters, its sub-modules and its name."""

from .._core import Tensor, current_mode
from ..creation import zeros_like
from ..errors import ArgumentError, DTypeError, GraddlError
from ..modes import scope
from . import _hooks, _registration, _state, _summary, _surgery
from .parameter import Parameter


class Module:
    """A part of a model. A subclass has Parameters and Modules as attributes, and a ``forward``.

    Attributes are the registry: each Parameter or Module that is assigned to ``self`` belongs to
    the model, in the order of first assignment. ``__init__`` of this class need not be called.

    Attributes
    ----------
    training : bool
        Whether the module is being trained; ``train()`` and ``eval()`` set it.
    frozen : bool
        Whether ``freeze()`` froze it. Layers with running statistics then keep them, and behave
        as in ``eval()``.

    Raises
    ------
    GradientError
        On assigning a plain Tensor that wants gradient, or a list of such things or of Modules:
        no optimizer would find it. ``parameters()`` looks again, for lists grow.
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
    frozen = False
    _name = None  # the name under which a parent holds this module: its scope while it runs
    _buffer_names: tuple[str, ...] = ()
    _hooks: dict | None = None  # handle -> hook, where there are any

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
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return _hooks.run(self, args, kwargs)
        except GraddlError as error:
            if not hasattr(error, "layer"):  # the innermost module signs, those around it do not
                where = current_mode().where
                error.layer = where[0] if where else None
                path = f"layer {error.layer!r}, a " if error.layer else ""
                error.add_note(f"in {path}{self._label()}")
            raise

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call ``hook(module, args)`` before each forward pass.

        Parameters
        ----------
        hook : callable
            Returns None; or the positional arguments to use instead, in a tuple unless it is one.
            With `with_kwargs` it is called as ``hook(module, args, kwargs)`` and returns None or
            both.
        prepend : bool, default False
            Whether it comes before the hooks that are there.
        with_kwargs : bool, default False
            Whether it sees the keyword arguments, too.

        Returns
        -------
        Handle
            Its ``remove()`` takes the hook off.
        """
        return _hooks.register(self, _hooks.BEFORE, hook, prepend, with_kwargs)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call ``hook(module, args, output)`` after each forward pass.

        Parameters
        ----------
        hook : callable
            Returns None, or the output to use instead. With `with_kwargs` it is called as
            ``hook(module, args, kwargs, output)``.
        prepend : bool, default False
            Whether it comes before the hooks that are there.
        with_kwargs : bool, default False
            Whether it sees the keyword arguments, too.

        Returns
        -------
        Handle
            Its ``remove()`` takes the hook off.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU())
        >>> handle = net[0].register_forward_hook(lambda module, args, y: print(module, y.shape))
        >>> y = net(gd.ones(2, 4))
        Linear(4, 3) (2, 3)
        >>> handle.remove()
        """
        return _hooks.register(self, _hooks.AFTER, hook, prepend, with_kwargs)

    def register_full_backward_hook(self, hook, prepend=False):
        """Call ``hook(module, grad_input, grad_output)`` in each backward pass.

        Parameters
        ----------
        hook : callable
            `grad_input` is a tuple with the gradient of each positional argument, as far as it went
            through this module, and None for those that want none; `grad_output` one with the
            gradient of each output. Returns None, or what to use in place of `grad_input`.
            It is not called in ``gd.grad`` and its kin, whose passes are private.
        prepend : bool, default False
            Whether it comes before the hooks that are there.

        Returns
        -------
        Handle
            Its ``remove()`` takes the hook off.
        """
        return _hooks.register(self, _hooks.BACKWARD, hook, prepend)

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
        elif isinstance(value, _registration.COLLECTIONS) and name != "_hooks":
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
        return {id(thing) for thing in (*self.modules(), *dict(self._named_state()).values())}

    def register_parameter(self, name, parameter):
        """Set an attribute by its name, PyTorch's way."""
        setattr(self, name, parameter)

    register_module = add_module = register_parameter

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

    def get_submodule(self, target):
        """The module at a dotted path, such as "layers.0.fc"; "" is this one.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        found = dict(self._walk())
        if target not in found:
            raise ArgumentError(
                f"has no module at {target!r}",
                op=type(self).__name__,
                got=target,
                expected=", ".join(path for path in found if path) or "a model with layers",
                fix="model.get_submodule(one of these)",
            )
        return found[target]

    def named_modules(self):
        """Yield (dotted path, module): this one under "", and all below; shared ones once."""
        return _once(self._walk())

    def modules(self):
        """Yield this module and all below it; shared ones once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self):
        """Yield (dotted path, Parameter); shared ones once, under their first path.

        Raises
        ------
        GradientError
            If a list or the like holds Modules or Parameters that are not among them, or a plain
            Tensor wants gradient by now.
        """
        for module in self.modules():
            _registration.check_later(module, self._known, Module)
        return _once((path, p) for path, p in self._named_state() if isinstance(p, Parameter))

    def parameters(self):
        """Yield the Parameters; shared ones once."""
        for _, parameter in self.named_parameters():
            yield parameter

    def num_parameters(self, trainable=False):
        """The number of numbers in the Parameters; with `trainable`, in those that want gradient.

        Examples
        --------
        >>> import graddl as gd
        >>> gd.nn.Linear(4, 3).num_parameters()
        15
        """
        return sum(p.size for p in self.parameters() if p.requires_grad or not trainable)

    def named_buffers(self):
        """Yield (dotted path, Tensor) of the buffers; shared ones once."""
        return _once((path, t) for path, t in self._named_state() if not isinstance(t, Parameter))

    def buffers(self):
        """Yield the buffers; shared ones once."""
        for _, buffer in self.named_buffers():
            yield buffer

    def apply(self, fn):
        """Call ``fn(module)`` for all modules below, then for this one; returns the module.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU())
        >>> net = net.apply(lambda module: print(module))
        Linear(4, 3)
        ReLU()
        Sequential(
          (0): Linear(4, 3)
          (1): ReLU()
        )
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------------------ modes
    def train(self, mode=True):
        """Set `training` here and below; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Set `training` to False here and below; returns the module. Gradients: see no_grad()."""
        return self.train(False)

    def zero_grad(self, set_to_none=True):
        """Set the gradient of each Parameter to None, or to zeros."""
        for p in self.parameters():
            p.grad = None if set_to_none or p.grad is None else zeros_like(p)

    def requires_grad_(self, requires_grad=True):
        """Set whether the Parameters want gradient; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def freeze(self, until=None):
        """Train no longer: Parameters want no gradient, running statistics stay as they are.

        Parameters
        ----------
        until : str or int, optional
            The last sub-module to freeze, by name, "encoder", or path, "encoder.fc1": it and all
            that stand before it. Without it everything is frozen.

        Returns
        -------
        Module
            This one.

        Raises
        ------
        ArgumentError
            If there is no such sub-module.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU(), gd.nn.Linear(3, 2))
        >>> net.freeze(until=1).num_parameters(trainable=True)
        8
        """
        return _surgery.freeze(self, until, True)

    def unfreeze(self, until=None):
        """Undo `freeze`, for all or for the sub-modules up to and including `until`."""
        return _surgery.freeze(self, until, False)

    def replace_head(self, head):
        """Put `head` in place of the last sub-module that has Parameters, for another task.

        Parameters
        ----------
        head : Module

        Returns
        -------
        Module
            The old head.

        Raises
        ------
        ShapeError
            If `head` takes another number of features than the old one.
        ArgumentError
            If no sub-module has Parameters.
        DTypeError
            If `head` is not a Module.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU(), gd.nn.Linear(3, 2))
        >>> net.replace_head(gd.nn.Linear(3, 10))
        Linear(3, 2)
        >>> net[-1]
        Linear(3, 10)
        """
        return _surgery.replace_head(self, head, Module)

    def to(self, *where, dtype=None, device=None):
        """Cast or move the floating Parameters and buffers, in place: they stay the same objects.

        Parameters
        ----------
        *where : floating dtype, device or Tensor whose dtype and device are taken, in any order
        dtype, device : the same by name

        Returns
        -------
        Module
            This one.

        Raises
        ------
        DTypeError
            If the dtype is not floating.
        DeviceError
            If there is no such device.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Linear(4, 3).double()
        >>> net.weight.dtype
        dtype('float64')
        """
        return _surgery.move(self, where, dtype, device)

    def float(self):
        """Cast to float32, in place; returns the module."""
        return self.to("float32")

    def double(self):
        """Cast to float64, in place; returns the module."""
        return self.to("float64")

    def half(self):
        """Cast to float16, in place; returns the module."""
        return self.to("float16")

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
            `missing_keys` and `unexpected_keys`; both empty if `strict`.

        Raises
        ------
        CheckpointError
            The message lists missing and unexpected names and wrong shapes.
        """
        return _state.load(list(self._named_state()), state, strict)

    # ------------------------------------------------------------------------------ text
    def summary(self, *inputs, dtype=None):
        """A table of layers with output shapes, parameters, multiply-adds and memory.

        One forward pass is run, in eval mode; every Parameter counts as trained in it.

        Parameters
        ----------
        *inputs : tuple of int, Tensor or ndarray
            For each argument of forward its shape, all axes, or the array itself.
        dtype : dtype, optional
            Of inputs that are given as shapes; the first Parameter's, or the default dtype, if
            not given. "int64" for indices.

        Returns
        -------
        Summary
            Its text is the table; `rows` and totals are attributes.

        Raises
        ------
        ArgumentError
            If no input is given, or something that is neither shape nor array.

        Examples
        --------
        >>> import graddl as gd
        >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU(), gd.nn.Linear(3, 2))
        >>> print(net.summary((5, 4)))
        layer    type        output shape  parameters  multiply-adds   kept
        -------------------------------------------------------------------
        (model)  Sequential  (5, 2)                 0              0    0 B
        0        Linear      (5, 3)                15             60    0 B
        1        ReLU        (5, 3)                 0             15   60 B
        2        Linear      (5, 2)                 8             30   60 B
        -------------------------------------------------------------------
        total                                      23            105  120 B
        parameters take 92 B
        """
        return _summary.summarize(self, inputs, dtype)

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
