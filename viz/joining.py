"""Two traces as one, for drawings that show both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from viz.traces import Box, Entry, Trace

__all__ = ["joined"]


def joined(first: Trace, second: Trace, labels: tuple[str, str]) -> tuple[Trace, tuple[dict[str, str], dict[str, str]]]:
    """Put two traces into one, each in a scope of its own.

    Parameters
    ----------
    first, second
        The traces; the root is that of the second.
    labels
        What the scopes are called.

    Returns
    -------
    Trace
        The entries of the first, then those of the second.
    tuple[dict[str, str], dict[str, str]]
        For each, the new ids of its entries by the old ones.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> x = Tensor(2.0, name="x")
    >>> both, ids = joined(trace(x.exp()), trace(x.log()), ("before", "after"))
    >>> [entry.label or entry.name for entry in both.entries], both.root, ids[1]["n0"]
    (['x', 'exp', 'x', 'log'], 'n3', 'n2')
    """
    entries: list[Entry] = []
    boxes: list[Box] = []
    ids: list[dict[str, str]] = []
    sent: dict[tuple[str, int], Any] = {}
    for trace, label in zip((first, second), labels, strict=True):
        called = {entry.id: f"n{i}" for i, entry in enumerate(trace.entries, len(entries))}
        around = f"b{len(boxes)}"
        boxed = {None: around} | {box.id: f"b{i}" for i, box in enumerate(trace.boxes, len(boxes) + 1)}
        boxes.append(Box(around, label, None))
        boxes += [Box(boxed[box.id], box.name, boxed[box.parent]) for box in trace.boxes]
        for x in trace.entries:
            inputs = tuple(replace(y, source=called[y.source]) if y.source is not None else y for y in x.inputs)
            behind = tuple(called[origin] for origin in x.behind)
            entries.append(replace(x, id=called[x.id], box=boxed[x.box], inputs=inputs, behind=behind))
        sent |= {(called[gate], i): array for (gate, i), array in trace.sent.items()}
        ids.append(called)
    note = "; ".join(dict.fromkeys(trace.note for trace in (first, second) if trace.note))
    operations = {**first.operations, **second.operations}
    both = Trace(tuple(entries), tuple(boxes), operations, ids[1][second.root], note, sent)
    return both, (ids[0], ids[1])
