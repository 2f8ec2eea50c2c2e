"""The operations, each declared once with everything the engine, the tests, the drawings and the manual need of it."""

from __future__ import annotations

from autograd.ops.activations import (
    elu,
    erf,
    gelu,
    gelu_tanh,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_sigmoid,
    mish,
    silu,
    softmax,
    softplus,
    softsign,
)
from autograd.ops.attention import attention, attention_weights, self_attention
from autograd.ops.complex import angle, conjugate, imag, real
from autograd.ops.convolution import (
    biased_convolution,
    convolution,
    convolution_transpose,
    convolution_weight,
)
from autograd.ops.ctc import ctc
from autograd.ops.cumulative import cumprod, cumsum, linear_recurrence, prod
from autograd.ops.elementwise import (
    absolute,
    add,
    cos,
    divide,
    exp,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    sin,
    sqrt,
    subtract,
    tanh,
    where,
)
from autograd.ops.hooks import intercept
from autograd.ops.indexing import getitem, scatter_add
from autograd.ops.losses import binary_cross_entropy, binary_cross_entropy_with_logits, softmax_cross_entropy
from autograd.ops.normalization import standardize
from autograd.ops.padding import pad, unpad
from autograd.ops.pooling import max_pool, sum_pool, sum_pool_transpose
from autograd.ops.products import linear, matmul
from autograd.ops.recurrent import gru, lstm, rnn
from autograd.ops.reductions import log_softmax, logsumexp, max, mean, min, sum
from autograd.ops.resampling import resample, resample_transpose
from autograd.ops.shape import astype, broadcast_to, concatenate, identity, reshape, stack, swapaxes, transpose
from autograd.ops.sorting import add_along_axis, sort, take_along_axis
from autograd.ops.unfolding import fold, unfold
from autograd.ops.variance import std, var

__all__ = [
    "absolute",
    "add",
    "add_along_axis",
    "angle",
    "astype",
    "attention",
    "attention_weights",
    "biased_convolution",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "broadcast_to",
    "concatenate",
    "conjugate",
    "convolution",
    "convolution_transpose",
    "convolution_weight",
    "cos",
    "ctc",
    "cumprod",
    "cumsum",
    "divide",
    "elu",
    "erf",
    "exp",
    "fold",
    "gelu",
    "gelu_tanh",
    "getitem",
    "gru",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "identity",
    "imag",
    "intercept",
    "leaky_relu",
    "linear",
    "linear_recurrence",
    "log",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "lstm",
    "matmul",
    "max",
    "max_pool",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mish",
    "multiply",
    "negative",
    "pad",
    "power",
    "prod",
    "real",
    "relu",
    "resample",
    "resample_transpose",
    "reshape",
    "rnn",
    "scatter_add",
    "self_attention",
    "sigmoid",
    "silu",
    "sin",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
    "sort",
    "sqrt",
    "stack",
    "standardize",
    "std",
    "subtract",
    "sum",
    "sum_pool",
    "sum_pool_transpose",
    "swapaxes",
    "take_along_axis",
    "tanh",
    "transpose",
    "unfold",
    "unpad",
    "var",
    "where",
]
