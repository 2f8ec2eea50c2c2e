"""Distributions and regressions of SurPyval on the data that come with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import surpyval
from surpyval import datasets


def _outcome(model: Any, bounds: Any = None) -> dict[str, Any]:
    outcome = {"log-likelihood": -model.neg_ll(), "estimates": model.params}
    return outcome if bounds is None else outcome | {"bounds": bounds}


def _distribution(name: str, load: Callable[[], dict[str, Any]], **settings: Any) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        given = load()
        model = getattr(surpyval, name).fit(**given, **settings)
        times = np.quantile(np.asarray(given["x"], float), [0.25, 0.75])
        return _outcome(model, np.array([model.cb(times, on=on) for on in ("sf", "Hf")]))

    return program


def _bearings() -> dict[str, Any]:
    return {"x": datasets.load_bearing_failures().to_numpy().ravel()}


def _truncated() -> dict[str, Any]:
    x = _bearings()["x"]
    return {"x": x, "tl": np.full_like(x, 15.0)}


def _offset() -> dict[str, Any]:
    return {"x": _bearings()["x"] + 100.0}


def _circuits() -> dict[str, Any]:
    data = datasets.load_meeker_lfp()
    return {"x": data["x"].to_numpy(), "c": data["c"].to_numpy(), "n": data["n"].to_numpy()}


def _sae() -> dict[str, Any]:
    data = datasets.load_sae()
    return {"x": data["x"].to_numpy(float), "c": data["c"].to_numpy()}


def _steel() -> dict[str, Any]:
    data = datasets.load_bofors_steel()
    return {"x": data["x"].to_numpy(float), "n": data["n"].to_numpy()}


def _lung() -> dict[str, Any]:
    data = datasets.load_lung()
    return {"x": data["time"].to_numpy(float), "c": 1 - (data["status"].to_numpy() == data["status"].max())}


def _shares() -> dict[str, Any]:
    x = _bearings()["x"]
    return {"x": x / (1.1 * x.max())}


def _regression(name: str) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        data = datasets.load_rossi_static()
        covariates = data[["fin", "age", "prio"]].to_numpy(float)
        events = data["arrest"].to_numpy()
        return _outcome(getattr(surpyval, name).fit(x=data["week"].to_numpy(float), Z=covariates, c=1 - events))

    return program


PROGRAMS: dict[str, Callable[[], dict[str, Any]]] = {
    **{
        f"{name}, bearings": _distribution(name, _bearings)
        for name in ("Weibull", "LogNormal", "Gamma", "Exponential", "Gumbel", "LogLogistic", "Normal", "Rayleigh")
    },
    "ExpoWeibull, right-censored lung": _distribution("ExpoWeibull", _lung),
    "Weibull, right-censored lung": _distribution("Weibull", _lung),
    "Gamma, right-censored lung": _distribution("Gamma", _lung),
    "LogNormal, right-censored sae": _distribution("LogNormal", _sae),
    "Weibull, truncated bearings": _distribution("Weibull", _truncated),
    "Weibull with an offset, bearings": _distribution("Weibull", _offset, offset=True),
    "Weibull of a limited failed population, circuits": _distribution("Weibull", _circuits, lfp=True),
    "Normal, counted bofors steel": _distribution("Normal", _steel),
    "Beta, bearings": _distribution("Beta", _shares),
    **{
        f"{name}, rossi": _regression(name)
        for name in ("WeibullPH", "WeibullAFT", "LogNormalAFT", "ExponentialPH", "GammaPH", "WeibullPO")
    },
}
QUICK = ("Weibull, right-censored lung", "Gamma, bearings", "WeibullPH, rossi")
