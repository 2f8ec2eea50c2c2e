"""The base class of all layers, losses and networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np
from numpy import ndarray

from autograd import Tensor, _state, scope
from autograd._values import canonical, describe
from nn._hooks import Hooks, RemovableHandle, run_with_hooks
from nn._parameter import is_parameter, remember

if TYPE_CHECKING:
    from nn._health import Health
    from nn._summary import Summary

__all__ = ["IncompatibleKeys", "Module"]

#: What a tensor held in an attribute is; a passing buffer is not part of the state dict.
Kind = Literal["parameter", "buffer", "passing buffer"]


class IncompatibleKeys(NamedTuple):
    """What :meth:`Module.load_state_dict` with ``strict=False`` found not to match."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base of layers and networks: parameters, buffers and modules assigned to attributes are registered.

    A subclass calls ``super().__init__()`` first, assigns its parts to attributes and defines ``forward``. Calling the
    module runs ``forward`` inside a scope named after the module, by which drawings group and errors say where.

    Attributes
    ----------
    training : bool
        True until :meth:`eval` is called; layers such as dropout read it.

    Raises
    ------
    AttributeError
        When an attribute is read that does not exist, or anything is registered before ``super().__init__()``.
    TypeError
        When a parameter, buffer or module is replaced by something of another kind.
    ValueError
        When a module becomes a part of itself.

    Notes
    -----
    Any variable assigned to an attribute is a parameter, :class:`Parameter` or plain :class:`~autograd.Tensor`. Modules
    inside lists and dictionaries are not found. The name under which a module is first registered is the name of its
    scope, e.g. ``"0: Linear"``; parameters without a name of their own take that of their attribute.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(4, 3)
    ...         self.out = nn.Linear(3, 1)
    ...
    ...     def forward(self, x):
    ...         return self.out(nn.functional.relu(self.hidden(x)))
    >>> net = Net()
    >>> net
    Net(
      (hidden): Linear(in_features=4, out_features=3, bias=True)
      (out): Linear(in_features=3, out_features=1, bias=True)
    )
    >>> [name for name, _ in net.named_parameters()]
    ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
    >>> net(np.ones((5, 4))).scope
    ('Net', 'out: Linear')
    """

    training: bool
    _kinds: dict[str, Kind]  # of the attributes that are parameters or buffers, in the order of registration
    _scope: str
    _hooks: Hooks | None = None

    def __init__(self) -> None:
        self.training = True
        self._kinds = {}
        self._scope = type(self).__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run :meth:`forward`, and the hooks, in this module's scope."""
        settings = _state.settings
        if not settings.outer:
            with scope(self._scope):
                return self._run(args, kwargs)
        # Inside another module, most often: what `scope` does if some block is open already, at a third of the cost.
        outer = settings.scope
        settings.scope = _state.Path.into(outer, self._scope)
        try:
            return self.forward(*args, **kwargs) if self._hooks is None else self._run(args, kwargs)
        except Exception as error:
            _state.failed(error, self, args, kwargs)
            raise
        finally:
            settings.scope = outer

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return run_with_hooks(self, self._hooks, args, kwargs)
        except Exception as error:
            _state.failed(error, self, args, kwargs)
            raise

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines its own."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward method; define forward(self, ...), which calling the module runs"
        )

    # -- registration ------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        kinds: dict[str, Kind] | None = self.__dict__.get("_kinds")
        if isinstance(getattr(type(self), name, None), property):
            pass  # whose setter decides what is registered, and where
        elif kinds is None:
            if isinstance(value, Module) or is_parameter(value):
                raise AttributeError(_uninitialised(self, f"assigning {type(value).__name__} {name!r}"))
        elif kinds.get(name, "parameter") != "parameter":
            value = _as_buffer(value, type(self).__name__, name)
        elif is_parameter(value):
            kinds[name] = "parameter"
            remember(value)
            if value.name is None:
                value.name = name
        elif isinstance(value, Module):
            if self in value.modules():
                raise ValueError(
                    f"{type(self).__name__}.{name}: a module cannot be a part of itself, nor of one that it is a part "
                    f"of; to refer to it, hold it in a list, [module], which is not searched for modules"
                )
            kinds.pop(name, None)
            value._call_it(self._path_of(name))
        elif value is not None and (name in kinds or isinstance(self.__dict__.get(name), Module)):
            held, wanted = ("a parameter", "a Parameter") if name in kinds else ("a module", "a Module")
            raise TypeError(
                f"{type(self).__name__}.{name} is {held}: cannot assign {_kind(value)}; assign {wanted} or None, or "
                f"delete the attribute first"
            )
        object.__setattr__(self, name, value)

    def __copy__(self) -> Self:
        """What ``copy.copy`` gives: another module of the same parts, of which new ones are its own."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        object.__setattr__(twin, "_kinds", dict(self._kinds))
        return twin

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._kinds.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        kind = type(self).__name__
        if "_kinds" not in self.__dict__ and not name.startswith("__"):
            raise AttributeError(_uninitialised(self, f"using {name!r}"), name=name)
        if isinstance(getattr(type(self), name, None), property):
            return object.__getattribute__(self, name)  # Python hides the error inside it; this raises it again
        known = [n for n in dir(self) if not n.startswith("_")]
        close = get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        # Given the name but not the object, Python does not add a suggestion of its own to this one.
        raise AttributeError(f"{kind} has no attribute {name!r}{hint}", name=name)

    def register_parameter(self, name: str, param: Tensor | None) -> None:
        """Add a parameter under a name that may be no Python identifier; None keeps the place for an absent one.

        Raises
        ------
        TypeError
            If ``param`` is neither a variable nor None.
        ValueError
            If the name is empty, contains a dot, or is taken.
        """
        self._check_name("register_parameter", name)
        if param is None:
            self._kinds[name] = "parameter"
        elif not is_parameter(param):
            raise TypeError(f"register_parameter {name!r}: expected a Parameter or None, got {_kind(param)}")
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add values that belong to the module's state but are not trained, such as running means.

        Parameters
        ----------
        name
            Of the attribute.
        tensor : Tensor, array_like or None
            Held as a constant tensor; None keeps the place for an absent one.
        persistent
            Whether it is part of :meth:`state_dict`.

        Raises
        ------
        TypeError
            If the values require gradients or are not numeric.
        ValueError
            If the name is empty, contains a dot, or is taken.
        """
        self._check_name("register_buffer", name)
        value = _as_buffer(tensor, type(self).__name__, name)
        self._kinds[name] = "buffer" if persistent else "passing buffer"
        object.__setattr__(self, name, value)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a child module under a name that may be no Python identifier; None keeps the place for an absent one.

        Raises
        ------
        TypeError
            If ``module`` is neither a :class:`Module` nor None.
        ValueError
            If the name is empty, contains a dot, or is taken.
        """
        self._check_name("register_module", name)
        if module is not None and not isinstance(module, Module):
            hint = f"; did you mean {module.__name__}(...)?" if isinstance(module, type) else ""
            raise TypeError(f"{type(self).__name__}: {name!r} must be a Module, got {_kind(module)}{hint}")
        setattr(self, name, module)

    add_module = register_module

    def _check_name(self, operation: str, name: str) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(f"{operation}: a name must be a non-empty string without dots, got {name!r}")
        if getattr(self, name, None) is not None:
            raise ValueError(
                f"{operation}: {type(self).__name__} already has an attribute {name!r}; choose another name"
            )

    def _path_of(self, name: str) -> str:
        """What a module registered here under a name is called."""
        return name

    def _call_it(self, name: str, instead_of: str | None = None) -> None:
        """Name the scope, unless it has a name already other than the given one."""
        kind = type(self).__name__
        if self._scope in (kind, f"{instead_of}: {kind}"):
            object.__setattr__(self, "_scope", f"{name}: {kind}")

    # -- hooks -------------------------------------------------------------------------------------------------------

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            object.__setattr__(self, "_hooks", Hooks())
        assert self._hooks is not None
        return self._hooks

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call a function before every :meth:`forward`.

        Parameters
        ----------
        hook
            ``hook(module, args)``, where ``args`` is the tuple of positional arguments; what it returns, unless None,
            takes their place. With ``with_kwargs`` ``hook(module, args, kwargs)``, which returns None or both.
        prepend
            Call it before all hooks registered so far, not after them.
        with_kwargs
            Whether it is given the keyword arguments.

        Returns
        -------
        RemovableHandle
            Whose ``remove()`` takes the hook off.

        Raises
        ------
        TypeError
            If it is no function.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Identity()
        >>> handle = layer.register_forward_pre_hook(lambda module, args: args[0] + 1.0)
        >>> layer(1.0)
        2.0
        """
        return self._own_hooks().add("before", hook, prepend, with_kwargs)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call a function after every :meth:`forward`.

        Parameters
        ----------
        hook
            ``hook(module, args, output)``; what it returns, unless None, takes the output's place. With ``with_kwargs``
            ``hook(module, args, kwargs, output)``.
        prepend, with_kwargs
            As in :meth:`register_forward_pre_hook`.

        Returns
        -------
        RemovableHandle
            Whose ``remove()`` takes the hook off.

        Raises
        ------
        TypeError
            If it is no function.

        Examples
        --------
        >>> import numpy as np
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        >>> shapes = []
        >>> for layer in net:
        ...     _ = layer.register_forward_hook(lambda module, args, output: shapes.append(output.shape))
        >>> _ = net(np.ones((5, 4)))
        >>> shapes
        [(5, 3), (5, 3)]
        """
        return self._own_hooks().add("after", hook, prepend, with_kwargs)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], *, prepend: bool = False) -> RemovableHandle:
        """Call a function in every backward pass that reaches the module's outputs.

        Parameters
        ----------
        hook
            ``hook(module, grad_output)``, with a tuple of the gradients of the outputs; what it returns, unless None,
            takes their place.
        prepend
            As in :meth:`register_forward_pre_hook`.

        Returns
        -------
        RemovableHandle
            Whose ``remove()`` takes the hook off.

        Raises
        ------
        TypeError
            If it is no function.

        Examples
        --------
        See :meth:`register_full_backward_hook`.
        """
        return self._own_hooks().add("backward_before", hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], *, prepend: bool = False) -> RemovableHandle:
        """Call a function in every backward pass that has computed the gradients of the module's inputs.

        Parameters
        ----------
        hook
            ``hook(module, grad_input, grad_output)``, with one entry for each positional argument and each output:
            NumPy arrays, or tensors where the pass is recorded (``create_graph``), or None for what has no gradient.
            What it returns, unless None, takes the place of ``grad_input``.
        prepend
            As in :meth:`register_forward_pre_hook`.

        Returns
        -------
        RemovableHandle
            Whose ``remove()`` takes the hook off.

        Raises
        ------
        TypeError
            If it is no function.

        Notes
        -----
        Where no input requires gradients it is called as soon as those of the outputs are known. It concerns the calls
        made while it is registered, whenever their backward passes run. Of several outputs, one that has no part in the
        result shows zeros.

        Examples
        --------
        >>> from autograd import Tensor
        >>> import nn
        >>> layer = nn.Tanh()
        >>> handle = layer.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 10,))
        >>> x = Tensor(0.0)
        >>> layer(x).backward()
        >>> float(x.grad)
        10.0
        """
        return self._own_hooks().add("backward", hook, prepend)

    # -- walking -----------------------------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules registered directly in this one, each once, with their names."""
        seen: set[Module] = set()
        for name, value in list(vars(self).items()):
            if isinstance(value, Module) and value not in seen:
                seen.add(value)
                yield name, value

    def children(self) -> Iterator[Module]:
        """The modules registered directly in this one, each once."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """Yield this module and all inside it with dotted paths, parents first; its own path is ``prefix``.

        Parameters
        ----------
        prefix
            Put before every path.
        remove_duplicate
            Name a module that is registered in several places only once.
        """
        seen: set[Module] = set()
        pending = [(prefix, self)]
        while pending:
            path, module = pending.pop()
            if remove_duplicate and module in seen:
                continue
            seen.add(module)
            yield path, module
            inside = [(_join(path, name), m) for name, m in vars(module).items() if isinstance(m, Module)]
            pending.extend(reversed(inside))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all inside it, each once, parents first."""
        return (module for _, module in self.named_modules())

    def _named_tensors(
        self, own: Callable[[Module], Iterator[tuple[str, Tensor]]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Tensor]]:
        seen: set[Tensor] = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]:
            for name, tensor in own(module):
                if not (remove_duplicate and tensor in seen):
                    seen.add(tensor)
                    yield _join(path, name), tensor

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Parameters with their dotted paths, such as ``"0.weight"``.

        Parameters
        ----------
        prefix
            Put before every path.
        recurse
            Whether to include those of modules inside this one.
        remove_duplicate
            Name a parameter that is registered in several places only once.
        """
        return self._named_tensors(_own_parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        """The parameters, each once: what an optimiser is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Buffers with their dotted paths; the arguments are those of :meth:`named_parameters`."""
        return self._named_tensors(_own_buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module with a dotted path, such as ``"0.attention"``; ``""`` is this one.

        Raises
        ------
        AttributeError
            If there is none.

        Examples
        --------
        >>> import nn
        >>> nn.Sequential(nn.Linear(2, 1)).get_submodule("0")
        Linear(in_features=2, out_features=1, bias=True)
        """
        module = self
        for name in target.split(".") if target else ():
            found = getattr(module, name)
            if not isinstance(found, Module):
                raise AttributeError(f"{target}: {name!r} of {type(module).__name__} is {_kind(found)}, not a module")
            module = found
        return module

    def _get_tensor(self, target: str, own: Callable[[Module], Iterator[tuple[str, Tensor]]], what: str) -> Tensor:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        held = dict(own(module))
        if name not in held:
            found = getattr(module, name)  # says what there is, if there is nothing
            raise AttributeError(f"{target}: {name!r} of {type(module).__name__} is {_kind(found)}, not a {what}")
        return held[name]

    def get_parameter(self, target: str) -> Tensor:
        """The parameter with a dotted path, such as ``"0.weight"``.

        Raises
        ------
        AttributeError
            If there is none.

        Examples
        --------
        >>> import nn
        >>> nn.Sequential(nn.Linear(2, 1)).get_parameter("0.weight").shape
        (1, 2)
        """
        return self._get_tensor(target, _own_parameters, "parameter")

    def get_buffer(self, target: str) -> Tensor:
        """The buffer with a dotted path; see :meth:`get_parameter`."""
        return self._get_tensor(target, _own_buffers, "buffer")

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module inside this one, innermost first, and on this one; returns this module.

        Examples
        --------
        >>> import nn
        >>> def start_small(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.normal_(module.weight, std=0.01)
        >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1)).apply(start_small)
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # -- modes and values --------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Set training mode here and in all modules inside; returns this module.

        Raises
        ------
        TypeError
            If ``mode`` is not a bool.
        """
        if not isinstance(mode, bool):
            raise TypeError(f"train: mode must be True or False, got {mode!r}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode, ``train(False)``; returns this module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or thaw (True) all parameters; returns this module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or with ``set_to_none=False`` those that exist to 0."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is not None:
                parameter.grad = None if set_to_none else 0

    def to(self, dtype: Any) -> Self:
        """Convert all floating parameters, gradients and buffers to a floating dtype; returns this module.

        Raises
        ------
        TypeError
            If the dtype is not floating.

        Examples
        --------
        >>> import nn
        >>> nn.Linear(2, 1).to("float64").weight.dtype
        dtype('float64')
        """
        try:
            floating = np.dtype(dtype)
        except TypeError:
            floating = None
        if floating is None or floating.kind != "f":
            raise TypeError(
                f"to: expected a floating dtype such as 'float32', got {dtype!r}; devices there are none to choose from"
            )
        for tensor in [*self.parameters(), *self.buffers()]:
            if tensor.dtype.kind == "f":
                gradient = tensor.grad
                tensor.assign_raw(canonical(tensor.numpy().astype(floating)))
                if gradient is not None:
                    tensor.grad = gradient.numpy() if isinstance(gradient, Tensor) else gradient
        return self

    def float(self) -> Self:
        """Convert to float32 (see :meth:`to`)."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Convert to float64 (see :meth:`to`)."""
        return self.to(np.float64)

    # -- state -------------------------------------------------------------------------------------------------------

    def named_state(self) -> Iterator[tuple[str, Tensor]]:
        """Parameters and persistent buffers under every path they have, in PyTorch's order: what is saved."""
        for path, module in self.named_modules(remove_duplicate=False):
            for name, parameter in _own_parameters(module):
                yield _join(path, name), parameter
            for name, buffer in _own_buffers(module):
                if module._kinds[name] == "buffer":
                    yield _join(path, name), buffer

    def state_dict(self, *, prefix: str = "") -> dict[str, ndarray[Any, Any]]:
        """Copies of all parameters and persistent buffers by dotted path: what is saved of a trained network.

        Parameters
        ----------
        prefix
            Put before every key as it is, so that it usually ends in a dot.

        Returns
        -------
        dict of str to ndarray
            Under PyTorch's keys, in PyTorch's layouts.

        Examples
        --------
        >>> import nn
        >>> {key: array.shape for key, array in nn.Sequential(nn.Linear(3, 2)).state_dict().items()}
        {'0.weight': (2, 3), '0.bias': (2,)}
        """
        return {prefix + key: tensor.numpy() for key, tensor in self.named_state()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Take over values saved with :meth:`state_dict`, or by PyTorch for the same architecture.

        Nothing is changed unless everything fits.

        Parameters
        ----------
        state_dict : mapping of str to array_like
            Values are copied and converted to each parameter's dtype.
        strict
            Whether keys that are missing or not expected are an error.

        Returns
        -------
        IncompatibleKeys
            The keys that did not match; both lists are empty if ``strict``.

        Raises
        ------
        TypeError
            If ``state_dict`` is no mapping.
        ValueError
            Naming every missing key, unexpected key, mismatched shape, dtype that cannot be converted, and value that
            is no array.

        Examples
        --------
        >>> import nn
        >>> teacher, pupil = nn.Linear(3, 2), nn.Linear(3, 2)
        >>> pupil.load_state_dict(teacher.state_dict())
        IncompatibleKeys(missing_keys=[], unexpected_keys=[])
        """
        kind = type(self).__name__
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict of {kind}: expected a mapping of names to arrays, got {_kind(state_dict)}"
            )
        expected = list(self.named_state())
        names = {key for key, _ in expected}
        missing = [key for key, _ in expected if key not in state_dict]
        unexpected = [key for key in state_dict if key not in names]
        problems = []
        if strict and missing:
            problems.append(f"missing keys: {', '.join(missing)}")
        if strict and unexpected:
            hints = [_with_suggestion(str(key), missing) for key in unexpected]
            problems.append(f"unexpected keys: {', '.join(hints)}")
        keys = len(problems)
        new: list[tuple[Tensor, Any]] = []
        for key, tensor in expected:
            if key not in state_dict:
                continue
            given = state_dict[key]
            try:
                value = given.numpy() if isinstance(given, Tensor) else np.asarray(given)
            except (TypeError, ValueError, RuntimeError) as error:  # also those that PyTorch's tensors raise
                problems.append(f"value of {key}: {error}")
                continue
            if value.shape != tensor.shape:
                problems.append(f"shape of {key}: expected {tensor.shape}, got {value.shape}")
            elif not np.can_cast(value.dtype, tensor.dtype, "same_kind"):
                problems.append(f"dtype of {key}: {value.dtype} cannot become {tensor.dtype}")
            else:
                new.append((tensor, canonical(np.array(value, tensor.dtype))))
        if problems:
            # strict=False forgives names, never shapes and dtypes: it would raise again.
            other = "take what matches" if len(problems) == keys else "leave out of the mapping what does not fit"
            advice = f"build the module as it was when the state was saved, or {other}, with strict=False"
            raise ValueError(f"load_state_dict of {kind}: {'; '.join(problems)}; {advice}")
        for tensor, raw in new:
            tensor.assign_raw(raw)
        return IncompatibleKeys(missing, unexpected)

    # -- looking inside ------------------------------------------------------------------------------------------------

    def summary(self, *inputs: Any, **kwargs: Any) -> Summary:
        """What this network is made of, and what one pass through it costs.

        Parameters
        ----------
        *inputs : tuple of int, Tensor or ndarray
            What to call it with: shapes (all axes, also that of the batch) or examples, which layers that take whole
            numbers need, such as :class:`Embedding`.
        **kwargs
            For :meth:`forward`.

        Returns
        -------
        Summary
            Which prints as a table: for each layer output shape, parameters, memory and multiply-adds. All figures are
            attributes, too, ``summary["0"].multiply_adds`` for instance.

        Notes
        -----
        The network is called once in evaluation mode; afterwards modes, buffers, gradients and random states are as
        before. Multiply-adds are those of products of matrices and convolutions, counted from the operations
        recorded: what is computed under ``no_grad`` is not seen.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        >>> net.summary((16, 64))
        Sequential, called with (16, 64)
        layer     kind        output    parameters  activations  multiply-adds
        ──────────────────────────────────────────────────────────────────────
        (itself)  Sequential  (16, 10)
        0         Linear      (16, 32)       2,080      2.0 KiB         32,768
        1         ReLU        (16, 32)                  2.0 KiB
        2         Linear      (16, 10)         330        640 B          5,120
        ──────────────────────────────────────────────────────────────────────
        total                                2,410      4.6 KiB         37,888
        2,410 of 2,410 parameters are trained; they take 9.4 KiB
        """
        from nn._summary import summarize

        return summarize(self, inputs, kwargs)

    def health(
        self, input: Any, target: Any = None, loss: Callable[..., Any] | None = None, optimizer: Any = None
    ) -> Health:
        """How this network is doing on a batch: its activations, gradients and updates, and what looks wrong.

        Parameters
        ----------
        input : Tensor or array_like, or a tuple of several
            A batch of what the network is trained on.
        target
            What the loss compares the output with, if anything.
        loss
            ``loss(output, target)``, or ``loss(output)`` without a target; without it activations alone are looked at.
        optimizer
            Takes one step on trial, to see how large it is; not one whose ``step`` needs a closure.

        Returns
        -------
        Health
            Which prints as tables and a diagnosis; ``problems`` is a tuple of sentences, empty if nothing looks wrong.

        Notes
        -----
        The network is called in the mode it is in. Afterwards parameters, gradients, buffers, random states and the
        optimiser are as before. The thresholds are rules of thumb; that updates should be about a thousandth of the
        weights is Bottou's, "Stochastic gradient descent tricks" (2012), and others'.

        Examples
        --------
        >>> import numpy as np
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        >>> _ = nn.init.constant_(net[0].bias, -100.0)
        >>> health = net.health(np.random.default_rng(0).normal(size=(64, 4)), np.zeros((64, 1)), nn.MSELoss())
        >>> health.activations[1].dead
        1.0
        >>> print(health.problems[0][:54])
        1: dead units: 100 % of 8 are 0 for all 64 samples, so
        """
        from nn._health import examine

        return examine(self, input, target, loss, optimizer)

    # -- display -----------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What ``repr`` shows between the parentheses, such as sizes; subclasses define their own."""
        return ""

    def __repr__(self) -> str:
        kind, extra = type(self).__name__, self.extra_repr()
        children = [f"({name}): {module!r}" for name, module in vars(self).items() if isinstance(module, Module)]
        if not children:
            return f"{kind}({extra})"
        lines = ([extra] if extra else []) + children
        return f"{kind}(\n  " + "\n".join(lines).replace("\n", "\n  ") + "\n)"


def _own(module: Module, wanted: Callable[[Kind], bool]) -> Iterator[tuple[str, Tensor]]:
    held = vars(module)
    return ((name, held[name]) for name, kind in list(module._kinds.items()) if wanted(kind) and held[name] is not None)


def _own_parameters(module: Module) -> Iterator[tuple[str, Tensor]]:
    return _own(module, lambda kind: kind == "parameter")


def _own_buffers(module: Module) -> Iterator[tuple[str, Tensor]]:
    return _own(module, lambda kind: kind != "parameter")


def _as_buffer(value: Any, owner: str, name: str) -> Tensor | None:
    if value is None:
        return None
    if isinstance(value, Tensor):
        if value.requires_grad:
            raise TypeError(
                f"{owner}: buffer {name!r} must be a constant, this one requires gradients ({describe(value._data)}); "
                f"use detach(), or a Parameter if it is to be trained"
            )
        return value
    return Tensor(value, requires_grad=False)


def _uninitialised(module: Module, what: str) -> str:
    kind = type(module).__name__
    return f"{kind}: {what} before Module.__init__ has run; call super().__init__() first in {kind}.__init__"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _kind(x: Any) -> str:
    return f"the class {x.__name__}" if isinstance(x, type) else type(x).__name__


def _with_suggestion(key: str, candidates: list[str]) -> str:
    close = get_close_matches(key, candidates, n=1)
    return f"{key} (did you mean {close[0]}?)" if close else key
