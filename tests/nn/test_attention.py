"""Attention: outputs, weights and all gradients against PyTorch and finite differences, under every kind of mask."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from against_pytorch import agree, pair

import nn
from autograd import Tensor, ops
from autograd.test_util import check_grads
from nn import functional as F

Array = np.ndarray[Any, Any]

#: Shapes of query, key and value.
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "matrices": ((3, 4), (5, 4), (5, 2)),
    "batch": ((2, 3, 4), (2, 5, 4), (2, 5, 4)),
    "heads": ((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 4)),
    "one of each": ((1, 1), (1, 1), (1, 1)),
    "broadcast keys": ((2, 3, 4, 5), (3, 6, 5), (1, 1, 6, 2)),
    "broadcast queries": ((1, 4, 5), (3, 6, 5), (3, 6, 2)),
    "no samples": ((0, 3, 4), (0, 5, 4), (0, 5, 4)),
    "no queries": ((2, 0, 4), (2, 5, 4), (2, 5, 4)),
}
MASKS = ["none", "causal", "boolean", "additive", "minus infinity", "dead rows", "broadcast"]


def mask_for(kind: str, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """A mask for products of the given shape."""
    if kind == "boolean":
        mask = rng.random(shape) < 0.7
        mask[..., 0] = True
        return mask
    if kind == "additive":
        return rng.normal(size=shape)
    if kind == "minus infinity":
        return np.where(mask_for("boolean", rng, shape), rng.normal(size=shape), -np.inf)
    if kind == "dead rows":
        mask = rng.random(shape) < 0.7
        mask[..., :1, :] = False
        return mask
    if kind == "broadcast":
        return rng.normal(size=(1, shape[-1]))
    return None


@pytest.mark.parametrize("scale", [None, 0.3])
@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("form", SHAPES)
def test_scaled_dot_product_attention_is_pytorchs(
    torch: Any, rng: np.random.Generator, form: str, kind: str, scale: float | None
) -> None:
    q, k, v = (rng.normal(size=shape) for shape in SHAPES[form])
    batch = np.broadcast_shapes(*(x.shape[:-2] for x in (q, k, v)))
    mask = mask_for(kind, rng, (*batch, q.shape[-2], k.shape[-2]))
    settings = {"is_causal": kind == "causal", "scale": scale}
    inputs = [q, k, v] if mask is None else [q, k, v, mask]
    theirs = torch.nn.functional.scaled_dot_product_attention
    agree(
        torch,
        lambda *t: F.scaled_dot_product_attention(*t, **settings),
        lambda *t: theirs(*t, **settings),
        *inputs,
    )


@pytest.mark.parametrize("kind", MASKS)
def test_grouped_queries_are_pytorchs(torch: Any, rng: np.random.Generator, kind: str) -> None:
    q, k, v = (rng.normal(size=shape) for shape in [(2, 6, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3)])
    mask = mask_for(kind, rng, (2, 6, 3, 5))
    settings = {"is_causal": kind == "causal", "enable_gqa": True}
    inputs = [q, k, v] if mask is None else [q, k, v, mask]
    theirs = torch.nn.functional.scaled_dot_product_attention
    agree(
        torch,
        lambda *t: F.scaled_dot_product_attention(*t, **settings),
        lambda *t: theirs(*t, **settings),
        *inputs,
    )


@pytest.mark.parametrize("kind", MASKS)
def test_attention_can_be_differentiated_twice(rng: np.random.Generator, kind: str) -> None:
    q, k, v = (rng.normal(size=shape) for shape in [(2, 3, 2), (2, 4, 2), (2, 4, 2)])
    mask = mask_for(kind, rng, (2, 3, 4))
    check_grads(lambda *t: F.scaled_dot_product_attention(*t, mask, is_causal=kind == "causal"), order=2)(q, k, v)


def test_one_number_may_forbid_everything(rng: np.random.Generator) -> None:
    q = Tensor(rng.normal(size=(2, 3)))
    np.testing.assert_array_equal(ops.attention(q, q, q, -np.inf, 1.0, scale=1.0).data, 0)
    np.testing.assert_array_equal(ops.attention_weights(q, q, -np.inf, scale=1.0).data, 0)


def test_attention_of_plain_arrays_is_plain(rng: np.random.Generator) -> None:
    q = rng.normal(size=(2, 3, 4))
    for settings in ({}, {"is_causal": True}, {"attn_mask": rng.random((3, 3)) < 0.5}, {"dropout_p": 0.5}):
        assert type(F.scaled_dot_product_attention(q, q, q, **settings)) is np.ndarray


def test_whole_numbers_are_floating_in_attention() -> None:
    q = np.array([[1, 2], [3, 4]])
    for function in (F.scaled_dot_product_attention, lambda *t: ops.attention(*t, 0.0, 1.0, scale=0.5**0.5)):
        np.testing.assert_allclose(function(q, q, q), function(*(q.astype(float),) * 3))


def test_large_products_do_not_overflow() -> None:
    q = Tensor(np.array([[1e4, -1e4]], np.float32))
    out = F.scaled_dot_product_attention(q, q, q)
    np.testing.assert_array_equal(out.data, q.data)
    out.sum().backward()
    np.testing.assert_array_equal(q.grad, [[1, 1]])


def test_dropout_zeroes_weights_and_keeps_their_expected_values() -> None:
    n = 100
    q, v = np.zeros((n, n, 1)), np.ones((n, n, 1))
    out = F.scaled_dot_product_attention(q, q, v, dropout_p=0.2, generator=np.random.default_rng(0))
    counts = out * n * 0.8
    np.testing.assert_allclose(counts, counts.round(), rtol=1e-4)
    assert abs(out.mean() - 1) < 5 * math.sqrt(0.25 / n**3)
    assert abs(out.var() - 0.25 / n) < 0.05 * 0.25 / n


def test_dropouts_gradient_takes_the_same_way(rng: np.random.Generator) -> None:
    inputs = [rng.normal(size=(2, 3, 4)) for _ in range(3)]
    check_grads(
        lambda *t: F.scaled_dot_product_attention(*t, dropout_p=0.4, generator=np.random.default_rng(1)), order=2
    )(*inputs)


def settings_of_layers() -> list[Any]:
    """All settings of multi-head attention, drawn at random, and the kinds of masks."""
    rng = np.random.default_rng(0)
    cases = []
    for i in range(40):
        heads = int(rng.integers(1, 4))
        e = heads * int(rng.integers(1, 4))
        settings = {
            "bias": bool(rng.integers(3)),
            "add_bias_kv": not rng.integers(3),
            "add_zero_attn": not rng.integers(3),
            "kdim": int(rng.integers(1, 6)) if not rng.integers(4) else None,
            "vdim": int(rng.integers(1, 6)) if not rng.integers(4) else None,
            "batch_first": bool(rng.integers(2)),
        }
        call = {
            "need_weights": bool(rng.integers(2)),
            "average_attn_weights": bool(rng.integers(2)),
        }
        alike = ["self", "self", "memory", "different"][int(rng.integers(4))]
        sizes = tuple(int(n) for n in rng.integers(1, 5, 3))
        masks = (["none", "boolean", "additive", "per head"][i % 4], ["none", "boolean", "additive"][i % 3])
        single = not rng.integers(4)
        cases.append(
            pytest.param(e, heads, settings, call, alike, sizes, masks, single, id=f"{i} {e}/{heads} {alike} {masks}")
        )
    return cases


@pytest.mark.parametrize(("e", "heads", "settings", "call", "alike", "sizes", "masks", "single"), settings_of_layers())
def test_multihead_attention_is_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    e: int,
    heads: int,
    settings: dict[str, Any],
    call: dict[str, Any],
    alike: str,
    sizes: tuple[int, int, int],
    masks: tuple[str, str],
    single: bool,
) -> None:
    n, length, source = sizes
    if alike == "self":
        settings, source = {**settings, "kdim": None, "vdim": None}, length
    elif alike == "memory":
        settings = {**settings, "vdim": settings["kdim"]}
    ours, theirs = pair(torch, "MultiheadAttention", e, heads, **settings)

    def tokens(count: int, width: int) -> Array:
        shape = (count,) if single else (n, count) if settings["batch_first"] else (count, n)
        return rng.normal(size=(*shape, width))

    inputs = [tokens(length, e)]
    if alike != "self":
        inputs.append(tokens(source, ours.kdim))
    if alike == "different":
        inputs.append(tokens(source, ours.vdim))
    inputs_used = len(inputs)
    shape = (length, source)
    if masks[0] == "per head":
        shape = (heads * (1 if single else n), *shape)
    kind = "boolean" if masks[0] == "per head" else masks[0]
    attn_mask = mask_for(kind, rng, shape)
    padding = mask_for(masks[1], rng, (source,) if single else (n, source))
    # A boolean mask of a layer says what is forbidden, and one token is always left.
    given = [None if m is None else ~m if m.dtype == bool else m for m in (attn_mask, padding)]
    if all(m is None or m.dtype == bool for m in given):
        given = [m if m is None or not m.all() else np.zeros_like(m) for m in given]
    elif any(m is not None and m.dtype == bool for m in given):
        # PyTorch deprecates mixing kinds of masks.
        given = [np.where(m, -np.inf, 0.0) if m is not None and m.dtype == bool else m for m in given]
    inputs += [m for m in given if m is not None]

    def function(module: Any) -> Any:
        def run(*t: Any) -> Any:
            query, key, value = (t[min(i, inputs_used - 1)] for i in range(3))
            rest = iter(t[inputs_used:])
            attn, pad = (None if m is None else next(rest) for m in given)
            return module(query, key, value, pad, attn_mask=attn, **call)

        return run

    agree(torch, function(ours), function(theirs), *inputs)
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(
            np.zeros(p.shape) if p.grad is None else p.grad,
            np.zeros(p.shape) if q.grad is None else q.grad.numpy(),
            rtol=1e-7,
            atol=1e-12,
            err_msg=name,
        )


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("alike", [True, False])
def test_weights_or_not_the_output_is_the_same(rng: np.random.Generator, batch_first: bool, alike: bool) -> None:
    layer = nn.MultiheadAttention(6, 2, batch_first=batch_first, dtype=np.float64)
    x = rng.normal(size=(4, 4, 6))
    key = x if alike else x.copy()
    out, weights = layer(x, key, x)
    again, none = layer(x, key, x, need_weights=False)
    np.testing.assert_allclose(out.data, again.data, rtol=1e-12)
    np.testing.assert_allclose(weights.data.sum(-1), 1)
    assert none is None


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("alike", [True, False])
def test_a_query_that_may_attend_to_nothing_gives_the_output_of_zeros(
    rng: np.random.Generator, need_weights: bool, alike: bool
) -> None:
    """PyTorch gives nan with weights and this without."""
    layer = nn.MultiheadAttention(6, 2, batch_first=True, dtype=np.float64)
    nn.init.normal_(layer.out_proj.bias)
    x = Tensor(rng.normal(size=(2, 3, 6)))
    padding = np.array([[False, False, True], [True, True, True]])
    out, weights = layer(x, x if alike else x + 0.0, x, padding, need_weights)
    np.testing.assert_allclose(out.data[1], np.broadcast_to(layer.out_proj.bias.data, (3, 6)))
    if need_weights:
        np.testing.assert_array_equal(weights.data[1], 0)
        np.testing.assert_array_equal(weights.data[0][:, 2], 0)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad[1], 0)
    assert np.isfinite(x.grad).all()
    assert x.grad[0].any()


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("alike", [True, False])
def test_dropout_in_training_only(rng: np.random.Generator, need_weights: bool, alike: bool) -> None:
    layer = nn.MultiheadAttention(6, 2, dropout=0.5, batch_first=True)
    x = rng.normal(size=(2, 5, 6)).astype(np.float32)
    key = x if alike else x.copy()

    def run() -> Any:
        return layer(x, key, x, need_weights=need_weights)[0].data

    nn.manual_seed(3)
    first, second = run(), run()
    assert (first != second).any()
    nn.manual_seed(3)
    np.testing.assert_array_equal(run(), first)
    layer.eval()
    np.testing.assert_array_equal(run(), run())
    weights = layer.train()(x, key, x)[1]
    assert (weights.data == 0).any()


@pytest.mark.parametrize("need_weights", [True, False])
def test_the_lowest_numbers_forbid(rng: np.random.Generator, need_weights: bool) -> None:
    """Also those of a wider dtype than the layer's, and twice; without a warning, which would be an error here."""
    layer = nn.MultiheadAttention(6, 2, batch_first=True)
    x = rng.normal(size=(2, 3, 6)).astype(np.float32)
    later = np.triu(np.ones((3, 3), bool), 1)
    padding = np.array([[False, False, True], [False, True, True]])
    expected, _ = layer(x, x, x, padding, need_weights, later)
    for dtype in (np.float32, np.float64):
        low = np.finfo(dtype).min
        out, _ = layer(x, x, x, np.where(padding, low, 0), need_weights, Tensor(np.where(later, low, 0)))
        np.testing.assert_allclose(out.data, expected.data, rtol=1e-6)


