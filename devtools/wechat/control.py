"""What a test or a sample phone works the stand-in with: `/_ctl`, for this machine alone.

Bodies and answers are JSON; what does not fit its form is answered with 400 and the reason. A
person is anyone invented by `POST /_ctl/people`; what a phone does for its owner (open the app,
show a code, allow a message) is done for that person here.
"""

import ipaddress
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request
from marshmallow import ValidationError

from devtools.wechat import identity, push, telling, tokens
from devtools.wechat.faults import EVERY_PATH, Fault
from devtools.wechat.fields import kind_of
from devtools.wechat.forms import Given, read
from devtools.wechat.limits import LOGINS_OF_ONE, Limit
from devtools.wechat.refusals import WORDS
from devtools.wechat.telling import Teller
from devtools.wechat.world import Person, Template, World

PREFIX: Final = "/_ctl"
_Table = Mapping[str, Mapping[str, str]]  # rule → method → name of the act


def control(world: World, paths: frozenset[str]) -> Blueprint:
    """Build the control of a world whose endpoints are `paths`."""
    routes = Blueprint("control", __name__, url_prefix=PREFIX)
    routes.before_request(_only_from_here)
    routes.register_error_handler(ValidationError, _does_not_fit)
    hand, teller = _Hand(world, paths), Teller(world)
    tables: tuple[tuple[_Table, object, AbstractContextManager[Any]], ...] = (
        (_ROUTES, hand, world.lock),
        (telling.ROUTES, teller, nullcontext()),
    )
    for table, acts, lock in tables:
        for rule, methods in table.items():
            for method, name in methods.items():
                view = _view(world, getattr(acts, name), lock)
                routes.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
    return routes


def _view(
    world: World, act: Callable[..., Any], lock: AbstractContextManager[Any]
) -> Callable[..., Response]:
    def view(**named: str) -> Response:
        with lock:
            response = jsonify(act(**named) or {})
        push.flush_if_automatic(world)
        return response

    return view


def _only_from_here() -> None:
    # The name as well: a page of another site could lead a browser here by a name of its own, or
    # have it send a form here, which a browser says by `Origin`.
    host = urlsplit(f"//{request.host}").hostname or ""
    named_here = host == "localhost" or _is_here(host)
    if "Origin" in request.headers or not (named_here and _is_here(request.remote_addr or "")):
        abort(404)


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _does_not_fit(error: ValidationError) -> tuple[Response, int]:
    return jsonify(error=error.messages), 400


