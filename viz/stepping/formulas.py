"""What every gate does, as formulas in MathML and in words, each formula once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from viz.legible import legible
from viz.mathematics import Name, Number, Row, join, parse
from viz.patterns import pattern
from viz.rules import TIE, TIED, Rules, part, partial_of
from viz.traces import Entry, Operation, Trace

__all__ = ["Formulas", "rules_of"]

#: Signs that no formula has, which stand in one where the script puts numbers: one for each input.
MARKS = "①②③④⑤⑥"
#: Up to this many gates have their rules written with the names of their own inputs.
NAMED = 500


class Formulas:
    """Collects formulas as MathML, each once.

    Examples
    --------
    >>> formulas = Formulas()
    >>> formulas.add(parse("x")), formulas.add(parse("y")), formulas.add(parse("x"))
    (0, 1, 0)
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def add(self, formula: Row | None) -> int | None:
        """The number under which the script finds a formula."""
        if formula is None or not formula.items:
            return None
        return self.numbers.setdefault(formula.mathml, len(self.numbers))

    @property
    def templates(self) -> str:
        """What the page holds them in, without showing them."""
        return "\n".join(f'<template id="m{number}">{text}</template>' for text, number in self.numbers.items())


def rules_of(trace: Trace, formulas: Formulas) -> list[Any]:
    """Say what every gate does: in words, and as the numbers of formulas.

    Returns
    -------
    list of dict
        For each entry, in order, its ``name`` in formulas; for gates also the ``formula`` of the operation, the
        ``rule`` with the names of this graph, ``put`` with marks where numbers go, and the same of what it sends
        ``back``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> [rule["name"] for rule in rules_of(trace(Tensor(3.0, name="x").exp() + 1, names=False), Formulas())]
    ['x', 'a', 'f']
    """
    rules = Rules(trace)
    named = sum(not entry.is_leaf for entry in trace.entries) <= NAMED
    found: list[Any] = []
    for entry in trace.entries:
        known: dict[str, Any] = {"name": legible(rules.names[entry.id])}
        found.append(known)
        if entry.kind != "gate":
            continue
        operation = trace.operations[entry.operation]
        known["formula"] = formulas.add(_read(operation.formula))
        known["put"] = formulas.add(_marked(entry, operation, _read(operation.formula)))
        if named:
            forward = rules.forward(entry)
            known["rule"] = formulas.add(_first(forward.equation))
            known["note"] = forward.note
        back: list[Any] = [None] * len(entry.inputs)
        scalar = operation.kind == "elementwise" and entry.value is not None and not entry.value.shape
        for i, x in enumerate(entry.inputs):
            if x.gradient is not None:
                known["pattern"] = pattern(operation)
                partial = partial_of(entry, operation, i)
                back[i] = {"local": formulas.add(partial), "put": formulas.add(_marked(entry, operation, partial))}
        for sent in rules.backward(entry) if named else ():
            back[sent.position] |= {
                "rule": formulas.add(sent.rule),
                # Of scalars the page makes it from what is put in, as they may be edited.
                "arithmetic": None if scalar else formulas.add(sent.arithmetic),
                # Whether inputs tie depends on their values, which may be edited: that is found in the page.
                "note": "; ".join(part for part in sent.note.split("; ") if part != TIE),
                # What x stands for, where a gate with one input has its rule written with that letter.
                "as": _as(entry, rules.names) if operation.kind == "elementwise" else "",
                "tie": TIE if operation.name in TIED else "",
            }
        known["back"] = back
    return found


@lru_cache(maxsize=1024)
def _read(latex: str) -> Row | None:
    try:
        return parse(latex) if latex else None
    except ValueError:  # in a trace that comes from elsewhere
        return None


def _first(equation: Row) -> Row:
    """Only what comes without numbers: ``a = w × x``."""
    return join("=", *equation.split()[0][:2])


def _as(entry: Entry, names: Mapping[str, str]) -> str:
    """The input of a gate that has but one, if its name is another than the one in the rule."""
    sources = [x.source for x in entry.inputs if x.source is not None]
    return legible(names[sources[0]]) if len(sources) == 1 and names[sources[0]] != "x" else ""


def _marked(entry: Entry, operation: Operation, formula: Row | None) -> Row | None:
    """A formula with marks in place of the inputs, and the numbers that are part of the gate."""
    if formula is None or operation.kind != "elementwise" or len(entry.inputs) > len(MARKS):
        return None
    names = ["x"] if len(operation.partials) == 1 else [f"x_{i + 1}" for i in range(len(entry.inputs))]
    if operation.name == "where":
        names = ["c", "x_1", "x_2"]
    put = {
        name: Name(mark) if x.source is not None else Number(part(x.number))
        for name, mark, x in zip(names, MARKS, entry.inputs, strict=False)
    }
    chain, _ = formula.substitute(put).split()
    return chain[-1]