def test_masks_may_be_trained(rng: np.random.Generator) -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True, dtype=np.float64)
    x, bias = rng.normal(size=(2, 3, 4)), Tensor(rng.normal(size=(3, 3)))
    layer(x, x, x, need_weights=False, attn_mask=bias)[0].sum().backward()
    assert bias.grad.shape == (3, 3)
    assert bias.grad.any()


@pytest.mark.parametrize("settings", [{}, {"kdim": 5}, {"add_bias_kv": True}])
def test_initial_values_are_pytorchs(torch: Any, settings: dict[str, Any]) -> None:
    ours = nn.MultiheadAttention(96, 4, generator=np.random.default_rng(0), **settings)
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(96, 4, **settings).state_dict()
    assert all(p.dtype == np.float32 for p in ours.parameters())
    for key, value in ours.state_dict().items():
        expected = theirs[key].numpy()
        np.testing.assert_allclose(value.std(), expected.std(), rtol=0.35, err_msg=key)
        if "weight" in key:  # uniform: the largest value tells the bound
            np.testing.assert_allclose(abs(value).max(), abs(expected).max(), rtol=0.05, err_msg=key)
    again = nn.MultiheadAttention(96, 4, generator=np.random.default_rng(0), **settings)
    before = copy.deepcopy(ours.state_dict())
    for key, value in again.state_dict().items():
        np.testing.assert_array_equal(value, before[key])
    ours.reset_parameters(np.random.default_rng(1))
    assert (ours.out_proj.weight.data != before["out_proj.weight"]).any()


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    layer = nn.MultiheadAttention(4, 2, dropout=0.1, add_bias_kv=True, add_zero_attn=True, batch_first=True)
    x = Tensor(rng.normal(size=(2, 3, 4)))
    for need_weights in (True, False):
        out, _ = layer(x, x, x, np.zeros((2, 3), bool), need_weights, np.zeros((3, 3)))
        assert out.dtype == np.float32
        out.sum().backward()
    assert x.grad.dtype == np.float64
    assert all(p.grad.dtype == np.float32 for p in layer.parameters())
    q = rng.normal(size=(3, 4)).astype(np.float32)
    for settings in ({}, {"is_causal": True}, {"attn_mask": np.zeros((3, 3))}, {"dropout_p": 0.5}):
        assert F.scaled_dot_product_attention(q, q, q, **settings).dtype == np.float32


