"""Pictures with Matplotlib: what is drawn is what was given, whatever it is called, and nothing else is touched."""

from __future__ import annotations

import builtins
import io
import itertools
import json
import subprocess
import sys

import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

import autograd
import nn
import optim
import viz
from autograd import Tensor, is_grad_enabled
from viz import plots
from viz.plots import colours as colouring
from viz.plots.canvas import axes_for, new_figure

matplotlib.use("Agg")

HOSTILE = [
    "$",
    "a $x^ b",
    "$\\frac{1}{",
    "$\\undefined$",
    "\\$5 and $10",
    "_hidden",
    "a_b^c",
    "%s {0} {x}",
    "<script>alert(1)</script>",
    "&amp;",
    "\\input{/etc/passwd}",
    "two\nlines\tand a tab",
    "\x00\x1b[31m",
    "\ud800 half a pair",
    "\u202egnirts",
    "",
    "   ",
    "x" * 500,
    "naïve Σ ∂ ∞",
]


@pytest.fixture(autouse=True)
def _nothing_else_is_touched():
    """No picture opens a pyplot figure or changes a setting."""
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def drawn(picture, *formats):
    """Everything is laid out and rendered, so that text is set and measured."""
    figure = picture if isinstance(picture, Figure) else picture.figure
    for kind in formats or ("png",):
        figure.savefig(io.BytesIO(), format=kind, dpi=30)


def words(picture):
    """All text of a picture."""
    figure = picture if isinstance(picture, Figure) else picture.figure
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]


def legend_of(ax):
    made = ax.get_legend()
    return [] if made is None else [text.get_text() for text in made.get_texts()]


def visible_lines(ax):
    """Those with a name; marks have one that begins with ``_``."""
    return [line for line in ax.lines if not str(line.get_label()).startswith("_")]


def bowl(x, y):
    return x**2 + 10 * y**2


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def network(activation=nn.ReLU):
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), activation(), nn.Linear(8, 3))


# -- importing ---------------------------------------------------------------------------------------------------------


def test_matplotlib_is_imported_only_when_plots_are_used():
    program = """
import json, sys
import viz
before = "matplotlib" in sys.modules
viz.plots.curves([1.0])
print(json.dumps([before, "matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, True, False]


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    for name in [n for n in sys.modules if n == "viz.plots" or n.startswith("viz.plots.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(viz, "plots", raising=False)
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install 'glassgrad\[plots\]'"):
        _ = viz.plots


def test_an_unknown_attribute_of_viz_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'plot'"):
        _ = viz.plot


# -- canvas ------------------------------------------------------------------------------------------------------------


def test_figures_and_axes_show_themselves():
    ax = plots.function(autograd.sigmoid)
    picture, size = ax._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size == {"width": 600, "height": 400}
    assert int.from_bytes(picture[16:20], "big") == 1200  # as wide as the header says: twice as sharp
    assert ax.figure._repr_png_()[1] == size


def test_axes_of_someone_elses_figure_leave_showing_to_it():
    ax = Figure().add_subplot()
    assert plots.function(autograd.sigmoid, ax=ax) is ax
    assert not hasattr(ax, "_repr_png_")


DRAWINGS = {
    "curves": lambda ax: plots.curves({"loss": [2.0, 1.0]}, ax=ax),
    "decision_boundary": lambda ax: plots.decision_boundary(lambda p: p[:, 0], [[-1, 0], [1, 1]], [0, 1], ax=ax),
    "contour": lambda ax: plots.contour(bowl, ax=ax),
    "optimizer_path": lambda ax: plots.optimizer_path(bowl, [[1, 1], [0, 0]], ax=ax),
    "weights": lambda ax: plots.weights(np.eye(3), ax=ax),
    "kernels": lambda ax: plots.kernels(np.ones((2, 2, 3, 3)), ax=ax),
    "feature_maps": lambda ax: plots.feature_maps(np.ones((2, 3, 3)), ax=ax),
    "histograms": lambda ax: plots.histograms({"a": [1.0, 2.0]}, ax=ax),
    "jacobian": lambda ax: plots.jacobian(np.eye(2), ax=ax),
    "function": lambda ax: plots.function(autograd.tanh, ax=ax),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_given_axes_are_drawn_into_and_returned(name):
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert DRAWINGS[name](left) is left
    assert left.has_data()
    assert not right.has_data()
    with pytest.raises(TypeError, match="ax must be matplotlib Axes"):
        DRAWINGS[name](figure)


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_text_contrasts_with_what_it_stands_on(name, style):
    with matplotlib.style.context(style):
        ax = DRAWINGS[name](axes_for(None))
        drawn(ax)
    behind = colouring.luminance(ax.figure.get_facecolor())
    on_cells = set(ax.texts) if name == "jacobian" else set()
    for text in ax.figure.findobj(matplotlib.text.Text):
        if text.get_text().strip() and text.get_visible() and text not in on_cells:
            own = colouring.luminance(text.get_color())
            ratio = (max(own, behind) + 0.05) / (min(own, behind) + 0.05)
            assert ratio > 4.5, (text.get_text(), text.get_color())


# -- text from users ---------------------------------------------------------------------------------------------------


NAMES = {name: i for i, name in enumerate(HOSTILE)}
NAMED = {
    "runs": lambda: plots.curves({name: {"loss": [1.0, 2.0], "val_loss": [1.0, 2.0]} for name in HOSTILE}),
    "quantities": lambda: plots.curves({name or "loss": [1.0, 2.0] for name in HOSTILE[:9]}, x=HOSTILE[9]),
    "more quantities": lambda: plots.curves({name: [1.0, 2.0] for name in HOSTILE[9:]}, x=HOSTILE[1]),
    "classes": lambda: plots.decision_boundary(
        lambda p: np.arange(len(p)) % len(HOSTILE),
        np.random.default_rng(0).normal(size=(99, 2)),
        np.arange(99) % len(HOSTILE),
        classes=HOSTILE,
        features=HOSTILE[1:3],
        resolution=5,
    ),
    "paths": lambda: plots.optimizer_path(bowl, {name: [[1, i], [0, 0]] for name, i in NAMES.items()}, resolution=5),
    "weights": lambda: plots.weights({name: np.eye(3) for name in HOSTILE}),
    "rows": lambda: plots.weights(np.ones((len(HOSTILE), 4)), (2, 2), labels=HOSTILE),
    "layers": lambda: plots.histograms({name: [1.0, i] for name, i in NAMES.items()}),
    "functions": lambda: plots.function(dict.fromkeys(HOSTILE, autograd.tanh), points=9),
}


@pytest.mark.parametrize("what", NAMED)
def test_names_from_outside_can_be_drawn(what):
    drawn(NAMED[what](), *(["png", "svg"] if what == "classes" else []))


TITLED = {
    "contour": lambda name, ax: plots.contour(bowl, labels=(name, name), title=name, resolution=3, ax=ax),
    "weights": lambda name, ax: plots.weights(np.eye(2), title=name, ax=ax),
    "histograms": lambda name, ax: plots.histograms({"a": [1.0]}, title=name, bins=2, ax=ax),
    "jacobian": lambda name, ax: plots.jacobian(np.eye(2), title=name, values=False, ax=ax),
    "function": lambda name, ax: plots.function(autograd.tanh, title=name, points=3, ax=ax),
}


@pytest.mark.parametrize("what", TITLED)
def test_titles_and_labels_from_outside_can_be_drawn(what):
    chosen = HOSTILE[list(TITLED).index(what) :: len(TITLED)] + HOSTILE[:2]
    figure = Figure(figsize=(15, 3))
    for name, ax in zip(chosen, figure.subplots(1, len(chosen)), strict=True):
        TITLED[what](name, ax)
        assert not ax.title.get_parse_math()
    figure.savefig(io.BytesIO(), format="png", dpi=30)


def test_text_is_what_it_says_and_not_a_formula():
    figure = plots.curves({"$a$": {"loss": [1.0]}, "_b": {"loss": [2.0]}})
    drawn(figure)
    assert legend_of(figure.axes[0]) == ["$a$", "_b"]
    assert not any(text.get_parse_math() for text in figure.axes[0].get_legend().get_texts())
    ax = plots.jacobian(np.eye(2), title="\x00 $x$")
    assert ax.get_title() == "� $x$"
    assert not ax.title.get_parse_math()


def test_tex_is_never_run_on_text_from_outside():
    with matplotlib.rc_context({"text.usetex": True}):
        figure = plots.curves({"\\input{x}": {"loss": [1.0]}, "b": {"loss": [1.0]}})
        ax = plots.histograms({"\\input{x}": [1.0, 2.0]}, title="\\input{x}")
    outside = [t for p in (figure, ax.figure) for t in p.findobj(matplotlib.text.Text) if "\\input" in t.get_text()]
    assert len(outside) >= 3
    assert not any(text.get_usetex() for text in outside)


# -- colours -----------------------------------------------------------------------------------------------------------

#: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def seen(colour, matrix):
    """As CIE L*a*b*."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = (np.array(matrix) @ linear).clip(0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ linear / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_first_colours_differ_for_the_colour_blind(kind, style):
    with matplotlib.style.context(style):
        ax = axes_for(None)
    chosen = colouring.colours(ax, 6)
    behind = to_hex(colouring.background(ax))
    for one, other in itertools.combinations([*chosen, behind], 2):
        assert np.linalg.norm(seen(one, BLINDNESS[kind]) - seen(other, BLINDNESS[kind])) > 11, (one, other)
    tab10 = ("#2ca02c", "#d62728")  # the same measure refuses a pair that is known to be bad
    assert np.linalg.norm(seen(tab10[0], BLINDNESS["deuteranopia"]) - seen(tab10[1], BLINDNESS["deuteranopia"])) < 30


