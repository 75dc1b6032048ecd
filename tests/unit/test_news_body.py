"""What a clerk writes becomes few elements; whatever is tried, nothing else comes through."""

import re
import uuid

import pytest

from relief.news.body import LONGEST_TARGET, addressed, render, sanitised
from relief.news.errors import BadArticle

ONE = uuid.UUID("0190b1d2-0000-7000-8000-000000000001")
PICTURES = {"流程图": ONE, 'x" onerror="alert(1)': ONE}
TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)")
ALLOWED = {"h2", "h3", "p", "strong", "ul", "li", "a", "img"}


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("第一段\n\n第二段", "<p>第一段</p><p>第二段</p>"),
        ("# 标题\n## 小标题", "<h2>标题</h2><h3>小标题</h3>"),
        ("#没有空格", "<p>#没有空格</p>"),
        ("- 甲\n- 乙\n丙", "<ul><li>甲</li><li>乙</li></ul><p>丙</p>"),
        ("- 甲", "<ul><li>甲</li></ul>"),
        ("3. 第三条", "<p>3. 第三条</p>"),
        ("请**务必**带", "<p>请<strong>务必</strong>带</p>"),
        ("", ""),
        (
            "[热线](tel:0412-12345)",
            '<p><a href="tel:0412-12345" rel="noopener noreferrer">热线</a></p>',
        ),
        (
            "[原文](https://www.example.gov.cn/a?x=1&y=2)",
            (
                '<p><a href="https://www.example.gov.cn/a?x=1&amp;y=2"'
                ' rel="noopener noreferrer">原文</a></p>'
            ),
        ),
        ("[图片：流程图]", f'<p><img src="attachment:{ONE}" alt="流程图"></p>'),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
    ],
)
def test_what_is_written_becomes_what_is_shown(written, html):
    assert render(written, pictures=PICTURES).html == html


def test_a_picture_that_is_not_there_is_named_once_and_stays_as_words():
    made = render("[图片：没有]\n[图片:没有] [图片:流程图]", pictures=PICTURES)

    assert made.missing == ("没有",)
    assert "[图片：没有]" in made.html
    assert made.html.count("<img") == 1


def test_a_link_that_is_too_long_is_refused_in_words():
    longest = "https://e.cn/" + "x" * (LONGEST_TARGET - 13)
    assert longest in render(f"[看]({longest})", pictures={}).html
    assert longest not in sanitised(f'<a href="{longest}x">看</a>')

    with pytest.raises(BadArticle, match="过长，最多 500 个字符"):
        render(f"[看]({longest}x)", pictures={})


@pytest.mark.parametrize(
    "target",
    [
        "http://www.example.gov.cn", "javascript:alert(1)", "//example.com", "/admin", "data:x",
        "https://", "https://u:p@example.com", "tel:+", "tel:1234a", "weixin://dl", "HTTPS:x",
        "https://localhost",
    ],
)  # fmt: skip
def test_a_link_elsewhere_than_https_and_tel_is_refused_in_words(target):
    with pytest.raises(BadArticle, match="只能链接到 https:// 网址或 tel: 电话号码"):
        render(f"[看这里]({target})", pictures={})


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        '<img src="https://evil.example/x.png" onerror=alert(1)>',
        '[图片：x" onerror="alert(1)]',
        '[a](https://e.cn/"onclick="alert(1))',
        "**<svg onload=alert(1)>**",
        "- <iframe src=https://evil.example></iframe>",
        '<p style="position:fixed">x</p><!-- x -->',
        "[**粗**](https://e.cn/**a**)",
    ],
)
def test_what_is_written_as_html_is_text(written):
    made = render(written, pictures=PICTURES).html

    assert set(TAG.findall(made)) <= ALLOWED
    without_words = re.sub(r'"[^"]*"', '""', re.sub(r">[^<]*<", "><", made))
    for bad in ("onerror", "onload", "onclick", "style"):
        assert bad not in without_words


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ("<style>p{}</style><p>b</p>", "<p>b</p>"),
        ('<p style="color:red" class="x" onclick="y()">c</p>', "<p>c</p>"),
        ('<img src="https://evil.example/x.png">', "<img>"),
        ('<img src="//evil.example/x.png">', "<img>"),
        ('<img src="/x.png">', "<img>"),
        ('<img src="data:image/png;base64,AAAA">', "<img>"),
        ('<img src="attachment:../../etc/passwd">', "<img>"),
        ('<a href="javascript:alert(1)">d</a>', '<a rel="noopener noreferrer">d</a>'),
        ('<a href="http://e.cn">e</a>', '<a rel="noopener noreferrer">e</a>'),
        (f'<a href="attachment:{ONE}">f</a>', '<a rel="noopener noreferrer">f</a>'),
        ("<form><input name=x></form><iframe></iframe><svg/onload=x>", ""),
        ("<!-- g --><p>h</p>", "<p>h</p>"),
    ],
)
def test_the_sanitiser_does_not_trust_what_we_made(made, kept):
    assert sanitised(made) == kept


def test_pictures_get_the_address_of_a_front_end_and_nothing_else_does():
    made = render("[图片：流程图] attachment:1", pictures=PICTURES).html

    shown = addressed(made, lambda file_id: f"/news/files/{file_id}?a=1&b=2")

    assert shown == (f'<p><img src="/news/files/{ONE}?a=1&amp;b=2" alt="流程图"> attachment:1</p>')
