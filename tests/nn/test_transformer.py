"""Transformers: outputs and all gradients against PyTorch's, in every setting; causality; learning something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from against_pytorch import agree

import nn
from autograd import Tensor
from nn import functional as F

Array = np.ndarray[Any, Any]

E, HEADS, HIDDEN = 6, 2, 5


def settings_of_layers() -> list[Any]:
    """All settings of a layer, drawn at random, with masks or without, of several sequences or one."""
    rng = np.random.default_rng(0)
    cases = []
    for i in range(24):
        settings = {
            "activation": ["relu", "gelu", "function"][i % 3],
            "layer_norm_eps": float(rng.choice([1e-5, 0.1])),
            "batch_first": bool(rng.integers(2)),
            "norm_first": bool(i % 2),
            "bias": bool(rng.integers(3)),
        }
        masks = ["none", "causal", "additive", "padding", "both"][i % 5]
        sizes = tuple(int(n) for n in rng.integers(1, 5, 3))
        cases.append(pytest.param(settings, masks, sizes, not rng.integers(4), id=f"{i} {masks} {settings}"))
    return cases


def make(torch: Any, name: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Our module and PyTorch's without dropout, with the same random parameters."""
    functions: dict[Any, tuple[Any, Any]] = {"function": (F.tanh, torch.tanh)}
    ours, theirs = functions.get(settings["activation"], (settings["activation"],) * 2)
    mine = getattr(nn, name)(E, HEADS, dim_feedforward=HIDDEN, dropout=0.0, **{**settings, "activation": ours})
    other = getattr(torch.nn, name)(E, HEADS, dim_feedforward=HIDDEN, dropout=0.0, **{**settings, "activation": theirs})
    other = other.double()
    rng = np.random.default_rng(3)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=tuple(parameter.shape))))
    state = {key: value.numpy() for key, value in other.state_dict().items()}
    mine.double()
    assert list(mine.state_dict()) == list(state)
    mine.load_state_dict(state)
    return mine, other


def tokens(rng: np.random.Generator, n: int, count: int, batch_first: bool, single: bool) -> Array:
    shape = (count,) if single else (n, count) if batch_first else (count, n)
    return rng.normal(size=(*shape, E))


def mask_pair(kind: str, rng: np.random.Generator, n: int, length: int, source: int, single: bool) -> Any:
    """A mask of pairs and one of padding."""
    pairs, padding = None, None
    if kind in ("causal", "both"):
        pairs = np.arange(source) > np.arange(length)[:, None]
    if kind == "additive":
        pairs = rng.normal(size=(length, source))
    if kind in ("padding", "both"):
        padding = rng.random((source,) if single else (n, source)) < 0.3
        padding[..., 0] = False
    return pairs, padding


@pytest.mark.parametrize(("settings", "masks", "sizes", "single"), settings_of_layers())
@pytest.mark.parametrize("training", [True, False])
def test_encoder_layers_are_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    settings: dict[str, Any],
    masks: str,
    sizes: tuple[int, int, int],
    single: bool,
    training: bool,
) -> None:
    n, length, _ = sizes
    ours, theirs = make(torch, "TransformerEncoderLayer", settings)
    ours.train(training)
    theirs.train(training)
    src = tokens(rng, n, length, settings["batch_first"], single)
    pairs, padding = mask_pair(masks, rng, n, length, length, single)
    agree_layer(torch, ours, theirs, [src], [pairs, padding])


@pytest.mark.parametrize(("settings", "masks", "sizes", "single"), settings_of_layers())
def test_decoder_layers_are_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    settings: dict[str, Any],
    masks: str,
    sizes: tuple[int, int, int],
    single: bool,
) -> None:
    n, length, source = sizes
    ours, theirs = make(torch, "TransformerDecoderLayer", settings)
    tgt = tokens(rng, n, length, settings["batch_first"], single)
    memory = tokens(rng, n, source, settings["batch_first"], single)
    pairs, padding = mask_pair(masks, rng, n, length, length, single)
    memory_pairs, memory_padding = mask_pair(masks, rng, n, length, source, single)
    agree_layer(torch, ours, theirs, [tgt, memory], [pairs, memory_pairs, padding, memory_padding])


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # PyTorch says that it has no fast path for this
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_transformers_are_pytorchs(torch: Any, rng: np.random.Generator, norm_first: bool, batch_first: bool) -> None:
    settings = {
        "num_encoder_layers": 2,
        "num_decoder_layers": 2,
        "activation": "gelu",
        "norm_first": norm_first,
        "batch_first": batch_first,
    }
    ours, theirs = make(torch, "Transformer", settings)
    src, tgt = tokens(rng, 2, 4, batch_first, False), tokens(rng, 2, 3, batch_first, False)
    causal = nn.Transformer.generate_square_subsequent_mask(3, dtype=np.float64).numpy()
    np.testing.assert_array_equal(causal, torch.nn.Transformer.generate_square_subsequent_mask(3).numpy())
    padding = np.array([[0.0, 0.0, 0.0, -np.inf], [0.0] * 4])
    agree_layer(torch, ours, theirs, [src, tgt], [None, causal, None, padding, None, padding])


