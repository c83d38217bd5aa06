"""What can go wrong with the desktop's message bus. None of it is fatal: the bus is optional."""

from __future__ import annotations

from jeepney import AuthenticationError, DBusErrorResponse, Message, MessageType

# No bus named in the environment, nobody there, not let in, or too slow to answer.
NO_BUS = (KeyError, OSError, AuthenticationError, DBusErrorResponse, EOFError)

ANSWER_S = 2.0


def body_of(reply: Message) -> tuple[object, ...]:
    """What was answered. Raises DBusErrorResponse."""
    if reply.header.message_type is MessageType.error:
        raise DBusErrorResponse(reply)
    return reply.body