def test_signs_differ_for_the_colour_blind_and_zero_is_the_background():
    for style, matrix in itertools.product(["default", "dark_background"], BLINDNESS.values()):
        with matplotlib.style.context(style):
            ax = axes_for(None)
        scale = colouring.diverging(ax)
        low, zero, high = scale(0.15), scale(0.5), scale(0.85)
        assert np.linalg.norm(seen(low, matrix) - seen(high, matrix)) > 25
        assert np.linalg.norm(seen(zero, matrix) - seen(colouring.background(ax), matrix)) < 12


# -- curves ------------------------------------------------------------------------------------------------------------


def history():
    net = network()
    made = nn.fit(
        net,
        (np.eye(4, dtype=np.float32).repeat(4, 0), np.arange(16) % 3),
        nn.CrossEntropyLoss(),
        optim.SGD(net.parameters(), lr=0.1),
        3,
        validation_split=0.25,
        metrics="accuracy",
        seed=0,
        progress=False,
    )
    made.best_epoch = 2
    return made


def test_a_history_has_a_panel_for_each_quantity():
    given = history()
    figure = plots.curves(given)
    named = {ax.get_ylabel(): ax for ax in figure.axes}
    assert list(named) == ["loss", "accuracy", "norm of the gradient", "learning rate"]
    training, validation = visible_lines(named["loss"])
    np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(training.get_ydata(), given["loss"])
    np.testing.assert_array_equal(validation.get_ydata(), given["val_loss"])
    assert training.get_linestyle() == "-"
    assert validation.get_linestyle() == "--"
    assert training.get_color() == validation.get_color()
    np.testing.assert_array_equal(visible_lines(named["learning rate"])[0].get_ydata(), given["lr"])
    assert legend_of(named["loss"]) == ["training", "validation", "best epoch: 2"]
    (circle,) = [line for line in named["loss"].lines if line.get_markerfacecolor() == "none"]
    assert circle.get_xydata().tolist() == [[2, given["val_loss"][1]]]  # by which epochs were compared
    for ax in named.values():
        assert [2, 2] in [list(line.get_xdata()) for line in ax.lines]


def test_a_history_may_come_from_json():
    given = history()
    again = plots.curves(json.loads(json.dumps(given.to_dict())))
    for one, other in zip(plots.curves(given).axes, again.axes, strict=True):
        assert one.get_ylabel() == other.get_ylabel()
        assert legend_of(one) == legend_of(other)
        for a, b in zip(one.lines, other.lines, strict=True):
            np.testing.assert_array_equal(a.get_xydata(), b.get_xydata())


def test_several_runs_differ_in_colour_and_share_kinds_of_lines():
    runs = {name: {"loss": [i + 3, i + 2.0], "val_loss": [i + 4, i + 3.0]} for i, name in enumerate("abc")}
    ax = plots.curves(runs).axes[0]
    assert legend_of(ax) == ["a", "b", "c", "training", "validation"]
    lines = visible_lines(ax)
    assert len({line.get_color() for line in lines}) == 3
    assert [line.get_label() for line in lines][:2] == ["a: loss", "a: val_loss"]
    assert [line.get_linestyle() for line in lines] == ["-", "--"] * 3


def test_runs_differ_in_more_than_colour():
    ax = plots.curves({f"run {i}": {"loss": [1.0, i]} for i in range(25)}).axes[0]
    assert len({(line.get_color(), line.get_marker()) for line in visible_lines(ax)}) == 25
    assert len({line.get_marker() for line in visible_lines(ax)[:10]}) == 10
    long = plots.curves({f"run {i}": np.ones(1000) for i in range(3)}, x="step").axes
    assert len(long) == 3  # names of quantities, which have panels of their own
    ax = plots.curves({f"run {i}": {"loss": np.ones(1000)} for i in range(3)}).axes[0]
    marked = [line.get_markevery() for line in visible_lines(ax)]
    assert [len(every) for every in marked] == [8, 8, 8]
    assert len(set(itertools.chain(*marked))) == 24  # so that they do not cover each other


def test_values_that_are_not_finite_leave_gaps_and_are_counted():
    ax = plots.curves([3.0, np.nan, np.inf, 1.0, -np.inf]).axes[0]
    drawn(ax)
    (line,) = visible_lines(ax)
    np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, True, True, False, True])
    (crosses,) = [line for line in ax.lines if line.get_marker() == "x"]
    np.testing.assert_array_equal(crosses.get_xdata(), [2, 3, 5])
    assert legend_of(ax) == ["not a finite number: 3"]


def test_values_without_neighbours_are_marked_by_dots_in_long_runs():
    values = np.full(100, np.nan)
    values[[10, 50, 51]] = 1.0
    (line,) = visible_lines(plots.curves(values).axes[0])
    assert line.get_markevery() == [10]


def test_on_a_logarithmic_scale_zero_is_a_gap():
    ax = plots.curves({"loss": [1.0, 0.0, -1.0, 0.1]}, log=True).axes[0]
    drawn(ax)
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(visible_lines(ax)[0].get_ydata(), [1.0, np.nan, np.nan, 0.1])
    assert legend_of(ax) == ["not a finite positive number: 2"]
    both = plots.curves({"loss": [1.0], "accuracy": [0.5]}, log=["loss"])
    assert [ax.get_yscale() for ax in both.axes] == ["log", "linear"]


