"""What a person reads when a request is refused, in Chinese."""

import re
from collections.abc import Sequence

TITLES = {
    400: "请求格式有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    406: "不支持请求的格式",
    408: "请求超时",
    409: "当前状态不允许",
    413: "提交的内容过大",
    414: "网址过长",
    415: "不支持提交的格式",
    422: "填写内容有误",
    429: "操作过于频繁，请稍后再试",
    431: "请求头过大",
    500: "系统出错，请把请求编号告诉系统管理员",
    503: "系统暂时不可用，请稍后再试",
}

_SERVER_ERRORS = 500

# marshmallow's messages → ours; the groups carry over.
_DETAILS: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"Missing data for required field\.", "必填"),
        (r"Unknown field\.", "不认识的项目"),
        (r"Field may not be null\.", "不能为空"),
        (r"Not a valid string\.", "应为文字"),
        (r"Not a valid integer\.", "应为整数"),
        (r"Not a valid number\.", "应为数字"),
        (r"Not a valid boolean\.", "应为是或否"),
        (r"Not a valid (?:date|datetime)\.", "不是有效的日期或时间"),
        (r"Not a valid UUID\.", "不是有效的编号"),
        (r"Not a valid list\.", "应为列表"),
        (r"Not a valid mapping type\.", "应为对象"),
        (r"Not a valid utf-8 string\.", "不是有效的 UTF-8 文字"),
        (r"Invalid input type\.", "类型有误"),
        (r"Not valid JSON document\.", "不是有效的 JSON"),
        (r"Must be one of: (.+)\.", r"应为以下之一：\1"),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            r"应在 \1 到 \2 之间",
        ),
        (r"Must be greater than or equal to (\S+)\.", r"不能小于 \1"),
        (r"Must be less than or equal to (\S+)\.", r"不能大于 \1"),
        (r"Length must be between (\d+) and (\d+)\.", r"长度应为 \1 至 \2 个字符"),
        (r"Shorter than minimum length (\d+)\.", r"至少 \1 个字符"),
        (r"Longer than maximum length (\d+)\.", r"最多 \1 个字符"),
        (r"String does not match expected pattern\.", "格式有误"),
        (r"Invalid value\.", "取值有误"),
    )
]


def title(status: int) -> str:
    """Return the title of an HTTP status."""
    return TITLES.get(status) or TITLES[500 if status >= _SERVER_ERRORS else 400]


def detail(message: str) -> str:
    """Return a validation message in Chinese; one that is not in the table says only so much."""
    for pattern, chinese in _DETAILS:
        if match := pattern.fullmatch(message):
            return match.expand(chinese)
    return message if not message.isascii() else "取值有误"
