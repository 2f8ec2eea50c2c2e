"""Traces as JSON, in and out.

The format is that of the dataclasses of :mod:`viz.traces`, field by field, under ``{"format": "glassgrad trace",
"version": 1}``. JSON has no NaN and infinities: they are the strings ``"nan"``, ``"inf"`` and ``"-inf"``. A complex
number is ``{"re": ..., "im": ...}``. A field that has its default value may be left out.

What is read may come from anywhere, so everything is checked: nothing but plain data is made, ids are unique, inputs
stand before what takes them.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from viz.numbers import Numbers
from viz.traces import Box, Check, Entry, Input, Operation, Source, Trace

__all__ = ["FORMAT", "VERSION", "from_dict", "loads", "to_dict"]

FORMAT = "glassgrad trace"
VERSION = 1

_RECORDS = (Box, Check, Entry, Input, Numbers, Operation, Source, Trace)
_ODD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
#: Fields that are not stored.
_LEFT_OUT = {"sent"}


def to_dict(trace: Trace) -> dict[str, Any]:
    """Turn a trace into what ``json.dumps`` takes.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> to_dict(trace(Tensor(3.0).exp()))["entries"][1]["label"]
    'exp'
    """
    plain: dict[str, Any] = _plain(trace)
    return {"format": FORMAT, "version": VERSION, **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, _RECORDS):
        return {
            f.name: _plain(getattr(value, f.name))
            for f in fields(value)
            if f.name not in _LEFT_OUT and not (f.default is not MISSING and getattr(value, f.name) == f.default)
        }
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, complex):
        return {"re": _plain(value.real), "im": _plain(value.imag)}
    if isinstance(value, (list, tuple)):
        return [_plain(x) for x in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(x) for key, x in value.items()}
    return value


def loads(text: str) -> Any:
    """Parse JSON strictly.

    Raises
    ------
    ValueError
        If it is not JSON, or has numbers that JSON does not know.
    """

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is not JSON; a trace writes it as a string")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("trace from JSON: nested too deeply to be one") from None
    except ValueError as error:
        raise ValueError(f"trace from JSON: {error}") from None


def from_dict(data: Any) -> Trace:
    """Make a trace from parsed JSON.

    Raises
    ------
    ValueError
        If it is no trace; the message says what is wrong where.

    Examples
    --------
    >>> from_dict({"format": "glassgrad trace", "version": 1})
    Traceback (most recent call last):
    ValueError: trace from JSON: 'entries' is missing
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f'trace from JSON: this is no trace; one starts with {{"format": "{FORMAT}"')
    if data.get("version") != VERSION:
        raise ValueError(f"trace from JSON: version {data.get('version')!r} is unknown here, which reads {VERSION}")
    try:
        trace: Trace = _record(Trace, {k: v for k, v in data.items() if k not in ("format", "version")}, "")
    except RecursionError:
        raise ValueError("trace from JSON: nested too deeply to be one") from None
    _check(trace)
    return trace


def _check(trace: Trace) -> None:
    boxes: set[str] = set()
    for box in trace.boxes:
        if box.id in boxes or (box.parent is not None and box.parent not in boxes):
            raise ValueError(f"trace from JSON: box {box.id!r} is there twice, or stands before its parent")
        boxes.add(box.id)
    seen: set[str] = set()
    for entry in trace.entries:
        where = f"trace from JSON: entry {entry.id!r}"
        if entry.id in seen:
            raise ValueError(f"{where} is there twice")
        if entry.box is not None and entry.box not in boxes:
            raise ValueError(f"{where} lies in an unknown box {entry.box!r}")
        if (entry.kind == "gate") != (entry.operation in trace.operations):
            raise ValueError(f"{where}: a gate needs an operation that is listed, and only a gate has one")
        for x in entry.inputs:
            if x.source is not None and x.source not in seen:
                raise ValueError(f"{where} takes {x.source!r}, which does not stand before it")
        seen.add(entry.id)
    if trace.root not in seen:
        raise ValueError(f"trace from JSON: the root {trace.root!r} is no entry")


def _record(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"trace from JSON: {where or 'it'} must be an object, got {type(data).__name__}")
    known = _fields(kind)
    for name in data:
        if name not in known:
            raise ValueError(f"trace from JSON: {_path(where, name)!r} is unknown")
    given = {}
    for name, (hint, needed) in known.items():
        if name in data:
            given[name] = _typed(hint, data[name], _path(where, name))
        elif needed:
            raise ValueError(f"trace from JSON: {_path(where, name)!r} is missing")
    return kind(**given)


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Type of each field, and whether it must be there."""
    hints = get_type_hints(kind)
    return {f.name: (hints[f.name], f.default is MISSING) for f in fields(kind) if f.name not in _LEFT_OUT}


def _path(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


def _typed(hint: Any, data: Any, where: str) -> Any:
    """Read one value of an annotated field."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return _anything(data, where)
    if origin in (types.UnionType, typing.Union):
        if data is None and type(None) in parts:
            return None
        return _typed(next(part for part in parts if part is not type(None)), data, where)
    if origin is Literal:
        if data in parts:
            return data
    elif hint is float:
        if isinstance(data, str) and data in _ODD:
            return _ODD[data]
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return float(data)
    elif hint is int:
        if isinstance(data, int) and not isinstance(data, bool):
            return data
    elif hint in (str, bool):
        if isinstance(data, hint):
            return data
    elif hint in _RECORDS:
        return _record(hint, data, where)
    elif origin is tuple and isinstance(data, list):
        return tuple(_typed(parts[0], x, _path(where, i)) for i, x in enumerate(data))
    elif origin is Mapping and isinstance(data, dict):
        return {key: _typed(parts[1], x, _path(where, key)) for key, x in data.items()}
    raise ValueError(f"trace from JSON: {where!r} cannot be {str(data)[:60]!r}")


def _anything(data: Any, where: str) -> Any:
    """Read a number of any kind, a text, or a list of such."""
    if isinstance(data, list):
        return tuple(_anything(x, where) for x in data)
    if isinstance(data, str):
        return _ODD.get(data, data)
    if isinstance(data, dict):
        if set(data) == {"re", "im"}:
            return complex(_typed(float, data["re"], where), _typed(float, data["im"], where))
        return {key: _anything(x, where) for key, x in data.items()}
    return data