def test_smoothing_is_an_unbiased_moving_average():
    given = np.array([1.0, np.nan, 3.0, 2.0])
    ax = plots.curves(given, smooth=0.5).axes[0]
    faint, line = ax.lines[:2]
    np.testing.assert_array_equal(faint.get_ydata(), given)
    seen = [1.0, 3.0, 2.0]
    weights = [np.array([0.5**k for k in range(n, -1, -1)]) for n in range(3)]
    expected = [np.average(seen[: n + 1], weights=weights[n]) for n in range(3)]
    np.testing.assert_allclose(line.get_ydata(), [expected[0], np.nan, *expected[1:]])
    np.testing.assert_allclose(visible_lines(plots.curves([5.0] * 9, smooth=0.9).axes[0])[-1].get_ydata(), 5.0)


def test_one_quantity_goes_into_given_axes():
    ax = Figure().add_subplot()
    assert plots.curves({"loss": [1.0, 2.0], "lr": [0.1, 0.2]}, "lr", ax=ax) is ax
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [0.1, 0.2])
    with pytest.raises(ValueError, match="one axes shows one quantity"):
        plots.curves({"loss": [1.0], "lr": [0.1]}, ["loss", "lr"], ax=ax)


def test_losses_kept_as_tensors_are_numbers():
    np.testing.assert_array_equal(plots.curves([Tensor(1.0), Tensor(0.5)]).axes[0].lines[0].get_ydata(), [1.0, 0.5])


def test_numbers_of_any_size_can_be_drawn():
    for values in ([1e308, -1e308, 1.0], [1e308, 1e-308, 1.0], [1e250, 1e-250], [5e-324, 0.0]):
        for log in (False, True):
            drawn(plots.curves(values, log=log))
        drawn(plots.weights(values))
        drawn(plots.jacobian([values]))
        drawn(plots.histograms({"a": values}, "weights"))
    ax = plots.curves([1e308, 1.0]).axes[0]
    assert legend_of(ax) == ["not a finite number: 1"]


def test_per_class_columns_are_left_out():
    assert len(plots.curves({"loss": [1.0, 2.0], "f1": [[0.1, 0.2], [0.3, 0.4]]}).axes) == 1


@pytest.mark.parametrize(
    ("runs", "settings", "error", "words"),
    [
        ([], {}, ValueError, "nothing to show"),
        ({}, {}, ValueError, "no values to draw"),
        ({"epoch": [1, 2]}, {}, ValueError, "nothing to draw over 'epoch'"),
        ({"epoch": [1, 2], "loss": [1.0]}, {}, ValueError, "'loss' has 1 values, but 'epoch' has 2"),
        ({"loss": ["a"]}, {}, TypeError, "real numbers"),
        ({"loss": [1j]}, {}, TypeError, "real numbers"),
        ({"loss": [1.0]}, {"quantities": "accuracy"}, ValueError, "no 'accuracy'; there are 'loss'"),
        ({"loss": [1.0]}, {"quantities": []}, ValueError, "no quantity given"),
        ({"loss": [1.0]}, {"smooth": 1.0}, ValueError, "smooth"),
        ({"a": {"loss": [1.0]}, "b": [1.0]}, {}, TypeError, "all be histories"),
        (nn.History(), {}, ValueError, "first epoch"),
    ],
)
def test_curves_say_what_is_wrong(runs, settings, error, words):
    with pytest.raises(error, match=words):
        plots.curves(runs, **settings)


# -- decision boundaries -----------------------------------------------------------------------------------------------


def class_at(ax, x, y):
    """Which class's colour the picture has at a point."""
    image = ax.images[0]
    left, right, low, high = image.get_extent()
    shades = image.get_array()
    rows, columns = shades.shape[:2]
    shade = shades[int((y - low) / (high - low) * rows), int((x - left) / (right - left) * columns)]
    behind = np.array(colouring.background(ax))
    full = np.array([to_rgb(c) for c in colouring.colours(ax, 10)]) - behind
    difference = shade - behind
    if np.abs(difference).max() < 1e-9:
        return None
    aligned = full @ difference / np.linalg.norm(full, axis=1) / np.linalg.norm(difference)
    return int(aligned.argmax())


def checked_regions(ax, decide, points=300):
    """Each of many random points has the colour of the class that is decided for directly there."""
    rng = np.random.default_rng(1)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    asked = rng.uniform((left, low), (right, high), (points, 2))
    right_ones = [class_at(ax, *point) == expected for point, expected in zip(asked, decide(asked), strict=True)]
    assert np.mean(right_ones) > 0.98  # all but those within a pixel of a boundary


X = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [0.3, -0.2]])
CENTRES = np.array([[-1.0, -0.5], [1.0, -0.5], [0.0, 1.0]])


def scores_of_three(points):
    return -((points[:, None, :] - CENTRES) ** 2).sum(-1)


@pytest.mark.parametrize(
    ("predict", "decide"),
    [
        (lambda p: 3 * p[:, 0] - p[:, 1], lambda p: 3 * p[:, 0] - p[:, 1] >= 0),
        (lambda p: (3 * p[:, 0] - p[:, 1])[:, None], lambda p: 3 * p[:, 0] - p[:, 1] >= 0),
        (lambda p: 1 / (1 + np.exp(-9 * (p[:, 0] - 0.5))), lambda p: p[:, 0] >= 0.5),
        (lambda p: (p[:, 1] > 0.2).astype(int), lambda p: p[:, 1] > 0.2),
        (lambda p: (p[:, 1] > 0.2).astype(float), lambda p: p[:, 1] > 0.2),
        (lambda p: p[:, 1] > 0.2, lambda p: p[:, 1] > 0.2),
        (lambda p: Tensor(p[:, 0] + 0.1), lambda p: p[:, 0] + 0.1 > 0),
        (scores_of_three, lambda p: scores_of_three(p).argmax(1)),
        (lambda p: np.exp(scores_of_three(p)) / np.exp(scores_of_three(p)).sum(1, keepdims=True),
         lambda p: scores_of_three(p).argmax(1)),
    ],
    ids=["score", "column", "probability", "class", "float class", "bool", "tensor", "scores", "probabilities"],
)  # fmt: skip
def test_regions_are_what_the_classifier_decides(predict, decide):
    several = np.ndim(predict(X[:1])) == 2 and np.shape(predict(X[:1]))[1] > 1
    ax = plots.decision_boundary(predict, X, [0, 1, 2, 1, 0] if several else [0, 1, 0, 1, 1], resolution=150)
    checked_regions(ax, decide)


def test_what_is_rendered_is_the_right_way_up():
    ax = plots.decision_boundary(lambda p: p[:, 1] - 0.5 * p[:, 0] - 0.5, X)
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1]
    tints = [np.array(to_rgb(c)) for c in colouring.colours(ax, 2)]
    for point, expected in (((-0.6, 0.9), 1), ((0.6, 0.9), 1), ((-0.6, -0.9), 0), ((0.6, 0.5), 0), ((-0.6, 0.4), 1)):
        column, row = ax.transData.transform(point).astype(int)
        away = 1 - pixels[row, column, :3] / 255
        assert away @ (1 - tints[expected]) > away @ (1 - tints[1 - expected]), point


def test_the_line_lies_where_the_score_is_zero():
    ax = plots.decision_boundary(lambda p: 3 * p[:, 0] - p[:, 1] + 0.2, X, [0, 1, 0, 1, 1], levels=(-1, 1))
    line, *further = [c for c in ax.collections if not isinstance(c, PathCollection)]
    for contour, levels in ((line, [0.0]), (further[0], [-1.0, 1.0])):
        for level, path in zip(levels, contour.get_paths(), strict=True):
            x, y = path.vertices.T
            np.testing.assert_allclose(3 * x - y + 0.2, level, atol=1e-9)


def test_further_lines_are_labelled_with_few_digits():
    ax = plots.decision_boundary(lambda p: 4 * p[:, 0], X, [0, 1, 0, 1, 1], levels=(-1, np.log(9)))
    assert {text.get_text() for text in ax.texts} == {"-1", "2.197"}


