"""The shape of a case of the corpus, and its three forms.

`naive`: files were changed after the manifest was signed. `repacked`: the manifest was rebuilt and signed
with the attacker's own export key. `own`: it was rebuilt and signed with the log's genuine export key, as a
dishonest operator would. Each form has its own expected codes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.core.canonical import canonical
from ledger.core.gzip_stream import compressed
from ledger.core.types import JSONObject
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import ATTACKER, LOG
from tests.corpus.log import START, sample_log

POLICY = f"log {LOG.vkey()}\nquorum none\n".encode()
NOW = int(START.timestamp()) + 7_200
FORMS = ("naive", "repacked", "own")


@dataclass(frozen=True)
class Input:
    """What a reader has in hand."""

    data: bytes
    policy: bytes = POLICY
    trust: JSONObject = field(default_factory=dict)
    now: int | None = NOW
    kind: str = "bundle"

    @property
    def trust_bytes(self) -> bytes:
        return canonical(self.trust)


@dataclass(frozen=True)
class Case:
    """An input and exactly the outcome, problem codes and notes that a verifier must give.

    `needs` names a capability (`mldsa44`) without which the codes of `without` are expected instead.
    """

    name: str
    about: str
    build: Callable[[], Input]
    codes: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    needs: str = ""
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mutation:
    """A change to a good bundle, and the codes that tell of the change itself; `needs` and `without` as in a case."""

    name: str
    about: str
    change: Callable[[Draft], object]
    codes: frozenset[str]
    forms: tuple[str, ...] = FORMS
    notes: frozenset[str] = frozenset()
    policy: bytes = POLICY
    needs: str = ""
    without: frozenset[str] = frozenset()

    def cases(self) -> list[Case]:
        return [self.case(form) for form in self.forms]

    def case(self, form: str) -> Case:
        noise = {"naive": naive_codes, "repacked": repacked_codes, "own": own_codes}[form](self)
        build = {"naive": naive, "repacked": repacked, "own": own}[form]
        name = f"{self.name}-{form}"
        return Case(
            name, self.about, lambda: Input(build(base(), self.change), self.policy), self.codes | noise, self.notes,
            self.needs, self.without | noise,
        )  # fmt: skip


def base(first: int = 5, last: int = 28) -> Draft:
    """The good bundle that mutations change: leaves 5 to 28 of the sample log."""
    return draft_of(sample_log(), first, last)


def own(draft: Draft, change: Callable[[Draft], object] = lambda _: None) -> bytes:
    change(draft)
    return draft.tar(draft.signed_manifest())


def repacked(draft: Draft, change: Callable[[Draft], object]) -> bytes:
    change(draft)
    return draft.tar(draft.signed_manifest(ATTACKER))


def naive(draft: Draft, change: Callable[[Draft], object]) -> bytes:
    manifest = draft.signed_manifest()
    change(draft)
    return draft.tar(manifest)


def own_codes(_: Mutation) -> frozenset[str]:
    return frozenset()


def repacked_codes(_: Mutation) -> frozenset[str]:
    return frozenset({"manifest_key_unknown"})


def naive_codes(mutation: Mutation) -> frozenset[str]:
    """What a manifest that was not rebuilt adds: files changed, gone or extra."""
    draft = base()
    before = dict(draft.files)
    mutation.change(draft)
    changed = any(draft.files.get(name, data) != data for name, data in before.items())
    gone, extra = before.keys() - draft.files.keys(), draft.files.keys() - before.keys()
    found = {
        "manifest_file_mismatch": changed,
        "file_missing": bool(gone),
        "manifest_file_extra": bool(extra),
    }
    return frozenset(code for code, holds in found.items() if holds)


def packed(tar: bytes) -> bytes:
    """The .tar.gz that is delivered."""
    return b"".join(compressed([tar]))
