"""What a browser shows when something goes wrong: plain words and the request's id."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from relief.accounts.errors import StepUpRequired
from relief.core.errors import DomainError
from relief.web.guard import API_PREFIX
from relief.web.problems import STATUS_BY_KIND, EditedMeanwhile

Answer = tuple[str, int, dict[str, str]]

WORDS: dict[int, tuple[str, str]] = {
    400: ("请求不完整", "提交的内容不完整或格式不对，请返回上一页检查后再试。"),
    401: ("请先登录", "登录已失效，请重新登录。"),
    403: ("没有权限", "您的账号不能进行这项操作，或者页面停留太久已经失效。请返回后重新打开再试。"),
    404: ("没有找到", "没有这个页面或这条记录，或者它不在您的工作区划和部门范围内。"),
    405: ("不能这样打开", "这个地址不能直接打开，请从菜单进入。"),
    409: ("暂时不能办理", "当前状态不允许这项操作，可能已由他人办理。请刷新后再看。"),
    413: ("内容太大", "提交的内容超过了上限；上传文件合计不能超过 200 MB，请分几次上传。"),
    414: ("网址太长", "网址或查询条件过长，请减少条件后再试。"),
    415: ("格式不对", "不支持提交的格式，请从页面上的表单提交。"),
    429: ("操作太频繁", "请稍等片刻再试。"),
    431: ("请求头太大", "浏览器随请求发送的内容过多，请清除本站的 Cookie 后重新登录。"),
    422: ("不能办理", "提交的内容不符合要求，请返回上一页修改。"),
    500: ("系统出错了", "系统没有完成这次操作，数据没有改变。请稍后再试。"),
    503: ("系统暂时不可用", "数据库暂时没有响应，这次操作没有完成。请过几秒再试。"),
}
_GENERAL = ("没有完成", "系统没有完成这次操作，请稍后再试。")


def install(root: Blueprint) -> None:
    """Answer every error below the console's blueprint, and addresses that nobody serves."""
    root.register_error_handler(DomainError, _domain_error)
    root.register_error_handler(HTTPException, _http_error)
    root.register_error_handler(EditedMeanwhile, _edited_meanwhile)
    for status in WORDS:
        root.app_errorhandler(status)(_unrouted)


def _domain_error(error: DomainError) -> Answer:
    status = next(code for kind, code in STATUS_BY_KIND.items() if isinstance(error, kind))
    title, text = WORDS[status]
    if isinstance(error, StepUpRequired):
        title, text = (
            "请先验证身份",
            "这次提交的内容没有保存。请先验证身份，再回到原来的页面重新提交。",
        )
        return _page(status, title, text, {}, confirm=True)
    return _page(status, title, text, {}, detail=error.detail or error.title)


def _http_error(error: HTTPException) -> Answer:
    status = error.code or 500
    title, text = WORDS.get(status, _GENERAL)
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return _page(status, title, text, headers)


def _edited_meanwhile(_error: EditedMeanwhile) -> Answer:
    return _page(HTTPStatus.CONFLICT, *WORDS[HTTPStatus.CONFLICT], {})


def _unrouted(error: HTTPException) -> Any:
    """Answer for an address that no view has: a page for people, a problem for programs."""
    blueprint = (request.blueprint or "console").partition(".")[0]
    if request.path.startswith(API_PREFIX) or blueprint != "console":
        programs = current_app.error_handler_spec[None][None][HTTPException]
        return programs(error)
    return _http_error(error)


def _page(
    status: int,
    title: str,
    text: str,
    headers: dict[str, str],
    detail: str = "",
    *,
    confirm: bool = False,
) -> Answer:
    page = render_template(
        "console/fault.html",
        status=int(status),
        title=title,
        text=text,
        detail=detail if detail != title else "",
        confirm=confirm,
        request_id=g.get("request_id", ""),
    )
    return page, status, headers
