"""The established package's name for the vector spaces of arrays."""

from __future__ import annotations

from autograd.vspaces import ArrayVSpace, ComplexArrayVSpace

__all__ = ["ArrayVSpace", "ComplexArrayVSpace"]
