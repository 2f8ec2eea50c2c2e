"""Traces as JSON, in and out.

The format is that of the dataclasses of :mod:`viz.traces`, field by field, under ``{"format": "glassgrad trace",
"version": 1}``. JSON has no NaN and infinities: they are the strings ``"nan"``, ``"inf"`` and ``"-inf"``. A complex
number is ``{"re": ..., "im": ...}``, and a gate's parameter that is one of those three words ``{"text": ...}``. A field
that has its default value may be left out.

What is read may come from anywhere, so everything is checked: nothing but plain data is made, ids are unique, inputs
stand before what takes them, arrays have as many numbers as their shape says.
"""

from __future__ import annotations

import json
import math
import re
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from autograd.sources import Source
from viz.numbers import BINS, PICTURE, Number, Numbers
from viz.traces import Box, Check, Entry, Input, Operation, Trace

__all__ = ["FORMAT", "VERSION", "from_dict", "loads", "to_dict", "to_plain"]

FORMAT = "glassgrad trace"
VERSION = 1

_RECORDS = (Box, Check, Entry, Input, Numbers, Operation, Source, Trace)
_ODD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
#: Fields that are not stored.
_LEFT_OUT = {"sent"}
#: What an array's dtype may be called, of either byte order.
_DTYPE = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64|96|128)|complex(64|128|192|256)|>[iufc]\d{1,2}")


def to_dict(trace: Trace) -> dict[str, Any]:
    """Turn a trace into what ``json.dumps`` takes.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> to_dict(trace(Tensor(3.0).exp()))["entries"][1]["label"]
    'exp'
    """
    plain: dict[str, Any] = to_plain(trace)
    return {"format": FORMAT, "version": VERSION, **plain}


def to_plain(value: Any) -> Any:
    """Write a part of a trace as plain data; what has its default is left out.

    Examples
    --------
    >>> import numpy as np
    >>> from viz.numbers import Numbers
    >>> to_plain(Numbers.of(np.array([1.0, np.inf])))["values"]
    [1.0, 'inf']
    """
    if isinstance(value, _RECORDS):
        return {
            f.name: to_plain(getattr(value, f.name))
            for f in fields(value)
            if f.name not in _LEFT_OUT and not (f.default is not MISSING and getattr(value, f.name) == f.default)
        }
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, complex):
        return {"re": to_plain(value.real), "im": to_plain(value.imag)}
    if isinstance(value, (list, tuple)):
        return [to_plain(x) for x in value]
    if isinstance(value, Mapping):
        return {str(key): _parameter(x) for key, x in value.items()}
    return value


def _parameter(value: Any) -> Any:
    """What may be a text that looks like a number."""
    if isinstance(value, str) and value in _ODD:
        return {"text": value}
    return [_parameter(x) for x in value] if isinstance(value, (list, tuple)) else to_plain(value)


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
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise ValueError(f"trace from JSON: version {_short(version)} is unknown here, which reads {VERSION}")
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
            raise ValueError(f"trace from JSON: box {_short(box.id)} is there twice, or stands before its parent")
        boxes.add(box.id)
    for name, operation in trace.operations.items():
        if name != operation.name:
            raise ValueError(f"trace from JSON: operation {_short(name)} is called {_short(operation.name)}")
    seen: set[str] = set()
    for entry in trace.entries:
        where = f"trace from JSON: entry {_short(entry.id)}"
        if entry.id in seen:
            raise ValueError(f"{where} is there twice")
        if entry.box is not None and entry.box not in boxes:
            raise ValueError(f"{where} lies in an unknown box {_short(entry.box)}")
        if entry.kind == "gate" and entry.operation not in trace.operations:
            raise ValueError(f"{where} is a gate whose operation, {_short(entry.operation)}, is not listed")
        if entry.is_leaf and (entry.operation or entry.inputs):
            raise ValueError(f"{where} is a {entry.kind}, which has neither operation nor inputs")
        for x in entry.inputs:
            if x.source is not None and x.source not in seen:
                raise ValueError(f"{where} takes {_short(x.source)}, which does not stand before it")
            if (x.source is None) == (x.number is None):
                raise ValueError(f"{where}: an input is either a source or a number")
        if any(source not in seen for source in entry.behind):
            raise ValueError(f"{where} was cut off from something that does not stand before it")
        seen.add(entry.id)
    if trace.root not in seen:
        raise ValueError(f"trace from JSON: the root {_short(trace.root)} is no entry")


