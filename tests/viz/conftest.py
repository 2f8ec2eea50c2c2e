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


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page from its file. It may say nothing on the console, fetch nothing, and ask nothing."""
    opened: list[Any] = []
    noticed: list[str] = []

    def open_page(html: str, *, fragment: str = "", **options: Any) -> Any:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options}
        context = browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: noticed.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: noticed.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (noticed.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        own = path.as_uri()
        page.on(
            "request", lambda request: noticed.append(f"request: {request.url}") if own not in request.url else None
        )
        page.goto(own + fragment)
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in opened:
        context.close()
    assert noticed == []
