"""Fitters of reliability on the data that come with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from reliability import ALT_fitters, Datasets, Fitters

_QUIET = {"show_probability_plot": False, "print_results": False}


def _outcome(fit: Any) -> dict[str, Any]:
    results = fit.results
    return {
        "log-likelihood": fit.loglik,
        "estimates": np.asarray(results["Point Estimate"], float),
        "standard errors": np.asarray(results["Standard Error"], float),
        "bounds": np.asarray(results[["Lower CI", "Upper CI"]], float),
    }


def _life(fitter: str, data: str, censored: bool = True) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        sample = getattr(Datasets, data)()
        still_running = (getattr(sample, "right_censored", None) or None) if censored else None
        return _outcome(
            getattr(Fitters, "Fit_" + fitter)(failures=sample.failures, right_censored=still_running, **_QUIET)
        )

    return program


def _beta() -> dict[str, Any]:
    failures = np.asarray(Datasets.mileage().failures)
    return _outcome(Fitters.Fit_Beta_2P(failures=failures / (1.1 * failures.max()), **_QUIET))


def _alt(fitter: str, data: str, level: Any) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        sample = vars(getattr(Datasets, data)())
        named = {
            "failures": sample["failures"],
            "right_censored": sample.get("right_censored"),
            "use_level_stress": level,
        }
        stresses = [name for name in sample if name.startswith("failure_stress")]
        censored = [name for name in sample if name.startswith("right_censored_stress")]
        numbers = [""] if len(stresses) == 1 else ["_1", "_2"]
        named |= {f"failure_stress{n}": sample[name] for n, name in zip(numbers, stresses, strict=True)}
        if censored:
            named |= {f"right_censored_stress{n}": sample[name] for n, name in zip(numbers, censored, strict=True)}
        fit = getattr(ALT_fitters, "Fit_" + fitter)
        return _outcome(fit(**named, show_life_stress_plot=False, **_QUIET))

    return program


PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    "Fit_Weibull_2P, automotive": _life("Weibull_2P", "automotive"),
    "Fit_Weibull_2P, defective_sample": _life("Weibull_2P", "defective_sample"),
    "Fit_Weibull_3P, mileage": _life("Weibull_3P", "mileage"),
    "Fit_Gamma_2P, mileage": _life("Gamma_2P", "mileage"),
    "Fit_Gamma_2P, automotive": _life("Gamma_2P", "automotive"),
    "Fit_Lognormal_2P, automotive": _life("Lognormal_2P", "automotive"),
    "Fit_Lognormal_3P, mileage": _life("Lognormal_3P", "mileage"),
    "Fit_Loglogistic_2P, automotive": _life("Loglogistic_2P", "automotive"),
    "Fit_Loglogistic_3P, mileage": _life("Loglogistic_3P", "mileage"),
    "Fit_Normal_2P, mileage": _life("Normal_2P", "mileage"),
    "Fit_Gumbel_2P, mileage": _life("Gumbel_2P", "mileage"),
    "Fit_Exponential_1P, automotive": _life("Exponential_1P", "automotive"),
    "Fit_Exponential_2P, automotive": _life("Exponential_2P", "automotive"),
    "Fit_Beta_2P, mileage": _beta,
    "Fit_Weibull_Mixture, failures of defective_sample": _life("Weibull_Mixture", "defective_sample", censored=False),
    "Fit_Weibull_CR, failures of mixture": _life("Weibull_CR", "mixture", censored=False),
    "Fit_Weibull_DS, defective_sample": _life("Weibull_DS", "defective_sample"),
    "Fit_Weibull_Exponential, ALT_temperature": _alt("Weibull_Exponential", "ALT_temperature", 50),
    "Fit_Weibull_Eyring, ALT_temperature4": _alt("Weibull_Eyring", "ALT_temperature4", 300),
    "Fit_Weibull_Power, ALT_load2": _alt("Weibull_Power", "ALT_load2", 60),
    "Fit_Lognormal_Exponential, ALT_temperature": _alt("Lognormal_Exponential", "ALT_temperature", 50),
    "Fit_Normal_Power, ALT_load": _alt("Normal_Power", "ALT_load", 60),
    "Fit_Exponential_Eyring, ALT_temperature2": _alt("Exponential_Eyring", "ALT_temperature2", 300),
    "Fit_Weibull_Dual_Exponential, ALT_temperature_humidity": _alt(
        "Weibull_Dual_Exponential", "ALT_temperature_humidity", [300, 0.2]
    ),
    "Fit_Lognormal_Power_Exponential, ALT_temperature_voltage": _alt(
        "Lognormal_Power_Exponential", "ALT_temperature_voltage", [330, 2.5]
    ),
}
QUICK = ("Fit_Weibull_2P, automotive", "Fit_Gamma_2P, automotive", "Fit_Weibull_Power, ALT_load2")
