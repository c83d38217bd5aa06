"""What the demo says to whoever watches it, and what its two people write to each other."""

from __future__ import annotations

from typing import Final

from desktop.ui.messages.strings import ME

MINE: Final = f"{ME},"  # how a row of one's own begins for a screen reader
ON_ITS_WAY: Final = "; on its way"  # of an entry that has no place in the room yet

HOST_WRITES: Final = "Write to the room"  # what the box asks whoever hosts or helps
WRITES_AS: Final = "Write as {name}"

# What went wrong

NOT_SEEN: Final = "{name} did not see {what} within {seconds} s."
A_THING: Final = "“{name}” in the window"
A_MESSAGE: Final = "the message “{words}” painted in the window"
A_SIZE: Final = "a window of {width} by {height}"
NO_MESSAGES: Final = "the window without any message"
TICKS: Final = "two ticks at every message of their own"
IN_FRONT: Final = "their window in front"
ENDED_EARLY: Final = "{name}'s desktop ended before its time."
ENDED_BADLY: Final = "{name}'s desktop ended with code {code} when its window was closed."
CRASHED: Final = "{name}'s desktop ended with code {code}; what it said is on stderr, above."
DID_NOT_END: Final = "{name}'s desktop did not end after its window was closed."
NO_ANSWER: Final = "{name}'s window does not answer."
RELAY_SILENT: Final = "The relay did not start."
NO_SCREEN: Final = "The virtual screen did not start."
TOOL_FAILED: Final = "xdotool could not do this: {what}."
TOO_LONG: Final = "The demo took longer than {seconds} s and was ended."
MISSING: Final = (
    "{program} is not installed, and there is no display: packaging/system-packages.sh installs "
    "what the demo needs."
)
FAILED: Final = "The demo failed: {why}"
PICTURES_OF_FAILURE: Final = "How the windows looked then is in {folder}."

# What happens

ON_VIRTUAL: Final = "There is no display: this happens on a virtual one."
INSTEAD_OF_GIVEN: Final = (
    "The display that is named here does not answer: this happens on a virtual one."
)
ON_GIVEN: Final = "Two windows open. Let them play first; then they are yours."
CREATED: Final = "{name} has chosen a passphrase and is in."
RELAY_ADDED: Final = "{name} has pasted the invitation of a relay at {place}: connected."
LINK_MADE: Final = "{name} has made an invitation link."
LINK_USED: Final = "{name} has pasted it, with first words."
CONTACTS: Final = "{name} sees them: the two are contacts."
SEEN: Final = "{other} sees what {name} wrote: {words}"
ANSWERED: Final = "{name}'s window shows two ticks for all of it."
AWAY: Final = "{name} has closed the window and is away."
WRITTEN_AWAY: Final = "{name} writes meanwhile: {words}"
BACK: Final = "{name} is back and unlocks."
LOCKED: Final = "{name} has locked with Ctrl+L: no message is left in the window."
LOOKED_AT: Final = "Pictures: light and dark, large and small, settings, keys."
DONE: Final = "Every one of {count} messages was seen in the other one's window."
WROTE: Final = "Pictures and transcript are in {folder}."
YOURS: Final = "The windows are yours now. Close them, or press Ctrl+C here, to end."
PASSPHRASES: Final = "Should you lock: Alice's passphrase is “{alice}”, Bob's is “{bob}”."

# The room

COMES_TOGETHER: Final = "Meanwhile {count} people without windows get ready, an engine each."
ROOM_OPEN: Final = "{name} has opened a room, and gives its link away."
ALL_IN: Final = "{count} people are in, each over a line and with a vault of their own."
ENTERED: Final = "{name} has entered as {pseudonym}; nobody there learns who that is."
SAID: Final = "{other} sees what {name} wrote to the room: {words}"
MODERATES: Final = "{name} has made {whom} a moderator; everybody sees it on the stage."
ASKED: Final = "{name} has asked, and {count} people vote for it."
QUEUED: Final = "{name} sees it in the queue with {count} votes, and answers it live."
ANSWERED_LIVE: Final = "{name} sees that it was answered."
REMOVED: Final = "{name} has removed {whom}; everybody sees it, and why."
TOOK_ASIDE: Final = "{whom} takes {name} aside: it waits in Requests, and nothing is told before."
TOGETHER: Final = "{name} has accepted, and the conversation shows where it began."
HOST_TOGETHER: Final = "{name} takes {whom} aside; they accept, and {name} sees where it began."
ONE_ORDER: Final = (
    "All {count} have the same {entries} entries in one order: none missing or twice."
)
NOT_ONE_ORDER: Final = "{count} people of the room do not have the same entries: {what}."
NOT_ALL_VOTED: Final = "Only {count} could vote."
VOTES: Final = "{count} votes at the question"
ROOM_TITLE: Final = "Making things"
ROOM_ABOUT: Final = "An evening about wheel, glaze and fire"
ROOM_RULES: Final = "Be kind. No selling."
PSEUDONYM: Final = "quiet-fern"
WELCOME: Final = "Welcome, everybody. The kiln is on, and I have two hours."
FIRST_ENTRY: Final = "Good evening. My first bowl is drying on the shelf."
QUESTION: Final = "How do I keep a rim from warping?"
RUDE: Final = "Cheap kilns, only tonight, write to me!"
REASON: Final = "No selling here"
WONDERS: Final = "I have a glaze that nobody can name. May I show it to you?"
FIRST_WORDS: Final = "Your bowl made me curious. Shall we go on, just us?"

# The people

ALICE: Final = ("Alice", "four kilns and a slow river")
BOB: Final = ("Bob", "wet clay under quiet lamps")
GREETING: Final = "Hello Alice, Bob here. Your link works."

# (who writes, what)
TALK: Final = (
    (0, "Good to see you, Bob. Nobody between us can read this, not even the relay."),
    (1, "هل نلتقي في الورشة يوم السبت؟ أحضر الشاي معي."),
    (0, "כן, בשבת בעשר. אני מביאה את הגלזורה הכחולה."),
    (1, "明天下午见，我带上釉料样品。窯は夜まで熱いままです。"),
    (0, "Team photo 👩🏽‍🚀👨‍👩‍👧‍👦 and the flag 🏴󠁧󠁢󠁷󠁬󠁳󠁿, with 🍵❤️‍🔥"),
    (1, "The plan with all sockets: https://lindenhof.example/shed/plan?floor=1#north"),
    (
        0,
        "The city said yes, so here is the whole list, and it is a long one. We need two shelves "
        "for drying, one of them with wheels, a fire blanket for the wall beside the kiln, "
        "twenty-five kilos of smooth stoneware, and somebody who knows how to hang a door. Marta "
        "offers her van on Friday if we are back before six, and Ruth keeps the key until then. "
        "The electrician wants to see the old fuse box first; please do not plug in anything "
        "larger than a lamp before he has been there. If we paint on Saturday, the smell is gone "
        "by the first course.",
    ),
    (1, "Всё понятно. Ich bringe die Leiter mit, und Größe 44 für die Gummistiefel."),
)
WHILE_AWAY: Final = (
    "Bob, are you still there?",
    "Never mind: this waits for you at the relay, sealed. 明日また。",
)
LAST: Final = "Back again. I have read it all."

SHORT = 48


def short(words: str) -> str:
    return words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"
