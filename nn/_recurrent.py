"""Recurrent layers over whole sequences: RNN, LSTM and GRU."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import scope_note
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast
from nn._module import Module
from nn._parameter import Parameter
from nn._recurrent_cells import lstm_step, state_pair
from nn.utils.rnn import PackedSequence, check_lengths, pad_packed, steps_within

__all__ = ["GRU", "LSTM", "RNN"]

States = tuple[Any, ...]


class _Recurrent(Module):
    """What all recurrent layers have: weights for each layer and direction, and the way from input to output."""

    _gates: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int,
        dtype: Any,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        self.input_size = positive_integer(kind, "input_size", input_size)
        self.hidden_size = positive_integer(kind, "hidden_size", hidden_size)
        self.num_layers = positive_integer(kind, "num_layers", num_layers)
        if proj_size and positive_integer(kind, "proj_size", proj_size) >= hidden_size:
            raise ValueError(f"{kind}: proj_size must be smaller than hidden_size {hidden_size}, got {proj_size}")
        if isinstance(dropout, bool) or not isinstance(dropout, (int, float, np.generic)) or not 0 <= dropout <= 1:
            raise ValueError(f"{kind}: dropout must be a probability from 0 to 1, got {dropout!r}")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{kind}: dropout acts between layers, so dropout={dropout} does nothing in a single one; "
                f"give num_layers, or put nn.Dropout behind the layer",
                stacklevel=3,
            )
        self.bias, self.batch_first, self.dropout = bool(bias), bool(batch_first), float(dropout)
        self.bidirectional, self.proj_size = bool(bidirectional), int(proj_size)
        rows, outputs = self._gates * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            features = outputs * len(self._directions) if layer else input_size
            for suffix in self._suffixes(layer):
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, features), "weight_hh": (rows, outputs)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    self.register_parameter(name + suffix, Parameter(np.zeros(shape), dtype=dtype))
        self.reset_parameters(generator)

    @property
    def _directions(self) -> tuple[bool, ...]:
        """Whether a direction is reversed, for each of the layer's directions."""
        return (False, True) if self.bidirectional else (False,)

    def _suffixes(self, layer: int) -> list[str]:
        """How the names of a layer's parameters end, for each direction."""
        return [f"_l{layer}" + ("_reverse" if reverse else "") for reverse in self._directions]

    @property
    def _dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.weight_ih_l0.dtype
        return dtype

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, generator=generator)

    def flatten_parameters(self) -> None:
        """Do nothing: there is no order of weights in memory to restore. Programs for PyTorch call it."""

    def extra_repr(self) -> str:
        """Sizes, and settings that are not the default, as in PyTorch."""
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        given = [f"{name}={getattr(self, name)}" for name, value in defaults.items() if getattr(self, name) != value]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *given])

    # -- from input to output ----------------------------------------------------------------------------------------

    def _layer(self, x: Any, states: States, weights: list[Any], suffix: str, settings: dict[str, Any]) -> Any:
        """One layer in one direction: its outputs, and its last states."""
        raise NotImplementedError

    def _process(self, input: Any, initial: States, lengths: Any) -> tuple[Any, States]:
        """Outputs and last states of all layers, in the form in which the input came."""
        if isinstance(input, PackedSequence):
            if lengths is not None:
                raise ValueError(f"{self}: a PackedSequence has its own lengths; leave lengths out{scope_note()}")
            return self._process_packed(input, initial)
        x = self._checked(cast(input, self._dtype, type(self).__name__))
        batched = x.ndim == 3
        if not batched:
            if lengths is not None:
                raise ValueError(f"{self}: lengths need a batch of sequences, got one of shape {x.shape}{scope_note()}")
            x = ops.reshape(x, (x.shape[0], 1, x.shape[1]))
        elif self.batch_first:
            x = ops.swapaxes(x, 0, 1)
        steps, batch, _ = x.shape
        states = tuple(self._state(state, i, batch, batched) for i, state in enumerate(initial))
        mask = None
        if lengths is not None:
            lengths = check_lengths(lengths, batch, steps, type(self).__name__)
            mask = steps_within(lengths, steps)[:, :, None]
            x = ops.where(mask, x, 0.0)  # padding may hold anything, nan for instance
        outputs, last = self._layers(x, states, lengths)
        if mask is not None:
            outputs = ops.where(mask, outputs, 0.0)
        if not batched:
            return ops.getitem(outputs, (slice(None), 0)), tuple(ops.getitem(s, (slice(None), 0)) for s in last)
        return (ops.swapaxes(outputs, 0, 1) if self.batch_first else outputs), last

    def _process_packed(self, packed: PackedSequence, initial: States) -> tuple[PackedSequence, States]:
        data = cast(packed.data, self._dtype, type(self).__name__)
        x, lengths, mask = pad_packed(packed._replace(data=data))
        self._checked(x)
        states = tuple(self._state(state, i, len(lengths), True) for i, state in enumerate(initial))
        forth, back = packed.sorted_indices, packed.unsorted_indices
        if forth is not None:
            states = tuple(ops.getitem(state, (slice(None), forth)) for state in states)
        outputs, last = self._layers(x, states, lengths)
        if back is not None:
            last = tuple(ops.getitem(state, (slice(None), back)) for state in last)
        return packed._replace(data=ops.getitem(outputs, mask)), last

    def _layers(self, x: Any, states: States, lengths: Any) -> tuple[Any, States]:
        """Outputs and last states of all layers for a padded batch, (steps, batch, features)."""
        if lengths is not None and (lengths == x.shape[0]).all():
            lengths = None
        found: list[States] = []
        for layer in range(self.num_layers):
            if layer:
                x = functional.dropout(x, self.dropout, self.training)
            outputs = []
            for suffix, reverse in zip(self._suffixes(layer), self._directions, strict=True):
                initial = tuple(ops.getitem(state, len(found)) for state in states)
                settings = {"lengths": lengths, "reverse": reverse}
                output, last = self._layer(x, initial, self._weights(suffix), suffix, settings)
                outputs.append(output)
                found.append(last)
            x = ops.concatenate(outputs, axis=-1) if self.bidirectional else outputs[0]
        return x, tuple(ops.stack(kind) for kind in zip(*found, strict=True))

    def _weights(self, suffix: str) -> list[Any]:
        """Both weights and biases of a layer in one direction; absent biases are zero."""
        weights = [getattr(self, f"weight_{kind}{suffix}") for kind in ("ih", "hh")]
        if not self.bias:
            return [*weights, *[np.zeros(len(weights[0]), self._dtype)] * 2]
        return [*weights, *[getattr(self, f"bias_{kind}{suffix}") for kind in ("ih", "hh")]]

    # -- checks ------------------------------------------------------------------------------------------------------

    def _checked(self, x: Any) -> Any:
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            order = "batch, steps" if self.batch_first else "steps, batch"
            raise ValueError(
                f"{self}: expected input of shape ({order}, {self.input_size}) or, for one sequence, "
                f"(steps, {self.input_size}), got {describe(getattr(x, '_data', x))}{scope_note()}"
            )
        if not x.shape[1 if self.batch_first and x.ndim == 3 else 0]:
            raise ValueError(f"{self}: expected at least one step, got input of shape {x.shape}{scope_note()}")
        return x

    def _state(self, state: Any, index: int, batch: int, batched: bool) -> Any:
        """Initial states of all layers and directions, (layers, batch, features)."""
        layers = self.num_layers * len(self._directions)
        features = self.hidden_size if index else self.proj_size or self.hidden_size
        if state is None:
            return np.zeros((layers, batch, features), self._dtype)
        h = cast(state, self._dtype, type(self).__name__)
        expected = (layers, batch, features) if batched else (layers, features)
        if h.shape != expected:
            meaning = "(layers × directions, batch, features)" if batched else "(layers × directions, features)"
            raise ValueError(
                f"{self}: the initial state {'hc'[index]}_0 must have the shape {expected}, {meaning}, got {h.shape}"
                f"{scope_note()}"
            )
        return h if batched else ops.reshape(h, (layers, 1, features))


