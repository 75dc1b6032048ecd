"""Accounts: the list, a new one, and one account's roles, regions and end."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts import grants, passwords, queries, service
from relief.accounts.errors import UsernameTaken, WeakPassword
from relief.accounts.permissions import Permission
from relief.accounts.types import POST_OF, GrantKind, Post, Role
from relief.console import forms, paging
from relief.console.accounts.form import NewAccount, region_groups
from relief.console.accounts.grants import names_of
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.web.context import config, current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_PROPOSED = "已提交，须另一位安全管理员批准后生效。"

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")


@accounts.get("")
@requires(Permission.SEE_ACCOUNTS, scope="none")
def index() -> str:
    """Show one page of accounts."""
    with unit_of_work() as session:
        page = queries.list_accounts(session, limit=paging.PAGE_SIZE, cursor=paging.cursor())
        departments = organisation.department_names(session)
    return render_template(
        "console/accounts/list.html",
        accounts=page.items,
        departments=departments,
        **paging.links(page.next_cursor),
    )


@accounts.get("/new")
@requires(Permission.CREATE_ACCOUNTS, scope="none", step_up=True)
def new() -> str:
    """Show the form for a new account."""
    return _form(NewAccount.empty(), {})


@accounts.post("")
@requires(Permission.CREATE_ACCOUNTS, scope="none", step_up=True)
def create() -> Response | tuple[str, int]:
    """Add an account without roles or regions; those another person grants."""
    given = NewAccount.from_form(request.form)
    faults = given.faults()
    if faults:
        return _form(given, faults), 422
    try:
        with unit_of_work() as session:
            account_id = forms.once(session, lambda: _create(session, given))
    except (UsernameTaken, WeakPassword) as error:
        name = "username" if isinstance(error, UsernameTaken) else "password"
        return _form(given, {name: f"{error.detail or error.title}。"}), 422
    flash("账号已建立。请安全管理员分配角色和工作区划。", "good")
    return redirect(url_for(".show", account_id=account_id), code=303)


@accounts.get("/<uuid:account_id>")
@requires(Permission.SEE_ACCOUNTS, scope="none")
def show(account_id: uuid.UUID) -> str:
    """Show one account."""
    actor = current_actor()
    with unit_of_work() as session:
        account = queries.account_detail(session, account_id=account_id)
        departments = organisation.department_names(session)
        names = organisation.area_names(session, codes=account.regions)
        may_change = actor.may(Permission.GRANT_ROLES) and actor.id != account.id
        fresh = actor.fresh(now(), to_fill_in=True)
        groups = region_groups(session) if may_change and fresh else []
        waiting = grants.open_proposals(session, account_id=account_id) if may_change else []
        what = names_of(session, waiting)
        opened = (
            queries.open_sessions(session, account_id=account_id, current=b"", now=now())
            if may_change
            else []
        )
    return render_template(
        "console/accounts/show.html",
        account=account,
        department=departments.get(account.department_code or ""),
        roles=[role for role in Role if POST_OF[role] is account.post],
        regions=[(code, names.get(code, code)) for code in account.regions],
        region_groups=groups,
        may_change=may_change and fresh,
        must_confirm=may_change and not fresh,
        waiting=waiting,
        what=what,
        sessions=opened,
        own=actor.id == account.id,
    )


@accounts.post("/<uuid:account_id>/roles")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def set_roles(account_id: uuid.UUID) -> Response:
    """Take the roles back that are not ticked, and propose those that are and are not held."""
    try:
        wanted = {Role(name) for name in request.form.getlist("role")}
    except ValueError:
        raise BadRequest from None

    def work(session: "Session", **who: Any) -> None:
        held = set(queries.account_detail(session, account_id=account_id).roles)
        for role in sorted(wanted - held):
            grants.propose(session, kind=GrantKind.ROLE, what=role.value, **who)
        for role in sorted(held - wanted):
            service.revoke_role(session, role=role, **who)

    return _changed(
        account_id, work, "已提交。收回的角色立即失效；新授予的须另一位安全管理员批准后生效。"
    )


@accounts.post("/<uuid:account_id>/regions")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def add_region(account_id: uuid.UUID) -> Response:
    """Let an account work in one more region or zone."""
    code = field("code")
    if not code:
        raise BadRequest
    return _changed(
        account_id,
        lambda session, **who: grants.propose(session, kind=GrantKind.REGION, what=code, **who),
        _PROPOSED,
    )


@accounts.post("/<uuid:account_id>/regions/remove")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def remove_region(account_id: uuid.UUID) -> Response:
    """Take one region or zone back."""
    code = field("code")
    return _changed(
        account_id,
        lambda session, **who: service.revoke_region(session, code=code, **who),
        "工作区划已移除。",
    )


@accounts.post("/<uuid:account_id>/second-factor/reset")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def reset_second_factor(account_id: uuid.UUID) -> Response:
    """Propose to take an account's second factor away, for a lost device."""
    return _changed(
        account_id,
        lambda session, **who: grants.propose(session, kind=GrantKind.TOTP_RESET, **who),
        _PROPOSED,
    )


@accounts.post("/<uuid:account_id>/sessions/end")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def end_sessions(account_id: uuid.UUID) -> Response:
    """End one session of an account, or all."""
    try:
        session_id = uuid.UUID(field("session")) if field("session") else None
    except ValueError:
        raise BadRequest from None
    return _changed(
        account_id,
        lambda session, **who: service.end_others_sessions(session, session_id=session_id, **who),
        "登录已结束。",
    )


@accounts.get("/<uuid:account_id>/disable")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def disable_page(account_id: uuid.UUID) -> str:
    """Ask whether an account is really to be disabled."""
    with unit_of_work() as session:
        account = queries.account_detail(session, account_id=account_id)
    return render_template("console/accounts/disable.html", account=account)


@accounts.post("/<uuid:account_id>/disable")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def disable(account_id: uuid.UUID) -> Response:
    """Disable an account."""
    return _changed(account_id, service.disable, "账号已停用。")


def _create(session: "Session", given: NewAccount) -> uuid.UUID:
    account = service.create_account(
        session,
        username=given.username,
        display_name=given.display_name,
        post=Post(given.post),
        password=given.password,
        department_code=given.department or None,
        actor_id=current_actor().id,
        now=now(),
        rules=config().sign_in,
    )
    return account.id


def _changed(account_id: uuid.UUID, work: Callable[..., object], told: str) -> Response:
    with unit_of_work() as session:
        work(session, account_id=account_id, actor_id=current_actor().id, now=now())
    flash(told, "good")
    return redirect(url_for(".show", account_id=account_id), code=303)


def _form(given: NewAccount, faults: dict[str, str]) -> str:
    with unit_of_work() as session:
        departments = organisation.department_names(session)
    return render_template(
        "console/accounts/new.html",
        form=given,
        faults=faults,
        posts=list(LABELS["post"].items()),
        departments=list(departments.items()),
        once_key=forms.given_key(),
        hint=passwords.hint(config().sign_in),
    )
