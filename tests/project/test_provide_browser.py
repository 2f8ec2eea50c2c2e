from __future__ import annotations

import pytest

from tools import provide_browser
from tools.provide_browser import VARIABLE, find, own_download, provide
from tools.provide_dot import System


class Fake:
    """A system with some programs, on which `installs` (and only that) makes a Chromium appear."""

    def __init__(self, programs, *, is_root=True, installs="", environment=None):
        self.programs, self.installs, self.ran = set(programs), installs, []
        self.system = System(self.which, self.run, is_root, environment or {})

    def which(self, program):
        return f"/usr/bin/{program}" if program in self.programs else None

    def run(self, command):
        self.ran.append(" ".join(command))
        if self.installs and self.installs in command and "install" in command:
            self.programs.add("chromium")
            return True
        return "install" not in command


@pytest.mark.parametrize("program", provide_browser.PROGRAMS)
def test_what_is_there_is_taken(program, capsys):
    fake = Fake([program, "apt-get"])
    assert provide(fake.system, has_playwright=True)
    assert find(fake.system) == f"/usr/bin/{program}"
    assert fake.ran == []
    assert capsys.readouterr().out == ""


def test_the_environment_decides(tmp_path):
    browser = tmp_path / "browser"
    browser.touch()
    assert find(Fake(["chromium"], environment={VARIABLE: str(browser)}).system) == str(browser)
    with pytest.raises(FileNotFoundError, match=f"{VARIABLE} is '/nowhere', and there is no such file"):
        find(Fake(["chromium"], environment={VARIABLE: "/nowhere"}).system)


@pytest.mark.parametrize("variable", ["HOME", "PLAYWRIGHT_BROWSERS_PATH"])
def test_what_playwright_downloaded_is_found_the_newest_first(tmp_path, variable):
    folder = tmp_path / ".cache" / "ms-playwright" if variable == "HOME" else tmp_path
    for build in ("chromium-1000", "chromium-1001"):
        path = folder / build / "chrome-linux" / "chrome"
        path.parent.mkdir(parents=True)
        path.touch()
    assert find(Fake([], environment={variable: str(tmp_path)}).system) == str(path)


def test_root_installs_with_the_systems_own_manager():
    fake = Fake(["apt-get"], installs="apt-get")
    assert provide(fake.system, has_playwright=False)
    assert fake.ran == ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]


def test_playwright_downloads_its_own_where_the_system_does_not_have_one(tmp_path):
    fake = Fake(["apt-get"], installs="playwright")
    assert provide(fake.system, has_playwright=True)
    assert fake.ran[-1] == " ".join(own_download())


def test_a_user_is_told_what_to_do(capsys):
    fake = Fake(["apt-get"], is_root=False)
    assert not provide(fake.system, has_playwright=False)
    assert fake.ran == []
    said = capsys.readouterr().out
    assert "tests in the browser are skipped" in said
    assert "-m playwright install chromium" in said
    assert VARIABLE in said


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_only_ci_fails_without_one(monkeypatch, ci, code):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(System, "here", lambda: Fake([]).system)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert provide_browser.main() == code
