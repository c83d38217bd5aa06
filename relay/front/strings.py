"""Every sentence of the page at the public address."""

from __future__ import annotations

# The page at the public address. Of each kind of thing: its name, what it is, when it goes.
KEPT: dict[str, tuple[str, str, str]] = {
    "envelope": (
        "Messages on their way",
        "Sealed by the sender for one device of the recipient, and padded.",
        "until collected",
    ),
    "envelope_trace": (
        "What is seen of them",
        "For which device, their order and size, when each came, and a code of which"
        " correspondent's key was used.",
        "until collected, and a minute longer",
    ),
    "envelope_id": (
        "Random ids of messages",
        "So that a message sent twice is delivered once: for which device, and when each came.",
        "counted from the arrival",
    ),
    "mailbox": (
        "Mailboxes",
        "A random key for each device, which means nothing elsewhere; on which pass it is, so that"
        " the devices of one pass, and the relays it sends to, can be seen to belong together; and"
        " how many messages it ever got.",
        "until its owner deletes it",
    ),
    "capability": (
        "Rights to write to a mailbox",
        "The hash of a secret, for which device, its limits and how much of them was used; when it"
        " was given first, which is when a contact was made; and, where it has a rate, about when"
        " it was used last. Not whose it is.",
        "until its owner takes it back",
    ),
    "bundle": (
        "Keys to begin a conversation with",
        "Locked with a key that only contacts have. For which device and which contact, and how"
        " large, can be seen.",
        "until used",
    ),
    "bundle_trace": (
        "Hashes of used ones",
        "So that none comes twice: for which device and which contact, and when each came.",
        "counted from the day they came",
    ),
    "pass": (
        "Passes",
        "The hash of a secret, what its holder may keep and send on here, and how much of it is"
        " used; on which day it sent anything to other relays last, how often, and to how many new"
        " ones. No name.",
        "without an end; one without a mailbox that came without an invitation: a day",
    ),
    "invite_code": (
        "Invitation codes",
        "Their hashes, how many people each still lets in, until when, and how many those may let"
        " in.",
        "until used",
    ),
    "packet": (
        "Messages on their way to another relay",
        "Sealed for that relay, and padded.",
        "until it has them",
    ),
    "answer": (
        "What other relays answered",
        "Sealed for whoever handed the message in.",
        "until fetched",
    ),
    "packet_trace": (
        "What is seen of them",
        "To which relay, when, how large, by which pass, and whether that relay answered.",
        "until the answer was fetched",
    ),
    "destination": (
        "Addresses of other relays",
        "Where messages went and when the last one did, without who sent any.",
        "counted from the last one",
    ),
    "blob": (
        "Attachments",
        "Sealed by the sender, in pieces of one size.",
        "as long as the sender asked for, or until the sender deletes them",
    ),
    "blob_trace": (
        "What is seen of them",
        "Hashes of two secrets and of the pieces, how many there are, on which pass, and when they"
        " go.",
        "with the attachment",
    ),
    "room": (
        "Rooms",
        "A random key each; whose it is only as a digest that leads to no pass; its rules, which"
        " its host signed, without its title; how many seats it gave; and when it was opened, used"
        " last and ended.",
        "as long as its host said, and its boxes seven days after the end; unused ones ninety days",
    ),
    "room_entry": (
        "What is said in rooms",
        "Sealed for those who are there.",
        "as long as the host said; of the stage only the newest",
    ),
    "room_entry_trace": (
        "What is seen of it",
        "Its order and size, and which seat said it under which counter; of orders what they order,"
        " about which seat, and when.",
        "with the room",
    ),
    "room_seat": (
        "Seats in rooms",
        "A random key that means nothing elsewhere, with a sealed name and the keys for it; when it"
        " was taken, by which invitation's hash, and whether it waits. Never whose it is. Of who"
        " was put out, two bytes that know their network by the room's link, until it ends.",
        "with the room, or until it is given up",
    ),
    "room_letter": (
        "Letters between seats",
        "Sealed for one seat, in one of three sizes.",
        "until collected, at most seven days after the room's end",
    ),
    "room_letter_trace": (
        "What is seen of these",
        "From which seat to which, their size, random id and when each came.",
        "with the room",
    ),
    "slot": (
        "Who is online",
        "Sealed for single contacts, under names that say nothing. In memory only.",
        "after it was last said",
    ),
    "watch": (
        "Who looks for it",
        "Which connection waits for changes under which of these names,"
        " or for room where it was full. In memory only.",
        "while connected",
    ),
    "lately": (
        "What happened lately",
        "Which capability was refused where it was full, or used to say that somebody writes;"
        " hashes of passes that were good for something. In memory only.",
        "mostly for minutes",
    ),
    "address": (
        "Network addresses",
        "To bound how much one address takes up.",
        "never on disk, never logged",
    ),
    "connection": (
        "Who is connected",
        "Which mailboxes are being collected from on which connection.",
        "while connected",
    ),
}
PAGE_WHAT = (
    "This is a relay of Aside, a messenger. It keeps sealed messages until the people they are for"
    " collect them, and knows neither who these people are nor what they write."
)
PAGE_COME_IN = "How to come in"
PAGE_INVITED = (
    "Ask somebody who is here for an invitation: a link that begins with aside:// and that you"
    " paste into Aside. The address of this relay:"
)
PAGE_OPEN = "Everybody may come. Paste this address into Aside, under Relays:"
PAGE_PRACTICES = "What is kept here"
PAGE_KEPT = "From the settings in force."
PAGE_COLUMNS = ("What", "How long", "Who can read it")
PAGE_AT_MOST = "{time} at most; {end}"
PAGE_A_DAY = "a day"
PAGE_A_MINUTE = "a minute"
PAGE_MINUTES = "{minutes} minutes"
PAGE_DAYS = "{days} days"
PAGE_SEALED = "only whom it is for"
PAGE_READABLE = "whoever runs this relay"
PAGE_MEMORY = "whoever runs this relay, in memory only"
PAGE_NOTHING_ELSE = (
    "Nothing else is kept, and the log names nobody. Copies that whoever runs this relay makes of"
    " the whole, such as backups, may hold things for longer. Times are counted while the relay"
    " runs."
)
PAGE_SIGNED = (
    "The same for programs, signed with this relay's key, so that Aside can tell its members when"
    " something changes:"
)
