import dataclasses
import re

from click.testing import CliRunner
from sqlalchemy import text

from relief.accounts import passwords
from relief.accounts.samples import create_sample_accounts
from relief.cli import accounts as command
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work

PASSWORD_HASH = text("SELECT password_hash FROM account WHERE username = 'forgetful'")


def run(app, monkeypatch, *words):
    class Given:
        def __init__(self, role):
            assert role is DatabaseRole.OWNER

        def __enter__(self):
            self.context = app.app_context()
            self.context.push()
            return app

        def __exit__(self, *_error):
            self.context.pop()

    monkeypatch.setattr(command, "application", Given)
    return CliRunner().invoke(command.accounts, words)


def test_the_first_administrator_is_made_by_command(spare_app, monkeypatch):
    result = run(
        spare_app, monkeypatch, "create", "root-admin", "--name", "安全管理员",
        "--role", "security_admin", "--password", "A long enough secret 1",
    )  # fmt: skip

    assert (result.exit_code, result.output) == (0, "已建立账号 root-admin。\n")
    with spare_app.app_context(), unit_of_work() as session:
        posts = session.scalars(text("SELECT post FROM account WHERE username = 'root-admin'"))
        assert posts.all() == ["security"]


def test_what_the_rules_forbid_is_one_clear_line(spare_app, monkeypatch):
    result = run(
        spare_app, monkeypatch, "create", "both", "--name", "两职", "--role", "security_admin",
        "--role", "reviewer", "--password", "A long enough secret 1",
    )  # fmt: skip

    assert result.exit_code == 1
    assert re.fullmatch(r"Error: 该角色与账号的岗位互斥，不能授予\n", result.output)


def test_a_lost_password_is_replaced_by_command(spare_app, monkeypatch):
    run(
        spare_app, monkeypatch, "create", "forgetful", "--name", "系统管理员",
        "--role", "system_admin", "--password", "A long enough secret 1",
    )  # fmt: skip
    with spare_app.app_context(), unit_of_work() as session:
        before = session.scalar(PASSWORD_HASH)

    result = run(
        spare_app, monkeypatch, "password", "forgetful", "--password", "Another long secret 2"
    )

    said = (result.exit_code, result.output)
    assert said == (0, "已重设账号 forgetful 的密码，对方下次登录时须修改。\n")
    with spare_app.app_context(), unit_of_work() as session:
        after = session.scalar(PASSWORD_HASH)
    assert not passwords.matches("Another long secret 2", before)
    assert passwords.matches("Another long secret 2", after)


def test_the_password_of_nobody_is_one_clear_line(spare_app, monkeypatch):
    result = run(
        spare_app, monkeypatch, "password", "nobody-here", "--password", "Another long secret 2"
    )

    assert (result.exit_code, result.output) == (1, "Error: 没有这个账号\n")


def test_a_lost_device_is_replaced_by_command(spare_app, monkeypatch):
    result = run(spare_app, monkeypatch, "reset-totp", "auditor")
    again = run(spare_app, monkeypatch, "reset-totp", "auditor")

    assert result.exit_code == 0
    assert "下次登录时须重新绑定" in result.output
    assert (again.exit_code, "没有绑定" in again.output) == (1, True)


def test_the_code_of_a_sample_account_is_told_and_of_no_other(spare_app, monkeypatch, clock):
    with spare_app.app_context(), unit_of_work() as session:
        create_sample_accounts(
            session,
            now=clock(),
            password_for=lambda _name: "Sample secret 1",
            cipher=spare_app.extensions["relief.cipher"],
        )
    told = run(spare_app, monkeypatch, "code", "secadmin")
    other = run(spare_app, monkeypatch, "code", "second_admin")
    real = dataclasses.replace(spare_app.extensions["relief.config"], sample=False)
    monkeypatch.setitem(spare_app.extensions, "relief.config", real)
    refused = run(spare_app, monkeypatch, "code", "secadmin")

    assert re.fullmatch(r"[0-9]{6}\n", told.output)
    assert (other.exit_code, "不是示例账号" in other.output) == (1, True)
    assert (refused.exit_code, "RELIEF_SAMPLE_DATA=1" in refused.output) == (1, True)
