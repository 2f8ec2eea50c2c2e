"""From a result to a file, the terminal, or the browser."""

from __future__ import annotations

import inspect
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import viz
from autograd import Tensor
from viz.cli.arguments import Command
from viz.cli.targets import CommandError, Target
from viz.recording import Recording

__all__ = ["show", "show_failure"]

_BINARY = frozenset({"png", "pdf", "xlsx"})


def show(command: Command, target: Target) -> None:
    """Make the view that a command asks for, and write, print or open it.

    Raises
    ------
    CommandError
        If the view cannot be made, or the file not written.
    """
    with _explained():
        _put(command, _view(command, target), target.stem)


def show_failure(command: Command, recording: Recording) -> None:
    """Draw what a program computed until it failed, if that is what the command asks for, and if there is something."""
    if command.view.name != "draw" or recording.failure is None:
        return
    if not recording.failure.operation and all(entry.kind != "gate" for entry in recording.trace().entries):
        return
    settings = {key: value for key, value in command.settings.items() if key != "gradients"}
    with _explained():
        _put(command, viz.draw(recording, **settings), "failure")
    print("viz: the picture shows what was computed until then, and what failed, in red", file=sys.stderr)


@contextmanager
def _explained() -> Iterator[None]:
    """What the functions of this package refuse is told without a traceback."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        raise CommandError(str(error)) from error


def _put(command: Command, view: Any, stem: str) -> None:
    if command.output == "-" or (
        command.output is None and not command.open and command.format in command.view.printed
    ):
        _print(command, view)
    else:
        _write(command, view, stem)


def _view(command: Command, target: Target) -> Any:
    function, result = command.view.function, target.result
    taken = inspect.signature(function).parameters
    settings: dict[str, Any] = {"title": target.title, **command.settings}
    if isinstance(result, Tensor):
        settings["names"] = target.names
        if "gradients" in taken and "gradients" not in settings:
            settings["gradients"] = _has_gradients(result)
    return function(result, **{key: settings[key] for key in settings if key in taken})


def _has_gradients(result: Tensor) -> bool:
    if result.requires_grad and result.size != 1:
        print(
            f"viz: no gradients are shown: the result has the shape {result.shape}, and gradients are those of one "
            f"number, such as its sum or mean",
            file=sys.stderr,
        )
    return result.requires_grad and result.size == 1


def _write(command: Command, view: Any, stem: str) -> None:
    suffix = command.view.formats[command.format]
    path = Path(command.output if command.output is not None else f"{stem}{suffix}").expanduser()
    if path.is_dir():
        raise CommandError(f"{str(path)!r} is a folder; name the file to write")
    if not path.suffix:
        path = path.with_name(f"{path.name}{suffix}")
    verb = "replaced" if path.exists() else "wrote"
    view.save(path)
    print(f"{verb} {path}")
    if command.open and not webbrowser.open(path.resolve().as_uri()):
        print(f"viz: no program was found to open {path} with", file=sys.stderr)


def _print(command: Command, view: Any) -> None:
    """To the standard output goes what would be in the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"view{command.view.formats[command.format]}"
        view.save(path)
        content = path.read_bytes()
    if command.format in _BINARY:
        sys.stdout.buffer.write(content)
    else:
        print(content.decode().rstrip("\n"))
