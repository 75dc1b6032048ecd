"""What WeChat tells the app's server by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from devtools.wechat import crypto

PLAIN, COMPATIBLE, SAFE = "plain", "compatible", "safe"
MODES: Final = (PLAIN, COMPATIBLE, SAFE)
OBJECT, ARRAY = "object", "array"
SHAPES: Final = (OBJECT, ARRAY)
WRONG: Final = ("signature", "appid", "sealed")

Item = Mapping[str, str]


@dataclass(frozen=True)
class Callback:
    """Where the app wants to be told, and how."""

    url: str
    mode: str
    token: str
    aes_key: str
    automatic: bool = False


@dataclass(frozen=True)
class Event:
    """One thing to tell. `finish` is worked out when it is told, without the world's lock.

    One item stands in `List` as an object, several as an array, whatever the documents say.
    """

    name: str
    openid: str
    content: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Item] = ()
    finish: Callable[[], Mapping[str, Any]] | None = None

    def message(
        self, *, receiver: str, time: int, shape: str | None = None, time_as_text: bool = False
    ) -> dict[str, Any]:
        """Return what is told; `shape` forces the other form of `List`."""
        message: dict[str, Any] = {
            "ToUserName": receiver,
            "FromUserName": self.openid,
            "CreateTime": str(time) if time_as_text else time,
            "MsgType": "event",
            "Event": self.name,
            **self.content,
        }
        if self.items:
            alone = shape == OBJECT or (shape is None and len(self.items) == 1)
            message["List"] = dict(self.items[0]) if alone else [dict(item) for item in self.items]
        return message


def popup(openid: str, answers: Mapping[str, str]) -> Event:
    """Tell what someone answered when asked whether messages may come: accept or reject."""
    items = [
        {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": "0"}
        for template, answer in answers.items()
    ]
    return Event("subscribe_msg_popup_event", openid, items=items)


def change(openid: str, templates: Sequence[str]) -> Event:
    """Tell that someone wants no more of these, by the settings."""
    items = [{"TemplateId": one, "SubscribeStatusString": "reject"} for one in templates]
    return Event("subscribe_msg_change_event", openid, items=items)


def delivered(openid: str, template: str, msgid: int, error: int, words: str) -> Event:
    """Tell what became of a message."""
    item = {
        "TemplateId": template,
        "MsgID": str(msgid),
        "ErrorCode": str(error),
        "ErrorStatus": words,
    }
    return Event("subscribe_msg_sent_event", openid, items=[item])


@dataclass(frozen=True)
class Envelope:
    """What makes one delivery: the app, the time, and what is drawn for it."""

    appid: str
    receiver: str
    timestamp: str
    nonce: str
    random: bytes


def wrap(
    callback: Callback,
    envelope: Envelope,
    message: Mapping[str, Any],
    text: bytes,
    *,
    wrong: str | None = None,
) -> tuple[dict[str, str], Mapping[str, Any]]:
    """Return the query and the body of a push. `wrong` spoils one thing, to see it refused."""
    token = "another token" if wrong == "signature" else callback.token  # a wrong one
    signed = (token, envelope.timestamp, envelope.nonce)
    query = {
        "signature": crypto.signature(*signed),
        "timestamp": envelope.timestamp,
        "nonce": envelope.nonce,
        "openid": str(message["FromUserName"]),
    }
    if callback.mode == PLAIN:
        return query, message
    sealed = crypto.seal(
        text,
        key=crypto.push_key(callback.aes_key),
        appid="wxanotherapp000000" if wrong == "appid" else envelope.appid,
        random=envelope.random,
    )
    query |= {"encrypt_type": "aes", "msg_signature": crypto.signature(*signed, sealed)}
    if wrong == "sealed":
        sealed = sealed[:-8] + ("A" * 7) + "="
    body = {"ToUserName": envelope.receiver, "Encrypt": sealed}
    return query, {**message, "Encrypt": sealed} if callback.mode == COMPATIBLE else body
