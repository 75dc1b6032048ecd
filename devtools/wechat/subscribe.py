"""Subscription messages: the rules of their fields, and what each person allows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devtools.wechat import events, fields
from devtools.wechat.refusals import (
    BAD_ARGUMENT,
    BAD_WORDS,
    BANNED,
    INVALID_PAGE,
    INVALID_TEMPLATE,
    REFUSED,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, Template, World

STATES: Final = ("developer", "trial", "formal")
LANGUAGES: Final = ("zh_CN", "en_US", "zh_HK", "zh_TW")
RISKY: Final = "risky"


def send(world: World, call: Call) -> Answer:
    """Send one message, if the person still allows one of this template."""
    body = call.body
    person = world.person(body.get("touser"))
    name = body.get("template_id")
    template = world.templates.get(name) if isinstance(name, str) else None
    if template is None or not isinstance(name, str):
        raise Refusal(INVALID_TEMPLATE)
    _check_page(world, body.get("page"))
    _check_choice(body, "miniprogram_state", STATES)
    _check_choice(body, "lang", LANGUAGES)
    values = _values(template, body.get("data"))
    if any(
        word in value
        for word, (suggest, _label) in world.words.items()
        for value in values.values()
        if suggest == RISKY
    ):
        raise Refusal(BAD_WORDS)
    allowed = world.subscription(person.openid, name)
    if allowed.banned:
        raise Refusal(BANNED)
    if allowed.left <= 0:
        raise Refusal(REFUSED)
    if not template.long_term:
        allowed.left -= 1
    msgid = world.ids.msgid()
    message = {
        "msgid": msgid,
        "touser": person.openid,
        "template_id": name,
        "page": body.get("page", ""),
        "data": values,
        "miniprogram_state": body.get("miniprogram_state", "formal"),
        "lang": body.get("lang", "zh_CN"),
        "at": world.now().isoformat(),
    }
    world.sent.append(message)
    world.events.append(events.delivered(person.openid, name, msgid, 0, "success"))
    return {"msgid": msgid}


def _check_page(world: World, page: object) -> None:
    if page is None or page == "":
        return
    known = isinstance(page, str) and not page.startswith("/")
    if known and world.pages is not None:
        known = str(page).partition("?")[0] in world.pages
    if not known:
        raise Refusal(INVALID_PAGE)


def _check_choice(body: Mapping[str, Any], name: str, choices: Sequence[str]) -> None:
    if name in body and body[name] not in choices:
        raise Refusal(BAD_ARGUMENT, f"argument invalid! {name} invalid")


def _values(template: Template, data: object) -> dict[str, str]:
    """Return the value of each field of the template. Raises Refusal for the first bad one."""
    given = data if isinstance(data, dict) else {}  # a JSON string counts as nothing at all
    values = {}
    for name in template.fields:
        holder = given.get(name)
        value = holder.get("value") if isinstance(holder, dict) else None
        if value is None or value == "":
            raise Refusal(BAD_ARGUMENT, f"argument invalid! data.{name}.value is empty")
        if not isinstance(value, str) or not fields.fits(name, value, template.enums.get(name, ())):
            raise Refusal(BAD_ARGUMENT, f"argument invalid! data.{name}.value invalid")
        values[name] = value
    return values


def _receiver(call: Call) -> str:
    return str(call.body.get("touser", ""))


CONTRACTS: Final = (
    Contract("/cgi-bin/message/subscribe/send", "POST", send, serial=_receiver),
)  # fmt: skip
