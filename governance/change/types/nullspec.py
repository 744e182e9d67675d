"""`nullspec.install`, `.activate` and `.retire`: contracts in the store, and which of them counts for a pair.

Guarantees that what lies in the store afterwards is the contract that its author signed, byte for byte, and that none
is activated that is expired, bound to another resolution, made for another pair, or by somebody in no keyring.
"""

from __future__ import annotations

from collections.abc import Mapping as Keyring
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from governance.change.core.native import NATIVE_FIELD, declared, full_form
from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.targets import (
    MAYBE_U64,
    NAME,
    SLUG,
    STORED,
    OfTarget,
    directory_of,
    event_step,
    readable,
    target_of,
)
from governance.evidenceos.core import preflight
from governance.evidenceos.core.active_map import Mapping
from governance.evidenceos.core.directory import ACTIVE_MAP, Directory
from governance.evidenceos.core.events import GovernanceEvent, nullspec_event_id
from governance.evidenceos.core.expected import resolution_of, symbols_of
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.nullspec import Contract, read_contract
from governance.evidenceos.core.preflight import Check, Expected
from governance.evidenceos.core.registry import Entry, entry_faults, entry_paths
from governance.evidenceos.core.renewing import weights_told
from governance.evidenceos.core.resolution import Lane
from governance.evidenceos.core.steps import FileStep, written
from governance.evidenceos.errors import EvidenceOSRefused
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Effective
from ledger.core.fields import Schema, hex_hash, nullable, one_of, text
from ledger.core.types import JSON, JSONObject

if TYPE_CHECKING:
    from governance.change.core.native import NativeMade
    from governance.change.types.native import NativeSigner

MOST_CONTRACT = 16_384
LANE = nullable(one_of(*(lane.value for lane in Lane)))
KIND = "nullspec_contract"
REGISTRY = "nullspec-registry/"


