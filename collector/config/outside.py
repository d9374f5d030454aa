"""Values that stand outside the file: in the environment, and in secrets.toml."""

from collections.abc import Mapping
from difflib import get_close_matches

from msgspec import Struct

from collector.config.document import Document
from collector.config.problems import Problem
from collector.config.toml_lines import Path as KeyPath


class Use(Struct, frozen=True, kw_only=True):
    """A variable of the environment that a table takes a value from."""

    variable: str
    doc: Document
    table: KeyPath
    key: str


class Outside:
    """What `…_env` and `…_secret` find, and who asked. Its repr shows no value."""

    def __init__(self, environ: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._environ = environ
        self._secrets = secrets
        self._uses: list[Use] = []
        self._hosts: dict[tuple[str, KeyPath], str] = {}

    def __repr__(self) -> str:
        return f"Outside({len(self._environ)} variables, {len(self._secrets)} secrets)"

    def variable(self, use: Use) -> str | None:
        """The value of a variable; None when it is unset or empty."""
        self._uses.append(use)
        return self._environ.get(use.variable) or None

    def secret(self, name: str) -> str | None:
        """The secret called `name`; None when there is none."""
        return self._secrets.get(name)

    def secret_hint(self, name: str) -> str:
        """What to do when there is no secret `name`."""
        near = get_close_matches(name, self._secrets, n=1)
        if near:
            return f"did you mean {near[0]}?"
        return f'put {name} = "…" into secrets.toml, mode 0600'

    def goes_to(self, doc: Document, table: KeyPath, host: str) -> None:
        """What the table at `table` holds is sent to `host`."""
        self._hosts[doc.file, table] = host.lower()

    def shared(self) -> list[Problem]:
        """A problem for each use of a variable whose value would go to several hosts.

        A password that is meant for one device must not reach another through a copied line.
        """
        hosts: dict[str, set[str]] = {}
        for use in self._uses:
            host = self._hosts.get((use.doc.file, use.table))
            if host is not None:
                hosts.setdefault(use.variable, set()).add(host)
        return [
            use.doc.problem(
                (*use.table, use.key),
                f"the variable {use.variable} serves several hosts: "
                + ", ".join(sorted(hosts[use.variable])),
                "one variable for each host",
            )
            for use in self._uses
            if len(hosts.get(use.variable, ())) > 1
        ]
