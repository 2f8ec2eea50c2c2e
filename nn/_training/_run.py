"""A training from one epoch to another: the loop, its interruptions, and what is needed to go on later."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from nn._checkpoint import save_checkpoint
from nn._training._attachments import Callback, Schedule
from nn._training._batches import Split, not_finite
from nn._training._evaluate import measure
from nn._training._history import History
from nn._training._interrupt import Interrupt
from nn._training._measures import Measures
from nn._training._monitor import Monitor
from nn._training._progress import Progress
from nn._training._state import Diverged, DivergedError, Training
from nn._training._update import Updater

__all__ = ["Run"]


@dataclass(kw_only=True, eq=False, repr=False)
class Run:
    """A training from one epoch to another, with all that is going on."""

    training: Training
    loader: Any
    validation: Any
    loss: Any
    split: Split
    measures: Measures
    val_measures: Measures
    watch: Monitor
    schedule: Schedule
    updater: Updater
    accumulate: int
    callbacks: list[Callback]
    checkpoint: str | os.PathLike[str] | None
    checkpoint_every: int
    seed: int | None
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
        unsaved = False
        progress.start(epochs, batches, done=len(history))
        try:
            with Interrupt() as interrupt:
                try:
                    while len(history) < epochs and not self._ended(interrupt):
                        if not self._epoch(interrupt, progress):
                            break
                        unsaved = self.checkpoint is not None
                        if unsaved and len(history) % self.checkpoint_every == 0:
                            self.save()
                            unsaved = False
                    else:  # for whichever reason it ends here, between two epochs
                        if unsaved:
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
            history.stopped = training.stopped or ("1 epoch done" if epochs == 1 else f"all {epochs} epochs done")
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
            with self._located(f"epoch {training.epoch}", after=training.batch):
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
        if self.validation is None:
            return True
        with self._located(f"the validation after epoch {self.training.epoch}", after=0):
            finished = measure(
                self.training.model,
                self.validation,
                self.loss,
                self.val_measures,
                self.split,
                "fit",
                finite=True,
                interrupted=lambda: interrupt.requested,
            )
        if not finished:
            self._save_midway()
        return finished

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
    def _located(self, where: str, after: int) -> Iterator[None]:
        """A block whose numerical failures are reported with where they happened and what can be done."""
        try:
            yield
        except Diverged as failure:
            training = self.training
            groups = getattr(training.optimizer, "param_groups", [{}])
            rate = f" (now {groups[0]['lr']:g})" if groups and "lr" in groups[0] else ""
            advice = (
                "clean the data, as this batch itself holds such numbers"
                if not_finite(failure.data)
                else f"lower the learning rate{rate}, clip gradients (clip_norm=1.0), scale the inputs, or look for "
                f"logarithms and divisions of 0 in the loss"
            )
            before = "" if math.isnan(training.loss) else f" (the loss before was {training.loss:.6g})"
            raise DivergedError(
                f"fit: {failure} in {where}, batch {after + failure.batch}{before}; {advice}. The model has the "
                f"weights with which this happened",
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


def _groups(loader: Any, size: int) -> Iterator[list[Any]]:
    """The batches of a pass, so many at a time; the last ones may be fewer."""
    batches = iter(loader)
    while group := list(islice(batches, size)):
        yield group
