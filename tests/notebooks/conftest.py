from __future__ import annotations

import sys
from pathlib import Path

# The folder `tools` is not installed; it comes last, so that the installed packages are tested.
sys.path.append(str(Path(__file__).resolve().parents[2]))
