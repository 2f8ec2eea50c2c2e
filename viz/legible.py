"""Text from elsewhere (names, labels, errors, lines of source) as a reader sees it, and as it can do no harm.

Markup is not looked at here: each format escapes what it takes for its own.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["LONGEST", "legible", "width_of"]

#: Longer names are cut: they would push everything else out of sight.
LONGEST = 40

#: They shape letters of some scripts, and make one emoji of several.
_JOINERS = "\u200c\u200d"
#: Controls, marks of direction and others that are not seen, halves of characters, and what is no character, or none
#: that others have; and ends of lines.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


@lru_cache(maxsize=4096)
def legible(text: str, longest: int = LONGEST) -> str:
    r"""Show what cannot be seen, or must not work, as what it is; cut what is too long.

    Control characters become their pictures. Others that are not seen, that no file can hold, or that change the order
    of the text after them, become �.

    Examples
    --------
    >>> legible("two\nlines"), legible("a" * 100, longest=4), legible("\u202egnp")
    ('two␊lines', 'aaa…', '�gnp')
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isascii() and text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "␡"
    hidden = unicodedata.category(character) in _HIDDEN and character not in _JOINERS
    return "�" if hidden else character


def width_of(text: str) -> int:
    r"""How many columns of a terminal a text takes: wide characters two, marks on the one before none.

    Examples
    --------
    >>> width_of("loss"), width_of("损失"), width_of("e\u0301")
    (4, 4, 1)
    """
    return sum(
        0 if unicodedata.combining(c) or c in _JOINERS else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
