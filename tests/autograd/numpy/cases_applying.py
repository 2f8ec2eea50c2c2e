"""Functions that apply another one along axes."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import Case, call

CUBE = array(2, 3, 4)

CASES: list[Case] = [
    *(call("apply_along_axis", np.sum, axis, CUBE) for axis in (0, 1, -1)),
    *(call("apply_along_axis", np.cumsum, axis, CUBE) for axis in (0, 1, -1)),
    *(call("apply_along_axis", np.outer, axis, CUBE, array(2, seed=1), constant=(3,)) for axis in (0, -2)),
    call("apply_along_axis", np.prod, 0, array(3)),
    call("apply_along_axis", np.real, 1, CUBE[0] + 1j),
    *(call("apply_over_axes", np.sum, CUBE, axes) for axes in (0, -1, (0, 2), [-2, 0])),
    call("apply_over_axes", np.cumsum, CUBE, (1, 2)),
]
