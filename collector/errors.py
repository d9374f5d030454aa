"""Errors, named by what the caller does about them."""


class OvrError(Exception):
    """The message tells a person what failed, why, and what to do."""


class SourceError(OvrError):
    """A device cannot be read now. The supervisor waits and runs the source again."""


class NotConnected(SourceError):
    """No connection: back off and try again."""


class Unauthorized(SourceError):
    """The device refused the login: back off for long, a person must act."""


class BadDevice(SourceError):
    """The device answers, but not as its kind should."""


class WrongDevice(SourceError):
    """Another identity than the pinned one answers at the address. Nothing of it may be used."""


class SinkError(OvrError):
    """A receiver did not take what was sent."""


class JournalError(OvrError):
    """The journal could not keep or read a batch."""


class BadClock(OvrError):
    """The node's clock says what cannot be."""


class StoreError(OvrError):
    """`node.db` could not keep or read something."""


class UnknownAlarm(OvrError):
    """No open alarm has this id."""


class NotPossible(OvrError):
    """What a person asked for cannot be done as it is now; nothing was changed."""


class PinNeeded(OvrError):
    """What was asked for takes the node's PIN, given a short time before."""


class WrongPin(OvrError):
    """Another PIN is the node's."""


class PinWaits(OvrError):
    """No PIN of this person is looked at for `after_s`, after too many wrong ones."""

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class UnknownRecord(OvrError):
    """No event, participation, correction or log entry is meant by what was asked for."""


class RecordChanged(OvrError):
    """A record is not any more what the change was made for: read it again."""


class AlreadyRunning(OvrError):
    """Another collector holds this node's lock."""


class ApiError(OvrError):
    """The local API could not be reached, or refused. `code` is that of its refusal, else ""."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
