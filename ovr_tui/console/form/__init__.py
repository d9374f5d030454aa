"""Forms: fields that check what is typed while it is typed, and say what is wrong with it.

`fields` is what a form is made of, and what comes out of it; pure. `page` shows one, `widgets`
are its lines. `confirm` asks before something is done.
"""

from ovr_tui.console.form.confirm import ConfirmPage
from ovr_tui.console.form.fields import Choice, Field, Kind, Refusal, Values, answers, problems
from ovr_tui.console.form.page import FormPage

__all__ = [
    "Choice",
    "ConfirmPage",
    "Field",
    "FormPage",
    "Kind",
    "Refusal",
    "Values",
    "answers",
    "problems",
]
