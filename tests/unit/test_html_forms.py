"""What the reader of forms takes for a browser's answer, and what it keeps back as one does."""

import pytest

from tests.support.html_forms import form_of, forms_of

HTML = """
<form action="/find"><input name="q" value="old"><button name="go">找</button></form>
<form method="post" action="/act">
  <input type="hidden" name="once" value="k1"><input type="submit" name="sent" value="1">
  <input type="radio" name="outcome" value="passed" required>
  <input type="radio" name="outcome" value="objected">
  <input type="checkbox" name="signed" value="a">
  <input type="checkbox" name="signed" value="b" checked>
  <select name="unit">
    <option value="day">日</option><option value="month" selected>月</option></select>
  <select name="kind"><option value="x">X</option></select>
  <input name="title" maxlength="3" required><input name="gone" disabled>
  <textarea name="words">旧的 &amp; 话</textarea>
</form>
"""


def test_it_sends_what_stands_there_and_what_was_filled_in():
    sent = form_of(HTML, "/act").filled(outcome="objected", title="三个字")

    assert sent == {
        "once": ["k1"], "outcome": ["objected"], "signed": ["b"], "unit": ["month"],
        "kind": ["x"], "title": ["三个字"], "words": ["旧的 & 话"],
    }  # fmt: skip
    assert [one.method for one in forms_of(HTML)] == ["get", "post"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"title": "题"}, "outcome is required"),
        ({"outcome": "passed"}, "title is required"),
        ({"outcome": "granted", "title": "题"}, "does not offer"),
        ({"outcome": "passed", "title": "题", "unit": "year"}, "does not offer"),
        ({"outcome": "passed", "title": "四个字啊"}, "too long"),
        ({"outcome": "passed", "title": "题", "once": "k2"}, "nobody can fill in"),
        ({"outcome": "passed", "title": "题", "amount": "1"}, "missing"),
    ],
)
def test_it_keeps_back_what_a_browser_would(given, why):
    with pytest.raises(AssertionError, match=why):
        form_of(HTML, "/act").filled(**given)


def test_a_form_that_is_not_there_is_not_sent():
    with pytest.raises(ValueError, match="unpack"):
        form_of(HTML, "/find")


def test_a_name_that_stands_twice_is_a_fault_of_the_page():
    with pytest.raises(AssertionError, match="twice"):
        forms_of('<form><input name="a"><input name="a"></form>')
