"""Every example runs in a small version, and learns; figures are printed and saved as they are; the data is honest."""

from __future__ import annotations

import importlib
import json
import math
import operator
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

import nn
from examples import __main__ as program
from examples import _data, _text, lenet, linear_classifiers, recurrent, regression
from examples._figures import Figure
from nn.models import CharRNN

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Small matrices: on a busy machine, threads that wait for each other take many times as long."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


# ---------------------------------------------------------------------------------------------------------------------
# Small versions
# ---------------------------------------------------------------------------------------------------------------------

#: Of each example: a figure, whether it must be at least or at most a bound, and the bound for the small version. Each
#: is far from what an untrained network gives.
BOUNDS: dict[str, list[tuple[str, Callable[[float, float], bool], float]]] = {
    "linear_classifiers": [
        ("logistic regression, breast cancer: test accuracy", operator.ge, 0.94),
        ("linear SVM, breast cancer: test accuracy", operator.ge, 0.94),
        ("softmax classifier, digits: test accuracy", operator.ge, 0.92),
        ("multi-class SVM, wine: test accuracy", operator.ge, 0.94),
    ],
    "regression": [("linear model by gradient descent: test R²", operator.ge, 0.3)],
    "rings": [
        ("linear, x and y: test accuracy", operator.le, 0.7),
        ("linear, r and φ: test accuracy", operator.ge, 0.97),
        ("MLP, x and y: test accuracy", operator.ge, 0.9),
    ],
    "mlp": [
        ("2 hidden layers (256, 128): test accuracy", operator.ge, 0.93),
        ("8 hidden layers, sigmoid: gradient of the first ÷ last weights", operator.le, 1e-3),
        ("8 hidden layers, ReLU: gradient of the first ÷ last weights", operator.ge, 1e-2),
    ],
    "lenet": [
        ("LeNet-style CNN, 8×8 digits: test accuracy", operator.ge, 0.8),
        ("1-D CNN, digits as sequences of columns: test accuracy", operator.ge, 0.6),
    ],
    "alexnet": [("small AlexNet, digits of 32×32: test accuracy", operator.ge, 0.5)],
    "recurrent": [("LSTM, 32 units: test", operator.le, 4.2)],
    "transformer": [("Transformer, 1 layers of 32: test", operator.le, 4.2)],
    "gan": [("untrained generator: digits told apart", operator.le, 1.5)],
    "transfer": [],
    "optimizers": [("Adam, cosine: test accuracy", operator.ge, 0.7)],
    "differences": [("greatest difference between their weights", operator.le, 1e-6)],
}


@pytest.mark.parametrize("name", program.EXAMPLES)
def test_a_small_version_learns(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = program.run(name, quick=True)
    values = {figure.name: figure.value for figure in outcome.figures}
    assert len(values) == len(outcome.figures)
    assert all(math.isfinite(value) for value in values.values())
    for figure, compare, bound in BOUNDS[name]:
        assert compare(values[figure], bound), (figure, values[figure])
    printed = capsys.readouterr().out
    for figure in outcome.figures:
        assert figure.name in printed
        assert figure.text in printed


def test_every_example_is_listed() -> None:
    modules = {path.stem for path in (ROOT / "examples").glob("*.py") if not path.stem.startswith("_")}
    assert modules == {*program.EXAMPLES, "demo"}
    assert set(BOUNDS) == set(program.EXAMPLES)
    for name in program.EXAMPLES:
        assert str(importlib.import_module(f"examples.{name}").__doc__).splitlines()[0].endswith(".")


def test_the_same_seed_gives_the_same_figures() -> None:
    split = _data.digits()
    first, second = (lenet.train(lenet.network, split, epochs=1, seed=3) for _ in range(2))
    assert first == second


# ---------------------------------------------------------------------------------------------------------------------
# Against what others find
# ---------------------------------------------------------------------------------------------------------------------


def test_logistic_regression_finds_scikit_learns_weights() -> None:
    split, penalty = _data.breast_cancer(), 0.1
    model = linear_classifiers.train(split, linear_classifiers.logistic, 1, penalty=penalty, epochs=2000)
    oracle = LogisticRegression(C=1 / (penalty * len(split.x)), tol=1e-8).fit(split.x, split.y)
    np.testing.assert_allclose(model.weight.numpy()[0], oracle.coef_[0], atol=2e-4)
    assert model.bias is not None
    np.testing.assert_allclose(model.bias.numpy(), oracle.intercept_, atol=2e-4)


def test_a_linear_svm_minimises_what_scikit_learns_does() -> None:
    split, penalty = _data.breast_cancer(), 0.1
    model = linear_classifiers.train(split, linear_classifiers.hinge, 1, penalty=penalty, epochs=2000)
    oracle = SVC(kernel="linear", C=1 / (penalty * len(split.x)), tol=1e-6).fit(split.x, split.y)

    def objective(weight: Any, bias: Any) -> float:
        margins = (2 * split.y - 1) * (split.x @ np.ravel(weight) + np.ravel(bias))
        return float(np.maximum(0, 1 - margins).mean() + penalty / 2 * (weight**2).sum())

    assert model.bias is not None
    assert objective(model.weight.numpy(), model.bias.numpy()) < objective(oracle.coef_, oracle.intercept_) * 1.001


def test_least_squares_is_scikit_learns() -> None:
    split = _data.diabetes()
    score = LinearRegression().fit(split.x, split.y).score(split.test_x, split.test_y)
    assert regression.least_squares(split) == pytest.approx(score, abs=1e-4)


# ---------------------------------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "samples", "tested"),
    [
        (_data.digits, 1797, 450),
        (_data.breast_cancer, 569, 143),
        (_data.wine, 178, 45),
        (_data.iris, 150, 38),
        (_data.diabetes, 442, 111),
    ],
)
def test_data_is_split_the_same_way_every_time(load: Callable[[], _data.Split], samples: int, tested: int) -> None:
    split, again = load(), load()
    assert (len(split.x) + len(split.test_x), len(split.test_x)) == (samples, tested)
    assert (len(split.y), len(split.test_y)) == (len(split.x), len(split.test_x))
    np.testing.assert_array_equal(split.test_x, again.test_x)
    np.testing.assert_array_equal(split.y, again.y)
    assert split.x.dtype == np.float32
    if split.y.dtype.kind == "i":
        frequent, tested_frequent = np.bincount(split.y) / len(split.y), np.bincount(split.test_y) / tested
        np.testing.assert_allclose(frequent, tested_frequent, atol=0.03)


