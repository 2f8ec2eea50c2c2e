from __future__ import annotations

from collections.abc import Iterable

import pytest

from tools import provide_dot
from tools.provide_dot import MANAGERS, Command, System, advice, prefix, present, provide

ROOT, USER = True, False


class Fake:
    """A system with some programs, on which `installs` (and only that) makes `dot` appear."""

    def __init__(
        self,
        programs: Iterable[str],
        is_root: bool,
        *,
        sudo_needs_password: bool = False,
        installs: str = "",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.programs = set(programs)
        self.ran: list[Command] = []
        self.sudo_needs_password = sudo_needs_password
        self.installs = installs
        self.system = System(self.which, self.run, is_root, environment or {})

    def which(self, program: str) -> str | None:
        return f"/usr/bin/{program}" if program in self.programs else None

    def run(self, command: Command) -> bool:
        self.ran.append(command)
        if command == ("sudo", "-n", "true"):
            return not self.sudo_needs_password
        if "install" in command or "add" in command or "--sync" in command:
            if self.installs not in command:
                return False
            self.programs.add("dot")
        return True

    @property
    def commands(self) -> list[str]:
        return [" ".join(command) for command in self.ran]


def test_nothing_runs_where_dot_is_there(capsys):
    fake = Fake(["dot", "apt-get"], ROOT)
    assert provide(fake.system)
    assert fake.ran == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("program", ["apt-get", "dnf", "yum", "pacman", "zypper", "apk", "port"])
def test_root_installs_with_the_systems_own_manager(program):
    fake = Fake([program], ROOT, installs=program)
    assert provide(fake.system)
    assert fake.commands[-1].startswith(program)
    assert fake.commands[-1].endswith("graphviz")


def test_apt_refreshes_its_lists_first_and_goes_on_if_it_cannot():
    fake = Fake(["apt-get"], ROOT, installs="apt-get")
    refresh = fake.run
    fake.system = System(fake.which, lambda c: refresh(c) and "update" not in c, ROOT, {})
    assert provide(fake.system)
    assert fake.commands[0] == "apt-get update"


def test_sudo_is_used_where_it_needs_no_password():
    fake = Fake(["apt-get", "sudo"], USER, installs="apt-get")
    assert provide(fake.system)
    assert fake.commands == [
        "sudo -n true",
        "sudo -n apt-get update",
        "sudo -n apt-get install --yes --no-install-recommends graphviz",
    ]


def test_the_exact_command_is_printed_where_a_password_is_needed(capsys):
    fake = Fake(["apt-get", "sudo"], USER, sudo_needs_password=True)
    assert not provide(fake.system)
    assert fake.commands == ["sudo -n true"]
    assert (
        "Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends graphviz"
        in capsys.readouterr().out
    )


def test_without_sudo_nothing_is_tried():
    fake = Fake(["dnf"], USER)
    assert not provide(fake.system)
    assert fake.ran == []


def test_brew_runs_for_a_user_and_never_for_root():
    user = Fake(["brew"], USER, installs="brew")
    assert provide(user.system)
    assert user.commands == ["brew install graphviz"]
    root = Fake(["brew"], ROOT, installs="brew")
    assert not provide(root.system)
    assert root.ran == []


def test_conda_counts_only_while_an_environment_is_active():
    idle = Fake(["conda", "apt-get"], USER)
    assert [manager.program for manager in present(idle.system)] == ["apt-get"]
    active = Fake(["conda", "apt-get"], USER, installs="conda", environment={"CONDA_PREFIX": "/opt/env"})
    assert provide(active.system)
    assert active.commands == ["conda install --yes graphviz"]


def test_the_next_manager_gets_its_turn_where_one_fails():
    fake = Fake(["apt-get", "apk"], ROOT, installs="apk")
    assert provide(fake.system)
    assert fake.commands[-1] == "apk add graphviz"


def test_a_manager_that_ran_but_left_no_dot_is_no_success(capsys):
    fake = Fake(["apk"], ROOT, installs="something else")
    assert not provide(fake.system)
    output = capsys.readouterr().out
    assert "apk did not provide it" in output
    assert "Run: apk add graphviz" in output


@pytest.mark.parametrize("program", ["choco", "winget"])
def test_managers_that_ask_are_only_recommended(program, capsys):
    fake = Fake([program], USER)
    assert not provide(fake.system)
    assert fake.ran == []
    assert f"Run: {program} install" in capsys.readouterr().out


def test_without_a_manager_the_download_is_named():
    assert "graphviz.org/download" in advice([], Fake([], USER).system)


def test_every_manager_has_known_rights():
    fake = Fake(["sudo"], USER)
    assert all(
        manager.rights in ("root", "user", "anyone", "ask") and manager.commands[-1][0] == manager.program
        for manager in MANAGERS
    )
    assert {manager.program for manager in MANAGERS if prefix(manager, fake.system) is None} == {"choco", "winget"}


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_a_missing_dot_fails_only_under_ci(ci, status, monkeypatch, capsys):
    fake = Fake([], USER)
    monkeypatch.setattr(System, "here", classmethod(lambda cls: fake.system))
    monkeypatch.setenv("CI", ci)
    assert provide_dot.main() == status
    assert "NOTICE" in capsys.readouterr().out
