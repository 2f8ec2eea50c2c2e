"""Packages written for ``autograd``, run unmodified with it and with this one in its place."""
