"""Running a model on data without training it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn._module import Module
from nn._training._batches import Split, as_loader, call, dataset_of, default_split, is_loader, samples_in
from nn._training._measures import Measures, Metrics, loss_value
from nn._training._state import Diverged
from nn.data._collate import takes_arrays

__all__ = ["check_model", "evaluate", "measure", "modes_kept", "predict"]


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """A block after which every module is in the mode it was in before."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def check_model(model: Any, operation: str) -> None:
    """Raise unless the model is a module.

    Raises
    ------
    TypeError
        If it is not.
    """
    if not isinstance(model, Module):
        got = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(f"{operation}: model must be an nn.Module, got {got}")


def measure(
    model: Module,
    loader: Any,
    loss: Any,
    measures: Measures,
    split: Split,
    operation: str,
    *,
    finite: bool = False,
    interrupted: Callable[[], bool] = lambda: False,
) -> bool:
    """Accumulate measures over a pass in evaluation mode, recording nothing; False if it was interrupted.

    Raises
    ------
    Diverged
        If ``finite`` is asked for and a loss is not.
    ValueError
        If there are no batches.
    """
    measures.reset()
    batches = 0
    with modes_kept(model), no_grad():
        model.eval()
        for batch in loader:
            if interrupted():
                return False
            inputs, target = split(batch)
            output = call(model, inputs)
            value = None if loss is None else loss_value(loss(output, target), operation)
            batches += 1
            if finite and value is not None and not math.isfinite(value):
                raise Diverged(f"the loss is {value}", batches, batch)
            measures.update(output, target, value, samples_in(batch))
    if not batches:
        raise ValueError(f"{operation}: there are no batches to evaluate on; is the data set empty?")
    return True


def evaluate(
    model: Module,
    data: Any,
    loss: Any = None,
    metrics: Metrics = (),
    *,
    batch_size: int | None = None,
    split: Split = default_split,
) -> dict[str, Any]:
    """Measure a model on data: in evaluation mode, without recording, exactly over all batches.

    Parameters
    ----------
    model : Module
        Its mode is put back afterwards.
    data, split
        As for :func:`nn.fit`.
    loss : callable, optional
        Of the model's output and the target; its mean is weighted by the batches' sizes.
    metrics
        As for :func:`nn.fit`.
    batch_size
        By default 32; unless ``data`` is a loader.

    Returns
    -------
    dict
        ``"loss"`` and the metrics by name; arrays as lists.

    Raises
    ------
    TypeError, ValueError
        If data, loss or metrics do not fit, or there is no data.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> model = nn.Linear(2, 1)
    >>> x, y = np.ones((5, 2)), np.zeros((5, 1))
    >>> list(nn.evaluate(model, (x, y), nn.MSELoss(), metrics=["mean_absolute_error"]))
    ['loss', 'mean_absolute_error']
    """
    check_model(model, "evaluate")
    measures = Measures(metrics, loss, "evaluate")
    measure(model, as_loader(data, "evaluate", batch_size), loss, measures, split, "evaluate")
    return measures.compute()


def predict(model: Module, x: Any, batch_size: int | None = None, *, split: Split | None = None) -> Any:
    """The model's outputs for data, batch by batch: in evaluation mode, without recording.

    Parameters
    ----------
    model : Module
        Its mode is put back afterwards.
    x : array_like, tuple of array_like, DataLoader or Dataset
        An array is the model's only argument, a tuple of arrays gives several. Of a loader or data set, the last of
        several parts is a target and left out, as in :func:`nn.fit`.
    batch_size
        By default 32; unless ``x`` is a loader.
    split : callable, optional
        From a batch to its inputs and target, where the above does not fit.

    Returns
    -------
    ndarray
        All outputs, along the first axis; tuples or dictionaries of arrays, where the model returns those.

    Raises
    ------
    TypeError, ValueError
        If the data does not fit, or a loader gives no batches.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.predict(nn.Linear(2, 3), np.ones((100, 2))).shape
    (100, 3)
    """
    check_model(model, "predict")
    loader = as_loader(x, "predict", batch_size)
    if split is None:
        split = _only_inputs if isinstance(x, (np.ndarray, Tensor, tuple, Mapping)) else _without_target
    with modes_kept(model), no_grad():
        model.eval()
        outputs = [_plain(call(model, split(batch)[0])) for batch in loader]
        if not outputs:
            if is_loader(x):
                raise ValueError("predict: the loader gives no batches")
            outputs.append(_plain(call(model, split(_no_samples(dataset_of(x, "predict")))[0])))
    return _joined(outputs)


def _only_inputs(batch: Any) -> tuple[Any, Any]:
    return batch, None


def _without_target(batch: Any) -> tuple[Any, Any]:
    several = isinstance(batch, (tuple, list)) and len(batch) > 1
    return default_split(batch) if several else (batch, None)


def _no_samples(dataset: Any) -> Any:
    """A batch of no samples, which tells the shape of no outputs."""
    if not takes_arrays(dataset):
        raise ValueError("predict: the data set is empty")
    return dataset[:0]


def _plain(output: Any) -> Any:
    if isinstance(output, Mapping):
        return {name: _plain(part) for name, part in output.items()}
    if isinstance(output, (tuple, list)):
        return tuple(_plain(part) for part in output)
    return output.numpy() if isinstance(output, Tensor) else np.asarray(output)


def _joined(outputs: list[Any]) -> Any:
    first = outputs[0]
    if isinstance(first, dict):
        return {name: _joined([o[name] for o in outputs]) for name in first}
    if isinstance(first, tuple):
        return tuple(_joined(list(parts)) for parts in zip(*outputs, strict=True))
    if first.ndim == 0:
        raise ValueError("predict: the model gives one number for a whole batch, not one output for each sample")
    return np.concatenate(outputs)
