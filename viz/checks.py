"""Gradients beside finite differences, which know nothing of rules and so catch a wrong one.

Every value of a graph is moved a little, everything computed from it is computed again, in double precision, and the
change of the result is compared with what the backward pass predicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from autograd import Tensor
from autograd.reverse import Pass
from viz.traces import Check

__all__ = ["EVERYTHING", "WORK", "gradient_checks"]

#: Graphs of up to this many values are checked value by value.
EVERYTHING = 300
#: Most gates to compute again by default, a gate with many elements counted as several.
WORK = 200_000

#: The step that balances the error of a central difference with that of rounding: the cube root of the precision.
STEP = 6e-6
#: Relative errors that gradients of a precision may have.
_TOLERANCE = {2: 5e-2, 4: 2e-3, 8: 1e-5}
#: The smallest difference from 1 of a precision.
_PRECISION = {2: 1e-3, 4: 1.2e-7, 8: 2.2e-16}

#: The double precision of a kind of numbers.
_DOUBLE = {"f": np.dtype(np.float64), "c": np.dtype(np.complex128)}

#: What gates may be given that somebody computed from their inputs before: it is not what it was once these have moved.
_KNOWN_BEFORE = frozenset({"statistics"})

_TOO_LARGE = "gradients not checked: the graph is too large for it"

Verdict = Literal["agrees", "differs", "kink", "unsure"]


def gradient_checks(root: Tensor, gates: Sequence[Tensor], passed: Pass) -> tuple[dict[Tensor, Check], str]:
    """Compare the gradients of a graph with finite differences.

    Parameters
    ----------
    root
        The result.
    gates
        What it depends on, itself included, in the order of recording.
    passed
        Its backward pass.

    Returns
    -------
    checks
        For variables and gates that have a gradient. In large graphs only for variables, in very large ones none.
    note
        What was left out and why, or empty.

    Notes
    -----
    An array is moved along one pseudo-random direction (always the same one), and the change compared with the inner
    product of that direction and the gradient. So is a complex number; of what is complex there the real part counts,
    as the convention of :mod:`autograd.ops.complex` says.

    Examples
    --------
    >>> from autograd.reverse import trace as backward_pass
    >>> x = Tensor(3.0)
    >>> y = x * x
    >>> checks, note = gradient_checks(y, [y], backward_pass(y))
    >>> round(checks[x].numeric, 6), checks[x].analytic, checks[x].verdict
    (6.0, 6.0, 'agrees')
    """
    reached = [t for t in _values_in_order(gates) if t in passed.cotangents and t is not root]
    if not reached:
        return {}, ""
    if len(gates) > WORK:
        return {}, _TOO_LARGE
    replay = _Replay(root, gates, passed.cotangents[root])
    if replay.problem:
        return {}, f"gradients not checked: {replay.problem}"
    note = ""
    if len(reached) > EVERYTHING or replay.work(reached) > WORK:
        note = "large graph: only the gradients of variables are checked"
        reached = [t for t in reached if t.is_leaf]
        if len(reached) > EVERYTHING or replay.work(reached) > WORK:
            return {}, _TOO_LARGE
    with np.errstate(all="ignore"):
        return {t: replay.check(t, passed.cotangents[t], seed) for seed, t in enumerate(reached)}, note


def _values_in_order(gates: Sequence[Tensor]) -> list[Tensor]:
    found: dict[Tensor, None] = {}
    for gate in gates:
        for x in gate.inputs:
            if isinstance(x, Tensor):
                found.setdefault(x)
        found.setdefault(gate)
    return list(found)


@dataclass(frozen=True, slots=True)
class _Move:
    """A value that is to be moved, and what the backward pass predicts of the result then."""

    t: Tensor
    start: Any
    direction: Any
    after: Sequence[int]
    analytic: float
    #: Errors that the prediction may have.
    relative: float
    absolute: float


class _Replay:
    """Computes parts of a graph again."""

    def __init__(self, root: Tensor, gates: Sequence[Tensor], cotangent: Any) -> None:
        self.root, self.gates = root, gates
        self.cotangent = _double(cotangent)
        self.places = {gate: place for place, gate in enumerate(gates)}
        #: The gates that take a value, by their places.
        self.takers: dict[Tensor, list[int]] = {}
        for place, gate in enumerate(gates):
            for x in gate.inputs:
                if isinstance(x, Tensor):
                    self.takers.setdefault(x, []).append(place)
        self.base: dict[Tensor, Any] = {}
        self.problem = ""
        self.attributes = [_settings(gate.attributes) for gate in gates]
        with np.errstate(all="ignore"):
            for place, gate in enumerate(gates):
                try:
                    value = self._compute(place, {})
                except Exception as error:  # whatever a user's operation raises
                    self.problem = f"{_name(gate)} cannot be computed again ({type(error).__name__})"
                    return
                self.base[gate] = value
                if np.shape(value) != gate.shape or not _close(value, gate._data):
                    self.problem = f"{_name(gate)} gives another value when computed again; did an input change?"
                    return
            #: How large the numbers are that are subtracted from each other.
            self.size = float(np.sum(np.abs(self.cotangent * self.base[root])))

    def work(self, values: Sequence[Tensor]) -> int:
        """How much there is to compute for checking some values, roughly."""
        costs = [
            1 + sum(int(np.size(x._data if isinstance(x, Tensor) else x)) for x in (*gate.inputs, gate)) // 500
            for gate in self.gates
        ]
        return 2 * sum(costs[place] for t in values for place in self._after(t))

    def check(self, t: Tensor, gradient: Any, seed: int) -> Check:
        """Compare one gradient with finite differences."""
        start = _double(self.base.get(t, t._data))
        single = start.size == 1 and start.dtype.kind == "f"
        size = np.where(np.isfinite(start), np.maximum(np.abs(start), 1e-2), 0.0)
        direction = np.ones(start.shape) if single else _direction(start, seed) * size
        analytic = float(np.sum(direction * gradient).real)
        if start.size and not size.any():
            return Check(float("nan"), analytic, "x" if single else "direction", "unsure")
        scale = float(size.ravel()[0]) if single else 1.0
        itemsize = min(_itemsize(self.root.dtype), _itemsize(t.dtype))
        move = _Move(
            t,
            start,
            direction,
            self._after(t),
            analytic,
            relative=_TOLERANCE.get(itemsize, 1e-5),
            absolute=64 * _PRECISION.get(itemsize, 2e-16) * self.size / scale + 1e-10,
        )
        best, verdict = self._estimate(move, STEP * scale)
        others = [STEP * scale / 16, STEP * scale * 16, *([STEP * abs(float(start.ravel()[0]))] if single else [])]
        for step in filter(None, others) if verdict in ("differs", "unsure") else ():
            numeric, again = self._estimate(move, step)
            if again in ("agrees", "kink"):
                best, verdict = numeric, again
                break
        return Check(best, analytic, "x" if single else "direction", verdict)

    def _estimate(self, move: _Move, step: float) -> tuple[float, Verdict]:
        """A central difference, and what it says of the analytic derivative."""
        up, down = self._sides(move, step)
        numeric, analytic = (up + down) / 2, move.analytic
        noise = 8 * _PRECISION[8] * self.size / step
        largest = max(abs(numeric), abs(analytic))
        if not np.isfinite([numeric, analytic, noise]).all() or noise > 0.1 * max(largest, 1e-6):
            return numeric, "unsure"
        allowed = move.relative * largest + move.absolute + noise
        # One-sided differences of a smooth function come closer to each other with a smaller step.
        if abs(up - down) > 1e-5 * largest + 10 * noise:
            nearer_up, nearer_down = self._sides(move, step / 8)
            if abs(nearer_up - nearer_down) > 0.5 * abs(up - down):
                if min(up, down) - allowed <= analytic <= max(up, down) + allowed:
                    return numeric, "kink"
                return numeric, "kink" if abs(numeric - analytic) <= 4 * self._jump(move, step) else "differs"
        return numeric, "agrees" if abs(numeric - analytic) <= allowed else "differs"

    def _jump(self, move: _Move, step: float) -> float:
        """How far the differences to either side are apart, along several directions; 0 of a single number.

        Where many elements are at kinks, as ties among zeros behind relu are, jumps of either sign cancel out along
        any one direction.
        """
        if move.start.size == 1:
            return 0.0
        rng = np.random.default_rng(move.start.size)
        apart = []
        for _ in range(4):
            up, down = self._sides(
                replace(move, direction=move.direction * rng.uniform(-1.0, 1.0, move.start.shape)), step
            )
            apart.append(abs(up - down))
        return max(apart)

    def _sides(self, move: _Move, step: float) -> tuple[float, float]:
        """The difference quotients to either side."""
        base = self.base[self.root]
        above = self._result(move.t, move.start + step * move.direction, move.after)
        below = self._result(move.t, move.start - step * move.direction, move.after)
        up = float(np.sum(self.cotangent * (above - base)).real) / step
        return up, float(np.sum(self.cotangent * (base - below)).real) / step

    def _after(self, t: Tensor) -> list[int]:
        """The places of the gates that depend on a value, in order."""
        found: set[int] = set()
        pending = list(self.takers.get(t, ()))
        while pending:
            place = pending.pop()
            if place not in found:
                found.add(place)
                pending += self.takers.get(self.gates[place], ())
        return sorted(found)

    def _result(self, t: Tensor, value: Any, after: Sequence[int]) -> Any:
        """The root's value if a tensor had another one."""
        values: dict[Tensor, Any] = {t: value}
        for place in after:
            values[self.gates[place]] = self._compute(place, values)
        return values.get(self.root, self.base[self.root])

    def _compute(self, place: int, values: Mapping[Tensor, Any]) -> Any:
        """A gate's value, from given ones and otherwise those of the graph."""
        gate = self.gates[place]
        primitive = gate.primitive
        assert primitive is not None
        inputs = [self._value(x, values) for x in gate.inputs]
        arguments = (inputs,) if primitive.arity == 0 else inputs
        value = primitive.forward(*arguments, **self.attributes[place])
        return value[0] if primitive.kind == "fused" else value

    def _value(self, x: Any, values: Mapping[Tensor, Any]) -> Any:
        if isinstance(x, Tensor):
            if x in values:
                return values[x]
            if x in self.base:
                return self.base[x]
            x = x._data
        if isinstance(x, (np.ndarray, np.generic, float)) and np.asarray(x).dtype.kind in "fc":
            return _double(x)[()]
        return x


