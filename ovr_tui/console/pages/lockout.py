"""Locking an asset out, and ending that."""

from collections.abc import Mapping

from collector.errors import ApiError
from collector.model.control import Lockout
from collector.model.text import called
from collector.wire import GrantRequest, LockoutAnswer, LockoutRequest, OffersAnswer
from ovr_tui.console.asset.common import locked_out
from ovr_tui.console.charts.view import find
from ovr_tui.console.control.words import where
from ovr_tui.console.form import ConfirmPage, Field, FormPage
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line

ABOUT = (
    "Nobody commands the asset from any console or program of this node until this is removed; "
    "what is kept up there is released. It does not replace the physical lock."
)


def set_lockout(page: Page, asset: str) -> None:
    """Ask who works at the asset and why, and lock it out."""
    app = page.console_app
    me = app.me

    async def send(answers: Mapping[str, object]) -> str:
        body = LockoutRequest(reason=str(answers["reason"] or ""), name=str(answers["name"] or ""))
        done = await app.reader.post(f"{where(asset)}/lockout", LockoutAnswer, body)
        page.reload()
        by = done.lockout.name if done.lockout else ""
        return f"Locked out by {by}. It does not replace the physical lock."

    fields = (
        Field(name="reason", label="why", needed=True, text="what is done there: new filter"),
        Field(name="name", label="who works there", value=called(me.person) if me else "",
              most_chars=64, text="whose lockout it is; others ask them"),
    )  # fmt: skip
    app.push_screen(FormPage(f"Lock out {_name(page, asset)}", fields, send, about=(ABOUT,),
                             verb="lock out"))  # fmt: skip


def remove_lockout(page: Page, asset: str, lockout: Lockout) -> None:
    """Ask whether the lockout is over, and remove it: where a PIN is set, only unlocked."""
    app = page.console_app
    owner = lockout.asset

    def facts(now: Now) -> list[str | Line]:
        shot = now.snapshot
        if shot is None:
            return []
        lines: list[str | Line] = list(locked_out(lockout, shot, now.glyphs, page.size.width - 2))
        if owner != asset:
            lines.append(f"It stands at {_name(page, owner)}, which is the same thing.")
        return [*lines, (), "From then on commands are taken there again.",
                f"Remove it only when {lockout.name} has said that the work is over."]  # fmt: skip

    async def do() -> str:
        body = GrantRequest(grant=app.unlocking.grant)
        try:
            await app.reader.post(f"{where(owner)}/unlock", LockoutAnswer, body)
        except ApiError as error:
            app.unlocking.refused(error)
            raise
        app.unlocking.used()
        page.reload()
        return "It is not locked out any more."

    async def ask() -> None:
        told = await app.ask(f"{where(asset)}/control", OffersAnswer)
        if told.pin and app.now().unlocked_s is None:
            app.say("It takes the PIN: U on the page of control unlocks.", "warn")
            return
        title = f"End the lockout of {_name(page, asset)}?"
        app.push_screen(ConfirmPage(title, facts, do, verb="remove the lockout"))

    page.run_worker(ask(), name="lockout", exit_on_error=False)


def _name(page: Page, asset: str) -> str:
    view = find(page.console_app.now().snapshot, asset)
    return (view.name if view else "") or asset
