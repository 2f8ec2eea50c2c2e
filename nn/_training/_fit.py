"""Training a model: the loop that everybody writes, with what everybody adds to it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nn._checkpoint import load_checkpoint, save_checkpoint
from nn._module import Module
from nn._random import generator_or_default
from nn._training._batches import Split, as_loader, dataset_of, default_split, is_loader
from nn._training._evaluate import check_model, measure, modes_kept
from nn._training._history import History
from nn._training._interrupt import Interrupt
from nn._training._measures import Measures, Metrics
from nn._training._monitor import Monitor
from nn._training._progress import Progress, progress_of
from nn._training._state import DivergedError, Training
from nn._training._update import Diverged, Updater, needs_argument
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
    callbacks: Iterable[Any] = (),
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
        Inputs and targets: arrays ``(x, y)``, shuffled in every epoch; a data set of such samples; or a loader, which
        has its own order and batch size. The last part of a batch is the target, those before are the model's
        arguments.
    loss : callable
        Of the model's output and the target, such as ``nn.CrossEntropyLoss()``; its result is one number.
    optimizer
        Such as ``optim.Adam(model.parameters())``: anything with ``step`` and ``zero_grad``. One whose ``step`` takes a
        closure is given one.
    epochs
        Passes over the data; with ``resume``, including those already done.
    batch_size
        By default 32.
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
        Bounds of the norm of the gradient and of its elements.
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
    callbacks : iterable
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
    _check(epochs, accumulate, checkpoint_every, schedule_every, optimizer, model)
    if resume is True:
        if checkpoint is None:
            raise ValueError("fit: resume=True continues from checkpoint=, which is not given")
        resume = checkpoint if Path(checkpoint).exists() else None
    elif resume is False:
        resume = None
    saved = None if resume is None else _saved(resume)
    if saved is not None:
        seed = int(saved["seed"])
    elif seed is None:
        seed = int(generator_or_default(None).integers(2**63))

    if validation_split:
        if validation_data is not None or is_loader(train_data) or not 0 < validation_split < 1:
            raise ValueError(
                f"fit: validation_split={validation_split!r} must be between 0 and 1, and needs train_data that is no "
                f"loader, and no validation_data"
            )
        whole = dataset_of(train_data, "fit")
        train_data, validation_data = random_split(
            whole, [1 - validation_split, validation_split], np.random.default_rng(seed)
        )
    loader = as_loader(train_data, "fit", batch_size, shuffle=True, drop_last=drop_last, seed=seed)
    validation = None
    if validation_data is not None:
        validation = as_loader(validation_data, "fit", None if is_loader(validation_data) else batch_size)

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
    run = _Run(
        training=training,
        loader=loader,
        validation=validation,
        loss=loss,
        split=split,
        measures=measures,
        val_measures=val_measures,
        watch=watch,
        schedule=_Schedule(scheduler, schedule_every),
        updater=Updater(model, loss, optimizer, split, clip_norm, clip_value),
        accumulate=accumulate,
        callbacks=[_Callback(c) for c in callbacks],
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


@dataclass(kw_only=True, eq=False, repr=False)
class _Run:
    """A training from one epoch to another, with all that is going on."""

    training: Training
    loader: Any
    validation: Any
    loss: Any
    split: Split
    measures: Measures
    val_measures: Measures
    watch: Monitor
    schedule: _Schedule
    updater: Updater
    accumulate: int
    callbacks: list[_Callback]
    checkpoint: str | os.PathLike[str] | None
    checkpoint_every: int
    seed: int
    # Of the epoch under way the norms of the gradients so far, when it began, how long it took before a break, and
    # whether only its validation is left to do.
    norms: list[float] = field(default_factory=list)
    began: float = 0.0
    seconds: float = 0.0
    trained: bool = False

    # -- the course of a training ------------------------------------------------------------------------------------

    def to(self, epochs: int, progress: Progress) -> None:
        """Train until so many epochs are done, or something ends it."""
        training, history = self.training, self.training.history
        batches = len(self.loader) if hasattr(self.loader, "__len__") else None
        history.interrupted, history.stopped = False, ""
        progress.start(epochs, batches, done=len(history))
        try:
            with Interrupt() as interrupt:
                try:
                    while len(history) < epochs and not self._ended(interrupt):
                        if not self._epoch(interrupt, progress):
                            break
                        last = len(history) == epochs or bool(training.stopped) or self.watch.exhausted
                        if self.checkpoint is not None and (last or len(history) % self.checkpoint_every == 0):
                            self.save()
                except KeyboardInterrupt:
                    # Raised by something that the training calls; a second Ctrl-C is to stop everything.
                    if interrupt.requested:
                        raise
                    interrupt.requested = True
            if interrupt.requested:
                history.interrupted = True
                where = (
                    f"batch {training.batch} of epoch {training.epoch}" if training.batch else f"epoch {len(history)}"
                )
                training.stopped = f"interrupted after {where}"
            history.stopped = training.stopped or f"all {epochs} epochs done"
        finally:
            progress.close(history.stopped if history.interrupted or len(history) < epochs else "")

    def _ended(self, interrupt: Interrupt) -> bool:
        if self.watch.exhausted and not self.training.stopped:
            self.training.stopped = (
                f"stopped early: {self.watch.name} was not better than in epoch {self.watch.best_epoch} for "
                f"{self.watch.waited} epochs"
            )
        return interrupt.requested or bool(self.training.stopped)

    def _epoch(self, interrupt: Interrupt, progress: Progress) -> bool:
        """Train for an epoch, or what a break left of it, and list it; False if it was not finished."""
        self.began = time.perf_counter() - self.seconds
        self.training.epoch = len(self.training.history) + 1
        if not self.trained and not self._train(interrupt, progress):
            return False
        self.trained = True
        if not self._validate(interrupt):
            return False
        self._list(progress)
        return True

    def _train(self, interrupt: Interrupt, progress: Progress) -> bool:
        """Train for an epoch; False if it was not finished."""
        training = self.training
        for group in _groups(self.loader, self.accumulate):
            with self._located():
                training.loss = self.updater(group, self.measures)
            self.norms.append(self.updater.norm)
            training.batch += len(group)
            self.schedule.after_batch()
            progress.batch(training.epoch, training.loss, len(group))
            for callback in self.callbacks:
                callback.on_batch_end(training)
            if interrupt.requested or training.stopped:
                self.trained = len(group) < self.accumulate  # then there was no batch left
                self._save_midway()  # now, since a loader forgets where it is when its loop ends
                return False
        if not self.norms:
            raise ValueError(
                "fit: the training data gave no batches; is it empty, is a batch larger than the data with "
                "drop_last=True, or can the loader be iterated only once?"
            )
        return True

    def _validate(self, interrupt: Interrupt) -> bool:
        """Measure on validation data, if there are any; False if that was not finished."""
        if self.validation is None or measure(
            self.training.model,
            self.validation,
            self.loss,
            self.val_measures,
            self.split,
            "fit (validation)",
            lambda: interrupt.requested,
        ):
            return True
        self._save_midway()
        return False

    def _list(self, progress: Progress) -> None:
        """Put a finished epoch into the history, and get ready for the next one."""
        training = self.training
        row: dict[str, Any] = {"epoch": training.epoch, **self.measures.compute()}
        if self.validation is not None:
            row |= self.val_measures.compute("val_")
        groups = getattr(training.optimizer, "param_groups", None)
        row |= {"lr": float(groups[0]["lr"])} if groups and "lr" in groups[0] else {}
        row |= {"grad_norm": sum(self.norms) / len(self.norms), "seconds": time.perf_counter() - self.began}
        watched = row[self.watch.name]
        training.history.append(row)
        self.watch.update(training.epoch, watched, training.model)
        training.history.best_epoch = self.watch.best_epoch
        self.schedule.after_epoch(watched)
        progress.epoch(row)
        for callback in self.callbacks:
            callback.on_epoch_end(training)
        self.measures.reset()
        self.norms, self.seconds, self.trained, training.batch = [], 0.0, False, 0

    @contextmanager
    def _located(self) -> Iterator[None]:
        """A block whose numerical failures are reported with where they happened and what can be done."""
        try:
            yield
        except Diverged as failure:
            what, cause = failure.args
            training = self.training
            groups = getattr(training.optimizer, "param_groups", [{}])
            rate = f" (now {groups[0]['lr']:g})" if groups and "lr" in groups[0] else ""
            advice = cause or (
                f"lower the learning rate{rate}, clip gradients (clip_norm=1.0), scale the inputs, or look for "
                f"logarithms and divisions of 0 in the loss"
            )
            raise DivergedError(
                f"fit: {what} in epoch {training.epoch}, batch {training.batch + 1} (the loss before was "
                f"{training.loss:.6g}): {advice}; the model has the weights with which this happened",
                training.history,
            ) from None

    # -- going on later ----------------------------------------------------------------------------------------------

    def parts(self) -> dict[str, Any]:
        """What a checkpoint holds the state of."""
        parts: dict[str, Any] = {"model": self.training.model, "optimizer": self.training.optimizer, "fit": self}
        if self.schedule.scheduler is not None:
            parts["scheduler"] = self.schedule.scheduler
        if hasattr(self.loader, "state_dict"):
            parts["loader"] = self.loader
        return parts

    def save(self) -> None:
        """Write a checkpoint."""
        assert self.checkpoint is not None
        save_checkpoint(self.checkpoint, **self.parts(), epoch=len(self.training.history), seed=self.seed)

    def _save_midway(self) -> None:
        """Write a checkpoint from which an unfinished epoch can be finished, if the loader can go on where it is."""
        if self.checkpoint is not None and hasattr(self.loader, "state_dict"):
            self.save()

    def state_dict(self) -> dict[str, Any]:
        """The history, which epoch was the best one, and what is known of the one under way."""
        return {
            "history": self.training.history.to_dict(),
            "monitor": self.watch.state_dict(),
            "measures": self.measures.state_dict(),
            "norms": list(self.norms),
            "batch": self.training.batch,
            "seconds": time.perf_counter() - self.began if self.norms else 0.0,
            "trained": self.trained,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another training was.

        Raises
        ------
        ValueError
            If that one compared epochs by something else, or had other metrics.
        """
        history = History.from_dict(state["history"])
        if history.monitor != self.watch.name:
            raise ValueError(f"it was saved with monitor={history.monitor!r}, not {self.watch.name!r}")
        self.measures.load_state_dict(state["measures"])
        self.watch.load_state_dict(state["monitor"])
        self.training.history, self.training.batch = history, state["batch"]
        self.norms, self.seconds, self.trained = list(state["norms"]), state["seconds"], state["trained"]


