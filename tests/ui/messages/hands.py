"""Keys and mouse as the window system tells of them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

LEFT = Qt.MouseButton.LeftButton
NOTHING = Qt.KeyboardModifier.NoModifier


def settle() -> None:
    """Everything that is due happens."""
    for _ in range(5):
        QCoreApplication.processEvents()


def press(
    widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(widget, key, modifier)


def click(widget: QWidget, where: QPoint) -> None:
    QTest.mouseClick(widget, LEFT, NOTHING, where)


def double_click(widget: QWidget, where: QPoint) -> None:
    QTest.mouseDClick(widget, LEFT, NOTHING, where)


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    """Press, move, release."""
    for kind, point, button, held in (
        (QEvent.Type.MouseButtonPress, start, LEFT, LEFT),
        (QEvent.Type.MouseMove, end, Qt.MouseButton.NoButton, LEFT),
        (QEvent.Type.MouseButtonRelease, end, LEFT, Qt.MouseButton.NoButton),
    ):
        everywhere = QPointF(widget.mapToGlobal(point))
        event = QMouseEvent(kind, QPointF(point), everywhere, button, held, NOTHING)
        QGuiApplication.sendEvent(widget, event)