def test_a_probability_s_line_is_at_one_half_and_a_threshold_moves_it():
    def predict(p):
        return 1 / (1 + np.exp(-p[:, 0]))

    for threshold, expected in ((None, 0.0), (0.6, np.log(0.6 / 0.4))):
        ax = plots.decision_boundary(predict, X, [0, 1, 0, 1, 1], threshold=threshold)
        line = next(c for c in ax.collections if not isinstance(c, PathCollection))
        np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], expected, atol=1e-3)


def test_certain_regions_are_stronger():
    ax = plots.decision_boundary(lambda p: 1 / (1 + np.exp(-4 * p[:, 0])), X, [0, 1, 0, 1, 1])
    row = np.abs(ax.images[0].get_array()[150] - 1.0).sum(-1)
    assert row[0] > 2 * row[149]
    assert row[-1] > 2 * row[150]


def test_classes_have_markers_of_their_own_and_wrong_points_are_counted():
    y = np.array(["b", "a", "b", "a", "b"])
    ax = plots.decision_boundary(lambda p: np.where(p[:, 0] < 0, "b", "a"), X, y)
    assert legend_of(ax) == ["a", "b", "misplaced: 1 of 5"]
    groups = [c for c in ax.collections if isinstance(c, PathCollection) and len(c.get_offsets())]
    assert [len(c.get_offsets()) for c in groups] == [2, 3]
    np.testing.assert_array_equal(groups[1].get_offsets(), X[y == "b"])
    shapes = [c.get_paths()[0].vertices.shape for c in groups]
    assert shapes[0] != shapes[1]
    assert list(groups[1].get_linewidths()) == [0.6, 0.6, 1.3]


def test_numbers_of_classes_get_the_names_given():
    ax = plots.decision_boundary(lambda p: p[:, 0], X, [0, 1, 0, 1, 1], classes=("no", "yes"))
    assert legend_of(ax) == ["no", "yes"]
    ax = plots.decision_boundary(lambda p: (p[:, 0] > 0).astype(int), X, [0, 1, 0, 1, 1], classes=("no", "yes"))
    assert legend_of(ax) == ["no", "yes"]
    checked_regions(ax, lambda p: p[:, 0] > 0)


def test_labels_of_minus_and_plus_one_are_classes():
    ax = plots.decision_boundary(lambda p: 2.5 * p[:, 0], X, [-1, 1, -1, 1, -1])
    assert legend_of(ax) == ["-1", "1", "misplaced: 1 of 5"]


def test_a_class_without_points_keeps_its_region():
    ax = plots.decision_boundary(scores_of_three, X, [0, 1, 0, 1, 1])
    assert legend_of(ax)[:3] == ["0", "1", "2"]
    checked_regions(ax, lambda p: scores_of_three(p).argmax(1))


def test_without_classes_the_points_are_plain():
    ax = plots.decision_boundary(lambda p: p[:, 0], X)
    assert legend_of(ax) == ["0", "1"]
    assert len(ax.collections[-1].get_offsets()) == len(X)


def test_many_classes_are_named_among_their_points():
    points = np.random.default_rng(0).normal(size=(80, 2))
    ax = plots.decision_boundary(lambda p: np.arange(len(p)) % 8, points, np.arange(80) % 8, resolution=20)
    assert [text.get_text() for text in ax.texts] == [str(i) for i in range(8)]


def test_a_network_is_called_as_at_test_time_and_left_as_it_was():
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    net[2].eval()
    buffers = {name: b.numpy().copy() for name, b in net.named_buffers()}
    seen = []
    net[0].register_forward_hook(lambda *_: seen.append((net.training, is_grad_enabled())))
    ax = plots.decision_boundary(net, X, [0, 1, 0, 1, 1], resolution=30)
    assert set(seen) == {(False, False)}
    assert [m.training for m in net.modules()] == [True, True, True, False, True]
    for name, buffer in net.named_buffers():
        np.testing.assert_array_equal(buffer.numpy(), buffers[name])
    net.eval()
    checked_regions(plots.decision_boundary(net, X, [0, 1, 0, 1, 1]), lambda p: net(p).numpy()[:, 0] >= 0)
    assert isinstance(ax, Axes)


def test_predictions_that_are_not_finite_leave_blank_regions():
    ax = plots.decision_boundary(lambda p: np.where(p[:, 0] > 0, np.nan, p[:, 1]), X, [0, 0, 1, 1, 1])
    drawn(ax)
    assert class_at(ax, 0.5, 0.5) is None
    assert class_at(ax, -0.5, 0.5) == 1
    assert legend_of(ax)[-1] == "not finite: 50 %"


def test_points_that_are_not_finite_are_left_out_and_counted():
    ax = plots.decision_boundary(lambda p: p[:, 0], [*X.tolist(), [np.nan, 0], [0, np.inf]], [0, 1, 0, 1, 1, 0, 0])
    assert legend_of(ax)[-1] == "left out: 2 points"


def test_one_point_has_room_around_it():
    ax = plots.decision_boundary(lambda p: p[:, 0], [[5.0, 5.0]], [1])
    drawn(ax)
    assert ax.get_xlim()[0] < 5 < ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("predict", "x", "settings", "error", "words"),
    [
        (lambda p: p[:, 0], np.empty((0, 2)), {}, ValueError, "nothing to show"),
        (lambda p: p[:, 0], np.ones((3, 3)), {}, ValueError, r"shape \(n, 2\)"),
        (lambda p: p[:, 0], [[np.nan, 1.0]], {}, ValueError, "no point of X"),
        (lambda p: p[:, 0], X, {"y": [0, 1]}, ValueError, r"y must have the shape \(5,\)"),
        (lambda p: p[:, 0], X, {"y": [0, 1, 2, 1, 0]}, ValueError, "for 2 classes, but there are 3"),
        (lambda p: p[:, 0], X, {"y": [0, 1, np.nan, 1, 0]}, ValueError, "not finite"),
        (lambda p: p[:, 0], X, {"y": list("abcab"), "classes": "ab"}, ValueError, "'c'"),
        (lambda p: p[:1, 0], X, {}, ValueError, "one row for each point"),
        (lambda p: 1.0, X, {}, ValueError, "one row for each point"),
        (scores_of_three, X, {"levels": [1.0]}, ValueError, "single score"),
        (lambda p: p[:, 0], X, {"resolution": 1}, ValueError, "resolution"),
        (lambda p: p[:, 0], X, {"features": "x"}, ValueError, "two coordinates"),
    ],
)
def test_boundaries_say_what_is_wrong(predict, x, settings, error, words):
    with pytest.raises(error, match=words):
        plots.decision_boundary(predict, x, **settings)


# -- functions of two variables ----------------------------------------------------------------------------------------


def test_contours_lie_where_the_function_has_their_value():
    ax = plots.contour(bowl, levels=[1.0, 4.0], resolution=400)
    lines = [c for c in ax.collections if c.get_alpha() == 0.45]
    for level, path in zip([1.0, 4.0], lines[0].get_paths(), strict=True):
        np.testing.assert_allclose(bowl(*path.vertices.T), level, rtol=2e-3)


def test_steep_valleys_get_logarithmic_levels():
    def gaps(f):
        return np.diff(plots.contour(f, resolution=80).collections[1].levels)

    bands = plots.contour(rosenbrock, resolution=80).collections[0]
    shades = [colouring.luminance(bands.cmap(bands.norm(v))) for v in (bands.levels[1:] + bands.levels[:-1]) / 2]
    assert np.diff(shades).min() > 0.01  # every band differs from the next, however narrow
    steep, gentle = gaps(rosenbrock), gaps(lambda x, y: x + y)
    ratios = steep[1:] / steep[:-1]
    np.testing.assert_allclose(ratios, ratios[0])
    assert ratios[0] > 1.3
    np.testing.assert_allclose(gentle, gentle[0])


