"""The networks of nn.models: their shapes, their twins in PyTorch, what they write, and that they learn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor, no_grad
from nn.models import (
    MLP,
    AlexNet,
    AlexNet2012,
    CharRNN,
    Discriminator,
    Generator,
    LanguageModel,
    LeNet,
    SmallAlexNet,
    TransformerLM,
)
from nn.models._language_model import draw

Array = np.ndarray[Any, Any]


def count(module: nn.Module) -> int:
    return sum(p.size for p in module.parameters())


def shapes(model: Any, images: Array) -> list[tuple[int, ...]]:
    """The shape after each layer that changes it."""
    found, x = [], images
    with no_grad():
        for layer in model.features:
            x = layer(x)
            if not found or found[-1] != x.shape[1:]:
                found.append(x.shape[1:])
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Shapes
# ---------------------------------------------------------------------------------------------------------------------

FULL = {
    (AlexNet, 227): [(64, 56, 56), (64, 27, 27), (192, 27, 27), (192, 13, 13), (384, 13, 13), (256, 13, 13)],
    (AlexNet, 224): [(64, 55, 55), (64, 27, 27), (192, 27, 27), (192, 13, 13), (384, 13, 13), (256, 13, 13)],
    (AlexNet2012, 227): [(96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13), (256, 13, 13)],
}


@pytest.mark.parametrize(("kind", "size"), FULL, ids=lambda x: getattr(x, "__name__", str(x)))
def test_full_alexnets_run_forward_and_backward(kind: type[AlexNet], size: int, rng: np.random.Generator) -> None:
    nn.manual_seed(0)
    model = kind()
    assert count(model) == {AlexNet: 61_100_840, AlexNet2012: 60_965_224}[kind]
    images = rng.normal(size=(1, 3, size, size)).astype(np.float32)
    assert shapes(model, images) == [*FULL[kind, size], (256, 6, 6)]
    x = Tensor(images)
    scores = model(x)
    assert scores.shape == (1, 1000)
    assert scores.dtype == np.float32
    nn.CrossEntropyLoss()(scores, [7]).backward()
    assert x.grad.shape == images.shape
    for name, parameter in [("input", x), *model.named_parameters()]:
        assert np.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
    if kind is AlexNet:
        with no_grad():
            assert model(images[:, :, :63, :63]).shape == (1, 1000)


def test_alexnets_halves_may_be_whole() -> None:
    whole, halves = (dict(AlexNet2012(groups=groups).named_parameters()) for groups in (1, 2))
    assert sum(p.size for p in whole.values()) == 62_378_344
    counts = {name: (p.size, halves[name].size) for name, p in whole.items() if p.size != halves[name].size}
    assert counts == {
        "features.4.weight": (256 * 96 * 25, 256 * 48 * 25),
        "features.10.weight": (384 * 384 * 9, 384 * 192 * 9),
        "features.12.weight": (256 * 384 * 9, 256 * 192 * 9),
    }


def test_lenets_shapes_are_those_of_the_paper() -> None:
    model = LeNet()
    x = np.zeros((2, 1, 32, 32), np.float32)
    assert shapes(model, x) == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5)]
    assert [layer.out_features for layer in model.classifier if isinstance(layer, nn.Linear)] == [120, 84, 10]
    assert count(model) == 61_706
    assert model(x).shape == (2, 10)


@pytest.mark.parametrize(
    ("settings", "images"),
    [
        ({"image_size": 28, "padding": 2}, (3, 1, 28, 28)),
        ({"image_size": 8, "kernel_size": 3, "padding": 1, "activation": nn.ReLU, "pool": nn.MaxPool2d}, (1, 1, 8, 8)),
        ({"image_size": 33, "in_channels": 3, "num_classes": 7, "dropout": 0.5}, (2, 3, 33, 33)),
        ({}, (0, 1, 32, 32)),
    ],
)
def test_lenet_takes_other_sizes(settings: Any, images: tuple[int, ...]) -> None:
    classes = settings.get("num_classes", 10)
    assert LeNet(**settings)(np.zeros(images, np.float32)).shape == (images[0], classes)


def test_small_alexnets_shapes(rng: np.random.Generator) -> None:
    model = SmallAlexNet(7, in_channels=3)
    x = rng.normal(size=(2, 3, 32, 32))
    assert shapes(model, x) == [(16, 16, 16), (16, 7, 7), (48, 7, 7), (48, 3, 3), (96, 3, 3), (64, 3, 3)]
    assert model(x).shape == (2, 7)


# ---------------------------------------------------------------------------------------------------------------------
# The same networks in PyTorch
# ---------------------------------------------------------------------------------------------------------------------


def torch_alexnet(t: Any) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            convolutions = [(3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1), (384, 256, 3, 1, 1)]
            layers = []
            for i, (n, m, kernel, stride, padding) in enumerate([*convolutions, (256, 256, 3, 1, 1)]):
                layers += [t.Conv2d(n, m, kernel, stride, padding), t.ReLU()]
                if i in (0, 1, 4):
                    layers.append(t.MaxPool2d(3, 2))
            self.features = t.Sequential(*layers)
            self.avgpool = t.AdaptiveAvgPool2d((6, 6))
            linear = [t.Dropout(), t.Linear(9216, 4096), t.ReLU(), t.Dropout(), t.Linear(4096, 4096), t.ReLU()]
            self.classifier = t.Sequential(*linear, t.Linear(4096, 1000))

        def forward(self, x: Any) -> Any:
            return self.classifier(self.avgpool(self.features(x)).flatten(1))

    return Net()


def torch_lenet(t: Any) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            first = [t.Conv2d(1, 6, 5), t.Tanh(), t.AvgPool2d(2)]
            self.features = t.Sequential(*first, t.Conv2d(6, 16, 5), t.Tanh(), t.AvgPool2d(2))
            linear = [t.Linear(400, 120), t.Tanh(), t.Linear(120, 84), t.Tanh(), t.Linear(84, 10)]
            self.classifier = t.Sequential(*linear)

        def forward(self, x: Any) -> Any:
            return self.classifier(self.features(x).flatten(1))

    return Net()


def torch_char_rnn(t: Any, cell: str, layers: int, embedding: int | None) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            if embedding:
                self.embedding = t.Embedding(11, embedding)
            self.rnn = getattr(t, cell)(embedding or 11, 6, layers, batch_first=True)
            self.output = t.Linear(6, 11)

        def forward(self, x: Any) -> Any:
            hot = self.embedding(x) if embedding else t.functional.one_hot(x, 11).double()
            return self.output(self.rnn(hot)[0])

    return Net()


def torch_transformer(t: Any) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.token = t.Embedding(11, 12)
            self.position = t.Embedding(9, 12)
            settings = {"activation": "gelu", "batch_first": True, "norm_first": True}
            layer = t.TransformerEncoderLayer(12, 3, 48, 0.0, **settings)
            self.blocks = t.TransformerEncoder(layer, 2, norm=t.LayerNorm(12), enable_nested_tensor=False)
            self.output = t.Linear(12, 11, bias=False)

        def forward(self, x: Any) -> Any:
            length = x.shape[1]
            mask = t.Transformer.generate_square_subsequent_mask(length).double()
            features = self.token(x) + self.position.weight[:length]
            return self.output(self.blocks(features, mask=mask, is_causal=True))

    return Net()


def torch_generator(t: Any) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            start = [t.Linear(5, 32, bias=False), t.Unflatten(1, (8, 2, 2)), t.BatchNorm2d(8), t.ReLU()]
            middle = [t.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), t.BatchNorm2d(4), t.ReLU()]
            self.layers = t.Sequential(*start, *middle, t.ConvTranspose2d(4, 1, 4, 2, 1), t.Sigmoid())

        def forward(self, x: Any) -> Any:
            return self.layers(x)

    return Net()


def torch_discriminator(t: Any) -> Any:
    class Net(t.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            first = [t.Conv2d(1, 4, 4, 2, 1), t.LeakyReLU(0.2), t.Dropout(0.0)]
            second = [t.Conv2d(4, 8, 4, 2, 1), t.LeakyReLU(0.2), t.Dropout(0.0)]
            self.layers = t.Sequential(*first, *second, t.Flatten(), t.Linear(32, 1))

        def forward(self, x: Any) -> Any:
            return self.layers(x).flatten()

    return Net()


def text(rng: np.random.Generator) -> Array:
    return rng.integers(11, size=(3, 7))


def char_rnn_twins(cell: Any, layers: int, embedding: int | None) -> Any:
    def ours() -> nn.Module:
        return CharRNN(11, 6, cell=cell, num_layers=layers, embedding_dim=embedding)

    return ours, lambda t: torch_char_rnn(t, cell, layers, embedding), text


TWINS: dict[str, tuple[Callable[[], nn.Module], Callable[[Any], Any], Callable[[np.random.Generator], Array]]] = {
    "LeNet": (LeNet, torch_lenet, lambda rng: rng.normal(size=(2, 1, 32, 32))),
    "LSTM": char_rnn_twins("LSTM", 1, 4),
    "GRU, 2 layers": char_rnn_twins("GRU", 2, 4),
    "RNN, one-hot": char_rnn_twins("RNN", 1, None),
    "LSTM, one-hot": char_rnn_twins("LSTM", 1, None),
    "Transformer": (
        lambda: TransformerLM(11, 9, d_model=12, nhead=3, num_layers=2),
        torch_transformer,
        text,
    ),
    "Generator": (lambda: Generator(5, width=4), torch_generator, lambda rng: rng.normal(size=(6, 5))),
    "Discriminator": (
        lambda: Discriminator(4, dropout=0.0),
        torch_discriminator,
        lambda rng: rng.normal(size=(6, 1, 8, 8)),
    ),
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("training", [True, False])
def test_networks_are_pytorchs(torch: Any, rng: np.random.Generator, name: str, training: bool) -> None:
    build, build_twin, make_input = TWINS[name]
    torch.manual_seed(0)
    theirs, ours, x = build_twin(torch.nn).double().train(training), build().double().train(training), make_input(rng)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    output = ours(x)
    output = output[0] if isinstance(output, tuple) else output
    expected = theirs(torch.tensor(x))
    np.testing.assert_allclose(output.numpy(), expected.detach().numpy(), rtol=1e-7, atol=1e-12)
    weights = rng.normal(size=output.shape)
    (output * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    gradients = dict(theirs.named_parameters())
    for key, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad, gradients[key].grad.numpy(), rtol=1e-7, atol=1e-10, err_msg=key)


def test_alexnet_is_pytorchs(torch: Any, rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    theirs, ours = torch_alexnet(torch.nn).eval(), AlexNet().eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    images = rng.normal(size=(1, 3, 224, 224)).astype(np.float32)
    x, y = Tensor(images), torch.tensor(images, requires_grad=True)
    output, expected = ours(x), theirs(y)
    np.testing.assert_allclose(output.numpy(), expected.detach().numpy(), atol=1e-6)
    nn.functional.cross_entropy(output, [3]).backward()
    torch.nn.functional.cross_entropy(expected, torch.tensor([3])).backward()
    pairs = zip([x, *ours.parameters()], [y, *theirs.parameters()], strict=True)
    for mine, other in pairs:
        scale = float(other.grad.abs().max())
        np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-3, atol=1e-4 * scale)


def test_mlp_has_the_keys_of_a_sequence() -> None:
    assert list(MLP(4, 3, 2).state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [type(m).__name__ for m in MLP(4, 3, 2, activation=nn.Tanh, dropout=0.1)] == [
        "Linear",
        "Tanh",
        "Dropout",
        "Linear",
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[], CharRNN | TransformerLM]] = {
    "LSTM": lambda: CharRNN(11, 16, cell="LSTM"),
    "GRU": lambda: CharRNN(11, 16, cell="GRU", num_layers=2, dropout=0.5),
    "RNN": lambda: CharRNN(11, 16, cell="RNN", embedding_dim=None),
    "Transformer": lambda: TransformerLM(11, 8, d_model=16, nhead=2, dropout=0.5),
}


def next_scores(model: Any, indices: Array) -> Array:
    """The scores after a text that is read from its beginning (or as far back as the model sees)."""
    model.eval()
    with no_grad():
        output = model(indices[:, -8:] if isinstance(model, TransformerLM) else indices)
    scores: Array = (output[0] if isinstance(output, tuple) else output).numpy()[:, -1]
    return scores


@pytest.mark.parametrize("name", WRITERS)
def test_at_temperature_0_a_model_writes_what_it_scores_highest(name: str, rng: np.random.Generator) -> None:
    nn.manual_seed(0)
    model = WRITERS[name]().train()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    prompt = rng.integers(11, size=(3, 2))
    written = model.generate(prompt, 12, temperature=0)
    assert all(module.training for module in model.modules())
    assert written.shape == (3, 14)
    np.testing.assert_array_equal(written[:, :2], prompt)
    for end in range(2, 14):
        np.testing.assert_array_equal(written[:, end], next_scores(model, written[:, :end]).argmax(axis=1))
    np.testing.assert_array_equal(model.generate(prompt[1], 12, temperature=0), written[1])
    assert len(set(written[:, 2:].ravel().tolist())) > 1


@pytest.mark.parametrize("name", WRITERS)
def test_writing_depends_on_the_generator_alone(name: str) -> None:
    nn.manual_seed(0)
    model = WRITERS[name]()
    one, two, other = (model.generate([1], 30, generator=np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
    nn.manual_seed(5)
    first = model.generate([1], 30)
    nn.manual_seed(5)
    np.testing.assert_array_equal(model.generate([1], 30), first)
    np.testing.assert_array_equal(model.generate([1, 2], 0), [1, 2])


def test_symbols_are_drawn_from_the_softmax_of_the_scores() -> None:
    scores = np.array([2.0, 0.0, 1.0, -1.0])
    for temperature in (0.5, 1.0, 3.0):
        drawn = draw(np.tile(scores, (20_000, 1)), temperature, np.random.default_rng(0))
        expected = nn.functional.softmax(scores / temperature, dim=0)
        np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 20_000, expected, atol=0.015)


def test_a_transformer_does_not_look_ahead(rng: np.random.Generator) -> None:
    model = TransformerLM(11, 8, d_model=16, nhead=2).eval()
    first = rng.integers(11, size=(2, 8))
    second = first.copy()
    second[:, 5:] = (second[:, 5:] + 1) % 11
    one, two = model(first).numpy(), model(second).numpy()
    np.testing.assert_allclose(one[:, :5], two[:, :5], atol=1e-6)
    assert (abs(one[:, 5:] - two[:, 5:]) > 1e-4).any()


def diverged() -> CharRNN:
    model = CharRNN(5, 4)
    nn.init.constant_(model.output.bias, float("nan"))
    return model


@pytest.mark.parametrize("make", [lambda: CharRNN(11, 8), lambda: TransformerLM(11, 8, d_model=8)])
def test_a_single_text_needs_no_batch(make: Callable[[], Any], rng: np.random.Generator) -> None:
    model, indices = make().eval(), text(rng)
    batch, single = model(indices), model(indices[1])
    if isinstance(batch, tuple):
        batch, single = batch[0], single[0]
    np.testing.assert_allclose(single.numpy(), batch.numpy()[1], atol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MLP(3), ValueError, "MLP: give the numbers of inputs, hidden units and outputs"),
        (lambda: LeNet(image_size=8), ValueError, "LeNet: nothing is left of images of size 8"),
        (lambda: CharRNN(5, cell="LTSM"), ValueError, "CharRNN: cell must be one of RNN, LSTM, GRU, got 'LTSM'"),  # type: ignore[arg-type]
        (lambda: CharRNN(5).generate([], 3), ValueError, "CharRNN.generate: the prompt must be indices"),
        (
            lambda: CharRNN(5).generate([0.5], 3),
            TypeError,
            "prompt must be integers, the symbols' indices, got float64",
        ),
        (lambda: CharRNN(5).generate([0], -1), ValueError, "CharRNN.generate: length must be 0 or more"),
        (lambda: CharRNN(5).generate([0], 2.5), TypeError, "integer"),  # type: ignore[arg-type]
        (lambda: diverged().generate([0], 3), ValueError, "scores are NaN; look at its weights"),
        (lambda: LeNet()(np.zeros((2, 1, 28, 28))), ValueError, r"expected images of shape \(batch, 1, 32, 32\)"),
        (lambda: LeNet()(np.zeros((1, 32, 32))), ValueError, r"expected images of shape \(batch, 1, 32, 32\)"),
        (lambda: TransformerLM(5, d_model=8, dim_feedforward=0), ValueError, "must be positive, got 0"),
        (lambda: TransformerLM(5, d_model=8)(3), ValueError, "texts must be indices"),
        (lambda: CharRNN(5).generate([0], 3, temperature=-1), ValueError, "temperature must be a number from 0 on"),
        (lambda: TransformerLM(5, 4, d_model=8)(np.zeros((1, 5), int)), ValueError, "texts of 5 symbols are longer"),
        (lambda: LanguageModel().generate([0], 1), NotImplementedError, "defines no reader"),
    ],
)
def test_errors_say_what_to_do(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


# ---------------------------------------------------------------------------------------------------------------------
# Learning
# ---------------------------------------------------------------------------------------------------------------------


def images_and_labels(size: int) -> tuple[Array, Array]:
    """Noise with a bright bar for each class."""
    labels = np.arange(40) % 10
    images = np.random.default_rng(0).normal(scale=0.3, size=(40, 1, size, size)).astype(np.float32)
    for image, label in zip(images[:, 0], labels, strict=True):
        image[:, label * size // 10 : label * size // 10 + 1 + size // 10] += 1
    return images, labels


def counting() -> tuple[Array, Array]:
    """Texts that count modulo 11 in steps of 1 or 2, from any number on."""
    starts, steps = np.arange(22) % 11, 1 + np.arange(22) % 2
    pieces = (starts[:, None] + steps[:, None] * np.arange(9)) % 11
    return pieces[:, :-1], pieces[:, 1:]


LEARNERS: dict[str, tuple[Callable[[], nn.Module], Callable[[], tuple[Array, Array]], int]] = {
    "MLP": (lambda: nn.Sequential(nn.Flatten(), MLP(64, 32, 10)), lambda: images_and_labels(8), 40),
    "LeNet": (LeNet, lambda: images_and_labels(32), 40),
    "AlexNet": (SmallAlexNet, lambda: images_and_labels(32), 60),
    "RNN": (lambda: CharRNN(11, 32, cell="RNN"), counting, 60),
    "LSTM": (lambda: CharRNN(11, 32, cell="LSTM"), counting, 60),
    "GRU": (lambda: CharRNN(11, 32, cell="GRU", embedding_dim=None), counting, 60),
    "Transformer": (lambda: TransformerLM(11, 8, d_model=32, nhead=2, num_layers=1), counting, 60),
}


def train(name: str, steps: int) -> list[float]:
    """The loss before each of some steps on the same batch."""
    build, make_data, _ = LEARNERS[name]
    nn.manual_seed(0)
    model, (x, y) = build(), make_data()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(steps):
        output = model(x)
        scores = output[0] if isinstance(output, tuple) else output
        loss = nn.functional.cross_entropy(scores.reshape(y.size, scores.shape[-1]), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", LEARNERS)
def test_it_learns(name: str) -> None:
    losses = train(name, LEARNERS[name][2])
    assert losses[0] == pytest.approx(np.log(11 if LEARNERS[name][1] is counting else 10), rel=0.25)
    assert losses[-1] < losses[0] / 4


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    assert train(name, 5) == train(name, 5)


def test_a_generator_learns_to_deceive_a_fixed_discriminator() -> None:
    nn.manual_seed(0)
    generator, discriminator = Generator(8, width=8), Discriminator(8).eval().requires_grad_(False)
    before = {name: value.copy() for name, value in discriminator.state_dict().items()}
    optimizer = optim.Adam(generator.parameters(), lr=1e-2)
    noise, losses = np.random.default_rng(0).normal(size=(16, 8)), []
    for _ in range(20):
        loss = nn.functional.softplus(-discriminator(generator(noise))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.02
    for name, value in discriminator.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_frozen_features_stay_while_the_rest_learns() -> None:
    nn.manual_seed(0)
    model = LeNet()
    x, y = images_and_labels(32)
    model.features.requires_grad_(False)
    before = {name: value.copy() for name, value in model.state_dict().items()}
    optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    for name, value in model.state_dict().items():
        assert np.array_equal(value, before[name]) == name.startswith("features"), name


def test_the_models_need_no_import_of_their_own() -> None:
    program = "import nn; print(nn.models.MLP(2, 1)); from nn import *; print(models is nn.models); nn.modles"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Linear(in_features=2, out_features=1" in run.stdout
    assert run.stdout.endswith("True\n")
    assert run.stderr.rstrip().splitlines()[-1].startswith("AttributeError: module 'nn' has no attribute 'modles'")
