"""A cloud API that keeps the contract (docs/cloud-api.md), and misbehaves as a test says."""

import gzip
import hashlib
from collections.abc import Callable

import msgspec

from collector.model.cloud import (
    BLOBS_PATH,
    RECORDS_PATH,
    SCHEMA,
    CloudRecord,
    Problem,
    RecordResult,
    RecordsAnswer,
    RecordsRequest,
)
from tests.support.http_answers import Reply, Request

Trouble = Callable[[Request], Reply | None]
CUT = Reply(200, cut=0)
"""No answer: the connection breaks."""


class Cloud:
    """Keeps each record's newest revision; use it as a server's script.

    `trouble` may answer instead before anything is done; `lose` may answer instead after it was.
    `judge` may refuse a record. `order` and `revisions` hold what was stored of each kind, in its
    order.
    """

    def __init__(self, trouble: Trouble = lambda request: None) -> None:
        self.trouble = trouble
        self.lose: Trouble = lambda request: None
        self.judge: Callable[[CloudRecord], RecordResult | None] = lambda record: None
        self.newest: dict[tuple[str, str], CloudRecord] = {}
        self.order: dict[str, list[str]] = {}
        self.revisions: dict[str, list[int]] = {}
        self.installs: set[str] = set()
        self.blobs: dict[str, bytes] = {}
        self.known = 0
        self.largest = 0

    def __call__(self, request: Request) -> Reply:
        early = self.trouble(request)
        if early is not None:
            return early
        reply = self._blob(request) if request.path.startswith(BLOBS_PATH) else self._post(request)
        late = self.lose(request)
        return reply if late is None else late

    def body(self, kind: str, record_id: str) -> object:
        """The body of a record as it is known last."""
        return msgspec.json.decode(self.newest[kind, record_id].body)

    def _blob(self, request: Request) -> Reply:
        sha256 = request.path.removeprefix(BLOBS_PATH)
        if request.method == "HEAD":
            return Reply(200 if sha256 in self.blobs else 404)
        content = unpacked(request)
        if hashlib.sha256(content).hexdigest() != sha256:
            return problem(422, "hash_mismatch")
        self.blobs[sha256] = content
        return Reply(201)

    def _post(self, request: Request) -> Reply:
        assert request.path == RECORDS_PATH
        asked = msgspec.json.decode(unpacked(request), type=RecordsRequest)
        self.installs.add(asked.install)
        self.largest = max(self.largest, len(unpacked(request)))
        results = tuple(self._take(asked.kind, record) for record in asked.records)
        return answer(*results)

    def _take(self, kind: str, record: CloudRecord) -> RecordResult:
        verdict = self.judge(record)
        if verdict is not None:
            return verdict
        assert all(file.sha256 in self.blobs for file in record.files), "files come first"
        key = kind, record.id
        if key in self.newest and self.newest[key].revision >= record.revision:
            self.known += 1
            return result(record, "known")
        self.newest[key] = record
        self.order.setdefault(kind, []).append(record.id)
        self.revisions.setdefault(kind, []).append(record.revision)
        return result(record, "stored")


def unpacked(request: Request) -> bytes:
    """The body as it was before compression."""
    packed = request.headers.get("content-encoding") == "gzip"
    return gzip.decompress(request.body) if packed else request.body


def asked(request: Request) -> RecordsRequest:
    """What was posted."""
    return msgspec.json.decode(unpacked(request), type=RecordsRequest)


def result(record: CloudRecord, outcome: str, code: str = "") -> RecordResult:
    """What became of `record`."""
    return RecordResult(
        id=record.id,
        revision=record.revision,
        outcome=outcome,  # type: ignore[arg-type]
        error=Problem(code=code, message=f"it is {code}", hint="mend it") if code else None,
    )


def answer(*results: RecordResult) -> Reply:
    """An answer of the API."""
    body = msgspec.json.encode(RecordsAnswer(schema=SCHEMA, results=results))
    return Reply(200, body, (("Content-Type", "application/json"),))


def problem(status: int, code: str) -> Reply:
    """An answer that refuses, in the API's own form."""
    body = {"error": {"code": code, "message": f"it is {code}", "hint": ""}}
    return Reply(status, msgspec.json.encode(body), (("Content-Type", "application/json"),))
