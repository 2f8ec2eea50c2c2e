"""Bessel functions: differentiated by their argument, not by their order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import special

from autograd._values import dtype_of
from autograd.ops import exp
from autograd.ops.elementwise import sign
from autograd.ops.special import i0
from autograd.primitives import UFUNCS, Rule, custom
from autograd.samples import Domain, Sample, array, real
from autograd.scipy._declaring import fixed, implements, in_precision_of, plain, special_function

__all__: list[str] = []

_ARGUMENT = real(0.5, 6.0)


def _of_one(name: str, partial: Any, partial_formula: str, symbol: str, doc: str, value: str) -> Rule:
    return special_function(
        name,
        getattr(special, name),
        partials=(partial,),
        symbol=symbol,
        formula=rf"\operatorname{{{name}}}(x)",
        partial_formulas=(partial_formula,),
        domains=(_ARGUMENT,),
        doc=doc,
        example=f">>> round({name}(Tensor(1.0)).item(), 9)\n{value}",
    )


def _of_order(name: str, partial: Any, partial_formula: str, symbol: str, doc: str, value: str) -> Rule:
    return special_function(
        name,
        getattr(special, name),
        partials=(None, partial),
        symbol=symbol,
        formula=rf"\operatorname{{{name}}}(x_1, x_2)",
        partial_formulas=("0", partial_formula),
        domains=(Domain(0.0, 3.0, whole=True), _ARGUMENT),
        parameters=("v", "x"),
        doc=doc + " It has no derivative with respect to the order.",
        example=f">>> round({name}(1, Tensor(1.0)).item(), 9)\n{value}",
    )


def _sides(name: str, join: str, argument: str = "x_2", order: str = "x_1") -> str:
    lower, upper = (rf"\operatorname{{{name}}}({order} {step} 1, {argument})" for step in "-+")
    return rf"\frac{{{lower} {join} {upper}}}{{2}}"


def _sign(x: Any) -> Any:
    """The sign of a real number: of complex ones the scale is not differentiable."""
    if dtype_of(plain(x)).kind == "c":
        raise TypeError("ive of complex numbers has no complex derivative; use iv, which is not scaled")
    return sign(x)


# ---------------------------------------------------------------------------------------------------------------------
# Of any order
# ---------------------------------------------------------------------------------------------------------------------

_jv: Rule = _of_order(
    "jv",
    lambda v, x, out: (_jv(plain(v) - 1, x) - _jv(plain(v) + 1, x)) / 2,
    _sides("jv", "-"),
    "Jᵥ",
    "Bessel function of the first kind, of real order; also called jn.",
    "0.440050586",
)
_yv: Rule = _of_order(
    "yv",
    lambda v, x, out: (_yv(plain(v) - 1, x) - _yv(plain(v) + 1, x)) / 2,
    _sides("yv", "-"),
    "Yᵥ",
    "Bessel function of the second kind, of real order.",
    "-0.781212821",
)
_yn: Rule = _of_order(
    "yn",
    lambda v, x, out: (_yn(plain(v) - 1, x) - _yn(plain(v) + 1, x)) / 2,
    _sides("yn", "-"),
    "Yₙ",
    "Bessel function of the second kind, of whole order.",
    "-0.781212821",
)
_iv: Rule = _of_order(
    "iv",
    lambda v, x, out: (_iv(plain(v) - 1, x) + _iv(plain(v) + 1, x)) / 2,
    _sides("iv", "+"),
    "Iᵥ",
    "Modified Bessel function of the first kind, of real order.",
    "0.565159104",
)
_ive: Rule = _of_order(
    "ive",
    lambda v, x, out: (_ive(plain(v) - 1, x) + _ive(plain(v) + 1, x)) / 2 - _sign(x) * out,
    _sides("ive", "+") + r" - \operatorname{ive}(x_1, x_2)",
    "e⁻ˣ Iᵥ",
    "Modified Bessel function of the first kind, scaled by the exponential of minus the size of its argument.",
    "0.207910415",
)
_kv: Rule = _of_order(
    "kv",
    lambda v, x, out: -(_kv(plain(v) - 1, x) + _kv(plain(v) + 1, x)) / 2,
    "-" + _sides("kv", "+"),
    "Kᵥ",
    "Modified Bessel function of the second kind, of real order.",
    "0.60190723",
)
_kve: Rule = _of_order(
    "kve",
    lambda v, x, out: out - (_kve(plain(v) - 1, x) + _kve(plain(v) + 1, x)) / 2,
    r"\operatorname{kve}(x_1, x_2) - " + _sides("kve", "+"),
    "eˣ Kᵥ",
    "Modified Bessel function of the second kind, scaled by the exponential of its argument.",
    "1.636153486",
)
for _operation in (_jv, _yv, _yn, _iv, _ive, _kv, _kve):
    fixed(_operation, "v")

# ---------------------------------------------------------------------------------------------------------------------
# Of order 0 and 1
# ---------------------------------------------------------------------------------------------------------------------

j0: Rule = _of_one(
    "j0",
    lambda x, out: -j1(x),
    r"-\operatorname{j1}(x)",
    "J₀",
    "Bessel function of the first kind, of order 0.",
    "0.765197687",
)
j1: Rule = _of_one(
    "j1",
    lambda x, out: (j0(x) - _jv(2, x)) / 2,
    r"\frac{\operatorname{j0}(x) - \operatorname{jv}(2, x)}{2}",
    "J₁",
    "Bessel function of the first kind, of order 1.",
    "0.440050586",
)
y0: Rule = _of_one(
    "y0",
    lambda x, out: -y1(x),
    r"-\operatorname{y1}(x)",
    "Y₀",
    "Bessel function of the second kind, of order 0.",
    "0.088256964",
)
y1: Rule = _of_one(
    "y1",
    lambda x, out: (y0(x) - _yv(2, x)) / 2,
    r"\frac{\operatorname{y0}(x) - \operatorname{yv}(2, x)}{2}",
    "Y₁",
    "Bessel function of the second kind, of order 1.",
    "-0.781212821",
)
UFUNCS[special.i0] = i0  # which NumPy has, too
i1: Rule = _of_one(
    "i1",
    lambda x, out: (i0(x) + _iv(2, x)) / 2,
    r"\frac{\operatorname{i0}(x) + \operatorname{iv}(2, x)}{2}",
    "I₁",
    "Modified Bessel function of the first kind, of order 1.",
    "0.565159104",
)
i0e: Rule = _of_one(
    "i0e",
    lambda x, out: i1e(x) - sign(x) * out,
    r"\operatorname{i1e}(x) - \operatorname{i0e}(x)",
    "e⁻ˣ I₀",
    "Modified Bessel function of order 0, scaled by the exponential of minus the size of its argument.",
    "0.465759608",
)
i1e: Rule = _of_one(
    "i1e",
    lambda x, out: (i0e(x) + _ive(2, x)) / 2 - sign(x) * out,
    r"\frac{\operatorname{i0e}(x) + \operatorname{ive}(2, x)}{2} - \operatorname{i1e}(x)",
    "e⁻ˣ I₁",
    "Modified Bessel function of order 1, scaled by the exponential of minus the size of its argument.",
    "0.207910415",
)
k0: Rule = _of_one(
    "k0",
    lambda x, out: -k1(x),
    r"-\operatorname{k1}(x)",
    "K₀",
    "Modified Bessel function of the second kind, of order 0.",
    "0.421024438",
)
k1: Rule = _of_one(
    "k1",
    lambda x, out: -(k0(x) + _kv(2, x)) / 2,
    r"-\frac{\operatorname{k0}(x) + \operatorname{kv}(2, x)}{2}",
    "K₁",
    "Modified Bessel function of the second kind, of order 1.",
    "0.60190723",
)

# ---------------------------------------------------------------------------------------------------------------------
# Others that are differentiated by one argument
# ---------------------------------------------------------------------------------------------------------------------


def _zeta(x: Any, q: Any) -> Any:
    return in_precision_of(q, special.zeta(x, q))


_zeta_of_any: Rule = special_function(
    "zeta",
    _zeta,
    partials=(None, lambda x, q, out: -plain(x) * _zeta_of_any(plain(x) + 1, q)),
    symbol="ζ",
    formula=r"\operatorname{zeta}(x_1, x_2)",
    partial_formulas=("0", r"-x_1 \operatorname{zeta}(x_1 + 1, x_2)"),
    domains=(real(1.5, 3.0), real(0.5, 3.0)),
    parameters=("x", "q"),
    doc="Hurwitz zeta function, differentiated by its second argument.",
    example=">>> round(zeta(2.0, Tensor(1.0)).item(), 9)\n1.644934067",
)


@implements(special.zeta)
def zeta(x: Any, q: Any = None) -> Any:
    """Hurwitz zeta function, or Riemann's where there is no ``q``; it has no derivative with respect to ``x``."""
    return fixed(_zeta_of_any, "x")(x, 1.0 if q is None else q)


