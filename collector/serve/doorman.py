"""Bearer tokens on TCP: who somebody is, and how those are slowed down who guess.

Tokens are kept and compared as SHA-256 digests, each with every one that is known, so that
neither the place of a difference nor the number of a token shows in the time it takes. Nothing
here logs or shows a token. A refused login costs its address a growing delay before the answer;
one that is right is never delayed, whoever else guesses from the same address.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import IPv6Address, ip_address

import structlog
from msgspec import Struct

from collector.config.services import ListenToken
from collector.serve.access import Caller, Role, Transport
from collector.serve.answers import Refused

MAX_TOKEN_BYTES = 1024
ADDRESSES = 1024
"""Addresses whose failures are remembered; the longest quiet one is forgotten first."""
FORGET_S = 600.0
"""After so long without a failure an address is as good as new, and a new one is logged."""
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 2.0
DELAYED = 16
"""Answers that are held back at a time, all addresses together; further ones go out at once."""
LOG_S = 10.0
"""The least time between two log lines about refused logins."""

NEEDS_TOKEN: Mapping[str, str] = {"www-authenticate": 'Bearer realm="ovr"'}

log = structlog.get_logger("serve")


class _Known(Struct, frozen=True):
    name: str
    role: Role
    digest: bytes
    control: bool

    def __repr__(self) -> str:
        return f"_Known({self.name} {self.role})"


class _Failures(Struct):
    count: int
    last_s: float


class Doorman:
    """Knows the tokens of `[[listen.token]]`. `secrets` holds their values by name."""

    def __init__(
        self,
        tokens: Iterable[ListenToken],
        secrets: Mapping[str, str],
        *,
        mono: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._known = tuple(
            _Known(
                token.name, Role(token.role), _digest(secrets[token.name].encode()), token.control
            )
            for token in tokens
        )
        self._mono = mono
        self._sleep = sleep
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._delayed = 0
        self._logged_s = -LOG_S
        self.refused: Counter[str] = Counter()
        """Refused logins by reason."""

    def __repr__(self) -> str:
        return f"Doorman({len(self._known)} tokens)"

    async def caller(self, authorization: str | None, transport: Transport, address: str) -> Caller:
        """Who has sent this `Authorization` header. Raises Refused."""
        if not authorization or not authorization.strip():
            self.refused["no token"] += 1
            raise Refused(
                401,
                "token_needed",
                "every request over TCP takes a token",
                "send the header Authorization: Bearer TOKEN; [[listen.token]] in node.toml "
                "names who has one",
                NEEDS_TOKEN,
            )
        token, basic = _presented(authorization)
        found = self._find(token)
        if found is None or (basic and found.role is not Role.INGEST):
            await self._refuse(address)
        assert found is not None  # noqa: S101  _refuse always raises
        if found.role is Role.OPERATOR and transport is not Transport.TLS:
            self.refused["operator without TLS"] += 1
            raise Refused(
                403,
                "operators_need_tls",
                "an operator's token counts over TLS only",
                "set tls = true in [listen], use https, and change this token: it has crossed "
                "the network for everyone to read",
            )
        return Caller(
            role=found.role,
            transport=transport,
            person=found.name,
            address=address,
            control=found.control and found.role is Role.OPERATOR and transport is Transport.TLS,
        )

    def _find(self, token: bytes) -> _Known | None:
        """The owner of `token`; all of them are compared, whichever it is."""
        digest = _digest(token)
        found = None
        for known in self._known:
            if hmac.compare_digest(digest, known.digest):
                found = known
        return found

    async def _refuse(self, address: str) -> None:
        self.refused["wrong token"] += 1
        delay = self._failed(network(address))
        if self._delayed < DELAYED:
            self._delayed += 1
            try:
                await self._sleep(delay)
            finally:
                self._delayed -= 1
        raise Refused(401, "wrong_token", "nobody has this token", headers=NEEDS_TOKEN)

    def _failed(self, network: str) -> float:
        """Remember a failure; how long its answer is held back, in seconds."""
        now = self._mono()
        failures = self._failures.pop(network, None)
        if failures is None or now - failures.last_s > FORGET_S:
            failures = _Failures(0, now)
            self._tell(network, now)
        failures.count += 1
        failures.last_s = now
        self._failures[network] = failures
        while len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)
        return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures.count - 1, 10))

    def _tell(self, network: str, now: float) -> None:
        if now - self._logged_s >= LOG_S:
            self._logged_s = now
            log.warning(
                "A login from {address} is refused: nobody has this token.",
                address=network,
                refused=self.refused["wrong token"],
            )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _presented(authorization: str) -> tuple[bytes, bool]:
    """The token in a header, and whether it came as a password (a meter's basic authentication).

    A header without a scheme is a token as it stands: some meters send theirs so.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            plain = base64.b64decode(rest.strip(), validate=True)
        except (binascii.Error, ValueError):
            return b"", True
        return plain.partition(b":")[2][: MAX_TOKEN_BYTES + 1], True
    token = rest.strip() if scheme.lower() in ("bearer", "token") and rest else authorization
    return token.strip().encode("utf-8", "replace")[: MAX_TOKEN_BYTES + 1], False


def network(address: str) -> str:
    """Whom failures and requests are counted for: an IPv4 address, or the /64 of an IPv6 one,
    within which a single machine can choose freely."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)
