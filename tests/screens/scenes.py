"""The pages and states that are looked at after every change of the look."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from desktop.core import errors
from desktop.core.events import RelayPractices
from desktop.core.models import Contact, ProfileState, RelayState, State, Trouble
from desktop.core.proxy import Proxy
from desktop.ui import strings
from desktop.ui.context import Knocker
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.settings import strings as words
from desktop.ui.settings.connection import Connection
from desktop.ui.settings.moving import MoveDialog
from desktop.ui.settings.relays import Relays
from desktop.ui.shell import strings as shell_words
from desktop.ui.shell.shell import Shell
from desktop.ui.start.cover import Unlock
from desktop.ui.start.first_start import FirstStart
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.screens.cast import (
    LINDENHOF,
    PERSON_LINK,
    RELAY_LINK,
    fresh,
    heard,
    lively,
    ms,
    three_relays,
    two_relays,
)


class Stage:
    """One window for one picture."""

    def __init__(self, window: Window, calls: DirectCalls) -> None:
        self.window = window
        self.calls = calls

    def begin(self, engine: FakeFacade) -> None:
        self.ctx = self.window.begin(self.calls, engine)
        engine.listen(self.ctx.heard.emit)
        self.settle()

    def settle(self, seconds: float = 0.03) -> None:
        """Let the window do what it put off, also what it reads again a moment later; this also
        deletes what was thrown away."""
        QTest.qWait(int(seconds * 1000))
        self.until(self._has_read)

    def _has_read(self) -> bool:
        knockers = self.window.findChildren(Knocker)
        return not any(timer.isActive() for one in knockers for timer in one.findChildren(QTimer))

    def until(self, so: Callable[[], bool]) -> None:
        """Let it do what it put off, until this is so; a busy machine takes longer."""
        until = time.monotonic() + 5
        while not so():
            assert time.monotonic() < until, "it did not come to be so"
            QTest.qWait(5)

    @property
    def shell(self) -> Shell:
        page = self.window.pages.currentWidget()
        assert isinstance(page, Shell)
        return page

    @property
    def first_start(self) -> FirstStart:
        page = self.window.pages.currentWidget()
        assert isinstance(page, FirstStart)
        return page

    @property
    def unlock(self) -> Unlock:
        found = self.window.cover.findChild(Unlock)
        assert isinstance(found, Unlock)
        return found


def name(stage: Stage) -> None:
    stage.begin(fresh(ProfileState.NONE))
    stage.first_start.name_step.name.setText("Clara")


def passphrase(stage: Stage) -> None:
    name(stage)
    stage.first_start.name_step.go.click()
    step = stage.first_start.passphrase_step
    step.passphrase.setText("four kilns and a slow river")
    step.again.setText("four kilns and a slow river")
    step.passphrase.show_letters(True)
    _weighed(stage)


def passphrase_weak(stage: Stage) -> None:
    name(stage)
    stage.first_start.name_step.go.click()
    step = stage.first_start.passphrase_step
    step.passphrase.setText("clara1990")
    step.again.setText("clara")
    step.again.editingFinished.emit()
    _weighed(stage)


def _weighed(stage: Stage) -> None:
    """How strong it is has been said; the estimator is loaded for the first one."""
    known: list[bool] = []
    stage.first_start.passphrase_step.strength.when_known(lambda: known.append(True))
    stage.until(lambda: bool(known))


def cover(stage: Stage) -> None:
    stage.settle()


def unlock(stage: Stage) -> None:
    stage.begin(fresh(ProfileState.LOCKED))


def unlock_wrong(stage: Stage) -> None:
    stage.begin(fresh(ProfileState.LOCKED))
    stage.unlock.passphrase.setText("five kilns")
    stage.unlock.go.click()


def cannot_open(stage: Stage) -> None:
    stage.window.show_trouble(errors.VaultInUse())


def hello(stage: Stage) -> None:
    stage.begin(fresh())


def hello_wrong_link(stage: Stage) -> None:
    stage.begin(fresh())
    stage.shell.hello.link.field.setText("https://example.org/join")
    stage.shell.hello.link.look()


def hello_person(stage: Stage) -> None:
    stage.begin(fresh())
    stage.shell.hello.link.field.setText(PERSON_LINK)
    stage.shell.hello.link.look()


def hello_relay(stage: Stage) -> None:
    stage.begin(fresh())
    stage.shell.hello.link.field.setText(RELAY_LINK)
    stage.shell.hello.link.look()


def hello_kept(stage: Stage) -> None:
    clara = fresh()
    clara.kept = PERSON_LINK
    stage.begin(clara)


def conversation(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    box = stage.shell.page.composer.box
    box.setPlainText("For the list: two shelves, a fire blanket, 25 kg of smooth stoneware, and")
    box.moveCursor(box.textCursor().MoveOperation.End)
    stage.shell.page.composer.save()


def conversation_tall(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    lines = "\n".join(f"{n}. two shelves and a fire blanket" for n in range(1, 9))
    box = stage.shell.page.composer.box
    box.setPlainText(f"{lines} {'w' * 200}")
    box.moveCursor(box.textCursor().MoveOperation.End)


def conversation_refused(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    clara.failures["message_send"] = errors.TextTooLong(60_000)
    stage.shell.page.composer.box.setPlainText("A long letter about the kiln. " * 2_500)
    stage.shell.page.composer.send()


def _online(stage: Stage) -> tuple[FakeFacade, Contact]:
    clara, hana = lively()
    stage.begin(clara)
    for one in list(clara.contacts.values()):
        if one.name in ("Hana Okafor", "Tomás Oliveira", "陈小雨"):
            clara.comes(one)
    stage.shell.open_conversation(hana.conversation_id)
    return clara, hana


def conversation_online(stage: Stage) -> None:
    _online(stage)


def conversation_writing(stage: Stage) -> None:
    clara, hana = _online(stage)
    clara.types(hana)


def conversation_offline(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    clara.set_relay("relay.lindenhof.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.banners.offline.tell(shell_words.OFFLINE, shell_words.OFFLINE_TEXT)
    clara.clock_is_off(3 * 86_400_000)


def conversation_scripts(stage: Stage) -> None:
    clara, _ = lively()
    noor = next(one for one in clara.contacts.values() if one.name == "نور الدين")
    clara.wrote(noor, "نعم، سأكون هناك في العاشرة.", State.DELIVERED, sent_ms=ms(0, 19, 14))
    clara.wrote(noor, "And I bring tea 🍵🏺", State.SENT, sent_ms=ms(0, 19, 15))
    clara.arrive(noor, "☕ يا سلام 🎉", quiet=True, sent_ms=ms(0, 19, 16))
    clara.arrive(noor, "👍🏽", quiet=True, sent_ms=ms(0, 19, 16))
    clara.wrote(noor, "🍵 👩‍🏭", State.QUEUED, sent_ms=ms(0, 19, 17))
    clara.wrote(noor, "明天下午见 https://例子.example/计划", State.QUEUED, sent_ms=ms(0, 19, 17))
    stage.begin(clara)
    stage.shell.open_conversation(noor.conversation_id)


def conversation_long(stage: Stage) -> None:
    """Two long texts: the end of what is shown of the first one, and the beginning of the other."""
    clara, hana = lively()
    kiln = "\n".join(f"{hour:02}:00  {180 + 31 * hour} °C" for hour in range(24))
    clara.arrive(hana, f"{kiln}\n" * 4, quiet=True, sent_ms=ms(0, 19, 44))
    clara.read_up_to[hana.conversation_id] = clara.messages[hana.conversation_id][-1].position
    rules = "What we buy, and what the city pays for, as it was said at the meeting. " * 70
    clara.wrote(hana, rules, State.DELIVERED, sent_ms=ms(0, 19, 45))
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle(0.1)
    view = stage.shell.page.pane.view
    last = view.messages.rowCount() - 1
    view.verticalScrollBar().setValue(view.strip.top(last) - 200)


def conversation_empty(stage: Stage) -> None:
    clara, _ = lively()
    ayse = next(one for one in clara.contacts.values() if one.pending)
    clara.messages[ayse.conversation_id] = []
    stage.begin(clara)
    stage.shell.open_conversation(ayse.conversation_id)


def conversation_find(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.keyboard.find_here()
    stage.shell.page.find_bar.field.setText("the")
    stage.settle(0.4)


def pick(stage: Stage) -> None:
    stage.begin(lively()[0])


def search(stage: Stage) -> None:
    stage.begin(lively()[0])
    stage.shell.search()
    stage.shell.list.search.setText("ru")
    stage.settle(0.4)


def search_nothing(stage: Stage) -> None:
    stage.begin(lively()[0])
    stage.shell.search()
    stage.shell.list.search.setText("zzz")
    stage.settle(0.4)


def list_failed(stage: Stage) -> None:
    clara, _ = lively()
    clara.failures["conversation_list"] = errors.VaultDamaged()
    stage.begin(clara)


def invite(stage: Stage) -> None:
    stage.begin(lively()[0])
    stage.shell.doors.invite()


def invite_no_relay(stage: Stage) -> None:
    stage.begin(fresh())
    stage.shell.doors.invite()


def enter(stage: Stage) -> None:
    clara, _ = lively()
    stage.begin(clara)
    stage.shell.doors.enter_invitation()
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    dialog.link.field.setText(PERSON_LINK)
    dialog.link.look()


def safety(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.header.safety_wanted.emit()


def rename(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.header.rename_wanted.emit()


def remove(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.header.remove_wanted.emit()


def keys(stage: Stage) -> None:
    stage.begin(lively()[0])
    stage.shell.doors.show_keys()


def toast(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.window.toast.tell(strings.sentence(errors.VaultFull()))


def _settings(stage: Stage, section: str) -> None:
    clara, _ = lively()
    two_relays(clara)
    stage.begin(clara)
    stage.shell.show_settings(section)


def settings_you(stage: Stage) -> None:
    _settings(stage, strings.SET_YOU)


def settings_appearance(stage: Stage) -> None:
    _settings(stage, strings.SET_APPEARANCE)


def settings_notifications(stage: Stage) -> None:
    _settings(stage, words.SET_NOTIFICATIONS)


def settings_others(stage: Stage) -> None:
    _settings(stage, strings.SET_OTHERS)


def settings_relays(stage: Stage) -> None:
    _settings(stage, strings.SET_RELAYS)


def _relays(stage: Stage, clara: FakeFacade) -> Relays:
    stage.begin(clara)
    stage.shell.show_settings(strings.SET_RELAYS)
    page = stage.shell.settings.findChild(Relays)
    assert isinstance(page, Relays)
    return page


def relays_three(stage: Stage) -> None:
    clara, _ = lively()
    clara.relays.clear()
    three_relays(clara)
    page = _relays(stage, clara)
    page.relays[1].up.setFocus(Qt.FocusReason.TabFocusReason)


def relays_one(stage: Stage) -> None:
    clara, _ = lively()
    one = clara.set_relay("relay.lindenhof.example")
    clara.practices[one.relay_id] = heard(LINDENHOF)
    _relays(stage, clara)


def relays_none(stage: Stage) -> None:
    page = _relays(stage, fresh())
    page.link.setText("https://example.org/relay")
    page.go.click()


def relays_proxy(stage: Stage) -> None:
    clara, _ = lively()
    clara.proxy = Proxy("127.0.0.1", 9050)
    for host in ("relay.lindenhof.example", "post.aldermoor.example"):
        clara.set_relay(host, RelayState.OFFLINE, Trouble.PROXY, carries=False)
    page = _relays(stage, clara)
    stage.shell.banners.offline.tell(shell_words.OFFLINE, shell_words.OFFLINE_PROXY)
    page.link.clearFocus()


def relay_keeps(stage: Stage) -> None:
    clara, _ = lively()
    clara.relays.clear()
    three_relays(clara)
    _relays(stage, clara).relays[1].all.click()


def relay_moves(stage: Stage) -> None:
    clara, _ = lively()
    two_relays(clara)
    page = _relays(stage, clara)
    clara.failures["relay_move"] = errors.RelayOther()
    page.relays[0].move_wanted.emit(next(iter(clara.relays.values())))
    dialog = stage.window.findChild(MoveDialog)
    assert isinstance(dialog, MoveDialog)
    dialog.field.setText("wss://relay.lindenhof.example:9443#elsewhere")
    dialog.save.click()


def relay_removed(stage: Stage) -> None:
    clara, _ = lively()
    two_relays(clara)
    _relays(stage, clara).relays[1].remove_wanted.emit(list(clara.relays.values())[1])


def relay_changed(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    clara.emit(RelayPractices(next(iter(clara.relays)), changed=True))


def settings_connection(stage: Stage) -> None:
    _settings(stage, words.CONNECTION)


def connection_proxy(stage: Stage) -> None:
    clara, _ = lively()
    clara.proxy = Proxy("127.0.0.1", 9050)
    stage.begin(clara)
    stage.shell.show_settings(words.CONNECTION)


def connection_wrong(stage: Stage) -> None:
    settings_connection(stage)
    page = stage.shell.settings.findChild(Connection)
    assert isinstance(page, Connection)
    page.address.setText("proxy.example:9050")
    page.use.click()


def block(stage: Stage) -> None:
    clara, hana = lively()
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.header.block_wanted.emit()


def blocked(stage: Stage) -> None:
    clara, hana = lively()
    ruth = next(one for one in clara.contacts.values() if one.name.startswith("Ruth"))
    for one in (hana, ruth):
        clara.blocks(one.contact_id, blocked=True)
    stage.begin(clara)
    stage.shell.open_conversation(hana.conversation_id)


def settings_lock(stage: Stage) -> None:
    _settings(stage, words.SET_LOCK)


def settings_keys(stage: Stage) -> None:
    _settings(stage, words.SET_KEYS)


def settings_about(stage: Stage) -> None:
    _settings(stage, words.SET_ABOUT)


SCENES = {
    "01-name": name,
    "01-passphrase": passphrase,
    "01-passphrase-weak": passphrase_weak,
    "02-cover": cover,
    "02-unlock": unlock,
    "02-unlock-wrong": unlock_wrong,
    "02-cannot-open": cannot_open,
    "03-hello": hello,
    "03-hello-wrong-link": hello_wrong_link,
    "03-hello-person": hello_person,
    "03-hello-relay": hello_relay,
    "03-hello-kept": hello_kept,
    "04-conversation": conversation,
    "04-conversation-tall": conversation_tall,
    "04-conversation-refused": conversation_refused,
    "04-conversation-online": conversation_online,
    "04-conversation-writing": conversation_writing,
    "04-conversation-offline": conversation_offline,
    "04-conversation-scripts": conversation_scripts,
    "04-conversation-long": conversation_long,
    "04-conversation-empty": conversation_empty,
    "04-conversation-find": conversation_find,
    "05-pick": pick,
    "05-search": search,
    "05-search-nothing": search_nothing,
    "05-list-failed": list_failed,
    "06-invite": invite,
    "06-invite-no-relay": invite_no_relay,
    "06-enter": enter,
    "06-safety": safety,
    "06-rename": rename,
    "06-remove": remove,
    "06-block": block,
    "06-blocked": blocked,
    "06-keys": keys,
    "06-toast": toast,
    "07-settings-you": settings_you,
    "07-settings-appearance": settings_appearance,
    "07-settings-notifications": settings_notifications,
    "07-settings-others": settings_others,
    "07-settings-relays": settings_relays,
    "07-settings-connection": settings_connection,
    "07-settings-lock": settings_lock,
    "07-settings-keys": settings_keys,
    "07-settings-about": settings_about,
    "08-relays-three": relays_three,
    "08-relays-one": relays_one,
    "08-relays-none": relays_none,
    "08-relays-proxy": relays_proxy,
    "08-relay-keeps": relay_keeps,
    "08-relay-moves": relay_moves,
    "08-relay-removed": relay_removed,
    "08-relay-changed": relay_changed,
    "08-connection-proxy": connection_proxy,
    "08-connection-wrong": connection_wrong,
}

# Pages that another scene shows, in a further state: drawn when somebody looks, not in every run.
FURTHER = frozenset(
    {
        "04-conversation-long",
        "06-block",
        "08-relays-one",
        "08-relays-none",
        "08-relays-proxy",
        "08-relay-moves",
        "08-relay-removed",
        "08-relay-changed",
        "08-connection-proxy",
        "08-connection-wrong",
    }
)
