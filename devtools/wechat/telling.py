"""The part of the control that concerns messages to the app's server, and its phone calls.

None of these acts holds the world's lock while it waits: whoever is told may well ask back.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import abort
from marshmallow import ValidationError

from devtools.wechat import crypto, events, push
from devtools.wechat.events import PLAIN, Callback, Event
from devtools.wechat.forms import Given, read
from devtools.wechat.world import Person, World

_HOW: Final = ("times", "shape", "time_as_text", "wrong")


class Teller:
    """The acts, one a route."""

    def __init__(self, world: World) -> None:
        self._world = world

    def set_callback(self) -> Given:
        """Enter the address; it is asked first whether it knows the token."""
        given = dict(read("callback"))
        verify = given.pop("verify")
        callback = Callback(**given)
        if callback.mode != PLAIN and not callback.aes_key:
            raise ValidationError({"aes_key": ["needed in this mode"]})
        if verify and (fault := push.check_address(self._world, callback)):
            raise ValidationError({"url": [fault]})
        with self._world.lock:
            self._world.callback = callback
        return {"mode": callback.mode}

    def forget_callback(self) -> None:
        """Tell nobody any more."""
        with self._world.lock:
            self._world.callback = None

    def push(self) -> Given:
        """Tell one event now, and return what the other side answered."""
        given = read("push")
        event = Event(given["event"], given["openid"], given["content"], given["items"])
        return self._deliver(event, given)

    def waiting(self) -> Given:
        """List what waits to be told."""
        with self._world.lock:
            found = [{"event": one.name, "openid": one.openid} for one in self._world.events]
        return {"items": found}

    def deliver(self) -> Given:
        """Tell the event that has waited longest, in the way that is wished."""
        given = read("deliver")
        with self._world.lock:
            event = self._world.events.popleft() if self._world.events else None
        return {"attempts": []} if event is None else self._deliver(event, given)

    def deliver_all(self) -> Given:
        """Tell all that waits."""
        return {"attempts": push.flush(self._world)}

    def deliveries(self) -> Given:
        """List every attempt to tell something."""
        with self._world.lock:
            return {"items": list(self._world.deliveries)}

    def answer_popup(self, openid: str) -> Given:
        """Let a person answer the question of a page: each acceptance allows one message."""
        answers: Mapping[str, str] = read("answers")["answers"]
        with self._world.lock:
            person = self._find(openid)
            for template, answer in answers.items():
                allowed = self._world.subscription(person.openid, template)
                allowed.left += answer == "accept"
            self._world.events.append(events.popup(person.openid, answers))
        return self.waiting()

    def turn_off(self, openid: str) -> Given:
        """Let a person want no more messages of these templates."""
        templates = read("turned_off")["templates"]
        with self._world.lock:
            person = self._find(openid)
            for template in templates:
                self._world.subscription(person.openid, template).left = 0
            self._world.events.append(events.change(person.openid, templates))
        return self.waiting()

    def join_call(self, openid: str) -> Given:
        """Let a person join a call: WeChat looks at the signature with the newest session key."""
        given = read("call")
        with self._world.lock:
            person = self._find(openid)
            right = person.session_key is not None and given["signature"] == crypto.call_signature(
                person.session_key,
                appid=self._world.app.appid,
                group=given["group"],
                nonce=given["nonce"],
                timestamp=given["timestamp"],
            )
        return {"joined": right}

    def show_profile(self, openid: str) -> Given:
        """Return what a phone hands over about its owner: in the clear, signed, and encrypted."""
        with self._world.lock:
            person = self._find(openid)
            key = person.session_key or abort(404)
            content: dict[str, Any] = dict(read("profile")["content"])
            raw = json.dumps(content, ensure_ascii=False)
            stamp = int(self._world.now().timestamp())
            iv = self._world.ids.bytes16()
            sealed = content | {
                "openId": person.openid,
                "watermark": {"timestamp": stamp, "appid": self._world.app.appid},
            }
        return {
            "rawData": raw,
            "signature": crypto.raw_signature(raw, key),
            "encryptedData": crypto.encrypt_data(sealed, session_key=key, iv=iv),
            "iv": crypto.as_text(iv),
        }

    def _find(self, openid: str) -> Person:
        return self._world.people.get(openid) or abort(404)

    def _deliver(self, event: Event, given: Given) -> Given:
        how = push.How(**{name: given[name] for name in _HOW if name in given})
        try:
            return {"attempts": push.deliver(self._world, event, how)}
        except push.NoCallback:
            raise ValidationError({"callback": ["no address was entered"]}) from None


ROUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "/callback": {"PUT": "set_callback", "DELETE": "forget_callback"},
    "/push": {"POST": "push"},
    "/events": {"GET": "waiting"},
    "/events/deliver": {"POST": "deliver"},
    "/events/deliver-all": {"POST": "deliver_all"},
    "/deliveries": {"GET": "deliveries"},
    "/people/<openid>/popup": {"POST": "answer_popup"},
    "/people/<openid>/turn-off": {"POST": "turn_off"},
    "/people/<openid>/join-call": {"POST": "join_call"},
    "/people/<openid>/profile": {"POST": "show_profile"},
}
