"""``python -m viz``: what is written, said and answered, and that all that its help says is so."""

import inspect
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import viz
from viz.cli import main
from viz.cli.arguments import COMMANDS, SETTINGS, parse
from viz.cli.targets import CommandError, place_in_file, target, value_of

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
SIGMOID = ["1/(1+exp(-(w0*x0+w1*x1+w2)))", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"]

MODEL = '''\
"""A user's file."""
from dataclasses import dataclass

from autograd import Tensor, exp, scope
from beside import SLOPE

b = Tensor(0.5)
constant = 3


@dataclass
class Settings:
    rate: float = 1.0


def loss(rate=1.0):
    w, x = Tensor(2.0), Tensor(-1.0)
    with scope("layer"):
        s = w * x * SLOPE + b
    return 1 / (1 + exp(-s)) * rate


def steps(count):
    t = Tensor(1.0)
    for _ in range(count):
        t = t * 2
    return t


def row(x):
    return Tensor([1.0, 2.0]) * x


def number():
    return loss().item()


def wrong():
    w = Tensor(2.0)
    return w + {}["no such key"]


def misfit():
    W, x = Tensor([[1.0, 2.0]]), Tensor([1.0, 2.0, 3.0])
    h = W * 2.0
    return h @ x


def leave():
    raise SystemExit("had enough")


result = loss()
'''


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test has a folder of its own, with a user's files in it."""
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text(MODEL, encoding="utf-8")
    Path("beside.py").write_text("SLOPE = 1.5\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def opened(monkeypatch):
    addresses = []
    monkeypatch.setattr(webbrowser, "open", lambda address: addresses.append(address) or True)
    return addresses


def failing(capsys, *arguments):
    """What a command says that must fail, and its code."""
    code = main(arguments)
    said = capsys.readouterr()
    assert said.out == ""
    return code, said.err


# -- views -----------------------------------------------------------------------------------------------------------


def test_draw_writes_the_picture_of_a_formula(capsys):
    assert main(["draw", *SIGMOID, "-o", "neuron.dot"]) == 0
    assert capsys.readouterr() == ("wrote neuron.dot\n", "")
    formula, values = SIGMOID[0], {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
    drawing = viz.draw(viz.expression(formula, **values), gradients=True, names=False)
    assert Path("neuron.dot").read_text(encoding="utf-8") == drawing.source


def test_draw_prints_text(capsys):
    assert main(["draw", *SIGMOID, "--format", "text"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[:2]] == [["w0", "2.00", "∇", "-0.20"], ["x0", "-1.00", "∇", "0.39"]]
    assert lines[-1].split()[:4] == ["1/x", "0.73", "∇", "1.00"]


def test_gradients_are_left_out_if_asked(capsys):
    assert main(["draw", "w*x", "w=2", "x=3", "--format", "text", "--no-gradients"]) == 0
    assert "∇" not in capsys.readouterr().out


def test_a_result_of_several_numbers_has_no_gradients_and_that_is_said(capsys):
    assert main(["draw", "w*x", "w=2", "x=[1, 2]", "--format", "text"]) == 0
    said = capsys.readouterr()
    assert "∇" not in said.out
    assert "shape (2,)" in said.err


def test_files_have_sensible_names_and_replacing_one_is_said(capsys):
    assert main(["draw", "w*x", "w=2", "x=3"]) == 0
    assert main(["draw", "w*x", "w=2", "x=3"]) == 0
    assert main(["draw", "model.py:loss"]) == 0
    assert main(["draw", "w*x", "w=2", "x=3", "-o", "product", "--format", "mermaid"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote graph.svg",
        "replaced graph.svg",
        "wrote loss.svg",
        "wrote product.mmd",
    ]
    assert "<svg" in Path("loss.svg").read_text(encoding="utf-8")


@needs_dot
def test_the_suffix_says_the_format_and_the_standard_output_takes_any(capfdbinary):
    assert main(["draw", "w*x", "w=2", "x=3", "-o", "graph.PNG"]) == 0
    assert main(["draw", "w*x", "w=2", "x=3", "-o", "-", "--format", "png"]) == 0
    said = capfdbinary.readouterr().out
    assert Path("graph.PNG").read_bytes().startswith(b"\x89PNG")
    assert b"\x89PNG" in said


def test_options_reach_the_drawing(capsys):
    formula = ["sigmoid(w*x)", "w=2", "x=-1", "--format", "text"]
    assert main(["draw", *formula, "--expand", "sigmoid", "--locals"]) == 0
    said = capsys.readouterr().out
    assert "[sigmoid]" in said
    assert "∂" in said
    assert main(["draw", "model.py:loss", "--collapse", "layer", "--format", "text"]) == 0
    assert "[layer]" not in capsys.readouterr().out
    assert main(["draw", "s = w*x; exp(s) + 1", "w=2", "x=-1", "--inputs", "s", "--format", "text"]) == 0
    assert "w" not in capsys.readouterr().out
    assert main(["draw", "w*x", "w=2", "x=-1", "--theme", "dark", "-o", "-", "--format", "dot"]) == 0
    assert viz.themes.DARK.paper in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_an_argument_of_the_function(name):
    view = COMMANDS[name]
    taken = inspect.signature(view.function).parameters.keys()
    assert {*view.settings} <= taken & SETTINGS.keys()
    assert "names" in taken
    assert COMMANDS.keys() == {"draw", "step", "explain", "spreadsheet"}


def test_names_are_also_given_with_commas():
    def collapse(*arguments):
        return parse(["draw", "x", *arguments]).settings.get("collapse")

    assert collapse("--collapse", "a,b", "--collapse", "c") == ["a", "b", "c"]
    assert collapse("--collapse", "all") is True
    assert collapse("--collapse", "none") is False
    assert collapse() is None


def test_step_writes_a_page(capsys):
    assert main(["step", "sigmoid(w*x)", "w=2", "x=-1", "--expand", "all", "--title", "<b>A neuron"]) == 0
    assert capsys.readouterr().out == "wrote graph.html\n"
    page = Path("graph.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "&lt;b&gt;A neuron" in page
    assert "<b>A neuron" not in page
    assert "1/x" in page


def test_step_is_called_by_its_formula_or_function(capsys):
    assert main(["step", "w *  x", "w=2", "x=-1"]) == 0
    assert "<title>w * x" in Path("graph.html").read_text(encoding="utf-8")
    assert main(["step", "model.py:loss"]) == 0
    page = Path("loss.html").read_text(encoding="utf-8")
    assert "<title>loss in model.py" in page


def test_explain_prints_or_writes_each_step(capsys):
    assert main(["explain", *SIGMOID]) == 0
    said = capsys.readouterr().out
    f = viz.expression(SIGMOID[0], w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    assert said == f"{viz.explain(f, names=False)}\n"
    assert "0.73" in said
    assert "-0.53" in said
    assert main(["explain", "model.py:loss", "--format", "markdown"]) == 0
    assert "$" in capsys.readouterr().out
    assert main(["explain", "sigmoid(w*x)", "w=2", "x=-1", "--expand", "sigmoid", "--check", "-o", "told.tex"]) == 0
    assert capsys.readouterr().out == "wrote told.tex\n"
    assert "\\begin{document}" in Path("told.tex").read_text(encoding="utf-8")
    assert main(["explain", "w*x", "w=2", "x=[1, 2]"]) == 0
    said = capsys.readouterr()
    assert "Backward" not in said.out
    assert "shape (2,)" in said.err


def test_a_trace_is_read_from_a_file(capsys):
    assert main(["draw", "w*x + 1", "w=2", "x=-1", "-o", "trace.json"]) == 0
    assert main(["draw", "trace.json", "--format", "text"]) == 0
    assert main(["draw", "w*x + 1", "w=2", "x=-1", "--format", "text"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "wrote trace.json"
    assert lines[:4] == lines[4:]
    assert main(["step", "trace.json"]) == 0
    Path("bad.json").write_text("{", encoding="utf-8")
    assert main(["draw", "bad.json"]) == 1
    assert main(["draw", "no.json"]) == 1
    assert main(["draw", "trace.json", "x=1"]) == 2


def test_open_opens_what_was_written(opened, monkeypatch, capsys):
    assert main(["draw", "w*x", "w=2", "x=3", "--format", "text", "--open"]) == 0
    assert opened == [Path("graph.txt").resolve().as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert main(["draw", "w*x", "w=2", "x=3", "--open"]) == 0
    assert "no program was found" in capsys.readouterr().err


def test_the_formula_may_come_from_the_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("s = w*x\n2*s\n"))
    assert main(["draw", "-", "w=2", "x=3", "--format", "text"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["×2", "12.00"]


@pytest.mark.parametrize("arguments", [["-x**2", "x=3"], ["--", "-x**2", "x=3"]])
def test_a_formula_may_begin_with_a_minus_sign(arguments, capsys):
    assert main(["draw", "--format", "text", *arguments]) == 0
    assert "-9.00" in capsys.readouterr().out


def test_options_may_stand_anywhere(capsys):
    assert main(["draw", "--format", "text", "w*x", "w=2", "--no-gradients", "x=3"]) == 0
    assert "6.00" in capsys.readouterr().out


# -- values ----------------------------------------------------------------------------------------------------------


def test_values_are_numbers_arrays_and_formulas_without_names():
    values = ["a=-3", "b=1e-3", "c=[[1, 2], [3, 4]]", "d=pi/2", "e= [1,-1] ", "f=−2", "g=+7"]
    result = target("sum(c) + a + b + d + e[1] + f + g", values).result
    assert result.item() == pytest.approx(10 - 3 + 1e-3 + 3.14159265 / 2 - 1 - 2 + 7)
    assert type(value_of("n", "3")) is int
    assert type(value_of("n", "3.0")) is float
    assert value_of("n", "9" * 30) == 1e30


@pytest.mark.parametrize(
    "text", ["", "a", "x+1", "1+", "__import__('os')", "'a'", "1,2", "None", "1;2", "[1,[2]]", "1/0"]
)
def test_other_values_are_refused(text):
    with pytest.raises(CommandError, match="value of 'x'"):
        value_of("x", text)


# -- the user's Python -----------------------------------------------------------------------------------------------


def test_a_function_is_called_with_its_arguments(capsys):
    assert main(["draw", "model.py:steps", "count=3", "--format", "text"]) == 0
    assert "8.00" in capsys.readouterr().out
    assert target("model.py:row", ["x=[3, 4]"]).result.data.tolist() == [3.0, 8.0]
    assert target("model.py:loss", ["rate=0"]).result.item() == 0.0


def test_tensors_are_called_as_in_the_function_and_the_file():
    found = target("model.py:loss", [])
    names = {e.name for e in viz.trace(found.result, names=dict(found.names)).entries}
    assert {"w", "x", "b", "s"} <= names
    assert (found.title, found.stem) == ("loss in model.py", "loss")


def test_a_variable_may_be_named_instead_of_a_function():
    assert target("model.py:result", []).result.item() == target("model.py:loss", []).result.item()


def test_files_beside_are_imported_and_nothing_is_left_behind(folder, monkeypatch):
    path, modules, compiles = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    elsewhere = folder / "my nets" / "öäü"
    elsewhere.mkdir(parents=True)
    shutil.move("model.py", elsewhere / "numpy.py")  # a name that is taken
    shutil.move("beside.py", elsewhere)
    assert target(f"{elsewhere / 'numpy.py'}:loss", []).result.item() > 0
    assert sys.path == path
    assert set(sys.modules) - modules <= {"beside"}
    sys.modules.pop("beside", None)
    assert sorted(p.name for p in elsewhere.iterdir()) == ["beside.py", "numpy.py"]
    assert sys.modules["numpy"].__name__ == "numpy"
    assert sys.getprofile() is None
    assert sys.dont_write_bytecode is compiles


def test_paths_of_windows_are_told_from_functions():
    path, name = place_in_file(r"C:\my nets\f.py:loss")
    assert (str(path), name) == (r"C:\my nets\f.py", "loss")
    assert place_in_file(" MODEL.PY:loss ") == (Path("MODEL.PY"), "loss")
    assert place_in_file("w*x; a = 2") is None
    with pytest.raises(CommandError, match="names no function"):
        place_in_file(r"C:\my nets\f.py")


def test_an_error_in_the_users_function_shows_their_lines_alone(capsys):
    assert main(["step", "model.py:wrong"]) == 1
    said = capsys.readouterr().err
    lines = said.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "model.py" in lines[1]
    line = MODEL[: MODEL.index("return w + {}")].count("\n") + 1
    assert f"line {line}, in wrong" in lines[1]
    assert "KeyError: 'no such key'" in said
    assert str(Path(viz.__file__).parent) not in said


def test_what_was_computed_before_an_error_is_drawn(capsys):
    assert main(["draw", "model.py:misfit", "--format", "text"]) == 1
    said = capsys.readouterr()
    assert "W" in said.out
    assert "×2" in said.out
    assert "(3,)" in said.out
    assert "in misfit" in said.err
    assert "matmul" in said.err
    assert "viz.draw(" not in said.err
    assert "direct cause" not in said.err
    assert str(Path(viz.__file__).parents[1]) not in said.err
    assert main(["draw", "model.py:misfit"]) == 1
    assert capsys.readouterr().out == "wrote failure.svg\n"
    assert main(["step", "model.py:misfit"]) == 1
    assert capsys.readouterr().out == ""


def test_lines_of_the_program_are_remembered(capsys):
    entries = viz.trace(target("model.py:loss", []).result, names=False).entries
    assert "s = w * x * SLOPE + b" in [entry.source.text for entry in entries if entry.source]
    assert all(entry.source is None for entry in viz.trace(target("model.py:loss", [], lines=False).result).entries)
    assert main(["draw", "model.py:misfit", "--no-lines", "--format", "text"]) == 1
    assert capsys.readouterr().out == ""


def test_an_error_in_the_users_file_shows_its_place(capsys):
    Path("typo.py").write_text("def loss():\n    retrun 1 +\n", encoding="utf-8")
    code, said = failing(capsys, "draw", "typo.py:loss")
    assert code == 1
    assert "typo.py" in said
    assert "SyntaxError" in said
    assert "importlib" not in said


def test_the_users_program_may_end_itself(capsys):
    assert failing(capsys, "draw", "model.py:leave") == (1, "had enough\n")


WRONG = [
    (["draw", "1/x", "x=0"], 1, "viz: division by zero: x is 0\n  1/x\n   ^\n"),
    (["draw", "w*x", "w=2"], 1, "no value for 'x'"),
    (["draw", ""], 1, "empty"),
    (["draw", "x", "x=1+"], 1, "the value of 'x'"),
    (["draw", "x", "x="], 1, "nothing follows the ="),
    (["step", "x*2", "x=[1, 2]"], 1, "shape (2,)"),
    (["draw", "no file.py:loss"], 1, "there is no file 'no file.py'"),
    (["draw", "model.py:number"], 1, "gives a float, not a Tensor"),
    (["draw", "model.py:constant"], 1, "is an int, not a Tensor"),
    (["draw", "x", "x=1", "-o", "no/such/folder/graph.svg"], 1, "no folder"),
    (["draw", "x", "x=1", "-o", "."], 1, "is a folder"),
    (["draw", "x*x", "x=1", "--expand", "nothing"], 1, "nothing"),
    (["draw", "model.py"], 2, "such as 'model.py:loss'; the file has loss, steps"),
    (["draw", "model.py:"], 2, "such as 'model.py:loss'"),
    (["draw", "model.py:a.b"], 2, "such as 'model.py:loss'"),
    (["draw", "model.py:los"], 2, "Did you mean 'loss'?"),
    (["draw", "model.py:zzz"], 2, "it has loss, steps, row"),
    (["draw", "model.py:steps"], 2, "missing a required argument: 'count'; arguments are given like count=1.0"),
    (["draw", "model.py:loss", "rat=1"], 2, "unexpected keyword argument 'rat'"),
    (["draw", "model.py:result", "x=1"], 2, "takes no values"),
    (["draw", "w*x", "w=2", "3"], 2, "'3' is no name=value"),
    (["draw", "w*x", "=2"], 2, "'=2' is no name=value"),
    (["draw", "w*x", "w=2", "w=3"], 2, "'w' is given two values"),
    (["draw"], 2, "WHAT"),
    (["draw", "x", "x=1", "-o", "graph.gif"], 2, ".svg, .png"),
    (["draw", "x", "x=1", "-o", "graph.svg", "--format", "png"], 2, "contradict"),
    (["draw", "x", "x=1", "--theme", "pink"], 2, "pink"),
    (["draw", "x", "x=1", "--depth", "two"], 2, "two"),
    (["draw", "x", "x=1", "--no-such-option"], 2, "--no-such-option"),
    (["draw", "x", "x=1", "--open=1"], 2, "--open"),
    (["drow", "x", "x=1"], 2, "did you mean draw?"),
    (["w*x", "w=2"], 2, "first comes draw or step or explain"),
    (["--draw"], 2, "--help"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_mistakes_are_explained(arguments, code, said, capsys, folder):
    before = sorted(p.name for p in folder.iterdir())
    found, message = failing(capsys, *arguments)
    assert (found, said in message) == (code, True), message
    assert message.startswith("viz: ")
    assert "Traceback" not in message
    assert sorted(p.name for p in folder.iterdir()) == before


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["draw", "step"]), st.text(max_size=20), st.text(max_size=8))
def test_any_text_is_refused_or_computed(tmp_path_factory, command, what, value):
    os.chdir(tmp_path_factory.mktemp("any"))
    assert main([command, what, f"x={value}", f"{value}=1"]) in (0, 1, 2)


# -- help ------------------------------------------------------------------------------------------------------------


def helped(capsys, *arguments):
    assert main([*arguments, "--help"]) == 0
    return capsys.readouterr().out


def test_without_arguments_there_is_help(capsys):
    assert main([]) == 2
    assert "examples, to be pasted" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_example_of_the_help_works(command, capsys, opened, monkeypatch):
    said = helped(capsys, *filter(None, [command]))
    examples = re.findall(r"^  ((?:echo .*\| )?python -m viz .*)$", said, re.MULTILINE)
    assert len(examples) >= 3
    for example in examples:
        before, _, line = example.rpartition("python -m viz ")
        if before:
            monkeypatch.setattr(sys, "stdin", io.StringIO(shlex.split(before)[1]))
        if re.search("png|pdf", line) and shutil.which("dot") is None:
            continue
        assert main(shlex.split(line)) == 0, example
    assert len(opened) == sum("--open" in example for example in examples)


def test_help_fits_a_terminal_and_tells_what_matters(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for command in ["", *COMMANDS]:
        said = helped(capsys, *filter(None, [command]))
        assert max(len(line) for line in said.splitlines() if "python -m viz" not in line) <= 80
        for word in ("exit codes", "FILE.py:FUNCTION", "only", "trust", "sigmoid"):
            assert word in said
        if command:
            assert "replaced" in said


# -- as a program ----------------------------------------------------------------------------------------------------


def program(*arguments, **settings):
    environment = {**os.environ, **settings.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "viz", *arguments],
        capture_output=True, text=True, timeout=60, env=environment, encoding="utf-8", **settings,
    )  # fmt: skip


def test_it_is_a_program(folder):
    done = program("draw", "-", "w=2", "x=-1", "--format", "text", input="exp(-w*x)\n", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].split()[:2] == ["exp", "7.39"]


def test_a_terminal_that_cannot_show_a_character_shows_another(folder):
    done = program("draw", "1/θ", "θ=0", cwd=folder, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert "division by zero: ? is 0" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_has_seen_enough_is_no_error(folder):
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "viz", "draw", "x*x", "x=2", "--format", "text"],
            stdout=write, stderr=subprocess.PIPE, cwd=folder, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")
