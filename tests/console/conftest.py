"""Browsers of the console: signed in with a cookie, and reading what a page says."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.people import PASSWORD, Person, code_of, forget_used_codes
from tests.support.settings import FakeClock

_TOKEN = re.compile(r'name="_csrf" value="([0-9a-f]+)"')
_KEY = re.compile(r'name="once" value="([0-9a-f-]+)"')
_HANDLER = re.compile(r"on[a-z]+")
_OUTSIDE = re.compile(r"(https?:)?//")


class Page(HTMLParser):
    """What a browser makes of an answer; refuses what the content policy would block."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.response, self.status = response, response.status_code
        self.html = response.get_data(as_text=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self._script = False
        if response.mimetype == "text/html":
            self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag != "style", "an inline style sheet"
        assert "style" not in given, f"an inline style on <{tag}>"
        assert not any(_HANDLER.fullmatch(name) for name in given), f"a handler on <{tag}>"
        for name in ("src", "href", "action"):
            assert not _OUTSIDE.match(given.get(name, "")), f"another host: {given[name]}"
            assert not given.get(name, "").startswith(("data:", "javascript:"))
        self._script = tag == "script"
        if self._script:
            assert given.get("src"), "an inline script"
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "label":
            self.labelled.add(given.get("for", ""))
        if tag in {"input", "select", "textarea"} and given.get("type") not in {
            "hidden",
            "checkbox",
        }:
            self.fields.append(given.get("id", f"<{tag}> without an id"))

    def handle_data(self, data: str) -> None:
        assert not (self._script and data.strip()), "an inline script"
        self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(filter(None, self.words))

    @property
    def once(self) -> str:
        found = _KEY.search(self.html)
        assert found, "no form of this page creates something"
        return found[1]


class Browser:
    """One browser. `post` sends the token that the last page held."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def get(self, path: str, **options: Any) -> Page:
        _forget()
        return self._page(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Page:
        _forget()
        sent = {"_csrf": self.token} | (data or {})
        return self._page(self.client.post(path, data=sent, **options))

    def follow(self, page: Page) -> Page:
        assert page.status == 303, page.text
        return self.get(page.response.headers["Location"])

    def _page(self, response: TestResponse) -> Page:
        page = Page(response)
        if found := _TOKEN.search(page.html):
            self.token = found[1]
        return page


def _forget() -> None:
    """The tests hold one application context open, and `g` with it; a server does not."""
    g.pop("actor", None)


@pytest.fixture
def browser(app: Flask, session: Session, clock: FakeClock) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app)


@pytest.fixture
def opened(app: Flask, session: Session, clock: FakeClock) -> Callable[[Person | str], Browser]:
    """`opened(alice)`: a browser in which someone has signed in."""

    def make(person: Person | str) -> Browser:
        browser = Browser(app)
        name = person if isinstance(person, str) else person.username
        browser.get("/sign-in")
        forget_used_codes(session)
        page = browser.post("/sign-in", {"username": name, "password": PASSWORD})
        if browser.follow(page).response.headers.get("Location") == "/me/code":
            browser.get("/me/code")
            page = browser.post("/me/code", {"code": code_of(name, clock())})
        browser.follow(page)
        return browser

    return make
