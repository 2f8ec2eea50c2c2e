"""Operations on complex numbers, and the convention by which they are differentiated.

The derivative of a real function f of a complex variable z = x + iy is the one complex number g = ∂f/∂x - i ∂f/∂y, so
that f moves by Re(g dz) when z moves by dz. With this convention the cotangent of a holomorphic function is multiplied
by its ordinary derivative, nowhere conjugated, and rules are the same for real and complex numbers. It is that of the
established ``autograd`` package; PyTorch and TensorFlow give the complex conjugate, the direction of steepest ascent.

Where a real number meets complex ones, its cotangent is the real part of what arrives; the engine takes it, in one
place. Functions with real values of complex numbers are elementwise like any other, with a complex local derivative: 1
for the real part, -i for the imaginary part, the conjugate divided by the absolute value for that, -i / z for the
angle.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import dtype_of
from autograd.ops.elementwise import where
from autograd.primitives import Rule, elementwise, linear
from autograd.samples import Kink, Sample, array, real_or_complex

__all__ = ["angle", "conjugate", "imag", "real"]


def _one(x: Any, out: Any) -> Any:
    return dtype_of(getattr(x, "_data", x)).type(1)  # complex where the input is: so is its cotangent


real: Rule = elementwise(
    "real",
    lambda x: np.array(np.real(x)),  # an array of its own: the real part of a real array is that array
    scalar=float,
    partials=(_one,),
    symbol="Re",
    formula=r"\operatorname{Re} x",
    partial_formulas=("1",),
    domains=(real_or_complex(),),
    doc="Real part.",
    example=">>> real(Tensor(1 + 2j)).item()\n1.0",
)


def _minus_i(x: Any, out: Any) -> Any:
    dtype = dtype_of(getattr(x, "_data", x))
    return dtype.type(-1j) if dtype.kind == "c" else 0.0


imag: Rule = elementwise(
    "imag",
    lambda x: np.array(np.imag(x)),
    scalar=lambda x: 0.0,
    partials=(_minus_i,),
    symbol="Im",
    formula=r"\operatorname{Im} x",
    partial_formulas=("-i",),
    domains=(real_or_complex(),),
    doc="Imaginary part; 0 for real numbers.",
    example=">>> imag(Tensor(1 + 2j)).item()\n2.0",
)


def _turning(x: Any, out: Any) -> Any:
    """-i / x, and 0 at 0 and for real numbers, whose angle does not change."""
    x_dtype = dtype_of(getattr(x, "_data", x))
    if x_dtype.kind != "c":
        return 0.0
    zero = x == 0
    return where(zero, 0.0, x_dtype.type(-1j) / where(zero, 1.0, x))


angle: Rule = elementwise(
    "angle",
    np.angle,
    partials=(_turning,),
    symbol="arg",
    formula=r"\operatorname{arg} x",
    partial_formulas=(r"-\frac{i}{x}",),
    domains=(real_or_complex(0.5, 2.0),),
    kinks=(Kink((0.0,), (0.0,)),),
    doc="Angle in the complex plane, in radians; of a real number 0, or π where it is negative.",
    example=">>> angle(Tensor(2j)).item()\n1.5707963267948966",
)


def _samples() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    return [Sample((z,)), Sample((z[0, 0],)), Sample((array(3),)), Sample((array(0),))]


def _back(ct: Any, x: Any, out: Any) -> Any:
    return conjugate(ct)


@linear(transpose=_back, symbol="conj", formula=r"\operatorname{conj} x", samples=_samples)
def conjugate(x: Any) -> Any:
    """Complex conjugate; real numbers as they are.

    Parameters
    ----------
    x : Tensor or array_like

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> conjugate(Tensor(1 + 2j)).item()
    (1-2j)
    """
    return np.conjugate(x)
