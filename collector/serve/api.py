"""The local API: the table of endpoints bound to the handlers that answer them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from msgspec import structs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from collector.errors import OvrError
from collector.serve.answers import Refused
from collector.serve.assigning import Assigning
from collector.serve.changing import Changing
from collector.serve.commanding import Commanding
from collector.serve.endpoint import Endpoint
from collector.serve.eventing import Eventing
from collector.serve.feed import Feed
from collector.serve.finding import Finding
from collector.serve.gate import Gate, Tally, check_access, check_query
from collector.serve.listener import Listener
from collector.serve.looking import Looking
from collector.serve.noting import Noting
from collector.serve.pairing import Pairing
from collector.serve.persons import Persons
from collector.serve.posting import Posting
from collector.serve.registering import Registering
from collector.serve.reporting import Reporting
from collector.serve.routes import ENDPOINTS
from collector.serve.stream import Streams
from collector.wire import ApiHealth, HealthAnswer, ListenHealth

Handler = Callable[[Request], Awaitable[Response]]

PATHS = tuple(dict.fromkeys(endpoint.path for endpoint in ENDPOINTS))


class LocalApi:
    """The ASGI application over what `feed` gives, for any number of listeners.

    `listen` tells of the TCP listener, where there is one.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.streams = Streams(feed)
        self.listeners: list[Listener] = []
        self.listen: Callable[[], ListenHealth | None] = lambda: None
        self._tally = Tally()
        self._commanding = Commanding(feed)
        self._handlers = self._bound()
        self._app = Starlette(routes=[self._route(path) for path in PATHS])
        self._app.router.redirect_slashes = False
        self._app.state.health = self.health
        self._gate = Gate(self._app, self._tally)
        for kind, handler in (
            (Refused, self._gate.refused),
            (OvrError, self._gate.not_done),
            (HTTPException, self._gate.http_error),
            (ClientDisconnect, _gone),
            (Exception, self._gate.fault),
        ):
            self._app.add_exception_handler(kind, handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self._gate(scope, receive, send)

    def health(self) -> HealthAnswer:
        """The collector's health, with the API's own."""
        own = ApiHealth(
            streams=self.streams.open,
            connections=sum(listener.connections for listener in self.listeners),
            requests=self._tally.requests.total(),
            refused=dict(self._tally.refused),
            turned_away=sum(listener.turned_away for listener in self.listeners),
            let_go=self.streams.let_go,
            listen=self.listen(),
        )
        return structs.replace(self.feed.health(), api=own)

    @property
    def problem(self) -> str:
        """Why nobody can come over TCP, in words; "" when one can, or none shall."""
        listen = self.listen()
        return f"no API over TCP: {listen.cause}" if listen and listen.cause else ""

    async def close(self) -> None:
        """End all connections, those of all listeners together."""
        await asyncio.gather(*(listener.close() for listener in self.listeners))

    def _bound(self) -> Mapping[str, Handler]:
        """Every handler, by the name of its endpoint."""
        looking = Looking(self.feed, self.streams)
        changing = Changing(self.feed)
        posting = Posting(self.feed)
        commanding = self._commanding
        assigning = Assigning(self.feed)
        return {
            **self._about_persons(),
            "snapshot": looking.snapshot,
            "stream": looking.stream,
            "history": looking.history,
            "raw": looking.raw,
            "health": looking.health,
            "metrics": looking.metrics,
            "alarms": looking.alarms,
            "dead": looking.dead,
            "outbox": looking.outbox,
            "audit": looking.audit,
            "messages": looking.messages,
            "stop": changing.stop,
            "ack": changing.ack,
            "shelve": changing.shelve,
            "unshelve": changing.unshelve,
            "commission": changing.commission,
            "release": changing.release,
            **self._about_devices(),
            "assignments": assigning.assignments,
            "assign": assigning.assign,
            "swap": assigning.swap,
            "move": assigning.move,
            "forget_unit": assigning.forget_unit,
            "refused": assigning.refused,
            "accept_refused": assigning.accept_refused,
            "dismiss_refused": assigning.dismiss_refused,
            "twins": assigning.twins,
            **self._about_jobs(),
            "resend": changing.resend,
            "forget": changing.forget,
            "confirm_clock": changing.confirm_clock,
            "post_axm": posting.axm,
            "offers": commanding.offers,
            "control": commanding.control,
            "lockout": commanding.lockout,
            "unlock": commanding.unlock,
            "outbox_resend": changing.outbox_resend,
            "outbox_forget": changing.outbox_forget,
        }

    def _about_devices(self) -> Mapping[str, Handler]:
        """Those of the registry, and of looking for devices."""
        registering = Registering(self.feed)
        pairing = Pairing(self.feed)
        finding = Finding(self.feed)
        return {
            "registry": registering.registry,
            "put_registry": registering.put_registry,
            "import_registry": registering.import_registry,
            "registry_template": registering.template,
            "registry_undo": registering.undo,
            "registry_apply": registering.apply,
            "put_secret": registering.put_secret,
            "profiles": pairing.profiles,
            "pair": pairing.pair,
            "test_device": finding.test_device,
            "discover": finding.discover,
            "discovery": finding.discovery,
            "cancel_discovery": finding.cancel_discovery,
        }

    def _about_persons(self) -> Mapping[str, Handler]:
        """Those about whoever asks."""
        persons = Persons(self.feed)
        return {
            "me": persons.me,
            "give_pin": persons.give_pin,
            "lock": persons.lock,
            "put_pin": persons.put_pin,
        }

    def _about_jobs(self) -> Mapping[str, Handler]:
        """Those of events, of what people add, and of reports."""
        eventing = Eventing(self.feed)
        noting = Noting(self.feed)
        return {
            **Reporting(self.feed).handlers(),
            "events": eventing.events,
            "event": eventing.event,
            "create_event": eventing.create_event,
            "edit_event": eventing.edit_event,
            "start_event": eventing.start_event,
            "end_event": eventing.end_event,
            "cancel_event": eventing.cancel_event,
            "export_event": eventing.export_event,
            "import_event": eventing.import_event,
            "merge_event": eventing.merge_event,
            "join": eventing.join,
            "leave": eventing.leave,
            "join_many": eventing.join_many,
            "leave_many": eventing.leave_many,
            "edit_participation": eventing.edit_participation,
            "corrections": noting.corrections,
            "correct": noting.correct,
            "withdraw_correction": noting.withdraw_correction,
            "log": noting.log,
            "write_log": noting.write_log,
            "withdraw_log": noting.withdraw_log,
        }

    def _route(self, path: str) -> Route:
        methods: dict[str, Endpoint] = {e.method: e for e in ENDPOINTS if e.path == path}

        async def guarded(request: Request) -> Response:
            endpoint = methods["GET" if request.method == "HEAD" else request.method]
            try:
                check_access(endpoint, request.state.caller)
            except Refused:
                await self._commanding.at_the_door(request, endpoint)
                raise
            check_query(endpoint, request)
            return await self._handlers[endpoint.name](request)

        return Route(path, guarded, methods=list(methods), name=path)


async def _gone(_: Request, __: Exception) -> Response:
    """The sender left in the middle of his request: nobody reads this."""
    return Response(status_code=400)


def make_app(feed: Feed) -> LocalApi:
    """The application of the local API."""
    return LocalApi(feed)
