"""Connectionist temporal classification: the likelihood of a sequence of labels, whatever their timing.

At each step one of C classes is emitted. Emissions read as a sequence of labels when repetitions are joined and blanks
dropped then. A path runs through the *states* ``blank, y1, blank, y2, ..., blank`` of its labels: it may stay, go on to
the next state, or leave out a blank between different labels. Sums over all paths follow from one step to the next,
forwards from the beginning (alpha) and backwards from the end (beta), in logarithms throughout: single steps may
differ by more than the range of a float.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.ops.activations import hardtanh
from autograd.ops.elementwise import where
from autograd.ops.indexing import getitem
from autograd.ops.reductions import logsumexp
from autograd.ops.shape import astype, concatenate, stack
from autograd.primitives import fused
from autograd.samples import Sample, array

__all__ = ["ctc"]

Array = ndarray[Any, Any]


def _states(targets: Array, target_lengths: Array, blank: int) -> tuple[Array, Array]:
    """The class of each state, and where the state may be reached from the last but one."""
    n, s = targets.shape
    classes = np.full((n, 2 * s + 1), blank)
    classes[:, 1::2] = np.where(np.arange(s) < target_lengths[:, None], targets, blank)
    leaps = np.zeros(classes.shape, bool)
    leaps[:, 2:] = (classes[:, 2:] != blank) & (classes[:, 2:] != classes[:, :-2])
    return classes, leaps


def _log_sum(a: Array, b: Array, c: Array) -> Array:
    """Logarithm of the sum of three exponentials, any of which may be 0."""
    top = np.maximum(np.maximum(a, b), c)
    top[top == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        total: Array = np.log(np.exp(a - top) + np.exp(b - top) + np.exp(c - top)) + top
    return total


#: The logarithm of 0 among gates, whose gradients infinity would turn into nan.
_NEVER = -1e30


def _ctc_gates(log_probs: Any, targets: Array, input_lengths: Array, target_lengths: Array, blank: int = 0) -> Any:
    classes, leaps = _states(targets, target_lengths, blank)
    samples, states = classes.shape
    never = np.full((samples, 1), _NEVER)
    emitted = getitem(astype(log_probs, np.float64), (slice(None), np.arange(samples)[:, None], classes))
    emitted = hardtanh(emitted, _NEVER, np.inf)
    barrier = np.where(leaps, 0.0, _NEVER)
    alpha: Any = np.full((samples, states), _NEVER)
    alpha[:, 0] = 0.0  # before the first step a path is, as it were, in the first blank
    for t in range(log_probs.shape[0]):
        one = concatenate([never, alpha[:, :-1]], axis=1)
        two = concatenate([never, one[:, :-1]], axis=1) + barrier
        following = logsumexp(stack([alpha, one, two]), axis=0) + emitted[t]
        alpha = where((t < input_lengths)[:, None], following, alpha)
    ends = concatenate([never, alpha], axis=1)
    rows = np.arange(samples)
    total = logsumexp(stack([ends[rows, 2 * target_lengths + 1], ends[rows, 2 * target_lengths]]), axis=0)
    return astype(where(total < 0.1 * _NEVER, np.inf, -total), log_probs.dtype)


def _ctc_pullback(
    needed: Any,
    ct: Any,
    residuals: Any,
    log_probs: Any,
    out: Any,
    *,
    targets: Array,
    input_lengths: Array,
    target_lengths: Array,
    blank: int,
) -> tuple[Any]:
    classes, barrier, emitted, alphas, likelihood = residuals
    steps, samples, states = emitted.shape
    # Impossible sequences have no path to share the gradient.
    offset = np.where(likelihood == -np.inf, 0.0, likelihood)[:, None]
    weights = np.zeros(emitted.shape)
    rows = np.arange(samples)
    # Beta with two states of likelihood 0 at its end: `beta[:, l + k]` is what follows k states on.
    beta = np.full((samples, states + 2), -np.inf)
    beta[rows, 2 * target_lengths] = 0.0
    beta[rows, np.maximum(2 * target_lengths - 1, 0)] = 0.0
    leap = np.full((samples, states), -np.inf)
    leap[:, :-2] = barrier[:, 2:]
    for t in range(steps - 1, -1, -1):
        active = (t < input_lengths)[:, None]
        weights[t] = np.exp(alphas[t + 1, :, 2:] + beta[:, :-2] - offset) * active
        onward = beta.copy()
        onward[:, :-2] += emitted[t]
        before = _log_sum(onward[:, :-2], onward[:, 1:-1], onward[:, 2:] + leap)
        beta[:, :-2] = np.where(active, before, beta[:, :-2])
    weights *= -np.asarray(ct)[:, None]
    kinds = log_probs.shape[-1]
    place = np.arange(steps * samples).reshape(steps, samples, 1) * kinds + classes
    gradient = np.bincount(place.ravel(), weights.ravel(), steps * samples * kinds)
    return (gradient.reshape(log_probs.shape).astype(log_probs.dtype),)


def _samples_ctc() -> Iterable[Sample]:
    def sample(steps: int, kinds: int, targets: list[list[int]], lengths: list[int], **more: int) -> Sample:
        padded = np.zeros((len(targets), max(map(len, targets), default=0)), int)
        for row, target in zip(padded, targets, strict=True):
            row[: len(target)] = target
        given = {
            "targets": padded,
            "input_lengths": np.array(lengths, int),
            "target_lengths": np.array([len(target) for target in targets], int),
            **more,
        }
        return Sample((array(steps, len(targets), kinds) - 2.5,), given)

    return [
        sample(4, 3, [[1, 2]], [4]),
        sample(5, 4, [[1, 1], [2], [3, 2]], [5, 3, 4]),
        sample(3, 3, [[0, 1], [], [1]], [2, 3, 1], blank=2),
        sample(3, 2, [[1, 1], [1]], [3, 3]),
        sample(2, 2, [[], [1]], [0, 1]),
        sample(1, 1, [[]], [1]),
        sample(2, 2, [], []),
    ]


@fused(
    pullback=_ctc_pullback,
    decomposition=_ctc_gates,
    symbol="ctc",
    formula=r"-\ln \sum_{\pi \mapsto y} \prod_t p_{t \pi_t}",
    samples=_samples_ctc,
)
def ctc(
    log_probs: Any, *, targets: Array, input_lengths: Array, target_lengths: Array, blank: int = 0
) -> tuple[Any, Any]:
    """Negative log-likelihood of sequences of labels, of whatever timing (connectionist temporal classification).

    Parameters
    ----------
    log_probs : Tensor or array_like
        ``(T, N, C)``: of N samples, the log-probabilities of C classes in each of T steps.
    targets : ndarray of int
        ``(N, S)``: labels, with anything after the end of each sequence.
    input_lengths, target_lengths : ndarray of int
        ``(N,)``: of how many steps and labels the samples consist.
    blank : int
        The class that is no label.

    Returns
    -------
    Tensor
        ``(N,)``; infinite where a sequence cannot be read from so few steps, with gradient 0.

    Notes
    -----
    Graves et al., "Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural
    networks" (2006). Sums are in float64 whatever the dtype. The gradient is that by each of the log-probabilities as
    if they were independent; they need not be normalised.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> even = Tensor(np.log(np.full((2, 1, 2), 0.5)))
    >>> loss = ctc(even, targets=np.array([[1]]), input_lengths=np.array([2]), target_lengths=np.array([1]))
    >>> round(float(np.exp(-loss.data[0])), 3)  # three of the four ways: 1 1, 1 blank, blank 1
    0.75
    """
    classes, leaps = _states(targets, target_lengths, blank)
    barrier = np.where(leaps, 0.0, -np.inf)
    emitted = np.take_along_axis(log_probs, classes[None], axis=2).astype(np.float64)
    steps, samples, states = emitted.shape
    # Alpha before the first and after every step, with two states of likelihood 0 at its beginning.
    alphas = np.full((steps + 1, samples, states + 2), -np.inf)
    alphas[0, :, 2] = 0.0  # before the first step a path is, as it were, in the first blank
    for t in range(steps):
        past = alphas[t]
        following = _log_sum(past[:, 2:], past[:, 1:-1], past[:, :-2] + barrier) + emitted[t]
        alphas[t + 1, :, 2:] = np.where((t < input_lengths)[:, None], following, past[:, 2:])
    rows = np.arange(samples)
    likelihood = np.logaddexp(alphas[-1, rows, 2 * target_lengths + 2], alphas[-1, rows, 2 * target_lengths + 1])
    return (0.0 - likelihood).astype(log_probs.dtype), (classes, barrier, emitted, alphas, likelihood)
