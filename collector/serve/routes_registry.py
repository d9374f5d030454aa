"""The registry's endpoints: a part of the table in `routes`."""

from collector import wire
from collector.serve.access import OPERATE
from collector.serve.endpoint import Endpoint, Param

IF_MATCH = Param(
    name="If-Match",
    place="header",
    text="The ETag that GET gave.",
    schema={"type": "string"},
    required=True,
)
SECRET = Param(
    name="name",
    place="path",
    required=True,
    text="The name of a secret, as `password_secret` refers to it.",
    schema={"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"},
)
CSV_KIND = "text/csv; charset=utf-8"

REGISTRY: tuple[Endpoint, ...] = (
    Endpoint(
        name="registry",
        method="GET",
        path="/v1/registry",
        access=OPERATE,
        text="The tables of registry.toml without secrets; the ETag names the file's bytes.",
        answers={200: wire.RegistryAnswer},
    ),
    Endpoint(
        name="put_registry",
        method="PUT",
        path="/v1/registry",
        access=OPERATE,
        text=(
            "Replace the registry as a whole; it is in force when this is answered. 412 when it "
            "has changed meanwhile, 428 without If-Match, 422 with all problems in `details`. "
            "Earlier versions are kept."
        ),
        answers={200: wire.RegistryAnswer},
        params=(IF_MATCH,),
        body=wire.RegistryRequest,
    ),
    Endpoint(
        name="import_registry",
        method="POST",
        path="/v1/registry/import",
        access=OPERATE,
        text=(
            "Add and change devices from a CSV table (see the template), or add those of a "
            "gx_systems.json, whose passwords are kept. As PUT in all else."
        ),
        answers={200: wire.RegistryAnswer},
        params=(
            IF_MATCH,
            Param(
                name="dry_run",
                text="Only say what it would change.",
                schema={"type": "string", "enum": ["true", "false"]},
            ),
        ),
        posts=("text/csv", "application/json"),
    ),
    Endpoint(
        name="registry_template",
        method="GET",
        path="/v1/registry/template",
        access=OPERATE,
        text="A CSV table to fill in.",
        answers={200: CSV_KIND},
    ),
    Endpoint(
        name="registry_undo",
        method="POST",
        path="/v1/registry/undo",
        access=OPERATE,
        text="Put the registry back as it was before its last change.",
        answers={200: wire.RegistryAnswer},
        body=wire.UndoRequest,
    ),
    Endpoint(
        name="registry_apply",
        method="POST",
        path="/v1/registry/apply",
        access=OPERATE,
        text="Bring registry.toml into force as it is, also what waits during an event.",
        answers={200: wire.RegistryAnswer},
        body=wire.ReasonRequest,
    ),
    Endpoint(
        name="profiles",
        method="GET",
        path="/v1/profiles",
        access=OPERATE,
        text="The profiles that devices of kind modbus and http can be read by.",
        answers={200: wire.ProfilesAnswer},
    ),
    Endpoint(
        name="pair",
        method="POST",
        path="/v1/registry/pair",
        access=OPERATE,
        text="Let a GX make a login for this node; the registry uses it from then on.",
        answers={200: wire.PairAnswer},
        body=wire.PairRequest,
    ),
    Endpoint(
        name="put_secret",
        method="PUT",
        path="/v1/secrets/{name}",
        access=OPERATE,
        text="Keep a password or token under a name. Nobody can read it back.",
        answers={200: wire.SecretAnswer},
        params=(SECRET,),
        body=wire.SecretRequest,
    ),
)
