"""What all schedules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from optim._optimizer import Group, Optimizer

__all__ = ["LRScheduler", "check_optimizer", "per_group", "require"]


class LRScheduler:
    """Base of schedules that follow the count of steps; a subclass defines :meth:`get_lr`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose groups' ``"lr"`` is set.
    last_epoch : int
        The count of steps so far less one: -1 at the start, which sets the first rates. To go on from a later step,
        the groups need their ``"initial_lr"`` (an optimiser's state holds it) and keep the rates they have.

    Attributes
    ----------
    last_epoch : int
        How many times ``step`` was called, 0 to begin with.
    base_lrs : list of float
        Where each group started.

    Raises
    ------
    TypeError
        If ``optimizer`` is none.
    ValueError
        If ``last_epoch`` is not -1 and a group has no ``"initial_lr"``; if a setting is out of range.

    Examples
    --------
    A schedule of one's own:

    >>> from autograd import Tensor
    >>> import optim
    >>> class Harmonic(optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [base / (1 + self.last_epoch) for base in self.base_lrs]
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> schedule = Harmonic(optimizer)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    #: Attributes that are no part of the state.
    _unsaved: tuple[str, ...] = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(self, optimizer)
        for i, group in enumerate(self._groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{self._name}: to go on from last_epoch={last_epoch}, group {i} of the optimiser needs its "
                    f"'initial_lr'; load the optimiser's state first, or start with last_epoch=-1"
                )
        self.base_lrs: list[float] = [float(group["initial_lr"]) for group in self._groups]
        self.last_epoch = last_epoch + 1
        self._last_lr: list[float] = [group["lr"] for group in self._groups]
        if last_epoch == -1:
            self.begin()

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def _groups(self) -> list[Group]:
        return self.optimizer.param_groups

    def get_lr(self) -> list[float]:
        """The rates of the groups at step ``last_epoch``; those of the step before are still in the groups."""
        raise NotImplementedError("a schedule defines get_lr()")

    def first_lr(self) -> list[float]:
        """The rates at step 0, of groups that hold their rates without this schedule: by default :meth:`get_lr`'s."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set, one for each group."""
        return self._last_lr

    def begin(self) -> None:
        """Set the rates of step 0, starting from those the groups have."""
        self.last_epoch = 0
        self._set(self.first_lr())

    def restart(self) -> None:
        """Set the rates of step 0, starting from the groups' initial rates."""
        self._set(self.base_lrs)
        self.begin()

    def step(self) -> None:
        """Go on by one step and set the rates."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: Sequence[float]) -> None:
        if len(rates) != len(self._groups):
            raise ValueError(
                f"{self._name}: made for {len(rates)} groups, but the optimiser now has {len(self._groups)}; make the "
                f"schedule when all groups are there"
            )
        for group, rate in zip(self._groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = list(rates)

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to continue, of numbers, strings, lists and dictionaries (so that it can be JSON).

        Functions are not part of it.
        """
        return {name: _plain(value) for name, value in vars(self).items() if name not in self._unsaved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state from :meth:`state_dict`; the rates themselves are part of the optimiser's.

        Raises
        ------
        ValueError
            If it is the state of another kind of schedule, or one for another number of groups.
        """
        unknown = sorted(name for name in state_dict if name not in vars(self) and not name.startswith("_"))
        missing = sorted(
            name
            for name in vars(self)
            if name not in self._unsaved and not name.startswith("_") and name not in state_dict
        )
        if unknown or missing:
            raise ValueError(
                f"load_state_dict of {self._name}: "
                + "; ".join(
                    f"{what} {', '.join(names)}"
                    for what, names in (("unknown", unknown), ("missing", missing))
                    if names
                )
                + "; was the state saved by another kind of schedule?"
            )
        groups = len(state_dict.get("base_lrs", self._groups))
        if groups != len(self._groups):
            raise ValueError(
                f"load_state_dict of {self._name}: the state is for {groups} groups, the optimiser has "
                f"{len(self._groups)}"
            )
        for name, value in state_dict.items():
            if name in vars(self) and name not in self._unsaved:
                setattr(self, name, list(value) if isinstance(value, (list, tuple)) else value)

    def __repr__(self) -> str:
        shown = [
            f"{name}={value!r}"
            for name, value in vars(self).items()
            if name not in ("optimizer", "base_lrs") and not name.startswith("_")
        ]
        return f"{self._name}({', '.join(shown)})"


def _plain(value: Any) -> Any:
    """A value with NumPy's numbers as Python's, in lists of its own."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value.item() if isinstance(value, (np.generic, np.ndarray)) else value


def check_optimizer(schedule: object, optimizer: Any) -> Optimizer:
    """Make sure that something is an optimiser.

    Raises
    ------
    TypeError
        If it is not.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(schedule).__name__}: expected an optimiser, got {type(optimizer).__name__}")
    return optimizer


def require(schedule: object, setting: str, rule: str, value: Any, valid: Callable[[Any], Any]) -> Any:
    """A setting, if it is valid.

    Raises
    ------
    ValueError
        Naming the setting, its rule and the value found, if it is not.
    """
    try:
        held = bool(valid(value))
    except TypeError:  # not even comparable
        held = False
    if not held:
        raise ValueError(f"{type(schedule).__name__}: {setting} must be {rule}, got {value!r}")
    return value


def per_group(schedule: object, setting: str, value: Any, groups: Sequence[Group]) -> list[Any]:
    """A setting for each group: one for all, or a list.

    Raises
    ------
    ValueError
        If the list has another length.
    """
    if not isinstance(value, (list, tuple)):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ValueError(
            f"{type(schedule).__name__}: {setting} has {len(value)} entries for {len(groups)} groups; give one for "
            f"each, or a single one for all"
        )
    return list(value)
