"""Looking at a window from inside its process, the way a screen reader and an eye would.

Names and texts come from the accessibility interfaces. Whether a message's words are painted is
read from the pixels of the window's backing store, which is what was given to the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from desktop.demo.pixels import inked_at
from desktop.demo.sight import Box, Row, Sight, Thing
from desktop.ui.messages.typeset import Extent
from desktop.ui.messages.view import MessageView
from desktop.ui.rooms.stage_view import StageView

MENU_LINE = "MenuItem"
# What a screen reader is given of a row. Asked of the model: without a screen reader nobody tells
# the view's accessible cells that a row is another one now.
_SPOKEN = Qt.ItemDataRole.AccessibleTextRole


def look(window: QWidget) -> Sight:
    """What this window shows now."""
    things = list[Thing]()
    rows = list[Row]()
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, MessageView | StageView):
            rows += _rows(widget, window)
        elif isinstance(widget, QMenu):
            things += _lines(widget, window)
        elif isinstance(widget, QAbstractItemView):
            things += _items(widget, window)
        elif (thing := _thing(widget, window)) is not None:
            things.append(thing)
    corner = window.mapToGlobal(QPoint(0, 0))
    return Sight(
        number=int(window.winId()),
        title=window.windowTitle(),
        active=window.isActiveWindow(),
        at=Box(corner.x(), corner.y(), window.width(), window.height()),
        things=things,
        rows=rows,
    )


def painted(window: QWidget) -> QImage:
    """The pixels that this window has given to the screen."""
    pixels = window.backingStore().paintDevice()
    if not isinstance(pixels, QImage):
        return QImage()
    return pixels.convertToFormat(QImage.Format.Format_RGB32)


def _face(widget: QWidget) -> QAccessibleInterface | None:
    """None for what says nothing to a screen reader."""
    return QAccessible.queryAccessibleInterface(widget)


def _thing(widget: QWidget, window: QWidget) -> Thing | None:
    face = _face(widget)
    if face is None:
        return None
    name = face.text(QAccessible.Text.Name)
    if not name and not isinstance(widget, QLineEdit | QPlainTextEdit):
        return None
    state = face.state()
    return Thing(
        role=face.role().name,
        name=name,
        text=_text(widget),
        box=_box(QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())),
        enabled=widget.isEnabled(),
        checked=bool(state.checked),
        focused=widget is window.focusWidget(),
        reachable=_reachable(widget, widget.rect().center(), window),
    )


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLineEdit):
        return widget.displayText()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText()
    return ""


def _items(view: QAbstractItemView, window: QWidget) -> list[Thing]:
    face = _face(view)
    if face is None:
        return []
    made = list[Thing]()
    for number in range(face.childCount()):
        item = face.child(number)
        model = view.model()
        index = model.index(number, 0)
        where = view.visualRect(index)
        if not view.viewport().rect().intersects(where):
            continue
        corner = view.viewport().mapTo(window, where.topLeft())
        made.append(
            Thing(
                role=item.role().name,
                name=str(index.data(_SPOKEN) or item.text(QAccessible.Text.Name)),
                text="",
                box=_box(QRect(corner, where.size())),
                enabled=True,
                checked=False,
                focused=view is window.focusWidget() and view.currentIndex() == index,
                reachable=_reachable(view.viewport(), where.center(), window),
            )
        )
    return made


def _lines(menu: QMenu, window: QWidget) -> list[Thing]:
    """Of an open menu, which is a window of its own: in the pixels of the window it belongs to."""
    made = list[Thing]()
    for action in menu.actions():
        if action.isSeparator() or not action.isVisible():
            continue
        where = menu.actionGeometry(action)
        corner = window.mapFromGlobal(menu.mapToGlobal(where.topLeft()))
        made.append(
            Thing(
                role=MENU_LINE,
                name=action.text().replace("&&", "&"),
                text="",
                box=_box(QRect(corner, where.size())),
                enabled=action.isEnabled(),
                checked=action.isChecked(),
                focused=menu.activeAction() is action,
                reachable=QApplication.activePopupWidget() is menu,
            )
        )
    return made


def _rows(view: MessageView | StageView, window: QWidget) -> list[Row]:
    pixels = painted(window)
    seen = view.viewport().rect()
    made = list[Row]()
    for number in view.on_screen():
        place, area = view.placed(number), view.area(number)
        words = area if place.extent is None else _words(place.extent, place.text, area)
        on_window = QRect(view.viewport().mapTo(window, words.topLeft()), words.size())
        made.append(
            Row(
                spoken=str(view.model().index(number, 0).data(_SPOKEN) or ""),
                words=_box(on_window),
                whole=seen.contains(words) and _reachable(view.viewport(), words.center(), window),
                inked=inked_at(pixels, _on_store(on_window, pixels.devicePixelRatio())),
            )
        )
    return made


def _words(extent: Extent, text: QPoint, area: QRect) -> QRect:
    left = extent.limit - extent.width if extent.rtl else 0
    words = QRect(left, 0, extent.width, extent.height)
    words.translate(text)
    words.translate(area.topLeft())
    return words


def _on_store(where: QRect, scale: float) -> Box:
    """From the window's pixels to those of its backing store."""
    left, top = round(where.x() * scale), round(where.y() * scale)
    return Box(left, top, round(where.width() * scale), round(where.height() * scale))


def _reachable(widget: QWidget, point: QPoint, window: QWidget) -> bool:
    hit = window.childAt(widget.mapTo(window, point))
    return hit is not None and (hit is widget or widget.isAncestorOf(hit))


def _box(where: QRect) -> Box:
    return Box(where.x(), where.y(), where.width(), where.height())
