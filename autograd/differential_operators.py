"""The transforms under the name of the module that the established ``autograd`` package keeps them in."""

from __future__ import annotations

from autograd.checkpointing import checkpoint
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
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]