class NullspecInstall(OfTarget):
    """`contract` is the text that the author signs: the canonical contract without id and signature."""

    name = "nullspec.install"
    words = "Install a NullSpec contract"
    effective = Effective.IMMEDIATE
    schema: Schema = {
        "target": SLUG, "contract": text(MOST_CONTRACT), "lane": LANE, "epoch": MAYBE_U64, "native": NATIVE_FIELD,
    }  # fmt: skip

    def document(self, body: JSONObject) -> str:
        """One document per contract."""
        return f"nullspecs/{sha256(_payload(body)).hexdigest()}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The contract as the store has it; raises EffectRefused where its name is taken by something else."""
        found, wanted = directory_of(body, lock=lock), contract_of(body)
        if wanted.nullspec_id in found.directory.contracts:
            return {"contract": facts(found.directory.contracts[wanted.nullspec_id])}
        if store_path(wanted) in found.files:
            raise EffectRefused("A file of this name is there, and is no such contract", path="$.contract")
        return {"contract": None}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The contract; raises EffectRefused where it is installed, or another artefact is declared."""
        if base["contract"] is not None:
            raise EffectRefused("This contract is installed already", path="$.contract")
        check_declared(body, [declared(KIND, "author", _payload(body))])
        return {"contract": facts(contract_of(body))}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Something more that can be activated."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Weights that are others than those of the contract that counts for the pair now."""
        contract = contract_of(body)
        told = weights_told(_counting(directory_of(body).directory, contract), contract)
        return [*([told] if told else []), *super().invalidates(base, body)]

    def when(self, body: JSONObject) -> str:
        """What counts is said by another change."""
        return STORED

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Those of an installation; the author's key has to be in the keyring, the signature comes with the word."""
        contract = contract_of(body)
        rows = preflight.install(found.directory, contract, expected_of(found.directory, contract, body))
        author = contract.created_by
        known = () if author in found.directory.keyring else (
            Fault("nullspec_key_unknown", "$.created_by", f"{author!a} is in no keyring"),
        )  # fmt: skip
        return [Check("signature", known) if one.name == "signature" else one for one in rows]

    def payloads(self, base: JSONObject, body: JSONObject, *, signer: NativeSigner | None, at: int) -> list[bytes]:
        """The contract; raises EffectRefused where its author is not who signs."""
        del base, at
        if signer is not None:
            author = contract_of(body).created_by
            if directory_of(body).directory.keyring.get(author) != signer.public:
                raise EffectRefused(
                    "This is not the native key of the contract's author", why=author[:80], path="$.contract",
                    next_step="Sign as the person whose key the keyring names, or make the contract anew.",
                )  # fmt: skip
        return [_payload(body)]

    def check_native(
        self, base: JSONObject, body: JSONObject, made: Sequence[NativeMade], *, signer: NativeSigner, at: int
    ) -> None:
        """Whose key it is."""
        del made
        self.payloads(base, body, signer=signer, at=at)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Upstream's line, the store, and in production the registry: its signature before its contract.

        Raises EffectRefused where the keyring has another key for the author by now: the daemon would refuse it all.
        """
        (made,) = context.native
        contract = read_contract(full_form(made.payload, made.signature))
        found = directory_of(body, is_fresh=True)
        _check_signed(contract, made.detached, found.directory.keyring)
        about, data = contract.nullspec_id.hex(), contract.canonical()
        steps = [event_step(found, _event("nullspec_install", contract), context, about)]
        steps.append(written(found.files, store_path(contract), data, about))
        if target_of(body).is_production and made.detached is not None:
            stored, signature = (f"{REGISTRY}{path}" for path in entry_paths(contract))
            steps.append(written(found.files, signature, write_hex_file(made.detached), about))
            steps.append(written(found.files, stored, data, about))
        self.write(body, steps, context)


class _OfPair(OfTarget):
    """A kind that says which contract counts for an oracle and a holdout."""

    effective = Effective.IMMEDIATE

    def document(self, body: JSONObject) -> str:
        """One document per pair."""
        return f"active/{body['oracle_id']}/{body['holdout_handle']}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The id that counts now."""
        found = directory_of(body, lock=lock).directory.active.active(*_pair(body))
        return {"nullspec_id": None if found is None else found.hex()}

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """What counted before; where nothing did, the pair is retired."""
        pair: JSONObject = {name: body[name] for name in ("target", "oracle_id", "holdout_handle")}
        before = base["nullspec_id"]
        if before is None:
            return {"type": "nullspec.retire", "body": pair}
        told: JSONObject = {**pair, "nullspec_id": before, "lane": None, "epoch": body.get("epoch")}
        return {"type": "nullspec.activate", "body": told}

    def shut(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Why the way back would be refused as things stand: nobody is to rely on one that is not there."""
        back = cast("JSONObject", self.way_back(base, body))
        if back["type"] != NullspecActivate.name:
            return []
        rows = NullspecActivate().checks(directory_of(body), cast("JSONObject", back["body"]))
        codes = sorted({fault.code for one in rows if one.outcome == "failed" for fault in one.faults})
        told = f"The way back would be refused as things stand: {', '.join(codes)}."
        return [told] if codes else []

    def map_step(self, found: Snapshot, body: JSONObject, nullspec_id: bytes | None) -> FileStep:
        """The whole map with the pair's new row, or without it."""
        active = found.directory.active
        after = active.retired(*_pair(body)) if nullspec_id is None else active.activated(*_pair(body), nullspec_id)
        about = str(body.get("nullspec_id") or (active.active(*_pair(body)) or b"").hex())
        return written(found.files, ACTIVE_MAP, after.to_bytes(), about)


class NullspecActivate(_OfPair):
    """From then on every execution of the pair goes by this contract. Upstream checks only that its file is there."""

    name = "nullspec.activate"
    words = "Activate a NullSpec contract"
    schema: Schema = {
        "target": SLUG, "oracle_id": NAME, "holdout_handle": NAME, "nullspec_id": hex_hash, "lane": LANE,
        "epoch": MAYBE_U64,
    }  # fmt: skip

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The one of the body; raises EffectRefused where it counts already."""
        if base["nullspec_id"] == body["nullspec_id"]:
            raise EffectRefused("This contract is active already", path="$.nullspec_id")
        return {"nullspec_id": body["nullspec_id"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It decides what claims are accepted by."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """The contract of before."""
        before = base["nullspec_id"]
        gone = [f"The contract {str(before)[:12]} counts no more for this pair."] if before else []
        return [*gone, *self._weights(base, body), *self.shut(base, body), *super().invalidates(base, body)]

    def _weights(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Where those of before were others."""
        held = directory_of(body).directory.contracts
        before, after = (held.get(bytes.fromhex(str(one["nullspec_id"] or ""))) for one in (base, body))
        told = "" if after is None else weights_told(before, after)
        return [told] if told else []

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Those of an activation; in production the registry is one of them."""
        row = Mapping(*_pair(body), bytes.fromhex(str(body["nullspec_id"])))
        contract = found.directory.contracts.get(row.nullspec_id)
        expected = Expected() if contract is None else expected_of(found.directory, contract, body)
        rows = preflight.activate(found.directory, row, expected, production=target_of(body).is_production)
        return [readable(found, ACTIVE_MAP), *rows]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Upstream's line, then the map. What cannot be there any more is refused: nothing is written."""
        found = directory_of(body, is_fresh=True)
        key = bytes.fromhex(str(body["nullspec_id"]))
        contract = found.directory.contracts.get(key)
        if contract is None:
            raise EffectRefused("The contract is not in the store", why=key.hex(), path="$.nullspec_id")
        event = _event("nullspec_activate", contract, holdout=str(body["holdout_handle"]))
        line = event_step(found, event, context, key.hex())
        self.write(body, [line, self.map_step(found, body, key)], context)


class NullspecRetire(_OfPair):
    """Upstream has no command for it; its reader takes the map without the row."""

    name = "nullspec.retire"
    words = "Retire the active NullSpec contract of a pair"
    schema: Schema = {"target": SLUG, "oracle_id": NAME, "holdout_handle": NAME}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """None counts; raises EffectRefused where that is so."""
        if base["nullspec_id"] is None:
            raise EffectRefused("No contract is active for this pair", path="$.holdout_handle")
        return {"nullspec_id": None}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """In production no claim of the pair is executed any more."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What comes of claims."""
        told = (
            "Claims of this pair are refused: none is active."
            if target_of(body).is_production
            else "Claims of this pair go by the daemon's built-in contract, which nobody has signed."
        )
        return [told, *self.shut(base, body), *super().invalidates(base, body)]

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """That there is something to retire."""
        return [readable(found, ACTIVE_MAP), *preflight.retire(found.directory, *_pair(body))]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """The map without the pair. Upstream has no event for it: the decision is the record."""
        found = directory_of(body, is_fresh=True)
        self.write(body, [self.map_step(found, body, None)], context)


def _counting(found: Directory, contract: Contract) -> Contract | None:
    """The contract that counts now for the pair of this one."""
    key = found.active.active(contract.oracle_id, contract.holdout_handle)
    return None if key is None else found.contracts.get(key)


def contract_of(body: JSONObject) -> Contract:
    """The contract of a body, with its id and without a signature; raises EffectRefused unless canonical."""
    data = _payload(body)
    try:
        found = read_contract(data)
    except EvidenceOSRefused as error:
        raise EffectRefused(
            "This is no NullSpec contract", why=f"{error.code}: {error}", path="$.contract"
        ) from error  # fmt: skip
    if found.signing_payload() != data:
        raise EffectRefused("This is not the text that the author signs", path="$.contract")
    return replace(found, nullspec_id=found.computed_id())


def facts(contract: Contract) -> JSONObject:
    """What people read of a contract; 64-bit numbers as text."""
    calibration = contract.calibration_manifest_hash
    return {
        "nullspec_id": contract.nullspec_id.hex(), "oracle_id": contract.oracle_id,
        "holdout_handle": contract.holdout_handle, "created_by": contract.created_by,
        "epoch_created": str(contract.epoch_created), "ttl_epochs": str(contract.ttl_epochs),
        "holds_through": str(contract.last_epoch), "oracle_resolution_hash": contract.oracle_resolution_hash.hex(),
        "calibration_manifest_hash": None if calibration is None else calibration.hex(),
        "null": _named(contract.kind.to_json()), "e_process": _named(contract.eprocess.to_json()),
    }  # fmt: skip


def expected_of(found: Directory, contract: Contract, body: JSONObject) -> Expected:
    """What a contract is held against: the resolution of claims frozen in the body's epoch (the forced one without),
    in its lane (either without), and for its expiry the forced epoch, where there is one.
    """
    stated = None if body["epoch"] is None else int(str(body["epoch"]))
    frozen = found.forced_epoch if stated is None else stated
    if frozen is None:
        return Expected()
    lanes = [Lane(str(body["lane"]))] if body["lane"] is not None else list(Lane)
    record = found.records.get(contract.oracle_id)
    rows = [resolution_of(record, symbols_of(contract), lane, frozen) for lane in lanes]
    fitting = next((one for one in rows if one.hash() == contract.oracle_resolution_hash), rows[0])
    return Expected(fitting, frozen if found.forced_epoch is None else found.forced_epoch)


def check_declared(body: JSONObject, wanted: list[JSONObject]) -> None:
    """Raise EffectRefused where a body declares other artefacts than follow from it."""
    if body["native"] != cast("list[JSON]", wanted):
        raise EffectRefused("The artefacts to sign are not those of this change", why=str(wanted), path="$.native")


def store_path(contract: Contract) -> str:
    """Where a contract lies in the store."""
    return f"nullspec/{contract.nullspec_id.hex()}.json"


def _payload(body: JSONObject) -> bytes:
    return str(body["contract"]).encode("utf-8")


def _pair(body: JSONObject) -> tuple[str, str]:
    return str(body["oracle_id"]), str(body["holdout_handle"])


def _check_signed(contract: Contract, detached: bytes | None, keyring: Keyring[str, bytes]) -> None:
    entry = Entry(contract.oracle_id, contract.nullspec_id.hex(), contract, contract.canonical(), detached)
    told = "; ".join(f"{one.code}: {one.message}" for one in entry_faults(entry, keyring))
    if told:
        raise EffectRefused(
            "The contract does not verify under the keyring of now", why=told[:500], path="$.contract",
            next_step="Find out who wrote the keyring, then propose the contract anew.",
        )  # fmt: skip


def _named(tagged: JSONObject) -> str:
    return ", ".join(tagged)


def _event(event_type: str, contract: Contract, **more: str) -> GovernanceEvent:
    """As evidenceosctl writes it: the contract's own signature, which proves nothing about the event."""
    payload: JSONObject = {
        "nullspec_id": contract.nullspec_id.hex(), "oracle_id": contract.oracle_id,
        "resolution_hash": contract.oracle_resolution_hash.hex(), **more,
    }  # fmt: skip
    return GovernanceEvent(
        event_type, contract.epoch_created, contract.created_by, payload, nullspec_event_id(contract.nullspec_id),
        contract.signature.hex(),
    )  # fmt: skip
