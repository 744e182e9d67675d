"""What stands in an effect card is read by people: no field of a governed document is shown as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.changes.effect_card import effect_lines
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

ACME = "0192f0c1-2222-7000-8000-000000000001"
NAMES = {f"tenant:{ACME}": "Acme Insurance"}
KEY: JSONObject = {"custody": "passkey", "kid": "7c1e9a00", "public": "ab" * 32, "use": "decision"}


def role(name: str, tenant: str | None = None, expires: str | None = None) -> JSONObject:
    return {"role": name, "tenant": tenant, "expires": expires}


def sides(base: JSONObject, result: JSONObject) -> tuple[str | None, str | None]:
    line = effect_lines(base, result, NAMES)[0]
    return line["old"], line["new"]


def test_a_role_that_comes_is_named_with_its_place_beside_those_that_stay() -> None:
    held = role("author")
    come = role("tenant_admin", ACME, "2026-12-01T00:00:00Z")
    (line,) = effect_lines({"roles": [held]}, {"roles": [held, come]}, NAMES)
    assert line["old"] is None
    assert line["new"] == "tenant admin in Acme Insurance, until 2026-12-01T00:00:00Z"
    assert line["stay"] == "1 other, unchanged"


def test_the_first_and_the_last_member_leave_no_brackets() -> None:
    assert sides({"groups": []}, {"groups": ["ops"]}) == ("none", "ops")
    assert sides({"groups": ["ops"]}, {"groups": []}) == ("ops", "none")


def test_two_orders_of_one_list_are_both_told() -> None:
    assert sides({"groups": ["a", "b"]}, {"groups": ["b", "a"]}) == ("a\nb", "b\na")


def test_a_key_is_told_whole_so_that_two_keys_never_read_alike() -> None:
    other: JSONObject = {**KEY, "public": "cd" * 32}
    old, new = sides({"keys": [KEY]}, {"keys": [other]})
    assert old == f"decision key 7c1e9a00, passkey (declared), public half {'ab' * 32}"
    assert new != old


def test_ranges_of_leaves_and_times_read_as_such() -> None:
    assert sides({"paused": []}, {"paused": [[3, 8], [12, 12]]}) == ("none", "leaves 3 to 8\nleaf 12")
    assert sides({"lock_s": 3600}, {"lock_s": 7200}) == ("1 h (3,600 s)", "2 h (7,200 s)")
    assert sides({"days": None}, {"days": 30}) == ("none", "30")
    assert sides({"note": ""}, {"note": "x"}) == ("empty text", "x")


def test_a_rule_that_comes_is_told_in_the_sentences_of_the_policys_page() -> None:
    old, new = sides({"rules": []}, policy(7200))
    assert old == "none"
    assert new is not None
    assert new.startswith("all (*, where it loosens, neutral, tightens; tier high): 2 people of ops sign it")
    assert "It then waits 2 h." in new


def test_of_a_rule_that_changes_only_what_differs_is_told() -> None:
    assert sides(policy(3600), policy(7200)) == ("all: time lock: 1 h (3,600 s)", "all: time lock: 2 h (7,200 s)")
    assert sides(policy(60), policy(60, 3)) == ("all: needs: 2 people of ops", "all: needs: 3 people of ops")


def test_what_has_no_words_of_its_own_is_told_field_by_field() -> None:
    old, new = sides({"of": [{"a": 1, "b": [True, False]}]}, {"of": [{"a": 2, "b": {"c_s": 60}}]})
    assert old == "a: 1; b: (yes; no)"
    assert new == "a: 2; b: c: 1 min (60 s)"


def test_nothing_is_told_as_json() -> None:
    told = [sides(policy(3600), policy(60)), sides({"x": {"y": [KEY]}}, {"x": [role("author")]})]
    assert not [one for pair in told for one in pair if one is None or set(one) & set('{}[]"')]


def policy(lock: int, people: int = 2) -> JSONObject:
    rule = Rule(
        name="all", change="*", directions=frozenset(Direction), tier=Tier.HIGH, needs=(Need("ops", people),),
        lock_s=lock, life_s=86_400, executor=ExecutorRule.ANY, observation_s=0,
    )  # fmt: skip
    return Policy((rule,)).to_json()


def test_a_document_that_comes_or_goes_as_a_whole_takes_a_line_for_each_field() -> None:
    contract: JSONObject = {"calibration": None, "nullspec_id": "ab" * 32, "ttl_epochs": "18446744073709551615"}
    come = effect_lines({"contract": None}, {"contract": contract}, NAMES)
    assert [(one["name"], one["path"], one["old"], one["new"]) for one in come] == [
        ("Calibration", "/contract/calibration", None, "none"),
        ("NullSpec id", "/contract/nullspec_id", None, "ab" * 32),
        ("TTL, epochs", "/contract/ttl_epochs", None, "18,446,744,073,709,551,615"),
    ]
    gone = effect_lines({"contract": contract}, {}, NAMES)
    assert [(one["old"], one["new"]) for one in gone] == [(one["new"], None) for one in come]