def test_an_optimiser_s_path_is_recorded_as_a_loop_by_hand_would_go():
    momentum, point, expected = np.zeros(2), np.array([3.0, 1.0]), [[3.0, 1.0]]
    for _ in range(20):
        momentum = 0.9 * momentum + point * (2, 20)
        point = point - 0.01 * momentum
        expected.append(point.tolist())
    path = plots.record_path(bowl, (3, 1), lambda params: optim.SGD(params, lr=0.01, momentum=0.9), 20)
    np.testing.assert_allclose(path, expected)
    assert plots.record_path(bowl, (3, 1), lambda params: optim.SGD(params, lr=0.1), 0).tolist() == [[3.0, 1.0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.Adam(p, lr=0.5),
        lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe"),
        lambda p: optim.FiniteDifferenceDescent(p, lr=0.04),
    ],
)
def test_optimisers_of_every_kind_leave_a_path(make):
    path = plots.record_path(bowl, (3.0, 1.0), make, 100)
    assert bowl(*path[-1]) < 1e-2 * bowl(*path[0])


def test_a_path_ends_where_nothing_is_finite():
    path = plots.record_path(rosenbrock, (-1.5, 2.0), lambda params: optim.SGD(params, lr=1.0), 100)
    assert len(path) < 20
    assert np.isfinite(path[:-1]).all()
    ax = plots.optimizer_path(rosenbrock, {"SGD": path})
    assert legend_of(ax)[0] == f"SGD, {len(path) - 1} steps, ends where nothing is finite"


def test_paths_are_drawn_with_their_starts_and_ends():
    ways = {
        "small": plots.record_path(bowl, (3.0, 1.0), lambda p: optim.SGD(p, lr=0.02), 15),
        "large": plots.record_path(bowl, (3.0, 1.0), lambda p: optim.SGD(p, lr=0.09), 15),
    }
    ax = plots.optimizer_path(bowl, ways, minimum=(0, 0))
    lines = {line.get_label(): line for line in ax.lines}
    for name, way in ways.items():
        np.testing.assert_array_equal(lines[name].get_xydata(), way)
    assert lines["small"].get_color() != lines["large"].get_color()
    assert lines["small"].get_marker() != lines["large"].get_marker()
    assert lines["start"].get_xydata().tolist() == [[3.0, 1.0]]
    assert lines["minimum"].get_xydata().tolist() == [[0.0, 0.0]]
    stars = [line.get_xydata()[0].tolist() for line in ax.lines if line.get_label() == "_end"]
    assert stars == [way[-1].tolist() for way in ways.values()]


def test_a_path_that_runs_away_does_not_decide_what_is_shown():
    away = plots.record_path(bowl, (3.0, 1.0), lambda p: optim.SGD(p, lr=0.2), 40)
    ax = plots.optimizer_path(bowl, {"away": away, "stays": [[3.0, 1.0], [0.0, 0.0]]})
    drawn(ax)
    assert np.abs(away).max() > 1e6
    assert np.abs(ax.get_ylim()).max() < 3
    assert legend_of(ax)[:2] == ["away, 40 steps, leaves the picture", "stays, 1 step"]
    line = next(line for line in ax.lines if line.get_label() == "away")
    assert len(line.get_xydata()) < len(away)


def test_values_that_are_not_finite_are_hatched():
    ax = plots.contour(lambda x, y: np.log(x) + y)
    drawn(ax)
    assert any("hatched: not finite, 50 %" in text for text in words(ax))
    assert any(getattr(c, "hatches", None) == ["///"] for c in ax.collections)


def test_a_path_may_start_where_the_function_has_no_value():
    ax = plots.optimizer_path(lambda x, y: np.log(x) + y, [[-1.0, 1.0], [0.5, 0.0]])
    drawn(ax)
    assert ax.get_xlim()[1] > 0.5


def test_a_constant_function_has_contours_too():
    drawn(plots.contour(lambda x, y: 3.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.contour(bowl, (1, 1)), "limits"),
        (lambda: plots.contour(bowl, (0, np.inf)), "limits"),
        (lambda: plots.contour(bowl, levels="exponential"), "levels"),
        (lambda: plots.contour(bowl, levels=0), "at least one level"),
        (lambda: plots.contour(bowl, levels=[np.nan]), "levels must be finite"),
        (lambda: plots.contour(lambda x, y: np.zeros(3)), "elementwise"),
        (lambda: plots.contour(lambda x, y: x * np.nan), "no finite value"),
        (lambda: plots.contour(bowl, resolution=1), "resolution"),
        (lambda: plots.optimizer_path(bowl, {}), "no paths"),
        (lambda: plots.optimizer_path(bowl, {"a": [1.0, 2.0]}), r"\(steps \+ 1, 2\)"),
        (lambda: plots.optimizer_path(bowl, {"a": np.empty((0, 2))}), "nothing to show"),
        (lambda: plots.optimizer_path(bowl, {"a": [[np.nan, 1.0]]}), "no finite point"),
        (lambda: plots.optimizer_path(bowl, [[1.0, 2.0]], minimum=1.0), "minimum"),
        (lambda: plots.record_path(bowl, (1, 2, 3), lambda p: optim.SGD(p, lr=0.1)), "two finite numbers"),
        (lambda: plots.record_path(bowl, (1, np.nan), lambda p: optim.SGD(p, lr=0.1)), "two finite numbers"),
        (lambda: plots.record_path(bowl, (1, 2), lambda p: optim.SGD(p, lr=0.1), -1), "negative"),
    ],
)
def test_landscapes_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# -- grids of images ---------------------------------------------------------------------------------------------------


def test_templates_of_a_linear_classifier_are_its_rows():
    layer = nn.Linear(12, 5)
    ax = plots.weights(layer.weight, (4, 3), labels="abcde")
    held = layer.weight.numpy()
    assert [text.get_text() for text in ax.texts] == list("abcde")
    for image, row in zip(ax.images, held, strict=True):
        np.testing.assert_allclose(image.get_array(), row.reshape(4, 3))
        assert image.get_clim() == (-np.abs(held).max(), np.abs(held).max())


def test_the_colour_bar_says_what_the_numbers_are():
    ax = plots.weights(np.eye(3), quantity="gradient, in $")
    assert ax.figure.axes[1].get_ylabel() == "gradient, in $"
    drawn(ax)
    each = plots.weights({"a": np.eye(3)}, quantity="gradient", scale="each")
    assert each.figure.axes[1].get_ylabel().startswith("gradient, as a share of")


def test_images_do_not_overlap_and_keep_their_shape():
    ax = plots.weights({f"matrix number {i}": np.ones((i + 1, 7 - i)) for i in range(7)})
    drawn(ax)
    boxes = [image.get_extent() for image in ax.images]
    for (l1, r1, b1, t1), (l2, r2, b2, t2) in itertools.combinations(boxes, 2):
        assert r1 <= l2 or r2 <= l1 or t1 <= b2 or t2 <= b1
    for image, (left, right, bottom, top) in zip(ax.images, boxes, strict=True):
        rows, columns = image.get_array().shape
        np.testing.assert_allclose((right - left) / (top - bottom), columns / rows)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for box in boxes:
        assert left <= box[0] < box[1] <= right
        assert low <= box[2] < box[3] <= high


