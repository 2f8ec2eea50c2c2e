"""Survival models of lifelines on the data that come with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lifelines
from lifelines import datasets
from lifelines.fitters import ParametricRegressionFitter, ParametricUnivariateFitter
from lifelines.fitters.crc_spline_fitter import CRCSplineFitter

import autograd.numpy as np


class GompertzFitter(ParametricUnivariateFitter):  # type: ignore[misc]
    """A model of one's own, as lifelines documents it: only its cumulative hazard is written."""

    _fitted_parameter_names = ("nu_", "b_")
    _bounds = ((1e-6, None), (1e-6, None))
    _initial_values = np.array([0.1, 0.05])

    def _cumulative_hazard(self, params: Any, times: Any) -> Any:
        nu, b = params
        return nu * (np.expm1(times * b))


class ExponentialRegressionFitter(ParametricRegressionFitter):  # type: ignore[misc]
    """A regression of one's own: parameters come as a dictionary."""

    _fitted_parameter_names = ("lambda_",)

    def _cumulative_hazard(self, params: Any, times: Any, Xs: Any) -> Any:
        return times / np.exp(np.dot(Xs["lambda_"], params["lambda_"]))


def _outcome(model: Any) -> dict[str, Any]:
    summary = model.summary
    return {
        "log-likelihood": model.log_likelihood_,
        "estimates": summary["coef"],
        "standard errors": summary["se(coef)"],
        "bounds": summary[[column for column in summary.columns if column.startswith("coef ")]],
    }


def _univariate(make: Callable[[], Any], fit: Callable[[Any], Any]) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        model = fit(make())
        outcome = _outcome(model)
        outcome["bounds"] = np.r_[
            np.ravel(outcome["bounds"]), np.ravel(model.confidence_interval_cumulative_hazard_[5:200:20])
        ]
        return outcome

    return program


def _waltons(model: Any) -> Any:
    data = datasets.load_waltons()
    return model.fit(data["T"], data["E"])


def _leukemia(model: Any) -> Any:
    data = datasets.load_leukemia()
    return model.fit(data["t"], data["status"])


def _lung(model: Any) -> Any:
    data = datasets.load_lung()
    return model.fit(data["time"], data["status"])


def _left_censored(model: Any) -> Any:
    data = datasets.load_nh4()
    return model.fit_left_censoring(data["NH4.mg.per.L"], ~data["Censored"])


def _interval_censored(model: Any) -> Any:
    data = datasets.load_diabetes()
    return model.fit_interval_censoring(data["left"], data["right"])


def _regression(make: Callable[[], Any], load: Callable[[], Any], duration: str, event: str, **settings: Any) -> Any:
    def program() -> dict[str, Any]:
        model = make().fit(load(), duration, event, **settings)
        return _outcome(model)

    return program


def _rossi(make: Callable[[], Any], **settings: Any) -> Any:
    return _regression(make, datasets.load_rossi, "week", "arrest", **settings)


def _intervals_aft() -> dict[str, Any]:
    data = datasets.load_diabetes()
    data["gender"] = data["gender"] == "male"
    return _outcome(lifelines.WeibullAFTFitter().fit_interval_censoring(data, "left", "right"))


_CONSTANTS = dict.fromkeys(("gamma0_", "gamma1_", "gamma2_"), "1")

PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    "WeibullFitter, waltons": _univariate(lifelines.WeibullFitter, _waltons),
    "WeibullFitter, left-censored nh4": _univariate(lifelines.WeibullFitter, _left_censored),
    "WeibullFitter, interval-censored diabetes": _univariate(lifelines.WeibullFitter, _interval_censored),
    "ExponentialFitter, waltons": _univariate(lifelines.ExponentialFitter, _waltons),
    "LogNormalFitter, waltons": _univariate(lifelines.LogNormalFitter, _waltons),
    "LogNormalFitter, left-censored nh4": _univariate(lifelines.LogNormalFitter, _left_censored),
    "LogLogisticFitter, lung": _univariate(lifelines.LogLogisticFitter, _lung),
    "GeneralizedGammaFitter, waltons": _univariate(lifelines.GeneralizedGammaFitter, _waltons),
    "PiecewiseExponentialFitter, waltons": _univariate(
        lambda: lifelines.PiecewiseExponentialFitter([20, 50]), _waltons
    ),
    "SplineFitter, lung": _univariate(lambda: lifelines.SplineFitter([60.0, 200.0, 700.0]), _lung),
    "MixtureCureFitter, leukemia": _univariate(
        lambda: lifelines.MixtureCureFitter(base_fitter=lifelines.WeibullFitter()), _leukemia
    ),
    "a Gompertz model of one's own, waltons": _univariate(GompertzFitter, _waltons),
    "WeibullAFTFitter, rossi": _rossi(lifelines.WeibullAFTFitter),
    "WeibullAFTFitter with ancillary regression, rossi": _rossi(lifelines.WeibullAFTFitter, ancillary=True),
    "WeibullAFTFitter, interval-censored diabetes": _intervals_aft,
    "LogNormalAFTFitter, rossi": _rossi(lifelines.LogNormalAFTFitter),
    "LogLogisticAFTFitter, rossi": _rossi(lifelines.LogLogisticAFTFitter),
    "LogLogisticAFTFitter, leukemia": _regression(
        lifelines.LogLogisticAFTFitter, datasets.load_leukemia, "t", "status"
    ),
    "PiecewiseExponentialRegressionFitter, rossi": _rossi(
        lambda: lifelines.PiecewiseExponentialRegressionFitter([20, 40], penalizer=0.1)
    ),
    "GeneralizedGammaRegressionFitter, rossi": _rossi(
        lambda: lifelines.GeneralizedGammaRegressionFitter(penalizer=0.1)
    ),
    "CRCSplineFitter, rossi": _rossi(
        lambda: CRCSplineFitter(3, penalizer=0.01), regressors={"beta_": "fin + age + prio", **_CONSTANTS}
    ),
    "CoxPHFitter with splines, rossi": _rossi(
        lambda: lifelines.CoxPHFitter(baseline_estimation_method="spline", n_baseline_knots=2)
    ),
    "a regression of one's own, rossi": _rossi(
        ExponentialRegressionFitter, regressors={"lambda_": "fin + age + race + prio"}
    ),
}
#: For the tests: a few of each kind that take no time.
QUICK = (
    "WeibullFitter, waltons",
    "LogNormalFitter, left-censored nh4",
    "a Gompertz model of one's own, waltons",
    "WeibullAFTFitter, rossi",
)
