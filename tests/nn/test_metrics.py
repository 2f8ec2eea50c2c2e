"""Metrics: as scikit-learn computes them, and the same over batches as at once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from nn import metrics

Array = np.ndarray[Any, Any]
sk: Any = pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle, is not installed")


def quiet(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Without the oracle's warnings about what is undefined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def batches(size: int, rng: np.random.Generator) -> list[slice]:
    """Cut into parts of random lengths, some of them empty."""
    cuts = np.sort(rng.integers(0, size + 1, size=3)).tolist()
    return [slice(a, b) for a, b in zip([0, *cuts], [*cuts, size], strict=True)]


def both_ways(
    metric: metrics.Metric, function: Any, x: Array, t: Array, rng: np.random.Generator, **kwargs: Any
) -> Any:
    """The function's value, after making sure that batches give the same, also after other batches."""
    value = function(x, t, **kwargs)
    metric.update(x, t)
    metric.reset()
    for part in batches(len(x), rng):
        metric.update(Tensor(x[part]) if x.dtype.kind == "f" else x[part], t[part])
    np.testing.assert_allclose(metric.compute(), value, rtol=1e-12)
    return value


cases = given(
    samples=st.integers(1, 40),
    count=st.integers(2, 6),
    seed=st.integers(0, 2**32),
    how=st.sampled_from(["labels", "scores"]),
)


def draw(samples: int, count: int, seed: int, how: str) -> tuple[Array, Array, Array, np.random.Generator]:
    """Input and target of all forms, and the predicted classes."""
    rng = np.random.default_rng(seed)
    target = rng.integers(count, size=samples)
    scores = rng.normal(size=(samples, count)) + rng.integers(2) * 2 * np.eye(count)[target]
    predicted = scores.argmax(axis=1)
    return (predicted if how == "labels" else scores), target, predicted, rng


@cases
def test_accuracy_agrees_with_scikit_learn(samples: int, count: int, seed: int, how: str) -> None:
    x, t, predicted, rng = draw(samples, count, seed, how)
    value = both_ways(metrics.Accuracy(), metrics.accuracy, x, t, rng)
    assert value == pytest.approx(sk.accuracy_score(t, predicted))
    if how == "scores" and count > 2:
        k = 1 + seed % count
        value = both_ways(metrics.Accuracy(top_k=k), metrics.accuracy, x, t, rng, top_k=k)
        assert value == pytest.approx(quiet(sk.top_k_accuracy_score, t, x, k=k, labels=range(count)))


@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
@pytest.mark.parametrize("kind", ["precision", "recall", "f1"])
@cases
def test_class_scores_agree_with_scikit_learn(
    kind: str, average: str | None, samples: int, count: int, seed: int, how: str
) -> None:
    x, t, predicted, rng = draw(samples, count, seed, how)
    ours, theirs = getattr(metrics, kind), getattr(sk, f"{kind}_score")
    zero = [0.0, 1.0, np.nan][seed % 3]
    metric = {"precision": metrics.Precision, "recall": metrics.Recall, "f1": metrics.F1}[kind](average, zero)
    value = both_ways(metric, ours, x, t, rng, average=average, zero_division=zero)
    labels = range(len(value)) if average is None else None
    if average == "weighted" and np.isnan(value):  # no class that occurs has a value; the oracle then says 0
        return
    expected = quiet(theirs, t, predicted, average=average, zero_division=zero, labels=labels)
    np.testing.assert_allclose(value, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["precision", "recall", "f1"])
@given(
    samples=st.integers(1, 30), seed=st.integers(0, 2**32), how=st.sampled_from(["labels", "logits", "probabilities"])
)
def test_scores_of_two_classes_agree_with_scikit_learn(kind: str, samples: int, seed: int, how: str) -> None:
    rng = np.random.default_rng(seed)
    t, logits = rng.integers(2, size=samples), rng.normal(size=samples)
    predicted = (logits > 0).astype(int)
    x, threshold = {
        "labels": (predicted, 0.5),
        "logits": (logits, 0.0),
        "probabilities": (1 / (1 + np.exp(-logits)), 0.5),
    }[how]
    zero = [0.0, 1.0][seed % 2]
    expected = quiet(getattr(sk, f"{kind}_score"), t, predicted, zero_division=zero)
    function = getattr(metrics, kind)
    assert function(x, t, zero_division=zero, threshold=threshold) == pytest.approx(expected)
    if how != "labels":  # a column of scores, targets -1 and 1
        signs = 2 * t - 1
        assert function(x[:, None], signs[:, None], zero_division=zero, threshold=threshold) == pytest.approx(expected)
        assert function(x[:, None], t.astype(float), zero_division=zero, threshold=threshold) == pytest.approx(expected)
        assert metrics.accuracy(x[:, None], signs, threshold=threshold) == pytest.approx((t == predicted).mean())


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
@cases
def test_confusion_matrices_agree_with_scikit_learn(
    normalize: str | None, samples: int, count: int, seed: int, how: str
) -> None:
    x, t, predicted, rng = draw(samples, count, seed, how)
    metric = metrics.ConfusionMatrix(normalize)
    value = both_ways(metric, metrics.confusion_matrix, x, t, rng, normalize=normalize)
    expected = quiet(sk.confusion_matrix, t, predicted, normalize=normalize, labels=range(len(value)))
    np.testing.assert_allclose(value, expected)
    assert value.dtype.kind == ("i" if normalize is None else "f")
    assert metrics.confusion_matrix(x, t, num_classes=9).shape == (9, 9)


