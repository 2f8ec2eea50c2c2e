"""Losses against PyTorch over targets and reductions, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.ops import softmax_cross_entropy
from nn import functional as F

RTOL = 1e-7


def compare(torch: Any, ours: nn.Module, theirs: Any, x: Any, target: Any) -> None:
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    ours_loss, theirs_loss = ours(a, target), theirs(b, torch.tensor(target))
    assert ours_loss.shape == tuple(theirs_loss.shape)
    np.testing.assert_allclose(ours_loss.data, theirs_loss.detach().numpy(), rtol=RTOL)
    ours_loss.sum().backward()
    theirs_loss.sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=RTOL, atol=1e-15)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (0,)])
def test_mse_is_pytorchs(torch: Any, rng: np.random.Generator, reduction: str, shape: tuple[int, ...]) -> None:
    x, y = rng.normal(size=shape), rng.normal(size=shape)
    compare(torch, nn.MSELoss(reduction), torch.nn.MSELoss(reduction=reduction), x, y)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        *[(shape, kind) for shape in ((3,), (5, 3), (2, 3, 4), (2, 3, 2, 2)) for kind in ("indices", "probabilities")],
        *[(shape, "ignored") for shape in ((5, 3), (2, 3, 2, 2))],
    ],
)
def test_cross_entropy_is_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    kind: str,
    weighted: bool,
    smoothing: float,
    reduction: str,
) -> None:
    axis = 0 if len(shape) == 1 else 1
    x = rng.normal(size=shape) * 2
    positions = shape[:axis] + shape[axis + 1 :]
    target: Any
    if kind == "probabilities":
        target = rng.uniform(size=shape)
        target /= target.sum(axis, keepdims=True)
    else:
        target = np.asarray(rng.integers(0, 3, positions))
        if kind == "ignored":
            target[(0,) * target.ndim] = -100
    weight = rng.uniform(0.5, 2, 3) if weighted else None
    ours = nn.CrossEntropyLoss(weight, reduction=reduction, label_smoothing=smoothing)
    theirs = torch.nn.CrossEntropyLoss(
        None if weight is None else torch.tensor(weight), reduction=reduction, label_smoothing=smoothing
    )
    compare(torch, ours, theirs, x, target)


@pytest.mark.parametrize(
    "loss_of",
    [
        F.cross_entropy,
        F.nll_loss,
        lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1),
        lambda x, y: F.cross_entropy(x, y, [1.0, 2.0, 3.0]),
        lambda x, y: F.nll_loss(x, y, [1.0, 2.0, 3.0]),
    ],
)
@pytest.mark.parametrize("samples", [0, 2])
def test_the_mean_of_nothing_is_not_a_number_and_has_no_gradient(samples: int, loss_of: Any) -> None:
    x = Tensor(np.ones((samples, 3)))
    loss = loss_of(x, np.full(samples, -100))
    assert np.isnan(loss.data)
    loss.backward()
    np.testing.assert_array_equal(x.grad, np.zeros((samples, 3)))


@pytest.mark.parametrize("arguments", [{}, {"weight": [1.0, 2.0, 3.0]}, {"label_smoothing": 0.1}])
@pytest.mark.parametrize("left_out", [[-np.inf, 1.0, 2.0], [np.nan, 0.0, 0.0], [-np.inf] * 3])
def test_what_is_ignored_may_hold_anything(left_out: list[float], arguments: dict[str, Any]) -> None:
    x, y = Tensor([left_out, [0.0, 1.0, 2.0]]), Tensor([[0.0, 1.0, 2.0]])
    loss, expected = F.cross_entropy(x, [-100, 1], **arguments), F.cross_entropy(y, [1], **arguments)
    np.testing.assert_allclose(loss.data, expected.data, rtol=1e-15)
    loss.backward()
    expected.backward()
    np.testing.assert_allclose(x.grad, [[0.0, 0.0, 0.0], *y.grad], rtol=1e-15)


def test_another_index_can_be_ignored(torch: Any, rng: np.random.Generator) -> None:
    ours, theirs = nn.CrossEntropyLoss(ignore_index=1), torch.nn.CrossEntropyLoss(ignore_index=1)
    compare(torch, ours, theirs, rng.normal(size=(4, 3)), np.array([0, 1, 2, 1]))


def test_one_hot_integers_are_probabilities(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(4, 3)), np.array([0, 2, 1, 2])
    one_hot = np.eye(3, dtype=int)[y]
    np.testing.assert_allclose(F.cross_entropy(x, one_hot), F.cross_entropy(x, y), rtol=1e-12)


def test_targets_may_be_tensors_lists_and_arrays(rng: np.random.Generator) -> None:
    x = Tensor(rng.normal(size=(3, 2)))
    losses = [
        F.cross_entropy(x, y).item() for y in ([0, 1, 0], np.array([0, 1, 0]), Tensor([0, 1, 0], requires_grad=False))
    ]
    assert losses[0] == losses[1] == losses[2]


def test_soft_targets_get_gradients_too(rng: np.random.Generator) -> None:
    teacher, pupil = Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=(4, 3)))
    F.cross_entropy(pupil, F.softmax(teacher, 1)).backward()
    assert teacher.grad.shape == (4, 3)


def test_extreme_logits_stay_finite() -> None:
    x = Tensor([[1e4, -1e4], [-1e4, 1e4]])
    loss = nn.CrossEntropyLoss()(x, [0, 0])
    assert loss.item() == 1e4
    loss.backward()
    np.testing.assert_allclose(x.grad, [[0.0, 0.0], [-0.5, 0.5]])


def test_losses_keep_the_predictions_dtype(rng: np.random.Generator) -> None:
    x = Tensor(rng.normal(size=(4, 3)), dtype=np.float32)
    weight = np.array([1.0, 2.0, 3.0])
    for smoothing in (0.0, 0.1):
        for target in ([0, 1, -100, 2], [0, 1, 2, 2], np.full((4, 3), 1 / 3)):
            for w in (None, weight):
                assert F.cross_entropy(x, target, w, label_smoothing=smoothing).dtype == np.float32
    assert F.mse_loss(x, rng.normal(size=(4, 3))).dtype == np.float32


def test_the_gate_of_cross_entropy_reads_whole_numbers_and_lists() -> None:
    expected = softmax_cross_entropy(np.array([[0.0, 1.0]]), index=np.array([1]), scale=0.5)
    np.testing.assert_allclose(softmax_cross_entropy([[0, 1]], index=[1], scale=0.5), expected, rtol=1e-15)
    np.testing.assert_allclose(softmax_cross_entropy(Tensor([0.0, 1.0]), index=1, scale=0.5).data, expected[0])


def test_losses_are_scopes() -> None:
    assert nn.CrossEntropyLoss()(Tensor([1.0, 2.0]), 0).scope == ("CrossEntropyLoss",)
    assert nn.MSELoss()(Tensor(1.0), 0.0).scope == ("MSELoss",)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: F.mse_loss(np.ones((4, 1)), np.ones(4)),
            ValueError,
            r"mse_loss: input has shape \(4, 1\) but target has shape \(4,\).*reshape one",
        ),
        (
            lambda: nn.MSELoss()(Tensor([1.0]), np.ones(2)),
            ValueError,
            r"input has shape \(1,\) but target has shape \(2,\).*\[in scope MSELoss\]",
        ),
        (lambda: nn.MSELoss("avg"), ValueError, "MSELoss: reduction must be 'mean', 'sum' or 'none', got 'avg'"),
        (
            lambda: F.cross_entropy(np.ones((4, 3)), [0, 1, 5, 0]),
            ValueError,
            r"target 5 at position 2 is not a class; input of shape \(4, 3\) has the classes 0 to 2",
        ),
        (lambda: F.cross_entropy(np.ones((4, 3)), [0, 1, 2, -1]), ValueError, "target -1 at position 3 is not a class"),
        (
            lambda: F.cross_entropy(np.ones((2, 3, 2)), [[0, 1], [7, 0]]),
            ValueError,
            r"target 7 at position \(1, 0\) is not a class",
        ),
        (lambda: F.cross_entropy(np.ones(3), 3), ValueError, "target 3 is not a class"),
        (
            lambda: F.cross_entropy(np.ones((4, 3)), [0.0, 1.0, 2.0, 0.0]),
            TypeError,
            r"class indices must be integers, got float64 \(4,\); convert them with .astype\(int\)",
        ),
        (
            lambda: F.cross_entropy(np.ones((4, 3)), np.ones((4, 2))),
            ValueError,
            r"must hold class indices of shape \(4,\) or probabilities of shape \(4, 3\), got shape \(4, 2\)",
        ),
        (lambda: F.cross_entropy(np.ones((4, 3)), [[0], [1], [2], [0]]), ValueError, r"got shape \(4, 1\)"),
        (lambda: F.cross_entropy(1.0, 0), ValueError, "input needs a class axis, got a scalar"),
        (
            lambda: F.cross_entropy(np.ones((4, 3)), [0, 1, 2, 0], weight=[1.0, 2.0]),
            ValueError,
            r"weight must hold one number for each of the 3 classes, shape \(3,\), got shape \(2,\)",
        ),
        (
            lambda: F.cross_entropy(np.ones((4, 3)), [0, 1, 2, 0], weight=[1.0, -2.0, 0.0]),
            ValueError,
            "weight must be 0 or more, got -2.0",
        ),
        (
            lambda: F.cross_entropy(np.ones((1, 3)), np.eye(3)[:1], ignore_index=1),
            ValueError,
            r"ignore_index=1 marks class indices, but the target holds probabilities of shape \(1, 3\)",
        ),
        (lambda: F.cross_entropy(np.ones((2, 3)), [True, False]), TypeError, "must be integers, got bool"),
        (lambda: F.cross_entropy(np.ones((2, 0)), [0, 1]), ValueError, r"input of shape \(2, 0\) has no classes"),
        (lambda: F.cross_entropy(np.ones((2, 3)) * 1j, [0, 1]), TypeError, "cross_entropy: input .* is complex"),
        (
            lambda: softmax_cross_entropy(np.ones((4, 3)), index=np.array([1])),
            ValueError,
            r"softmax_cross_entropy.*expected logits \(..., C\) and an integer index \(...\), got index int64 \(1,\)",
        ),
        (lambda: softmax_cross_entropy(1.0, index=np.array(0)), ValueError, "expected logits"),
        (lambda: softmax_cross_entropy(np.ones((1, 2)), index=np.array([True])), ValueError, "integer index"),
        (
            lambda: nn.CrossEntropyLoss(label_smoothing=1.5),
            ValueError,
            "CrossEntropyLoss: label_smoothing must be between 0 and 1, got 1.5",
        ),
        (
            lambda: nn.CrossEntropyLoss(reduction="max"),
            ValueError,
            "CrossEntropyLoss: reduction must be 'mean', 'sum' or 'none', got 'max'",
        ),
    ],
)
def test_what_losses_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
