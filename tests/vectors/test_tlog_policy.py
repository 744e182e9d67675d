"""Published policy fixtures, and the four places where they are laxer than the specification."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.core.note import KeyType, VKey, make_vkey
from ledger.core.witness_policy import parse_policy
from ledger.errors import PolicyInvalid
from tests.unit.core.signers import signer
from tests.vectors.note_sets import json_set

REASONS = {
    "invalid threshold": "threshold",
    "invalid witness name": "reserved",
    "invalid group name": "no line before",
    "policy file must define a quorum": "needs a quorum",
    'quorum component \\"unknown\\" not found': "no line before",
    "duplicate component name": "defined twice",
}


@pytest.fixture
def cases() -> Any:
    return json_set("tlog-policy", "formats.json")["cases"]


def lawful(policy: str) -> str:
    """The fixture with cosignature keys, none of them twice, without trailing comments, each line ended."""
    lines, seen = [], set()
    for number, line in enumerate(policy.split("\n")):
        words = line.split()
        if words[:1] == ["witness"] and len(words) > 2:
            public = VKey.parse(words[2]).public
            public = signer(200 + number).vkey.public if public in seen and number else public
            seen.add(public)
            words = [*words[:2], str(make_vkey("w.example", public, KeyType.COSIGNATURE)), *words[3:4]]
        lines.append(" ".join(words))
    return "\n".join(lines).rstrip("\n") + "\n"


@pytest.mark.optional
def test_the_fixtures_as_they_stand_are_refused_for_what_the_specification_forbids(cases: Any) -> None:
    for case in cases:
        with pytest.raises(PolicyInvalid) as caught:
            parse_policy(case["policy"])
        assert caught.value.path.startswith("line ")
    assert len(cases) == 11


@pytest.mark.optional
def test_the_good_fixtures_are_read_once_they_are_lawful(cases: Any) -> None:
    good = [case for case in cases if case["error"] is None]
    for case in good:
        group = parse_policy(lawful(case["policy"])).groups[0]
        assert case["wantN"] in {None, group.threshold}
    assert len(good) == 5


@pytest.mark.optional
def test_the_bad_fixtures_are_refused_for_their_own_reason(cases: Any) -> None:
    bad = [case for case in cases if case["error"] is not None]
    for case in bad:
        with pytest.raises(PolicyInvalid, match=REASONS[case["error"]]):
            parse_policy(lawful(case["policy"]))
    assert len(bad) == 6
