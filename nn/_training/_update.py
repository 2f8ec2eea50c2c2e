"""One update of the parameters: forward, backward, clipping and the optimiser's step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import Tensor
from nn._module import Module
from nn._training._attachments import takes_argument
from nn._training._batches import Split, call, samples_in
from nn._training._measures import Measures, loss_value
from nn._training._state import Diverged
from nn.utils import clip_grad_value_, clip_grads_with_norm_, get_total_norm

__all__ = ["Updater"]


class Updater:
    """Updates a model from one or several batches at a time.

    Parameters
    ----------
    model, loss, optimizer, split
        As for :func:`nn.fit`.
    clip_norm, clip_value
        Bounds of the gradient's norm and of its elements, or None.

    Attributes
    ----------
    norm : float
        That of the last gradient, before clipping; of several in a step, the first.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        optimizer: Any,
        split: Split,
        clip_norm: float | None,
        clip_value: float | None,
    ) -> None:
        for name, bound in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if bound is not None and not bound > 0:
                raise ValueError(f"fit: {name} must be positive, got {bound!r}")
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.split = split
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.norm = float("nan")
        self.takes_closure = takes_argument(optimizer.step)

    def __call__(self, batches: list[Any], measures: Measures) -> float:
        """Update once by the mean gradient over these batches; returns their mean loss."""
        seen: list[float] = []

        def closure() -> float:
            first = not seen
            seen.append(self._backward(batches, measures if first else None))
            return seen[-1]

        if self.takes_closure:  # some, such as LBFGS, ask for the loss several times in a step
            self.optimizer.step(closure)
        else:
            closure()
            self.optimizer.step()
        return seen[0]

    def _trained(self) -> list[Tensor]:
        """The parameters of this step.

        Those of the model which the optimiser does not have do not count: nobody clears their gradients.
        """
        groups = getattr(self.optimizer, "param_groups", None)
        parameters = self.model.parameters() if groups is None else (p for g in groups for p in g["params"])
        return [p for p in parameters if p.grad is not None]

    def _backward(self, batches: list[Any], measures: Measures | None) -> float:
        self.optimizer.zero_grad()
        sizes = [samples_in(batch) for batch in batches]
        summed, everything, total = getattr(self.loss, "reduction", "mean") == "sum", sum(sizes), 0.0
        for number, (batch, samples) in enumerate(zip(batches, sizes, strict=True), 1):
            inputs, target = self.split(batch)
            output = call(self.model, inputs)
            loss = self.loss(output, target)
            value = loss_value(loss, "fit")
            if measures is not None and not math.isfinite(value):  # later evaluations may be trials of a line search
                raise Diverged(f"the loss is {value}", number, batch)
            if not isinstance(loss, Tensor) or not loss.requires_grad:
                raise ValueError(
                    "fit: the loss does not depend on any trainable parameter; are all of them frozen, or does the "
                    "loss leave the graph (.data, .numpy(), no_grad)?"
                )
            share = 1.0 if summed or len(batches) == 1 else samples / everything
            (loss if share == 1.0 else loss * share).backward()
            total += value * share
            if measures is not None:
                measures.update(output, target, value, samples)
        trained = self._trained()
        norm = float(get_total_norm([p.grad for p in trained]))
        if measures is not None:
            self.norm = norm
            if not math.isfinite(norm):
                raise Diverged(f"the norm of the gradient is {norm}", len(batches), batches)
        if self.clip_norm is not None:
            clip_grads_with_norm_(trained, self.clip_norm, norm)
        if self.clip_value is not None:
            clip_grad_value_(trained, self.clip_value)
        return total
