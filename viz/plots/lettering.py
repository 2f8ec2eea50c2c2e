"""Text from users in pictures, where it stays text: no formula, no TeX, nothing that Matplotlib cannot draw."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

__all__ = ["LITERAL", "clean", "counted", "listed", "percent"]

#: For every text with words from outside: a ``$`` is a dollar sign there, and a backslash is a backslash.
LITERAL: dict[str, Any] = {"parse_math": False, "usetex": False}
#: Longer names would leave no room for the picture.
LONGEST = 60


def clean(text: Any, longest: int = LONGEST) -> str:
    r"""Make a name fit to be drawn in one line.

    Control characters, those that reorder the text around them and those that no file can hold are shown as �.

    Examples
    --------
    >>> clean("two\nlines"), clean("a\x00b"), clean("x" * 99, longest=5)
    ('two lines', 'a�b', 'xxxx…')
    """
    line = " ".join(str(text).split())
    if len(line) > longest:
        line = line[: longest - 1] + "…"
    # Control, format (such as right-to-left marks), half of a surrogate pair, private use, not assigned.
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c for c in line)


def counted(number: int, what: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "value"), counted(1200, "value")
    ('1 value', '1,200 values')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[Any], most: int = 8) -> str:
    """Names for an error message.

    Examples
    --------
    >>> listed("abc"), listed(range(20), most=3)
    ("'a', 'b', 'c'", '0, 1, 2, …')
    """
    known = [repr(name) for name in names]
    return ", ".join(known[:most] + ["…"] * (len(known) > most))


def percent(share: float) -> str:
    """A share of 1 such that neither little looks like none nor most like all.

    Examples
    --------
    >>> percent(0.0), percent(0.0001), percent(0.256), percent(0.9999), percent(1.0)
    ('0 %', '< 1 %', '26 %', '> 99 %', '100 %')
    """
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"
