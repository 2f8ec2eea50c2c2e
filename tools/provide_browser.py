"""Provide a Chromium, in which the pages of `viz.step` are tested, or say exactly how to install one.

It comes from the system's package manager where that needs no password, else from Playwright, which drives it in the
tests. Without one these tests are skipped, so a missing browser is an error only under CI.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from tools.provide_dot import Command, Manager, System, prefix, present

#: Names a path, where the browser is in none of the usual places.
VARIABLE = "GLASSGRAD_BROWSER"
#: The programs that will do.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Where Playwright keeps the browsers that it downloaded, below one of its folders.
DOWNLOADS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-headless-shell-linux*/chrome-headless-shell",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-win*/chrome.exe",
)

MANAGERS = (
    Manager(
        "apt-get",
        (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")),
    ),
    Manager("dnf", (("dnf", "install", "--assumeyes", "chromium"),)),
    Manager("pacman", (("pacman", "--sync", "--refresh", "--noconfirm", "--needed", "chromium"),)),
    Manager("zypper", (("zypper", "--non-interactive", "install", "chromium"),)),
    Manager("apk", (("apk", "add", "chromium"),)),
    Manager("brew", (("brew", "install", "--cask", "chromium"),), rights="user"),
)


def find(system: System) -> str | None:
    """The path of a Chromium that is there, or None.

    Raises
    ------
    FileNotFoundError
        If the environment names one that is not there.
    """
    named = system.environment.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE} is {named!r}, and there is no such file")
        return named
    for program in PROGRAMS:
        path = system.which(program)
        if path:
            return path
    for folder in _folders(system):
        for pattern in DOWNLOADS:
            found = sorted(folder.glob(pattern))
            if found:
                return str(found[-1])
    return None


def _folders(system: System) -> list[Path]:
    """Where Playwright keeps its browsers."""
    named = system.environment.get("PLAYWRIGHT_BROWSERS_PATH")
    home = system.environment.get("HOME") or system.environment.get("USERPROFILE") or ""
    folders = [Path(named)] if named and named != "0" else []
    if home:
        folders += [Path(home, *parts) for parts in ((".cache",), ("Library", "Caches"), ("AppData", "Local"))]
    return [folder if folder == Path(named or "") else folder / "ms-playwright" for folder in folders]


def own_download() -> Command:
    """What makes Playwright download its own Chromium."""
    return (sys.executable, "-m", "playwright", "install", "chromium")


def provide(system: System, has_playwright: bool) -> bool:
    """Install a Chromium if there is none and that needs no password; return whether there is one in the end."""
    if find(system):
        return True
    for manager in present(system, MANAGERS):
        before = prefix(manager, system)
        if before is None:
            continue
        print(f"There is no Chromium; installing it with {manager.program} ...", flush=True)
        # A package list that cannot be refreshed may still do, so only the last command must succeed.
        succeeded = [system.run(before + command) for command in manager.commands]
        if succeeded[-1] and find(system):
            return True
        print(f"{manager.program} did not provide it.", flush=True)
    if has_playwright:
        print("Letting Playwright download its own ...", flush=True)
        if system.run(own_download()) and find(system):
            return True
    print(
        "NOTICE: there is no Chromium, so tests in the browser are skipped.\n"
        f"Install chromium with the system's package manager, or run: {' '.join(own_download())}\n"
        f"One that is elsewhere is found by its path in {VARIABLE}.",
        flush=True,
    )
    return False


def main() -> int:
    if provide(System.here(), importlib.util.find_spec("playwright") is not None):
        return 0
    if os.environ.get("CI"):
        print("CI needs a Chromium.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