def _samples_lambertw() -> Iterable[Sample]:
    z = 1.5 + array(2, 3) / 2 + 1j * array(2, 3, seed=1)
    return [Sample((z,), {"k": 0}), Sample((z[0, 0],), {"k": 1}), Sample((abs(array(3)) + 0.5,)), Sample((z[:0],))]


def _lambertw_slope(out: Any) -> Any:
    return 1 / (exp(out) * (1 + out))


@custom(
    vjps=(lambda ct, z, out, *, k, tol: ct * _lambertw_slope(out),),
    jvp=lambda tangents, z, out, *, k, tol: tangents[0] * _lambertw_slope(out),
    symbol="W",
    formula=r"w,\ w e^w = x",
    samples=_samples_lambertw,
)
def lambertw(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    """Lambert's function, the inverse of ``w * exp(w)``.

    Parameters
    ----------
    z : Tensor or array_like
        Real or complex.
    k : int
        The branch.
    tol : float
        How exactly to compute it.

    Returns
    -------
    Tensor
        Complex, of the same shape.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.special import lambertw
    >>> lambertw(Tensor(0.0)).item()
    0j
    """
    dtype = np.result_type(dtype_of(z), np.complex64)
    return np.asarray(special.lambertw(z, k, tol), dtype)[()]
