"""What a person or a stranger typed is plain text: Qt guesses at markup, so only one module asks.

``QLabel``, ``QToolTip`` and their kin read text that looks like HTML as HTML and open the files
it names. They may be used only in the module of the plain label, which tells Qt not to guess.
"""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import modules, name_of, uses

THE_PLAIN_ONE = "desktop/ui/widgets/plain.py"

GUESSES = {
    *("QLabel", "QToolTip", "QWhatsThis", "QTextBrowser", "QMessageBox", "QErrorMessage"),
    *("QInputDialog", "QProgressDialog", "QWizard", "QSplashScreen", "QGraphicsTextItem"),
    *("setToolTip", "setWhatsThis", "setHtml", "insertHtml", "appendHtml", "setMarkdown"),
    *("insertMarkdown", "RichText", "AutoText", "MarkdownText", "convertFromPlainText"),
}


def guesses(source: str) -> list[str]:
    return [
        f"{line}: {last}"
        for line, name in uses(ast.parse(source))
        if (last := name.rpartition(".")[2]) in GUESSES
    ]


def test_only_the_plain_module_uses_widgets_that_guess_at_markup() -> None:
    found = [
        f"{name_of(path)}:{guess}"
        for path in modules("desktop/ui")
        if name_of(path) != THE_PLAIN_ONE
        for guess in guesses(path.read_text("utf-8"))
    ]
    assert not found, "use desktop.ui.widgets.plain instead:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "from PySide6.QtWidgets import QLabel\nQLabel(name)",
        "from PySide6.QtWidgets import QLabel as Text\nText(name)",
        "from PySide6 import QtWidgets\nclass Name(QtWidgets.QLabel): ...",
        "button.setToolTip(name)",
        "self.rows[0].view().document().setHtml(name)",
        "label.setTextFormat(Qt.TextFormat.RichText)",
    ],
)
def test_the_rule_sees(source: str) -> None:
    assert guesses(source)


def test_the_rule_lets_plain_things_be() -> None:
    assert not guesses("from desktop.ui.widgets.plain import Plain\nPlain(name).setText(name)")
