import re

from click.testing import CliRunner
from sqlalchemy import text

from relief.accounts import passwords
from relief.cli import accounts as command
from relief.core.db import unit_of_work

PASSWORD_HASH = text("SELECT password_hash FROM account WHERE username = 'forgetful'")


def run(app, monkeypatch, *words):
    class Given:
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

    assert (result.exit_code, result.output) == (0, "已重设账号 forgetful 的密码。\n")
    with spare_app.app_context(), unit_of_work() as session:
        after = session.scalar(PASSWORD_HASH)
    assert not passwords.matches("Another long secret 2", before)
    assert passwords.matches("Another long secret 2", after)


def test_the_password_of_nobody_is_one_clear_line(spare_app, monkeypatch):
    result = run(
        spare_app, monkeypatch, "password", "nobody-here", "--password", "Another long secret 2"
    )

    assert (result.exit_code, result.output) == (1, "Error: 没有这个账号\n")
