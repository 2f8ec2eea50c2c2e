"""What all optimisers share: groups of parameters, their settings, and the state kept for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from typing import Any, overload

import numpy as np
from numpy import ndarray

from autograd import Tensor, _state, enable_grad
from autograd._values import canonical, describe
from autograd.nonfinite import Range
from optim._advance import Joint, advance

__all__ = ["Group", "Optimizer", "Params", "State", "Value"]

#: A value of the update rule: plain, or a tensor where the update itself is recorded.
Value = Any
State = dict[str, Any]
Group = dict[str, Any]
#: What an optimiser is given: parameters, parameters with names, or groups.
Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Group]

#: Settings of PyTorch's that say how a step is carried out there, not what it computes.
_FOREIGN = {"foreach", "fused", "capturable", "differentiable"}

_PLAIN = frozenset({float, int, bool})


class Optimizer:
    """Base of all optimisers; a subclass defines :meth:`update` and passes its settings' defaults.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The parameters, with names if they are to appear in messages (``model.named_parameters()``); or groups of them:
        dictionaries with ``"params"`` and the settings that differ in the group.
    defaults : dict
        The settings of groups that do not set their own.

    Attributes
    ----------
    param_groups : list of dict
        Parameters and settings; changing a setting, such as ``"lr"``, takes effect at the next step.
    state : dict
        For each parameter stepped so far what its updates remember.

    Raises
    ------
    TypeError
        If ``params`` is a single tensor, a set, or holds anything but tensors.
    ValueError
        If there are no parameters, one occurs twice or is the result of an operation, none requires gradients, or a
        setting is not valid.

    Notes
    -----
    The update rule of an optimiser is one expression, :meth:`update`, used in three ways: ``step`` applies it to the
    parameters and writes the results into their arrays; applied to tensors, or by :meth:`updated` to many at a time,
    it is recorded as a graph, so that one can differentiate through it; applied to plain numbers it can be read.

    To graphs recorded before a step, its parameters have new values: their arrays are left alone where a graph (or
    anything else) still holds them, and a backward pass that needs the old values says so. Parameters whose gradient is
    None are left alone.

    An optimiser of one's own:

    >>> from autograd import Tensor
    >>> import optim
    >>> class SignDescent(optim.Optimizer):
    ...     elementwise = True
    ...
    ...     def __init__(self, params, lr=0.1):
    ...         super().__init__(params, {"lr": lr})
    ...
    ...     @staticmethod
    ...     def update(parameter, gradient, state, /, *, lr=0.1):
    ...         return parameter - lr * gradient / abs(gradient), state
    >>> x = Tensor([1.0, -2.0])
    >>> (x * x).sum().backward()
    >>> SignDescent([x]).step()
    >>> x.tolist()
    [0.9, -1.9]
    """

    param_groups: list[Group]
    state: defaultdict[Tensor, State]

    #: What a parameter's state may hold, and which of that is a number rather than an array of the parameter's shape.
    state_names: tuple[str, ...] = ()
    number_names: tuple[str, ...] = ()
    #: Whether :meth:`update` treats every element by itself and branches on no value of an array. It may then be
    #: applied to parts of a parameter, to several parameters joined, and be recorded once to be run many times.
    elementwise: bool = False

    def __init__(self, params: Params, defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups = []
        self.state = defaultdict(dict)
        self._joints: defaultdict[int, dict[int, Joint]] = defaultdict(dict)
        if isinstance(params, (Tensor, Mapping)) or not isinstance(params, Iterable):
            raise TypeError(
                f"{self._name}: params must be an iterable of tensors or of dictionaries, got {type(params).__name__}; "
                f"put it in a list"
            )
        if isinstance(params, (set, frozenset)):
            raise TypeError(f"{self._name}: a set has no fixed order, pass the parameters in a list")
        given: list[Any] = list(params)
        if not given:
            raise ValueError(f"{self._name} got no parameters; pass model.parameters() of a model that has some")
        groups = given if all(isinstance(g, Mapping) for g in given) else [{"params": given}]
        for group in groups:
            self.add_param_group(group)
        if not any(p.requires_grad for g in self.param_groups for p in g["params"]):
            raise ValueError(
                f"{self._name}: none of the parameters requires gradients, so no step would change anything; pass "
                f"variables (tensors with requires_grad=True)"
            )

    @property
    def _name(self) -> str:
        return type(self).__name__

    @staticmethod
    def update(*args: Any, **settings: Any) -> tuple[Value, State]:
        """Compute ``update(parameter, gradient, state, **settings)``, one step of one parameter, as a pure function.

        Parameters
        ----------
        parameter, gradient
            Plain values of equal shape and dtype, or tensors: then the update is recorded and can be differentiated.
        state
            What the previous step returned; empty at the first.
        **settings
            Those of the parameter's group; tensors, to differentiate with respect to them.

        Returns
        -------
        parameter
            Its new value.
        state
            What the next step needs; nothing in it is an array given.
        """
        raise NotImplementedError("an optimiser defines update(parameter, gradient, state, **settings)")

    @overload
    @classmethod
    def updated(
        cls,
        parameters: Sequence[Value],
        gradients: Sequence[Value],
        states: Sequence[State] | None = None,
        **settings: Any,
    ) -> tuple[list[Value], list[State]]: ...

    @overload
    @classmethod
    def updated(
        cls,
        parameters: Mapping[str, Value],
        gradients: Mapping[str, Value],
        states: Mapping[str, State] | None = None,
        **settings: Any,
    ) -> tuple[dict[str, Value], dict[str, State]]: ...

    @classmethod
    def updated(cls, parameters: Any, gradients: Any, states: Any = None, **settings: Any) -> Any:
        """One step of many parameters as an expression: :meth:`update` of each, with nothing changed.

        Parameters
        ----------
        parameters, gradients : sequence, or mapping by name
            Tensors, to record the step, or plain values.
        states
            What the step before returned; None before the first.
        **settings
            As the class takes them, with the same defaults.

        Returns
        -------
        parameters, states : list, or dict
            Their new values, and what the next step needs.

        Raises
        ------
        TypeError
            If there is no such setting.
        ValueError
            If there are not as many gradients or states as parameters.

        Examples
        --------
        Learning a learning rate: with which do three steps end at the minimum?

        >>> from autograd import grad
        >>> import optim
        >>> def loss(w):
        ...     return (w - 3.0) * (w - 3.0)
        >>> def loss_after(lr):
        ...     w, states = [0.0], None
        ...     for _ in range(3):
        ...         w, states = optim.SGD.updated(w, [grad(loss)(w[0])], states, lr=lr, momentum=0.5)
        ...     return loss(w[0])
        >>> lr = 0.01
        >>> for _ in range(10):
        ...     lr = lr - 0.001 * float(grad(loss_after)(lr))
        >>> round(lr, 2), abs(float(loss_after(lr))) < 1e-3
        (0.16, True)
        """
        if isinstance(parameters, Mapping):
            wrong = sorted({*parameters} ^ {*gradients} | ({*parameters} ^ {*states} if states is not None else set()))
            if wrong:
                raise ValueError(
                    f"{cls.__name__}.updated: parameters, gradients and states must have the same names; "
                    f"{', '.join(map(repr, wrong))} are not in all of them"
                )
            held = None if states is None else [states[name] for name in parameters]
            values, after = cls.updated([*parameters.values()], [gradients[n] for n in parameters], held, **settings)
            return dict(zip(parameters, values, strict=True)), dict(zip(parameters, after, strict=True))
        parameters, gradients = list(parameters), list(gradients)
        states = [{} for _ in parameters] if states is None else list(states)
        if not len(parameters) == len(gradients) == len(states):
            raise ValueError(
                f"{cls.__name__}.updated: got {len(parameters)} parameters, {len(gradients)} gradients and "
                f"{len(states)} states; give one of each for every parameter"
            )
        stepped = [cls.update(p, g, s, **settings) for p, g, s in zip(parameters, gradients, states, strict=True)]
        return [value for value, _ in stepped], [state for _, state in stepped]

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid; subclasses define their own.

        Raises
        ------
        ValueError
            If a setting is out of range.
        """

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Parameters
        ----------
        closure
            Called first, if given: clears the gradients, computes the loss, calls ``backward`` and returns the loss.

        Returns
        -------
        object
            What ``closure`` returned, or None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        # All settings first, so that a wrong one is found before any parameter changes.
        of_groups = [
            {name: x if type(x := group[name]) in _PLAIN else self._plain(name, x) for name in self.defaults}
            for group in self.param_groups
        ]
        for i, (group, settings) in enumerate(zip(self.param_groups, of_groups, strict=True)):
            members = []
            for parameter in group["params"]:
                gradient = getattr(parameter, "_grad", None)
                if gradient is not None:
                    if type(gradient) is Tensor:
                        gradient = gradient._data
                    members.append((parameter, gradient, self.state[parameter]))
            checker = _state.settings.checker if _state.unusual else None
            before = None if checker is None else [Range.of(parameter._data) for parameter, _, _ in members]
            advance(self.update, settings, members, self.number_names, self.elementwise, self._joints[i])
            if checker is not None and before is not None:
                for (parameter, gradient, _), value in zip(members, before, strict=True):
                    checker.stepped(self._name, parameter, gradient, value)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or with ``set_to_none=False`` those that exist to 0."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter.grad is not None:
                    parameter.grad = None if set_to_none else 0

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add parameters, with settings of their own, to those already optimised.

        Parameters
        ----------
        param_group
            ``"params"``, a tensor or an iterable of tensors, and the settings that differ from the defaults.

        Raises
        ------
        TypeError, ValueError
            As for the class.
        """
        if "params" not in param_group:
            raise ValueError(f"{self._name}: a parameter group needs 'params', got the keys {sorted(param_group)}")
        params = param_group["params"]
        if isinstance(params, (set, frozenset)):
            raise TypeError(f"{self._name}: a set has no fixed order, pass the parameters in a list")
        params = [params] if isinstance(params, Tensor) else list(params)
        if not params:
            raise ValueError(f"{self._name} got a group without parameters")
        names = {}
        if all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in params):
            names = {"param_names": [name for name, _ in params]}
            params = [parameter for _, parameter in params]
        seen = {p for group in self.param_groups for p in group["params"]}
        for i, parameter in enumerate(params):
            self._check_parameter(i, parameter, names["param_names"][i] if names else "", seen)
            seen.add(parameter)
        unknown = sorted(param_group.keys() - {"params", "param_names", "initial_lr", *self.defaults})
        if unknown:
            raise ValueError(
                f"{self._name}: a parameter group has unknown settings {', '.join(unknown)}; it takes "
                f"{', '.join(self.defaults)}"
            )
        group = {**self.defaults, **param_group, "params": params, **names}
        self._check_settings(group)
        self.param_groups.append(group)

    def _check_settings(self, group: Group) -> None:
        for name in self.defaults:
            self._plain(name, group[name])
        self.check(group)

    def _plain(self, name: str, setting: Any) -> Any:
        """A setting with NumPy's scalars as Python numbers, which leave the dtype of the arrays they meet as it is."""
        if type(setting) in _PLAIN:  # most often
            return setting
        if isinstance(setting, (tuple, list)):
            return tuple(self._plain(name, part) for part in setting)
        if isinstance(setting, Tensor):
            raise TypeError(
                f"{self._name}: {name} must be a number, got a Tensor; a step that can be differentiated is "
                f"{self._name}.updated(parameters, gradients, states, {name}=...), on tensors"
            )
        if isinstance(setting, ndarray) and setting.size != 1:
            raise ValueError(f"{self._name}: {name} must be a number, got an array of shape {setting.shape}")
        return setting.item() if isinstance(setting, (np.generic, ndarray)) else setting

    def _check_parameter(self, index: int, parameter: Any, name: str, seen: set[Tensor]) -> None:
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"{self._name}: parameter {index} must be a Tensor, got {type(parameter).__name__}; groups are "
                f"dictionaries with 'params', and all entries are groups or none is"
            )
        name = name or parameter.name or ""
        what = f"parameter {index}" + (f" ({name!r})" if name else "")
        if not parameter.is_leaf:
            raise ValueError(
                f"{self._name}: {what} is the result of an operation ({parameter._primitive.name}), only "
                f"variables can be optimised; pass those it was computed from"
            )
        if parameter in seen:
            raise ValueError(f"{self._name}: {what} occurs twice; list each parameter once")

    # -- for subclasses' checks ----------------------------------------------------------------------------------------

    def require(self, group: Group, setting: str, rule: str, valid: Callable[[Any], Any]) -> None:
        """Raise unless a setting is valid.

        Parameters
        ----------
        group
            That it is part of.
        setting
            Its name.
        rule
            Completes "must be".
        valid
            Whether a value is.

        Raises
        ------
        ValueError
            Naming the setting, its rule and the value found.
        """
        value = group[setting]
        try:
            held = bool(valid(value))
        except TypeError:  # not even comparable
            held = False
        if not held:
            raise ValueError(f"{self._name}: {setting} must be {rule}, got {value!r}")

    def require_at_least_zero(self, group: Group, *settings: str) -> None:
        """Raise unless settings are numbers that are not negative, by :meth:`require`."""
        for setting in settings:
            self.require(group, setting, "at least 0", lambda value: value >= 0)

    def require_flags(self, group: Group, *settings: str) -> None:
        """Raise unless settings are True or False, by :meth:`require`."""
        for setting in settings:
            self.require(group, setting, "True or False", lambda value: isinstance(value, (bool, np.bool)))

    def require_betas(self, group: Group) -> None:
        """Raise unless ``betas`` are two decay rates, by :meth:`require`."""
        self.require(
            group,
            "betas",
            "two numbers from 0 to below 1",
            lambda betas: len(betas) == 2 and all(0 <= beta < 1 for beta in betas),
        )

    # -- state -------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to continue: state and settings, with parameters numbered in the order of their groups.

        Returns
        -------
        dict
            ``"state"``, by parameter number, and ``"param_groups"``, which could be JSON; arrays are copies.

        Examples
        --------
        >>> from autograd import Tensor
        >>> import optim
        >>> optim.SGD([Tensor(1.0)], lr=0.1).state_dict()["param_groups"][0]["params"]
        [0]
        """
        parameters = [p for group in self.param_groups for p in group["params"]]
        number = {p: i for i, p in enumerate(parameters)}
        groups = [
            {
                **group,
                **{name: self._plain(name, group[name]) for name in group if name not in ("params", "param_names")},
                "params": [number[p] for p in group["params"]],
            }
            for group in self.param_groups
        ]
        state = {number[p]: _copied(held) for p, held in self.state.items() if held and p in number}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over state and settings from :meth:`state_dict` of an optimiser of parameters of the same shapes.

        Nothing is changed unless everything fits. PyTorch's ``state_dict`` is taken, too, with its tensors as they are
        or as arrays; and PyTorch takes this one's, once its arrays are tensors.

        Raises
        ------
        ValueError
            If the groups have other sizes, a setting is missing or not valid, or a state lacks something, holds
            something else, or has not its parameter's shape.
        """
        error = f"load_state_dict of {self._name}:"
        if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= set(state_dict):
            raise ValueError(f"{error} expected a dictionary with 'state' and 'param_groups'")
        given = state_dict["param_groups"]
        sizes, own = [len(g["params"]) for g in given], [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(
                f"{error} this optimiser has groups of {own} parameters, the state has groups "
                f"of {sizes}; make the optimiser as it was when the state was saved"
            )
        groups = [
            self._loaded_group(error, saved, group) for saved, group in zip(given, self.param_groups, strict=True)
        ]
        owner: dict[int, tuple[Tensor, Group]] = {}
        for saved, group in zip(given, groups, strict=True):
            owner |= {n: (p, group) for n, p in zip(saved["params"], group["params"], strict=True)}
        state: defaultdict[Tensor, State] = defaultdict(dict)
        for number, held in state_dict["state"].items():
            if number not in owner:
                raise ValueError(f"{error} there is state for an unknown parameter {number}")
            parameter, group = owner[number]
            held = {name: value for name, value in held.items() if value is not None}
            needed = self.needed_state(group)
            if held and not set(needed) <= set(held) <= set(self.state_names):
                raise ValueError(
                    f"{error} the state of parameter {number} holds "
                    f"{', '.join(sorted(held))}, but this optimiser needs {', '.join(sorted(needed)) or 'none'}"
                )
            if held:
                state[parameter] = {
                    name: self._loaded(f"{error} {name} of parameter {number}", name, value, parameter)
                    for name, value in held.items()
                }
        self.param_groups, self.state = groups, state

    def needed_state(self, group: Group) -> Iterable[str]:
        """What the state of a parameter that was stepped holds, given its group's settings: of ``state_names``, all."""
        return self.state_names

    def _loaded_group(self, error: str, saved: Mapping[str, Any], group: Group) -> Group:
        # A flag that the saved optimiser did not have yet was off, as it is by default.
        flags = {name: p.default for name, p in signature(self.update).parameters.items() if type(p.default) is bool}
        missing = [name for name in self.defaults if name not in saved and name not in flags]
        if missing:
            raise ValueError(
                f"{error} a group lacks the settings {', '.join(missing)}; was the state saved by another kind of "
                f"optimiser?"
            )
        others = {name: value for name, value in saved.items() if name not in self.defaults and name not in _FOREIGN}
        switched_on = sorted(name for name, value in others.items() if value is True)
        if switched_on:
            raise ValueError(
                f"{error} a group was saved with {', '.join(switched_on)}, which this optimiser does not have, so it "
                f"would go on differently"
            )
        settings = {name: saved[name] if name in saved else flags[name] for name in self.defaults}
        loaded = {**settings, **others, "params": group["params"]}
        self._check_settings(loaded)
        return loaded

    def _loaded(self, what: str, name: str, value: Any, parameter: Tensor) -> Any:
        array = np.asarray(value)
        if name in self.number_names:
            if array.size != 1:
                raise ValueError(f"{what} must be one number, got shape {array.shape}")
            number = array.item()
            return int(number) if name == "step" else number
        if array.shape != parameter.shape:
            raise ValueError(
                f"{what} has shape {array.shape}, but the parameter ({describe(parameter._data)}) has shape "
                f"{parameter.shape}"
            )
        return canonical(np.array(array, parameter.dtype))

    def __getstate__(self) -> dict[str, Any]:
        # Copies of parameters and states are not parts of the arrays that join them here.
        return {**self.__dict__, "_joints": defaultdict(dict)}

    def __repr__(self) -> str:
        lines = [
            f"  group {i}: {sum(p.size for p in group['params']):,} numbers in {len(group['params'])} parameters, "
            + ", ".join(f"{name}={value}" for name, value in group.items() if name not in ("params", "param_names"))
            for i, group in enumerate(self.param_groups)
        ]
        return f"{self._name}(\n" + "\n".join(lines) + "\n)"


def _copied(value: Any) -> Any:
    """A copy with arrays, lists and dictionaries of its own."""
    if isinstance(value, dict):
        return {name: _copied(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_copied(part) for part in value]
    return value.copy() if isinstance(value, ndarray) else value
