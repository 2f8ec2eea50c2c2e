"""``python -m viz``: see :mod:`viz.cli`."""

from __future__ import annotations

from viz.cli import run

if __name__ == "__main__":
    run()
