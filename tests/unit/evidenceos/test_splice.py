"""Of the daemon's state one value is replaced, and every other byte stays, whatever its form."""

from __future__ import annotations

import json

import pytest

from governance.evidenceos.core.canary import Canary, CanaryConfig, begun, read_canaries
from governance.evidenceos.core.jsons import compact, pretty
from governance.evidenceos.core.splice import span_of, with_canary
from governance.evidenceos.errors import FieldMalformed, JSONUnreadable
from ledger.core.types import JSON, JSONObject

FROZEN = Canary(CanaryConfig(), 20.0, 25.5, 7, drift_frozen=True, counts=(2**53 + 1, 4), total=2**63)
STATE: JSONObject = {
    "claims": [["00", {"fuel": 2**64 - 1, "ratio": 1.0, "note": 'a "quoted" \\ {brace'}]],
    "canary_states": [["a::h", FROZEN.to_json()], ["b::h", begun(CanaryConfig()).to_json()]],
    "nonce": -0.0,
}
ODD = (
    b'{ "z" :1e0, "canary_states":[ ["a::h" ,{"e_drift":25.5,"barrier":20.0,"last_epoch_checked":7,"config":{'
    b'"alpha_drift_micros":50000,"check_every_epochs":1,"max_staleness_epochs":100},"drift_frozen":true,"counts":[1],'
    b'"total":1} ] ] , "big":18446744073709551615 , "x":0.20388349514563106}\n'
)


@pytest.mark.parametrize("state", [compact(STATE), pretty(STATE).encode(), ODD])
def test_every_other_byte_stays(state: bytes) -> None:
    after = with_canary(state, "a::h", read_canaries(state)[0]["a::h"].reset())
    start, end = span_of(state.decode(), ("canary_states", 0, 1))
    assert after.startswith(state[:start])
    assert after.endswith(state[end:])
    found = read_canaries(after)[0]
    assert found["a::h"] == begun(CanaryConfig())
    assert {key: one for key, one in found.items() if key != "a::h"} == {
        key: one for key, one in read_canaries(state)[0].items() if key != "a::h"
    }


def test_done_twice_it_changes_nothing() -> None:
    once = with_canary(compact(STATE), "a::h", FROZEN.reset())
    assert with_canary(once, "a::h", FROZEN.reset()) == once


def test_of_two_rows_of_one_key_the_one_is_replaced_that_a_reader_takes() -> None:
    row: list[JSON] = ["a::h", FROZEN.to_json()]
    rows: list[JSON] = [row, row]
    after = json.loads(with_canary(compact({"canary_states": rows}), "a::h", FROZEN.reset()))
    assert [one[1]["drift_frozen"] for one in after["canary_states"]] == [True, False]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (b"", JSONUnreadable),
        (b"{", JSONUnreadable),
        (b"[]", FieldMalformed),
        (b"{}", FieldMalformed),
        (b'{"canary_states":{}}', FieldMalformed),
        (b'{"canary_states":[["b::h",{}]]}', FieldMalformed),
        (b'{"a":1,"a":2}', JSONUnreadable),
    ],
)
def test_what_has_no_such_stream_is_refused(state: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        with_canary(state, "a::h", FROZEN.reset())