def _double(x: Any) -> Any:
    """An array in double precision, complex if it was."""
    return np.asarray(x, np.complex128 if np.iscomplexobj(x) else np.float64)


def _direction(start: Any, seed: int) -> Any:
    """A pseudo-random array of the same shape; of complex numbers both parts are moved."""
    rng = np.random.default_rng(seed)
    direction = rng.uniform(-1.0, 1.0, start.shape)
    return direction + 1j * rng.uniform(-1.0, 1.0, start.shape) if start.dtype.kind == "c" else direction


def _itemsize(dtype: np.dtype[Any]) -> int:
    """The size of a real number of a precision."""
    return dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize


def _settings(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings for other inputs, with no less precise dtype among them."""
    return {
        key: _DOUBLE.get(value.kind, value) if isinstance(value, np.dtype) else value
        for key, value in attributes.items()
        if key not in _KNOWN_BEFORE
    }


def _close(value: Any, recorded: Any) -> bool:
    """Whether a value is the one that was recorded, to its precision; a few elements may be, as rounding decides."""
    recorded = np.asarray(recorded)
    tolerance = {2: 5e-2, 4: 1e-2, 8: 1e-6}.get(_itemsize(recorded.dtype), 1e-6)
    scale = float(np.max(np.abs(recorded), initial=0.0, where=np.isfinite(recorded)))
    return bool(np.allclose(value, recorded, rtol=tolerance, atol=tolerance * (scale + 1e-30), equal_nan=True))


def _name(gate: Tensor) -> str:
    assert gate.primitive is not None
    return f"{gate.primitive.name} {gate.name!r}" if gate.name else gate.primitive.name
