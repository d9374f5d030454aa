"""Handlers of reports."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.model.audit import BUILD, RELEASE
from collector.model.text import clean
from collector.reports import Wish
from collector.serve import bodies
from collector.serve.answers import Refused, answer, encoded
from collector.serve.audited import audited, caller_of, deed, subject
from collector.serve.feed import Feed
from collector.serve.looking import MAX_LIST, whole

MOST_BYTES = 256 << 20
MOST_ZIP = 32_000_000
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""A report is a page of its own: whatever is in it reaches nothing of ours."""


class Reporting:
    """Reports, and the work on them."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def handlers(self) -> dict[str, Callable[[Request], Awaitable[Response]]]:
        """Each by the name of its endpoint."""
        return {
            "reports": self.reports,
            "build_reports": self.build_reports,
            "release_report": self.release_report,
            "verify_report": self.verify_report,
            "import_report": self.import_report,
            "report_file": self.report_file,
        }

    async def reports(self, request: Request) -> Response:
        """What there is, and what is to be done."""
        query = request.query_params
        limit = whole(query.get("limit"), "limit", 100, least=1, most=MAX_LIST)
        desk = self._feed.reports
        found = await desk.listed(query.get("event"), limit)
        return answer(
            wire.ReportsAnswer(
                reports=found.reports, jobs=found.jobs, problem=desk.standing.problem
            )
        )

    async def build_reports(self, request: Request) -> Response:
        """Once more, or of a window."""
        body = await bodies.decode(request, wire.BuildRequest)
        wish = Wish(
            report=body.report,
            event=body.event,
            system=body.system,
            from_ms=body.from_ms,
            to_ms=body.to_ms,
            reason=body.reason,
        )
        desk = self._feed.reports
        about = " ".join(filter(None, (body.report, body.event, body.system)))
        named = await desk.called(body.report, body.event, body.system)
        what = deed(request, BUILD, about, before=named, after=body.reason)
        act = partial(desk.build, wish, caller_of(request).person)
        return answer(wire.JobsAnswer(jobs=await audited(self._feed.audit, what, act)), 202)

    async def release_report(self, request: Request) -> Response:
        """A revision goes out."""
        body = await bodies.decode(request, wire.ReleaseRequest)
        act = partial(
            self._feed.reports.release,
            body.report,
            body.revision,
            person=caller_of(request).person,
            note=body.note,
            force=body.force,
        )
        forced = " although it is blocked" if body.force else ""
        told = f"released{forced}: {body.note}"
        named = await self._feed.reports.called(body.report)
        what = deed(request, RELEASE, body.report, before=named, after=told)
        return answer(wire.ReportAnswer(report=await audited(self._feed.audit, what, act)))

    async def verify_report(self, request: Request) -> Response:
        """What a revision was computed from, once more."""
        body = await bodies.decode(request, wire.VerifyRequest)
        found = await self._feed.reports.verify(body.report, body.revision)
        return answer(
            wire.VerifyAnswer(
                report=body.report,
                revision=found.revision,
                folder=found.folder,
                of=found.of,
                same=found.same,
                differs=found.differs,
            )
        )

    async def import_report(self, request: Request) -> Response:
        """One that another node made."""
        content = await bodies.read(request, MOST_ZIP)
        act = partial(self._feed.reports.take_in, content, caller_of(request).person)
        what = deed(request, "import report", after=hashlib.sha256(content).hexdigest())
        return answer(wire.ReportAnswer(report=await audited(self._feed.audit, what, act)))

    async def report_file(self, request: Request) -> Response:
        """One file."""
        text = request.query_params.get("revision")
        revision = None if text is None else whole(text, "revision", 1, least=1, most=1_000_000)
        name = subject(request, "file")
        found = await self._feed.reports.file(subject(request, "report"), name, revision)
        try:
            size = (await asyncio.to_thread(found.path.stat)).st_size
            if size > MOST_BYTES:
                raise Refused(
                    413, "too_large", f"{clean(name)} has {size >> 20} MB", "copy the file"
                )
            content = await asyncio.to_thread(found.path.read_bytes)
        except OSError as error:
            raise Refused(
                410,
                "file_gone",
                f"{clean(name)} cannot be read: {error.strerror}",
                "build the report again: ovr report build",
            ) from error
        return encoded(content, kind=found.kind, headers={"content-security-policy": SANDBOX})
