"""Optimisation on manifolds with pymanopt, on matrices from scikit-learn's bundled data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pymanopt
from pymanopt import manifolds, optimizers
from sklearn import datasets

import autograd.numpy as anp

#: The optimisers stop at this norm of the gradient.
_GRADIENT = 1e-7


@cache
def _standardised(name: str) -> Any:
    table = np.asarray(getattr(datasets, "load_" + name)()["data"], float)
    return (table - table.mean(0)) / np.maximum(table.std(0), 1e-9)


def _run(
    manifold: Any, cost: Callable[..., Any], optimizer: str, invariant: Callable[[Any], Any], **settings: Any
) -> dict[str, Any]:
    np.random.seed(0)  # noqa: NPY002 - pymanopt draws from it
    problem = pymanopt.Problem(manifold, pymanopt.function.autograd(manifold)(cost))
    solver = getattr(optimizers, optimizer)(verbosity=0, min_gradient_norm=_GRADIENT, **settings)
    result = solver.run(problem, initial_point=manifold.random_point())
    return {"log-likelihood": result.cost, "estimates": invariant(result.point)}


def _eigenvector(optimizer: str, **settings: Any) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        table = _standardised("wine")
        matrix = table.T @ table / len(table)
        return _run(
            manifolds.Sphere(len(matrix)),
            lambda x: -x @ matrix @ x,
            optimizer,
            lambda x: np.outer(x, x),
            **settings,
        )

    return program


def _principal_components(manifold: type, optimizer: str) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        table = _standardised("breast_cancer")

        def lost(w: Any) -> Any:
            return anp.linalg.norm(table - table @ w @ w.T) ** 2 / len(table)

        return _run(manifold(table.shape[1], 3), lost, optimizer, lambda w: w @ w.T, max_iterations=3000)

    return program


def _low_rank(optimizer: str) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        table = _standardised("diabetes")[:100]

        def lost(u: Any, s: Any, vt: Any) -> Any:
            return anp.linalg.norm(u @ anp.diag(s) @ vt - table) ** 2 / len(table)

        return _run(
            manifolds.FixedRankEmbedded(*table.shape, 3),
            lost,
            optimizer,
            lambda point: point.u @ np.diag(point.s) @ point.vt,
            max_iterations=3000,
        )

    return program


def _covariance() -> dict[str, Any]:
    """The maximum-likelihood covariance of a normal distribution, over the positive definite matrices."""
    table = _standardised("iris") * np.array([0.8, 0.4, 1.8, 0.8])

    def cost(matrix: Any) -> Any:
        quadratic = anp.trace(anp.linalg.solve(matrix, table.T @ table / len(table)))
        return anp.linalg.slogdet(matrix)[1] + quadratic

    size = table.shape[1]
    return _run(manifolds.SymmetricPositiveDefinite(size), cost, "TrustRegions", lambda x: x)


def _rotation() -> dict[str, Any]:
    """The rotation that takes one set of points to another."""
    points = _standardised("iris")[:, :3]
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])

    def cost(rotation: Any) -> Any:
        return anp.sum((points @ turn.T - points @ rotation.T) ** 2 + 0.0) / len(points)

    return _run(manifolds.SpecialOrthogonalGroup(3), cost, "ConjugateGradient", lambda x: x)


PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    "dominant eigenvector, wine, TrustRegions": _eigenvector("TrustRegions"),
    "dominant eigenvector, wine, ConjugateGradient": _eigenvector("ConjugateGradient"),
    "dominant eigenvector, wine, SteepestDescent": _eigenvector("SteepestDescent", max_iterations=3000),
    "PCA on Grassmann, breast cancer, TrustRegions": _principal_components(manifolds.Grassmann, "TrustRegions"),
    "PCA on Stiefel, breast cancer, TrustRegions": _principal_components(manifolds.Stiefel, "TrustRegions"),
    "PCA on Grassmann, breast cancer, ConjugateGradient": _principal_components(
        manifolds.Grassmann, "ConjugateGradient"
    ),
    "rank 3 of diabetes, ConjugateGradient": _low_rank("ConjugateGradient"),
    "covariance of iris, TrustRegions": _covariance,
    "a rotation, iris, ConjugateGradient": _rotation,
}
QUICK = ("dominant eigenvector, wine, TrustRegions", "covariance of iris, TrustRegions")
