"""What is written in a gate."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.ops.windows import Windows
from autograd.primitives import Primitive

__all__ = ["gate_label", "input_names"]

#: Longer settings are cut.
LONGEST = 60
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: How a gate with one constant operand is written: {c} is the constant, (left, right) where the constant stands.
_WITH_CONSTANT = {
    "add": ("+{c}", "+{c}"),
    "subtract": ("{c}−x", "−{c}"),
    "multiply": ("×{c}", "×{c}"),
    "divide": ("{c}/x", "÷{c}"),
}


def gate_label(
    primitive: Primitive, inputs: tuple[Any, ...], attributes: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Say what is written in a gate, and below it.

    Parameters
    ----------
    primitive
        The operation.
    inputs
        What it was applied to: tensors, arrays and plain numbers, which are part of the gate.
    attributes
        Its static parameters.

    Examples
    --------
    >>> gate = Tensor(3.0) + 1
    >>> gate_label(gate.primitive, gate.inputs, gate.attributes)
    ('+1', ())
    """
    constants = [i for i, x in enumerate(inputs) if not isinstance(x, Tensor) and np.ndim(x) == 0]
    label = primitive.symbol or primitive.name
    if constants and len(inputs) == 2:
        place = constants[0]
        number = np.asarray(inputs[place]).item()
        text = _constant(number)
        if primitive.name in _WITH_CONSTANT:
            label = _WITH_CONSTANT[primitive.name][place].format(c=text)
        elif primitive.name == "power":
            whole = place == 1 and isinstance(number, (int, float)) and float(number).is_integer()
            exponent = str(int(number)).translate(_SUPERSCRIPTS) if whole and abs(number) < 1000 else f"^{text}"
            label = f"x{exponent}" if place == 1 else f"{text}^x"
        else:
            label = f"{label}({text}, x)" if place == 0 else f"{label}(x, {text})"
    elif constants and primitive.kind != "elementwise" and len(input_names(primitive)) == len(inputs):
        names = input_names(primitive)
        attributes = {names[i]: np.asarray(inputs[i]).item() for i in constants} | dict(attributes)
    elif constants:
        operands = (_constant(np.asarray(x).item()) if i in constants else "·" for i, x in enumerate(inputs))
        label = f"{label}({', '.join(operands)})"
    settings = []
    if primitive.kind == "custom" and not primitive.arity and "call" in attributes:  # a primitive of the user's own
        call, output = attributes["call"], attributes["output"]
        arguments = str(call)
        if arguments != ", ".join(f"x{i + 1}" for i in range(len(inputs))):
            settings.append(_short(arguments))
        attributes = {"output": output} if call.results is not None else {}
    for key, value in attributes.items():
        if isinstance(value, Windows):
            settings += [f"{name}={_short(part)}" for name, part in value.settings().items()]
        elif value is not None and value is not False:
            settings.append(f"{key}={_short(value)}")
    return label, tuple(settings)


def input_names(primitive: Primitive) -> tuple[str, ...]:
    """What a primitive calls its inputs; () where it takes any number of them.

    Examples
    --------
    >>> from autograd import where
    >>> input_names(where.primitive)
    ('condition', 'x1', 'x2')
    """
    return tuple(inspect.signature(primitive.function).parameters)[: primitive.arity]


def _constant(number: Any) -> str:
    """Write a constant as it stands in a gate: short, and bracketed where a sign would be misread."""
    if isinstance(number, (bool, np.bool_)):
        return str(bool(number))
    if isinstance(number, complex):
        return f"({number:.3g})" if number.real else f"{number.imag:.3g}j".replace("-", "−")
    text = f"{number:.6g}".replace("-", "−")
    return f"({text})" if text.startswith("−") else text


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, slice):
        parts = ["" if part is None else str(part) for part in (value.start, value.stop, value.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if isinstance(value, tuple):
        inside = ", ".join("None" if v is None else "..." if v is Ellipsis else _short(v) for v in value)
        return f"({inside}{',' if len(value) == 1 else ''})"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
