"""Connectionist temporal classification: by counting all paths, and as PyTorch has it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Tensor, make_jvp
from autograd.test_util import check_grads
from nn import functional as F


def _read(path: tuple[int, ...], blank: int) -> list[int]:
    """Join repetitions, then drop blanks."""
    return [kind for kind, _ in itertools.groupby(path) if kind != blank]


@pytest.mark.parametrize(
    ("labels", "blank"), [([1], 0), ([1, 2], 0), ([1, 1], 0), ([2, 1, 2], 0), ([], 0), ([0, 0], 1), ([0], 2)]
)
@pytest.mark.parametrize("steps", [1, 3, 5])
def test_the_likelihood_is_the_sum_over_all_paths(labels: list[int], blank: int, steps: int) -> None:
    p = np.random.default_rng(steps).dirichlet(np.ones(3), steps)
    paths = (path for path in itertools.product(range(3), repeat=steps) if _read(path, blank) == labels)
    likelihood = sum(np.prod(p[range(steps), path]) for path in paths)
    loss = F.ctc_loss(np.log(p), np.array(labels, int), steps, len(labels), blank, "none")
    assert loss.shape == ()
    np.testing.assert_allclose(np.exp(-loss), likelihood, rtol=1e-12)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    samples, classes = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    blank = draw(st.integers(0, classes - 1))
    labels = [c for c in range(classes) if c != blank]
    targets = [draw(st.lists(st.sampled_from(labels), max_size=4)) for _ in range(samples)]
    steps = draw(st.integers(1, 9))
    return {
        "blank": blank,
        "classes": classes,
        "targets": targets,
        "steps": steps,
        "lengths": [draw(st.integers(1, steps)) for _ in range(samples)],
        "reduction": draw(st.sampled_from(["mean", "sum", "none"])),
        "joined": draw(st.booleans()),
    }


@settings(max_examples=60)
@given(problems())
def test_ctc_is_pytorchs(problem: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    targets, reduction = problem["targets"], problem["reduction"]
    target_lengths = [len(target) for target in targets]
    if problem["joined"]:
        labels = np.array([*itertools.chain(*targets)], int)
    else:
        labels = np.full((len(targets), max(1, *target_lengths)), problem["blank"])
        for row, target in zip(labels, targets, strict=True):
            row[: len(target)] = target
    x = np.random.default_rng(0).normal(size=(problem["steps"], len(targets), problem["classes"])) * 3
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    arguments = {"blank": problem["blank"], "reduction": reduction, "zero_infinity": True}
    ours = nn.CTCLoss(**arguments)(F.log_softmax(a, -1), labels, problem["lengths"], target_lengths)
    lengths = torch.tensor(problem["lengths"]), torch.tensor(target_lengths)
    theirs = torch.nn.CTCLoss(**arguments)(b.log_softmax(-1), torch.tensor(labels), *lengths)
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-7, atol=1e-12)
    ours.sum().backward()
    theirs.sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-12)


def test_impossible_sequences_have_infinite_losses_without_gradient() -> None:
    x = Tensor(np.log(np.full((3, 3, 2), 0.5)))
    labels, lengths = [[1, 1], [1, 1], [1, 1]], [2, 3, 0]
    losses = F.ctc_loss(x, labels, lengths, [2, 2, 1], reduction="none")
    np.testing.assert_array_equal(losses.data, [np.inf, 3 * np.log(2), np.inf])
    losses[:1].sum().backward()
    np.testing.assert_array_equal(x.grad, np.zeros(x.shape))
    assert np.isinf(F.ctc_loss(x, labels, lengths, [2, 2, 1]).data)
    mean = F.ctc_loss(x, labels, lengths, [2, 2, 1], zero_infinity=True)
    np.testing.assert_allclose(mean.data, 3 * np.log(2) / 2 / 3)
    decomposed = losses.primitive.decomposition(x, **losses.attributes)
    np.testing.assert_allclose(decomposed.data, losses.data)
    x.grad = None
    decomposed.sum().backward()
    assert np.isfinite(x.grad).all()


def test_steps_of_vanishing_probability_still_count() -> None:
    """All paths but one lead nowhere, and are 1e2000 times as likely until the last step."""
    x = np.full((50, 1, 3), -100.0)
    x[:, :, 0] = 0.0
    labels = np.tile([1, 2], 25)
    loss = F.ctc_loss(Tensor(x), labels[None], [50], [50], reduction="sum")
    assert loss.item() == 5000.0
    impossible = Tensor(np.array([[[0.0, -np.inf]], [[0.0, -np.inf]]]))
    loss = F.ctc_loss(impossible, [[1]], [2], [1], reduction="sum")
    assert loss.item() == np.inf
    loss.backward()
    assert np.isfinite(impossible.grad).all()


def test_second_derivatives_are_those_of_the_recursion(rng: np.random.Generator) -> None:
    x = rng.normal(size=(4, 2, 3))
    check_grads(
        lambda x: F.ctc_loss(F.log_softmax(x, -1), [[1, 1], [2, 1]], [4, 3], [2, 1]), modes=("fwd", "rev"), order=2
    )(x)


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    x = Tensor(rng.normal(size=(4, 2, 3)), dtype=np.float32)
    loss = nn.CTCLoss()(F.log_softmax(x, -1), [[1, 1], [2, 1]], [4, 3], [2, 1])
    assert loss.dtype == np.float32
    loss.backward()
    assert x.grad.dtype == np.float32


def test_half_precision_is_summed_in_double_precision(rng: np.random.Generator) -> None:
    x = Tensor(rng.normal(size=(4, 2, 3)) - 2, dtype=np.float16)
    labels = [[1, 1], [2, 1]]
    loss = F.ctc_loss(x, labels, [4, 3], [2, 1], reduction="sum")
    loss.backward()
    fast, x.grad = x.grad, None
    F.ctc_loss(x, labels, [4, 3], [2, 1], reduction="sum").backward(create_graph=True)
    assert loss.dtype == fast.dtype == x.grad.dtype == np.float16
    np.testing.assert_allclose(fast, x.grad.data, rtol=2e-3)


def test_of_no_steps_all_derivatives_are_empty() -> None:
    x = np.zeros((0, 2, 3))

    def loss(x: Any) -> Any:
        return F.ctc_loss(x, np.zeros((2, 0), int), [0, 0], [0, 0], reduction="none")

    a = Tensor(x)
    loss(a).sum().backward(create_graph=True)
    assert a.grad.shape == x.shape
    np.testing.assert_array_equal(make_jvp(loss)(x)(x)[1], np.zeros(2))


def test_labels_after_the_end_are_not_read(rng: np.random.Generator) -> None:
    x = rng.normal(size=(4, 2, 3))
    losses = [F.ctc_loss(x, [[1, 2, 1], [2, end, 0]], [4, 4], [3, 1]) for end in (1, -1, 99)]
    assert losses[0] == losses[1] == losses[2]


X = np.zeros((4, 2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.ctc_loss(np.zeros(3), [1], [1], [1]), ValueError, r"must have shape \(T, N, C\) or \(T, C\), got"),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 4], [1, 1], blank=3), ValueError, "blank must be .* 0 to 2, got 3"),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 4], [1, 1], blank=0.5), ValueError, "blank must be .* got 0.5"),
        (
            lambda: F.ctc_loss(X, [[1], [1]], [4], [1, 1]),
            ValueError,
            r"input_lengths must hold .* 2 samples, got shape",
        ),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 4], [1.0, 1]), TypeError, r"target_lengths must hold integers"),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 4], [-1, 1]), ValueError, "target_lengths must not be negative, got -1"),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 5], [1, 1]), ValueError, "have 4 steps, but input_lengths has 5"),
        (
            lambda: F.ctc_loss(X, [1, 1, 1], [4, 4], [1, 1]),
            ValueError,
            "as many labels as target_lengths say, 2, got 3",
        ),
        (lambda: F.ctc_loss(X, [[1], [1]], [4, 4], [2, 1]), ValueError, r"must have shape \(2, 2\) or be one row of 3"),
        (lambda: F.ctc_loss(X, [[1.0], [1]], [4, 4], [1, 1]), TypeError, "targets must hold integers, got float64"),
        (lambda: F.ctc_loss(X, [[0], [1]], [4, 4], [1, 1]), ValueError, "target 0 is no label; .* without the blank 0"),
        (lambda: F.ctc_loss(X, [[3], [1]], [4, 4], [1, 1]), ValueError, "target 3 is no label; labels are .* 0 to 2"),
        (lambda: nn.CTCLoss(reduction="all"), ValueError, "CTCLoss: reduction must be"),
    ],
)
def test_what_ctc_refuses(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
