"""The standard itself: malformed lines, ids, batches, notifications, and any junk at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.rpc import jsonrpc
from desktop.rpc.jsonrpc import Batch, Malformed, Request
from desktop.rpc.lines import Lines, TooLong
from desktop.rpc.shapes import id_of, text_of
from tests.fakes.facade import FakeFacade
from tests.rpc.client import Client, a_client, request


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with a_client(FakeFacade()) as client:
        yield client


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", -32700),
        (b"   ", -32700),
        (b"hello", -32700),
        (b"{", -32700),
        (b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "profile.show"} x', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}', -32700),
        (b"\xef\xbb\xbf{}", -32700),
        (b"\x00", -32700),
        (b"NaN", -32700),
        (b"[" * 100_000, -32700),
        (b"[" * 500_000 + b"]" * 500_000, -32700),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, -32700),
        (b"1", -32600),
        (b'"profile.show"', -32600),
        (b"null", -32600),
        (b"true", -32600),
        (b"{}", -32600),
        (b"[]", -32600),
        (b'{"jsonrpc": "2.0"}', -32600),
        (b'{"jsonrpc": "2.0", "method": 1}', -32600),
        (b'{"jsonrpc": "1.0", "method": "profile.show"}', -32600),
        (b'{"jsonrpc": 2.0, "method": "profile.show"}', -32600),
        (b'{"method": "profile.show"}', -32600),
        (b'{"jsonrpc": "2.0", "method": "profile.show", "id": {}}', -32600),
        (b'{"jsonrpc": "2.0", "method": "profile.show", "id": [1]}', -32600),
        (b'{"jsonrpc": "2.0", "method": "profile.show", "id": true}', -32600),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_malformed_lines(client: Client, line: bytes, code: int) -> None:
    await client.say(line)
    answer = await client.hear()
    assert answer["id"] is None
    assert answer["error"]["code"] == code
    assert answer["error"]["message"].endswith(".")
    assert (await client.result("profile.show"))["name"] == "Alice"


async def test_a_malformed_request_is_answered_under_its_id(client: Client) -> None:
    await client.say(b'{"id": "mine", "method": "profile.show"}')
    assert (await client.hear())["id"] == "mine"


HALVES = ["\\ud83d half", "\\uD83D\\uD83D", "\\udc00\\ud800", "\\\\\\ud83d", "\\ud83d\\\\udc00"]


@pytest.mark.parametrize("half", HALVES)
async def test_half_of_a_pair_is_json_and_no_text(client: Client, half: str) -> None:
    params = f'{{"note": "{half}"}}'
    said = f'{{"jsonrpc": "2.0", "id": "mine", "method": "contact.invite", "params": {params}}}'
    for line, field in (
        (said, "note"),
        (said.replace('"note"', '"\\ud800": 1, "note"'), "\ufffd"),
        (said.replace("params", "unknown"), "unknown"),
    ):
        await client.say(line.encode())
        answer = await client.hear()
        assert (answer["id"], answer["error"]["code"]) == ("mine", -32602)
        assert answer["error"]["data"]["field"] == field
    await client.say(f"[{said}, {said}".encode())
    assert (await client.hear())["error"]["code"] == -32700
    whole = '{"jsonrpc": "2.0", "id": 7, "method": "profile.show"}'
    await client.say(f"[{said}, {whole}]".encode())
    both = await client.hear()
    assert {answer["id"]: "error" in answer for answer in both} == {"mine": True, 7: False}
    await client.say(said.replace("mine", half).encode())
    answer = await client.hear()
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)


async def test_a_whole_pair_and_its_look_alikes_are_text(client: Client) -> None:
    for text in ("\\ud83d\\ude00", "\\\\ud83d", "\\ufffd", "\\ufFfD"):
        line = (
            f'{{"jsonrpc": "2.0", "id": 1, "method": "profile.show", "params": {{"x": "{text}"}}}}'
        )
        await client.say(line.encode())
        assert "result" in await client.hear()


@pytest.mark.parametrize(
    "name", ["0", "-7", "1.5", "1e3", '""', '"a\\u00e9"', "null", "123456789012345678901234567890"]
)
async def test_an_id_comes_back_as_it_went(client: Client, name: str) -> None:
    line = f'{{"jsonrpc": "2.0", "id": {name}, "method": "profile.show"}}'
    await client.say(line.encode())
    assert (await client.hear())["id"] == json.loads(name)


async def test_unknown_methods(client: Client) -> None:
    for method in ("", "profile", "profile.Show", "rpc.discover", "__init__", "profile_show"):
        assert await client.error(method) == (-32601, "MethodUnknown")


@pytest.mark.parametrize(
    ("method", "params", "field"),
    [
        ("profile.create", {"name": "Alice"}, "passphrase"),
        ("profile.create", {"passphrase": "x"}, "name"),
        ("profile.create", {"name": 1, "passphrase": "x"}, "name"),
        ("profile.create", {"name": None, "passphrase": "x"}, "name"),
        ("profile.unlock", {"passphrase": ["x"]}, "passphrase"),
        ("profile.unlock", {"passphrase": "x" * 4097}, "passphrase"),
        ("message.list", {"conversation_id": "x", "limit": "5"}, "limit"),
        ("message.list", {"conversation_id": "x", "limit": 0}, "limit"),
        ("message.list", {"conversation_id": "x", "limit": 10**30}, "limit"),
        ("message.list", {"conversation_id": "x", "limit": True}, "limit"),
        ("message.list", {"conversation_id": 7}, "conversation_id"),
        ("contact.invite", {"uses": 0}, "uses"),
        ("contact.invite", {"uses": 1.5}, "uses"),
        ("contact.invite", {"expires_ms": -1}, "expires_ms"),
        ("contact.invite", {"join": "yes"}, "join"),
        ("outbox.settle", {}, "timeout_ms"),
        ("outbox.settle", {"timeout_ms": -1}, "timeout_ms"),
        ("message.send", {"conversation_id": "x", "text": {}}, "text"),
    ],
)
async def test_wrong_params_name_the_field(
    client: Client, method: str, params: dict[str, object], field: str
) -> None:
    error = (await client.ask(method, **params))["error"]
    assert error["code"] == -32602
    assert error["data"] == {"kind": "InvalidParams", "field": field}
    assert field in error["message"]


async def test_params_go_by_name(client: Client) -> None:
    for params in (b"[1]", b"5", b'"x"'):
        await client.say(
            b'{"jsonrpc":"2.0","id":1,"method":"profile.show","params":' + params + b"}"
        )
        answer = await client.hear()
        assert (answer["error"]["code"], answer["error"]["data"]["field"]) == (-32602, "params")
    for params in (b"{}", b"null", b'{"unknown": 1}'):
        await client.say(
            b'{"jsonrpc":"2.0","id":1,"method":"profile.show","params":' + params + b"}"
        )
        assert "result" in await client.hear()


async def test_notifications_are_done_and_not_answered() -> None:
    engine = FakeFacade()
    async with a_client(engine) as client:
        for line in (
            b'{"jsonrpc": "2.0", "method": "profile.lock"}',
            b'{"jsonrpc": "2.0", "method": "no.such"}',
            b'{"jsonrpc": "2.0", "method": "profile.unlock", "params": {"passphrase": "wrong"}}',
            b'{"jsonrpc": "2.0", "method": "profile.unlock"}',
        ):
            await client.say(line)
        assert await client.error("profile.show") == (-32000, "ProfileLocked")
    assert sorted(engine.heard) == ["profile_lock", "profile_show", "profile_unlock"]


async def test_batches(client: Client) -> None:
    notify = b'{"jsonrpc": "2.0", "method": "profile.show"}'
    asked = [request("profile.show", "a"), notify, b"1", request("no.such", "b"), b"{}"]
    await client.say(b"[" + b",".join(asked) + b"]")
    answers = await client.hear()
    assert sorted((str(a["id"]), a.get("error", {}).get("code", 0)) for a in answers) == [
        ("None", -32600),
        ("None", -32600),
        ("a", 0),
        ("b", -32601),
    ]
    await client.say(b"[" + notify + b"]")
    await client.say(b"[1]")
    (answer,) = await client.hear()
    assert answer["error"]["code"] == -32600


async def test_a_line_over_the_bound_is_skipped(client: Client) -> None:
    for size in (2**20 + 1, 3 * 2**20):
        await client.say(b"x" * size)
        answer = await client.hear()
        assert (answer["id"], answer["error"]["code"]) == (None, -32700)
        assert answer["error"]["data"]["kind"] == "LineTooLong"
    await client.say(request("profile.show", 1).ljust(2**20))
    assert (await client.hear())["id"] == 1


@given(st.lists(st.binary(max_size=30)), st.data())
def test_lines_are_the_same_however_they_come(lines: list[bytes], data: st.DataObject) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    stream = b"".join(line + b"\n" for line in lines) + b"rest"
    reader, found = Lines(bound=20), list[object]()
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += reader.feed(stream[:size])
        stream = stream[size:]
    found += reader.finish()
    assert found == [TooLong.LINE if len(line) > 20 else line for line in lines] + [b"rest"]


@given(st.binary(max_size=200))
def test_junk_is_a_value(line: bytes) -> None:
    assert isinstance(jsonrpc.parse(line), Request | Malformed | Batch)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
REQUESTLIKE = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | JSON,
        "id": JSON,
        "method": st.sampled_from(["profile.show", "message.list"]) | JSON,
        "params": JSON,
    },
)


@given(JSON | REQUESTLIKE | st.lists(REQUESTLIKE, max_size=3))
def test_any_json_is_a_value(said: object) -> None:
    parsed = jsonrpc.parse(json.dumps(said).encode())
    assert isinstance(parsed, Request | Malformed | Batch)
    for one in parsed.asked if isinstance(parsed, Batch) else (parsed,):
        if one.id is not None:
            json.loads(bytes(one.id))


@given(st.binary(min_size=1, max_size=64))
def test_ids_come_back(name: bytes) -> None:
    assert id_of(text_of(name)) == name


@given(st.text())
def test_a_text_is_the_name_of_one_id_at_most(text: str) -> None:
    assert id_of(text) == b"" or text_of(id_of(text)) == text
