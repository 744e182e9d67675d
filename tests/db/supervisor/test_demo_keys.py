from __future__ import annotations

import pytest

from console.supervisor.keys import refuse_demo_keys
from console.supervisor.programs import ProgramFailed
from governance.identity.core.person_keys import Custody
from governance.identity.models import PersonKey
from tests.support.clones import Clone
from tests.support.people import planted_key
from tests.support.world import found_platform, person


def test_production_does_not_start_while_a_key_of_a_demo_may_sign(ledger_db: Clone) -> None:
    found_platform()
    production = {"COUNTERSIGN_ENV": "production", "DATABASE_URL": ledger_db.runtime_url}
    refuse_demo_keys(production)
    planted_key(person("ann@acme.test", None, None), custody=Custody.DEMO)
    with pytest.raises(ProgramFailed, match="1 decision key"):
        refuse_demo_keys(production)
    refuse_demo_keys({**production, "COUNTERSIGN_ENV": "demo"})
    PersonKey.objects.update(state="revoked", until=9)
    refuse_demo_keys(production)
