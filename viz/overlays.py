"""What can be laid over a drawing: findings, the size of gradients, memory kept for the backward pass.

An overlay says for any entries that are drawn as one node what is to be marked on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from viz.diagnosis import Diagnosis, diagnosis_of
from viz.findings import power, size_text
from viz.graph import Mark
from viz.traces import Trace

__all__ = ["OVERLAYS", "DiagnosisOverlay", "Overlay", "overlay_of"]

OVERLAYS = ("findings", "gradients", "saved")

#: Decimal logarithms of the gradients that get the colours of the ends: beyond them layers no longer learn, or leap.
SMALLEST, LARGEST = -8, 4
#: So many findings are told below a drawing.
TOLD = 3


class Overlay(Protocol):
    """What to mark on a drawing."""

    @property
    def legend(self) -> tuple[Mark, ...]:
        """What the shades mean."""

    @property
    def note(self) -> str:
        """What to say below the drawing."""

    def mark(self, entries: Sequence[str]) -> Mark | None:
        """What to mark on the node that stands for some entries: the worst or the sum of what is inside."""


@dataclass(frozen=True)
class DiagnosisOverlay:
    """A diagnosis, or a part of it, as an overlay.

    Attributes
    ----------
    name
        ``"findings"``, ``"gradients"`` or ``"saved"``.
    diagnosis
        Where it comes from.
    legend
        What the shades mean, from one end to the other.
    note
        What to say below the drawing.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> found = overlay_of(trace(Tensor(float("nan"), name="x") + 1), "findings")
    >>> found.mark(["n0"]).text, found.mark(["n1"])
    ('⚠ first nan', None)
    """

    name: str
    diagnosis: Diagnosis
    legend: tuple[Mark, ...] = ()
    note: str = ""
    #: By ids of entries: their findings' badges.
    badges: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def mark(self, entries: Sequence[str]) -> Mark | None:
        """What to mark on the node that stands for some entries: the worst or the sum of what is inside."""
        if self.name == "findings":
            return self._findings(entries)
        return self._gradients(entries) if self.name == "gradients" else self._saved(entries)

    def _findings(self, entries: Sequence[str]) -> Mark | None:
        found = [badge for entry in entries for badge in self.badges.get(entry, ())]
        if not found:
            return None
        first = min(found, key=lambda badge: not badge.startswith("first "))
        return Mark(f"⚠ {first}{f' +{len(found) - 1}' if len(found) > 1 else ''}", alarm=True)

    def _gradients(self, entries: Sequence[str]) -> Mark | None:
        trace, magnitudes = self.diagnosis.trace, self.diagnosis.magnitudes
        known = [entry for entry in entries if entry in magnitudes]
        if not known:
            return None
        odd = [x for x in known if (numbers := trace.by_id[x].gradient) and numbers.nans + numbers.infinities]
        if odd:
            numbers = trace.by_id[odd[0]].gradient
            return Mark(f"∇ {'nan' if numbers and numbers.nans else 'inf'}", shade=1.0, alarm=True)
        low, high = min(magnitudes[x] for x in known), max(magnitudes[x] for x in known)
        text = power(low) if round(max(low, -400)) == round(max(high, -400)) else f"{power(low)} … {power(high)}"
        return Mark(f"∇ {text}", shade=max(_shade(low), _shade(high), key=abs))

    def _saved(self, entries: Sequence[str]) -> Mark | None:
        size = sum(self.diagnosis.saved.get(entry, 0) for entry in entries)
        most = max(self.diagnosis.saved.values(), default=0)
        return Mark(size_text(size), shade=min(1.0, size / most)) if size else None


def overlay_of(trace: Trace, name: str, diagnosis: Diagnosis | None = None) -> DiagnosisOverlay:
    """Make an overlay for a trace.

    Raises
    ------
    ValueError
        If there is no overlay of that name.
    """
    if name not in OVERLAYS:
        raise ValueError(f"draw: overlay must be one of {', '.join(map(repr, OVERLAYS))}; got {name!r}")
    diagnosis = diagnosis or diagnosis_of(trace)
    if name == "findings":
        found = diagnosis.findings
        badges: dict[str, list[str]] = {}
        for finding in found:
            badges.setdefault(finding.entry, []).append(finding.badge)
        told = [finding.message for finding in found[:TOLD]]
        told += [f"and {len(found) - TOLD:,} more"] if len(found) > TOLD else []
        return DiagnosisOverlay(name, diagnosis, note="; ".join(told) or "nothing found", badges=badges)
    if name == "saved":
        kept = sum(diagnosis.saved.values())
        return DiagnosisOverlay(name, diagnosis, note=f"kept for the backward pass: {size_text(kept)}")
    if not diagnosis.magnitudes:
        return DiagnosisOverlay(
            name, diagnosis, note="no gradients to show: run backward(), or draw with gradients=True"
        )
    steps = range(SMALLEST, LARGEST + 1, 2)
    ends = {SMALLEST: f"10^{SMALLEST} and less", LARGEST: f"10^{LARGEST} and more"}
    legend = tuple(Mark(ends.get(step, f"10^{step}"), shade=_shade(step)) for step in steps)
    return DiagnosisOverlay(name, diagnosis, legend, "∇: root mean square of the gradient")


def _shade(exponent: float) -> float:
    """From -1 for gradients that are too small, over 0, to 1 for those that are too large."""
    middle = (SMALLEST + LARGEST) / 2
    return max(-1.0, min(1.0, (exponent - middle) / (LARGEST - middle)))
