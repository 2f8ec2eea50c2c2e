"""Reductions, and running sums and products."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import call

V = array(4)
X = array(2, 3, 4)
Z = X + 1j * X[::-1]
EMPTY = array(0, 3)
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 0.5, 0.0], [0.3, -0.7, 1.1]])
MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, True, True]])

_AXES = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, -1)},
    {"axis": (-1, 0), "keepdims": True},
    {"axis": ()},
    {"axis": None, "keepdims": True},
]
_REDUCTIONS = ("sum", "mean", "prod", "max", "min", "amax", "amin", "ptp", "var", "std", "median", "average")

CASES = [
    *(
        call(name, X, **settings)
        for name in _REDUCTIONS
        for settings in _AXES
        if settings != {"axis": ()} or name in ("sum", "mean", "prod", "max", "min", "ptp")
    ),
    *(call(name, np.float64(1.5)) for name in _REDUCTIONS if name not in ("std",)),
    *(call(name, Z, axis=(0, 2)) for name in ("sum", "mean", "prod", "max", "var", "std", "average")),
    *(call(name, EMPTY, axis=0) for name in ("sum", "prod")),
    *(call(name, EMPTY, axis=1) for name in (*_REDUCTIONS[:-1], "nansum", "nanprod", "nanmax", "nanmean", "nanvar")),
    # dtype, initial, where
    *(call(name, X, 0, np.complex128) for name in ("sum", "mean", "prod")),
    *(call(name, X, initial=0.5) for name in ("sum", "prod", "max", "min", "nansum", "nanprod", "nanmax", "nanmin")),
    *(call(name, EMPTY, axis=0, initial=0.5) for name in ("sum", "prod", "max", "min")),
    *(call(name, X, axis=1, where=MASK) for name in ("sum", "mean", "prod", "var", "std", "nansum", "nanvar")),
    *(call(name, X, axis=2, initial=0.3, where=MASK) for name in ("sum", "prod", "max", "min", "nanmin")),
    call("mean", X, axis=(0, 1), where=MASK, keepdims=True),
    call("mean", Z, axis=1, where=MASK),
    call("var", Z, axis=-1, where=MASK, ddof=-1),
    # zeros among factors
    *(call(name, ZEROS, axis=axis) for name in ("prod", "cumprod") for axis in (None, 0, 1)),
    # spread
    call("var", X, axis=1, ddof=1),
    call("var", X, axis=(0, 2), correction=2, keepdims=True),
    call("std", X, axis=1, ddof=1),
    call("std", X, axis=1, correction=0.5),
    call("std", X, axis=0, mean=X.mean(0, keepdims=True)),
    call("var", X, 1, None, None, 1, True),
    # running
    *(call(name, X, *axis) for name in ("cumsum", "cumprod") for axis in ((), (0,), (-1,), (None,))),
    *(call(name, X, axis=1, dtype=np.complex128) for name in ("cumsum", "cumprod")),
    *(call(name, Z, axis=1) for name in ("cumsum", "cumprod")),
    *(call(name, np.float64(1.5), **axis) for name in ("cumsum", "cumprod") for axis in ({}, {"axis": 0})),
    *(call(name, EMPTY, axis=axis) for name in ("cumsum", "cumprod") for axis in (None, 0, 1)),
    *(
        call(name, V, **settings)
        for name in ("cumulative_sum", "cumulative_prod")
        for settings in ({}, {"include_initial": True})
        if hasattr(np, name)
    ),
    *(
        call(name, X, axis=1, include_initial=True)
        for name in ("cumulative_sum", "cumulative_prod")
        if hasattr(np, name)
    ),
    # passing over NaN, of which there is none here: finite differences of what is NaN are in test_reductions.py
    *(
        call(name, X, **settings)
        for name in ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian")
        for settings in ({}, {"axis": 1}, {"axis": (0, 2), "keepdims": True})
    ),
    *(call(name, X, axis) for name in ("nancumsum", "nancumprod") for axis in (None, 1)),
    # methods of ufuncs
    *(call(f"{name}.reduce", X) for name in ("add", "multiply", "maximum", "minimum")),
    *(call(f"{name}.reduce", X, axis=(0, 2), keepdims=True) for name in ("add", "multiply", "maximum", "minimum")),
    *(call(f"{name}.reduce", X, axis=None, initial=0.5) for name in ("add", "multiply", "maximum", "minimum")),
    *(call(f"{name}.reduce", X, 1, where=MASK, initial=0.5) for name in ("add", "multiply", "maximum", "minimum")),
    *(call(f"{name}.accumulate", X) for name in ("add", "multiply", "maximum", "minimum")),
    *(call(f"{name}.accumulate", X, -1) for name in ("add", "multiply", "maximum", "minimum")),
]
