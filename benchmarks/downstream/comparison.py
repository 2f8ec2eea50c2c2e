"""Whether the same program gave the same with both engines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: How far numbers may differ, relative to the larger one. An optimiser turns differences in the last bit of a gradient
#: into a different last step, and stops when its own tolerance is met. At the optimum the objective is flat: it differs
#: by the square of what the parameters differ by, so it must agree far more closely than they do. Standard errors and
#: bounds come from the Hessian at these parameters and are a little less certain still. What no optimiser is in differs
#: by rounding alone.
TOLERANCES = {
    "log-likelihood": 1e-8,
    "estimates": 1e-4,
    "standard errors": 1e-3,
    "bounds": 1e-3,
    "values": 1e-9,
}


def difference(found: float, expected: float, scale: float) -> float:
    """How far two numbers are from each other, relative to the larger one or to ``scale`` if that is larger."""
    if found == expected or (math.isnan(found) and math.isnan(expected)):
        return 0.0
    if not (math.isfinite(found) and math.isfinite(expected)):
        return math.inf
    return abs(found - expected) / max(abs(found), abs(expected), scale)


def _scale(expected: Sequence[float]) -> float:
    """Numbers that are small beside the others of their kind are compared on the scale of those."""
    finite = [abs(x) for x in expected if math.isfinite(x)]
    return 1e-3 * max(finite, default=0.0)


#: Where an optimiser stops short in a flat valley, two runs may stop at different places: then estimates may differ by
#: this part of the standard error that the program itself gives for them, which is statistically nothing, and the
#: logarithm of the likelihood by what that means at most for it. Such programs are marked.
PART_OF_STANDARD_ERROR = 0.05
LIKELIHOOD = PART_OF_STANDARD_ERROR**2 / 2


def _deviation(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> float | None:
    """How far apart the estimates are, in standard errors; None where that is not known, or the likelihood differs."""
    errors = theirs.get("standard errors", [])
    pairs = list(zip(ours["estimates"], theirs["estimates"], strict=True))
    if len(errors) != len(pairs) or not all(math.isfinite(x) for x in errors):
        return None
    if abs(ours["log-likelihood"][0] - theirs["log-likelihood"][0]) > LIKELIHOOD:
        return None
    parts = [abs(x - y) / error if error else float(x != y) for (x, y), error in zip(pairs, errors, strict=True)]
    return max(parts, default=None)


@dataclass(frozen=True)
class Comparison:
    """One program with both engines.

    Attributes
    ----------
    differences
        For each quantity the largest difference; infinite where one is missing or has another length.
    errors
        What ended the program with ours and with the other; None where nothing did.
    seconds
        The shortest run with ours and with the other.
    deviation
        How far apart the estimates are in standard errors, where that is known.
    """

    package: str
    program: str
    differences: dict[str, float]
    errors: tuple[str | None, str | None]
    seconds: tuple[float, float] | None
    deviation: float | None = None

    @property
    def near(self) -> bool:
        """Whether both stopped in the same flat valley."""
        return self.deviation is not None and self.deviation <= PART_OF_STANDARD_ERROR

    @property
    def same(self) -> bool:
        """Whether both gave results, and these agree."""
        return self.errors == (None, None) and all(d <= TOLERANCES[name] for name, d in self.differences.items())

    @property
    def ratio(self) -> float | None:
        """Our time as a fraction of the other's."""
        return None if self.seconds is None else self.seconds[0] / self.seconds[1]


def compare(package: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Comparison:
    """Compare what two workers said of one program."""
    errors = (ours.get("error"), theirs.get("error"))
    if errors != (None, None):
        return Comparison(package, ours["program"], {}, errors, None)
    differences = {}
    for name, expected in theirs["quantities"].items():
        found = ours["quantities"].get(name, ())
        if len(found) != len(expected):
            differences[name] = math.inf
            continue
        scale = _scale(expected)
        differences[name] = max((difference(x, y, scale) for x, y in zip(found, expected, strict=True)), default=0.0)
    seconds = (ours["seconds"], theirs["seconds"])
    whole = "standard errors" in differences and math.inf not in differences.values()
    deviation = _deviation(ours["quantities"], theirs["quantities"]) if whole else None
    return Comparison(package, ours["program"], differences, errors, seconds, deviation)
