"""What an operator may have to hear. One type for each sentence in ``strings``."""

from __future__ import annotations

from typing import ClassVar


class OperatorError(Exception):
    """Something the operator can put right; ``about`` is what it concerns.

    ``line`` is where in relay.toml, 0 where it is nowhere in it. ``passing``: by itself it may be
    over a little later, so that whoever starts relays may try again.
    """

    passing: ClassVar[bool] = False

    def __init__(self, about: str = "", expected: str = "") -> None:
        super().__init__(about, expected)
        self.about = about
        self.expected = expected
        self.line = 0


class WrongUse(OperatorError):
    """A command line that does not make sense."""


class AlreadyARelay(OperatorError):
    """``init`` in a folder that holds one."""


class NotAFolder(OperatorError):
    """A file stands where a relay's folder was to be made."""


class FilledFolder(OperatorError):
    """``init`` in a folder that holds other files; ``expected`` is one of them."""


class NotARelay(OperatorError):
    """A folder without a relay."""


class NotAllowed(OperatorError):
    """This user may not read the folder."""


class AnothersFolder(OperatorError):
    """Root is about to work on what belongs to ``expected``, who could not go on with it then."""


class UnreadableProgram(OperatorError):
    """Root became ``expected``, who may not read the program in ``about``."""


class AlreadyRunning(OperatorError):
    """Another process serves this folder."""


class UnreadableSettings(OperatorError):
    """relay.toml is not TOML; ``about`` is what a reader of TOML says of it."""


class UnencodedSettings(OperatorError):
    """relay.toml is not text in UTF-8."""


class LostSettings(OperatorError):
    """A relay's folder without a relay.toml that can be read."""


class UnknownSetting(OperatorError):
    """A name in relay.toml that means nothing."""


class WrongSetting(OperatorError):
    """A setting of a wrong kind or outside its bounds."""


class NeedsCertificate(OperatorError):
    """Plain WebSocket is for this machine only."""


class BadKey(OperatorError):
    """The relay's key is missing or damaged."""


class BadCertificate(OperatorError):
    """The certificate or its key is missing or damaged."""


class MismatchedCertificate(BadCertificate):
    """Certificate and key are each fine, and not each other's."""


class ForeignCertificate(OperatorError):
    """A certificate that the relay did not make and cannot renew."""


class ExpiredCertificate(OperatorError):
    """The certificate's time is over, or has not come: for this machine's clock, which may be set
    later than relays are started."""

    passing = True


class NotAnswering(OperatorError):
    """The relay holds its folder and does not answer in it."""


class NotAnsweringYet(NotAnswering):
    """It was handed an order, which it may still carry out."""


class IsDraining(OperatorError):
    """A link for somebody who would not be let in."""


class UnknownPass(OperatorError):
    """No pass has this handle, or no code this hash."""


class AmbiguousPass(OperatorError):
    """A handle that is the beginning of two."""


class CannotListen(OperatorError):
    """The address to listen on cannot be had; what is not one of those below."""

    passing = True


class PortTaken(CannotListen):
    """Somebody else listens there."""


class PortForbidden(CannotListen):
    """This user may not listen on it."""

    passing = False


class NotOurAddress(CannotListen):
    """No such address is on this machine."""


class PortUnknown(OperatorError):
    """The port is chosen when the relay starts, and it is not running."""


class OlderStore(OperatorError):
    """The store must be brought up to date by ``serve`` first."""


class CannotWrite(OperatorError):
    """A file cannot be written, or the disk is full."""


class DestinationTaken(OperatorError):
    """A backup is a new folder, and there is something already."""


class WithinItself(OperatorError):
    """A backup inside of what is backed up."""


class NotABackup(OperatorError):
    """A folder that ``backup`` did not finish, or never made."""


class ClosedBackup(OperatorError):
    """A backup that the relay's user may not read."""


class IsABackup(OperatorError):
    """A backup is put back, not worked on: whatever changes it makes it worthless."""


class BackupDamaged(OperatorError):
    """A file of a backup is not what it was; ``about`` names it."""


class NewerData(OperatorError):
    """The relay there has seen more than the backup, or it cannot be told."""


class AnotherRelay(OperatorError):
    """The relay there is another one than the backup's."""


class MovedAway(OperatorError):
    """``move`` made this folder a thing of the past."""


class StoreError(OperatorError):
    """The store cannot be used; always one of those below."""


class UnsoundSqlite(StoreError):
    """This SQLite has a bug that loses data."""


class NewerStore(StoreError):
    """Written by a newer version of the relay; not touched."""


class NotAStore(StoreError):
    """Not there, not a store, or damaged."""


class DamagedStore(StoreError):
    """Ours, and SQLite finds it inconsistent."""
