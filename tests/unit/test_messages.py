import pytest
from marshmallow import fields, validate

from relief.web import messages


@pytest.mark.parametrize(
    ("status", "title"), [(404, "没有找到"), (418, "请求格式有误"), (507, messages.TITLES[500])]
)
def test_every_status_has_a_title(status, title):
    assert messages.title(status) == title


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Missing data for required field.", "必填"),
        ("Must be one of: a, b.", "应为以下之一：a, b"),
        (
            "Must be greater than or equal to 1 and less than or equal to 200.",
            "应在 1 到 200 之间",
        ),
        ("Length must be between 2 and 40.", "长度应为 2 至 40 个字符"),
        ("Something new.", "取值有误"),
        ("密码太短", "密码太短"),
    ],
)
def test_what_is_wrong_is_told_in_chinese(english, chinese):
    assert messages.detail(english) == chinese


USED = (
    fields.String, fields.Integer, fields.Boolean, fields.UUID, fields.Enum,
    fields.List, fields.Dict, fields.AwareDateTime, fields.Date, fields.Raw,
)  # fmt: skip


@pytest.mark.parametrize("kind", USED)
def test_the_messages_of_every_field_we_use_are_known(kind):
    texts = {}
    for parent in reversed(kind.__mro__):
        texts |= getattr(parent, "default_error_messages", {})
    texts.pop("validator_failed")
    unused = {"format", "invalid_awareness", "too_large", "unknown", "must_be_one_of"}

    for name, text in texts.items():
        if name not in unused:
            plain = text.format(input="x", obj_type="date", choices="a, b")
            assert messages.detail(plain) != "取值有误", (name, plain)


def test_lengths_below_and_above_are_known():
    for rule, value in ((validate.Length(min=2), "a"), (validate.Length(max=2), "abc")):
        with pytest.raises(validate.ValidationError) as refused:
            rule(value)
        assert "个字符" in messages.detail(refused.value.messages[0])
