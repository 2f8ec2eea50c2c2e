"""A Chromium for the tests of pages, and a page in it that may do nothing but what it should."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The folder `tools` is not installed; it comes last, so that the installed packages are tested.
sys.path.append(str(Path(__file__).resolve().parents[2]))
from tools import provide_browser
from tools.provide_dot import System


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI needs it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium, where there is one; CI must have it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright is not installed")
    path = provide_browser.find(System.here())
    if path is None:
        _missing("there is no Chromium (make browser provides it)")
    with sync_playwright() as playwright:
        # Its own sandbox needs rights that root and containers do not have; the pages are ours.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


USUAL: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


class Watched:
    """A page of which everything is noticed that it says on the console, fetches and asks."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.noticed: list[str] = []
        self.own = ""
        self.page = page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.noticed.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.noticed.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.noticed.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        if self.own not in request.url:
            self.noticed.append(f"request: {request.url}")

    def open(self, path: Path, fragment: str) -> Any:
        self.own = path.as_uri()
        self.page.goto(self.own + fragment)
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def leave(self) -> list[str]:
        """Make it as if nothing had been opened, and say what was noticed."""
        noticed, self.noticed, self.own = self.noticed, [], "about:blank"
        self.page.goto("about:blank")
        self.page.mouse.move(0, 0)
        self.page.emulate_media(media="screen")
        return noticed


@pytest.fixture(scope="session")
def usual_pages(browser: Any) -> list[Watched]:
    """Pages with the usual settings: making one takes longer than most tests."""
    return []


@pytest.fixture
def visit(browser: Any, usual_pages: list[Watched], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page from its file. It may say nothing on the console, fetch nothing, and ask nothing."""
    usual: list[Watched] = []
    others: list[Watched] = []

    def open_page(html: str, *, fragment: str = "", **options: Any) -> Any:
        path = tmp_path / f"page{len(usual) + len(others)}.html"
        path.write_text(html, encoding="utf-8")
        if options:
            others.append(Watched(browser.new_context(**USUAL | options)))
            return others[-1].open(path, fragment)
        if len(usual) == len(usual_pages):
            usual_pages.append(Watched(browser.new_context(**USUAL)))
        usual.append(usual_pages[len(usual)])
        return usual[-1].open(path, fragment)

    yield open_page
    noticed = [line for watched in usual for line in watched.leave()]
    for watched in others:
        watched.context.close()
        noticed += watched.noticed
    assert noticed == []
