"""The operations, each declared once with everything the engine, the tests, the drawings and the manual need of it."""

from __future__ import annotations

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
from autograd.ops.indexing import getitem, scatter_add
from autograd.ops.normalization import standardize
from autograd.ops.products import linear, matmul
from autograd.ops.reductions import log_softmax, logsumexp, max, mean, min, sum
from autograd.ops.shape import astype, broadcast_to, concatenate, identity, reshape, stack, swapaxes, transpose

__all__ = [
    "absolute",
    "add",
    "astype",
    "broadcast_to",
    "concatenate",
    "cos",
    "divide",
    "exp",
    "getitem",
    "identity",
    "linear",
    "log",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "power",
    "relu",
    "reshape",
    "scatter_add",
    "sigmoid",
    "sin",
    "sqrt",
    "stack",
    "standardize",
    "subtract",
    "sum",
    "swapaxes",
    "tanh",
    "transpose",
    "where",
]