def _check_numbers(numbers: Numbers, where: str) -> None:
    """Make sure that the parts of a summary fit each other."""
    if not _DTYPE.fullmatch(numbers.dtype):
        raise ValueError(f"trace from JSON: {_path(where, 'dtype')!r} cannot be {_short(numbers.dtype)}")
    counts = (
        *numbers.shape,
        numbers.nans,
        numbers.infinities,
        numbers.zeros,
        *(numbers.histogram or ()),
        *numbers.silent,
    )
    if any(count < 0 for count in counts):
        raise ValueError(f"trace from JSON: {where!r} has a negative length or count")
    if numbers.values is not None and len(numbers.values) != numbers.size:
        raise ValueError(
            f"trace from JSON: {where!r} has {len(numbers.values)} values, and a shape for {_short(numbers.size)}"
        )
    if len({value is None for value in (numbers.mean, numbers.std, numbers.low, numbers.high)}) > 1:
        raise ValueError(f"trace from JSON: {where!r} has some of mean, std, low and high, but not all")
    if numbers.histogram is not None and len(numbers.histogram) != BINS:
        raise ValueError(f"trace from JSON: {_path(where, 'histogram')!r} must have {BINS} parts")
    picture = numbers.picture
    if picture is not None and not (
        1 <= len(picture) <= PICTURE and 1 <= len(picture[0]) <= PICTURE and len({len(row) for row in picture}) == 1
    ):
        raise ValueError(f"trace from JSON: {_path(where, 'picture')!r} must be rows of one length, up to {PICTURE}")


def _record(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"trace from JSON: {where or 'it'} must be an object, got {type(data).__name__}")
    known = _fields(kind)
    for name in data:
        if name not in known:
            raise ValueError(f"trace from JSON: {_path(where, name)!r} is unknown; known are {', '.join(known)}")
    given = {}
    for name, (hint, needed) in known.items():
        if name in data:
            given[name] = _typed(hint, data[name], _path(where, name))
        elif needed:
            raise ValueError(f"trace from JSON: {_path(where, name)!r} is missing")
    record = kind(**given)
    if kind is Numbers:
        _check_numbers(record, where)
    return record


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Type of each field, and whether it must be there."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: (hints[f.name], f.default is MISSING) for f in fields(kind) if f.name not in _LEFT_OUT}


def _path(where: str, name: object) -> str:
    name = str(name)
    name = name if len(name) <= 40 else f"{name[:39]}…"
    return f"{where}.{name}" if where else name


def _short(data: Any) -> str:
    """What was found in place of something else, on one line."""
    if isinstance(data, (dict, list)):
        return f"{'an object' if isinstance(data, dict) else 'a list'} of {len(data)}"
    if isinstance(data, int) and abs(data) >= 10**40:
        return "a huge number"
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _typed(hint: Any, data: Any, where: str) -> Any:
    """Read one value of an annotated field."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return _anything(data, where)
    if hint is Number:
        return _number(data, where)
    if origin in (types.UnionType, typing.Union):
        if data is None and type(None) in parts:
            return None
        return _typed(next(part for part in parts if part is not type(None)), data, where)
    if origin is Literal:
        if isinstance(data, str) and data in parts:
            return data
    elif hint is float:
        value = _number(data, where)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
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
    raise ValueError(f"trace from JSON: {where!r} cannot be {_short(data)}")


def _number(data: Any, where: str) -> Any:
    """Read a number of any kind."""
    if isinstance(data, str) and data in _ODD:
        return _ODD[data]
    if isinstance(data, dict) and set(data) == {"re", "im"}:
        return complex(_typed(float, data["re"], where), _typed(float, data["im"], where))
    if isinstance(data, float) and not math.isfinite(data):
        raise ValueError(f"trace from JSON: {where!r} is too large a number")
    if isinstance(data, int) and abs(data) > sys.float_info.max:
        raise ValueError(f"trace from JSON: {where!r} is too large a number")
    if isinstance(data, (int, float)):
        return data
    raise ValueError(f"trace from JSON: {where!r} cannot be {_short(data)}")


def _anything(data: Any, where: str) -> Any:
    """Read a gate's parameter: a number of any kind, a text, nothing, or a list of such."""
    if data is None or (isinstance(data, str) and data not in _ODD):
        return data
    if isinstance(data, list):
        return tuple(_anything(x, _path(where, i)) for i, x in enumerate(data))
    if isinstance(data, dict) and set(data) == {"text"} and isinstance(data["text"], str):
        return data["text"]
    return _number(data, where)
