"""Recurrent cells: one step of a recurrent layer, from gates that a drawing shows one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import describe
from autograd.primitives import scope_note
from nn import init
from nn._arguments import positive_integer
from nn._inputs import as_numbers, cast
from nn._module import Module
from nn._parameter import Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "lstm_step"]


def lstm_step(z: Any, c: Any) -> tuple[Any, Any]:
    """Next hidden and cell state of an LSTM from the last cell state and what goes into the gates, all in one."""
    i, f, g, o = _parts(z, 4)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(c), c


def _parts(z: Any, count: int) -> list[Any]:
    """Equal parts of the last axis."""
    size = z.shape[-1] // count
    return [ops.getitem(z, (..., slice(k * size, (k + 1) * size))) for k in range(count)]


class _Cell(Module):
    """What all cells have: two weights, two biases, a check of the input."""

    _gates: int
    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        self.input_size = positive_integer(kind, "input_size", input_size)
        self.hidden_size = positive_integer(kind, "hidden_size", hidden_size)
        self.bias = bool(bias)
        rows = self._gates * hidden_size
        self.weight_ih = Parameter(np.zeros((rows, input_size)), dtype=dtype)
        self.weight_hh = Parameter(np.zeros((rows, hidden_size)), dtype=dtype)
        self.register_parameter("bias_ih", Parameter(np.zeros(rows), dtype=dtype) if bias else None)
        self.register_parameter("bias_hh", Parameter(np.zeros(rows), dtype=dtype) if bias else None)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, generator=generator)

    def _from_input(self, x: Any) -> Any:
        return _affine(x, self.weight_ih, self.bias_ih)

    def _from_state(self, h: Any) -> Any:
        return _affine(h, self.weight_hh, self.bias_hh)

    def _input(self, input: Any) -> Any:
        x = cast(input, self.weight_ih.dtype, type(self).__name__)
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__}({self.extra_repr()}): expected input of shape (batch, {self.input_size}) or "
                f"({self.input_size},), got {describe(getattr(x, '_data', x))}{scope_note()}"
            )
        return x

    def _state(self, state: Any, x: Any, name: str) -> Any:
        expected = (*x.shape[:-1], self.hidden_size)
        if state is None:
            return np.zeros(expected, x.dtype)
        h = cast(state, self.weight_ih.dtype, type(self).__name__)
        if h.shape != expected:
            raise ValueError(
                f"{type(self).__name__}({self.extra_repr()}): for input of shape {x.shape} the state {name} must have "
                f"shape {expected}, got {h.shape}{scope_note()}"
            )
        return h

    def extra_repr(self) -> str:
        """Sizes, as in PyTorch."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


def _affine(x: Any, weight: Any, bias: Any) -> Any:
    return ops.matmul(x, ops.transpose(weight)) if bias is None else ops.linear(x, weight, bias)


