"""The established package's name for what functions are given while they are differentiated."""

from __future__ import annotations

from autograd.tensor import Tensor

__all__ = ["ArrayBox"]

ArrayBox = Tensor
