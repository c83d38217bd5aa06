"""The short sections: You, Appearance, Notifications, What others see, Keys, About."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from msgspec.structs import replace
from PySide6.QtWidgets import QButtonGroup

from desktop.core.models import Profile, Settings
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.keys import key_cards
from desktop.ui.prefs import Prefs
from desktop.ui.settings import strings as words
from desktop.ui.settings.parts import Section, choice, choices
from desktop.ui.theme import Mode
from desktop.ui.tokens import SCALES
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.switch import Switch


class You(Section):
    """Who the member is."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx.theme, strings.SET_YOU, words.YOU_TEXT, words.YOU_CALLED)
        self._ctx = ctx
        ctx.ask(ctx.facade.profile_show, ok=self._have)

    def _have(self, profile: Profile) -> None:
        theme, px = self.theme, self.theme.px
        lines = column(
            None,
            Plain(theme, profile.name, "title"),
            px(2),
            Plain(theme, words.OTHERS_NAME_TEXT, "small", "text_2", wrap=True),
            None,
        )
        line = row(
            Avatar(theme, 44, profile.name, profile.member_id),
            px(12),
            lines,
            margins=(px(16), px(14), px(16), px(14)),
        )
        line.setStretch(2, 1)
        self.add(card(line))


class Appearance(Section):
    """Theme and size, at once."""

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__(
            ctx.theme,
            strings.SET_APPEARANCE,
            words.APPEARANCE_TEXT,
            words.THEME,
            words.THEME_DARK,
            words.THEME_LIGHT,
            words.SIZE,
        )
        self._prefs = prefs
        names = {
            Mode.SYSTEM: ("monitor", words.THEME_SYSTEM),
            Mode.LIGHT: ("sun", words.THEME_LIGHT),
            Mode.DARK: ("moon", words.THEME_DARK),
        }
        self._group = QButtonGroup(self)
        self.modes = {
            mode: Button(ctx.theme, text, "segment", icon=icon, checkable=True)
            for mode, (icon, text) in names.items()
        }
        for button in self.modes.values():
            self._group.addButton(button)
        self.modes[ctx.theme.mode].setChecked(True)
        self._group.buttonClicked.connect(self._mode)
        self.add(choices(ctx.theme, words.THEME, words.THEME_TEXT, *self.modes.values()))
        self._sizes = QButtonGroup(self)
        self.scales = {
            scale: Button(ctx.theme, f"{scale} %", "chip", checkable=True) for scale in SCALES
        }
        for button in self.scales.values():
            self._sizes.addButton(button)
        self.scales[ctx.theme.scale].setChecked(True)
        self._sizes.buttonClicked.connect(self._scale)
        self.add(choices(ctx.theme, words.SIZE, words.SIZE_TEXT, *self.scales.values()))

    def _mode(self) -> None:
        mode = next(mode for mode, button in self.modes.items() if button.isChecked())
        self._prefs.mode = mode
        self.theme.set_mode(mode)

    def _scale(self) -> None:
        scale = next(scale for scale, button in self.scales.items() if button.isChecked())
        self._prefs.scale = scale
        self.theme.set_scale(scale)


class Choices(Section):
    """A section of choices that live in the vault."""

    def __init__(self, ctx: Context, title: str, text: str, *found_by: str) -> None:
        super().__init__(ctx.theme, title, text, *found_by)
        self._ctx = ctx
        self._settings: Settings | None = None
        ctx.ask(ctx.facade.settings, ok=self._have)

    def _have(self, settings: Settings) -> None:
        self._settings = settings
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        raise NotImplementedError

    def keep(self, settings: Settings) -> None:
        self._settings = settings
        self._ctx.ask(self._ctx.facade.set_settings, settings)

    @property
    def settings(self) -> Settings:
        return self._settings or Settings()


class Notifications(Choices):
    """Whether to say that something came."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx, words.SET_NOTIFICATIONS, words.NOTIFICATIONS_TEXT, words.NOTIFY)

    def show_settings(self, settings: Settings) -> None:
        self.switch = Switch(self.theme, words.NOTIFY, on=settings.notifications)
        self.switch.toggled.connect(self._toggled)
        self.add(choice(self.theme, words.NOTIFY, words.NOTIFY_TEXT, self.switch))

    def _toggled(self, on: bool) -> None:
        self.keep(replace(self.settings, notifications=on))


class Others(Choices):
    """What another person learns."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(
            ctx,
            strings.SET_OTHERS,
            words.OTHERS_TEXT,
            words.RECEIPTS,
            words.SHOW_ONLINE,
            words.SHOW_WRITING,
        )

    def show_settings(self, settings: Settings) -> None:
        self.switch = Switch(self.theme, words.RECEIPTS, on=settings.read_receipts)
        self.switch.toggled.connect(self._toggled)
        self.add(choice(self.theme, words.RECEIPTS, words.RECEIPTS_TEXT, self.switch))
        self.online = Switch(self.theme, words.SHOW_ONLINE, on=settings.presence)
        self.online.toggled.connect(self._online_toggled)
        self.add(choice(self.theme, words.SHOW_ONLINE, words.SHOW_ONLINE_TEXT, self.online))
        self.writing = Switch(self.theme, words.SHOW_WRITING, on=settings.typing)
        self.writing.toggled.connect(self._writing_toggled)
        self.add(choice(self.theme, words.SHOW_WRITING, words.SHOW_WRITING_TEXT, self.writing))
        for title, text in (
            (words.OTHERS_NAME, words.OTHERS_NAME_TEXT),
            (words.OTHERS_DELIVERED, words.OTHERS_DELIVERED_TEXT),
            (words.OTHERS_ADDRESS, words.OTHERS_ADDRESS_TEXT),
        ):
            self.add(choice(self.theme, title, text))

    def _online_toggled(self, on: bool) -> None:
        self.keep(replace(self.settings, presence=on))

    def _writing_toggled(self, on: bool) -> None:
        self.keep(replace(self.settings, typing=on))

    def _toggled(self, on: bool) -> None:
        self.keep(replace(self.settings, read_receipts=on))


class Keys(Section):
    """Every key."""

    def __init__(self, ctx: Context) -> None:
        keys_for = [what for _, keys in strings.KEY_GROUPS for what, _ in keys]
        super().__init__(ctx.theme, words.SET_KEYS, words.KEYS_TEXT, *keys_for)
        self.cards.addLayout(key_cards(ctx.theme))


class About(Section):
    """What this is, and what it does not promise."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx.theme, words.SET_ABOUT, words.ABOUT_TEXT, words.ABOUT_LICENCES)
        self.add(choice(self.theme, words.ABOUT_VERSION, _version()))
        self.add(choice(self.theme, words.ABOUT_OPEN, words.ABOUT_OPEN_TEXT))
        self.add(choice(self.theme, words.ABOUT_LICENCES, words.ABOUT_LICENCES_TEXT))


def _version() -> str:
    try:
        return version("aside")
    except PackageNotFoundError:
        return words.ABOUT_UNINSTALLED
