"""Mutations of form: archive, documents and leaves."""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.bundle import ATTACHED, CONSISTENCY, KEYS, LEAVES, OBJECTS, RANGE_PROOF, RECEIPTS
from ledger.core.canonical import canonical
from ledger.core.tar import header
from tests.corpus.cases import Case, Input, Mutation, base, own, packed
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import OTHER_ORIGIN
from tests.corpus.log import Log

DISPLACED = frozenset({"receipt_mismatch", "attrs_digest_mismatch", "payload_digest_mismatch"})
NO_KEYS = frozenset({"control_history_missing", "receipt_key_unproven", "manifest_key_unknown"})
TAMPERED_15 = frozenset({"chain_broken", "range_root_mismatch", "window_mismatch"})
"""What a changed leaf 15 breaks beside itself."""


def good() -> bytes:
    return own(base())


def replaced(name: str, data: bytes) -> Callable[[Draft], object]:
    return lambda draft: draft.files.update({name: data})


def raw_line(number: int, line: bytes) -> Callable[[Draft], object]:
    def change(draft: Draft) -> None:
        draft.edit(LEAVES, lambda lines: lines.__setitem__(number, line))

    return change


def without(name: str) -> Callable[[Draft], object]:
    return lambda draft: draft.files.pop(name)


def last_gone(draft: Draft) -> None:
    for name in (LEAVES, RECEIPTS, *OBJECTS.values()):
        draft.edit(name, lambda lines: lines.pop())


def flipped(at: int) -> bytes:
    data = bytearray(good())
    data[at] ^= 1
    return bytes(data)


def as_link(data: bytes) -> bytes:
    """The first file turned into a symbolic link, with a correct checksum."""
    block = bytearray(data[:512])
    block[156:157] = b"2"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data[512:]


def members_of(data: bytes) -> list[tuple[str, bytes]]:
    """Names and whole blocks of a tar."""
    found, at = [], 0
    while data[at : at + 100].strip(b"\0"):
        name = data[at : at + 100].rstrip(b"\0").decode()
        size = int(data[at + 124 : at + 135], 8)
        end = at + 512 + size + (-size % 512)
        found.append((name, data[at:end]))
        at = end
    return found


def reordered() -> bytes:
    rows = members_of(good())
    rows[1], rows[2] = rows[2], rows[1]
    return b"".join(block for _, block in rows) + bytes(1024)


def doubled() -> bytes:
    rows = members_of(good())
    return b"".join(block for _, block in [rows[0], *rows]) + bytes(1024)


def foreign() -> bytes:
    rows = [*members_of(good()), ("zzz.txt", header("zzz.txt", 0))]
    return b"".join(block for _, block in rows) + bytes(1024)


def bomb() -> bytes:
    return packed(header("README.txt", 200 << 20) + bytes(200 << 20))


def reversed_time() -> Draft:
    log = Log()
    log.genesis()
    log.events(0, 3)
    log.event(3, recorded="2026-11-21T08:00:00.000000Z")
    log.events(4, 2)
    log.seal()
    return draft_of(log, 0, 6)


def future() -> Draft:
    log = Log()
    log.genesis()
    log.event(0)
    log.event(1, recorded="2031-01-01T00:00:00.000000Z")
    log.add(
        "segment",
        {"reason": "clock set right", "decision": None, "control_prev": log.link()},
        recorded="2031-01-01T00:00:00.000000Z",
    )
    log.seal()
    return draft_of(log, 0, 4)


def archive(name: str, about: str, build: Callable[[], bytes], code: str = "archive_malformed", *more: str) -> Case:
    return Case(f"archive-{name}", about, lambda: Input(build()), frozenset({code, *more}))