class RNNCell(_Cell):
    r"""One step of a simple recurrent network, :math:`h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})`.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and state.
    bias : bool
        Whether there are learned biases.
    nonlinearity : {"tanh", "relu"}
        What is applied to the sum.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor
        ``(hidden_size, input_size)`` and ``(hidden_size, hidden_size)``, uniform in
        :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.
    bias_ih, bias_hh : Tensor or None
        ``(hidden_size,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, or the nonlinearity not known.

    Notes
    -----
    Elman, "Finding structure in time" (1990).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> cell = nn.RNNCell(4, 3)
    >>> h = None
    >>> for x in np.ones((5, 2, 4)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 3)
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias, dtype=dtype, generator=generator)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Compute the next state.

        Parameters
        ----------
        input : Tensor or array_like
            ``(batch, input_size)`` or ``(input_size,)``; cast to the parameters' dtype.
        hx : Tensor or array_like, optional
            The last state, ``(batch, hidden_size)`` or ``(hidden_size,)``; zero by default.

        Returns
        -------
        Tensor
            Of the shape of the state.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x = self._input(input)
        z = self._from_input(x) + self._from_state(self._state(hx, x, "hx"))
        return ops.tanh(z) if self.nonlinearity == "tanh" else ops.relu(z)

    def extra_repr(self) -> str:
        """Sizes, as in PyTorch."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    r"""One step of a long short-term memory.

    .. math::

        i, f, o = \sigma(W_{ih} x + b_{ih} + W_{hh} h + b_{hh}), \quad g = \tanh(\ldots), \quad
        c' = f c + i g, \quad h' = o \tanh c'

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and states.
    bias : bool
        Whether there are learned biases.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor
        ``(4 hidden_size, input_size)`` and ``(4 hidden_size, hidden_size)``, rows for i, f, g and o in this order;
        uniform in :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.
    bias_ih, bias_hh : Tensor or None
        ``(4 hidden_size,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive.

    Notes
    -----
    Hochreiter and Schmidhuber, "Long short-term memory" (1997); the forget gate is from Gers et al., "Learning to
    forget" (2000).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> cell = nn.LSTMCell(4, 3)
    >>> state = None
    >>> for x in np.ones((5, 2, 4)):
    ...     state = cell(x, state)
    >>> state[0].shape
    (2, 3)
    """

    _gates = 4

    def forward(self, input: Any, hx: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
        """Compute the next states.

        Parameters
        ----------
        input : Tensor or array_like
            ``(batch, input_size)`` or ``(input_size,)``; cast to the parameters' dtype.
        hx : pair of Tensor or array_like, optional
            The last hidden and cell state, each ``(batch, hidden_size)`` or ``(hidden_size,)``; zero by default.

        Returns
        -------
        h, c : Tensor
            Hidden and cell state.

        Raises
        ------
        TypeError
            If ``hx`` is not a pair.
        ValueError
            If the shapes do not fit.
        """
        x = self._input(input)
        h, c = state_pair(hx, "LSTMCell")
        h, c = self._state(h, x, "h"), self._state(c, x, "c")
        return lstm_step(self._from_input(x) + self._from_state(h), c)


def state_pair(hx: Any, operation: str) -> tuple[Any, Any]:
    """The initial hidden and cell state of an LSTM, None where they are left out.

    Raises
    ------
    TypeError
        If what is given is not a pair.
    """
    if hx is None:
        return None, None
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        given = f"{len(hx)} values" if isinstance(hx, (tuple, list)) else type(hx).__name__
        raise TypeError(f"{operation}: expected the states as a pair (h, c), got {given}{scope_note()}")
    return as_numbers(hx[0], operation), as_numbers(hx[1], operation)


class GRUCell(_Cell):
    r"""One step of a gated recurrent unit.

    .. math::

        r, z = \sigma(W_{ih} x + b_{ih} + W_{hh} h + b_{hh}), \quad
        n = \tanh(W_{in} x + b_{in} + r (W_{hn} h + b_{hn})), \quad h' = (1 - z) n + z h

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and state.
    bias : bool
        Whether there are learned biases.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor
        ``(3 hidden_size, input_size)`` and ``(3 hidden_size, hidden_size)``, rows for r, z and n in this order; uniform
        in :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.
    bias_ih, bias_hh : Tensor or None
        ``(3 hidden_size,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive.

    Notes
    -----
    Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014); the reset gate is applied after the
    matrix product, as PyTorch does.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> cell = nn.GRUCell(4, 3)
    >>> h = None
    >>> for x in np.ones((5, 2, 4)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 3)
    """

    _gates = 3

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Compute the next state.

        Parameters
        ----------
        input : Tensor or array_like
            ``(batch, input_size)`` or ``(input_size,)``; cast to the parameters' dtype.
        hx : Tensor or array_like, optional
            The last state, ``(batch, hidden_size)`` or ``(hidden_size,)``; zero by default.

        Returns
        -------
        Tensor
            Of the shape of the state.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x = self._input(input)
        h = self._state(hx, x, "hx")
        (r, z, n), (hr, hz, hn) = _parts(self._from_input(x), 3), _parts(self._from_state(h), 3)
        n = ops.tanh(n + ops.sigmoid(r + hr) * hn)
        return n + ops.sigmoid(z + hz) * (h - n)
