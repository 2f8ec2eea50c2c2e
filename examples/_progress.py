"""Progress bars, where there is someone to see them move."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Literal

from tqdm import tqdm

__all__ = ["bar", "for_fit"]


def bar(iterable: Iterable[Any] | None, name: str, total: int | None = None) -> Any:
    """A bar that counts the items of an iterable, or what its method ``update`` is told, and then goes away."""
    return tqdm(iterable, desc=name, total=total, leave=False, disable=None)


def for_fit() -> Literal["bar", False]:
    """What to give :func:`nn.fit` as ``progress``."""
    return "bar" if sys.stderr.isatty() else False
