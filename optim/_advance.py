"""How a step is carried out: many small parameters as one array, large ones in place, the rest as the rule is written.

Results are written into the arrays that hold the old values only where nothing else holds these: reference counts tell
whether a recorded graph (through a view of a weight, say) or the user still does. A parameter's state is replaced all
at once, so that it is whole wherever Ctrl-C interrupts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor
from autograd._values import canonical, dtype_of
from optim._replay import NotReplayableError, Replay, over_blocks

__all__ = ["Joint", "advance"]

#: A parameter, its gradient, and its state.
Member = tuple[Tensor, Any, dict[str, Any]]
Rule = Callable[..., tuple[Any, dict[str, Any]]]
#: What evaluates a rule, given flat arrays by name and those to write the results into; and which results there are.
Evaluation = tuple[Callable[[dict[str, Any], dict[str, Any]], None], tuple[str, ...]]

#: Parameters of fewer elements are joined, which costs less than a round of calls for each: 20 biases of 64 numbers are
#: stepped by Adam in half the time, thousands of scalars in far less.
JOINED = 4096
#: From this many elements on, preparing to run a recorded rule in place costs less than it saves.
REPLAYED = 16384
#: Every so many steps, denormal numbers in the state become 0. A running mean of gradients that are now 0 fades into
#: them and stays there, and processors take several times as long over each. It is the step counted in the state that
#: decides, so that a run resumed goes on as it would have.
FLUSHED = 128


def _count_of_one_holder() -> int:
    """What `getrefcount` reports of an object held by one container and one local variable."""
    if sys.implementation.name != "cpython":
        return -1  # no reference counts: nothing is ever written in place
    container = [object()]
    item = container[0]
    return sys.getrefcount(item)


_ALONE = _count_of_one_holder()


class _Update:
    """An update rule with its settings and with the numbers in the state, as a function of named arrays."""

    def __init__(self, rule: Rule, settings: dict[str, Any], counts: dict[str, Any], numbers: Sequence[str]) -> None:
        self.rule, self.settings, self.counts, self.number_names = rule, settings, counts, numbers
        self.steady = getattr(rule, "same_every_step", False)
        self.after: dict[str, Any] = {}

    def __call__(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Evaluate the rule as it is written; the new numbers are kept aside."""
        results = _applied(self.rule, self.settings, self.counts, arrays)
        self.after = {name: results.pop(name) for name in self.number_names if name in results}
        return results

    def replay(self, names: Sequence[str], dtype: np.dtype[Any]) -> Evaluation | None:
        """The rule recorded, with its constants at this step; None if it cannot be."""
        numbers, settings = self.counts, self.settings
        if not self.steady:
            try:
                replay = Replay(partial(_applied, self.rule, settings, numbers), names, (), self.number_names)
            except NotReplayableError:
                return None
            constants, self.after = replay.at(dtype)
            return partial(replay, constants), replay.results
        if type(settings.get("lr")) is float:  # schedulers may change it at every step
            numbers = {"lr": settings["lr"], **numbers}
            settings = {name: value for name, value in settings.items() if name != "lr"}
        recorded = _recorded(self.rule, (*settings.items(),), (*names,), (*numbers,), (*self.number_names,))
        if recorded is None:
            return None
        constants, after = recorded.at(dtype, *numbers.values())
        # Recorded, numbers are floats: a count stays an integer.
        self.after = {name: int(x) if type(numbers.get(name)) is int else x for name, x in after.items()}
        return partial(recorded, constants), recorded.results


