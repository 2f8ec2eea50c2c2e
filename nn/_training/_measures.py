"""The loss and the metrics of a pass over the data, each under its name."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from nn import metrics as known
from nn.metrics import Mean, Metric, OnAll

__all__ = ["Measures", "loss_value"]

#: Metrics that can be asked for by the name of their function.
_NAMED: dict[str, type[Metric]] = {
    "accuracy": known.Accuracy,
    "confusion_matrix": known.ConfusionMatrix,
    "f1": known.F1,
    "mean_absolute_error": known.MeanAbsoluteError,
    "mean_squared_error": known.MeanSquaredError,
    "precision": known.Precision,
    "r2": known.R2,
    "recall": known.Recall,
    "roc_auc": known.RocAuc,
}
#: Losses whose input is one score for each sample that is positive where the class is 1.
_SIGNED = ("bcewithlogits", "binarycrossentropywithlogits", "softmargin", "hinge")

Metrics = str | Metric | Callable[..., Any] | Iterable[Any] | Mapping[str, Any]


class Measures:
    """The mean loss and any metrics, accumulated over batches.

    Parameters
    ----------
    metrics
        Names, metrics, or functions of predictions and targets; or a dictionary of such under names of one's own.
    loss
        What losses are computed with; decides how a name such as ``"accuracy"`` reads single scores.
    operation
        Names the function in errors.
    """

    def __init__(self, metrics: Metrics, loss: Any, operation: str) -> None:
        self.of_loss = Mean() if loss is not None else None
        # A sum over the batch is spread over its samples, so that batches and sets of any size compare.
        self.summed = getattr(loss, "reduction", "mean") == "sum"
        self.metrics: dict[str, Metric] = {}
        given: Iterable[tuple[str | None, Any]]
        if isinstance(metrics, Mapping):
            given = metrics.items()
        else:
            alone = isinstance(metrics, (str, Metric)) or callable(metrics)
            given = [(None, m) for m in ([metrics] if alone else metrics)]  # type: ignore[union-attr]
        for own_name, metric in given:
            name, measure = _resolved(own_name, metric, loss, operation)
            if name in self.metrics or name in ("loss", "lr", "grad_norm", "seconds", "epoch"):
                raise ValueError(
                    f"{operation}: the name {name!r} is taken; give metrics names of their own in a dictionary, such "
                    f"as {{'macro_f1': nn.metrics.F1('macro')}}"
                )
            self.metrics[name] = measure

    def reset(self) -> None:
        """Forget all batches."""
        for measure in self._all().values():
            measure.reset()

    def update(self, output: Any, target: Any, loss: float | None, samples: int) -> None:
        """Take a batch into account."""
        if self.of_loss is not None:
            assert loss is not None
            self.of_loss.update(loss / max(samples, 1) if self.summed else loss, samples)
        if self.metrics:
            plain = _detached(output)
            for metric in self.metrics.values():
                metric.update(plain, target)

    def compute(self, prefix: str = "") -> dict[str, Any]:
        """All values: numbers, and arrays as lists."""
        values = {} if self.of_loss is None else {prefix + "loss": self.of_loss.compute()}
        return values | {prefix + name: _listed(metric.compute()) for name, metric in self.metrics.items()}

    def state_dict(self) -> dict[str, Any]:
        """What was accumulated so far; not functions, which stay what they are."""
        return {
            name: {key: value for key, value in vars(measure).items() if not callable(value)}
            for name, measure in self._all().items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on accumulating where others were.

        Raises
        ------
        ValueError
            If those were others.
        """
        if state.keys() != self._all().keys():
            raise ValueError(f"it was saved with the metrics {', '.join(state)}, not {', '.join(self._all())}")
        for name, measure in self._all().items():
            vars(measure).update(state[name])

    def _all(self) -> dict[str, Metric]:
        return ({} if self.of_loss is None else {"loss": self.of_loss}) | self.metrics

    def better(self) -> dict[str, str]:
        """For each quantity whether small or large values are good: ``"min"`` or ``"max"``."""
        modes = {} if self.of_loss is None else {"loss": "min"}
        return modes | {name: "max" if m.higher_is_better else "min" for name, m in self.metrics.items()}


def loss_value(loss: Any, operation: str) -> float:
    """A loss as a number.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    size = getattr(loss, "size", 1)
    if size != 1:
        raise ValueError(
            f"{operation}: the loss must be one number, got shape {loss.shape}; use reduction='mean' or 'sum', or take "
            f"the mean in a function of your own"
        )
    try:
        return float(loss.item() if isinstance(loss, Tensor) else loss)
    except TypeError:
        raise TypeError(f"{operation}: the loss must be one number, got {type(loss).__name__}") from None


def _resolved(name: str | None, metric: Any, loss: Any, operation: str) -> tuple[str, Metric]:
    if isinstance(metric, str):
        if metric not in _NAMED:
            raise ValueError(
                f"{operation}: there is no metric {metric!r}; there are {', '.join(_NAMED)}, classes in nn.metrics "
                f"that take settings, and functions of (input, target)"
            )
        kind = _NAMED[metric]
        signed = _plain_name(loss) in _SIGNED and hasattr(kind(), "threshold")
        return name or metric, kind(threshold=0.0) if signed else kind()  # type: ignore[call-arg]
    if isinstance(metric, type) and issubclass(metric, Metric):
        metric = metric()
    if isinstance(metric, Metric):
        fresh = copy.deepcopy(metric)
        fresh.reset()
        return name or _name_of(type(metric)), fresh
    if callable(metric):
        return name or str(getattr(metric, "__name__", type(metric).__name__)), OnAll(metric)
    raise TypeError(
        f"{operation}: a metric is a name, an nn.metrics.Metric or a function of (input, target), got "
        f"{type(metric).__name__}"
    )


def _name_of(kind: type[Metric]) -> str:
    for name, other in _NAMED.items():
        if other is kind:
            return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


def _plain_name(loss: Any) -> str:
    name = getattr(loss, "__name__", type(loss).__name__)
    return str(name).lower().replace("_", "").removesuffix("loss")


def _detached(output: Any) -> Any:
    """A model's output, or all parts of it, out of the graph."""
    if isinstance(output, Mapping):
        return {name: _detached(part) for name, part in output.items()}
    if isinstance(output, (tuple, list)):
        return tuple(_detached(part) for part in output)
    return output.detach() if isinstance(output, Tensor) else output


def _listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
