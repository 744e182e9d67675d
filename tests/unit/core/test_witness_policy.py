"""Policies: the grammar exactly, every refusal with its line."""

from __future__ import annotations

from hashlib import sha256

import pytest

from ledger.core.note import KeyType, make_vkey
from ledger.core.strict_base64 import encode
from ledger.core.witness_policy import parse_policy
from ledger.errors import PolicyInvalid, WeakKey
from tests.unit.core.signers import LOG, WITNESSES, policy_text, signer

L = f"log {LOG.vkey}"
W = [f"witness w{number} {one.vkey}" for number, one in enumerate(WITNESSES)]
PQ = make_vkey("pq.example", bytes(range(256)) * 5 + bytes(32), KeyType.MLDSA44)


def policy_of(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_it_reads_logs_witnesses_groups_and_quorum() -> None:
    policy = parse_policy(policy_text())
    assert policy.logs == (LOG.vkey,)
    assert [(one.name, one.vkey, one.url) for one in policy.witnesses] == [
        (f"w{number}", WITNESSES[number].vkey, None) for number in range(3)
    ]
    assert [(one.name, one.threshold, one.members) for one in policy.groups] == [("g", 2, ("w0", "w1", "w2"))]
    assert policy.quorum == "g"


def test_the_digest_is_of_the_text_byte_for_byte() -> None:
    text = "# comment\n\n quorum\tnone\n"
    assert parse_policy(text).digest() == sha256(text.encode()).digest()
    assert parse_policy(text).text == text.encode()


def test_text_and_bytes_are_the_same() -> None:
    assert parse_policy(policy_text().encode()) == parse_policy(policy_text())


def test_urls_are_kept() -> None:
    policy = parse_policy(policy_of(L + " https://log.example/", W[0] + "\thttps://w.example/#x ", "quorum w0"))
    assert policy.log_urls == {LOG.vkey: "https://log.example/"}
    assert policy.witnesses[0].url == "https://w.example/#x"


def test_white_space_and_whole_comment_lines_are_ignored() -> None:
    text = policy_of("", " \t", "  # quorum none", "#", "\t" + W[0].replace(" ", " \t "), "quorum  w0 ")
    assert parse_policy(text).quorum == "w0"


def test_names_are_opaque_bytes() -> None:
    kelvin, letter = "\u212a".encode(), b"K"
    lines = [
        b"witness %b %b" % (name, str(one.vkey).encode())
        for name, one in zip([kelvin, letter, b"\xff", b"\xc2\xa0"], WITNESSES, strict=True)
    ]
    policy = parse_policy(b"\n".join([*lines, b"group g all \xff \xc2\xa0 K", b"quorum g", b""]))
    assert len({one.name for one in policy.witnesses}) == 4
    assert policy.why(["\udcff"]).words() == "group g: 3 of 3 needed, have \\xff"


def test_a_log_may_have_several_keys_under_one_origin() -> None:
    policy = parse_policy(policy_of(L, f"log {signer(2).vkey}", "quorum none"))
    assert {vkey.name for vkey in policy.logs} == {LOG.vkey.name}


def test_mldsa_keys_serve_logs_and_witnesses() -> None:
    assert parse_policy(policy_of(f"log {PQ}", "quorum none")).logs == (PQ,)
    assert parse_policy(policy_of(f"witness w {PQ}", "quorum w")).witnesses[0].vkey == PQ


def chain(count: int) -> list[str]:
    return [f"group g{number} any {f'g{number - 1}' if number else 'w0'}" for number in range(count)]


def test_it_takes_128_of_a_sort_however_deep_and_no_more() -> None:
    deep = parse_policy(policy_of(W[0], *chain(128), "quorum g127"))
    assert deep.met_by({"w0"})
    assert not deep.met_by(set())
    with pytest.raises(PolicyInvalid, match="more than 128") as caught:
        parse_policy(policy_of(W[0], *chain(129), "quorum g127"))
    assert caught.value.path == "line 130"


def test_it_takes_32_logs_and_32_witnesses() -> None:
    logs = [f"log {signer(number, f'log{number}.example').vkey}" for number in range(32)]
    witnesses = [f"witness w{n} {signer(100 + n, f'w{n}.example', 4).vkey}" for n in range(32)]
    policy = parse_policy(
        policy_of(*logs, *witnesses, "group g all " + " ".join(f"w{n}" for n in range(32)), "quorum g")
    )
    assert (len(policy.logs), len(policy.witnesses), policy.groups[0].threshold) == (32, 32, 32)


REFUSED = [
    (["quorum nobody"], 1, "no line before"),
    (["quorum g", W[0], "group g any w0"], 1, "no line before"),
    ([W[0], "group g any w1", W[1], "quorum g"], 2, "no line before"),
    ([W[0], "group g any g", "quorum g"], 2, "no line before"),
    ([W[0], "group g any none", "quorum g"], 2, "no line before"),
    ([W[0], "group g any w0 w0", "quorum g"], 2, "twice"),
    ([W[0], "group g any w0", "group h any w0", "quorum h"], 3, "twice"),
    ([W[0], W[0], "quorum w0"], 2, "defined twice"),
    ([W[0], "group w0 any w0", "quorum w0"], 2, "defined twice"),
    ([W[0], W[0].replace("w0", "w9", 1), "quorum w0"], 2, "stands on two lines"),
    ([L, L, "quorum none"], 2, "stands on two lines"),
    (
        [L, L.replace(str(LOG.vkey), str(make_vkey("other", LOG.vkey.public))), "quorum none"],
        2,
        "stands on two lines",
    ),
    ([L, f"witness w {make_vkey('w', LOG.vkey.public, 4)}", "quorum w"], 2, "stands on two lines"),
    (["quorum none", "quorum none"], 2, "second quorum"),
    ([L], 1, "needs a quorum"),
    ([], 1, "needs a quorum"),
    (["quorum"], 1, "not: quorum"),
    (["quorum none none"], 1, "not: quorum"),
    (["quorum all"], 1, "no line before"),
    (["log", "quorum none"], 1, "not: log"),
    ([L + " a b", "quorum none"], 1, "not: log"),
    (["witness w", "quorum none"], 1, "not: witness"),
    ([W[0] + " https://w.example #comment", "quorum none"], 1, "not: witness"),
    ([W[0], "group g all", "quorum none"], 2, "not: group"),
    (["", W[0], "group g", "quorum none"], 3, "not: group"),
    ([W[0], "group g none w0", "quorum g"], 2, "threshold"),
    *[
        ([W[0], f"group g {k} w0", "quorum g"], 2, "threshold")
        for k in ("0", "2", "-1", "01", "+1", "1.0", "ALL", "\u0661", "9" * 50)
    ],
    *[([f"witness {name} {WITNESSES[0].vkey}", "quorum none"], 1, "reserved") for name in ("none", "all", "any")],
    *[([W[0], f"group {name} any w0", "quorum none"], 2, "reserved") for name in ("none", "all", "any")],
    (["Log x", "quorum none"], 1, "another word"),
    (["quorum none", "nonsense"], 2, "another word"),
    (["quorum none # no"], 1, "not: quorum"),
    (["quorum none\r"], 1, "control character"),
    (["quorum none", "# \x00"], 2, "control character"),
    (["# \x7f", "quorum none"], 1, "control character"),
    (["quorum\x0bnone"], 1, "control character"),
    (["log x", "quorum none"], 1, "verifier key"),
    (
        [f"log {str(LOG.vkey).replace(LOG.vkey.key_id.hex(), '00000000')}", "quorum none"],
        1,
        "does not follow",
    ),
    ([f"log {WITNESSES[0].vkey}", "quorum none"], 1, "type that its role"),
    ([f"witness w {LOG.vkey}", "quorum w"], 1, "type that its role"),
]


@pytest.mark.parametrize(("lines", "line", "reason"), REFUSED)
def test_it_refuses_what_the_grammar_does_not_allow(lines: list[str], line: int, reason: str) -> None:
    with pytest.raises(PolicyInvalid, match=reason) as caught:
        parse_policy(policy_of(*lines))
    assert caught.value.path == f"line {line}"


def test_it_refuses_a_policy_that_may_be_cut_off() -> None:
    with pytest.raises(PolicyInvalid, match="cut off") as caught:
        parse_policy(f"{W[0]}\nquorum w0")
    assert caught.value.path == "line 2"


def test_a_weak_key_is_the_cause_of_the_refusal() -> None:
    weak = encode(b"\x01" + bytes(32))
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(policy_of(f"log a+00000000+{weak}", "quorum none"))
    assert isinstance(caught.value.__cause__, WeakKey)
    assert caught.value.path == "line 1"


def test_it_refuses_a_policy_above_a_million_bytes() -> None:
    with pytest.raises(PolicyInvalid, match="longer"):
        parse_policy("#" * 1_000_000 + "\nquorum none\n")
