"""Recurrent layers: each a single operation over all time steps of one layer in one direction.

Inside, values are laid out with features before samples, ``(steps, features, batch)``: the gates of a step are then
contiguous blocks, and its matrix products have the shape that BLAS is fastest at. The input's share of all gates is
computed for all steps at once, and so are the gradients of the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.ops.elementwise import relu, sigmoid, tanh, where
from autograd.ops.products import matmul
from autograd.ops.shape import concatenate, stack, swapaxes
from autograd.primitives import fused
from autograd.samples import Sample, array

__all__ = ["gru", "lstm", "rnn"]

Array = np.ndarray[Any, Any]


# ---------------------------------------------------------------------------------------------------------------------
# What all have in common
# ---------------------------------------------------------------------------------------------------------------------


def _checked(gates: int, x: Any, states: Sequence[Any], weights: Sequence[Any], lengths: Any) -> list[Array]:
    """All arrays in one floating dtype, if they fit together, which matrix products would only notice in part."""
    if np.ndim(x) != 3 or np.ndim(weights[1]) != 2 or not x.shape[0]:
        raise ValueError("x must have the shape (steps, batch, features) with at least one step, and weights two axes")
    batch, hidden = x.shape[1], weights[1].shape[1]
    rows = gates * hidden
    expected = [(batch, hidden)] * len(states) + [(rows, x.shape[2]), (rows, hidden), (rows,), (rows,)]
    given = [np.shape(value) for value in (*states, *weights)]
    if given != expected:
        raise ValueError(f"states, weights and biases must have the shapes {expected}, got {given}")
    if lengths is not None and (np.shape(lengths) != (batch,) or np.min(lengths, initial=0) < 0):
        raise ValueError(f"lengths must be {batch} numbers that are not negative, got {lengths}")
    arrays = (x, *states, *weights)
    dtype = np.result_type(np.float16, *arrays)
    if dtype.kind != "f":
        raise TypeError(f"expected real numbers, got {dtype}")
    return [np.asarray(array, dtype) for array in arrays]


def _order(steps: int, reverse: bool) -> Sequence[int]:
    return range(steps - 1, -1, -1) if reverse else range(steps)


def _finished(steps: int, lengths: Any) -> list[Any]:
    """For each step which samples lie beyond the end of their sequence, or None where none does."""
    if lengths is None:
        return [None] * steps
    beyond = np.arange(steps)[:, None] >= np.asarray(lengths)
    return [row if row.any() else None for row in beyond]


def _from_input(x: Array, w: Array, b: Array) -> Array:
    """The input's share of the gates, (steps, rows, batch)."""
    share: Array = np.matmul(w, x.swapaxes(1, 2))
    share += b[:, None]
    return share


def _history(initial: Array, steps: int, reverse: bool, dtype: Any) -> tuple[Array, Array]:
    """Room for a state before and after each step: two overlapping views, (steps, hidden, batch)."""
    states = np.empty((steps + 1, *initial.shape[::-1]), dtype)
    states[-1 if reverse else 0] = initial.T
    return (states[1:], states[:-1]) if reverse else (states[:-1], states[1:])


def _flat(values: Array) -> Array:
    """(steps, rows, batch) as a matrix with all steps of all samples side by side."""
    return values.swapaxes(0, 1).reshape(values.shape[1], -1)


def _by_input(needed: Sequence[bool], dz: Array, x: Array, w: Array) -> tuple[Any, Any, Any]:
    """Gradients of x, w and b in ``x wᵀ + b``, given that of the gates, a flat matrix."""
    return (
        np.matmul(dz.T, w).reshape(x.shape) if needed[0] else None,
        np.matmul(dz, x.reshape(-1, x.shape[2])) if needed[1] else None,
        dz.sum(1) if needed[2] else None,
    )


def _by_state(needed: Sequence[bool], dz: Array, before: Array) -> tuple[Any, Any]:
    """Gradients of w and b in ``w h + b``, given that of the gates, a flat matrix."""
    return np.matmul(dz, _flat(before).T) if needed[0] else None, dz.sum(1) if needed[1] else None


def _unrolled(step: Any, x: Any, states: tuple[Any, ...], lengths: Any, reverse: bool) -> tuple[Any, tuple[Any, ...]]:
    """Apply simple gates step by step: the hidden states of all steps and the last states."""
    steps = x.shape[0]
    finished = _finished(steps, lengths)
    outputs = [None] * steps
    for t in _order(steps, reverse):
        new = step(x[t], *states)
        if finished[t] is not None:
            new = tuple(where(finished[t][:, None], old, n) for old, n in zip(states, new, strict=True))
        states = new
        outputs[t] = states[0]
    return stack(outputs), states


