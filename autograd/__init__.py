"""glassgrad's engine: reverse-mode automatic differentiation that can be seen through.

>>> from autograd import Tensor
>>> x = Tensor(3.0, name="x")
>>> y = x * x + 1
>>> y.backward()
>>> float(x.grad)
6.0
"""

from __future__ import annotations

from typing import Any

from autograd import _tuning, assignment_protocols, methods, numpy, operators, protocols
from autograd._state import enable_grad, is_grad_enabled, no_grad, scope
from autograd.anomaly import AnomalyError, detect_anomaly
from autograd.assignment import assignable
from autograd.builtins import dict as dict
from autograd.builtins import isinstance as isinstance
from autograd.builtins import list as list
from autograd.builtins import tuple as tuple
from autograd.builtins import type as type
from autograd.checkpointing import checkpoint
from autograd.extend import primitive as primitive
from autograd.jacobians import (
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp_reversemode,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.ops import (
    absolute,
    add,
    concatenate,
    cos,
    divide,
    exp,
    log,
    log_softmax,
    logsumexp,
    matmul,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    sin,
    sqrt,
    stack,
    subtract,
    tanh,
    where,
)
from autograd.primitives import REGISTRY
from autograd.tensor import Tensor
from autograd.transforms import (
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    holomorphic_grad,
    make_jvp,
    make_vjp,
    multigrad_dict,
    value_and_grad,
)

__all__ = [
    "AnomalyError",
    "Tensor",
    "absolute",
    "add",
    "assignable",
    "checkpoint",
    "concatenate",
    "cos",
    "deriv",
    "detect_anomaly",
    "divide",
    "elementwise_grad",
    "enable_grad",
    "exp",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "is_grad_enabled",
    "jacobian",
    "log",
    "log_softmax",
    "logsumexp",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "matmul",
    "maximum",
    "minimum",
    "multigrad_dict",
    "multiply",
    "negative",
    "no_grad",
    "numpy",
    "power",
    "relu",
    "scope",
    "sigmoid",
    "sin",
    "sqrt",
    "stack",
    "subtract",
    "tanh",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
    "where",
]


def __getattr__(name: str) -> Any:
    """Operations declared since: whatever is registered is here, too."""
    if name in REGISTRY:
        return REGISTRY[name].function
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


_tuning.tune()
del assignment_protocols, methods, operators, protocols  # imported for what they set on Tensor and Array
