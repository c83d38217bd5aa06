"""What the machine's own port says, and what each metric means."""

from __future__ import annotations

HEALTHY = "ok"
READY = "ready"
NOT_READY = "not ready: the store takes nothing at the moment, or the relay is about to end"

METRICS: dict[str, str] = {
    "connections": "Lines that are open.",
    "waiting_lines": "Lines that wait for their turn to shake hands.",
    "open_mailboxes": "Mailboxes that are being collected from.",
    "stopping": "1 while the relay parts from everybody.",
    "unfinished_bytes": "Bytes of messages heard in part.",
    "unsent_bytes": "Bytes that wait for slow readers.",
    "received_bytes": "Bytes heard, inside of TLS.",
    "sent_bytes": "Bytes said, inside of TLS.",
    "bugs": "Errors of the relay's own that ended a connection.",
    "slots": "Slots in memory, in which members say that they are there.",
    "watches": "Watches of slots, here and for other relays.",
    "slot_updates": "Times that a slot was written.",
    "slot_changes_told": "Times that somebody was told of it; the latest wins.",
    "signals": "Signals, such as typing; none is stored.",
    "signals_delivered": "Those whose mailbox was open.",
    "turned_away": "Lines that were not taken, by why.",
    "handshakes": "Lines by how their first words ended.",
    "suspicious": "What many of may mean that somebody tries something.",
    "requests": "Requests by frame.",
    "replies": "Replies by frame; stored are deposits on disk.",
    "refused": "Requests refused, by reason.",
    "queued_requests": "Requests that wait for the committing thread.",
    "queued_bytes": "Their bytes, with those of the batch that is being committed.",
    "takes_envelopes": "1 while there is room and the last commit worked.",
    "held_bytes": "Bytes stored, and what is remembered of them.",
    "commit_seconds": "How long a commit took until it was on disk.",
    "commit_requests": "Requests answered by one commit.",
    "commit_failures": "Transactions that the disk did not take.",
    "disk_free_bytes": "Room left on the store's disk.",
    "envelopes": "Envelopes that wait; counted at most once a minute, as those below.",
    "envelope_bytes": "Their bytes.",
    "mailboxes": "Mailboxes.",
    "capabilities": "Capabilities that were not revoked.",
    "bundles": "One-time bundles.",
    "packets": "Packets that wait for other relays.",
    "packet_bytes": "Their bytes.",
    "answers": "Answers that wait to be fetched.",
    "blobs": "Attachments that are kept, or being sent.",
    "blob_bytes": "Bytes set aside for them.",
    "passes": "Passes.",
    "codes": "Invite codes that can still be used.",
}
