"""Every loss, as function and module, against PyTorch: values and the gradient of every input, from one table."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.test_util import check_grads
from nn import functional as F

Inputs = tuple[list[Any], list[Any]]  # those that have gradients, those that have not
REDUCTIONS = ("mean", "sum", "none")


def _numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape) * 2, rng.normal(size=shape) * 2], []


def _counts(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape)], [rng.integers(0, 9, shape).astype(float)]


def _rates(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.uniform(0, 3, shape), rng.uniform(0, 5, shape)], []


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape), rng.normal(size=shape), rng.uniform(0.1, 2, shape)], []


def _probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    p = np.asarray(rng.uniform(0, 1, shape))
    p[(0,) * p.ndim] = 1.0
    return [p], [rng.integers(0, 2, shape).astype(float)]


def _soft_probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.uniform(0.01, 0.99, shape), rng.uniform(0, 1, shape)], []


def _logits(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape) * 20, rng.uniform(0, 1, shape)], []


def _signs(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape) * 2], [rng.choice([-1.0, 1.0], shape)]


def _pairs_and_signs(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    first, second = rng.normal(size=shape), rng.normal(size=shape)
    if len(shape):
        first[0] = second[0]  # a tie
    return [first, second], [rng.choice([-1.0, 1.0], shape)]


def _vectors(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape), rng.normal(size=shape)], []


def _vectors_and_signs(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return _vectors(rng, shape)[0], [np.asarray(rng.choice([-1.0, 1.0], shape[:-1]))]


def _triplets(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [rng.normal(size=shape) for _ in range(3)], []


def _classes(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    axis = 0 if len(shape) == 1 else 1
    return [rng.normal(size=shape) * 2], [np.asarray(rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :]))]


def _ignored_classes(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    inputs, (index,) = _classes(rng, shape)
    index[(0,) * index.ndim] = -100
    return inputs, [index]


def _labels(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    labels = np.full(shape, -1)
    for row in labels.reshape(-1, shape[-1]):
        n = int(rng.integers(0, shape[-1] + 1))
        row[:n] = rng.integers(0, shape[-1], n)
        if n + 1 < shape[-1]:
            row[n + 1] = 0  # after the first -1, so not read
    return [rng.normal(size=shape)], [labels]


def _distributions(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    return [np.log(rng.dirichlet(np.ones(shape[-1]), shape[:-1])), rng.dirichlet(np.ones(shape[-1]), shape[:-1])], []


def _log_distributions(rng: np.random.Generator, shape: tuple[int, ...]) -> Inputs:
    (x, p), _ = _distributions(rng, shape)
    return [x, np.log(p)], []


WEIGHTS = np.array([0.5, 2.0, 1.5])
ANY, BATCH = [(), (4,), (2, 3)], [(4, 3), (1, 3)]
#: Module, function, sets of settings, what makes its inputs, and of which shapes.
TABLE: list[tuple[str, str, list[dict[str, Any]], Any, list[tuple[int, ...]]]] = [
    ("MSELoss", "mse_loss", [{}], _numbers, ANY),
    ("L1Loss", "l1_loss", [{}], _numbers, ANY),
    ("SmoothL1Loss", "smooth_l1_loss", [{}, {"beta": 0.3}, {"beta": 0.0}, {"beta": 3}], _numbers, ANY),
    ("HuberLoss", "huber_loss", [{}, {"delta": 0.3}, {"delta": 3}], _numbers, ANY),
    ("PoissonNLLLoss", "poisson_nll_loss", [{}, {"full": True}], _counts, ANY),
    ("PoissonNLLLoss", "poisson_nll_loss", [{"log_input": False, "full": f} for f in (False, True)], _rates, ANY),
    ("GaussianNLLLoss", "gaussian_nll_loss", [{}, {"full": True}, {"eps": 0.9}], _normal, ANY),
    ("BCELoss", "binary_cross_entropy", [{}, {"weight": WEIGHTS}], _probabilities, [(2, 3)]),
    ("BCELoss", "binary_cross_entropy", [{}], _probabilities, ANY),
    ("BCELoss", "binary_cross_entropy", [{}, {"weight": WEIGHTS[:2, None]}], _soft_probabilities, [(2, 3)]),
    ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", [{}], _logits, ANY),
    (
        "BCEWithLogitsLoss",
        "binary_cross_entropy_with_logits",
        [{"pos_weight": WEIGHTS}, {"weight": WEIGHTS}, {"weight": WEIGHTS[:2, None], "pos_weight": WEIGHTS}],
        _logits,
        [(2, 3)],
    ),
    (
        "MultiLabelSoftMarginLoss",
        "multilabel_soft_margin_loss",
        [{}, {"weight": WEIGHTS}],
        _logits,
        [(3,), *BATCH],
    ),
    ("KLDivLoss", "kl_div", [{}], _distributions, [(3,), (4, 3), (2, 3, 4)]),
    ("KLDivLoss", "kl_div", [{"log_target": True}], _log_distributions, [(3,), (4, 3), (2, 3, 4)]),
    ("CrossEntropyLoss", "cross_entropy", [{}, {"weight": WEIGHTS}], _classes, [(3,), (5, 3), (1, 3), (2, 3, 4, 1)]),
    ("NLLLoss", "nll_loss", [{}, {"weight": WEIGHTS}, {"ignore_index": 1}], _classes, [(5, 3), (4, 3, 4, 1)]),
    ("NLLLoss", "nll_loss", [{}, {"weight": WEIGHTS}], _classes, [(3,)]),
    ("NLLLoss", "nll_loss", [{}, {"weight": WEIGHTS}], _ignored_classes, [(5, 3), (2, 3, 4, 1)]),
    ("SoftMarginLoss", "soft_margin_loss", [{}], _signs, ANY),
    ("HingeEmbeddingLoss", "hinge_embedding_loss", [{}, {"margin": 0.3}], _signs, ANY),
    ("MarginRankingLoss", "margin_ranking_loss", [{}, {"margin": 0.3}], _pairs_and_signs, ANY),
    (
        "MultiMarginLoss",
        "multi_margin_loss",
        [
            {"p": p, "margin": margin, "weight": weight}
            for p, margin, weight in itertools.product((1, 2), (1.0, 0.3), (None, WEIGHTS))
        ],
        _classes,
        [(3,), *BATCH],
    ),
    ("MultiLabelMarginLoss", "multilabel_margin_loss", [{}], _labels, [(3,), (5, 4), (1, 3)]),
    ("CosineEmbeddingLoss", "cosine_embedding_loss", [{}, {"margin": 0.3}], _vectors_and_signs, [(3,), *BATCH]),
    (
        "TripletMarginLoss",
        "triplet_margin_loss",
        [{}, *[{"p": p, "swap": swap, "margin": 2.0} for p in (1, 2.0, 3.5) for swap in (False, True)], {"eps": 0.1}],
        _triplets,
        [(3,), *BATCH],
    ),
    (
        "CosineSimilarity",
        "cosine_similarity",
        [{}, {"dim": 0}, {"dim": -1, "eps": 1e-3}],
        _vectors,
        [(4, 3), (2, 3, 4)],
    ),
    (
        "PairwiseDistance",
        "pairwise_distance",
        [{"p": p, "keepdim": k} for p in (1, 2, 3.5, np.inf) for k in (False, True)],
        _vectors,
        [(3,), *BATCH],
    ),
]
CASES = [
    pytest.param(module, function, settings, make, shape, id=f"{module} {settings} {make.__name__} {shape}")
    for module, function, sets, make, shapes in TABLE
    for settings in sets
    for shape in shapes
]


def _as_torch(torch: Any, x: Any) -> Any:
    return torch.tensor(x) if isinstance(x, np.ndarray) else x


def compare(torch: Any, ours: Any, theirs: Any, inputs: list[Any], fixed: list[Any]) -> None:
    """Values and the gradients of all inputs agree, for random cotangents."""
    a, b = [Tensor(x) for x in inputs], [torch.tensor(x, requires_grad=True) for x in inputs]
    y, z = ours(*a, *fixed), theirs(*b, *map(torch.tensor, fixed))
    assert y.shape == tuple(z.shape)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-7, atol=1e-14)
    cotangent = np.random.default_rng(1).normal(size=y.shape)
    y.backward(cotangent)
    z.backward(torch.tensor(cotangent))
    for i, (s, t) in enumerate(zip(a, b, strict=True)):
        np.testing.assert_allclose(s.grad, t.grad.numpy(), rtol=1e-7, atol=1e-14, err_msg=f"gradient of input {i}")


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")  # PyTorch, of the divergence
@pytest.mark.parametrize(("module", "function", "settings", "make", "shape"), CASES)
def test_losses_are_pytorchs(
    torch: Any, module: str, function: str, settings: dict[str, Any], make: Any, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(len(shape))
    no_reduction = module in ("CosineSimilarity", "PairwiseDistance")
    for reduction in ("",) if no_reduction else (*REDUCTIONS, *(["batchmean"] if module == "KLDivLoss" else [])):
        arguments = {**settings, **({"reduction": reduction} if reduction else {})}
        ours = getattr(nn, module)(**arguments)
        theirs = getattr(torch.nn, module)(**{key: _as_torch(torch, value) for key, value in arguments.items()})
        assert list(ours.state_dict()) == list(theirs.state_dict())
        for _ in range(3):
            inputs, fixed = make(rng, shape)
            compare(torch, ours, theirs, inputs, fixed)
            np.testing.assert_array_equal(getattr(F, function)(*inputs, *fixed, **arguments), ours(*inputs, *fixed))


@pytest.mark.parametrize(("module", "function", "settings", "make", "shape"), CASES)
def test_losses_keep_the_dtype_of_their_input(
    module: str, function: str, settings: dict[str, Any], make: Any, shape: tuple[int, ...]
) -> None:
    inputs, fixed = make(np.random.default_rng(0), shape)
    tensors = [Tensor(np.float32(x)) for x in inputs]
    loss = getattr(F, function)(*tensors, *fixed, **settings)
    assert loss.dtype == np.float32
    loss.sum().backward()
    for x in tensors:
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize("function", ["mse_loss", "l1_loss", "huber_loss"])
@pytest.mark.parametrize("shape", [(2, 3), (2, 1)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_regression_losses_can_be_weighted(
    torch: Any, rng: np.random.Generator, function: str, shape: tuple[int, ...], reduction: str
) -> None:
    if "weight" not in torch.nn.functional.mse_loss.__code__.co_varnames:
        pytest.skip("this PyTorch has no weights here")
    weight = np.broadcast_to(rng.uniform(size=shape), (2, 3)).copy()

    def ours(x: Any, y: Any) -> Any:
        return getattr(F, function)(x, y, reduction=reduction, weight=weight)

    def theirs(x: Any, y: Any) -> Any:
        return getattr(torch.nn.functional, function)(x, y, reduction=reduction, weight=torch.tensor(weight))

    compare(torch, ours, theirs, *_numbers(rng, (2, 3)))


@pytest.mark.parametrize("shape", [(), (4, 3), (4, 1), (4,)])
def test_variances_may_be_shared(torch: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    var = np.asarray(rng.uniform(0.5, 2, shape))
    (x, y, _), _ = _normal(rng, (4, 3))
    if not shape:
        var = np.full((4, 1), var)  # PyTorch takes numbers only where they need no gradient
        np.testing.assert_allclose(F.gaussian_nll_loss(x, y, var[0, 0]), F.gaussian_nll_loss(x, y, var), rtol=1e-12)
    compare(torch, nn.GaussianNLLLoss(), torch.nn.GaussianNLLLoss(), [x, y, var], [])


def test_hinge_losses_by_their_definition(rng: np.random.Generator) -> None:
    scores, sign = rng.normal(size=7), rng.choice([-1, 1], 7)
    losses = [max(0.0, 0.7 - s * y) for s, y in zip(scores, sign, strict=True)]
    np.testing.assert_allclose(F.hinge_loss(scores, sign, 0.7, reduction="none"), losses)
    np.testing.assert_allclose(nn.HingeLoss(0.7, squared=True)(scores, sign), np.mean(np.square(losses)))
    scores, classes = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    for squared, margin in itertools.product((False, True), (1.0, 0.4)):
        losses = [
            sum(max(0.0, row[j] - row[y] + margin) ** (1 + squared) for j in range(4) if j != y)
            for row, y in zip(scores, classes, strict=True)
        ]
        ours = nn.MulticlassHingeLoss(margin, squared=squared, reduction="none")(scores, classes)
        np.testing.assert_allclose(ours, losses)
        np.testing.assert_allclose(F.multi_margin_loss(scores, classes, 1 + squared, margin), np.mean(losses) / 4)


@pytest.mark.parametrize("squared", [False, True])
def test_gradients_of_hinge_losses_by_finite_differences(rng: np.random.Generator, squared: bool) -> None:
    scores, sign, classes = rng.normal(size=(5, 4)), rng.choice([-1, 1], (5, 4)), rng.integers(0, 4, 5)
    check_grads(lambda x: F.hinge_loss(x, sign, squared=squared), modes=("fwd", "rev"), order=2)(scores)
    check_grads(lambda x: F.multiclass_hinge_loss(x, classes, squared=squared), modes=("fwd", "rev"), order=2)(scores)


def test_penalties_are_sums_over_all_weights(rng: np.random.Generator) -> None:
    net = nn.Sequential(nn.Linear(3, 2, dtype=np.float64), nn.Linear(2, 1, dtype=np.float64))
    values = np.concatenate([p.data.ravel() for p in net.parameters()])
    np.testing.assert_allclose(F.l1_penalty(net.parameters(), 0.1).data, 0.1 * np.abs(values).sum())
    F.l2_penalty(net.parameters(), 0.1).backward()
    np.testing.assert_allclose(net[0].weight.grad, 0.2 * net[0].weight.data)
    weight = Tensor([1.0, -2.0], dtype=np.float32)
    assert F.l1_penalty(weight, np.float64(0.5)).dtype == np.float32
    assert F.l2_penalty(weight).item() == 5


@pytest.mark.parametrize("classes", [-1, 4, 6])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_one_hot_is_pytorchs(torch: Any, rng: np.random.Generator, shape: tuple[int, ...], classes: int) -> None:
    index = np.asarray(rng.integers(0, 4, shape))
    expected = torch.nn.functional.one_hot(torch.tensor(index), classes).numpy()
    np.testing.assert_array_equal(F.one_hot(index, classes), expected)
    assert F.one_hot(index, classes).dtype == expected.dtype
    assert isinstance(F.one_hot(Tensor(index, requires_grad=False)), Tensor)


def test_the_cosine_of_short_vectors_is_shortened(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    lengths = [np.maximum(np.linalg.norm(v, axis=1), 1.5) for v in (x, y)]
    np.testing.assert_allclose(F.cosine_similarity(x, y, eps=1.5), (x * y).sum(1) / lengths[0] / lengths[1])
    check_grads(lambda x, y: F.cosine_similarity(x, y, eps=1.5), modes=("fwd", "rev"))(x, y)
    broadcast = F.cosine_similarity(x[:, None], y[None], dim=-1)
    np.testing.assert_allclose(broadcast, [[F.cosine_similarity(a, b, dim=0) for b in y] for a in x])


def test_distances_of_zero_have_no_gradient() -> None:
    for p in (1, 2, 3, np.inf):
        x = Tensor(np.array([[1.0, 2.0], [3.0, 5.0]]))
        distance = F.pairwise_distance(x, [[1.0, 2.0], [3.0, 4.0]], p, eps=0.0)
        np.testing.assert_allclose(distance.data, [0.0, 1.0])
        distance.sum().backward()
        np.testing.assert_array_equal(x.grad, [[0.0, 0.0], [0.0, 1.0]])
    x = Tensor(np.zeros((1, 2)))
    F.cosine_similarity(x, [[1.0, 2.0]]).backward()
    assert np.isfinite(x.grad).all()


def test_losses_of_extreme_logits_stay_exact() -> None:
    x = Tensor(np.array([1e4, -1e4, 50.0, -50.0]))
    losses = F.binary_cross_entropy_with_logits(x, [1.0, 0.0, 1.0, 0.0], reduction="none")
    np.testing.assert_allclose(losses.data, [0.0, 0.0, np.exp(-50), np.exp(-50)], rtol=1e-12)
    weighted = F.binary_cross_entropy_with_logits(x, [1.0, 0.0, 1.0, 0.0], reduction="none", pos_weight=3.0)
    np.testing.assert_allclose(weighted.data, [0.0, 0.0, 3 * np.exp(-50), np.exp(-50)], rtol=1e-12)
    np.testing.assert_allclose(F.soft_margin_loss(x, [-1, 1, 1, -1], "none").data, [1e4, 1e4, *[np.exp(-50)] * 2])


def test_certain_probabilities_have_finite_losses_and_gradients() -> None:
    for dtype, steepest in ((np.float16, 16384), (np.float32, 1e12), (np.float64, 1e12)):
        p, y = Tensor(np.array([0.0, 1.0, 0.0, 1.0], dtype)), Tensor(np.array([0.0, 1.0, 1.0, 0.0], dtype))
        loss = F.binary_cross_entropy(p, y, reduction="none")
        np.testing.assert_array_equal(loss.data, [0, 0, 100, 100])
        loss.sum().backward()
        np.testing.assert_allclose(p.grad, [0, 0, -steepest, steepest], rtol=1e-6)
        np.testing.assert_array_equal(y.grad, [100, -100, 100, -100])


def test_scores_that_are_masked_take_no_part_in_hinge_losses() -> None:
    x = Tensor(np.array([[-np.inf, 1.0, 2.0]]))
    with np.errstate(invalid="ignore"):
        F.multilabel_margin_loss(x, [[1, -1, -1]]).backward()
    np.testing.assert_allclose(x.grad, [[0.0, -1 / 3, 1 / 3]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.l1_loss(np.ones((4, 1)), np.ones(4)), ValueError, r"l1_loss: input has shape \(4, 1\) but target"),
        (lambda: F.mse_loss(np.ones(3), np.ones(3), weight=np.ones(4)), ValueError, r"weight of shape \(4,\) does not"),
        (lambda: F.mse_loss(np.ones(3), np.ones(3), weight=np.ones((2, 3))), ValueError, "does not broadcast"),
        (lambda: nn.HuberLoss(delta=0), ValueError, "HuberLoss: delta must be positive and finite, got 0"),
        (lambda: F.smooth_l1_loss(1.0, 1.0, beta=-1), ValueError, "smooth_l1_loss: beta must not be negative, got -1"),
        (lambda: F.poisson_nll_loss([1.0], [-1.0]), ValueError, r"counts in the target must be 0 or more, got -1.0"),
        (lambda: F.poisson_nll_loss([-1.0], [1.0], False), ValueError, r"rates in the input \(with log_input=False\)"),
        (lambda: F.gaussian_nll_loss([1.0], [1.0], [-1.0]), ValueError, "variances must be 0 or more, got -1.0"),
        (
            lambda: F.gaussian_nll_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones(3)),
            ValueError,
            r"var must be one number or have shape \(2, 3\), \(2, 1\) or \(2,\), got \(3,\)",
        ),
        (lambda: F.binary_cross_entropy([1.5], [1.0]), ValueError, "input must be between 0 and 1, got 1.5"),
        (lambda: nn.BCELoss()(Tensor([0.5]), [2]), ValueError, r"target must be .* got 2.0 \[in scope BCELoss\]"),
        (lambda: F.binary_cross_entropy_with_logits([1.5], [-1.0]), ValueError, "target must be between 0 and 1"),
        (
            lambda: F.binary_cross_entropy_with_logits(np.ones(3), np.ones(3), pos_weight=np.ones(2)),
            ValueError,
            r"pos_weight of shape \(2,\) does not broadcast to the losses, of shape \(3,\)",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(np.ones(3), np.ones(3), pos_weight=-1.0),
            ValueError,
            "pos_weight must be 0 or more, got -1.0",
        ),
        (lambda: F.kl_div([0.0], [-0.5]), ValueError, "probabilities in the target must be 0 or more, got -0.5"),
        (lambda: F.kl_div([0.0], [0.5], reduction="batch"), ValueError, "must be 'batchmean', 'mean', 'sum' or 'none'"),
        (lambda: nn.MSELoss("batchmean"), ValueError, "must be 'mean', 'sum' or 'none', got 'batchmean'"),
        (lambda: F.cross_entropy(np.ones((1, 2)), [[1.5, 0.0]]), ValueError, "between 0 and 1, got 1.5"),
        (lambda: F.nll_loss(np.ones((2, 3)), [0, 3]), ValueError, "nll_loss: target 3 at position 1 is not a class"),
        (lambda: F.nll_loss(np.ones((2, 3)), np.ones((2, 3))), ValueError, r"class indices of shape \(2,\), got"),
        (lambda: F.nll_loss(np.ones((2, 3)), [0.0, 1.0]), TypeError, "class indices must be integers, got float64"),
        (lambda: F.multilabel_soft_margin_loss(1.0, 1.0), ValueError, "input needs a class axis, got a scalar"),
        (lambda: F.hinge_loss([1.0, 2.0], [0, 1]), ValueError, "1 and -1 only.*of 0 and 1, make 2 \\* target - 1"),
        (lambda: F.soft_margin_loss([1.0, 2.0], [-1, 3]), ValueError, "soft_margin_loss: target must hold 1 and -1"),
        (lambda: F.margin_ranking_loss([1.0], [1.0, 2.0], [1]), ValueError, "input1 has shape .* but input2 has shape"),
        (lambda: F.margin_ranking_loss([1.0], [2.0], [1, 1]), ValueError, "input1 has shape .* but target has shape"),
        (lambda: nn.MultiMarginLoss(3), ValueError, "MultiMarginLoss: p must be 1 or 2, got 3"),
        (lambda: F.multi_margin_loss(np.ones((1, 2, 3)), [0]), ValueError, r"must have shape \(N, C\) or \(C,\)"),
        (lambda: F.multiclass_hinge_loss(np.ones((1, 2)), [2]), ValueError, "target 2 at position 0 is not a class"),
        (lambda: F.multilabel_margin_loss(np.ones((1, 2)), [[2, -1]]), ValueError, "target 2 at position"),
        (lambda: F.multilabel_margin_loss(np.ones((1, 2)), [[1.0, -1]]), TypeError, "must be integers, got float64"),
        (lambda: F.cosine_embedding_loss([1.0], [1.0], [1]), ValueError, r"inputs \(N, D\) need a target \(N,\)"),
        (lambda: F.cosine_similarity([1.0], [1.0]), ValueError, "cosine_similarity: no axis 1 in inputs"),
        (lambda: F.pairwise_distance([1.0], [1.0], p=0.5), ValueError, "pairwise_distance: p must be 1 or more"),
        (lambda: F.pairwise_distance(1.0, 1.0), ValueError, "no axis -1 in inputs .*; scalars have none"),
        (lambda: nn.TripletMarginLoss(0.0), ValueError, "TripletMarginLoss: margin must be positive and finite, got 0"),
        (lambda: F.triplet_margin_loss([1.0], [[1.0]], [1.0]), ValueError, "must have as many axes each, got shapes"),
        (lambda: F.l1_penalty([], 1.0), ValueError, "l1_penalty: there are no weights"),
        (lambda: F.l2_penalty(Tensor(1.0), -1.0), ValueError, "l2_penalty: strength must not be negative, got -1.0"),
        (lambda: F.one_hot([0.5]), TypeError, "one_hot: class indices must be integers, got float64"),
        (lambda: F.one_hot([3], 3), ValueError, "target 3 at position 0 is not a class; num_classes=3 has the classes"),
        (lambda: F.one_hot([-1]), ValueError, "target -1 at position 0 is not a class"),
        (lambda: F.one_hot([1], 0), ValueError, "one_hot: num_classes must be positive, got 0"),
        (lambda: F.one_hot(np.zeros(0, int)), ValueError, "one_hot: no indices from which to tell num_classes"),
    ],
)
def test_what_losses_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
