"""What is wrong with a graph's numbers: where NaN comes from, where gradients vanish, explode or stop, what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograd import Tensor
from viz.collect import collect, more_gates_than
from viz.expand import Expand
from viz.findings import Finding, describe, findings, magnitude, size_text
from viz.legible import legible
from viz.names import names_for
from viz.reaching import UNUSED, Unreached
from viz.recording import Recording
from viz.traces import Trace

__all__ = ["Diagnosis", "diagnose", "diagnosis_of"]

#: Larger graphs are not looked through, unless they are given as traces.
MOST = 200_000
#: So many findings of a kind are told; of the rest only how many there are.
TOLD = 4
#: Why a parameter has no gradient, where nothing was recorded that could tell more.
UNKNOWN = "the result does not depend on it (viz.record() around what computes it tells why)"


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`diagnose` found; print it.

    Attributes
    ----------
    findings
        In the order in which they should be looked at: one that causes others comes before them.
    magnitudes
        Decimal logarithm of the root mean square of each entry's gradient, by id; minus infinity where it is all 0.
    saved
        Bytes that each gate keeps for the backward pass, by id, the most first.
    trace
        What was looked at.

    Examples
    --------
    >>> import numpy as np
    >>> x = Tensor(1000.0, name="x")
    >>> diagnose(x.log()).ok
    True
    >>> with np.errstate(over="ignore"):
    ...     print(*diagnose(1 / (1 + x.exp())).findings)
    exp (n1) gives an infinity of 1000.00; use sigmoid or logsumexp, or subtract the maximum first
    """

    findings: tuple[Finding, ...]
    magnitudes: Mapping[str, float]
    saved: Mapping[str, int]
    trace: Trace

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def draw(self, overlay: str = "findings", **options: Any) -> Any:
        """Draw the graph with what was found marked on it (:func:`viz.draw` tells of overlays and other options)."""
        from viz.drawing import draw
        from viz.overlays import overlay_of

        return draw(self.trace, overlay=overlay_of(self.trace, overlay, self), **options)

    def __str__(self) -> str:
        lines = list(self._lines()) or ["nothing found"]
        kept = sum(self.saved.values())
        if kept:
            most, size = next(iter(self.saved.items()))
            part = "most of it" if 2 * size >= kept else "the largest part"
            share = f", {part} ({size_text(size)}) by {describe(self.trace, self.trace.by_id[most])}"
            lines.append(f"kept for the backward pass: {size_text(kept)}{share if len(self.saved) > 1 else ''}")
        return "\n".join(lines)

    def _lines(self) -> Iterator[str]:
        """Findings of one kind with the same advice together, and the source lines below each."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.kind, finding.advice), []).append(finding)
        for (kind, advice), found in groups.items():
            told = found if len(found) <= TOLD + 1 else found[:TOLD]
            for i, finding in enumerate(told):
                ends = advice and i == len(told) - 1 == len(found) - 1
                yield f"{kind}: {finding.message}{f'; {advice}' if ends else ''}"
                if finding.source is not None and finding.source.text:
                    yield f"    {legible(finding.source.text, 160)}"
            if len(found) > len(told):
                yield f"{kind}: {len(found) - len(told):,} more like these{f'; {advice}' if advice else ''}"

    def __repr__(self) -> str:
        count = len(self.findings)
        return f"<Diagnosis: {count or 'no'} finding{'s' * (count != 1)}; print it, or .draw() it>"


def diagnose(
    t: Tensor | Trace | Recording, *, parameters: Any = None, names: Any = None, expand: Expand = None
) -> Diagnosis:
    """Look for what goes wrong in training: NaN, dead gates, gradients that vanish, explode or reach nobody.

    Parameters
    ----------
    t
        The result (usually a loss of one element), a trace of it, or a recording (:func:`viz.record`), which knows the
        lines of the program and why something is disconnected.
    parameters
        With a tensor or recording, those that should get a gradient: a network, a mapping from names to tensors, or
        tensors. Those that the result does not depend on are reported.
    names
        What to call tensors (see :func:`viz.draw`).
    expand
        Composite gates to look into, by the simpler ones they stand for (see :func:`viz.draw`): with ``"lstm"``, the
        steps of a recurrent layer. The memory kept is then that of the simpler gates.

    Returns
    -------
    Diagnosis
        Prints as text; ``findings`` holds it as data, ``draw()`` shows it on the graph.

    Raises
    ------
    TypeError
        If ``t`` is none of these, or parameters are asked about a trace, which holds no tensors.
    ValueError
        If ``t`` is a tensor of a graph too large to look through.

    Notes
    -----
    Looked for are

    - NaN and infinities in values, then in gradients: the gates that make them of inputs which have none. Infinite
      constants are left alone, as masks are made of them, until they become NaN;
    - rectifiers (``relu``, ``maximum(x, 0)``) that let under 2% of their elements through, or of whose units at least
      half are 0 for every example of at least 16; ``sigmoid`` and ``tanh`` gates with under 5% of their largest slope
      on average, unless a logarithm follows that makes up for it;
    - variables whose gradient (by the root of its mean square) is 10,000 times smaller than the largest, if what comes
      back to the gates that take them is, too; gradients 1,000 times larger than that of the result; variables taken by
      many gates one after the other, as in a recurrent network, to whose gradient the first of these contribute 10,000
      times less than the last, or 1,000 times more;
    - variables without a gradient, and why.

    :mod:`viz.findings` gives reasons for these thresholds.

    Examples
    --------
    >>> w, x = Tensor(30.0, name="w"), Tensor(1.0, name="x")
    >>> print(diagnose((w * x).sigmoid()))
    saturated: σ (n3) has a local derivative of 9.3e-14 on average, of at most 0.25; normalise or shrink its input
    """
    missing: tuple[Unreached, ...] = ()
    if isinstance(t, Trace):
        if parameters is not None:
            raise TypeError("diagnose: a trace holds no tensors to compare parameters with; give the tensor itself")
        if expand is not None:
            raise TypeError("diagnose: a trace is expanded when it is made, viz.trace(t, expand=...)")
        trace = t
    elif isinstance(t, Recording):
        trace = t.trace(names=names, locals=True, expand=expand)
        root = trace.by_id[trace.root]
        if root.requires_grad and root.value is not None and root.value.size == 1 and not trace.has_gradients:
            trace = t.trace(names=names, locals=True, expand=expand, gradients=True)
        missing = t.unreached(parameters) if parameters is not None else missing
    elif isinstance(t, Tensor):
        if more_gates_than(MOST, t):
            raise ValueError(
                f"diagnose: this graph has more than {MOST:,} gates, which takes minutes; diagnose an intermediate "
                f"result, fewer steps or examples, or the trace, viz.trace(t), if there is the time"
            )
        seeded = t.requires_grad and (t.size == 1 or t.grad is not None)
        trace = collect(t, gradients=seeded, names=names_for(names), locals=True, expand=expand, behind=True)
        if parameters is not None:
            missing = tuple(
                replace(x, reason=UNKNOWN) if x.source is None and x.reason == UNUSED else x
                for x in Recording().unreached(parameters, t)
            )
    else:
        raise TypeError(f"diagnose: expected a Tensor, a Trace or a Recording, got {type(t).__name__}")
    return diagnosis_of(trace, missing)


def diagnosis_of(trace: Trace, missing: tuple[Unreached, ...] = ()) -> Diagnosis:
    """Look at a trace, and at parameters that are known to be missing from it."""
    magnitudes = {e.id: magnitude(e.gradient) for e in trace.entries if e.gradient is not None and e.gradient.size}
    saved = sorted(((e.id, e.saved) for e in trace.entries if e.saved), key=lambda pair: -pair[1])
    return Diagnosis(tuple(findings(trace, magnitudes, missing)), magnitudes, dict(saved), trace)
