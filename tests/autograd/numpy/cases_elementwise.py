"""Elementwise functions."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import call, since

X = array(2, 3)
Y = array(2, 3, seed=1) / 2 + 1.53  # positive, and no fraction of X
Z = X + 1j * array(2, 3, seed=2)
SMALL = X / 2.5  # between -1 and 1
EMPTY = array(0, 3)

#: Functions of one input, with real inputs, and where there is no None complex ones.
UNARY = {
    "absolute": (X, Z),
    "arccos": (SMALL, Z),
    "arccosh": (Y + 1, Z),
    "arcsin": (SMALL, Z),
    "arcsinh": (X, Z / 2.5),
    "arctan": (X, Z / 2.5),
    "arctanh": (SMALL, Z),
    "cbrt": (X, None),
    "conjugate": (X, Z),
    "cos": (X, Z),
    "cosh": (X, Z),
    "deg2rad": (X, None),
    "degrees": (X, None),
    "exp": (X, Z),
    "exp2": (X, Z),
    "expm1": (X, Z),
    "fabs": (X, None),
    "log": (Y, Z),
    "log10": (Y, Z),
    "log1p": (Y, Z),
    "log2": (Y, Z),
    "negative": (X, Z),
    "positive": (X, Z),
    "rad2deg": (X, None),
    "radians": (X, None),
    "reciprocal": (Y, Z),
    "sin": (X, Z),
    "sinh": (X, Z),
    "sqrt": (Y, Z),
    "square": (X, Z),
    "tan": (SMALL, Z),
    "tanh": (X, Z),
    # These are no ufuncs.
    "angle": (X, Z),
    "i0": (X, None),
    "imag": (X, Z),
    "nan_to_num": (X, Z),
    "real": (X, Z),
    "real_if_close": (X, Z),
    "sinc": (X, Z),
    "unwrap": (X * 3, None),
}

BINARY = {
    "add": (X, Y),
    "arctan2": (X, Y),
    "divide": (X, Y),
    "float_power": (Y, X),
    "fmax": (X, Y - 1),
    "fmin": (X, Y - 1),
    "fmod": (X, Y),
    "hypot": (X, Y),
    "logaddexp": (X, Y),
    "logaddexp2": (X, Y),
    "maximum": (X, Y - 1),
    "minimum": (X, Y - 1),
    "mod": (X, Y),
    "multiply": (X, Y),
    "power": (Y, X),
    "remainder": (X, -Y),
    "subtract": (X, Y),
    "true_divide": (X, Y),
}

CASES = [
    *(call(name, x) for name, (x, _) in UNARY.items()),
    *(call(name, z) for name, (_, z) in UNARY.items() if z is not None),
    *(call(name, x[0, 0]) for name, (x, _) in UNARY.items() if name != "unwrap"),
    *(call(name, EMPTY) for name in UNARY),
    *(call(name, x, y) for name, (x, y) in BINARY.items()),
    *(call(name, x, y[0]) for name, (x, y) in BINARY.items()),
    *(call(name, x[:, :1], y[0, 0]) for name, (x, y) in BINARY.items()),
    *(call(name, Z, Z[::-1] + 2) for name in ("add", "subtract", "multiply", "divide", "power", "float_power")),
    *(call(name, Y, Z) for name in ("add", "subtract", "multiply", "divide", "power", "float_power")),
    call("copysign", X, -Y, constant=(1,)),
    call("copysign", X, X[0], constant=(1,)),
    call("heaviside", np.array([-1.0, 0.0, 2.0]), 0.5, constant=(0,)),
    call("ldexp", X, np.array([1, -2, 3])),
    call("ldexp", X, -1050),
    call("add", X, Y, dtype=np.float64),
    call("exp", X, dtype=np.complex128),
    call("exp", X, casting="unsafe"),
    call("multiply", X, Y, subok=False),
    call("add.outer", X, Y[0]),
    call("multiply.outer", X[0, 0], Y),
    # Bounds are differentiated, too.
    call("clip", X, -0.5, 0.7),
    call("clip", X, Y[0] - 2, Y),
    call("clip", X, None, 0.3),
    call("clip", X, -0.4, None),
    call("clip", X, -0.4 + 0 * Y, None),
    *since("2.1", call("clip", X, min=-0.4), call("clip", X, max=0.4), call("clip", X, min=-0.4, max=0.4)),
    *since("2.1", call("clip", X, None, None)),
    call("where", X > 0, X, Y),
    call("where", X[0] > 0, X, 2.0),
    call("where", X[0] > 0, Z, X),
    call("angle", Z, deg=True),
    call("angle", Z, True),
    call("unwrap", X * 3, axis=0),
    call("unwrap", X * 3, period=1.5, discont=1.0),
    call("sinc", np.array([-1.0, 0.0, 1e-8, 0.3, 2.0])),
    call("i0", np.array([0.0, -1e-8, 3.0, 7.99, -8.01])),
    call("interp", np.array([[-1.0, 0.2], [1.4, 5.0]]), np.array([0.0, 0.5, 2.0, 3.5]), array(4)),
    call("interp", 0.7, np.array([0.0, 0.5, 2.0, 3.5]), array(4)),
    call("interp", X, np.array([-1.0, 0.5, 1.0]), array(3), left=0.0, right=7.0),
    call("interp", X, np.array([-1.0, 0.5, 1.0]), array(3) + 1j),
    call("interp", X, np.array([0.9, 0.1, 0.45]), array(3), period=1.3),
    call("interp", X, np.array([0.05]), np.array([2.0]), constant=(1,)),
    call("interp", EMPTY, np.array([-1.0, 0.5, 1.0]), array(3)),
    call("polyval", array(4), X),
    call("polyval", array(1), X, constant=(1,)),
    call("polyval", [1.0, -2.0, 0.5], X[0, 0], constant=(0,)),
    call("polyval", array(3) + 1j, Z),
    call("piecewise", X, [X < 0, X > 1], [np.sin, 3.0, np.square], constant=(1, 2)),
    call("piecewise", X, [X < 0], [lambda x: x * x, lambda x: x * x.sum()], constant=(1, 2)),
    call("piecewise", X[0, 0], X[0, 0] < 0, [np.sin, np.cos], constant=(1, 2)),
]