def _applied(rule: Rule, settings: dict[str, Any], numbers: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """An update rule as a function from named values to named values."""
    state = {**numbers, **values}
    parameter, state = rule(state.pop("parameter"), state.pop("gradient"), state, **settings)
    return {"parameter": parameter, **state}


@lru_cache(maxsize=256)
def _recorded(
    rule: Rule,
    settings: tuple[tuple[str, Any], ...],
    names: tuple[str, ...],
    numbers: tuple[str, ...],
    number_names: tuple[str, ...],
) -> Replay | None:
    """A rule that is the same at every step, with its rate and the numbers of its state among the values given."""

    def function(values: dict[str, Any]) -> dict[str, Any]:
        rate = {"lr": values.pop("lr")} if "lr" in values else {}
        return _applied(rule, dict(settings) | rate, {}, values)

    try:
        return Replay(function, names, numbers, number_names)
    except NotReplayableError:
        return None


def advance(
    rule: Rule,
    settings: dict[str, Any],
    members: Sequence[Member],
    numbers: Sequence[str],
    elementwise: bool,
    joints: dict[int, Joint],
) -> None:
    """Take one step of an optimiser's parameters that share their settings.

    Parameters
    ----------
    rule
        As :meth:`Optimizer.update`.
    settings
        What it is given by keyword.
    members
        Parameters, gradients (plain values) and states, which get the new values.
    numbers
        The names in a state that are numbers rather than arrays of the parameter's shape.
    elementwise
        Whether the rule may be applied to parts of a parameter, and to several parameters joined.
    joints
        Empty at first; keeps what lasts from one step of these parameters to the next.
    """
    runs: dict[Any, list[Member]] = {}
    for member in members:
        parameter, _, state = member
        alike: Any = len(runs)
        if elementwise:
            alike = float if type(parameter._data) is float else parameter._data.dtype
            if state:
                alike = (alike, *state, *map(state.get, numbers))
        if alike in runs:
            runs[alike].append(member)
        else:
            runs[alike] = [member]
    for i, run in enumerate(runs.values()):
        state = run[0][2]
        counts = {name: state[name] for name in numbers if name in state}
        update = _Update(rule, settings, counts, numbers)
        names = [name for name in state if name not in counts]
        if elementwise:
            joint = _advance_alike(update, run, names, joints.get(i))
            if joint is not None:
                joints[i] = joint
        else:
            _as_written(update, run[0], names)


def _advance_alike(update: _Update, run: list[Member], names: list[str], joint: Joint | None) -> Joint | None:
    """Advance parameters of one dtype with states that hold the same numbers; gives what joins the small ones."""
    sizes = [_size(member) for member in run]
    small: list[Member] = []
    large = run
    if len(run) > 1 and min(sizes) < JOINED:
        small = [member for member, size in zip(run, sizes, strict=True) if size < JOINED]
        large = [member for member, size in zip(run, sizes, strict=True) if size >= JOINED]
    in_place = sum(size for size in sizes if size >= JOINED or not small) >= REPLAYED
    lasting = update.steady and all(type(parameter._data) is ndarray for parameter, _, _ in small)
    replay = None
    if in_place or (small and lasting):
        replay = update.replay(["parameter", "gradient", *names], run[0][0].dtype)
    if small:
        if lasting and replay is not None and {"parameter", *names}.issuperset(replay[1]):
            if joint is None or not joint.lasts(small, names):
                joint = Joint(small, names)
            joint.advance(replay, small, update.after)
        else:
            _joined(update, small, names)
    if in_place:
        _in_place(update, replay, large, names)
    else:
        for member in large:
            _as_written(update, member, names)
    return joint


def _size(member: Member) -> int:
    value = member[0]._data
    return value.size if type(value) is ndarray else 1


def _as_written(update: _Update, member: Member, names: list[str]) -> None:
    """Evaluate the rule for one parameter; what it makes becomes the new values."""
    parameter, gradient, state = member
    dtype = parameter.dtype
    values = {"parameter": parameter._data, "gradient": gradient}
    for name in names:
        values[name] = _cast(state[name], dtype)
    results = update(values)
    parameter.assign_raw(_cast(results.pop("parameter"), dtype))
    state.update({name: _cast(value, dtype) for name, value in results.items()}, **update.after)


def _joined(update: _Update, run: list[Member], names: list[str]) -> None:
    """Evaluate the rule as it is written, once for many small parameters, as one flat array."""
    dtype = run[0][0].dtype
    old = [parameter._data for parameter, _, _ in run]
    values = {"parameter": _flat(old, dtype), "gradient": _flat([gradient for _, gradient, _ in run], dtype)}
    for name in names:
        values[name] = _flat([state[name] for _, _, state in run], dtype)
    results = update(values)
    for (parameter, _, _), value in zip(run, _parts(results.pop("parameter"), old, dtype), strict=True):
        parameter.assign_raw(value)
    columns = [_parts(flat, old, dtype) for flat in results.values()] + [[x] * len(run) for x in update.after.values()]
    names = [*results, *update.after]
    for (_, _, state), row in zip(run, zip(*columns, strict=True), strict=bool(columns)):
        state.update(zip(names, row, strict=True))


def _flat(values: list[Any], dtype: np.dtype[Any]) -> ndarray[Any, Any]:
    return np.array(values, dtype) if ndarray not in map(type, values) else np.concatenate(values, None, dtype=dtype)


def _parts(flat: Any, like: list[Any], dtype: np.dtype[Any]) -> list[Any]:
    """What `_flat` joined, in the inside form."""
    flat = np.asarray(flat, dtype)
    if ndarray not in map(type, like):
        return flat.tolist() if dtype == np.float64 else list(flat)
    parts: list[Any] = []
    start = 0
    for value in like:
        if type(value) is ndarray:
            end = start + value.size
            part = flat[start:end]
            parts.append(part if value.ndim == 1 else part.reshape(value.shape))
            start = end
        else:
            parts.append(canonical(flat[start]))
            start += 1
    return parts


class Joint:
    """Small parameters and their states as parts of flat arrays, which last from step to step.

    Once all of them hold their parts there is nothing to join but the gradients, and nothing to take apart.
    """

    __slots__ = ("_arrays", "_parts")

    def __init__(self, run: list[Member], names: list[str]) -> None:
        dtype = run[0][0].dtype
        values = [parameter._data for parameter, _, _ in run]
        parameter = _flat(values, dtype)
        self._arrays = {"parameter": parameter, "gradient": np.empty(parameter.size, dtype)}
        self._parts = {"parameter": _parts(parameter, values, dtype)}
        for name in names:
            self._arrays[name] = flat = _flat([state[name] for _, _, state in run], dtype)
            self._parts[name] = parts = _parts(flat, values, dtype)
            for (_, _, state), part in zip(run, parts, strict=True):
                state[name] = part

    def lasts(self, run: list[Member], names: list[str]) -> bool:
        """Whether it is these parameters and states that hold the parts, and nothing else does."""
        if len(run) != len(self._parts["parameter"]) or self._parts.keys() != {"parameter", *names}:
            return False
        for name, parts in self._parts.items():
            flat = self._arrays[name]
            if sys.getrefcount(flat) != _ALONE + len(parts):  # it is the base of each
                return False
            for i, (parameter, _, state) in enumerate(run):
                part = parts[i]
                if (parameter._data if name == "parameter" else state[name]) is not part:
                    return False
                if sys.getrefcount(part) != _ALONE + 1:
                    return False
        return True

    def advance(self, replay: Evaluation, run: list[Member], after: dict[str, Any]) -> None:
        """Take a step in place."""
        evaluate, results = replay
        np.concatenate([gradient for _, gradient, _ in run], None, self._arrays["gradient"])
        for (parameter, _, _), part in zip(run, self._parts["parameter"], strict=True):
            parameter.assign_raw(part)  # before the first write, so that no graph takes it for the old values
        evaluate(self._arrays, {name: self._arrays[name] for name in results})
        for _, _, state in run:
            state.update(after)


def _in_place(update: _Update, replay: Evaluation | None, run: list[Member], names: list[str]) -> None:
    """Evaluate the rule block by block, into the arrays of the old values where these are the optimiser's own."""
    if replay is None:
        one = np.ones(1, run[0][0].dtype)
        replay = partial(over_blocks, update), tuple(update(dict.fromkeys(["parameter", "gradient", *names], one)))
    evaluate, results = replay
    for parameter, gradient, state in run:
        dtype, shape = parameter.dtype, parameter.shape
        new: dict[str, Any] = {}
        value = parameter._data
        if sys.getrefcount(value) == _ALONE and _writable(value):
            new["parameter"] = value
        old = {"parameter": value.reshape(-1), "gradient": gradient.reshape(-1)}
        for name in names:
            held = state[name]
            if sys.getrefcount(held) == _ALONE and _writable(held) and held.dtype == dtype:
                new[name] = held
            old[name] = _cast(held, dtype).reshape(-1)
        written = {name: old[name] for name in new if name in results}
        for name in results:
            if name not in new:
                new[name] = np.empty(shape, dtype)
                written[name] = new[name].reshape(-1)
        in_place = new["parameter"] is value
        if in_place:
            parameter.assign_raw(value)  # before the first write, so that no graph takes it for the old values
        evaluate(old, written)
        if not in_place:
            parameter.assign_raw(new["parameter"])
        del new["parameter"]
        if update.after.get("step", 1) % FLUSHED == 0 and update.settings.get("eps") != 0:
            for array in new.values():
                array[abs(array) < np.finfo(dtype).tiny] = 0
        state.update(new, **update.after)


def _writable(array: ndarray[Any, Any]) -> bool:
    """Whether an array has its memory to itself, in order, so that nothing else changes with it."""
    flags = array.flags
    return bool(flags.owndata and flags.c_contiguous and flags.writeable)


def _cast(value: Any, dtype: np.dtype[Any]) -> Any:
    """A floating value in the inside form, in a parameter's dtype, as its module may have been converted since."""
    if type(value) is ndarray and value.dtype == dtype:
        return value
    return value if dtype_of(value) == dtype else canonical(np.asarray(value).astype(dtype))
