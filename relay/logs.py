"""A log that names no one: this relay's own sentences, and of an error only its type and place.

What a library has to say may quote strangers, so only its name and the place are told. In form
``json`` each event is one line with ``time``, ``level``, ``event`` (the sentence's name in
``strings``), ``text`` and ``place``; in form ``plain`` it is the sentence.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from relay import strings
from relay.faults import place

PLAIN, JSON = "plain", "json"

_log = logging.getLogger(__name__)
_EVENTS: dict[str, str] = {
    text: name.removeprefix("LOG_").lower()
    for name, text in vars(strings).items()
    if name.startswith("LOG_")
}


class _Told(Struct, frozen=True):
    event: str
    text: str
    place: str


def _told(record: logging.LogRecord) -> _Told:
    where = f"{Path(record.pathname).name}, line {record.lineno}"
    exc = record.exc_info[1] if record.exc_info else None
    if exc is not None:
        where = place(exc)
    event = _EVENTS.get(record.msg) if isinstance(record.msg, str) else None
    if event is None or not record.name.startswith("relay."):
        library = record.name.partition(".")[0]
        return _Told("library", strings.LOG_LIBRARY % (library, where), where)
    # The sentences' only arguments are places.
    told = str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
    return _Told(event, record.getMessage(), told)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_time(record)} {record.levelname} {_told(record).text}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = _told(record)
        said = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": told.event,
            "text": told.text,
        }
        return json.dumps(said | ({"place": told.place} if told.place else {}))


def formatter(form: str) -> logging.Formatter:
    """What writes events in this form."""
    return _Json() if form == JSON else _Plain()


def start(form: str = PLAIN) -> None:
    """Log to stderr, whatever happens and wherever."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # Python's own ways would print an error's text, or what was to be logged.
    logging.raiseExceptions = False
    sys.unraisablehook = _unraisable
    threading.excepthook = _of_a_thread


def _unraisable(met: sys.UnraisableHookArgs) -> None:
    if met.exc_value is not None:
        _log.critical(strings.LOG_BUG, place(met.exc_value))


def _of_a_thread(met: threading.ExceptHookArgs) -> None:
    if met.exc_value is not None:
        _log.critical(strings.LOG_BUG, place(met.exc_value))
