"""What `relief run` keeps, and how commands find their settings."""

import io
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from relief.accounts.passwords import refuse_weak
from relief.cli import main
from relief.cli.bar import Bar
from relief.cli.context import load_settings, read_env_file
from relief.cli.sample_data import (
    DONE,
    MARK,
    SIZES,
    STARTED,
    SampleFailed,
    Steps,
    fill,
    mark_of,
)
from relief.cli.state import AlreadyRunning, State
from relief.core.config import PREFIX, Config
from relief.core.database_roles import DatabaseRole
from relief.core.sign_in_rules import DEFAULT_RULES


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "var")


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("RELIEF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RELIEF_VAR_DIR", str(tmp_path / "var"))


def test_the_passwords_of_the_accounts_are_made_once_each_its_own(state):
    state.folder.mkdir()

    made = state.account_passwords()

    assert state.account_passwords() == made
    assert len(set(made.values())) == len(DatabaseRole)
    assert stat.S_IMODE((state.folder / "accounts.env").stat().st_mode) == 0o600


def test_secrets_are_made_once_good_and_private(state):
    with state.locked({}):
        first = state.secrets()

        assert state.secrets() == first
        assert Config.from_env({**first, "RELIEF_WEB_DATABASE_URL": "postgresql://x/y"}).cipher
    mode = stat.S_IMODE((state.folder / "secrets.env").stat().st_mode)
    assert mode == 0o600


def test_a_second_run_is_told_where_the_first_one_is(state):
    with (
        state.locked({"pid": 7, "address": "http://127.0.0.1:8000"}),
        pytest.raises(AlreadyRunning, match=r"http://127\.0\.0\.1:8000"),
        state.locked({}),
    ):
        pass


def test_a_lock_that_says_nothing_is_a_lock(state):
    with state.locked({}), pytest.raises(AlreadyRunning, match="已有一个实例"), state.locked({}):
        pass


def test_the_sample_password_stays(state):
    state.folder.mkdir()

    assert state.sample_password() == state.sample_password()
    assert len(state.sample_password()) >= 12


def test_the_sample_password_is_never_a_weak_one(tmp_path):
    for number in range(200):
        state = State(tmp_path / str(number))
        state.folder.mkdir()
        refuse_weak(state.sample_password(), username="steward", rules=DEFAULT_RULES)


def test_the_databases_address_is_kept_while_it_runs(state):
    state.folder.mkdir()
    state.remember_database({DatabaseRole.WEB: "postgresql://x/y"})
    known = read_env_file(state.folder / "database.env")

    state.forget_database()

    assert known == {"RELIEF_WEB_DATABASE_URL": "postgresql://x/y"}
    assert read_env_file(state.folder / "database.env") == {}


