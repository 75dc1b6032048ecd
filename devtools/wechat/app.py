"""The stand-in as a Flask application: the contracts as WeChat answers them, and the control."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, Response, abort, request

from devtools.wechat import codes, content, identity, push, subscribe, tokens, various, wire
from devtools.wechat.control import control
from devtools.wechat.faults import Cut, Fault
from devtools.wechat.refusals import (
    BAD_FORMAT,
    EMPTY_BODY,
    GET_REQUIRED,
    POST_REQUIRED,
    SENT_AT_ONCE,
    WORDS,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, Image, Noted, World

CONTRACTS: Final[Mapping[str, Contract]] = {
    contract.path: contract
    for module in (tokens, identity, subscribe, content, codes, various)
    for contract in module.CONTRACTS
}
HEALTH: Final = "/healthz"
MOST_BYTES: Final = 1 << 20
_GATEWAY_PAGE: Final = "<html><body><h1>{status}</h1></body></html>"
_HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class _Turn:
    """One call that goes on. `key`: what it works on; `alone`: no other was at it before."""

    key: str
    alone: bool


def create_app(world: World) -> Flask:
    """Build the application around its world."""
    app = Flask("wechat")
    # A dropped connection is an exception that the server must see.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["wechat"] = world
    app.register_blueprint(control(world, frozenset(CONTRACTS)))
    app.add_url_rule(HEALTH, "health", lambda: {"status": "ok"})

    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def ask(path: str) -> Response:
        contract = CONTRACTS.get(f"/{path}")
        return abort(404) if contract is None else answer(world, contract)

    return app


def answer(world: World, contract: Contract) -> Response:
    """Answer the request of now, with whatever trouble is armed for it."""
    raw = request.get_data()
    key = contract.serial(Call({}, _lenient(raw))) if contract.serial else ""
    with world.lock:
        fault = world.faults.take(contract.path)
        noted = Noted(
            world.ids.trace(),
            world.now(),
            request.method,
            contract.path,
            request.args.to_dict(),
            raw.decode("utf-8", "replace"),
            fault=fault.words() if fault else "",
        )
        world.calls.append(noted)
        # In the same hold: whoever reads a call back may rely on it that it goes on.
        turn = _begin(world, key)
    response = _respond(world, contract, fault or Fault(contract.path), noted, raw, turn=turn)
    noted.status = response.status_code
    push.flush_if_automatic(world)
    return response


def _respond(
    world: World, contract: Contract, fault: Fault, noted: Noted, raw: bytes, *, turn: _Turn
) -> Response:
    with _ending(world, turn):
        if fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        if not fault.spares:
            noted.answer = _shown(world, contract, noted, raw, alone=turn.alone)
    if fault.cut in {Cut.BEFORE, Cut.AFTER}:
        wire.drop(request.environ)
    if fault.answers_itself:
        response = _instead(fault, contract, noted)
    elif isinstance(noted.answer, Image):
        response = Response(noted.answer.content, content_type=noted.answer.kind)
    else:
        response = _as_json(noted.answer, contract)
    return wire.halve(response, request.environ) if fault.cut is Cut.HALF else response


def _begin(world: World, key: str) -> _Turn:
    """Take what only one call at a time may work on; the lock is held."""
    if not key:
        return _Turn(key, alone=True)
    world.busy[key] += 1
    return _Turn(key, alone=world.busy[key] == 1)


@contextmanager
def _ending(world: World, turn: _Turn) -> Iterator[None]:
    """Give back what was taken, before anybody learns what became of the call."""
    try:
        yield
    finally:
        if turn.key:
            with world.lock:
                world.busy[turn.key] -= 1


def _lenient(raw: bytes) -> Mapping[str, Any]:
    try:
        return _body(raw)
    except Refusal:
        return {}


def _shown(
    world: World, contract: Contract, noted: Noted, raw: bytes, *, alone: bool
) -> Mapping[str, Any] | Image:
    try:
        with world.lock:
            found = _work(world, contract, raw, alone=alone)
    except Refusal as refusal:
        return _refused(refusal.code, refusal.words, noted)
    if contract.bare or isinstance(found, Image):
        return found
    return {"errcode": 0, "errmsg": "ok", **found}


def _work(world: World, contract: Contract, raw: bytes, *, alone: bool) -> Answer:
    if request.method != contract.method:
        raise Refusal(POST_REQUIRED if contract.method == "POST" else GET_REQUIRED)
    call = Call(request.args.to_dict(), raw=raw, client=request.remote_addr or "")
    if contract.needs_token:
        tokens.check_token(world, call)
    world.limits.count(contract.path, world.now())
    if contract.method == "POST":
        call = Call(call.query, _body(raw), raw, call.client)
    if not alone:
        raise Refusal(SENT_AT_ONCE)
    return contract.handler(world, call)


def _body(raw: bytes) -> Mapping[str, Any]:
    """Read a body, whatever its content type says. Raises Refusal."""
    if not raw.strip():
        raise Refusal(EMPTY_BODY)
    try:
        found = json.loads(raw)
    except ValueError:
        raise Refusal(BAD_FORMAT) from None
    if not isinstance(found, dict):
        raise Refusal(BAD_FORMAT)
    return found


def _refused(code: int, words: str, noted: Noted) -> dict[str, Any]:
    return {"errcode": code, "errmsg": f"{words} rid: {noted.rid}"}


def _as_json(found: Mapping[str, Any], contract: Contract) -> Response:
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return Response(text, content_type=contract.content_type)


def _instead(fault: Fault, contract: Contract, noted: Noted) -> Response:
    """Return the answer that an armed fault gives in place of the endpoint's own."""
    if fault.errcode is not None:
        words = fault.errmsg or WORDS[fault.errcode]
        noted.answer = _refused(fault.errcode, words, noted)
        return _as_json(noted.answer, contract)
    status = fault.status or 200
    text = _GATEWAY_PAGE.format(status=status) if fault.text is None else fault.text
    noted.answer = text
    return Response(text, status, content_type=_HTML)
