import json

from click.testing import CliRunner

from relief.cli.sample import sample


def test_json_says_what_was_made_and_nothing_else(tmp_path) -> None:
    arguments = [str(tmp_path), "--households", "20", "--records", "700", "--seed", "5", "--json"]

    result = CliRunner().invoke(sample, arguments)

    report = json.loads(result.output)
    assert result.exit_code == 0
    assert report["households"] == 20
    assert report["seed"] == 5
    assert report["records"] == sum(report["files"].values()) == 700
    assert len(report["files"]) == 33
    assert report["persons"] > 20
    assert report["seconds"] > 0


def test_progress_and_summary_are_in_plain_words(tmp_path) -> None:
    arguments = [str(tmp_path), "--households", "20", "--records", "700"]

    result = CliRunner().invoke(sample, arguments)

    assert result.exit_code == 0
    assert "[0/39] 正在生成人口和家庭" in result.stderr
    assert "已生成 33 个文件：20 户" in result.stdout


def test_impossible_request_is_one_clear_line(tmp_path) -> None:
    result = CliRunner().invoke(sample, [str(tmp_path), "--households", "20", "--records", "9"])

    assert result.exit_code == 1
    assert "记录数太少" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    arguments = [str(tmp_path / "file" / "out"), "--households", "20", "--records", "700"]

    result = CliRunner().invoke(sample, arguments)

    assert result.exit_code == 1
    assert "Error: 无法写入 " in result.output
