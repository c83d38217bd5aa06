"""Names of things. Each is a type of its own, so that a mix-up is a type error.

The lengths are part of the protocol: a frame or a content whose id has another length is
refused while decoding.
"""

from __future__ import annotations

from typing import Annotated, NewType

from msgspec import Meta

CallId = NewType("CallId", int)

RelayKey = NewType("RelayKey", bytes)  # a relay's Ed25519 public key
Fingerprint = NewType("Fingerprint", bytes)  # hash of a relay's public key
MailboxId = NewType("MailboxId", bytes)  # a mailbox's Ed25519 public key, known to its relay only
CapabilityHash = NewType("CapabilityHash", bytes)  # what a relay keeps of a capability
DrawerId = NewType("DrawerId", bytes)  # a set of bundles inside a mailbox
EnvelopeId = NewType("EnvelopeId", bytes)  # makes a repeated deposit harmless

MemberId = NewType("MemberId", bytes)  # a member's Ed25519 identity key
DeviceId = NewType("DeviceId", bytes)  # a device's Ed25519 key
ConversationId = NewType("ConversationId", bytes)
MessageId = NewType("MessageId", bytes)  # made when the message is composed, never changes
SealingKeyId = NewType("SealingKeyId", bytes)  # first bytes of the hash of a sealing key
RoomId = NewType("RoomId", bytes)  # a room's Ed25519 public key; its seed is the host's room key
SeatId = NewType("SeatId", bytes)  # a seat's Ed25519 public key, fresh for each room
EntryId = NewType("EntryId", bytes)  # follows from room, lane, seat and counter: no two seats' meet
OrderId = NewType("OrderId", bytes)
GrantId = NewType("GrantId", bytes)
LetterId = NewType("LetterId", bytes)
SessionId = NewType("SessionId", str)  # vodozemac's name of an Olm session

KEY_BYTES = 32
HASH_BYTES = 32
ENVELOPE_ID_BYTES = 16
DRAWER_ID_BYTES = 16
CONVERSATION_ID_BYTES = 16
MESSAGE_ID_BYTES = 16
ENTRY_ID_BYTES = 16
SEALING_KEY_ID_BYTES = 8
SEALING_PUBLIC_BYTES = 1216  # X-Wing: ML-KEM-768 encapsulation key (1184), X25519 public key (32)
SEALING_PRIVATE_BYTES = 96  # ML-KEM-768 seed (64), X25519 private key (32)
SEALING_ENCAPSULATED = 1120  # what HPKE puts in front of what it seals
SEALING_OVERHEAD = SEALING_ENCAPSULATED + 16  # and the tag behind

Bytes8 = Meta(min_length=8, max_length=8)
Bytes16 = Meta(min_length=16, max_length=16)
Bytes32 = Meta(min_length=32, max_length=32)
Bytes64 = Meta(min_length=64, max_length=64)

# The same names as fields of a frame or a content, where the length is checked.
ACall = Annotated[CallId, Meta(ge=0, lt=2**53)]
ARelayKey = Annotated[RelayKey, Bytes32]
AMailboxId = Annotated[MailboxId, Bytes32]
ACapabilityHash = Annotated[CapabilityHash, Bytes32]
ADrawerId = Annotated[DrawerId, Bytes16]
AnEnvelopeId = Annotated[EnvelopeId, Bytes16]
AMemberId = Annotated[MemberId, Bytes32]
ADeviceId = Annotated[DeviceId, Bytes32]
AConversationId = Annotated[ConversationId, Bytes16]
AMessageId = Annotated[MessageId, Bytes16]
ASealingKeyId = Annotated[SealingKeyId, Bytes8]
ARoomId = Annotated[RoomId, Bytes32]
ASeatId = Annotated[SeatId, Bytes32]
AnEntryId = Annotated[EntryId, Bytes16]
AnOrderId = Annotated[OrderId, Bytes16]
AGrantId = Annotated[GrantId, Bytes16]
ALetterId = Annotated[LetterId, Bytes16]
AKey = Annotated[bytes, Bytes32]
ANonce = Annotated[bytes, Bytes32]
AHash = Annotated[bytes, Bytes32]
ASignature = Annotated[bytes, Bytes64]
ATime = Annotated[int, Meta(ge=0, lt=2**53)]  # milliseconds since 1970 UTC
