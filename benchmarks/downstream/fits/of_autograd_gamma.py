"""The incomplete gamma and beta functions of autograd-gamma, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_gamma

import autograd.numpy as np
from autograd import elementwise_grad, grad, hessian

_A = np.linspace(0.3, 6.0, 40)[:, None]
_X = np.linspace(0.05, 9.0, 50)[None]
_P = np.linspace(0.02, 0.98, 50)[None]


def _of_two(name: str, x: Any = _X) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        function = getattr(autograd_gamma, name)
        a, points = np.broadcast_arrays(_A, x)
        slopes = [elementwise_grad(function, argnum)(np.array(a), np.array(points)) for argnum in (0, 1)]
        return {"values": [function(a, points), *slopes]}

    return program


def _of_three(name: str) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        function = getattr(autograd_gamma, name)
        a, points = np.broadcast_arrays(_A, _P)
        slopes = [elementwise_grad(function, argnum)(np.array(a), 1.7 + 0 * a, np.array(points)) for argnum in range(3)]
        return {"values": [function(a, 1.7, points), *slopes]}

    return program


def _likelihood() -> dict[str, Any]:
    """Gradient and Hessian of the likelihood of censored times with a gamma distribution."""
    times = np.linspace(0.2, 7.0, 60)
    seen = np.arange(60) % 3 > 0

    def minus_log(p: Any) -> Any:
        scaled = times * np.exp(p[1])
        density = (np.exp(p[0]) - 1) * np.log(scaled) - scaled + p[1] - autograd_gamma.gammaln(np.exp(p[0]))
        beyond = autograd_gamma.gammainccln(np.exp(p[0]), scaled)
        return -np.sum(np.where(seen, density, beyond))

    p = np.array([0.4, -0.3])
    return {"values": [minus_log(p), *grad(minus_log)(p), *hessian(minus_log)(p).ravel()]}


PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: _of_two(name) for name in ("gammainc", "gammaincc", "gammaincln", "gammainccln")},
    **{name: _of_two(name, _P) for name in ("gammainccinv", "gammaincinv") if hasattr(autograd_gamma, name)},
    **{name: _of_three(name) for name in ("betainc", "betaincln")},
    "a likelihood, its gradient and its Hessian": _likelihood,
}
QUICK = ("gammainc", "betaincln", "a likelihood, its gradient and its Hessian")