def test_a_network_s_weights_have_scales_of_their_own():
    net = network()
    ax = plots.weights(net)
    assert [text.get_text() for text in ax.texts] == ["0.weight", "2.weight"]
    assert [image.get_clim()[1] for image in ax.images] == [np.abs(net[i].weight.numpy()).max() for i in (0, 2)]
    assert "as a share of" in ax.figure.axes[1].get_ylabel()
    shared = plots.weights(net, scale="shared")
    assert len({image.get_clim() for image in shared.images}) == 1
    assert shared.figure.axes[1].get_ylabel() == "weight"


def test_a_title_wider_than_the_images_is_broken_into_lines_that_fit():
    title = "the 64 weights of one neuron as an image: red speaks for an 8, and blue speaks against it"
    ax = plots.weights(np.eye(8).reshape(1, 64), (8, 8), title=title)
    ax.figure.draw_without_rendering()
    assert ax.get_title().replace("\n", " ") == title
    extent, page = ax.title.get_window_extent(), ax.figure.bbox
    assert page.x0 <= extent.x0
    assert extent.x1 <= page.x1
    assert extent.y1 <= page.y1
    assert "\n" not in plots.weights(np.eye(64)[:24], (8, 8), title=title[:60]).get_title()


def test_kernels_stand_in_rows_of_outputs_and_columns_of_inputs():
    w = np.random.default_rng(0).normal(size=(3, 2, 5, 5))
    ax = plots.kernels(w)
    assert len(ax.images) == 6
    for image, (i, j) in zip(ax.images, itertools.product(range(3), range(2)), strict=True):
        np.testing.assert_array_equal(image.get_array(), w[i, j])
    lefts, _, lows, _ = zip(*(image.get_extent() for image in ax.images), strict=True)
    assert len(set(lefts)) == 2
    assert len(set(np.round(lows, 9))) == 3
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1", "2"]


def test_what_does_not_fit_is_counted():
    ax = plots.kernels(np.ones((64, 32, 3, 3)))
    assert len(ax.images) == 64
    assert ax.get_xlabel() == "… and 1,984 more"
    ax = plots.kernels(np.ones((100, 1, 3, 3)), limit=48)
    assert len(ax.images) == 48
    assert ax.get_xlabel() == "… and 52 more"
    ax = plots.feature_maps(np.ones((70, 2, 2)))
    assert ax.get_xlabel() == "… and 6 more"
    for out, channels, limit in itertools.product((1, 3, 20), (2, 20), (1, 5, 24)):
        ax = plots.kernels(np.ones((out, channels, 1, 1)), limit=limit)
        assert len(ax.images) <= limit
        more = out * channels - len(ax.images)
        assert ax.get_xlabel() == (f"… and {more:,} more" if more else "")


def test_coloured_kernels_are_stretched_to_the_range_of_colours():
    w = np.random.default_rng(0).normal(size=(4, 3, 5, 5))
    ax = plots.kernels(w, rgb=True)
    assert len(ax.images) == 4
    for image, kernel in zip(ax.images, w, strict=True):
        shown = image.get_array()
        assert (shown.shape, shown.min(), shown.max()) == ((5, 5, 3), 0.0, 1.0)
        np.testing.assert_allclose(shown[2, 3], (kernel[:, 2, 3] - kernel.min()) / np.ptp(kernel))
    assert len(ax.figure.axes) == 1  # no scale: the colours are the values


def test_feature_maps_are_the_channels_of_a_layer():
    net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU())
    x = np.random.default_rng(0).normal(size=(1, 1, 8, 8)).astype(np.float32)
    maps = plots.activations(net, x)["1"]
    ax = plots.feature_maps(maps, scale="each")
    for image, channel in zip(ax.images, net(x).numpy()[0], strict=True):
        np.testing.assert_allclose(image.get_array(), channel, rtol=1e-6)


def test_zeros_nans_and_vectors_are_drawn_and_said():
    ax = plots.weights([np.nan, -np.inf, 0.0, 2.0])
    drawn(ax)
    np.testing.assert_array_equal(ax.images[0].get_array().mask, [[True, True, False, False]])
    assert ax.images[0].get_clim() == (-2.0, 2.0)
    assert ax.get_xlabel() == "yellow: 2 values not finite"
    for empty_of_meaning in (np.zeros((2, 2)), np.full((2, 2), np.nan), np.full((2, 3, 2), np.inf)):
        drawn(plots.weights(empty_of_meaning))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: plots.weights([]), ValueError, "nothing"),
        (lambda: plots.weights({}), ValueError, "nothing to draw"),
        (lambda: plots.weights(nn.ReLU()), ValueError, "ReLU has no parameters"),
        (lambda: plots.weights("abc"), TypeError, "real numbers"),
        (lambda: plots.weights(np.ones((2, 6)), (2, 2)), ValueError, "no images"),
        (lambda: plots.weights(np.ones((2, 8)), (2, 2, 2)), ValueError, r"\(3, height, width\)"),
        (lambda: plots.weights(np.ones((2, 4)), (2, 2), labels="abc"), ValueError, "3 labels for 2 images"),
        (lambda: plots.weights(np.eye(2), scale="log"), ValueError, "'shared' or 'each'"),
        (lambda: plots.weights(np.eye(2), limit=0), ValueError, "at least 1"),
        (lambda: plots.kernels(np.ones((2, 3, 3))), ValueError, "out, in, height, width"),
        (lambda: plots.kernels(np.ones((2, 2, 3, 3)), rgb=True), ValueError, "3 input channels"),
        (lambda: plots.feature_maps(np.ones((2, 2, 3, 3))), ValueError, r"choose one: a\[0\]"),
        (lambda: plots.feature_maps(np.ones((3, 3))), ValueError, "channels, height, width"),
        (lambda: plots.feature_maps(np.ones((0, 3, 3))), ValueError, "nothing to show"),
    ],
)
def test_grids_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- histograms of layers ----------------------------------------------------------------------------------------------


def bars(ax):
    """Of each layer the edges and the heights, as shares of the highest."""
    found = []
    for patch in ax.patches:
        assert isinstance(patch, StepPatch)
        tops, edges, baseline = patch.get_data()
        heights = baseline - tops
        found.append((edges, heights / (heights.max() or 1)))
    return found


