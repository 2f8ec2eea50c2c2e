"""SciPy's special functions, of tensors and plain values: ``autograd.scipy.special``.

SciPy's functions of this kind are NumPy's ufuncs, so that they record by themselves once this module is imported:
``scipy.special.gammaln(tensor)``. Those of an order (``jv``, ``polygamma``, ``expn``) have no derivative with respect
to it, and say so; all other arguments have one, also the shapes of the incomplete gamma and beta functions and of
their inverses. Functions that are not declared here compute on plain values, and refuse what requires a gradient.

Examples
--------
>>> from autograd import grad
>>> from autograd.scipy.special import gammainc, gammaln
>>> round(float(grad(gammaln)(1.0)), 6)
-0.577216
>>> round(float(grad(gammainc)(2.0, 1.5)), 6)
-0.313489
"""

from __future__ import annotations

import builtins
from typing import Any

from scipy import special as _special

from autograd import protocols as _protocols
from autograd.numpy._namespace import lookup as _lookup
from autograd.scipy.special._bessel import lambertw as lambertw
from autograd.scipy.special._bessel import zeta as zeta
from autograd.scipy.special._entropy import log_softmax as log_softmax
from autograd.scipy.special._entropy import logsumexp as logsumexp
from autograd.scipy.special._entropy import softmax as softmax
from autograd.scipy.special._errors import normal_hazard
from autograd.scipy.special._gamma import (
    beta_density,
    betainc_derivative,
    gamma_density,
    gammainc_derivative,
)
from autograd.scipy.special._gamma import (
    multigammaln as multigammaln,
)
from autograd.scipy.special._gamma import (
    polygamma as polygamma,
)
from autograd.scipy.special._student import stdtr_derivative

_protocols.PLAIN_UFUNCS |= {_special.gammasgn}  # its derivative is 0


def __getattr__(name: str) -> Any:
    found = _lookup(_special, name)  # raises for what is not a name of SciPy's
    if not hasattr(builtins, name):  # `round` here must not stand for SciPy's in this module's examples
        globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_special)})


__all__ = [
    *(name for name in dir(_special) if not name.startswith("_")),
    "beta_density",
    "betainc_derivative",
    "gamma_density",
    "gammainc_derivative",
    "normal_hazard",
    "stdtr_derivative",
]