@pytest.mark.parametrize("with_norm", [True, False])
def test_stacks_are_pytorchs(torch: Any, rng: np.random.Generator, with_norm: bool) -> None:
    for kind, inputs in (("Encoder", 1), ("Decoder", 2)):
        stacks = []
        for library in (nn, torch.nn):
            layer = getattr(library, f"Transformer{kind}Layer")(E, HEADS, HIDDEN, 0.0, batch_first=True)
            norm = library.LayerNorm(E) if with_norm else None
            stacks.append(getattr(library, f"Transformer{kind}")(layer, 3, norm))
        ours, theirs = stacks[0].double(), stacks[1].double()
        assert len(ours.layers) == 3
        ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
        agree(torch, ours, theirs, *(rng.normal(size=(2, 3, E)) for _ in range(inputs)))


def agree_layer(torch: Any, ours: Any, theirs: Any, inputs: list[Array], masks: list[Any]) -> None:
    """Agreement with masks, some of them None, as further positional arguments; of the parameters' gradients, too."""

    def function(module: Any, convert: Any) -> Any:
        given = [None if m is None else convert(m) for m in masks]
        return lambda *t: module(*t, *given)

    agree(torch, function(ours, lambda m: m), function(theirs, torch.tensor), *inputs)
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-7, atol=1e-11, err_msg=name)


def test_layers_of_a_stack_begin_alike_and_are_their_own() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, HEADS, HIDDEN), 2)
    first, second = (layer.linear1.weight for layer in encoder.layers)
    np.testing.assert_array_equal(first.data, second.data)
    assert first is not second
    assert len(list(encoder.parameters())) == 2 * 12


def test_initial_values_of_a_transformer_are_xaviers() -> None:
    model = nn.Transformer(64, 2, 1, 1, 128, generator=np.random.default_rng(0))
    again = nn.Transformer(64, 2, 1, 1, 128, generator=np.random.default_rng(0))
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            bound = np.sqrt(6 / sum(parameter.shape))
            assert 0.95 * bound < abs(parameter.data).max() <= bound, name
        assert parameter.dtype == np.float32
        np.testing.assert_array_equal(parameter.data, again.get_parameter(name).data)


def test_causal_masks_keep_the_future_out(rng: np.random.Generator) -> None:
    layer = nn.TransformerEncoderLayer(E, HEADS, HIDDEN, 0.0, batch_first=True, dtype=np.float64)
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    x = rng.normal(size=(1, 5, E))
    before = layer(x, mask, is_causal=True).data
    x[0, 3:] = rng.normal(size=(2, E))
    after = layer(x, mask, is_causal=True).data
    np.testing.assert_allclose(before[0, :3], after[0, :3])
    assert (before[0, 3:] != after[0, 3:]).any()


def test_dropout_in_training_only(rng: np.random.Generator) -> None:
    model = nn.Transformer(E, HEADS, 1, 1, HIDDEN, dropout=0.3, batch_first=True)
    src, tgt = rng.normal(size=(2, 2, 4, E))

    def run() -> Array:
        return model(src, tgt).data

    nn.manual_seed(0)
    first, second = run(), run()
    assert (first != second).any()
    nn.manual_seed(0)
    np.testing.assert_array_equal(run(), first)
    model.eval()
    np.testing.assert_array_equal(run(), run())


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_float32_stays_float32(rng: np.random.Generator, dropout: float, norm_first: bool) -> None:
    encoder = nn.TransformerEncoderLayer(E, HEADS, HIDDEN, dropout, norm_first=norm_first)
    decoder = nn.TransformerDecoderLayer(E, HEADS, HIDDEN, dropout, norm_first=norm_first)
    x = Tensor(rng.normal(size=(4, 2, E)))
    for y in (encoder(x), decoder(x, x), encoder(rng.integers(0, 9, x.shape))):
        assert y.dtype == np.float32
        y.sum().backward()
    assert all(p.grad.dtype == np.float32 for layer in (encoder, decoder) for p in layer.parameters())
    assert x.grad.dtype == np.float64


