"""What examples measure, as numbers that can be compared, printed and saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

__all__ = ["Figure"]


@dataclass(frozen=True)
class Figure:
    """A number that an example measured, once or with several seeds.

    Attributes
    ----------
    name
        Says what was measured.
    runs
        The values, one for each seed.
    unit
        ``"%"`` shows a share of 1 in percent; anything else is put behind the value.
    at_least, at_most
        What the median must reach, if anything.
    """

    name: str
    runs: tuple[float, ...]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def __init__(
        self,
        name: str,
        runs: float | Iterable[float],
        unit: str = "",
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        values = tuple(map(float, runs)) if isinstance(runs, Iterable) else (float(runs),)
        for attribute, value in [
            ("name", name),
            ("runs", values),
            ("unit", unit),
            ("at_least", at_least),
            ("at_most", at_most),
        ]:
            object.__setattr__(self, attribute, value)

    @property
    def value(self) -> float:
        """The median of the runs."""
        return median(self.runs)

    @property
    def met(self) -> bool:
        """Whether the median reached its goal; true where there is none."""
        above = self.at_least is None or self.value >= self.at_least
        below = self.at_most is None or self.value <= self.at_most
        return above and below

    @property
    def goal(self) -> str:
        """The goal in words, or nothing."""
        goals = [("≥", self.at_least), ("≤", self.at_most)]
        return ", ".join(f"{sign} {self._text(bound)}" for sign, bound in goals if bound is not None)

    @property
    def text(self) -> str:
        """The value as it is read: rounded, with its unit, and the range of the runs if there are several."""
        if len(self.runs) == 1:
            return self._text(self.value)
        low, high = self._number(min(self.runs)), self._number(max(self.runs))
        return f"{self._text(self.value)} ({low} to {high}, {len(self.runs)} seeds)"

    def _text(self, value: float) -> str:
        return self._number(value) if self.unit == "%" else f"{self._number(value)} {self.unit}".strip()

    def _number(self, value: float) -> str:
        if self.unit == "%":
            return f"{value:.1%}"
        return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
