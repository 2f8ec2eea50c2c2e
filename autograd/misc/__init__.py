"""What is useful beside derivatives: flattening structures, small optimisers, fixed points."""

from __future__ import annotations

from autograd.misc.flatten import flatten

__all__ = ["flatten"]
