"""Provide Graphviz's program `dot`, which lays out the drawings, or say exactly how to install it.

It comes from the system's package manager. That is run only where it needs no password; otherwise the command is
printed. Drawings then stay `.dot` text, so a missing `dot` is an error only under CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Command = tuple[str, ...]


@dataclass(frozen=True)
class Manager:
    """A package manager and what installs a program with it."""

    program: str
    commands: tuple[Command, ...]
    rights: str = "root"
    """Who may run it: ``root``, ``user`` (never root), ``anyone``, or ``ask`` (it asks: never run unattended)."""


MANAGERS = (
    Manager(
        "apt-get",
        (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends", "graphviz")),
    ),
    Manager("dnf", (("dnf", "install", "--assumeyes", "graphviz"),)),
    Manager("yum", (("yum", "install", "--assumeyes", "graphviz"),)),
    Manager("pacman", (("pacman", "--sync", "--refresh", "--noconfirm", "--needed", "graphviz"),)),
    Manager("zypper", (("zypper", "--non-interactive", "install", "graphviz"),)),
    Manager("apk", (("apk", "add", "graphviz"),)),
    Manager("brew", (("brew", "install", "graphviz"),), rights="user"),
    Manager("port", (("port", "-N", "install", "graphviz"),)),
    Manager("mamba", (("mamba", "install", "--yes", "graphviz"),), rights="anyone"),
    Manager("conda", (("conda", "install", "--yes", "graphviz"),), rights="anyone"),
    Manager("choco", (("choco", "install", "graphviz"),), rights="ask"),
    Manager("winget", (("winget", "install", "--exact", "--id", "Graphviz.Graphviz"),), rights="ask"),
)


@dataclass(frozen=True)
class System:
    """What the decision rests on; tests put fakes here."""

    which: Callable[[str], str | None]
    run: Callable[[Command], bool]
    """Run a command without input and report whether it succeeded."""
    is_root: bool
    environment: Mapping[str, str]

    @classmethod
    def here(cls) -> System:
        """The system this runs on."""
        return cls(shutil.which, _run, hasattr(os, "geteuid") and os.geteuid() == 0, os.environ)


def _run(command: Command) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False).returncode == 0
    except OSError:
        return False


def present(system: System, managers: Sequence[Manager] = MANAGERS) -> list[Manager]:
    """The package managers found here, in the order to try them."""
    found = [manager for manager in managers if system.which(manager.program)]
    # An active conda environment is the user's own choice of where programs come from; an inactive one is none.
    conda = [manager for manager in found if manager.program in ("mamba", "conda")]
    others = [manager for manager in found if manager not in conda]
    return (conda if system.environment.get("CONDA_PREFIX") else []) + others


def prefix(manager: Manager, system: System) -> Command | None:
    """What to put before the manager's commands so that they run without a password; None if nothing does."""
    if manager.rights == "anyone" or (manager.rights == "user" and not system.is_root):
        return ()
    if manager.rights == "root" and system.is_root:
        return ()
    if manager.rights == "root" and system.which("sudo") and system.run(("sudo", "-n", "true")):
        return ("sudo", "-n")
    return None


def advice(managers: list[Manager], system: System) -> str:
    """The commands for a person to run."""
    if not managers:
        return "Install Graphviz (https://graphviz.org/download) and make sure that `dot` is on the PATH."
    manager = managers[0]
    sudo = ("sudo",) if manager.rights == "root" and not system.is_root else ()
    return "Run: " + " && ".join(" ".join(sudo + command) for command in manager.commands)


def provide(system: System) -> bool:
    """Install `dot` if it is missing and that needs no password; return whether it is there in the end."""
    if system.which("dot"):
        return True
    managers = present(system)
    for manager in managers:
        before = prefix(manager, system)
        if before is None:
            continue
        print(f"Graphviz's `dot` is missing; installing it with {manager.program} ...", flush=True)
        # A package list that cannot be refreshed may still do, so only the last command must succeed.
        succeeded = [system.run(before + command) for command in manager.commands]
        if succeeded[-1] and system.which("dot"):
            return True
        print(f"{manager.program} did not provide it.", flush=True)
    print(
        f"NOTICE: Graphviz's program `dot` is missing, so drawings stay .dot text.\n{advice(managers, system)}",
        flush=True,
    )
    return False


def main() -> int:
    system = System.here()
    if provide(system):
        system.run(("dot", "-V"))
        return 0
    if os.environ.get("CI"):
        print("CI needs `dot`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