def remarks(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_are_numpy_s_histogram():
    rng = np.random.default_rng(0)
    given = {"a": rng.normal(size=500), "b": rng.normal(2, 3, (10, 20))}
    ax = plots.histograms(given, "weights", bins=30)
    edges = np.linspace(min(v.min() for v in given.values()), max(v.max() for v in given.values()), 31)
    for (found, heights), values in zip(bars(ax), given.values(), strict=True):
        np.testing.assert_allclose(found, edges)
        counts = np.histogram(values, edges)[0]
        np.testing.assert_allclose(heights, counts / counts.max(), atol=1e-12)
    medians = next(line for line in ax.lines if line.get_label() == "median").get_xdata()
    np.testing.assert_allclose(medians, [np.median(v) for v in given.values()])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_gradients_are_drawn_by_magnitude():
    net = nn.Sequential(*(layer for _ in range(4) for layer in (nn.Linear(16, 16), nn.Sigmoid())), nn.Linear(16, 1))
    with pytest.raises(ValueError, match="run loss"):
        plots.histograms(net, "gradients")
    net(np.random.default_rng(0).normal(size=(8, 16))).sum().backward()
    ax = plots.histograms(net, "gradients", bins=25)
    assert ax.get_xscale() == "log"
    named = dict(net.named_parameters())
    assert [label.get_text() for label in ax.get_yticklabels()] == list(named)
    for (edges, heights), parameter in zip(bars(ax), named.values(), strict=True):
        counts = np.histogram(np.abs(parameter.grad.astype(float)), edges)[0]
        np.testing.assert_allclose(heights, counts / counts.max(), atol=1e-12)
    medians = next(line for line in ax.lines if line.get_label() == "median").get_xdata()
    assert medians[0] < 1e-2 * medians[-2]  # they vanish towards the input, and that is seen
    np.testing.assert_allclose(medians[0], np.median(np.abs(named["0.weight"].grad)), rtol=1e-6)


def test_parameters_without_gradients_and_zeros_are_said():
    ax = plots.histograms({"frozen": None, "half": [0.0, 0.0, 1e-5, -1e-3], "all": np.zeros(3)}, "gradients")
    assert remarks(ax) == ["no gradient", "50 % are 0", "100 % are 0"]
    net = network()
    net[0].weight.requires_grad = False
    net(np.ones((2, 4), np.float32)).sum().backward()
    assert remarks(plots.histograms(net, "gradients"))[0] == "no gradient"


def test_dead_units_and_saturation_are_counted():
    net = network()
    nn.init.constant_(net[0].bias, 0.0)
    net[0].bias.data = np.array([-100.0] * 3 + [100.0] * 5, np.float32)
    x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
    ax = plots.histograms(net, inputs=x)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 (Linear)", "1 (ReLU)", "2 (Linear)"]
    assert remarks(ax)[1] == "38 % are 0, 3 of 8 units dead"
    for activation, slope in ((nn.Sigmoid, lambda z: 4 / (2 + np.exp(z) + np.exp(-z))), (nn.Tanh, None)):
        net = network(activation)
        net[0].weight.data = net[0].weight.numpy() * 12
        z = x.astype(float) @ net[0].weight.numpy().T.astype(float) + net[0].bias.numpy()
        flat = (slope(z) if slope else 1 / np.cosh(z) ** 2) < 0.08
        assert 0.05 < flat.mean() < 0.95
        assert remarks(plots.histograms(net, inputs=x))[1] == f"{100 * flat.mean():.0f} % saturated"


def test_dead_channels_are_those_of_all_images_and_places():
    class Channels(nn.Module):
        def __init__(self):
            super().__init__()
            self.act = nn.ReLU()

        def forward(self, x):
            return self.act(x)

    x = np.ones((2, 3, 4, 4), np.float32)
    x[:, 1] = -1
    x[0, 2] = -1
    assert remarks(plots.histograms(Channels(), inputs=x)) == ["50 % are 0, 1 of 3 units dead"]


def test_activations_are_those_of_a_call_at_test_time_that_leaves_no_trace():
    net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    before = {name: b.numpy().copy() for name, b in net.named_buffers()}
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    found = plots.activations(net, x)
    assert net.training
    assert net[2].training
    assert all(module._hooks is None or not module._hooks.after for module in net.modules())
    for name, buffer in net.named_buffers():
        np.testing.assert_array_equal(buffer.numpy(), before[name])
    net.eval()
    np.testing.assert_array_equal(found["3"], net(x).numpy())
    np.testing.assert_array_equal(found["1"], net[1](net[0](x)).numpy())
    assert list(found) == ["0", "1", "2", "3"]


def test_hooks_are_taken_off_when_a_network_fails():
    net = network()
    with pytest.raises(ValueError, match=r"."):
        plots.activations(net, np.ones((5, 7), np.float32))
    assert all(module._hooks is None or not module._hooks.after for module in net.modules())


def test_layers_called_twice_are_told_apart_and_layers_that_pass_on_are_left_out():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)
            self.flat = nn.Flatten()

        def forward(self, x):
            return self.flat(self.inner(self.inner(x)))

    x = np.ones((2, 4), np.float32)
    assert list(plots.activations(Twice(), x)) == ["inner", "inner#2", "flat"]
    labels = plots.histograms(Twice(), inputs=x).get_yticklabels()
    assert [label.get_text() for label in labels] == ["inner (Linear)", "inner#2 (Linear)"]


def test_of_a_recurrent_layer_the_outputs_are_seen():
    layer = nn.LSTM(4, 8)
    x = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
    np.testing.assert_array_equal(plots.activations(layer, x)["LSTM"], layer(x)[0].numpy())


def test_values_outside_the_range_and_not_finite_are_said():
    ax = plots.histograms({"a": [1.0, 2.0, 9.0, np.nan, np.inf]}, "weights", range=(0, 5))
    drawn(ax)
    assert remarks(ax) == ["2 values not finite, 20 % outside"]
    edges, heights = bars(ax)[0]
    assert (edges[0], edges[-1], np.count_nonzero(heights)) == (0, 5, 2)


@pytest.mark.parametrize("values", [[5.0], [0.0], [np.nan], [1e-320, 1e300], [-3.0, -3.0]])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_any_numbers_can_be_drawn(values, scale):
    drawn(plots.histograms({"a": values}, "weights", scale=scale))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: plots.histograms({}), ValueError, "no activations to draw"),
        (lambda: plots.histograms(nn.ReLU(), "weights"), ValueError, "no weights to draw"),
        (lambda: plots.histograms({"a": []}), ValueError, "'a'.*nothing to show"),
        (lambda: plots.histograms({"a": ["x"]}), TypeError, "real numbers"),
        (lambda: plots.histograms(np.ones(3)), TypeError, "network or a mapping"),
        (lambda: plots.histograms(network()), ValueError, "pass inputs="),
        (lambda: plots.histograms(network(), "losses"), ValueError, "activations, gradients, weights"),
        (lambda: plots.histograms({"a": [1.0]}, scale="sqrt"), ValueError, "scale"),
        (lambda: plots.histograms({"a": [1.0]}, bins=0), ValueError, "bin"),
        (lambda: plots.histograms({"a": [1.0]}, range=(2, 1)), ValueError, "range"),
        (lambda: plots.histograms({"a": [1.0]}, "gradients", range=(-1, 1)), ValueError, "above 0"),
        (lambda: plots.activations(np.ones(3), 1.0), TypeError, "expected a network"),
    ],
)
def test_histograms_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- Jacobians ---------------------------------------------------------------------------------------------------------


def softmax(x):
    return np.exp(x) / np.sum(np.exp(x))


def test_the_jacobian_of_softmax_is_the_known_one():
    x = np.array([0.1, -0.4, 0.7])
    s = np.exp(x) / np.exp(x).sum()
    ax = plots.jacobian(softmax, x)
    np.testing.assert_allclose(ax.images[0].get_array(), np.diag(s) - np.outer(s, s), rtol=1e-12)
    np.testing.assert_allclose(ax.images[0].get_clim()[1], np.abs(np.diag(s) - np.outer(s, s)).max())
    written = [text.get_text() for text in ax.texts]
    assert written == [f"{v:.2f}" for v in (np.diag(s) - np.outer(s, s)).ravel()]


def test_functions_of_several_axes_are_counted_through():
    w = np.random.default_rng(0).normal(size=(2, 3))
    ax = plots.jacobian(lambda x: w @ x, np.ones((3, 2)))
    np.testing.assert_allclose(ax.images[0].get_array(), np.kron(w, np.eye(2)))
    ax = plots.jacobian(lambda x: np.sum(x * x), np.array([1.0, 2.0]))
    np.testing.assert_allclose(ax.images[0].get_array(), [[2.0, 4.0]])


def test_a_network_s_jacobian_leaves_its_gradients_alone():
    net = network()
    ax = plots.jacobian(lambda x: net(x[None]), np.ones(4))
    assert ax.images[0].get_array().shape == (3, 4)
    assert all(p.grad is None for p in net.parameters())


