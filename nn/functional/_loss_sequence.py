"""Losses of sequences whose timing is unknown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ops
from autograd.primitives import raw, scope_note
from nn._inputs import floating
from nn.functional._reduction import check_reduction, reduced

__all__ = ["ctc_loss"]


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """Negative log-likelihood of sequences of labels of unknown timing: connectionist temporal classification.

    The steps of a sample each have probabilities of C classes, one of which is the blank. A sequence of labels is read
    from them by joining repetitions and dropping blanks then; its likelihood is the sum over all ways to get it.

    Parameters
    ----------
    log_probs : Tensor or array_like
        ``(T, N, C)``, or ``(T, C)`` of one sample: log-probabilities such as :func:`log_softmax` gives.
    targets : Tensor or array_like
        Labels: ``(N, S)``, where each row is read up to its length, or those of all samples joined into one row; of one
        sample ``(S,)``.
    input_lengths : Tensor, array_like or int
        ``(N,)``: how many steps of each sample count, at most T.
    target_lengths : Tensor, array_like or int
        ``(N,)``: how many labels each sample has.
    blank : int
        The class that is no label.
    reduction
        ``"mean"`` divides each loss by its number of labels and averages then; ``"sum"``; ``"none"`` for a loss per
        sample.
    zero_infinity
        Count 0 for sequences that cannot be read from so few steps (one step for each label, and a blank between equal
        ones), where the loss is infinite. The gradient is 0 there in any case.

    Returns
    -------
    Tensor
        A scalar, or with ``"none"`` ``(N,)`` (of one sample without this axis).

    Raises
    ------
    TypeError
        If labels or lengths are not integers.
    ValueError
        If a shape, a length or a label does not fit, or ``reduction`` is not known.

    Notes
    -----
    Graves et al., "Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural
    networks" (2006). The gradient is the derivative by each log-probability. PyTorch's differs from it by a term that
    vanishes behind a log-softmax, where both agree.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> even = Tensor(np.log(np.full((2, 1, 2), 0.5)))
    >>> loss = ctc_loss(even, [[1]], [2], [1])
    >>> round(float(np.exp(-loss.data)), 3)  # three of the four ways: 1 1, 1 blank, blank 1
    0.75
    """
    check_reduction(reduction, "ctc_loss")
    x = floating(log_probs, "ctc_loss")
    alone = x.ndim == 2
    if x.ndim not in (2, 3):
        raise ValueError(f"ctc_loss: log_probs must have shape (T, N, C) or (T, C), got {x.shape}{scope_note()}")
    if alone:
        x = ops.reshape(x, (x.shape[0], 1, x.shape[1]))
    steps, samples, classes = x.shape
    if not isinstance(blank, (int, np.integer)) or not 0 <= blank < classes:
        raise ValueError(f"ctc_loss: blank must be one of the classes 0 to {classes - 1}, got {blank!r}{scope_note()}")
    in_steps = _lengths("input_lengths", input_lengths, samples)
    in_labels = _lengths("target_lengths", target_lengths, samples)
    if samples and in_steps.max() > steps:
        raise ValueError(
            f"ctc_loss: log_probs have {steps} steps, but input_lengths has {in_steps.max()}{scope_note()}"
        )
    labels = _labels(targets, in_labels, classes, blank, alone)
    losses = ops.ctc(x, targets=labels, input_lengths=in_steps, target_lengths=in_labels, blank=int(blank))
    if zero_infinity:
        losses = ops.where(losses == math.inf, 0.0, losses)
    if reduction == "mean":
        losses = losses / (in_labels + (in_labels == 0)).astype(x.dtype)
    return reduced(ops.reshape(losses, ()) if alone and reduction == "none" else losses, reduction)


def _integers(name: str, given: Any) -> np.ndarray[Any, Any]:
    values = np.asarray(raw(given, "ctc_loss"))
    if not values.size:
        return values.astype(np.int64)
    if values.dtype.kind not in "iu":
        raise TypeError(f"ctc_loss: {name} must hold integers, got {values.dtype} {values.shape}{scope_note()}")
    return values.astype(np.int64)


def _lengths(name: str, given: Any, samples: int) -> np.ndarray[Any, Any]:
    lengths = _integers(name, given)
    if lengths.shape != (samples,) and not (lengths.ndim == 0 and samples == 1):
        raise ValueError(
            f"ctc_loss: {name} must hold one length for each of the {samples} samples, got shape {lengths.shape}"
            f"{scope_note()}"
        )
    if (lengths < 0).any():
        raise ValueError(f"ctc_loss: {name} must not be negative, got {lengths.min()}{scope_note()}")
    return lengths.reshape(samples)


def _labels(targets: Any, lengths: np.ndarray[Any, Any], classes: int, blank: int, alone: bool) -> np.ndarray[Any, Any]:
    """Labels in rows, one for each sample, of equal lengths."""
    labels = _integers("targets", targets)
    longest = int(lengths.max()) if lengths.size else 0
    read = np.arange(longest) < lengths[:, None]
    if labels.ndim == 1 or (labels.ndim == 0 and alone):
        if labels.size != lengths.sum():
            raise ValueError(
                f"ctc_loss: targets in one row must hold as many labels as target_lengths say, {lengths.sum()}, got "
                f"{labels.size}{scope_note()}"
            )
        rows = np.full(read.shape, blank)
        rows[read] = labels.reshape(-1)
    elif labels.ndim == 2 and not alone and len(labels) == len(lengths) and labels.shape[1] >= longest:
        rows = labels[:, :longest]
    else:
        raise ValueError(
            f"ctc_loss: for {len(lengths)} samples of up to {longest} labels targets must have shape "
            f"({len(lengths)}, {longest}) or be one row of {lengths.sum()}, got {labels.shape}{scope_note()}"
        )
    wrong = rows[read & ((rows < 0) | (rows >= classes) | (rows == blank))]
    if wrong.size:
        raise ValueError(
            f"ctc_loss: target {wrong[0]} is no label; labels are the classes 0 to {classes - 1} without the blank "
            f"{blank}{scope_note()}"
        )
    return rows
