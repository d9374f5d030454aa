"""Facts that are pinned beside an identity."""

import io

import structlog

from collector import log
from collector.site.identities import Identities


def test_a_fact_of_several_words_is_logged_and_kept() -> None:
    """Facts bear serials and roles in their names; the log of a service takes them as values, for a
    key with a space in it would end whatever pinned it."""
    out = io.StringIO()
    log.setup(out, level="debug")
    try:
        identities = Identities({}, dict)
        identities.pin("bess-1", "role grid HQ2217201934007", "grid")
        assert identities.pinned("bess-1", "role grid HQ2217201934007") == "grid"
    finally:
        structlog.reset_defaults()
    assert 'fact="role grid HQ2217201934007" value=grid' in out.getvalue()