@given(samples=st.integers(2, 60), seed=st.integers(0, 2**32), ties=st.booleans())
def test_roc_auc_agrees_with_scikit_learn(samples: int, seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    t, x = rng.integers(2, size=samples), rng.normal(size=samples)
    x = x.round() if ties else x
    value = both_ways(metrics.RocAuc(), metrics.roc_auc, x, t, rng)
    if len(set(t.tolist())) < 2:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(sk.roc_auc_score(t, x))


@given(
    samples=st.integers(2, 40), outputs=st.integers(0, 3), seed=st.integers(0, 2**32), shift=st.sampled_from([0.0, 1e6])
)
def test_errors_of_numbers_agree_with_scikit_learn(samples: int, outputs: int, seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    shape = (samples, outputs) if outputs else (samples,)
    t = rng.normal(size=shape) + shift
    x = t + rng.normal(size=shape)
    for metric, function, theirs in (
        (metrics.MeanSquaredError(), metrics.mean_squared_error, sk.mean_squared_error),
        (metrics.MeanAbsoluteError(), metrics.mean_absolute_error, sk.mean_absolute_error),
    ):
        assert both_ways(metric, function, x, t, rng) == pytest.approx(theirs(t, x), rel=1e-9)
    assert metrics.r2(x, t) == pytest.approx(sk.r2_score(t, x), rel=1e-6)
    streamed = metrics.R2()
    for part in batches(samples, rng):
        streamed.update(x[part], t[part])
    assert streamed.compute() == pytest.approx(sk.r2_score(t, x), rel=1e-6)


def test_r2_of_targets_that_do_not_vary() -> None:
    assert metrics.r2([1.0, 1.0], [1.0, 1.0]) == sk.r2_score([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert metrics.r2([1.0, 2.0], [1.0, 1.0]) == sk.r2_score([1.0, 1.0], [1.0, 2.0]) == 0.0
    assert np.isnan(metrics.r2([1.0], [1.0]))


def test_targets_may_be_one_hot_or_soft() -> None:
    scores = np.array([[0.1, 2.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    for target in ([0, 1, 2], np.eye(3), np.eye(3, dtype=int), 0.9 * np.eye(3) + 0.1 / 3):
        assert metrics.accuracy(scores, target) == pytest.approx(1 / 3)
        assert metrics.confusion_matrix(scores, target).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_classes_at_every_position() -> None:
    rng = np.random.default_rng(0)
    scores, target = rng.normal(size=(4, 3, 5, 2)), rng.integers(3, size=(4, 5, 2))
    assert metrics.accuracy(scores, target) == pytest.approx((scores.argmax(axis=1) == target).mean())
    flat = np.moveaxis(scores, 1, -1).reshape(-1, 3)
    assert metrics.accuracy(scores, target, top_k=2) == metrics.accuracy(flat, target.ravel(), top_k=2)
    assert metrics.accuracy(scores[0, :, 0, 0], target[0, 0, 0]) in (0.0, 1.0)  # a single sample


def test_of_equal_scores_the_first_is_the_largest() -> None:
    scores = np.zeros((1, 4))
    assert [metrics.accuracy(scores, [c], top_k=2) for c in range(4)] == [1.0, 1.0, 0.0, 0.0]
    assert [metrics.accuracy(scores, [c]) for c in range(4)] == [1.0, 0.0, 0.0, 0.0]


def test_samples_can_be_left_out() -> None:
    scores, target = np.eye(3)[[0, 1, 2, 0]], np.array([0, -100, 1, -100])
    assert metrics.accuracy(scores, target, ignore_index=-100) == 0.5
    assert metrics.accuracy(scores, target, ignore_index=-100, top_k=3) == 1.0
    assert metrics.confusion_matrix(scores, target, ignore_index=-100).sum() == 2
    assert metrics.f1([1, 1, 0], [1, -1, 1], ignore_index=-1) == pytest.approx(2 / 3)
    assert metrics.accuracy([0.9, 0.9, 0.2], [1, 7, 1], ignore_index=7) == 0.5


def test_tensors_booleans_and_lists_are_read() -> None:
    assert metrics.accuracy(Tensor([[0.0, 1.0]]), Tensor([1], requires_grad=False)) == 1.0
    assert metrics.precision([True, True], [True, False]) == 0.5
    assert metrics.mean_squared_error(Tensor([1.0]), [2]) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda m: m.accuracy([0.5, 2.0], [0, 1]),
            ValueError,
            r"scores from 0\.5 to 2 are none; for logits.*threshold=0\.0",
        ),
        (lambda m: m.accuracy(np.zeros((3, 2)), [0, 1]), ValueError, r"\(3, 2\) does not fit target of shape \(2,\)"),
        (lambda m: m.accuracy([0, 1], [0, 1, 2]), ValueError, r"\(2,\) does not fit target of shape \(3,\)"),
        (lambda m: m.accuracy(np.zeros((1, 3)), [3]), ValueError, r"target 3 is not a class; .*classes 0 to 2"),
        (lambda m: m.accuracy(np.zeros((1, 3)), [-1]), ValueError, "target -1 is not a class.*ignore_index"),
        (lambda m: m.accuracy([0, -1], [0, 1]), ValueError, "input -1 is not a class"),
        (lambda m: m.accuracy(np.zeros((1, 3)), [0.5]), TypeError, "target classes must be whole numbers, got float64"),
        (lambda m: m.accuracy([[np.nan, 0.0]], [0]), ValueError, "scores are nan.*diverged"),
        (lambda m: m.accuracy(["a"], ["a"]), TypeError, "must hold scores or classes, got <U1"),
        (lambda m: m.accuracy([0.1], [2]), ValueError, "must be 0 and 1, or -1 and 1, got 2"),
        (lambda m: m.accuracy([0.1, 0.2, 0.3], [-1, 0, 1]), ValueError, "must be 0 and 1, or -1 and 1, got -1"),
        (lambda m: m.accuracy(np.zeros((2, 3)), np.ones((2, 3))), ValueError, r"add up to 1.*\.ravel\(\)"),
        (lambda m: m.accuracy([], []), ValueError, "no samples to judge"),
        (lambda m: m.accuracy([0, 1], [0, 1], top_k=2), ValueError, "top_k=2 needs scores"),
        (lambda m: m.Accuracy(top_k=0), ValueError, "top_k must be positive"),
        (lambda m: m.f1([0, 2], [0, 1]), ValueError, "there are 3 classes, so average='binary'"),
        (lambda m: m.Recall("mean"), ValueError, "recall: average must be 'binary', .* got 'mean'"),
        (lambda m: m.confusion_matrix([0, 5], [0, 1], num_classes=3), ValueError, "num_classes is 3, but there are 6"),
        (lambda m: m.confusion_matrix([0, 10**9], [0, 1]), ValueError, "1,000,000,001 classes are too many"),
        (lambda m: m.f1([0, 10**12], [0, 1], "macro"), ValueError, "1,000,000,000,001 classes are too many"),
        (lambda m: m.F1().update([0, 2], [0, 1]), ValueError, "there are 3 classes, so average='binary'"),
        (lambda m: m.accuracy(np.zeros((1, 3)), [np.nan]), TypeError, "must be whole numbers, got float64"),
        (lambda m: m.accuracy((Tensor([0.1]), Tensor([0.2])), [0]), TypeError, "got a tuple; for a model of several"),
        (lambda m: m.ConfusionMatrix("rows"), ValueError, "normalize must be 'true'"),
        (lambda m: m.roc_auc(np.zeros((2, 2)), [0, 1]), ValueError, r"probabilities\[:, 1\]"),
        (lambda m: m.roc_auc([np.nan], [0]), ValueError, "cannot be ranked"),
        (lambda m: m.mean_squared_error([1.0, 2.0], [[1.0], [2.0]]), ValueError, "broadcasting them would compare"),
        (lambda m: m.mean_squared_error([1j], [1.0]), TypeError, "input must hold real numbers, got complex128"),
        (lambda m: m.r2(1.0, 1.0), ValueError, "a scalar has no samples"),
        (lambda m: m.OnAll(max).compute(), ValueError, "update it first"),
        (lambda m: m.Metric(), NotImplementedError, "Metric has no reset method"),
    ],
)
def test_what_metrics_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(metrics)


def test_kept_batches_are_copies() -> None:
    metric, batch = metrics.OnAll(lambda x, t: float((x * t).sum())), np.ones(2)
    metric.update(batch, batch)
    batch[:] = 5.0
    metric.update([3.0], [2.0])
    assert metric.compute() == 8.0
