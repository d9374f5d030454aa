"""`ovr kiosk`: a display that is only looked at; pages take turns, alarms take the screen."""

import argparse
import signal

from collector.config.paths import Home
from ovr_tui.console.kiosk import NOT_FOR_A_DISPLAY, run_kiosk, who
from ovr_tui.console.kiosk.wish import (
    EVERY_S,
    LEAST_EVERY_S,
    MEANING,
    PUBLIC,
    BadWish,
    Wish,
    read_dim,
    read_names,
)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `ovr kiosk`."""
    parser = commands.add_parser(
        "kiosk",
        help="read-only display, pages take turns; --public: chosen figures only",
        description="A display that is only looked at. Pages take turns, alarms take the screen. "
        "Keys: left and right turn pages, space holds one, q leaves. @FILE reads options from a "
        "file, one a line.",
        epilog="figures for --show: " + "; ".join(f"{k.value}: {v}" for k, v in MEANING.items()),
        fromfile_prefix_chars="@",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--public",
        action="store_true",
        help="for everybody's eyes: chosen figures, no alarms, no names; what is not the present "
        "is not available",
    )
    parser.add_argument(
        "--show",
        metavar="NAMES",
        help=f"figures of a public display (default: {','.join(PUBLIC)})",
    )
    parser.add_argument(
        "--title", default="", help="what stands above (default: the site's name; public: nothing)"
    )
    parser.add_argument(
        "--every",
        type=float,
        default=EVERY_S,
        metavar="SECONDS",
        help="how long a page is on (default: %(default)g)",
    )
    parser.add_argument(
        "--dim", metavar="HH:MM-HH:MM", help="when all but alarms is dim, in the site's time"
    )
    parser.add_argument(
        "--login",
        action="store_true",
        help="it stands where a login would: no key leaves it, SIGTERM and SIGHUP end it",
    )


def wish_of(args: argparse.Namespace, person: str) -> Wish:
    """What the command line asks for. Raises BadWish."""
    if args.show is not None and not args.public:
        raise BadWish("--show chooses the figures of a public display: it needs --public")
    if not LEAST_EVERY_S <= args.every <= 86_400:  # also refuses nan
        raise BadWish(f"--every {args.every:g}: {LEAST_EVERY_S:g} s to a day")
    return Wish(
        public=args.public,
        title=args.title,
        show=PUBLIC if args.show is None else read_names(args.show),
        every_s=args.every,
        login=args.login,
        person=person,
        dim=None if args.dim is None else read_dim(args.dim),
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Show until it is ended; the collector may come and go."""
    if args.login:
        for number in NOT_FOR_A_DISPLAY:
            signal.signal(number, signal.SIG_IGN)
    run_kiosk(home.viewer_socket, wish_of(args, who()))
    return 0
