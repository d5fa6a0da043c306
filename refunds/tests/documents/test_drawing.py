"""Documents as bytes: the same again, in both languages, whatever is written into them."""

import json
import socket
import time
from dataclasses import replace
from hashlib import sha256

import pytest

from refunds.documents.drawing import as_pdf
from refunds.documents.glyphs import FILE, fit, glyph_widths, named, wrapped
from refunds.documents.rules import Paper, PaperRow

PAPER = Paper(
    title="退款凭证", number="FRESH-RV00000001", shop="青禾生鲜", language="zh-hans", currency="CNY",
    facts=(("客户", "安**"), ("大写", "人民币叁拾叁元叁角叁分")), heads=("计算", "金额"),
    rows=(PaperRow("每日坚果 750g × 1", 4000, "原价"), PaperRow("合计", 3333, total=True)),
    notes=("本凭证编号连续。",), missing_glyphs="□ 表示无法显示的字符：",
)  # fmt: skip
HOSTILE = [
    "שלום עולם ‮ abc", "مرحبا بالعالم", "👩‍👩‍👧‍👦 🎁 é̂", "<img src='http://example.com/x.png'/>", "a" * 200,
    "很长" * 100, "\x00\x1b[31m\n\r\t", "𠮷野家 ﷽", "&amp; <b>", "=1+1", "",
]  # fmt: skip


def test_the_same_paper_gives_the_same_bytes():
    first = as_pdf(PAPER)
    assert first.startswith(b"%PDF-") and as_pdf(PAPER) == first
    assert as_pdf(replace(PAPER, number="FRESH-RV00000002")) != first


def test_five_hundred_hostile_lines_are_drawn_in_time_and_nothing_is_fetched(monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("a document fetched something")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    rows = tuple(PaperRow(HOSTILE[n % len(HOSTILE)] or "·", n, HOSTILE[-n % len(HOSTILE)]) for n in range(500))
    facts = tuple((text, text) for text in HOSTILE)
    begun = time.process_time()
    body = as_pdf(replace(PAPER, rows=rows, facts=facts, shop=HOSTILE[0], title=HOSTILE[5]))
    assert time.process_time() - begun < 5
    assert body.count(b"/Type /Page\n") > 10


def test_what_cannot_be_drawn_is_a_square_and_is_named():
    lacking = set()
    assert fit("安א😀", lacking) == "安□□"
    assert named(lacking) == "U+05D0, U+1F600"
    assert fit("\x00a\n b", set()) == "□a b"


@pytest.mark.parametrize(
    "text", ["很长的标题" * 20, "plain words and more of them " * 9, "x" * 300, "mixed 中文 and words " * 9]
)
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text):
    widths = glyph_widths()
    lines = wrapped(text.strip(), 10, 120)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(sum(widths[ord(letter)] for letter in line) / 100 <= 120 for line in lines)


def test_the_font_has_the_characters_of_everyday_chinese():
    known = glyph_widths()
    codes = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    level_1_and_2 = "".join(code.decode("gb2312", "ignore") for code in codes)
    assert len(level_1_and_2) == 6763
    assert not [letter for letter in level_1_and_2 if ord(letter) not in known]
    assert all(ord(letter) in known for letter in "¥€£−×·…—“”①ⅠéüñÅ喆堃祎繁體貨")


def test_the_font_is_the_one_that_was_vendored_with_its_licence():
    manifest = json.loads((FILE.parent / "MANIFEST.json").read_text())
    digests = {path.name: sha256(path.read_bytes()).hexdigest() for path in FILE.parent.iterdir()}
    assert {name: entry["sha256"] for name, entry in manifest.items()} == {
        name: digest for name, digest in digests.items() if name != "MANIFEST.json"
    }
    assert "SIL Open Font License" in (FILE.parent / "OFL.txt").read_text()
