"""Keys and statements that belong together, for tests of signers."""

from __future__ import annotations

import copy
from typing import Any

from governance.change.core.statement import Statement, built
from governance.change.core.verbs import Verb
from governance.sign.keyfile import KeyFile, Whose, wrap
from tests.support.statements import fields

ORIGIN = "log.example/log/_governance/changes"
PERSON = "person:c"
PASSPHRASE = "five random words stand here"
WINDOW = {"not_before": "2020-01-01T00:00:00Z", "not_after": "2999-01-01T00:00:00Z"}


def key_of(
    person: str = PERSON, custody: str = "offline", seed: bytes = bytes(range(32)), use: str = "decision"
) -> KeyFile:
    """An encrypted key with the passphrase of all tests."""
    whose = Whose(person, ORIGIN, use, custody)
    return wrap(seed, PASSPHRASE, whose, salt=b"s" * 16, nonce=b"n" * 12)


def fields_for(key: KeyFile, verb: Verb = Verb.APPROVE, **more: Any) -> dict[str, Any]:
    """The fields of a statement that asks for this key, open for centuries; `more` sets whole top-level fields."""
    made = copy.deepcopy(fields(verb, window=WINDOW))
    made["deployment"]["origin"] = ORIGIN
    made["signer"].update(person=key.person, key=key.kid)
    return {**made, **more}


def with_tier(made: dict[str, Any], tier: str) -> dict[str, Any]:
    """The same under a rule of this tier."""
    made["policy"]["rule"]["tier"] = tier
    return made


def statement_for(key: KeyFile, verb: Verb = Verb.APPROVE, **more: Any) -> Statement:
    """The statement of `fields_for`."""
    return built(fields_for(key, verb, **more))
