"""What primitives are tried on: every one on a scalar and on an empty array, or there is a reason why not."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.primitives import REGISTRY, Primitive

#: Operations that no scalar goes into, by what they need.
NO_SCALAR = {
    "an axis": (
        "swapaxes repeat concatenate log_softmax softmax cumsum cumprod linear_recurrence fft ifft rfft irfft "
        "vector_norm softmax_cross_entropy take_along_axis add_along_axis sort pad unpad convolve windowed_convolution"
    ),
    "rows and columns, or a vector": (
        "matmul linear inv solve pinv lstsq cofactor_tangent cofactor det slogdet eig eigvals cholesky eigh eigvalsh "
        "qr svd svdvals solve_sylvester solve_triangular solve_with_bands expm sqrtm"
    ),
    "batches, channels and places": (
        "convolution biased_convolution convolution_transpose convolution_weight max_pool sum_pool sum_pool_transpose "
        "resample resample_transpose unfold fold ctc"
    ),
    "steps in time": "lstm gru rnn solve_ode",
    "more than one element, or its slope is infinite": "std",
}

#: Operations that no empty array goes into, or whose result then is no number.
NO_EMPTY = {
    "a sequence has at least one step": "lstm gru rnn solve_ode",
    "NumPy refuses to convolve nothing": "convolve",
    "its value at several matrices is the tangent of the cofactors, which is tried on empty ones": "cofactor_tangent",
}


def _reasons(table: dict[str, str]) -> dict[str, str]:
    return {name: reason for reason, names in table.items() for name in names.split()}


SAMPLED = [pytest.param(p, id=name) for name, p in REGISTRY.items() if p.samples is not None]


def _shapes(primitive: Primitive) -> list[tuple[int, ...]]:
    assert primitive.samples is not None
    return [np.shape(x) for sample in primitive.samples() for x in sample.inputs]


@pytest.mark.parametrize("primitive", SAMPLED)
def test_it_is_tried_on_a_scalar(primitive: Primitive) -> None:
    tried, reason = () in _shapes(primitive), _reasons(NO_SCALAR).get(primitive.name)
    assert tried != (reason is not None), reason or "no sample has a scalar; add one, or say why there is none"


@pytest.mark.parametrize("primitive", SAMPLED)
def test_it_is_tried_on_an_empty_array(primitive: Primitive) -> None:
    tried, reason = any(0 in shape for shape in _shapes(primitive)), _reasons(NO_EMPTY).get(primitive.name)
    assert tried != (reason is not None), reason or "no sample is empty; add one, or say why there is none"


def test_reasons_are_of_operations_that_there_are() -> None:
    assert not (_reasons(NO_SCALAR).keys() | _reasons(NO_EMPTY).keys()) - REGISTRY.keys()


@pytest.mark.parametrize("primitive", [p for p in REGISTRY.values() if p.kind == "elementwise"], ids=lambda p: p.name)
def test_elementwise_operations_say_where_each_input_is_tried(primitive: Primitive) -> None:
    assert len(primitive.domains) == len(primitive.partials) == primitive.arity
