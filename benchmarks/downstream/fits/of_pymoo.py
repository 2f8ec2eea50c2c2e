"""Derivatives of pymoo's test problems by its automatic differentiation, which records with autograd's inner parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pymoo.core.problem import ElementwiseProblem
from pymoo.gradient import toolbox
from pymoo.gradient.automatic import AutomaticDifferentiation, ElementwiseAutomaticDifferentiation
from pymoo.problems import get_problem

_WANTED = ["F", "G", "dF", "dG"]


def _points(problem: Any) -> Any:
    return problem.xl + (problem.xu - problem.xl) * np.random.default_rng(0).random((50, problem.n_var))


def _problem(name: str) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        problem = AutomaticDifferentiation(get_problem(name))
        return {"values": problem.evaluate(_points(problem), return_values_of=_WANTED)}

    return program


class _Elementwise(ElementwiseProblem):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(n_var=3, n_obj=2, n_ieq_constr=1, xl=0.1, xu=2.0)

    def _evaluate(self, x: Any, out: Any, *args: Any, **kwargs: Any) -> None:
        out["F"] = toolbox.stack([toolbox.sum(toolbox.exp(-x) * x), toolbox.sqrt(toolbox.sum(x**2))])
        out["G"] = toolbox.array([toolbox.prod(x) - 1.0])


def _elementwise() -> dict[str, Any]:
    problem = ElementwiseAutomaticDifferentiation(_Elementwise())
    return {"values": problem.evaluate(_points(problem), return_values_of=_WANTED)}


PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    **{
        f"{name}, values and derivatives at 50 points": _problem(name)
        for name in ("zdt1", "zdt3", "osy", "kursawe", "ackley", "welded_beam", "dtlz2", "g1", "carside", "truss2d")
    },
    "a problem of one's own, point by point": _elementwise,
}
QUICK = ("zdt1, values and derivatives at 50 points", "a problem of one's own, point by point")
