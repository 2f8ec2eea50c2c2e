"""What all optimisers share: groups of parameters, their settings, and the state kept for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor, enable_grad
from autograd._values import canonical, describe, dtype_of

__all__ = ["Group", "Optimizer", "State", "require"]

#: A value of the update rule: plain, or a tensor where the update itself is recorded.
Value = Any
State = dict[str, Any]
Group = dict[str, Any]


class Optimizer:
    """Base of all optimisers; a subclass defines :meth:`update` and passes its settings' defaults.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        The parameters, or groups of them: dictionaries with ``"params"`` and the settings that differ in the group.
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
    A step replaces a parameter's array and never writes into it, so graphs recorded before keep theirs. Parameters
    whose gradient is None are left alone.
    """

    param_groups: list[Group]
    state: dict[Tensor, State]

    #: What a parameter's state holds once there is one.
    state_names: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Tensor] | Iterable[Group], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups = []
        self.state = {}
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
            Those of the parameter's group.

        Returns
        -------
        parameter
            Its new value.
        state
            What the next step needs.
        """
        raise NotImplementedError("an optimiser defines update(parameter, gradient, state, **settings)")

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
        of_groups = [{name: self._plain(name, group[name]) for name in self.defaults} for group in self.param_groups]
        for group, settings in zip(self.param_groups, of_groups, strict=True):
            for parameter in group["params"]:
                gradient = getattr(parameter, "_grad", None)
                if gradient is None:
                    continue
                if isinstance(gradient, Tensor):
                    gradient = gradient._data
                dtype = parameter.dtype
                state = {name: _cast(held, dtype) for name, held in self.state.get(parameter, {}).items()}
                value, self.state[parameter] = self.update(parameter._data, gradient, state, **settings)
                parameter.assign_raw(_cast(value, dtype))
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
        seen = {p for group in self.param_groups for p in group["params"]}
        for i, parameter in enumerate(params):
            self._check_parameter(i, parameter, seen)
            seen.add(parameter)
        unknown = sorted(param_group.keys() - {"params", *self.defaults})
        if unknown:
            raise ValueError(
                f"{self._name}: a parameter group has unknown settings {', '.join(unknown)}; it takes "
                f"{', '.join(self.defaults)}"
            )
        group = {**param_group, "params": params, **{k: v for k, v in self.defaults.items() if k not in param_group}}
        self.check(group)
        self.param_groups.append(group)

    def _plain(self, name: str, setting: Any) -> Any:
        """A setting with NumPy's scalars as Python numbers, which leave the dtype of the arrays they meet as it is."""
        if isinstance(setting, (tuple, list)):
            return tuple(self._plain(name, part) for part in setting)
        if isinstance(setting, Tensor):
            raise TypeError(
                f"{self._name}: {name} must be a number, got a Tensor; a step that can be differentiated is "
                f"{self._name}.update(parameter, gradient, state, {name}=...), on tensors"
            )
        return setting.item() if isinstance(setting, (np.generic, ndarray)) else setting

    def _check_parameter(self, index: int, parameter: Any, seen: set[Tensor]) -> None:
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"{self._name}: parameter {index} must be a Tensor, got {type(parameter).__name__}; groups are "
                f"dictionaries with 'params', and all entries are groups or none is"
            )
        if not parameter.is_leaf:
            raise ValueError(
                f"{self._name}: parameter {index} is the result of an operation ({parameter._primitive.name}), only "
                f"variables can be optimised; pass those it was computed from"
            )
        if parameter in seen:
            what = f" ({parameter.name!r})" if parameter.name else ""
            raise ValueError(f"{self._name}: parameter {index}{what} occurs twice; list each parameter once")

    # -- state -------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to continue: state and settings, with parameters numbered in the order of their groups.

        Returns
        -------
        dict
            ``"state"``, by parameter number, and ``"param_groups"``; arrays are copies.

        Examples
        --------
        >>> from autograd import Tensor
        >>> import optim
        >>> optim.SGD([Tensor(1.0)], lr=0.1).state_dict()["param_groups"][0]["params"]
        [0]
        """
        parameters = [p for group in self.param_groups for p in group["params"]]
        number = {p: i for i, p in enumerate(parameters)}
        groups = [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]
        state = {
            number[p]: {name: value.copy() if isinstance(value, ndarray) else value for name, value in held.items()}
            for p, held in self.state.items()
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over state and settings from :meth:`state_dict` of an optimiser of parameters of the same shapes.

        Nothing is changed unless everything fits.

        Raises
        ------
        ValueError
            If the groups have other sizes, a setting is missing or not valid, or a state has not its parameter's shape.
        """
        if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= set(state_dict):
            raise ValueError(f"load_state_dict of {self._name}: expected a dictionary with 'state' and 'param_groups'")
        given = state_dict["param_groups"]
        sizes, own = [len(g["params"]) for g in given], [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(
                f"load_state_dict of {self._name}: this optimiser has groups of {own} parameters, the state has groups "
                f"of {sizes}; make the optimiser as it was when the state was saved"
            )
        groups = []
        for saved, group in zip(given, self.param_groups, strict=True):
            missing = [name for name in self.defaults if name not in saved]
            if missing:
                raise ValueError(
                    f"load_state_dict of {self._name}: a group lacks the settings {', '.join(missing)}; was the state "
                    f"saved by another kind of optimiser?"
                )
            switched_on = [name for name in sorted(saved.keys() - self.defaults.keys()) if saved[name] is True]
            if switched_on:
                raise ValueError(
                    f"load_state_dict of {self._name}: a group was saved with {', '.join(switched_on)}, which this "
                    f"optimiser does not have, so it would go on differently"
                )
            groups.append({**saved, "params": group["params"]})
            self.check(groups[-1])
        numbered: dict[int, Tensor] = {}
        for saved, group in zip(given, groups, strict=True):
            numbered |= zip(saved["params"], group["params"], strict=True)
        state: dict[Tensor, State] = {}
        for number, held in state_dict["state"].items():
            if number not in numbered:
                raise ValueError(f"load_state_dict of {self._name}: there is state for an unknown parameter {number}")
            parameter = numbered[number]
            if held and set(held) != set(self.state_names):
                raise ValueError(
                    f"load_state_dict of {self._name}: the state of parameter {number} holds "
                    f"{', '.join(sorted(held))}, but this optimiser needs {', '.join(sorted(self.state_names))}"
                )
            state[parameter] = {name: self._loaded(number, name, value, parameter) for name, value in held.items()}
        self.param_groups, self.state = groups, state

    def _loaded(self, number: int, name: str, value: Any, parameter: Tensor) -> Any:
        if name == "step":
            return int(value)
        if value is None:
            return None
        array = np.asarray(value)
        if array.shape != parameter.shape:
            raise ValueError(
                f"load_state_dict of {self._name}: {name} of parameter {number} has shape {array.shape}, but the "
                f"parameter ({describe(parameter._data)}) has shape {parameter.shape}"
            )
        return canonical(np.array(array, parameter.dtype))

    def __repr__(self) -> str:
        lines = [
            f"  group {i}: {sum(p.size for p in group['params']):,} numbers in {len(group['params'])} parameters, "
            + ", ".join(f"{name}={value}" for name, value in group.items() if name != "params")
            for i, group in enumerate(self.param_groups)
        ]
        return f"{self._name}(\n" + "\n".join(lines) + "\n)"


def require(optimizer: str, condition: bool, setting: str, rule: str, value: Any) -> None:
    """Raise unless a setting is valid.

    Raises
    ------
    ValueError
        Naming the setting, its rule and the value found.
    """
    if not condition:
        raise ValueError(f"{optimizer}: {setting} must be {rule}, got {value!r}")


def _cast(value: Any, dtype: np.dtype[Any]) -> Any:
    """A floating value in the inside form, in a parameter's dtype, as its module may have been converted since."""
    if value is None or isinstance(value, int) or dtype_of(value) == dtype:
        return value
    return canonical(np.asarray(value).astype(dtype))
