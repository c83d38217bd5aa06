"""Drawing a text that was set: light letters as regular as dark ones.

FreeType thickens small letters of fonts in the CFF format, as those of Chinese, Japanese and Korean
often are, and Qt blends them with a gamma that takes the weight away again from dark letters but
adds to light ones: white on a blue bubble they are bold. Large letters are not thickened. So light
ones of such fonts are drawn from a larger size, made small again.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGlyphRun, QPainter, QRawFont, QTextLayout

_FIRST = "\u1100"  # below this no script is commonly set in such a font
_CFF = b"\x00\x00\x50\x00"  # how the table maxp begins
_TIMES = 4
_LIGHT = 0x80

# One larger font for each, kept: its letters are rendered once. None where there is no need.
_larger: dict[tuple[str, str, int, float], QRawFont | None] = {}


def draw(painter: QPainter, layout: QTextLayout, at: QPointF, screen: QRectF | None = None) -> None:
    """What ``layout.draw`` does, in the painter's pen; what is off ``screen`` may be left out."""
    text = layout.text()
    light = painter.pen().color().lightness() > _LIGHT
    # Runs do not know the colours of formats: a text that has some is left to Qt.
    if not light or not text or max(text) < _FIRST or layout.formats():
        layout.draw(painter, at, (), screen or QRectF())
        return
    for run in layout.glyphRuns():
        if screen is not None and not run.boundingRect().translated(at).intersects(screen):
            continue
        font = _larger_of(run.rawFont())
        if font is None:
            painter.drawGlyphRun(at, run)
        else:
            _draw_larger(painter, run, font, at)


def _draw_larger(painter: QPainter, run: QGlyphRun, font: QRawFont, at: QPointF) -> None:
    run.setRawFont(font)
    run.setPositions([place * _TIMES for place in run.positions()])
    painter.save()
    painter.translate(at)
    painter.scale(1 / _TIMES, 1 / _TIMES)
    painter.drawGlyphRun(QPointF(), run)
    painter.restore()


def _larger_of(font: QRawFont) -> QRawFont | None:
    key = (font.familyName(), font.styleName(), font.weight(), font.pixelSize())
    if key not in _larger:
        _larger[key] = None
        if font.fontTable("maxp").data()[:4] == _CFF:
            larger = QRawFont(font)
            larger.setPixelSize(font.pixelSize() * _TIMES)
            _larger[key] = larger
    return _larger[key]
