"""What a client says to an XMPP server, and what it waits for each time."""

from __future__ import annotations

import random
import string

from tests.bench.senders import Plan, Step

HOST = "localhost"
GUESTS = "anon.localhost"
ROOMS = "rooms.localhost"


def come() -> list[Step]:
    """Log in as nobody in particular."""
    stream = (
        f"<?xml version='1.0'?><stream:stream to='{GUESTS}' xmlns='jabber:client'"
        " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    ).encode()
    return [
        Step(stream, b"</stream:features>"),
        Step(
            b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", b"<success"
        ),
        Step(stream, b"</stream:features>"),
        Step(
            b"<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            b"</bind>",
        ),
    ]


def be_there() -> list[Step]:
    """Log in and be seen, as somebody does who waits for messages."""
    return [*come(), Step(b"<presence/>", b"<presence")]


def deposits(senders: int, size: int) -> Plan:
    """To people who are not there, each to a person of its own, confirmed one by one (XEP-0198)."""
    body = "".join(random.choices(string.ascii_lowercase, k=size))
    requests = [
        (
            f"<message type='chat' to='u{number:02}@{HOST}'><body>{body}</body></message>"
            "<r xmlns='urn:xmpp:sm:3'/>"
        ).encode()
        for number in range(senders)
    ]
    steps = [*come(), Step(b"<enable xmlns='urn:xmpp:sm:3'/>", b"<enabled")]
    return Plan(steps, b"<a ", requests)


def enter(number: int) -> list[Step]:
    """Log in as nobody in particular and take a seat; the room's subject is the last that comes."""
    join = (
        f"<presence to='room@{ROOMS}/seat{number}'>"
        "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
    )
    return [*come(), Step(join.encode(), b"<subject"), Step(b"", b"</message>")]


def publish(entry: bytes) -> bytes:
    """To everybody in the room, from one who has a seat in it."""
    return b"<message to='room@%s' type='groupchat'><body>%s</body></message>" % (
        ROOMS.encode(),
        entry,
    )
