"""`oracle_keys.set` and `etl_key.rotate`: whom a daemon trusts, and which key its log is signed with.

Guarantees that no set of keys takes effect under which something in force does not verify, and that the seed of the
log's key is never read here: it is made and put there offline, and this names it.
"""

from __future__ import annotations

from typing import cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.targets import NAME, SLUG, OfTarget, directory_of, readable, target_of
from governance.evidenceos.core import preflight
from governance.evidenceos.core.digests import log_key_id
from governance.evidenceos.core.directory import ACTIVE_KEY, TRUSTED_KEYS
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.keys import write_trusted_keys
from governance.evidenceos.core.preflight import Check
from governance.evidenceos.core.steps import written
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Effective
from ledger.core import ed25519
from ledger.core.fields import Schema, closed, hex_hash, list_of
from ledger.core.types import JSONObject

OTHERS = 0o077
"""Rights that a seed must not give."""
SEED_BYTES = 32


class OracleKeysSet(OfTarget):
    """The whole file, which is unsigned: whoever is in it can sign for the daemon without us."""

    name = "oracle_keys.set"
    words = "Set the trusted keys of EvidenceOS operators"
    effective = Effective.RELOAD
    schema: Schema = {"target": SLUG, "keys": list_of(closed({"label": NAME, "public": hex_hash}), most=64)}

    def document(self, body: JSONObject) -> str:
        """One document per target."""
        return "trusted_keys"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The keys by label."""
        found = directory_of(body, lock=lock).directory.trusted
        return {"keys": {label: key.hex() for label, key in sorted(found.items())}}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Those of the body; raises EffectRefused for labels that stand twice, weak keys, and where nothing changes."""
        rows = cast("list[JSONObject]", body["keys"])
        keys = {str(one["label"]): str(one["public"]) for one in sorted(rows, key=lambda one: str(one["label"]))}
        if len(keys) != len(rows):
            raise EffectRefused("A label stands twice", path="$.keys")
        for label, public in keys.items():
            if (weakness := ed25519.weakness(bytes.fromhex(public))) is not None:
                raise EffectRefused("This is no key", why=f"{label}: {weakness}", path="$.keys")
        if keys == base["keys"]:
            raise EffectRefused("These keys are trusted already, and no others", path="$.keys")
        return {"keys": {**keys}}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Only fewer tightens."""
        old, new = (set(cast("JSONObject", one["keys"]).items()) for one in (base, result))
        return Direction.TIGHTENS if new < old else Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Whose signature counts no more."""
        rows = {str(one["label"]): one["public"] for one in cast("list[JSONObject]", body["keys"])}
        gone = [label for label, public in cast("JSONObject", base["keys"]).items() if rows.get(label) != public]
        return [*(f"Nothing signed as {label} is taken any more." for label in gone), *super().invalidates(base, body)]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The keys of before."""
        rows = [{"label": label, "public": public} for label, public in cast("JSONObject", base["keys"]).items()]
        return {"type": self.name, "body": {"target": body["target"], "keys": [*rows]}}

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """What is in force under the new keys, and that the file of now can be read."""
        return [readable(found, TRUSTED_KEYS), *preflight.trusted_keys(found.directory, _keys(body))]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """The file. Upstream has no event for it: the decision is the record."""
        found = directory_of(body, is_fresh=True)
        self.write(body, [written(found.files, TRUSTED_KEYS, write_trusted_keys(_keys(body)), "keys")], context)


class EtlKeyRotate(OfTarget):
    """Done once a tree head that names the new key was seen and verifies: evidenceos_observe_head."""

    name = "etl_key.rotate"
    words = "Rotate the key of the transparency log"
    effective = Effective.RESTART
    schema: Schema = {"target": SLUG, "public": hex_hash}

    def document(self, body: JSONObject) -> str:
        """One document per target."""
        return "log_key"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The id of the active key."""
        return {"active_key_id": directory_of(body, lock=lock).directory.active_log_key}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """That of the new one; raises EffectRefused for a weak key, and where it is active."""
        public = bytes.fromhex(str(body["public"]))
        if (weakness := ed25519.weakness(public)) is not None:
            raise EffectRefused("This is no key", why=weakness, path="$.public")
        wanted = log_key_id(public).hex()
        if base["active_key_id"] == wanted:
            raise EffectRefused("This key is active already", path="$.public")
        return {"active_key_id": wanted}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """One key for another."""
        return Direction.NEUTRAL

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What readers must hold."""
        told = "Readers need the new public key; heads of the old one verify for as long as its file stays."
        return [told, *super().invalidates(base, body)]

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """That the seed was put there, under the name that the daemon asks for."""
        wanted = f"keys/{log_key_id(bytes.fromhex(str(body['public']))).hex()}.key"
        if wanted not in found.files:
            return [Check("seed", (Fault("log_key_missing", wanted, "there is no such file"),))]
        seed = (target_of(body).path / wanted).stat()
        broad = Fault("log_key_missing", wanted, "others may read it, and the daemon refuses it for that")
        size = Fault("log_key_missing", wanted, f"it has {seed.st_size} bytes, and a seed has {SEED_BYTES}")
        found_wrong = ((broad, seed.st_mode & OTHERS), (size, seed.st_size != SEED_BYTES))
        return [Check("seed", tuple(fault for fault, is_so in found_wrong if is_so))]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """The name of the active key. Upstream has no event for it: the decision is the record."""
        found = directory_of(body, is_fresh=True)
        wanted = log_key_id(bytes.fromhex(str(body["public"]))).hex()
        self.write(body, [written(found.files, ACTIVE_KEY, f"{wanted}\n".encode(), wanted)], context)


def _keys(body: JSONObject) -> dict[str, bytes]:
    rows = cast("list[JSONObject]", body["keys"])
    return {str(one["label"]): bytes.fromhex(str(one["public"])) for one in rows}