def test_exact_zeros_differ_from_small_values_and_an_elementwise_function_has_a_diagonal():
    ax = plots.jacobian(autograd.relu, np.array([-1.0, 2.0, 3.0]))
    overlay = ax.images[1].get_array()
    np.testing.assert_array_equal(
        overlay[..., 3] == 1.0, [[True, True, True], [True, False, True], [True, True, False]]
    )
    assert [t.get_text() for t in ax.texts] == ["0", "0", "0", "0", "1.00", "0", "0", "0", "1.00"]
    assert ax.get_title() == "Jacobian (3 × 3), diagonal"
    assert "exactly 0 (78 %)" in ax.get_xlabel()
    small = plots.jacobian(np.array([[1e-12, 1.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(small.images[1].get_array()[..., 3], [[0, 0], [1, 0]])


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        ([[1, 2], [0, 3]], ", upper triangular"),
        ([[1, 0], [2, 3]], ", lower triangular"),
        ([[1, 2], [2, 3]], ", symmetric"),
        ([[1, 2], [3, 4]], ""),
        ([[1, 0], [0, 3]], ", diagonal"),
        ([[0, 0], [0, 0]], ""),
    ],
)
def test_kinds_of_matrices_are_named(matrix, kind):
    assert plots.jacobian(matrix).get_title() == f"Jacobian (2 × 2){kind}"


def test_nothing_is_lost_in_large_matrices():
    matrix = np.zeros((450, 450))
    matrix[np.arange(450), np.arange(450)] = 1e-3
    matrix[7, 400], matrix[333, 12] = -5.0, np.nan
    ax = plots.jacobian(matrix)
    drawn(ax)
    shown = ax.images[0].get_array()
    assert shown.shape == (150, 150)
    assert shown[2, 133] == -5.0
    assert shown.mask[111, 4]
    assert shown.mask.sum() == 1
    np.testing.assert_array_equal(np.diag(shown), 1e-3)
    assert "the largest in 3 × 3 cells" in ax.figure.axes[1].get_ylabel()
    assert not ax.texts
    left, right, bottom, top = ax.images[0].get_extent()
    assert (right - left, bottom - top) == (450, 450)


def test_values_are_read_on_every_shade():
    ax = plots.jacobian(np.linspace(-1, 1, 36).reshape(6, 6))
    image = ax.images[0]
    for text, value in zip(ax.texts, np.linspace(-1, 1, 36), strict=True):
        own, behind = colouring.luminance(text.get_color()), colouring.luminance(image.to_rgba(value))
        assert (max(own, behind) + 0.05) / (min(own, behind) + 0.05) > 3.4


def test_values_that_are_not_finite_are_said_in_the_matrix():
    ax = plots.jacobian([[1.0, np.nan], [np.inf, 0.0]])
    drawn(ax)
    assert [t.get_text() for t in ax.texts] == ["1.00", "nan", "inf", "0"]
    assert "not finite (2 values)" in ax.get_xlabel()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: plots.jacobian(softmax), TypeError, "say where"),
        (lambda: plots.jacobian(np.eye(2), np.ones(2)), TypeError, "a matrix was given"),
        (lambda: plots.jacobian(np.ones(3)), ValueError, "two axes"),
        (lambda: plots.jacobian(np.ones((0, 3))), ValueError, "nothing to show"),
        (lambda: plots.jacobian(softmax, []), ValueError, "nothing to show"),
        (lambda: plots.jacobian(lambda x: x[:0], np.ones(3)), ValueError, "no outputs"),
        (lambda: plots.jacobian(autograd.tanh, np.ones(6000)), ValueError, "36,000,000 derivatives"),
    ],
)
def test_jacobians_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- functions of one variable -----------------------------------------------------------------------------------------


def test_a_function_s_derivatives_are_the_known_ones():
    ax = plots.function(autograd.sigmoid, -4, 4, derivatives=3)
    x = ax.lines[0].get_xdata()
    s = 1 / (1 + np.exp(-x))
    expected = [s, s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s * s)]
    for line, y in zip(visible_lines(ax), expected, strict=True):
        np.testing.assert_allclose(line.get_ydata(), y, atol=1e-12)
    assert [line.get_label() for line in visible_lines(ax)] == ["sigmoid", "sigmoid′", "sigmoid″", "sigmoid‴"]
    assert len({line.get_linestyle() for line in visible_lines(ax)}) >= 3


def test_saturated_regions_are_shaded():
    ax = plots.function(autograd.sigmoid)
    spans = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches)
    # 4 s (1 - s) = 0.08
    edge = np.log((1 + np.sqrt(1 - 0.08)) / (1 - np.sqrt(1 - 0.08)))
    np.testing.assert_allclose(spans, [(-6, -edge), (edge, 6)], atol=0.02)
    assert legend_of(ax)[-1] == "flat: slope below 8 % of the largest"
    assert not plots.function(autograd.sigmoid, flat=None).patches
    ((left, right),) = [(p.get_x(), p.get_x() + p.get_width()) for p in plots.function(autograd.relu).patches]
    assert (left, round(right, 9)) == (-6, 0)


def test_jumps_interrupt_the_line_and_steep_slopes_do_not():
    step = visible_lines(plots.function(autograd.relu, -1, 1.5))[1]
    x, y = step.get_xydata().T
    assert np.isnan(y).sum() == 1
    assert abs(x[np.isnan(y)][0]) < 1e-6
    before, after = y[np.flatnonzero(np.isnan(y))[0] + np.array([-1, 1])]
    assert (before, after) == (0, 1)
    steep = visible_lines(plots.function(lambda x: np.tanh(1000 * x), -1, 1.5))[0]
    assert not np.isnan(steep.get_ydata()).any()


def test_poles_do_not_squash_the_picture():
    ax = plots.function(lambda x: 1 / (x - 0.1), -2, 2)
    low, high = ax.get_ylim()
    assert -60 < low < -3
    assert 1 < high < 60
    assert np.isnan(visible_lines(ax)[0].get_ydata()).any()
    assert not ax.patches  # what is flat, compared with infinity?


def test_where_a_function_has_no_value_its_derivative_has_none():
    ax = plots.function(lambda x: np.log(x), -1, 3, points=401)
    for line in visible_lines(ax):
        assert np.isnan(line.get_ydata()[line.get_xdata() < 0]).all()
    assert legend_of(ax)[:2] == ["f (not finite: 25 %)", "f′ (not finite: 25 %)"]


def test_several_functions_share_colours_with_their_derivatives():
    ax = plots.function({"σ": autograd.sigmoid, "tanh": autograd.tanh})
    assert legend_of(ax) == ["σ", "tanh", "function", "derivative"]
    lines = visible_lines(ax)
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert lines[0].get_linestyle() == lines[2].get_linestyle() != lines[1].get_linestyle()


def test_constants_and_layers_are_functions_too():
    constant = plots.function(lambda x: 2.0)
    drawn(constant)
    assert [set(line.get_ydata()) for line in visible_lines(constant)] == [{2.0}, {0.0}]
    layer = plots.function(nn.GELU())
    assert visible_lines(layer)[0].get_label() == "gelu"
    drawn(plots.function(lambda x: x * np.nan))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: plots.function(autograd.tanh, 1, 1), ValueError, "low below high"),
        (lambda: plots.function(autograd.tanh, 0, np.inf), ValueError, "finite"),
        (lambda: plots.function(autograd.tanh, derivatives=4), ValueError, "0 to 3"),
        (lambda: plots.function(autograd.tanh, points=1), ValueError, "points"),
        (lambda: plots.function({}), ValueError, "nothing to draw"),
        (lambda: plots.function({"a": 1.0}), TypeError, "not a function: 'a'"),
        (lambda: plots.function(lambda x: x[:3]), ValueError, "elementwise"),
    ],
)
def test_functions_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_new_figure_makes_room_for_its_parts():
    assert new_figure(3, 2).get_layout_engine() is not None
