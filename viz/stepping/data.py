"""What the page's scripts work on, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from operator import add
from typing import Any

from viz.format import FULL
from viz.json_format import to_dict, to_plain
from viz.legible import legible
from viz.numbers import Numbers
from viz.stepping.formulas import Formulas, rules_of
from viz.stepping.places import places_of
from viz.traces import Trace

__all__ = ["data_of", "rounded"]


def data_of(trace: Trace, formulas: Formulas, *, title: str, folded: Iterable[str] = ()) -> dict[str, Any]:
    """Collect what the scripts work on, as plain data.

    Parameters
    ----------
    trace, title, folded
        As in :func:`viz.stepping.page.to_html`.
    formulas
        To which formulas are added; the data hold their numbers.

    Returns
    -------
    dict
        ``trace`` in the format of :mod:`viz.json_format`; ``layout``, in lists in the order of its entries;
        ``rules``, of its gates; ``running``, the sums of large arrays at forks; ``full``, how many elements at most are
        written out; ``folded``, the scopes that are folded at first.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> sorted(data_of(trace(Tensor(3.0).exp()), Formulas(), title="exp"))
    ['folded', 'full', 'layout', 'rules', 'running', 'title', 'trace']
    """
    return {
        "title": legible(title, 120),
        "trace": rounded(to_dict(trace)),
        "layout": places_of(trace),
        "rules": rules_of(trace, formulas),
        "running": [[key, rounded(sums)] for key, sums in _running(trace).items()],
        "full": FULL,
        "folded": list(folded),
    }


def rounded(data: Any) -> Any:
    """Give the same with the numbers of pictures rounded to what eyes can tell apart, and all defaults filled in."""
    if isinstance(data, dict):
        if "dtype" in data and "shape" in data:
            numbers: dict[str, Any] = {
                "nans": 0,
                "infinities": 0,
                "zeros": 0,
                "picture": None,
                "histogram": None,
            } | data
            if numbers["picture"] is not None:
                numbers["picture"] = [
                    [None if x is None else float(f"{x:.3g}") for x in row] for row in data["picture"]
                ]
            return numbers
        return {key: rounded(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [rounded(value) for value in data]
    return data


def _running(trace: Trace) -> dict[str, list[Any]]:
    """The sums, as they grow, of gradients that meet at an array that the page cannot add up."""
    order = {entry.id: i for i, entry in enumerate(trace.entries)}
    found = {}
    for source, ends in trace.takers.items():
        gradient = trace.by_id[source].gradient
        added_in_page = gradient is None or (gradient.values is not None and not gradient.dtype.startswith("complex"))
        if added_in_page or len(ends) < 2:
            continue
        backwards = sorted(ends, key=lambda end: (-order[end[0]], end[1]))
        sent = [trace.sent[end] for end in backwards if end in trace.sent]
        if len(sent) > 1:
            found[source] = [to_plain(Numbers.of(total)) for total in list(accumulate(sent, add))[:-1]]
    return found
