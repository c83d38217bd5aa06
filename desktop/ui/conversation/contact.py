"""What can be done about a contact: compare the safety number, rename, block, remove."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from desktop.core.models import Contact, Conversation
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.widgets.dialog import Ask, Dialog
from desktop.ui.widgets.field_dialog import FieldDialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import card
from desktop.ui.widgets.plain import Plain


class SafetyDialog(Dialog):
    """The number that both people compare."""

    def __init__(self, ctx: Context, conversation: Conversation) -> None:
        super().__init__(ctx.theme, ctx.window, words.SAFETY, width=480)
        px = ctx.theme.px
        text = words.safety_text(conversation.name)
        self.body.addWidget(Plain(ctx.theme, text, "body", "text_2", wrap=True))
        self.body.addSpacing(px(16))
        self._grid = QGridLayout()
        self._grid.setContentsMargins(px(16), px(16), px(16), px(16))
        self._grid.setVerticalSpacing(px(8))
        self.body.addWidget(card(self._grid, "flat"))
        self.body.addSpacing(px(16))
        self._theme = ctx.theme
        ctx.ask(ctx.facade.contact_show, conversation.contact_id, ok=self._have)

    def _have(self, contact: Contact) -> None:
        groups = contact.safety_number.split()
        for number, group in enumerate(groups):
            label = Plain(self._theme, group, "title", align="center")
            self._grid.addWidget(label, number // 4, number % 4)
        self.setAccessibleDescription(contact.safety_number)
        self.fit()


class RenameDialog(FieldDialog):
    """Another name for a contact, on this side only."""

    def __init__(self, ctx: Context, conversation: Conversation) -> None:
        field = Field(ctx.theme, words.NAME_HERE, text=conversation.name)
        title, text = words.RENAME_TITLE, words.RENAME_TEXT
        super().__init__(ctx.theme, ctx.window, title, text, field, width=440)
        self._ctx = ctx
        self._contact_id = conversation.contact_id

    def ask(self, text: str) -> None:
        self._ctx.ask(
            self._ctx.facade.contact_rename,
            self._contact_id,
            text,
            ok=self.saved,
            failed=self.refused,
        )


def ask_block(ctx: Context, conversation: Conversation) -> Ask:
    """The question before somebody is blocked."""

    def blocked(_: None) -> None:
        ctx.tell(words.BLOCKED_DONE)

    def go() -> None:
        ctx.ask(ctx.facade.contact_block, conversation.contact_id, ok=blocked)

    title = words.block_title(conversation.name)
    return Ask(ctx.theme, ctx.window, title, words.BLOCK_ASK, words.BLOCK, go, danger=True)


def unblock(ctx: Context, conversation: Conversation) -> None:
    """At once: it harms nobody, and can be taken back."""

    def unblocked(_: None) -> None:
        ctx.tell(words.UNBLOCKED)

    ctx.ask(ctx.facade.contact_unblock, conversation.contact_id, ok=unblocked)


def ask_remove(ctx: Context, conversation: Conversation) -> Ask:
    """The question before somebody is removed."""

    def removed(_: None) -> None:
        ctx.tell(words.REMOVED)

    def go() -> None:
        ctx.ask(ctx.facade.contact_remove, conversation.contact_id, ok=removed)

    title = strings.remove_title(conversation.name)
    return Ask(ctx.theme, ctx.window, title, words.REMOVE_ASK, strings.REMOVE, go, danger=True)