CASES: list[Case] = [
    Case("good", "A good bundle over leaves 5 to 28.", lambda: Input(good()), notes=frozenset({"window_edge"})),
    Case(
        "good-compressed",
        "The same bundle as it is delivered.",
        lambda: Input(packed(good())),
        notes=frozenset({"window_edge"}),
    ),
    archive(
        "bit-in-header",
        "One bit of a header is flipped.",
        lambda: flipped(4),
        "archive_malformed",
        "not_evaluated",
    ),
    archive(
        "truncated",
        "The tar ends in the middle of a file.",
        lambda: good()[:9_000],
        "archive_malformed",
        "not_evaluated",
    ),
    archive("no-end", "The closing blocks are gone.", lambda: good()[:-1024], "archive_malformed", "not_evaluated"),
    archive(
        "trailing",
        "Something follows the end.",
        lambda: good() + bytes(512),
        "archive_malformed",
        "not_evaluated",
    ),
    archive(
        "gzip-truncated",
        "The compressed file ends too early.",
        lambda: packed(good())[:-9],
        "archive_malformed",
        "not_evaluated",
    ),
    archive(
        "gzip-trailing",
        "A second compressed file follows.",
        lambda: packed(good()) * 2,
        "archive_malformed",
        "not_evaluated",
    ),
    archive(
        "link",
        "The first entry is a symbolic link.",
        lambda: as_link(good()),
        "archive_malformed",
        "not_evaluated",
    ),
    archive("unsorted", "Two files stand in the wrong order.", reordered, "archive_malformed", "not_evaluated"),
    archive("duplicate", "A file stands there twice.", doubled, "archive_malformed", "not_evaluated"),
    archive(
        "foreign-name",
        "A file has a name that no bundle knows.",
        foreign,
        "archive_malformed",
        "manifest_file_extra",
    ),
    archive("empty", "An empty file.", lambda: b"", "archive_malformed", "not_evaluated"),
    archive(
        "not-a-tar",
        "Text instead of a tar.",
        lambda: b"hello world\n" * 200,
        "archive_malformed",
        "not_evaluated",
    ),
    archive(
        "zstd",
        "Packed with zstd.",
        lambda: b"\x28\xb5\x2f\xfd" + bytes(600),
        "archive_malformed",
        "not_evaluated",
    ),
    archive("bomb", "A few kilobytes that inflate to 200 MiB.", bomb, "archive_limit", "not_evaluated"),
    Case(
        "time-reversed",
        "A leaf was recorded before the one in front of it.",
        lambda: Input(own(reversed_time())),
        frozenset({"time_reversed"}),
    ),
    Case(
        "time-in-future",
        "A leaf is dated years ahead.",
        lambda: Input(own(future())),
        frozenset({"time_in_future"}),
    ),
]