def test_an_older_installation_gets_the_keys_it_lacks_and_keeps_its_own(state):
    with state.locked({}):
        first = state.secrets()
        older = {name: value for name, value in first.items() if "SEAL" not in name}
        file = state.folder / "secrets.env"
        file.write_text("".join(f"{name}={value}\n" for name, value in older.items()))

        completed = state.secrets()

    assert {name: completed[name] for name in older} == older
    assert completed["RELIEF_SEAL_KEY"] != first["RELIEF_SEAL_KEY"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_command_beside_a_run_takes_its_settings(state, monkeypatch):
    with state.locked({}):
        secrets = state.secrets()
    state.remember_database({DatabaseRole.WEB: "postgresql://x/y"})
    for name in (*secrets, "RELIEF_WEB_DATABASE_URL"):
        monkeypatch.setenv(name, "")  # undone at the end of the test
        monkeypatch.delenv(name)

    load_settings()

    assert os.environ["RELIEF_SECRET_KEY"] == secrets["RELIEF_SECRET_KEY"]
    assert os.environ["RELIEF_WEB_DATABASE_URL"] == "postgresql://x/y"


def test_a_deployment_is_never_completed_from_a_file(state, monkeypatch):
    with state.locked({}):
        state.secrets()
    monkeypatch.setenv("RELIEF_SECRET_KEY", "k" * 40)

    load_settings()

    assert "RELIEF_DATA_KEYS" not in os.environ


def test_without_settings_each_one_missing_is_a_line():
    result = CliRunner().invoke(main, ["serve", "web", "--port", "1"])

    assert result.exit_code == 2
    for name in (
        *("WEB_DATABASE_URL", "SECRET_KEY", "DATA_KEYS", "INDEX_KEYS", "STORAGE_DIR"),
        "SEAL_KEY",
    ):
        assert f"RELIEF_{name} is missing" in result.output


def test_setup_asks_for_a_database():
    result = CliRunner().invoke(main, ["setup"])

    assert result.exit_code == 2
    for role in ("OWNER", "WEB", "MINI", "WORKER", "AUDIT"):
        assert f"RELIEF_{role}_DATABASE_URL is missing" in result.output


def test_setup_says_that_the_database_does_not_answer(monkeypatch):
    for role in DatabaseRole:
        monkeypatch.setenv(PREFIX + role.setting, "postgresql://nobody@127.0.0.1:1/none")

    result = CliRunner().invoke(main, ["setup"])

    assert (result.exit_code, "无法连接" in result.output) == (1, True)


def test_the_commands_are_listed_and_an_unknown_one_is_refused():
    listed = CliRunner().invoke(main, ["--help"])
    unknown = CliRunner().invoke(main, ["fly"])

    assert "serve" in listed.output
    assert unknown.exit_code == 2


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_grows_on_a_terminal():
    out = Terminal()
    bar = Bar(out)

    bar(5, 10, "导入")
    bar.close()
    bar.close()

    assert "█" in out.getvalue()
    assert " 50% 导入\n" in out.getvalue()


def test_elsewhere_a_line_comes_with_each_new_message_only():
    out = io.StringIO()
    bar = Bar(out)

    bar(0, 0, "读取")
    bar(1, 10, "导入")
    bar(2, 10, "导入")
    bar.close()

    assert out.getvalue() == "  读取\n  导入 10%\n"


HERE = f"{MARK}_7000000000000000001_16384"


class Recorder(Steps):
    """Steps that are only noted; `failing` names one that fails."""

    def __init__(self, failing=None):
        super().__init__({})
        self.names = []
        self.failing = failing

    def run(self, arguments):
        self.names.append(arguments[0])
        if arguments[0] == self.failing:
            raise SampleFailed
        if arguments[0] == "sample":
            folder = Path(arguments[1])
            (folder / "registers").mkdir(parents=True)
            (folder / "truth.csv").touch()
            (folder / "民政局.csv").touch()


def test_an_empty_registry_is_filled_once(state):
    state.folder.mkdir()
    steps = Recorder()

    first = fill(state, "tiny", mark=HERE, empty=True, steps=steps, tell=lambda _line: None)
    second = fill(state, "tiny", mark=HERE, empty=False, steps=steps, tell=lambda _line: None)

    assert (first, second) == (True, False)
    assert steps.names == ["sample", "import", "merge", "registers"]
    assert [file.name for file in (state.folder / "sample" / "tiny").glob("*.csv")] == [
        "民政局.csv"
    ]


def test_someones_own_registry_gets_no_sample(state):
    state.folder.mkdir()

    assert not fill(
        state, "tiny", mark=HERE, empty=False, steps=Recorder(), tell=lambda _line: None
    )
    assert state.marked(HERE) is None


def test_an_interrupted_sample_is_done_again(state):
    state.folder.mkdir()
    with pytest.raises(SampleFailed):
        fill(state, "tiny", mark=HERE, empty=True, steps=Recorder("merge"), tell=lambda _line: None)
    assert state.marked(HERE) == STARTED
    steps = Recorder()

    fill(state, "tiny", mark=HERE, empty=False, steps=steps, tell=lambda _line: None)

    assert steps.names == ["import", "merge", "registers"]  # the files are there
    assert state.marked(HERE) == DONE


def test_what_was_done_in_one_database_says_nothing_of_another(state):
    state.folder.mkdir()
    mine = mark_of("1_1", state=state, own=False)
    fill(state, "tiny", mark=mine, empty=True, steps=Recorder(), tell=lambda _line: None)
    other = mark_of("1_2", state=state, own=False)

    done = fill(state, "tiny", mark=other, empty=False, steps=Recorder(), tell=lambda _line: None)

    assert not done
    assert (state.marked(mine), state.marked(other)) == (DONE, None)


def test_a_mark_without_a_database_is_of_our_own_server(state):
    state.folder.mkdir()
    state.mark(MARK, DONE)

    assert state.marked(mark_of("1_1", state=state, own=False)) is None
    assert state.marked(mark_of("1_1", state=state, own=True)) == DONE
    assert state.marked(mark_of("2_1", state=state, own=True)) is None  # only once


def test_a_step_that_fails_is_named():
    with pytest.raises(SampleFailed, match="no-such-command"):
        Steps(os.environ).run(["no-such-command"])


def test_after_a_stop_no_step_begins():
    steps = Steps(os.environ)
    steps.stop()

    with pytest.raises(SampleFailed):
        steps.run(["merge"])


def test_the_city_is_as_large_as_anshan():
    assert SIZES["city"] == (45_628, 3_000_000)
