"""One pairwise Olm session as a value. Each step returns the next state; nothing here speaks.

A state may be used once: encrypting twice from the same state gives the same bytes for the same
text, so the caller commits the returned state together with the sealed bytes, then speaks. A
failed step changes nothing.
"""

from __future__ import annotations

import vodozemac
from msgspec import Struct

from protocol.e2e import account as accounts
from protocol.e2e.account import PICKLE_KEY, AccountState
from protocol.e2e.olm_message import NORMAL, PRE_KEY, OlmBytes
from protocol.errors import RemoteProtocolError, Unopenable
from protocol.ids import SessionId
from protocol.keys import Secret


class SessionState(Struct, frozen=True):
    """A session between two steps."""

    session_id: SessionId
    pickle: Secret


def start(account: AccountState, their_olm: bytes, their_one_time_key: bytes) -> SessionState:
    """A session towards a device, from its bundle. Raises RemoteProtocolError for bad keys."""
    ours = accounts.restore(account)
    try:
        theirs = vodozemac.Curve25519PublicKey.from_bytes(their_olm)
        one_time = vodozemac.Curve25519PublicKey.from_bytes(their_one_time_key)
        return _save(ours.create_outbound_session(theirs, one_time))
    except ValueError as exc:
        raise RemoteProtocolError("a bundle whose keys are none") from exc


def accept(
    account: AccountState, their_olm: bytes, olm: OlmBytes
) -> tuple[AccountState, SessionState, bytes]:
    """The session that this pre-key message starts, and its text. Raises Unopenable.

    A fallback key accepts the same message again and again: look first whether a session
    it belongs to is known.
    """
    ours = accounts.restore(account)
    message = _parse(olm).to_pre_key()
    if message is None:
        raise Unopenable
    try:
        theirs = vodozemac.Curve25519PublicKey.from_bytes(their_olm)
        session, plain = ours.create_inbound_session(theirs, message)
    except ValueError as exc:
        raise Unopenable from exc
    return accounts.save(ours), _save(session), bytes(plain)


def encrypt(state: SessionState, plain: bytes) -> tuple[SessionState, OlmBytes]:
    """Commit the new state with the bytes before they leave."""
    session = _restore(state)
    kind, body = session.encrypt(plain).to_parts()
    return _save(session), OlmBytes(kind, bytes(body))


def decrypt(state: SessionState, olm: OlmBytes) -> tuple[SessionState, bytes]:
    """The text and the state after it. Raises Unopenable."""
    session = _restore(state)
    message = _parse(olm)
    try:
        plain = session.decrypt(message)
    except ValueError as exc:
        raise Unopenable from exc
    return _save(session), bytes(plain)


def belongs_to(state: SessionState, olm: OlmBytes) -> bool:
    """Whether to try this session: certain for a pre-key message, a mere maybe for a normal one."""
    if olm.kind != PRE_KEY:
        return True
    return pre_key_session_id(olm) == state.session_id


def pre_key_session_id(olm: OlmBytes) -> SessionId | None:
    """The session a pre-key message belongs to; None for a normal message or an unreadable one."""
    try:
        message = _parse(olm).to_pre_key()
    except Unopenable:
        return None
    return None if message is None else SessionId(message.session_id())


def _parse(olm: OlmBytes) -> vodozemac.AnyOlmMessage:
    if olm.kind not in (PRE_KEY, NORMAL):
        raise Unopenable
    try:
        return vodozemac.AnyOlmMessage.from_parts(olm.kind, olm.body)
    except ValueError as exc:
        raise Unopenable from exc


def _restore(state: SessionState) -> vodozemac.Session:
    return vodozemac.Session.from_pickle(state.pickle.decode(), PICKLE_KEY)


def _save(session: vodozemac.Session) -> SessionState:
    pickle = Secret(session.pickle(PICKLE_KEY).encode())
    return SessionState(SessionId(session.session_id), pickle)