def test_one_gate_for_a_layer_without_weights(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 4))
    out, _ = nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x, need_weights=False)
    names, pending = set(), [out]
    while pending:
        node = pending.pop()
        if isinstance(node, Tensor) and node.primitive:
            names.add(node.primitive.name)
            pending.extend(node.inputs)
    assert names == {"linear", "self_attention"}


def test_memory_layouts_do_not_matter(rng: np.random.Generator) -> None:
    """Views of every kind give what contiguous arrays give."""
    packed = rng.normal(size=(5, 2, 18))
    view = Tensor(packed)
    out = ops.self_attention(ops.swapaxes(view, 0, 1), 0.0, 1.0, heads=3, scale=0.4)
    out.sum().backward()
    plain = Tensor(np.ascontiguousarray(packed.swapaxes(0, 1)))
    expected = ops.self_attention(plain, 0.0, 1.0, heads=3, scale=0.4)
    expected.sum().backward()
    np.testing.assert_allclose(out.data, expected.data)
    np.testing.assert_allclose(view.grad, plain.grad.swapaxes(0, 1))


LAYER = nn.MultiheadAttention(4, 2, batch_first=True)
X = np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.MultiheadAttention(5, 2), ValueError, "embed_dim=5 does not divide into num_heads=2"),
        (lambda: nn.MultiheadAttention(4, 0), ValueError, "num_heads must be positive, got 0"),
        (lambda: nn.MultiheadAttention(4.0, 2), TypeError, "embed_dim must be an integer, got 4.0"),
        (lambda: nn.MultiheadAttention(4, 2, dropout=2.0), ValueError, "MultiheadAttention: p, the probability"),
        (lambda: LAYER(X[..., :3], X, X), ValueError, r"got \(2, 3, 3\), \(2, 3, 4\) and \(2, 3, 4\)"),
        (lambda: LAYER(X, X, X[:, :2]), ValueError, "keys and values equally many"),
        (lambda: LAYER(X, X[:1], X[:1]), ValueError, r"\(N, L, E\) of these lengths"),
        (lambda: LAYER(X, X[0], X[0]), ValueError, "or all three without N"),
        (lambda: LAYER(X, X, X, is_causal=True), ValueError, "is_causal=True says that attn_mask is causal, but none"),
        (lambda: LAYER(X, X, X, attn_mask=np.ones((3, 3), int)), TypeError, "attn_mask must be boolean or floating"),
        (lambda: LAYER(X, X, X, np.ones((2, 3), int)), TypeError, "key_padding_mask must be boolean or floating"),
        (lambda: LAYER(X, X, X, attn_mask=np.ones((2, 3, 3))), ValueError, r"shape \(3, 3\), or \(4, 3, 3\)"),
        (lambda: LAYER(X, X, X, np.ones(3)), ValueError, r"key_padding_mask must have shape \(2, 3\)"),
        (lambda: LAYER(X[0], X[0], X[0], np.ones((1, 3))), ValueError, r"key_padding_mask must have shape \(3,\)"),
        (lambda: F.scaled_dot_product_attention(X, X, X[:, :2]), ValueError, r"got query \(2, 3, 4\), key"),
        (lambda: F.scaled_dot_product_attention(X[0, 0], X, X), ValueError, r"expected query \(\.\.\., L, E\)"),
        (lambda: F.scaled_dot_product_attention(X, X, X, X[:, :, :3], is_causal=True), ValueError, "either attn_mask"),
        (lambda: F.scaled_dot_product_attention(X, X, X, np.ones((3, 3), int)), TypeError, "boolean or floating"),
        (lambda: F.scaled_dot_product_attention(X, X, X, dropout_p=-1), ValueError, "must be between 0 and 1, got -1"),
        (lambda: F.scaled_dot_product_attention(X, X[:1].repeat(3, 0), X), ValueError, "broadcast"),
        (
            lambda: F.scaled_dot_product_attention(X, X[:1].repeat(3, 0), X, dropout_p=0.5),
            ValueError,
            "leading axes of query .* do not broadcast",
        ),
        (
            lambda: F.scaled_dot_product_attention(X, X, X, np.ones((2, 3, 5))),
            ValueError,
            r"attn_mask must broadcast to \(2, 3, 3\), .* got shape \(2, 3, 5\)",
        ),
        (
            lambda: F.scaled_dot_product_attention(X, X, X, np.ones((5, 2, 3, 3), np.float32), dropout_p=0.5),
            ValueError,
            r"attn_mask must broadcast to \(2, 3, 3\), .* got shape \(5, 2, 3, 3\)",
        ),
        (
            lambda: F.scaled_dot_product_attention(X, X[:1], X[:1], np.ones((3, 3, 3)), enable_gqa=True),
            ValueError,
            r"attn_mask must broadcast to \(2, 3, 3\), .* got shape \(3, 3, 3\)",
        ),
        (
            lambda: F.scaled_dot_product_attention(X[:1].repeat(3, 0), X, X, enable_gqa=True),
            ValueError,
            r"heads \(axis -3\) of key and value must be equally many and divide",
        ),
        (lambda: ops.self_attention(Tensor(np.ones((2, 7))), 0.0, 1.0, heads=1, scale=1.0), ValueError, "1 heads each"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