def _at_end(outputs: Any, reverse: bool) -> Any:
    """The state after the last step taken; sequences that ended before have kept theirs."""
    return ops.getitem(outputs, 0 if reverse else -1)


class _OneState(_Recurrent):
    """Recurrent layers whose only states are their outputs."""

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        """Go through sequences.

        Parameters
        ----------
        input : Tensor, array_like or PackedSequence
            ``(steps, batch, input_size)``, or with ``batch_first`` ``(batch, steps, input_size)``; one sequence
            ``(steps, input_size)``; or packed. Cast to the parameters' dtype.
        hx : Tensor or array_like, optional
            ``(layers × directions, batch, hidden_size)``, for one sequence without batch: the states before the first
            step, zero by default.
        lengths : array_like of int, optional
            ``(batch,)``, for sequences of different lengths padded at the end, in any order: what packing them would
            give, but padded with zeros.

        Returns
        -------
        output : Tensor or PackedSequence
            The states of the last layer after each step, ``(steps, batch, directions × hidden_size)``, or in the other
            forms that the input can have.
        h_n : Tensor
            The states of all layers and directions after each sequence's last step, in the form of ``hx``.

        Raises
        ------
        TypeError
            If lengths are not integers.
        ValueError
            If the shapes or lengths do not fit.
        """
        output, (h_n,) = self._process(input, (hx,), lengths)
        return output, h_n