class _Hand:
    """The acts, one a route; each holds the world's lock."""

    def __init__(self, world: World, paths: frozenset[str]) -> None:
        self._world = world
        self._paths = paths

    def reset(self) -> None:
        self._world.reset(read("reset")["seed"])

    def app(self) -> Given:
        return {**asdict(self._world.app), "now": self._world.now().isoformat()}

    def advance(self) -> Given:
        self._world.ahead += timedelta(seconds=read("clock")["advance_seconds"])
        return self.app()

    def add_person(self) -> Given:
        given = dict(read("person"))
        openid = given.pop("openid", None) or self._world.ids.openid()
        person = Person(openid, given.pop("home", self._world.app.appid), **given)
        self._world.people[openid] = person
        return _shown(person)

    def person(self, openid: str) -> Given:
        return _shown(self._find(openid))

    def log_in(self, openid: str) -> Given:
        code = identity.issue_code(self._world, identity.LOGIN, self._find(openid))
        return {"code": code}

    def give_phone(self, openid: str) -> Given:
        given = read("phone")
        return {
            "code": identity.issue_code(self._world, identity.PHONE, self._find(openid), **given)
        }

    def see(self, openid: str) -> Given:
        ago = timedelta(seconds=read("seen")["seconds_ago"])
        person = self._find(openid)
        person.seen_at = self._world.now() - ago
        return _shown(person)

    def end_session(self, openid: str) -> Given:
        person = self._find(openid)
        person.session_key = None
        return _shown(person)

    def expire_code(self, code: str) -> None:
        found = self._world.codes.get(code) or abort(404)
        found.expires_at = self._world.now()

    def use_code(self, code: str) -> None:
        found = self._world.codes.get(code) or abort(404)
        found.used = True

    def set_template(self, name: str) -> None:
        given = read("template")
        if odd := [field for field in given["fields"] if kind_of(field) is None]:
            raise ValidationError({"fields": [f"no kind of field: {field}" for field in odd]})
        enums = {field: tuple(values) for field, values in given["enums"].items()}
        self._world.templates[name] = Template(tuple(given["fields"]), given["long_term"], enums)

    def subscribe(self) -> Given:
        given = read("subscription")
        if given["template_id"] not in self._world.templates:
            raise ValidationError({"template_id": ["no such template"]})
        person = self._find(given["openid"])
        allowed = self._world.subscription(person.openid, given["template_id"])
        allowed.left = max(0, given.get("left", allowed.left) + given.get("add", 0))
        allowed.banned = given.get("banned", allowed.banned)
        return asdict(allowed)

    def set_word(self) -> None:
        given = read("word")
        self._world.words[given["word"]] = (given["suggest"], given["label"])

    def forget_words(self) -> None:
        self._world.words.clear()

    def set_pages(self) -> None:
        items = read("list")["items"]
        self._world.pages = None if items is None else set(items)

    def set_whitelist(self) -> None:
        items = read("list")["items"]
        self._world.whitelist = None if items is None else set(items)

    def set_limit(self) -> None:
        given = read("limit")
        self._check_path(given["path"], LOGINS_OF_ONE)
        old = self._world.limits.set.get(given["path"], Limit())
        self._world.limits.set[given["path"]] = Limit(given["minute"], given["day"], old.code)

    def arm(self) -> Given:
        given = read("fault")
        self._check_path(given["path"], EVERY_PATH)
        if "errcode" in given and given["errcode"] not in WORDS and not given.get("errmsg"):
            raise ValidationError({"errmsg": ["needed: the stand-in has no words for this code"]})
        self._world.faults.arm(Fault(**given))
        return self.armed()

    def armed(self) -> Given:
        return {"items": [asdict(fault) for fault in self._world.faults.armed]}

    def disarm(self) -> None:
        self._world.faults.clear()

    def expire_tokens(self) -> None:
        tokens.expire(self._world)

    def revoke_tokens(self) -> None:
        tokens.revoke(self._world)

    def calls(self) -> Given:
        path = request.args.get("path")
        found = [noted for noted in self._world.calls if path in {None, noted.path}]
        return {"items": [noted.shown() for noted in found]}

    def forget_calls(self) -> None:
        self._world.calls.clear()

    def sent(self) -> Given:
        return {"items": self._world.sent}

    def drawn(self) -> Given:
        return {"items": self._world.drawn}

    def set_origin(self) -> None:
        given = read("origin")
        self._world.origins[given["public"]] = given["here"]

    def judge_media(self) -> None:
        given = read("verdict")
        self._world.verdicts.extend([(given["suggest"], given["label"])] * given["times"])

    def _find(self, openid: str) -> Person:
        return self._world.people.get(openid) or abort(404)

    def _check_path(self, path: str, other: str) -> None:
        if path not in self._paths and path != other:
            raise ValidationError({"path": [f"not one of {', '.join(sorted(self._paths))}"]})


def _shown(person: Person) -> Given:
    seen = person.seen_at and person.seen_at.isoformat()
    return {**vars(person), "seen_at": seen}


_ROUTES: Final[_Table] = {
    "/reset": {"POST": "reset"},
    "/app": {"GET": "app"},
    "/clock": {"POST": "advance"},
    "/people": {"POST": "add_person"},
    "/people/<openid>": {"GET": "person"},
    "/people/<openid>/login": {"POST": "log_in"},
    "/people/<openid>/phone": {"POST": "give_phone"},
    "/people/<openid>/seen": {"POST": "see"},
    "/people/<openid>/session": {"DELETE": "end_session"},
    "/codes/<code>/expire": {"POST": "expire_code"},
    "/codes/<code>/use": {"POST": "use_code"},
    "/templates/<name>": {"PUT": "set_template"},
    "/subscriptions": {"POST": "subscribe"},
    "/words": {"POST": "set_word", "DELETE": "forget_words"},
    "/pages": {"PUT": "set_pages"},
    "/whitelist": {"PUT": "set_whitelist"},
    "/limits": {"POST": "set_limit"},
    "/faults": {"GET": "armed", "POST": "arm", "DELETE": "disarm"},
    "/tokens/expire": {"POST": "expire_tokens"},
    "/tokens/revoke": {"POST": "revoke_tokens"},
    "/calls": {"GET": "calls", "DELETE": "forget_calls"},
    "/sent": {"GET": "sent"},
    "/drawn": {"GET": "drawn"},
    "/origins": {"POST": "set_origin"},
    "/verdicts": {"POST": "judge_media"},
}
