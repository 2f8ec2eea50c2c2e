"""From characters to words: numbers, names and signs, each with its place."""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NoReturn

from viz.formulas.errors import ExpressionError, Span

__all__ = ["LONGEST", "Token", "canonical", "tokenize"]

#: In characters. The graph of a longer formula nobody could read.
LONGEST = 10_000

#: What mathematicians and Chinese keyboards type, as the character that it stands for: one for one, so places stay.
_SAME = str.maketrans(
    {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/"}
    | {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalpha()}
)
#: Names that are no words.
_SYMBOLS = {"√": "sqrt"}
_NUMBER = re.compile(r"(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SIGN = re.compile(r"\*\*|[-+*/@^()\[\],;=]")
#: What to do about text that other languages understand.
_FOREIGN: tuple[tuple[str, str], ...] = (
    ("//", "divide with a single /"),
    (":=", "name an intermediate result with a single ="),
    ("'\"`‘’“”", "a formula holds no text, only numbers and names"),
    ("<>≤≥≠!&~?", "comparisons and logic are not part of formulas; max(0, x), min(a, b) and relu(x) choose"),
    ("%", "the remainder is not part of formulas"),
    (".", "a formula has no attributes; decimals are written like 0.5"),
    ("{}", "use round brackets"),
    ("|", "write abs(x)"),
    ("ᵀ", "write transpose(x)"),
    ("²³¹⁰⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "write powers with **, such as x**2"),
    ("‐‑‒—―", "write - for minus"),
    ("•✕✖⨯∘⊙", "write * for times, which is elementwise"),
    ("‖", "write sqrt(sum(x**2)) for the length of a vector"),
    ("⁄", "write / for division"),
    ("∑", "write sum(x) for the sum of an array's elements"),
    ("∞", "infinity is not part of formulas"),
    (":", "slices and annotations are not part of formulas"),
    ("#", "comments are not part of formulas"),
    ("\\", "a formula is written plainly, such as exp(x), not in LaTeX"),
    ("。", "decimals are written with a point, such as 0.5"),
    ("、", "separate with a comma"),
)
#: Letters and marks that show nothing, though Unicode allows them in names.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a formula.

    Attributes
    ----------
    kind
        ``"number"``, ``"name"``, ``"end"``, or ``"sign"``.
    text
        What it says: a name in its canonical form, ``**`` for ``^``, ``;`` for a line end.
    span
        Where it stands in the formula.
    """

    kind: Literal["number", "name", "sign", "end"]
    text: str
    span: Span


def canonical(name: str) -> str:
    """The form in which names are compared, Python's own: NFKC.

    Examples
    --------
    >>> canonical("w₀")
    'w0'
    """
    return unicodedata.normalize("NFKC", name)


def tokenize(formula: str) -> list[Token]:
    """Split a formula into words, the last of which marks its end.

    Raises
    ------
    ExpressionError
        If a character or word cannot be part of a formula, or the formula is longer than :data:`LONGEST`.

    Examples
    --------
    >>> [token.text for token in tokenize("2×x^0.5")]
    ['2', '*', 'x', '**', '0.5', '']
    """
    if len(formula) > LONGEST:
        raise ExpressionError(
            f"the formula is too long: {len(formula):,} characters, where {LONGEST:,} are the most. "
            f"A graph of this size is better recorded from Python code",
            formula,
            [(LONGEST, LONGEST + 1)],
        )
    text = formula.translate(_SAME)
    tokens: list[Token] = []
    place = depth = 0
    while place < len(text):
        character = text[place]
        if character == "\n" and depth <= 0:
            tokens.append(Token("sign", ";", (place, place + 1)))
            place += 1
        elif character in " \t\r\n" or unicodedata.category(character) == "Zs":
            place += 1
        elif number := _NUMBER.match(text, place):
            tokens.append(Token("number", number[0], number.span()))
            place = number.end()
        elif _starts_name(character):
            end = place + 1
            while end < len(text) and _continues_name(text[end]):
                end += 1
            if hidden := _INVISIBLE.search(text, place, end):
                _refuse(formula, hidden.start())
            name = canonical(text[place:end])
            if keyword.iskeyword(name):
                advice = "; a variable may be called λ or lam" if name == "lambda" else ""
                raise ExpressionError(
                    f"{name!r} is a word of the Python language, which is not part of formulas{advice}",
                    formula,
                    [(place, end)],
                )
            tokens.append(Token("name", name, (place, end)))
            place = end
        elif character in _SYMBOLS:
            tokens.append(Token("name", _SYMBOLS[character], (place, place + 1)))
            place += 1
        elif (sign := _SIGN.match(text, place)) and not text.startswith("//", place):
            depth += (sign[0] in "([") - (sign[0] in ")]")
            tokens.append(Token("sign", "**" if sign[0] == "^" else sign[0], sign.span()))
            place = sign.end()
        else:
            _refuse(formula, place)
    tokens.append(Token("end", "", (len(text), len(text) + 1)))
    return tokens


def _starts_name(character: str) -> bool:
    return character.isidentifier() and _continues_name(character) and not _INVISIBLE.match(character)


def _continues_name(character: str) -> bool:
    form = unicodedata.decomposition(character)
    return form.startswith("<sub>") or (f"a{character}".isidentifier() and not form.startswith("<super>"))


def _refuse(formula: str, place: int) -> NoReturn:
    character, text = formula[place], formula.translate(_SAME)
    code = f"U+{ord(character):04X}"
    called = f"{code} {unicodedata.name(character, '')}".strip()
    span = (place, place + 1)
    if unicodedata.category(character)[0] in "CZ" or _INVISIBLE.match(character):
        raise ExpressionError(f"an invisible character, {called}: delete it", formula, [span])
    for signs, advice in _FOREIGN:
        if signs in ("//", ":="):
            if text.startswith(signs, place):
                raise ExpressionError(f"{signs!r} is not part of formulas: {advice}", formula, [(place, place + 2)])
        elif text[place] in signs:
            break
    else:
        plain = unicodedata.normalize("NFKC", character)
        if plain.isascii() and plain != character and plain.strip():
            advice = f"write {plain}"
        elif unicodedata.category(character) == "Nd":
            advice = f"write {unicodedata.digit(character)}"
        else:
            advice = "formulas have numbers, names, + - * / ** @, brackets, commas and semicolons"
    shown = f"{character!r}" if character.isascii() else f"{character!r} ({called})"
    raise ExpressionError(f"{shown} is not part of formulas: {advice}", formula, [span])