def test_settings_are_chosen_without_the_test_part() -> None:
    split = _data.digits()
    choosing = split.for_choosing()
    known = {image.tobytes() for image in split.x}
    assert len(choosing.x) + len(choosing.test_x) == len(split.x)
    assert all(image.tobytes() in known for image in (*choosing.x, *choosing.test_x))


def test_tables_are_scaled_by_the_training_part_alone() -> None:
    split = _data.wine()
    np.testing.assert_allclose(split.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(split.x.std(axis=0), 1, atol=1e-4)
    assert abs(split.test_x.mean(axis=0)).max() > 1e-3


def test_no_paragraph_is_both_learned_and_tested() -> None:
    text = _text.corpus()
    assert len(text.train) + len(text.test) > 200_000
    assert text.decode(text.encode("The while statement")) == "The while statement"
    learned = {" ".join(p.split()) for p in text.decode(text.train).split("\n\n")}
    tested = {" ".join(p.split()) for p in text.decode(text.test).split("\n\n")}
    assert not learned & tested


def test_pieces_of_text_go_on_where_they_ended() -> None:
    pieces = list(_text.streams(np.arange(30), batch_size=2, length=5))
    assert [x.shape for x, _ in pieces] == [(2, 5), (2, 5), (2, 4)]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in pieces], axis=1), np.arange(28).reshape(2, 14))
    for x, y in pieces:
        np.testing.assert_array_equal(y, x + 1)


def test_bits_per_character_of_simple_texts() -> None:
    alternating = _text.Corpus("ab", np.arange(1000) % 2, np.arange(100) % 2)
    assert _text.bits_of_unigrams(alternating) == pytest.approx(1, abs=0.01)
    assert _text.bits_of_bigrams(alternating) == pytest.approx(0, abs=0.01)


