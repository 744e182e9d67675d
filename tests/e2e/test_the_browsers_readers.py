"""Readers and signatures of the browser's verifier beside Python's: one verdict and code on thousands of inputs."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from ledger.core import ed25519
from ledger.core.bundle.lines import read_attached, read_object
from ledger.core.bundle.manifest import parse_manifest
from ledger.core.bundle.proofs import read_consistency, read_range
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.dsse import parse_envelope
from ledger.core.ed25519_sodium import PROBES
from ledger.core.envelope import parse as parse_leaf
from ledger.core.note import parse_note
from ledger.core.policy_compare import loosened, same_rule
from ledger.core.proof import parse_proof
from ledger.core.receipt import parse_receipt
from ledger.core.strict_json import parse
from ledger.core.trust import parse_trust
from ledger.core.verify.one_form import demand_one_form
from ledger.core.verify.period import claimed_time
from ledger.core.vkey import VKey
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError
from tests.corpus.cases import POLICY, base
from tests.corpus.heads import WITNESSED, remembered
from tests.corpus.keys import LOG, Key, witness_vkey
from tests.corpus.log import sample_log
from tests.corpus.singles import proof
from tests.support.large_bundle import write_large_bundle
from tests.vectors.shared import SHARED, missing

pytestmark = [pytest.mark.e2e]
STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://localhost:1"
TRIES = 400
SPICE = (
    b'"', b"\\", b"\\ud800", b"\\u0041", b"\\/", b" ", b"\n", b"\n\n", b"\r", b"\t", b"\0", b",", b":", b"{", b"}",
    b"[", b"]", b"0", b"-0", b"1.0", b"1e3", b"9007199254740993", b"null", b"true", b"\xff", b"\xc3\xa9",
    b"\xed\xa0\x80", b"=", b"+", b"-", b"_", b"\xef\xbb\xbf", b"\xe2\x80\x94 ", b'"__proto__":1,', b'"v":1,', b"\x7f",
    b"\xc2\x85", b"\xf0\x9f\x98\x80",
)  # fmt: skip
NUMBERS = (
    b"0", b"-0", b"1", b"-1", b"01", b"+1", b"1.", b".5", b"1.0", b"1e0", b"1E+2", b"1e16", b"1e17", b"1e20", b"1e21",
    b"1e22", b"-1e21", b"5e-324", b"1e-400", b"1e400", b"9007199254740991", b"9007199254740992", b"-9007199254740993",
    b"9007199254740992.0", b"123456789012345678901234567890", b"NaN", b"Infinity", b"-Infinity", b"0x1",
)  # fmt: skip
TIMES = (
    b"2026-11-21T09:16:58Z", b"2026-11-21t09:16:58.5z", b"2026-11-21T09:16:58+01:00", b"2026-11-21T09Z", b"x",
    b"2026-11-21T09:16:58.1234567-0530", b"2026-11-21T09:16Z", b"20261121T091658Z", b"2026-W47-6T09:16:58Z",
    b"2026-11-21T09:16:58", b"2026-02-31T00:00:00Z", b"2026-11-21T24:00:00Z", b"2026-11-21", b"2026-11-21T09:16:60Z",
    b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"2026-11-21 09:16:58Z",
)  # fmt: skip
READ = """async (rows) => {
  const load = (name) => import(`/js/verify/${name}.js`);
  const names = ["json", "leaf", "notes", "policies", "trust", "single", "documents", "dsse", "receipt", "vkeys"];
  const loaded = await Promise.all(names.map(load));
  const [json, leaf, notes, policies, trust, single, documents, dsse, receipt, vkeys] = loaded;
  const [refusal, times] = [await load("refusal"), await load("times")];
  const text = (octets) => new TextDecoder().decode(octets);
  const receiptLine = (line) => {
    if (receipt.usualReceipt(line)) {
      return;
    }
    const signed = dsse.parseEnvelope(line);
    dsse.demandOneForm(line, signed, receipt.parseReceipt(signed.payload).kid);
  };
  const readers = {
    json: json.parse, canonical: json.parseCanonical, leaf: leaf.parseLeaf, policy: policies.parsePolicy,
    note: (octets) => notes.parseCheckpoint(notes.parseNote(octets).text), trust: trust.parseTrust,
    proof: single.parseProof, manifest: documents.parseManifest, range: documents.readRange,
    consistency: documents.readConsistency,
    attached: documents.readAttached, object: documents.readObject, receipt: receiptLine,
    vkey: (octets) => vkeys.parseVkey(text(octets)),
    time: (octets) => String(times.claimedMicros(text(octets))),
  };
  return rows.map(([kind, data]) => {
    try {
      const told = readers[kind](Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
      return kind === "time" ? told : "";
    } catch (problem) {
      return problem instanceof refusal.Refusal ? problem.code : `${problem.name}: ${problem.message}`;
    }
  });
}"""
IN_PIECES = """async ({ policy, now }) => {
  const { verifyFile } = await import("/js/verify/verify.js");
  const { LIMITS } = await import("/js/verify/tar.js");
  const [file] = document.querySelector("#evidence").files;
  const given = { policy: new TextEncoder().encode(policy), trust: null, now };
  const small = await verifyFile("bundle", file, given, { limits: { ...LIMITS, inMemory: 0, atOnce: 0 } });
  return [small, await verifyFile("bundle", file, given)];
}"""
QUORUMS = """async ([texts, sets]) => {
  const { parsePolicy, explain, sameRule, loosened } = await import("/js/verify/policies.js");
  const policies = texts.map((text) => parsePolicy(new TextEncoder().encode(text)));
  const met = policies.map((policy) => sets.map((names) => explain(policy, new Set(names)).met));
  const pairs = policies.flatMap((one) => policies.map((other) => [sameRule(one, other), loosened(one, other)]));
  return [met, pairs];
}"""
VERIFY = """async (rows) => {
  const { verify, verifySlowly } = await import("/js/verify/ed25519.js");
  const { fromHex } = await import("/js/verify/octets.js");
  const told = [];
  for (const row of rows) {
    const [key, message, signature] = row.map(fromHex);
    told.push([await verify(key, message, signature), await verifySlowly(key, message, signature)]);
  }
  return told;
}"""


def receipt_line(line: bytes) -> None:
    signed = parse_envelope(line)
    demand_one_form(line, signed, parse_receipt(signed.payload).kid)


def claimed(data: bytes) -> str:
    moment = claimed_time({"time": data.decode()})
    return "null" if moment is None else str(int(moment.timestamp()) * 1_000_000 + moment.microsecond)


READERS: dict[str, Callable[[bytes], object]] = {
    "json": parse,
    "canonical": parse_canonical,
    "leaf": parse_leaf,
    "note": lambda data: parse_checkpoint(parse_note(data).text),
    "policy": parse_policy,
    "trust": parse_trust,
    "proof": parse_proof,
    "manifest": parse_manifest,
    "range": read_range,
    "consistency": read_consistency,
    "attached": read_attached,
    "object": read_object,
    "receipt": receipt_line,
    "vkey": lambda data: VKey.parse(data.decode("utf-8", "replace")),
}


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A page whose every request is answered from the folder of scripts: no server, and no network."""
    context = browser.new_context()
    page = context.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{SITE}/")
        if path:
            route.fulfill(path=STATIC / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    yield page
    context.close()


def python_says(kind: str, data: bytes) -> str:
    try:
        READERS[kind](data)
    except LedgerError as error:
        return error.code
    return ""


def browser_says(page: Page, rows: list[tuple[str, bytes]]) -> list[str]:
    told: list[str] = page.evaluate(READ, [[kind, base64.b64encode(data).decode()] for kind, data in rows])
    return told


def differing(page: Page, rows: list[tuple[str, bytes]]) -> list[str]:
    told = zip(rows, browser_says(page, rows), strict=True)
    return [
        f"{kind} {data[:300]!r}: python {python_says(kind, data)!r}, browser {found!r}"
        for (kind, data), found in told
        if found != python_says(kind, data)
    ]


def seeds() -> dict[str, list[bytes]]:
    """Good inputs of each kind."""
    draft, log = base(), sample_log()
    manifest = parse_envelope(draft.signed_manifest()).payload
    return {
        "json": [b'{"a":[1,2.5,"x\\n",null,true],"b":{"c":"\xc3\xa9"}}', b"[1e21,-0.5,[[]]]"],
        "canonical": [b'{"a":[1,2.5,"x\\n",null,true],"b":{"c":"\xc3\xa9"}}', b'{"1":1,"10":2,"2":3}', b'"x"'],
        "leaf": [log.leaves[0].raw, log.leaves[1].raw, log.leaves[11].raw],
        "note": [log.notes[34].to_bytes()],
        "policy": [WITNESSED, f"log {LOG.vkey()}\ngroup g 1 w\n# comment\nquorum none\n".encode()],
        "trust": [canonical(remembered(34, note=True)), b'{"max_age": 30, "require_pq": false, "genesis": null}'],
        "proof": [proof(7), proof(3, extra=False)],
        "manifest": [manifest],
        "range": [draft.files["range-proof.json"]],
        "consistency": [draft.files["consistency.json"]],
        "attached": draft.lines("attached.ndjson")[:2],
        "object": [draft.lines("objects/attrs.ndjson")[0], draft.lines("objects/payloads.ndjson")[0]],
        "receipt": [draft.lines("receipts.ndjson")[0]],
        "vkey": [str(LOG.vkey()).encode()],
    }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same bytes with one to three small changes."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 0, 1, 1, 2, 9)))
        taken = data[chance.randrange(len(data) or 1) :][: chance.randint(1, 12)]
        put = chance.choice((b"", chance.choice(SPICE), bytes([chance.randrange(256)]), taken))
        data = data[:at] + put + data[until:]
    return data


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_accepts_and_refuses_what_pythons_does(modules: Page, kind: str) -> None:
    chance = random.Random(f"{kind} 1")  # noqa: S311 - the same changes on every run
    good = seeds()[kind]
    rows = [(kind, data) for data in good]
    rows += [(kind, mutated(chance.choice(good), chance)) for _ in range(TRIES)]
    assert differing(modules, rows) == []


def test_numbers_are_read_as_python_reads_them(modules: Page) -> None:
    rows = [(kind, form) for text in NUMBERS for kind in ("json", "canonical") for form in (text, b"[" + text + b"]")]
    assert differing(modules, rows) == []


def test_depth_and_duplicates_are_refused_alike(modules: Page) -> None:
    deep = [b"[" * depth + b"]" * depth for depth in (1, 63, 64, 65, 10_000)]
    deep += [b'{"a":' * depth + b"1" + b"}" * depth for depth in (63, 64, 65)]
    names = [
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"__proto__":1}',
        b'{"__proto__":1,"__proto__":2}',
        b'{"b":1,"a":2}',
    ]
    assert differing(modules, [(kind, data) for data in (*deep, *names) for kind in ("json", "canonical")]) == []


def test_claimed_times_are_read_alike(modules: Page) -> None:
    rows = [("time", text) for text in TIMES]
    assert browser_says(modules, rows) == [claimed(data) for _, data in rows]


def test_quorums_are_counted_and_compared_alike(modules: Page) -> None:
    names = ("a", "b", "c")
    keys = "".join(f"witness {name} {witness_vkey(Key(f'quorum {name}'))}\n" for name in names)
    rules = (
        "quorum none\n",
        "quorum a\n",
        "group g 2 a b c\nquorum g\n",
        "group g any a b\ngroup h all g c\nquorum h\n",
    )
    texts = [f"log {LOG.vkey()}\n{keys}{rule}" for rule in rules]
    sets = [list(chosen) for size in range(4) for chosen in combinations(names, size)]
    policies = [parse_policy(text) for text in texts]
    met = [[policy.met_by(chosen) for chosen in sets] for policy in policies]
    pairs = [[same_rule(one, other), loosened(one, other)] for one in policies for other in policies]
    assert modules.evaluate(QUORUMS, [texts, sets]) == [met, pairs]


def test_both_equations_decide_as_pythons_does(modules: Page) -> None:
    rows = [(bytes(range(32)), b"m", bytes(64))]
    rows += [(LOG.public, b"m", LOG.sign(b"m")), (LOG.public, b"n", LOG.sign(b"m"))]
    rows += [(LOG.public, b"m", LOG.sign(b"m")[:size]) for size in (0, 32, 63)]
    rows += [(bytes.fromhex(key), b"countersign", bytes.fromhex(signature)) for key, signature, _ in PROBES]
    assert decided(modules, rows) == [[ed25519.verify(*row)] * 2 for row in rows]


def decided(page: Page, rows: list[tuple[bytes, bytes, bytes]]) -> list[list[bool]]:
    told: list[list[bool]] = page.evaluate(VERIFY, [[part.hex() for part in row] for row in rows])
    return told


def test_what_does_not_fit_into_memory_is_kept_and_hashed_in_pieces(modules: Page, tmp_path: Path) -> None:
    _, packed = write_large_bundle(tmp_path, 6_000)
    modules.set_content('<input type="file" id="evidence">')
    modules.set_input_files("#evidence", packed)
    small, usual = modules.evaluate(IN_PIECES, {"policy": POLICY.decode(), "now": 2_000_000_000})
    assert small["outcome"] == "verified"
    assert small == usual


@pytest.mark.optional
@pytest.mark.skipif(missing("wycheproof-ed25519"), reason="the set is not beside the repository")
def test_wycheproofs_set_is_decided_as_published(modules: Page) -> None:
    groups = json.loads((SHARED / "wycheproof-ed25519/testvectors_v1/ed25519_test.json").read_bytes())["testGroups"]
    cases = [(group["publicKey"]["pk"], one) for group in groups for one in group["tests"]]
    rows = [(bytes.fromhex(key), bytes.fromhex(one["msg"]), bytes.fromhex(one["sig"])) for key, one in cases]
    assert decided(modules, rows) == [[one["result"] == "valid"] * 2 for _, one in cases]
