"""A part of a trace: what lies between some of its values and its result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from viz.errors import meant, quoted
from viz.traces import Entry, Input, Trace

__all__ = ["between"]


def between(trace: Trace, inputs: str | Iterable[str]) -> Trace:
    """Keep what is computed from some values, on the way to the result.

    The gates on the way keep their other inputs. Gates that these come from are cut off and become inputs, as the
    chosen values do, with the values and gradients that they have.

    Parameters
    ----------
    trace
        The whole.
    inputs
        Names or ids of the values to start from.

    Returns
    -------
    Trace
        With the ids of the whole one.

    Raises
    ------
    ValueError
        If there is no value of a name or id, or none of them leads to the result.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> x = Tensor(3.0, name="x")
    >>> h = x.exp()
    >>> h.name = "h"
    >>> [entry.name or entry.label for entry in between(trace(h * h + 1), "h").entries]
    ['h', '×', '+1']
    """
    chosen = _chosen(trace, [inputs] if isinstance(inputs, str) else list(inputs))
    reached = set(chosen)
    for entry in trace.entries:
        if any(x.source in reached for x in entry.inputs):
            reached.add(entry.id)
    kept: set[str] = {trace.root} if trace.root in reached and trace.root not in chosen else set()
    for entry in reversed(trace.entries):  # takers before what they take
        if entry.id in kept:
            kept.update(x.source for x in entry.inputs if x.source in reached and x.source not in chosen)
    if not kept:
        raise ValueError("draw: none of the inputs given leads to the result, so nothing lies between them")
    ends = {x.source for entry in trace.entries if entry.id in kept for x in entry.inputs} - kept
    entries = tuple(
        entry if entry.id in kept or entry.is_leaf else _cut(entry)
        for entry in trace.entries
        if entry.id in kept or entry.id in ends
    )
    there = {entry.id for entry in entries}
    entries = tuple(
        replace(entry, behind=tuple(x for x in entry.behind if x in there)) if entry.behind else entry
        for entry in entries
    )
    used = {entry.operation for entry in entries}
    operations = {name: operation for name, operation in trace.operations.items() if name in used}
    sent = {end: gradient for end, gradient in trace.sent.items() if end[0] in there}
    return replace(trace, entries=entries, operations=operations, sent=sent)


def _chosen(trace: Trace, inputs: list[str]) -> set[str]:
    by_name: dict[str, list[str]] = {}
    for entry in trace.entries:
        by_name.setdefault(entry.name, []).append(entry.id)
    chosen: set[str] = set()
    for given in inputs:
        if given and given in by_name:
            chosen.update(by_name[given])
        elif given in trace.by_id:
            chosen.add(given)
        else:
            names = [name for name in by_name if name]
            raise ValueError(
                f"draw: no value named {quoted([given])} in this graph to start from; its names: {quoted(names)}"
                f"{meant(given, names)}"
            )
    return chosen


def _cut(gate: Entry) -> Entry:
    """A gate's result as an input."""
    no_inputs: tuple[Input, ...] = ()
    return replace(
        gate,
        kind="variable" if gate.requires_grad else "constant",
        name=gate.name or f"…{gate.label}",
        operation="",
        label="",
        detail=(),
        attributes={},
        inputs=no_inputs,
        box=None,
        saved=0,
    )
