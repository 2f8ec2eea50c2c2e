"""Training a model: the loop that everybody writes, with what everybody adds to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nn._checkpoint import load_checkpoint
from nn._module import Module
from nn._random import generator_or_default
from nn._training._attachments import Callback, Schedule
from nn._training._batches import Split, as_loader, dataset_of, default_split, is_loader
from nn._training._evaluate import check_model, modes_kept
from nn._training._history import History
from nn._training._measures import Measures, Metrics
from nn._training._monitor import Monitor
from nn._training._progress import progress_of
from nn._training._run import Run
from nn._training._state import Training
from nn._training._update import Updater
from nn.data import random_split

__all__ = ["fit"]


def fit(
    model: Module,
    train_data: Any,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    epochs: int,
    *,
    batch_size: int | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
    seed: int | None = None,
    validation_data: Any = None,
    validation_split: float = 0.0,
    metrics: Metrics = (),
    scheduler: Any = None,
    schedule_every: str = "epoch",
    clip_norm: float | None = None,
    clip_value: float | None = None,
    accumulate: int = 1,
    monitor: str | None = None,
    mode: str | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    restore_best: bool | None = None,
    callbacks: Any = (),
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 1,
    resume: str | os.PathLike[str] | bool | None = None,
    split: Split = default_split,
    progress: bool | str = True,
) -> History:
    """Train a model.

    Parameters
    ----------
    model : Module
        Trained in training mode, measured on validation data in evaluation mode, and left in the mode it came in.
        Parts that are in evaluation mode while the model is in training mode, such as frozen ones, stay so.
    train_data : tuple of array_like, DataLoader or Dataset
        Inputs and targets: arrays ``(x, y)``; a data set of such samples; or a loader, which has its own order and
        batch size. The last part of a batch is the target, those before are the model's
        arguments.
    loss : callable
        Of the model's output and the target, such as ``nn.CrossEntropyLoss()``; its result is one number, taken for
        the mean over the batch unless the loss has an attribute ``reduction`` that is ``"sum"``.
    optimizer
        Such as ``optim.Adam(model.parameters())``: anything with ``step`` and ``zero_grad``. One whose ``step`` takes
        an argument is given a closure that clears the gradients, computes the loss and its gradients, and returns it.
    epochs
        Passes over the data; with ``resume``, including those already done.
    batch_size
        By default 32.
    shuffle
        Whether to visit the samples in random order.
    drop_last
        Whether to leave out a last batch with fewer samples.
    seed
        Of the order of the samples and of the split; by default drawn from the generator of :func:`nn.manual_seed`.
    validation_data
        Like ``train_data``, not shuffled.
    validation_split
        The share of ``train_data`` to be split off at random as validation data.
    metrics
        Names (``"accuracy"``, ``"f1"``, ... of the functions in :mod:`nn.metrics`), metrics with settings of their own
        (``nn.metrics.F1("macro")``), or functions of all predictions and targets of an epoch; or a dictionary of such
        under other names. Computed exactly over each epoch: of training data as it passes, in training mode, and of
        validation data after it.
    scheduler
        Of the learning rate, stepped after every epoch; one whose ``step`` needs a value, such as
        ``ReduceLROnPlateau``, is given the monitored one.
    schedule_every
        ``"epoch"``, or ``"batch"`` to step after every update.
    clip_norm, clip_value
        Bounds of the norm of the gradient, of all parameters that the optimizer has, and of its elements.
    accumulate
        How many batches make one update, by their mean gradient.
    monitor
        By what epochs are compared: ``"val_loss"`` (the default, with validation data), ``"loss"``, or a metric such as
        ``"val_accuracy"``.
    mode
        Whether its best value is the ``"min"`` or the ``"max"``; known of the loss and of metrics.
    patience
        Stop after so many epochs in a row that are not better than the best one.
    min_delta
        By how much an epoch must be better to count as such.
    restore_best
        Whether the model gets the best epoch's weights in the end, instead of the last ones; by default if there is a
        ``patience``.
    callbacks : callback or iterable of them
        Objects with methods ``on_batch_end(training)`` or ``on_epoch_end(training)`` (or functions, taken for the
        latter), given a :class:`Training`; its ``stop()`` ends the training.
    checkpoint : path, optional
        Where to save, with :func:`nn.save_checkpoint`, everything needed to go on.
    checkpoint_every
        After how many epochs; after the last one in any case.
    resume : path or bool, optional
        A checkpoint to go on from, exactly as if there had been no break; give the same arguments otherwise. True
        means ``checkpoint``, if it exists.
    split : callable, optional
        From a batch to the model's inputs (a tuple of arguments, a dictionary of named ones, or the only one) and the
        target, where that is not the last part of the batch.
    progress
        True shows a bar (with the package tqdm, where it can move) or a line for each epoch, on standard error;
        ``"bar"`` and ``"lines"`` choose, False shows nothing.

    Returns
    -------
    History
        For each epoch ``loss``, the metrics, both of validation data with the prefix ``val_``, the learning rate ``lr``
        (of the first parameter group, at the epoch's end), ``grad_norm`` (the mean over updates, before clipping) and
        ``seconds``.

    Raises
    ------
    DivergedError
        If the loss or the gradient becomes nan or infinite; the model then has the weights with which that happened.
    TypeError, ValueError
        If an argument is not valid or does not fit another.

    Notes
    -----
    The loss of an epoch is the mean over its samples: losses of batches count by their sizes. (Where the loss itself is
    a weighted mean, by class or without ignored targets, that is its approximation.)

    Ctrl-C ends the training after the batch under way; the model keeps the weights it has then (or gets the best
    epoch's, with ``restore_best``), and the history says so. The unfinished epoch is not listed; with ``checkpoint``
    it is saved as it is, and ``resume`` finishes it. A second Ctrl-C interrupts at once.

    With the same seeds the same numbers come out on the same machine.

    Examples
    --------
    >>> import numpy as np
    >>> import nn, optim
    >>> _ = nn.manual_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = (x[:, 0] > x[:, 1]).astype(int)
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> history = nn.fit(
    ...     model, (x, y), nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.01), epochs=20,
    ...     validation_split=0.2, metrics="accuracy", seed=0, progress=False,
    ... )
    >>> bool(history["val_accuracy"][-1] > 0.9)
    True
    """
    check_model(model, "fit")
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(
            f"fit: loss must be a function of the model's output and the target, such as nn.CrossEntropyLoss(), got "
            f"{loss!r}"
        )
    _check(epochs, accumulate, checkpoint_every, schedule_every, optimizer, model)
    resume = _to_resume(resume, checkpoint)
    if resume is not None:
        seed = _saved_seed(resume)  # of the order and the split that the training began with
    elif is_loader(train_data):
        if seed is not None or drop_last or not shuffle:
            raise ValueError("fit: the loader decides on seed, shuffle and drop_last, so they must not be given here")
    elif seed is None:
        seed = int(generator_or_default(None).integers(2**63))

    if validation_split:
        train_data, validation_data = _split_off(train_data, validation_data, validation_split, seed)
    loader = as_loader(train_data, "fit", batch_size, shuffle=shuffle, drop_last=drop_last, seed=seed)
    validation = None
    if validation_data is not None:
        validation = as_loader(validation_data, "fit", None if is_loader(validation_data) else batch_size)
        if hasattr(validation, "__len__") and not len(validation):
            raise ValueError("fit: the validation data are empty; is validation_split less than one sample?")

    measures, val_measures = Measures(metrics, loss, "fit"), Measures(metrics, loss, "fit")
    modes = measures.better()
    if validation is not None:
        modes |= {f"val_{name}": way for name, way in modes.items()}
    monitor = monitor or ("loss" if validation is None else "val_loss")
    if monitor not in modes:
        raise ValueError(f"fit: there is no {monitor!r} to monitor; there are {', '.join(modes)}")
    keep = patience is not None if restore_best is None else restore_best
    watch = Monitor(monitor, mode or modes[monitor], min_delta, patience, keep)

    training = Training(model, optimizer, History(monitor))
    run = Run(
        training=training,
        loader=loader,
        validation=validation,
        loss=loss,
        split=split,
        measures=measures,
        val_measures=val_measures,
        watch=watch,
        schedule=Schedule(scheduler, schedule_every),
        updater=Updater(model, loss, optimizer, split, clip_norm, clip_value),
        accumulate=accumulate,
        callbacks=[Callback(c) for c in (callbacks if isinstance(callbacks, Iterable) else [callbacks])],
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        seed=seed,
    )
    if resume is not None:
        load_checkpoint(resume, **run.parts())
    with modes_kept(model):
        if not model.training:
            model.train()
        run.to(epochs, progress_of(progress))
    if keep and watch.weights is not None:
        model.load_state_dict(watch.weights)
    return training.history


def _to_resume(
    resume: str | os.PathLike[str] | bool | None, checkpoint: str | os.PathLike[str] | None
) -> str | os.PathLike[str] | None:
    if not isinstance(resume, bool):
        return resume
    if resume and checkpoint is None:
        raise ValueError("fit: resume=True continues from checkpoint=, which is not given")
    return checkpoint if resume and Path(checkpoint or "").exists() else None


def _saved_seed(path: str | os.PathLike[str]) -> int | None:
    values = load_checkpoint(path, random_state=False)
    if "seed" not in values:
        raise ValueError(f"fit: {os.fspath(path)} is a checkpoint, but not one that nn.fit made")
    return None if values["seed"] is None else int(values["seed"])


def _split_off(train_data: Any, validation_data: Any, share: float, seed: int | None) -> Any:
    if validation_data is not None or is_loader(train_data) or not 0 < share < 1:
        raise ValueError(
            f"fit: validation_split={share!r} must be between 0 and 1, and needs train_data that is no loader, and no "
            f"validation_data"
        )
    whole = dataset_of(train_data, "fit")
    return random_split(whole, [1 - share, share], np.random.default_rng(seed))


def _check(
    epochs: int, accumulate: int, checkpoint_every: int, schedule_every: str, optimizer: Any, model: Module
) -> None:
    for name, value in (("epochs", epochs), ("accumulate", accumulate), ("checkpoint_every", checkpoint_every)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < (name != "epochs"):
            raise ValueError(f"fit: {name} must be a positive integer, got {value!r}")
    if schedule_every not in ("epoch", "batch"):
        raise ValueError(f"fit: schedule_every must be 'epoch' or 'batch', got {schedule_every!r}")
    if isinstance(optimizer, type) or not all(hasattr(optimizer, name) for name in ("step", "zero_grad")):
        raise TypeError(
            f"fit: optimizer must have methods step and zero_grad, got {optimizer!r}; make one such as "
            f"optim.Adam(model.parameters())"
        )
    groups = getattr(optimizer, "param_groups", None)
    if groups is not None:
        own = {id(parameter) for parameter in model.parameters()}
        if not any(id(parameter) in own for group in groups for parameter in group["params"]):
            raise ValueError(
                "fit: the optimizer has none of the model's parameters; make it with model.parameters() of this model"
            )