def _affine(x: Any, w: Any, b: Any) -> Any:
    return matmul(x, swapaxes(w, 0, 1)) + b


def _samples(gates: int, states: int, settings: Iterable[dict[str, Any]]) -> list[Sample]:
    """Small layers: three steps of two samples, and one of each."""

    def layer(steps: int, batch: int, features: int, hidden: int) -> tuple[Any, ...]:
        rows = gates * hidden
        shapes = [
            (steps, batch, features),
            *[(batch, hidden)] * states,
            (rows, features),
            (rows, hidden),
            (rows,),
            (rows,),
        ]
        return tuple(array(*shape, seed=seed) / 2 for seed, shape in enumerate(shapes))

    return [Sample(layer(3, 2, 2, 2), attributes) for attributes in settings] + [Sample(layer(1, 1, 1, 1))]


_DIRECTIONS: list[dict[str, Any]] = [
    {},
    {"reverse": True},
    {"lengths": np.array([1, 3])},
    {"lengths": np.array([2, 1]), "reverse": True},
]


# ---------------------------------------------------------------------------------------------------------------------
# LSTM
# ---------------------------------------------------------------------------------------------------------------------


def _lstm_gates(
    x: Any, h0: Any, c0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, lengths: Any = None, reverse: bool = False
) -> Any:
    hidden = w_hh.shape[1]

    def step(x: Any, h: Any, c: Any) -> tuple[Any, Any]:
        z = _affine(x, w_ih, b_ih) + _affine(h, w_hh, b_hh)
        i, f, g, o = (z[:, k * hidden : (k + 1) * hidden] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    outputs, (_, c) = _unrolled(step, x, (h0, c0), lengths, reverse)
    return concatenate([outputs, stack([c])])


def _lstm_pullback(
    needed: Any,
    ct: Any,
    residuals: Any,
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    *_: Any,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Any, ...]:
    gates, squashed, cells, states = residuals
    steps, _, hidden, batch = gates.shape
    finished = _finished(steps, lengths)
    i, f, g, o = (gates[:, k] for k in range(4))
    # How the gates depend on what goes into them, times what they are multiplied by; of the whole sequence at once.
    dz = np.multiply(gates, gates)
    np.subtract(gates[:, :2], dz[:, :2], out=dz[:, :2])
    np.subtract(1, dz[:, 2], out=dz[:, 2])
    np.subtract(o, dz[:, 3], out=dz[:, 3])
    for k, factor in enumerate((g, cells, i, squashed)):
        dz[:, k] *= factor
    through = np.multiply(squashed, squashed)  # from hidden state to cell state
    np.subtract(1, through, out=through)
    through *= o
    flat_dz = dz.reshape(steps, 4 * hidden, batch)
    dh = np.zeros((hidden, batch), dz.dtype)
    dc = ct[steps].T.astype(dz.dtype, order="C")
    move = np.empty_like(dh)
    for t in reversed(_order(steps, reverse)):
        dh += ct[t].T
        over = finished[t]
        if over is not None:
            kept, kept_cell = np.where(over, dh, 0), dc.copy()
        dc += np.multiply(dh, through[t], out=move)
        dz[t, :3] *= dc
        dz[t, 3] *= dh
        dc *= f[t]
        if over is not None:
            np.copyto(dz[t], 0, where=over)
            np.copyto(dc, kept_cell, where=over)
        np.matmul(w_hh.T, flat_dz[t], out=dh)
        if over is not None:
            dh += kept
    flat = _flat(flat_dz)
    dx, dw_ih, db = _by_input((needed[0], needed[3], needed[5] or needed[6]), flat, x, w_ih)
    dw_hh, _ = _by_state((needed[4], False), flat, states)
    return dx, dh.T, dc.T, dw_ih, dw_hh, db, db


@fused(
    pullback=_lstm_pullback,
    decomposition=_lstm_gates,
    symbol="LSTM",
    formula=r"c_t = f_t c_{t-1} + i_t g_t,\quad h_t = o_t \tanh c_t",
    samples=lambda: _samples(4, 2, _DIRECTIONS),
)
def lstm(
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    *,
    lengths: Any = None,
    reverse: bool = False,
) -> Any:
    r"""Long short-term memory: one layer over a whole sequence, in one direction.

    Each step computes an input, a forget and an output gate and a candidate from the input and the last hidden state,

    .. math:: i, f, o = \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}), \quad g = \tanh(\ldots)

    and with them the next states, :math:`c_t = f c_{t-1} + i g` and :math:`h_t = o \tanh c_t`.

    Parameters
    ----------
    x : Tensor or array_like
        ``(steps, batch, features)``, at least one step.
    h0, c0 : Tensor or array_like
        ``(batch, hidden)``, the states before the first step.
    w_ih, w_hh : Tensor or array_like
        ``(4 hidden, features)`` and ``(4 hidden, hidden)``: rows for i, f, g and o in this order.
    b_ih, b_hh : Tensor or array_like
        ``(4 hidden,)``, in the same order.
    lengths : array_like of int, optional
        ``(batch,)``, the number of steps that count for each sample; beyond them its states stay as they are.
    reverse : bool
        Go from the last step to the first.

    Returns
    -------
    Tensor
        ``(steps + 1, batch, hidden)``: the hidden state after each step, in the order of ``x``; then the last cell
        state.

    Raises
    ------
    TypeError
        If there are complex numbers.
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Hochreiter and Schmidhuber, "Long short-term memory" (1997); the forget gate is from Gers et al., "Learning to
    forget" (2000).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x, zero, w = np.ones((5, 2, 3)), np.zeros((2, 1)), Tensor(np.ones((4, 3)))
    >>> out = lstm(x, zero, zero, w, np.ones((4, 1)), np.zeros(4), np.zeros(4))
    >>> out.shape
    (6, 2, 1)
    """
    x, h0, c0, w_ih, w_hh, b_ih, b_hh = _checked(4, x, (h0, c0), (w_ih, w_hh, b_ih, b_hh), lengths)
    steps, batch, _ = x.shape
    hidden = w_hh.shape[1]
    # σ(z) = (1 + tanh(z/2)) / 2: with the rows of the three sigmoids halved, one tanh serves all gates.
    scale = np.array([0.5, 0.5, 1, 0.5], w_hh.dtype).repeat(hidden)
    gates = _from_input(x, w_ih * scale[:, None], (b_ih + b_hh) * scale)
    w = w_hh * scale[:, None]
    dtype = gates.dtype
    h_before, h_after = _history(h0, steps, reverse, dtype)
    c_before, c_after = _history(c0, steps, reverse, dtype)
    squashed = np.empty((steps, hidden, batch), dtype)
    from_state, product = np.empty((4 * hidden, batch), dtype), np.empty((hidden, batch), dtype)
    by_gate = gates.reshape(steps, 4, hidden, batch)
    finished = _finished(steps, lengths)
    for t in _order(steps, reverse):
        h, c, a, blocks = h_after[t], c_after[t], gates[t], by_gate[t]
        a += np.matmul(w, h_before[t], out=from_state)
        np.tanh(a, out=a)
        for part in (blocks[:2], blocks[3]):
            part *= 0.5
            part += 0.5
        i, f, g, o = blocks
        np.multiply(f, c_before[t], out=c)
        c += np.multiply(i, g, out=product)
        np.tanh(c, out=squashed[t])
        np.multiply(o, squashed[t], out=h)
        if finished[t] is not None:
            np.copyto(h, h_before[t], where=finished[t])
            np.copyto(c, c_before[t], where=finished[t])
    out = np.empty((steps + 1, batch, hidden), dtype)
    out[:steps] = h_after.swapaxes(1, 2)
    out[steps] = c.T
    return out, (by_gate, squashed, c_before, h_before)


# ---------------------------------------------------------------------------------------------------------------------
# GRU
# ---------------------------------------------------------------------------------------------------------------------


def _gru_gates(
    x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, lengths: Any = None, reverse: bool = False
) -> Any:
    hidden = w_hh.shape[1]

    def step(x: Any, h: Any) -> tuple[Any]:
        a, b = _affine(x, w_ih, b_ih), _affine(h, w_hh, b_hh)
        r, z = (sigmoid(a[:, k * hidden : (k + 1) * hidden] + b[:, k * hidden : (k + 1) * hidden]) for k in range(2))
        n = tanh(a[:, 2 * hidden :] + r * b[:, 2 * hidden :])
        return ((1 - z) * n + z * h,)

    return _unrolled(step, x, (h0,), lengths, reverse)[0]


def _gru_pullback(
    needed: Any,
    ct: Any,
    residuals: Any,
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    *_: Any,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Any, ...]:
    gates, recalled, states = residuals
    steps, _, hidden, batch = gates.shape
    finished = _finished(steps, lengths)
    r, z, n = (gates[:, k] for k in range(3))
    # How the new state depends on what goes into the gates, of the whole sequence at once: first by the last state's
    # share of them, then by the input's, which differs in the candidate only.
    dz = np.multiply(gates, gates)
    np.subtract(gates[:, :2], dz[:, :2], out=dz[:, :2])
    np.subtract(1, dz[:, 2], out=dz[:, 2])
    dz[:, 1] *= states - n
    dz[:, 2] *= 1 - z
    candidate = dz[:, 2].copy()
    dz[:, 0] *= recalled
    dz[:, 0] *= candidate
    dz[:, 2] *= r
    flat_dz = dz.reshape(steps, 3 * hidden, batch)
    dh = np.zeros((hidden, batch), dz.dtype)
    kept = np.empty_like(dh)
    for t in reversed(_order(steps, reverse)):
        dh += ct[t].T
        over = finished[t]
        np.multiply(dh, z[t], out=kept)
        if over is not None:
            np.copyto(kept, dh, where=over)
            np.copyto(dh, 0, where=over)
        dz[t] *= dh
        candidate[t] *= dh
        np.matmul(w_hh.T, flat_dz[t], out=dh)
        dh += kept
    by_state = _by_state((needed[3], needed[5]), _flat(flat_dz), states)
    dz[:, 2] = candidate
    dx, dw_ih, db_ih = _by_input((needed[0], needed[2], needed[4]), _flat(flat_dz), x, w_ih)
    return dx, dh.T, dw_ih, by_state[0], db_ih, by_state[1]


@fused(
    pullback=_gru_pullback,
    decomposition=_gru_gates,
    symbol="GRU",
    formula=r"h_t = (1 - z_t)\, n_t + z_t h_{t-1}",
    samples=lambda: _samples(3, 1, _DIRECTIONS),
)
def gru(
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    *,
    lengths: Any = None,
    reverse: bool = False,
) -> Any:
    r"""Gated recurrent unit: one layer over a whole sequence, in one direction.

    Each step computes a reset gate, an update gate and a candidate from the input and the last state,

    .. math::

        r, z = \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}), \quad
        n = \tanh(W_{in} x_t + b_{in} + r (W_{hn} h_{t-1} + b_{hn}))

    and with them the next state, :math:`h_t = (1 - z) n + z h_{t-1}`.

    Parameters
    ----------
    x : Tensor or array_like
        ``(steps, batch, features)``, at least one step.
    h0 : Tensor or array_like
        ``(batch, hidden)``, the state before the first step.
    w_ih, w_hh : Tensor or array_like
        ``(3 hidden, features)`` and ``(3 hidden, hidden)``: rows for r, z and n in this order.
    b_ih, b_hh : Tensor or array_like
        ``(3 hidden,)``, in the same order.
    lengths : array_like of int, optional
        ``(batch,)``, the number of steps that count for each sample; beyond them its state stays as it is.
    reverse : bool
        Go from the last step to the first.

    Returns
    -------
    Tensor
        ``(steps, batch, hidden)``: the state after each step, in the order of ``x``.

    Raises
    ------
    TypeError
        If there are complex numbers.
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), in the version that applies the
    reset gate after the matrix product.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x, zero, w = np.ones((5, 2, 3)), np.zeros((2, 1)), Tensor(np.ones((3, 3)))
    >>> gru(x, zero, w, np.ones((3, 1)), np.zeros(3), np.zeros(3)).shape
    (5, 2, 1)
    """
    x, h0, w_ih, w_hh, b_ih, b_hh = _checked(3, x, (h0,), (w_ih, w_hh, b_ih, b_hh), lengths)
    steps, batch, _ = x.shape
    hidden = w_hh.shape[1]
    # σ(z) = (1 + tanh(z/2)) / 2: with the rows of the two sigmoids halved, one tanh serves both.
    scale = np.array([0.5, 0.5, 1], w_hh.dtype).repeat(hidden)
    gates = _from_input(x, w_ih * scale[:, None], b_ih * scale)
    w, b = w_hh * scale[:, None], (b_hh * scale)[:, None]
    dtype = gates.dtype
    before, after = _history(h0, steps, reverse, dtype)
    recalled = np.empty((steps, hidden, batch), dtype)  # the last state's share of the candidate
    from_state = np.empty((3 * hidden, batch), dtype)
    sigmoids, last = from_state[: 2 * hidden], from_state[2 * hidden :]
    by_gate = gates.reshape(steps, 3, hidden, batch)
    finished = _finished(steps, lengths)
    for t in _order(steps, reverse):
        h, rz = after[t], gates[t, : 2 * hidden]
        np.matmul(w, before[t], out=from_state)
        np.add(from_state, b, out=from_state)
        rz += sigmoids
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        r, z, n = by_gate[t]
        recalled[t] = last
        last *= r
        n += last
        np.tanh(n, out=n)
        np.subtract(before[t], n, out=h)
        h *= z
        h += n
        if finished[t] is not None:
            np.copyto(h, before[t], where=finished[t])
    return np.ascontiguousarray(after.swapaxes(1, 2)), (by_gate, recalled, before)


# ---------------------------------------------------------------------------------------------------------------------
# The simple recurrent network
# ---------------------------------------------------------------------------------------------------------------------


def _rnn_gates(
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    lengths: Any = None,
    reverse: bool = False,
    nonlinearity: str = "tanh",
) -> Any:
    activation = tanh if nonlinearity == "tanh" else relu

    def step(x: Any, h: Any) -> tuple[Any]:
        return (activation(_affine(x, w_ih, b_ih) + _affine(h, w_hh, b_hh)),)

    return _unrolled(step, x, (h0,), lengths, reverse)[0]


def _rnn_pullback(
    needed: Any,
    ct: Any,
    residuals: Any,
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    *_: Any,
    lengths: Any = None,
    reverse: bool = False,
    nonlinearity: str = "tanh",
) -> tuple[Any, ...]:
    before, after = residuals
    steps, hidden, batch = after.shape
    finished = _finished(steps, lengths)
    dz = 1 - after * after if nonlinearity == "tanh" else (after > 0).astype(after.dtype)
    dh = np.zeros((hidden, batch), dz.dtype)
    for t in reversed(_order(steps, reverse)):
        dh += ct[t].T
        over = finished[t]
        if over is not None:
            kept = np.where(over, dh, 0)
            np.copyto(dz[t], 0, where=over)
        dz[t] *= dh
        np.matmul(w_hh.T, dz[t], out=dh)
        if over is not None:
            dh += kept
    flat = _flat(dz)
    dx, dw_ih, db = _by_input((needed[0], needed[2], needed[4] or needed[5]), flat, x, w_ih)
    dw_hh, _ = _by_state((needed[3], False), flat, before)
    return dx, dh.T, dw_ih, dw_hh, db, db


@fused(
    pullback=_rnn_pullback,
    decomposition=_rnn_gates,
    symbol="RNN",
    formula=r"h_t = \varphi(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
    samples=lambda: _samples(1, 1, [*_DIRECTIONS, {"nonlinearity": "relu"}]),
)
def rnn(
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    *,
    lengths: Any = None,
    reverse: bool = False,
    nonlinearity: str = "tanh",
) -> Any:
    r"""Simple recurrent network: one layer over a whole sequence, in one direction.

    Each step computes :math:`h_t = \varphi(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})`.

    Parameters
    ----------
    x : Tensor or array_like
        ``(steps, batch, features)``, at least one step.
    h0 : Tensor or array_like
        ``(batch, hidden)``, the state before the first step.
    w_ih, w_hh : Tensor or array_like
        ``(hidden, features)`` and ``(hidden, hidden)``.
    b_ih, b_hh : Tensor or array_like
        ``(hidden,)``.
    lengths : array_like of int, optional
        ``(batch,)``, the number of steps that count for each sample; beyond them its state stays as it is.
    reverse : bool
        Go from the last step to the first.
    nonlinearity : {"tanh", "relu"}
        The function :math:`\varphi`.

    Returns
    -------
    Tensor
        ``(steps, batch, hidden)``: the state after each step, in the order of ``x``.

    Raises
    ------
    TypeError
        If there are complex numbers.
    ValueError
        If the shapes do not fit, or the nonlinearity is not known.

    Notes
    -----
    Elman, "Finding structure in time" (1990).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x, zero, w = np.ones((5, 2, 3)), np.zeros((2, 1)), Tensor(np.ones((1, 3)))
    >>> rnn(x, zero, w, np.ones((1, 1)), np.zeros(1), np.zeros(1)).shape
    (5, 2, 1)
    """
    x, h0, w_ih, w_hh, b_ih, b_hh = _checked(1, x, (h0,), (w_ih, w_hh, b_ih, b_hh), lengths)
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
    steps = x.shape[0]
    share = _from_input(x, w_ih, b_ih + b_hh)
    before, after = _history(h0, steps, reverse, share.dtype)
    finished = _finished(steps, lengths)
    for t in _order(steps, reverse):
        h = after[t]
        np.matmul(w_hh, before[t], out=h)
        h += share[t]
        if nonlinearity == "tanh":
            np.tanh(h, out=h)
        else:
            np.maximum(h, 0, out=h)
        if finished[t] is not None:
            np.copyto(h, before[t], where=finished[t])
    return np.ascontiguousarray(after.swapaxes(1, 2)), (before, after)