def test_a_model_that_knows_nothing_needs_the_bits_of_a_choice_among_all() -> None:
    text = _text.corpus(3000)
    model = CharRNN(len(text.characters), 4)
    nn.init.zeros_(model.output.weight)
    nn.init.zeros_(model.output.bias)
    assert recurrent.bits_per_character(model, text) == pytest.approx(math.log2(len(text.characters)), rel=1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# Figures, and the program
# ---------------------------------------------------------------------------------------------------------------------


def test_figures_show_the_median_and_the_range() -> None:
    figure = Figure("reached", [0.9, 0.99, 0.95], "%", at_least=0.94)
    assert (figure.value, figure.met, figure.goal) == (0.95, True, "≥ 94.0%")
    assert figure.text == "95.0% (90.0% to 99.0%, 3 seeds)"
    assert not replace_goal(figure, at_least=0.96).met
    assert Figure("loss", [2.5, 2.25], "bits").text == "2.38 bits (2.25 to 2.50, 2 seeds)"
    assert Figure("loss", 2.5, "bits", at_most=2).goal == "≤ 2 bits"
    assert not Figure("loss", 2.5, at_most=2).met
    assert [Figure("", value).text for value in (1437, 0.12345, 2.3, 45.61, 12345.6)] == [
        "1,437",
        "0.123",
        "2.30",
        "45.6",
        "12,346",
    ]


def replace_goal(figure: Figure, at_least: float) -> Figure:
    return Figure(figure.name, figure.runs, figure.unit, at_least=at_least)


OUTCOMES = [
    program.Outcome("lenet", "A network", [Figure("accuracy", [0.98, 0.99], "%", at_least=0.98)], 61.0),
    program.Outcome("gan", "Two networks", [Figure("evenness", 3.1, "bits"), Figure("score", 2, at_least=3)], 1.0),
    program.Outcome("rings", "Rings", [Figure("loss", 0.5)], 2.0),
]


def test_figures_are_saved_for_people_and_for_programs(tmp_path: Path) -> None:
    program.save(OUTCOMES, tmp_path / "new")
    text = (tmp_path / "new" / "RESULTS.md").read_text("utf-8")
    assert "| accuracy | 98.5% (98.0% to 99.0%, 2 seeds) | ≥ 98.0% |" in text
    assert "| evenness | 3.10 bits | |" in text
    assert "| score | 2 | ≥ 3 (missed) |" in text
    assert "| loss | 0.500 |" in text
    assert "1.1 minutes in all" in text
    assert "Small versions" not in text
    saved = json.loads((tmp_path / "new" / "results.json").read_text("utf-8"))
    assert saved["examples"][0]["figures"][0]["runs"] == [0.98, 0.99]
    assert {"Python", "NumPy", "processor"} <= set(saved["machine"])


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples that return at once what is in OUTCOMES."""
    monkeypatch.setattr(program, "EXAMPLES", tuple(o.example for o in OUTCOMES))
    known = {o.example: o for o in OUTCOMES}
    monkeypatch.setattr(program, "run", lambda name, quick: known[name])


@pytest.mark.usefixtures("canned")
def test_missed_goals_are_an_error_except_in_small_versions(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "HERE", tmp_path)
    assert program.main(["gan"]) == 1
    assert "gan: score, 2" in capsys.readouterr().err
    assert program.main(["lenet"]) == 0
    assert program.main(["gan", "--quick"]) == 0
    assert not list(tmp_path.iterdir())  # only all of them together are saved, unless one asks for it
    assert program.main(["gan", "--quick", "--output", str(tmp_path / "some")]) == 0
    assert {p.name for p in (tmp_path / "some").iterdir()} == {"RESULTS.md", "results.json"}
    assert "Small versions" in (tmp_path / "some" / "RESULTS.md").read_text("utf-8")
    assert program.main([]) == 1
    assert program.main(["lenet", "lenet"]) == 0
    assert (tmp_path / "RESULTS.md").is_file()


def test_an_unknown_example_is_an_error_that_names_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["lenett"])
    error = capsys.readouterr().err
    assert "no example 'lenett'" in error
    assert "linear_classifiers" in error


def test_it_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "examples", "--quick", "rings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "rings: A change of features" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole groups of processes")
def test_ctrl_c_ends_it_instead_of_showing_half_trained_networks() -> None:
    command = [sys.executable, "-m", "examples", "lenet"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert any("lenet:" in line for line in process.stdout)
        time.sleep(1.5)  # it loads its modules, and begins to train
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted; no figures are saved." in error
    assert "test accuracy" not in out


def test_a_place_that_cannot_be_written_to_is_an_error_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "run", lambda name, quick: pytest.fail("it trained"))
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit):
        program.main(["rings", "--output", str(tmp_path / "file" / "folder")])
    assert "figures cannot be saved to" in capsys.readouterr().err
    (tmp_path / "RESULTS.md").mkdir()
    with pytest.raises(SystemExit):
        program.main(["rings", "--output", str(tmp_path)])
    assert {p.name for p in tmp_path.iterdir()} == {"file", "RESULTS.md"}


@pytest.mark.parametrize("module", program.NEEDED)
def test_a_missing_package_is_an_error_that_says_what_to_do(module: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError(name={module!r})")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; from examples.__main__ import main; main(['rings'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert f"{program.NEEDED[module]} is missing: python -m pip install" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_saved_figures_are_those_of_these_examples() -> None:
    saved = json.loads((ROOT / "examples" / "results.json").read_text("utf-8"))
    assert [outcome["example"] for outcome in saved["examples"]] == list(program.EXAMPLES)
    figures = {
        (outcome["example"], figure["name"]): figure for outcome in saved["examples"] for figure in outcome["figures"]
    }
    for figure in figures.values():
        assert Figure(figure["name"], figure["runs"], at_least=figure["at_least"], at_most=figure["at_most"]).met
    assert figures["lenet", "LeNet-style CNN, 8×8 digits: test accuracy"]["at_least"] == 0.98
    page = (ROOT / "examples" / "RESULTS.md").read_text("utf-8")
    for example, name in figures:
        assert f"python -m examples {example}" in page
        assert f"| {name} |" in page
