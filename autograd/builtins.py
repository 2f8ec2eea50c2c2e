"""Python's own types under the names of the established ``autograd`` package.

There, tuples, lists and dictionaries that are differentiated need types of their own; here they are Python's. Only
``isinstance`` and ``type`` differ: of a tensor they tell what its value is.
"""

from __future__ import annotations

from typing import Any

from autograd.extend import notrace_primitive

__all__ = ["DictBox", "SequenceBox", "dict", "isinstance", "list", "tuple", "type"]

_isinstance, _type = isinstance, type
dict = dict
list = list
tuple = tuple
#: What functions are given in place of dictionaries and of tuples.
DictBox = dict
SequenceBox: Any = tuple
isinstance: Any = notrace_primitive(_isinstance)
type: Any = notrace_primitive(_type)