def test_a_layer_is_shown_as_in_pytorch(torch: Any) -> None:
    expected = repr(torch.nn.TransformerEncoderLayer(E, HEADS)).replace("NonDynamicallyQuantizable", "")
    assert repr(nn.TransformerEncoderLayer(E, HEADS)) == expected


@pytest.mark.parametrize("d_model", [4, 5])
def test_positions_are_told_apart_by_sines_and_cosines(d_model: int) -> None:
    layer = nn.PositionalEncoding(d_model, dropout=0.0, max_len=20)
    x = np.zeros((7, 2, d_model))
    y = layer(x).data
    for t in range(7):
        for i in range(d_model):
            angle = t * 10000 ** (-(i - i % 2) / d_model)
            np.testing.assert_allclose(y[t, :, i], np.cos(angle) if i % 2 else np.sin(angle), atol=1e-6)
    np.testing.assert_array_equal(layer(x[:, 0]).data, y[:, 0])
    swapped = nn.PositionalEncoding(d_model, 0.0, 20, batch_first=True)
    np.testing.assert_array_equal(swapped(x.swapaxes(0, 1)).data, y.swapaxes(0, 1))
    assert not layer.state_dict()
    t = Tensor(x)
    layer(t).sum().backward()
    np.testing.assert_array_equal(t.grad, 1)


def test_an_encoder_learns_to_look_back() -> None:
    """Each token's answer is the first token: only attention can bring it there."""
    rng = nn.manual_seed(0)
    embedding = nn.Embedding(4, 16)
    positions = nn.PositionalEncoding(16, dropout=0.0, batch_first=True)
    encoder = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
    head = nn.Linear(16, 4)
    mask = nn.Transformer.generate_square_subsequent_mask(6)
    parameters = [p for m in (embedding, encoder, head) for p in m.parameters()]
    losses = []
    for _ in range(80):
        symbols = rng.integers(0, 4, (32, 6))
        logits = head(encoder(positions(embedding(symbols)), mask))
        loss = F.cross_entropy(logits.reshape(-1, 4), np.repeat(symbols[:, 0], 6))
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data = p.data - 0.3 * p.grad
        losses.append(loss.item())
    assert losses[0] > 1.2
    assert np.mean(losses[-5:]) < 0.2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"),
            ValueError,
            "must be 'relu', 'gelu' or a function",
        ),
        (lambda: nn.TransformerEncoderLayer(5, 2), ValueError, "embed_dim=5 does not divide into num_heads=2"),
        (lambda: nn.TransformerEncoderLayer(4, 2, dropout=-1.0), ValueError, "between 0 and 1, got -1.0"),
        (lambda: nn.TransformerEncoder(nn.Identity(), 0), ValueError, "num_layers must be positive, got 0"),
        (lambda: nn.TransformerDecoder(nn.Identity(), 1.5), TypeError, "num_layers must be an integer"),
        (
            lambda: nn.TransformerEncoderLayer(4, 2)(np.ones((3, 1, 4)), is_causal=True),
            ValueError,
            r"is_causal=True says .* \[in scope TransformerEncoderLayer/self_attn: MultiheadAttention\]",
        ),
        (
            lambda: nn.Transformer(4, 2, 1, 1, 8)(np.ones((3, 1, 4)), np.ones((3, 2, 4))),
            ValueError,
            r"equally many sequences \(axis 1\), got shapes \(3, 1, 4\) and \(3, 2, 4\)",
        ),
        (
            lambda: nn.Transformer(4, 2, 1, 1, 8)(np.ones((3, 1, 5)), np.ones((3, 1, 5))),
            ValueError,
            "must have length d_model=4",
        ),
        (lambda: nn.PositionalEncoding(4, max_len=3)(np.ones((4, 4))), ValueError, "expected at most 3 positions"),
        (lambda: nn.PositionalEncoding(4)(np.ones((4, 5))), ValueError, r"of length 4, got shape \(4, 5\)"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