MUTATIONS: list[Mutation] = [
    Mutation(
        "extra-file",
        "A known kind of file was added.",
        replaced("forks/claim.json", canonical({"a": "x", "b": "y", "old_root": None, "proof": []})),
        frozenset({"note_malformed"}),
    ),
    Mutation(
        "leaves-gone",
        "leaves.ndjson is not there.",
        without(LEAVES),
        frozenset({"file_missing", "not_evaluated"}),
    ),
    Mutation(
        "range-proof-gone",
        "range-proof.json is not there.",
        without(RANGE_PROOF),
        frozenset({"file_missing", "not_evaluated"}),
    ),
    Mutation("attached-gone", "attached.ndjson is not there.", without(ATTACHED), NO_KEYS | {"file_missing"}),
    Mutation(
        "consistency-gone",
        "consistency.json is not there.",
        without(CONSISTENCY),
        frozenset({"file_missing", "proof_missing"}),
    ),
    Mutation("keys-gone", "keys.json is not there.", without(KEYS), frozenset({"file_missing"})),
    Mutation("readme-gone", "README.txt is not there.", without("README.txt"), frozenset({"file_missing"})),
    Mutation("receipts-gone", "receipts.ndjson is not there.", without(RECEIPTS), frozenset({"receipt_missing"})),
    Mutation(
        "payloads-gone",
        "The disclosed payloads are not there.",
        without(OBJECTS["payload"]),
        frozenset({"payload_missing"}),
    ),
    Mutation(
        "leaf-not-json",
        "A leaf is not JSON.",
        raw_line(10, b'{"v":'),
        TAMPERED_15 | {"json_invalid"} | DISPLACED,
    ),
    Mutation(
        "leaf-not-canonical",
        "A leaf has a space in its JSON.",
        lambda draft: draft.edit(LEAVES, lambda lines: lines.__setitem__(10, lines[10].replace(b":", b": ", 1))),
        TAMPERED_15 | {"not_canonical"} | DISPLACED,
    ),
    Mutation(
        "leaf-schema",
        "A leaf has a field that its kind does not know.",
        lambda draft: draft.edit_line(LEAVES, 10, lambda leaf: leaf.update(note="x")),
        TAMPERED_15 | {"leaf_schema"} | DISPLACED,
    ),
    Mutation(
        "leaf-too-large",
        "A line is longer than 65,535 bytes.",
        raw_line(10, b'"' + b"x" * 70_000 + b'"'),
        frozenset({"leaf_too_large", "leaf_missing", "not_evaluated"}) | DISPLACED,
    ),
    Mutation(
        "leaf-other-origin",
        "A leaf is of another log.",
        lambda draft: draft.edit_line(LEAVES, 10, lambda leaf: leaf.update(origin=OTHER_ORIGIN)),
        TAMPERED_15 | {"origin_mismatch", "receipt_mismatch"},
    ),
    Mutation(
        "leaf-other-prev",
        "A leaf names another hash before it.",
        lambda draft: draft.edit_line(LEAVES, 10, lambda leaf: leaf.update(prev="ab" * 32)),
        TAMPERED_15 | {"receipt_mismatch"},
    ),
    Mutation(
        "leaves-swapped",
        "Two neighbouring leaves changed places.",
        lambda draft: draft.edit(LEAVES, lambda lines: lines.insert(11, lines.pop(10))),
        frozenset({"leaf_missing", "leaf_unexpected", "not_evaluated"}) | DISPLACED,
    ),
    Mutation(
        "leaf-twice",
        "A leaf stands there twice.",
        lambda draft: draft.edit(LEAVES, lambda lines: lines.insert(10, lines[10])),
        frozenset({"leaf_unexpected", "not_evaluated"}),
    ),
    Mutation(
        "last-leaf-gone",
        "The last leaf of the range is gone.",
        last_gone,
        frozenset({"leaf_missing", "not_evaluated"}),
    ),
    Mutation(
        "leaf-after-range",
        "The leaf after the range was added.",
        lambda draft: draft.edit(LEAVES, lambda lines: lines.append(draft.log.leaves[29].raw)),
        frozenset({"leaf_unexpected", "not_evaluated"}),
    ),
    Mutation(
        "deep-leaf",
        "A leaf is nested 100,000 levels deep.",
        raw_line(10, b"[" * 30_000 + b"]" * 30_000),
        TAMPERED_15 | {"json_invalid"} | DISPLACED,
    ),
    Mutation(
        "attached-garbage",
        "A line of attached.ndjson is not JSON.",
        lambda draft: draft.edit(ATTACHED, lambda lines: lines.append(b"garbage")),
        frozenset({"json_invalid"}),
    ),
    Mutation(
        "keys-changed",
        "keys.json says something else than the leaves.",
        lambda draft: draft.edit_json(KEYS, lambda value: value.update(max_merge_delay=1)),
        frozenset({"keys_mismatch"}),
    ),
    Mutation(
        "range-proof-garbage",
        "range-proof.json has an unknown field.",
        lambda draft: draft.edit_json(RANGE_PROOF, lambda value: value.update(x=1)),
        frozenset({"leaf_schema", "not_evaluated"}),
    ),
    Mutation(
        "consistency-garbage",
        "consistency.json is not canonical.",
        lambda draft: draft.files.update({CONSISTENCY: draft.files[CONSISTENCY] + b"\n"}),
        frozenset({"not_canonical", "proof_missing"}),
    ),
    Mutation(
        "note-garbage",
        "A checkpoint is not a note.",
        replaced("checkpoints/x.note", b"hello\n"),
        frozenset({"note_malformed"}),
    ),
]

MUTATIONS = [mutation for mutation in MUTATIONS if mutation.forms]
