"""Found the tenant `acme` with streams and a key, in one process of an installation's own.

`python -m tests.support.founding WINDOW_AGE WINDOW_COUNT NAME...` prints {"token", "streams": [[name, origin, vkey]]}.
"""

from __future__ import annotations

import json
import os
import secrets
import sys

import django

from console.supervisor.environment import complete


def main(window_age: int, window_count: int, names: list[str]) -> None:
    complete(os.environ, command="tenant_create")
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    sys.stdout.write(json.dumps({"token": _tenant(), "streams": _streams(window_age, window_count, names)}))


def _tenant() -> str:
    from django.utils import timezone  # noqa: PLC0415 - after django.setup

    from governance.identity.actions.create_namespace import create_namespace  # noqa: PLC0415 - likewise
    from governance.identity.actions.create_system_key import create_system_key  # noqa: PLC0415 - likewise
    from governance.identity.actions.create_tenant import create_tenant  # noqa: PLC0415 - likewise
    from governance.identity.core.principal import Scope, machine  # noqa: PLC0415 - likewise
    from governance.identity.moment import Moment  # noqa: PLC0415 - likewise

    by, at = machine("machine:tests"), Moment(timezone.now(), secrets.token_bytes)
    namespace = create_namespace(create_tenant("Acme", "acme", by=by, at=at), "acme", by=by, at=at)
    return create_system_key(namespace, "load", {Scope.APPEND, Scope.READ}, by=by, at=at).token.reveal()


def _streams(window_age: int, window_count: int, names: list[str]) -> list[tuple[str, str, str]]:
    from ledger.selectors.keys import log_vkeys  # noqa: PLC0415 - after django.setup
    from ledger.services.streams import StreamOptions, create_stream  # noqa: PLC0415 - likewise

    options = StreamOptions(window_age_s=window_age, window_count=window_count)
    made = [create_stream("acme", name, actor="key:tests", options=options) for name in names]
    return [(one.name, one.origin, str(log_vkeys(one.id)[0])) for one in made]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
