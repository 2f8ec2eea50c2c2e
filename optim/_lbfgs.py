"""L-BFGS: a quasi-Newton method that remembers a few steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd import Tensor, enable_grad
from autograd._values import canonical
from optim._optimizer import Group, Optimizer, Params

__all__ = ["LBFGS"]

Array = ndarray[Any, Any]


class LBFGS(Optimizer):
    r"""L-BFGS: steps along :math:`-H^{-1} g`, with the inverse Hessian estimated from the last steps.

    A step of the optimiser makes up to ``max_iter`` steps of the method and evaluates the loss as often as these need.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`; there can be only one group.
    lr : float
        The length of a step, in units of the quasi-Newton step; with a line search, its first guess.
    max_iter : int
        Steps of the method in one of the optimiser.
    max_eval : int, optional
        Evaluations of the loss in one step of the optimiser; by default ``max_iter * 5 // 4``. With a line search and
        ``max_iter=1`` that leaves nothing to search with, as in PyTorch, and the parameters may not move: give more.
    tolerance_grad, tolerance_change : float
        A step of the optimiser ends where no number in the gradient is larger, or neither the loss nor any parameter
        changes by more.
    history_size : int
        How many steps of the method are remembered.
    line_search_fn : {"strong_wolfe"}, optional
        Search along each direction until the loss and its slope have fallen enough (strong Wolfe conditions).

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if there are several groups or a setting is out of range.

    Notes
    -----
    Nocedal and Wright, "Numerical optimization" (2nd edition, 2006): algorithm 7.4 (the direction), and for the line
    search 3.5 and 3.6 with cubic interpolation (3.59). The iterates are PyTorch's.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor([-1.2, 1.0])
    >>> optimizer = optim.LBFGS([x], max_iter=50, line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> [round(value, 4) for value in x.tolist()]
    [1.0, 1.0]
    """

    state_names = (
        "func_evals",
        "n_iter",
        "al",
        "d",
        "t",
        "old_dirs",
        "old_stps",
        "ro",
        "H_diag",
        "prev_flat_grad",
        "prev_loss",
    )

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, settings)

    def add_param_group(self, param_group: Any) -> None:
        """Take the parameters; there can be only one group."""
        if self.param_groups:
            raise ValueError("LBFGS steps along one direction in all parameters: there can be only one group")
        super().add_param_group(param_group)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "tolerance_grad", "tolerance_change")
        for name in ("max_iter", "max_eval", "history_size"):
            self.require(group, name, "at least 1", lambda n: n >= 1)
        self.require(group, "line_search_fn", "None or 'strong_wolfe'", lambda name: name in (None, "strong_wolfe"))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to ``max_iter`` steps of the method.

        Parameters
        ----------
        closure
            Clears the gradients, computes the loss, calls ``backward`` and returns the loss; it is called often.

        Returns
        -------
        object
            What ``closure`` returned the first time.

        Raises
        ------
        TypeError
            If there is no closure.
        """
        if closure is None:
            raise TypeError("LBFGS evaluates the loss several times a step: pass step() a closure that computes it")
        (group,) = self.param_groups
        settings = {name: self._plain(name, group[name]) for name in self.defaults}
        least, most = settings["tolerance_change"], settings["max_eval"]
        state = self.state[group["params"][0]]
        loss = _call(closure)
        value, gradient = float(loss), self._gradient()
        evaluations = 1
        steps = state.get("n_iter", 0)
        memory = [state.get(name, []) for name in ("old_dirs", "old_stps", "ro")]
        scale = state.get("H_diag", 1.0)
        direction: Any = state.get("d")
        length: Any = state.get("t")
        previous: Any = state.get("prev_flat_grad"), state.get("prev_loss")
        done = _largest(gradient) <= settings["tolerance_grad"]
        if not done:
            for i in range(settings["max_iter"]):
                steps += 1
                if steps == 1:
                    direction = -gradient
                else:
                    scale = _remember(
                        memory, gradient - previous[0], length * direction, scale, settings["history_size"]
                    )
                    direction = _direction(memory, gradient, scale)
                previous = gradient, value
                length = settings["lr"] * (min(1.0, 1.0 / float(abs(gradient).sum())) if steps == 1 else 1)
                slope = float(gradient @ direction)
                if slope > -least:
                    break
                start = self._values()
                if settings["line_search_fn"] is not None:

                    def evaluate(t: float, start: Array = start, direction: Array = direction) -> _Point:
                        self._assign(start + t * direction)
                        found = float(_call(closure))
                        g = self._gradient()
                        return _Point(t, found, g, float(g @ direction))

                    here = _Point(0.0, value, gradient, slope)
                    point, used = _strong_wolfe(evaluate, length, here, _largest(direction), least, most - evaluations)
                    length, value, gradient = point.t, point.value, point.gradient
                    self._assign(start + length * direction)
                else:
                    used = 0
                    self._assign(start + length * direction)
                    if i + 1 < settings["max_iter"]:  # the next step of the optimiser evaluates here anyway
                        value, gradient = float(_call(closure)), self._gradient()
                        used = 1
                evaluations += used
                if (
                    evaluations >= most
                    or _largest(gradient) <= settings["tolerance_grad"]
                    or _largest(length * direction) <= least
                    or abs(value - previous[1]) < least
                ):
                    break
        state["func_evals"] = state.get("func_evals", 0) + evaluations
        state["n_iter"] = steps
        if direction is not None:
            state |= dict(zip(("old_dirs", "old_stps", "ro"), memory, strict=True))
            state |= {
                "d": direction,
                "t": length,
                "H_diag": scale,
                "prev_flat_grad": previous[0],
                "prev_loss": previous[1],
            }
        return loss

    # -- all parameters as one vector -------------------------------------------------------------------------------

    def _values(self) -> Array:
        return np.concatenate([np.ravel(p._data) for p in self.param_groups[0]["params"]])

    def _gradient(self) -> Array:
        parts = []
        for parameter in self.param_groups[0]["params"]:
            gradient = getattr(parameter, "_grad", None)
            if isinstance(gradient, Tensor):
                gradient = gradient._data
            parts.append(np.zeros(parameter.size, parameter.dtype) if gradient is None else np.ravel(gradient))
        return np.concatenate(parts)

    def _assign(self, values: Array) -> None:
        start = 0
        for parameter in self.param_groups[0]["params"]:
            end = start + parameter.size
            parameter.assign_raw(canonical(values[start:end].reshape(parameter.shape).astype(parameter.dtype)))
            start = end

    # -- state -------------------------------------------------------------------------------------------------------

    def needed_state(self, group: Group) -> tuple[str, ...]:
        """What the state holds, which is kept with the first parameter."""
        return ("func_evals", "n_iter")

    def _loaded(self, what: str, name: str, value: Any, parameter: Tensor) -> Any:
        size = sum(p.size for p in self.param_groups[0]["params"])
        vectors = value if name in ("old_dirs", "old_stps") else [value] if name in ("d", "prev_flat_grad") else None
        if vectors is None:
            if isinstance(value, list):
                return [None if part is None else float(part) for part in value]
            return int(value) if name in ("func_evals", "n_iter") else float(value)
        arrays = [np.asarray(vector).copy() for vector in vectors]
        for array in arrays:
            if array.shape != (size,):
                raise ValueError(f"{what} has shape {array.shape}, but the parameters have {size} numbers together")
        return arrays if name in ("old_dirs", "old_stps") else arrays[0]


def _call(closure: Callable[[], Any]) -> Any:
    with enable_grad():
        return closure()


def _largest(vector: Array) -> float:
    return float(abs(vector).max(initial=0.0))


def _remember(memory: list[Any], change: Array, step: Array, scale: float, size: int) -> float:
    """Add a step and its change of the gradient to the memory, if the curvature along it is positive.

    The scale of the inverse Hessian before any correction is returned: that along the last step remembered.
    """
    changes, steps, inverses = memory
    curvature = float(change @ step)
    if curvature <= 1e-10:
        return scale
    if len(changes) == size:
        for kept in memory:
            kept.pop(0)
    changes.append(change)
    steps.append(step)
    inverses.append(1.0 / curvature)
    return curvature / float(change @ change)


def _direction(memory: list[Any], gradient: Array, scale: float) -> Array:
    """The inverse Hessian times the negative gradient: a loop back over the memory, and one forth."""
    remembered = list(zip(*memory, strict=True))
    direction = -gradient
    weights = []
    for change, step, inverse in reversed(remembered):
        weight = inverse * float(step @ direction)
        direction = direction - weight * change
        weights.append(weight)
    direction = scale * direction
    for (change, step, inverse), weight in zip(remembered, reversed(weights), strict=True):
        direction = direction + (weight - inverse * float(change @ direction)) * step
    return direction


# ---------------------------------------------------------------------------------------------------------------------
# Line search
# ---------------------------------------------------------------------------------------------------------------------


class _Point(NamedTuple):
    """A point on the line: where, the loss there, its gradient, and its slope along the line."""

    t: float
    value: float
    gradient: Array
    slope: float


def _lowest_of_cubic(a: _Point, b: _Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points with their slopes is lowest, within bounds (by default the points)."""
    a, b = (a, b) if a.t <= b.t else (b, a)
    low, high = bounds or (a.t, b.t)
    if a.t == b.t:
        return low
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    d2 = square**0.5
    above, below = b.slope + d2 - d1, b.slope - a.slope + 2 * d2
    if below == 0:  # a straight line
        return high if above < 0 else low
    t = b.t - (b.t - a.t) * (above / below)
    return float(min(max(t, low), high))


def _strong_wolfe(
    evaluate: Callable[[float], _Point],
    t: float,
    start: _Point,
    size: float,
    tolerance: float,
    limit: int,
    decrease: float = 1e-4,
    flattening: float = 0.9,
) -> tuple[_Point, int]:
    """A point at which the loss has fallen enough and is flat enough, or the best found; and how often it looked.

    Parameters
    ----------
    evaluate
        Gives the point at a length.
    t
        The first length to try.
    start
        The point at length 0.
    size
        The largest number in the direction, in whose units ``tolerance`` is.
    tolerance
        At which an interval is too small to go on.
    limit
        Of the evaluations after the first.
    decrease, flattening
        How much of the first slope the loss must follow, and how much of it may be left.
    """

    def too_high(point: _Point) -> bool:
        return point.value > start.value + decrease * point.t * start.slope

    def flat(point: _Point) -> bool:
        return abs(point.slope) <= -flattening * start.slope

    # Go on, farther each time, until there is a point in between that will do.
    before, new = start, evaluate(t)
    count = 0
    while count < limit:
        if too_high(new) or (count > 1 and new.value >= before.value):
            break
        if flat(new):
            return new, count + 1
        if new.slope >= 0:
            break
        t = _lowest_of_cubic(before, new, bounds=(new.t + 0.01 * (new.t - before.t), new.t * 10))
        before, new = new, evaluate(t)
        count += 1
    else:
        before = start
    # Draw the bracket closer.
    bracket = [before, new]
    low = 0 if before.value <= new.value else 1
    reluctant = False
    while count < limit:
        least, most = sorted(point.t for point in bracket)
        if (most - least) * size < tolerance:
            break
        t = _lowest_of_cubic(bracket[0], bracket[1])
        margin = 0.1 * (most - least)
        if min(most - t, t - least) >= margin:
            reluctant = False
        elif reluctant or not least < t < most:
            t = most - margin if abs(t - most) < abs(t - least) else least + margin
            reluctant = False
        else:
            reluctant = True
        new = evaluate(t)
        count += 1
        if too_high(new) or new.value >= bracket[low].value:
            bracket[1 - low] = new
            low = 0 if bracket[0].value <= bracket[1].value else 1
            continue
        if flat(new):
            return new, count + 1
        if new.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = new
    return bracket[low], count + 1
