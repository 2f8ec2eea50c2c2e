from __future__ import annotations

import sys
from pathlib import Path

# The folders `tools` and `benchmarks` are not installed; they come last, so that the installed packages are tested.
sys.path.append(str(Path(__file__).resolve().parents[2]))
