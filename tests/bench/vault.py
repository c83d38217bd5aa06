"""A vault with a million messages: latest page, search, list, memory; beside plain SQLite.

``python -m tests.bench.vault FOLDER [--messages N] [--rounds N]``. The two databases are made once
and kept in FOLDER. The plain one has the same schema and rows without the cipher, opened by the
same library, so that the difference is the cipher's price.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from sqlcipher3 import dbapi2 as sql
from sqlcipher3.dbapi2 import Connection

from desktop.store import conversations, history
from desktop.store.connection import connect, make_reading, make_writing
from desktop.store.steps import apply_steps, released_steps
from protocol.ids import ConversationId, MemberId
from protocol.keys import Secret

KEY = Secret(bytes(range(32)))
CONVERSATIONS = 200
WORDS = 60_000
CHUNK = 20_000
START_MS = 1_600_000_000_000

_INSERT = (
    "INSERT INTO message (conversation_id, position, message_id, kind, sender_id, device_id, mine,"
    " counter, text, sent_ms, came_ms, state) VALUES (?, ?, ?, 'text', ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True)
class Talk:
    """Who writes what in the made-up vault: words follow Zipf's law, as people's do."""

    vocabulary: tuple[str, ...]
    weights: tuple[float, ...]


def talk() -> Talk:
    random = Random(1)
    letters = "eeeeaaaiiooutttnnnrrsssdlhcmpgbfvkwyz"
    words: dict[str, None] = {}
    while len(words) < WORDS:
        # Frequent words are short, rare ones long.
        longest = 3 + len(words).bit_length() // 2
        words["".join(random.choices(letters, k=random.randint(1, longest)))] = None
    weights = accumulate(1 / rank for rank in range(1, WORDS + 1))
    return Talk(tuple(words), tuple(weights))


def conversation(number: int) -> ConversationId:
    return ConversationId(number.to_bytes(16, "big"))


def rows(talk: Talk, count: int) -> Iterator[tuple[bytes | str | int, ...]]:
    random = Random(2)
    places = [0] * CONVERSATIONS
    people = tuple(accumulate(1 / rank for rank in range(1, CONVERSATIONS + 1)))
    for number in range(count):
        (where,) = random.choices(range(CONVERSATIONS), cum_weights=people)
        places[where] += 1
        mine = number % 2
        sender = b"me" * 16 if mine else where.to_bytes(32, "big")
        length = min(80, 1 + int(random.expovariate(1 / 11)))
        text = " ".join(random.choices(talk.vocabulary, cum_weights=talk.weights, k=length))
        at = START_MS + number * 60_000
        state = "delivered" if mine else "received"
        yield (
            conversation(where),
            places[where],
            random.randbytes(16),
            sender,
            sender,
            mine,
            places[where],
            text,
            at,
            at + 500,
            state,
        )


def make(connection: Connection, talk: Talk, count: int) -> None:
    """All rows, through the same triggers as in the app."""
    make_writing(connection)
    apply_steps(connection, released_steps())
    for where in range(CONVERSATIONS):
        conversations.add(connection, conversation(where), _member(where), START_MS)
        connection.execute(
            "INSERT INTO contact (member_id, name, conversation_id, device_list,"
            " device_list_signature, list_version, pending, added_ms)"
            " VALUES (?, ?, ?, x'', x'', 1, 0, ?)",
            (_member(where), f"Person {where}", conversation(where), START_MS),
        )
    made = rows(talk, count)
    for _ in range(0, count, CHUNK):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, (row for row, _ in zip(made, range(CHUNK), strict=False)))
        connection.execute("COMMIT")


def _member(where: int) -> MemberId:
    return MemberId(where.to_bytes(32, "big"))


def encrypted(path: Path) -> Connection:
    return connect(path, KEY)


def plain(path: Path) -> Connection:
    return sql.connect(path, isolation_level=None)


def measured(work: Callable[[int], object], rounds: int) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    took: list[float] = []
    for number in range(rounds):
        begin = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - begin) * 1000)
    took.sort()
    return took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]


def memory_mb() -> float:
    """Resident, of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def questions(connection: Connection, talk: Talk, rounds: int) -> dict[str, tuple[float, float]]:
    """What the app asks of a vault, each by the function that the app uses."""
    random = Random(3)

    def search(*words: str) -> object:
        return history.search(connection, words, 50)

    def latest(_: int) -> object:
        where = conversation(random.randrange(CONVERSATIONS))
        return history.before(connection, where, 2**62, 50)

    def pick(first: int, last: int) -> str:
        return talk.vocabulary[random.randrange(first, last)]

    asked: dict[str, Callable[[int], object]] = {
        "latest 50 of a conversation": latest,
        "conversation list with last messages": lambda _: [
            history.last(connection, line.conversation_id)
            for line in conversations.lines(connection)
        ],
        "search: one of the 20 most frequent words": lambda _: search(pick(0, 20)),
        "search: a middling word": lambda _: search(pick(200, 3000)),
        "search: a rare word": lambda _: search(pick(30_000, WORDS)),
        "search: two frequent words": lambda _: search(pick(0, 50), pick(0, 50)),
        "search: a frequent and a rare word": lambda _: search(pick(0, 20), pick(30_000, WORDS)),
        "search: two middling words": lambda _: search(pick(200, 3000), pick(200, 3000)),
        "search: two words that never meet": lambda _: search(
            pick(40_000, WORDS), pick(40_000, WORDS)
        ),
        "search: as it is typed, one letter": lambda _: search(random.choice("estanrim")),
        "search: as it is typed, two letters": lambda _: search(pick(3000, WORDS)[:2]),
        "search: as it is typed, three letters": lambda _: search(pick(3000, WORDS)[:3]),
        "search: three frequent words": lambda _: search(pick(0, 50), pick(0, 50), pick(0, 50)),
        "search: nothing": lambda _: search("qqqqqq"),
    }
    return {name: measured(work, rounds) for name, work in asked.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=300)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    spoken = talk()
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name, opening in (("vault", encrypted), ("plain", plain)):
        path = asked.folder / f"{name}-{asked.messages}.db"
        if not path.exists():
            beside = path.with_suffix(".making")
            beside.unlink(missing_ok=True)
            begin = time.perf_counter()
            with closing(opening(beside)) as connection:
                make(connection, spoken, asked.messages)
            beside.rename(path)
            print(f"made {path.name} in {time.perf_counter() - begin:.0f} s")
        before = memory_mb()
        begin = time.perf_counter()
        with closing(opening(path)) as connection:
            make_reading(connection)
            history.before(connection, conversation(0), 2**62, 50)
            opened = (time.perf_counter() - begin) * 1000
            found[name] = {"open and first page": (opened, opened)}
            found[name] |= questions(connection, spoken, asked.rounds)
            after = memory_mb()
        size = path.stat().st_size / 1e6
        print(f"{name}: {size:.0f} MB on disk; {after - before:.0f} MB of memory for one reader")
    print(f"\n{asked.messages} messages, ms | vault p50 | vault p99 | plain p50 | plain p99")
    for question, (p50, p99) in found["vault"].items():
        low, high = found["plain"][question]
        print(f"{question} | {p50:.2f} | {p99:.2f} | {low:.2f} | {high:.2f}")


if __name__ == "__main__":
    main()