class _Schedule:
    """A learning-rate schedule, stepped when it is to be."""

    def __init__(self, scheduler: Any, every: str) -> None:
        if scheduler is not None and not callable(getattr(scheduler, "step", None)):
            raise TypeError(f"fit: scheduler must have a method step, got {type(scheduler).__name__}")
        self.scheduler = scheduler
        self.every = every
        self.wants_value = scheduler is not None and needs_argument(scheduler.step)
        if self.wants_value and every == "batch":
            raise ValueError(
                f"fit: {type(scheduler).__name__} compares epochs, so it cannot step after every batch; leave "
                f"schedule_every='epoch'"
            )

    def after_batch(self) -> None:
        """Step, if it is stepped after every update."""
        if self.scheduler is not None and self.every == "batch":
            self.scheduler.step()

    def after_epoch(self, watched: float) -> None:
        """Step, if it is stepped after every epoch."""
        if self.scheduler is None or self.every == "batch":
            return
        if self.wants_value:
            self.scheduler.step(watched)
        else:
            self.scheduler.step()


class _Callback:
    """A callback's two methods, of which one may be missing."""

    def __init__(self, callback: Any) -> None:
        methods = [getattr(callback, name, None) for name in ("on_batch_end", "on_epoch_end")]
        if methods == [None, None]:
            if isinstance(callback, type) or not callable(callback):
                raise TypeError(
                    f"fit: a callback has a method on_batch_end or on_epoch_end, or is a function, got {callback!r}"
                )
            methods = [None, callback]
        self.on_batch_end, self.on_epoch_end = (method or _nothing for method in methods)


def _nothing(training: Training) -> None:
    """What a callback without a method does."""


def _groups(loader: Any, size: int) -> Iterator[list[Any]]:
    """The batches of a pass, so many at a time; the last ones may be fewer."""
    batches = iter(loader)
    while group := list(islice(batches, size)):
        yield group


def _saved(path: str | os.PathLike[str]) -> dict[str, Any]:
    values = load_checkpoint(path, random_state=False)
    if "seed" not in values:
        raise ValueError(f"fit: {os.fspath(path)} is a checkpoint, but not one that nn.fit made")
    return values


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