class RNN(_OneState):
    r"""Simple recurrent network, :math:`h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})`.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and output.
    num_layers : int
        Layers on top of each other, each taking the outputs of the one below.
    nonlinearity : {"tanh", "relu"}
        What is applied to the sum.
    bias : bool
        Whether there are learned biases.
    batch_first : bool
        Input and output are ``(batch, steps, features)`` instead of ``(steps, batch, features)``.
    dropout : float
        Probability with which each output of all layers but the last is set to 0 in training mode.
    bidirectional : bool
        Go through the sequence in both directions, and join the outputs.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 : Tensor
        ``(hidden_size, input_size)``, ``(hidden_size, hidden_size)`` and twice ``(hidden_size,)`` for the first layer,
        ``_l1`` and so on for further ones, with ``_reverse`` behind for the other direction; uniform in
        :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, ``dropout`` is no probability, or the nonlinearity not known.

    Notes
    -----
    Elman, "Finding structure in time" (1990); both directions: Schuster and Paliwal, "Bidirectional recurrent neural
    networks" (1997).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, h_n = nn.RNN(4, 3)(np.ones((5, 2, 4)))
    >>> output.shape, h_n.shape
    ((5, 2, 3), (1, 2, 3))
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype, generator
        )
        self.nonlinearity = nonlinearity

    def _layer(self, x: Any, states: States, weights: list[Any], suffix: str, settings: dict[str, Any]) -> Any:
        output = ops.rnn(x, *states, *weights, nonlinearity=self.nonlinearity, **settings)
        return output, (_at_end(output, settings["reverse"]),)


class LSTM(_Recurrent):
    r"""Long short-term memory: a recurrent network whose cell state gates protect from vanishing gradients.

    .. math::

        i, f, o = \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}), \quad g = \tanh(\ldots), \quad
        c_t = f c_{t-1} + i g, \quad h_t = o \tanh c_t

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and output.
    num_layers : int
        Layers on top of each other, each taking the outputs of the one below.
    bias : bool
        Whether there are learned biases.
    batch_first : bool
        Input and output are ``(batch, steps, features)`` instead of ``(steps, batch, features)``.
    dropout : float
        Probability with which each output of all layers but the last is set to 0 in training mode.
    bidirectional : bool
        Go through the sequence in both directions, and join the outputs.
    proj_size : int
        If not 0, hidden states are :math:`W_{hr} o \tanh c`, of this smaller size.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 : Tensor
        ``(4 hidden_size, input_size)``, ``(4 hidden_size, hidden_size)`` and twice ``(4 hidden_size,)`` for the first
        layer, rows for i, f, g and o in this order; ``_l1`` and so on for further layers, with ``_reverse`` behind for
        the other direction; uniform in :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.
    weight_hr_l0 : Tensor
        ``(proj_size, hidden_size)``, only with ``proj_size``; weights for hidden states have as many columns.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, ``dropout`` is no probability, or ``proj_size`` not less than ``hidden_size``.

    Notes
    -----
    Hochreiter and Schmidhuber, "Long short-term memory" (1997); the forget gate is from Gers et al., "Learning to
    forget" (2000), the projection from Sak et al., "Long short-term memory recurrent neural network architectures for
    large scale acoustic modeling" (2014). With a projection, steps are computed gate by gate, which is slower.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, (h_n, c_n) = nn.LSTM(4, 3, num_layers=2, bidirectional=True)(np.ones((5, 2, 4)))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 2, 6), (4, 2, 3), (4, 2, 3))
    """

    _gates = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype, generator
        )

    def forward(
        self, input: Any, hx: tuple[Any, Any] | None = None, *, lengths: Any = None
    ) -> tuple[Any, tuple[Any, Any]]:
        """Go through sequences.

        Parameters
        ----------
        input : Tensor, array_like or PackedSequence
            ``(steps, batch, input_size)``, or with ``batch_first`` ``(batch, steps, input_size)``; one sequence
            ``(steps, input_size)``; or packed. Cast to the parameters' dtype.
        hx : pair of Tensor or array_like, optional
            Hidden and cell states before the first step, each ``(layers × directions, batch, hidden_size)``, for one
            sequence without batch; zero by default. With a projection the hidden states have ``proj_size`` features.
        lengths : array_like of int, optional
            ``(batch,)``, for sequences of different lengths padded at the end, in any order: what packing them would
            give, but padded with zeros.

        Returns
        -------
        output : Tensor or PackedSequence
            The hidden states of the last layer after each step, ``(steps, batch, directions × hidden_size)``, or in
            the other forms that the input can have.
        (h_n, c_n) : pair of Tensor
            The states of all layers and directions after each sequence's last step, in the form of ``hx``.

        Raises
        ------
        TypeError
            If ``hx`` is not a pair, or lengths are not integers.
        ValueError
            If the shapes or lengths do not fit.
        """
        output, (h_n, c_n) = self._process(input, state_pair(hx, type(self).__name__), lengths)
        return output, (h_n, c_n)

    def _layer(self, x: Any, states: States, weights: list[Any], suffix: str, settings: dict[str, Any]) -> Any:
        if self.proj_size:
            return _projected(x, states, weights, getattr(self, f"weight_hr{suffix}"), **settings)
        states_and_cell = ops.lstm(x, *states, *weights, **settings)
        output = ops.getitem(states_and_cell, slice(-1))
        return output, (_at_end(output, settings["reverse"]), ops.getitem(states_and_cell, -1))


def _projected(x: Any, states: States, weights: list[Any], projection: Any, lengths: Any, reverse: bool) -> Any:
    """An LSTM with projected hidden states, step by step."""
    w_ih, w_hh, b_ih, b_hh = weights
    h, c = states
    steps = x.shape[0]
    share = ops.linear(x, w_ih, b_ih)
    outputs = [None] * steps
    for t in reversed(range(steps)) if reverse else range(steps):
        hidden, cell = lstm_step(ops.getitem(share, t) + ops.linear(h, w_hh, b_hh), c)
        hidden = ops.matmul(hidden, ops.transpose(projection))
        if lengths is not None:
            running = t < lengths[:, None]
            hidden, cell = ops.where(running, hidden, h), ops.where(running, cell, c)
        outputs[t], h, c = hidden, hidden, cell
    return ops.stack(outputs), (h, c)


class GRU(_OneState):
    r"""Gated recurrent unit: like an LSTM without a cell state of its own.

    .. math::

        r, z = \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}), \quad
        n = \tanh(W_{in} x_t + b_{in} + r (W_{hn} h_{t-1} + b_{hn})), \quad h_t = (1 - z) n + z h_{t-1}

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the last axis of input and output.
    num_layers : int
        Layers on top of each other, each taking the outputs of the one below.
    bias : bool
        Whether there are learned biases.
    batch_first : bool
        Input and output are ``(batch, steps, features)`` instead of ``(steps, batch, features)``.
    dropout : float
        Probability with which each output of all layers but the last is set to 0 in training mode.
    bidirectional : bool
        Go through the sequence in both directions, and join the outputs.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 : Tensor
        ``(3 hidden_size, input_size)``, ``(3 hidden_size, hidden_size)`` and twice ``(3 hidden_size,)`` for the first
        layer, rows for r, z and n in this order; ``_l1`` and so on for further layers, with ``_reverse`` behind for the
        other direction; uniform in :math:`\pm 1/\sqrt{\text{hidden\_size}}` at first.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, or ``dropout`` is no probability.

    Notes
    -----
    Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014); the reset gate is applied after the
    matrix product, as PyTorch does.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> output, h_n = nn.GRU(4, 3, batch_first=True)(np.ones((2, 5, 4)), lengths=[5, 3])
    >>> output.shape, h_n.shape
    ((2, 5, 3), (1, 2, 3))
    >>> bool((output[1, 2] == h_n[0, 1]).all()), bool((output[1, 3:] == 0).all())
    (True, True)
    """

    _gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype, generator
        )

    def _layer(self, x: Any, states: States, weights: list[Any], suffix: str, settings: dict[str, Any]) -> Any:
        output = ops.gru(x, *states, *weights, **settings)
        return output, (_at_end(output, settings["reverse"]),)
