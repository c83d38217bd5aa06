"""How heavy letters are: a light text on a dark ground as regular as a dark one on a light."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QTextCharFormat, QTextLayout
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.box import Box
from desktop.ui.letters import draw, one_line
from desktop.ui.messages.emoji import beside
from desktop.ui.theme import Mode, Theme
from desktop.ui.widgets.plain import Plain

JAPANESE = "明日また。天下午见"
LATIN = "See you tomorrow"
CFF = b"\x00\x00\x50\x00"  # how the table maxp of a font begins that has its letters in CFF


def laid(theme: Theme, role: str, text: str) -> QTextLayout:
    layout = QTextLayout(text, theme.font(role))
    layout.beginLayout()
    layout.createLine().setLineWidth(400)
    layout.endLayout()
    return layout


def marked(text: str, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = 0, len(text), look
    return made


def weight(
    theme: Theme,
    text: str,
    ink: QColor,
    ground: QColor,
    role: str = "body",
    look: QTextCharFormat | None = None,
) -> float:
    """How many pixels of ink the text takes."""
    image = QImage(400, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(ground)
    painter = QPainter(image)
    painter.setPen(ink)
    looks = [marked(text, look)] if look is not None else []
    draw(painter, laid(theme, role, text), QPointF(2, 4), None, looks)
    painter.end()
    return ink_on(image, ink, ground)


def ink_on(image: QImage, ink: QColor, ground: QColor) -> float:
    span = ink.green() - ground.green()
    return sum(
        (image.pixelColor(x, y).green() - ground.green()) / span
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("text", [LATIN, JAPANESE])
@pytest.mark.parametrize(
    ("mode", "ink", "ground"),
    [
        (Mode.LIGHT, "bubble_out_text", "bubble_out"),
        (Mode.DARK, "bubble_out_text", "bubble_out"),
        (Mode.DARK, "text", "bg"),
        (Mode.DARK, "text_2", "surface"),
    ],
)
def test_light_letters_are_not_bold(
    theme: Theme, text: str, mode: Mode, ink: str, ground: str
) -> None:
    dark_on_light = weight(theme, text, QColor("#15181E"), QColor("#FFFFFF"))
    theme.set_mode(mode)
    light_on_dark = weight(theme, text, theme.colour(ink), theme.colour(ground))
    assert light_on_dark < dark_on_light * 1.2


@pytest.mark.parametrize("text", [LATIN, JAPANESE])
def test_light_letters_of_a_link_are_not_bold(theme: Theme, text: str) -> None:
    link = QTextCharFormat()
    link.setForeground(QColor("#FFFFFF"))
    dark = weight(theme, text, QColor("#15181E"), QColor("#FFFFFF"))
    theme.set_mode(Mode.DARK)
    ground, same = theme.colour("bubble_out"), QColor("#FFFFFE")  # of what is no link
    light = weight(theme, text, same, ground, look=link)
    assert light < dark * 1.2
    assert light == pytest.approx(weight(theme, text, QColor("#FFFFFF"), ground), rel=0.02)


def test_light_letters_of_a_draft_are_not_bold(qtbot: QtBot, theme: Theme) -> None:
    inks: list[float] = []
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        box = Box()
        qtbot.addWidget(box)
        box.setFont(theme.font("body"))
        box.setPlainText(f"{LATIN}\n{JAPANESE}\n{LATIN}")
        box.resize(400, 100)
        image = box.viewport().grab().toImage()
        inks.append(ink_on(image, box.palette().text().color(), image.pixelColor(398, 98)))
    assert 100 < inks[1] < inks[0] * 1.2


def test_chosen_letters_of_a_draft_stand_on_their_ground(qtbot: QtBot, theme: Theme) -> None:
    theme.set_mode(Mode.DARK)
    box = Box()
    qtbot.addWidget(box)
    box.setFont(theme.font("body"))
    box.setPlainText(f"{JAPANESE}\n{JAPANESE}")
    box.resize(400, 100)
    cursor = box.textCursor()
    cursor.setPosition(len(JAPANESE) + 3)
    cursor.setPosition(len(JAPANESE) + 6, cursor.MoveMode.KeepAnchor)
    box.setTextCursor(cursor)
    image = box.viewport().grab().toImage()
    ground = box.palette().highlight().color()
    columns = [x for x in range(400) if any(image.pixelColor(x, y) == ground for y in range(99))]
    rows = [y for y in range(100) if any(image.pixelColor(x, y) == ground for x in range(400))]
    assert 40 <= columns[-1] - columns[0] <= 50  # three letters
    assert 15 <= rows[-1] - rows[0] <= 30  # of one line


def test_emoji_of_a_list_are_a_little_larger_and_what_is_cut_has_room(theme: Theme) -> None:
    font = theme.font("small")
    plain, party = (one_line("Tea 🎉🎉", font, 300, looks) for looks in (None, beside))
    wide, wider = (one.lineAt(0).naturalTextWidth() for one in (plain, party))
    assert wide * 1.05 < wider < wide * 1.3
    alone = one_line("🎉", font, 300, beside)
    assert alone.lineAt(0).naturalTextWidth() < font.pixelSize() * 2  # not as in a bubble
    cut = one_line("🎉 Tea " * 20, font, 150, beside)
    assert 120 < cut.lineAt(0).naturalTextWidth() < 155


def test_marked_words_keep_their_ground(theme: Theme) -> None:
    found = QTextCharFormat()
    found.setBackground(QColor("#00FF00"))
    found.setForeground(QColor("#000000"))
    image = QImage(200, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    painter.setPen(QColor("#FFFFFF"))
    text = JAPANESE[:4]
    draw(painter, laid(theme, "body", text), QPointF(2, 4), None, [marked(text, found)])
    painter.end()
    colours = {image.pixelColor(x, 14).name() for x in range(4, 50)}
    assert "#00ff00" in colours
    assert "#ffffff" not in colours


LONG = "لالالالالالالالالالالالالالالالالالالالالالالالالالالالالالالالالالال"


def heights(image: QImage, ground: QColor, columns: range) -> int:
    """How many rows of some columns have ink."""
    return sum(
        any(image.pixelColor(x, y) != ground for x in columns) for y in range(image.height())
    )


@pytest.mark.parametrize(("text", "left"), [(LONG, True), ("l" * 90, False)])
def test_a_text_is_cut_where_it_ends_in_its_own_direction(
    qtbot: QtBot, theme: Theme, text: str, left: bool
) -> None:
    label = Plain(theme, text, "title")
    qtbot.addWidget(label)
    label.resize(160, 30)
    row = QImage(160, 30, QImage.Format.Format_ARGB32_Premultiplied)
    row.fill(QColor("#FFFFFF"))
    painter = QPainter(row)
    draw(painter, one_line(text, theme.font("title"), 160), QPointF(0, 4))
    painter.end()
    for image in (label.grab().toImage(), row):
        ground = image.pixelColor(0, 0)
        ends = [
            heights(image, ground, range(6)),
            heights(image, ground, range(image.width() - 12, image.width() - 4)),
        ]
        low, high = ends if left else reversed(ends)
        assert low * 2 < high


def test_regular_letters_stay_regular_after_bold_ones(theme: Theme) -> None:
    ink, ground = theme.colour("text"), theme.colour("bg")
    mixed = f"{LATIN} {JAPANESE}"
    before = weight(theme, mixed, ink, ground)
    bold = weight(theme, mixed, ink, ground, "title")
    assert weight(theme, mixed, ink, ground) == before < bold


def test_a_font_here_has_letters_that_could_come_out_bold(theme: Theme) -> None:
    """Without one the tests above prove nothing of it."""
    fonts = [run.rawFont() for run in laid(theme, "body", JAPANESE).glyphRuns()]
    if not any(font.fontTable("maxp").data()[:4] == CFF for font in fonts):
        pytest.skip("no CFF font for Japanese is installed")
