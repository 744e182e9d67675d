"""S3 as a head guard: one object for each origin, replaced under its ETag.

Guarantees that an object is made only where there is none (If-None-Match) and replaced only while it is the
one that was read (If-Match). A store that accepts a wrong condition is refused at start. A conflict (409,
412), a failure of the server or a lost answer is found out by reading again: documents never return to an
earlier form, so a request that arrives late changes nothing. Follows Amazon S3, conditional writes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap, encode
from ledger.core.types import Hash
from ledger.storage.guards.errors import HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.moves import after_advance, after_swap, state_of

WAIT_S: Final = 5.0
ATTEMPTS: Final = 64
PROBE: Final = "countersign-guard-probe"
_LOST_ANSWERS: Final = 2
_CONFLICT, _CONDITION_FAILED, _NOT_FOUND, _SERVER_ERROR = 409, 412, 404, 500
_WRONG_ETAG: Final = '"00000000000000000000000000000000"'
Answer = TypeVar("Answer")


class _LostError(Exception):
    """No answer that can be relied upon: the write may have happened, or may still."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the objects lie; `endpoint` and `region` are the SDK's own unless given."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, url: str) -> Place:
        """Read `s3://bucket/prefix?endpoint=https://host&region=name`; credentials come from the SDK."""
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "", query.get("endpoint"), query.get("region"))


class S3Guard:
    """Objects named `<prefix><origin>.json`."""

    def __init__(self, place: Place, *, wait_s: float = WAIT_S) -> None:
        """Connect and prove the conditions; raises HeadGuardUnreachable."""
        self._place = place
        self._client, self._errors = _client(place, wait_s)
        self.check()

    def check(self) -> None:
        """Raise HeadGuardUnreachable where a wrong condition is accepted, or nothing answers."""
        key = self._place.prefix + PROBE
        try:
            self._put(key, b"{}", IfNoneMatch="*")
            accepted = [
                name
                for name, value in (("IfMatch", _WRONG_ETAG), ("IfNoneMatch", "*"))
                if self._put(key, b"{}", **{name: value})
            ]
        except _LostError as error:
            raise HeadGuardUnreachable("The guard does not answer", why=str(error)) from error
        if accepted:
            raise HeadGuardUnreachable(
                "This store cannot be a guard", why=f"it accepted a wrong {' and '.join(accepted)}",
                next_step="Use a store with conditional writes, or a file or Redis guard.",
            )  # fmt: skip

    def create(self, origin: str) -> bool:
        """See HeadGuard."""
        fresh = encode(origin, GuardState())
        for _ in range(_LOST_ANSWERS):
            try:
                return self._put(self._key(origin), fresh, IfNoneMatch="*")
            except _LostError as error:
                lost = error
        raise HeadGuardUnreachable("The guard does not answer", why=str(lost)) from lost

    def read(self, origin: str) -> GuardState:
        """See HeadGuard."""
        return state_of(origin, self._get(origin)[0])

    def advance_receipted(self, origin: str, size: int, leaf_hash: Hash, knows: Knows) -> Receipted:
        """See HeadGuard."""
        new = Receipted(size, leaf_hash)
        return self._change(origin, lambda held: after_advance(held, new, knows))

    def swap_head(self, origin: str, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows) -> Swap:
        """See HeadGuard."""
        return self._change(origin, lambda held: after_swap(held, expected, new, leaf_hash, knows))

    def _change(self, origin: str, change: Callable[[GuardState], tuple[Answer, GuardState]]) -> Answer:
        """Read, change, put under the ETag that was read, until it was put."""
        lost = 0
        for _ in range(ATTEMPTS):
            before, etag = self._get(origin)
            answer, state = change(state_of(origin, before))
            after = encode(origin, state)
            try:
                if after == before or self._put(self._key(origin), after, IfMatch=etag):
                    return answer
            except _LostError as error:
                lost += 1
                if lost > _LOST_ANSWERS:
                    raise HeadGuardUnreachable("The guard does not answer", why=str(error)) from error
        raise HeadGuardUnreachable("The guard is written by too many at once", why=f"{ATTEMPTS} rounds lost")

    def _key(self, origin: str) -> str:
        return f"{self._place.prefix}{origin}.json"

    def _get(self, origin: str) -> tuple[bytes, str]:
        try:
            found = self._client.get_object(Bucket=self._place.bucket, Key=self._key(origin))
            return found["Body"].read(), found["ETag"]
        except self._errors.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise HeadGuardMissing("There is no guard for this origin", why=origin) from error
            raise HeadGuardUnreachable("The guard refuses to be read", why=str(error)) from error
        except (self._errors.BotoCoreError, self._errors.HTTPClientError, OSError) as error:
            raise HeadGuardUnreachable("The guard does not answer", why=str(error)) from error

    def _put(self, key: str, data: bytes, **condition: str) -> bool:
        """Whether it was put; False where the condition failed. Raises _LostError, HeadGuardUnreachable."""
        try:
            self._client.put_object(
                Bucket=self._place.bucket, Key=key, Body=data, ContentType="application/json", **condition
            )
        except self._errors.ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            gone = error.response["Error"]["Code"] == "NoSuchKey"
            if status in {_CONFLICT, _CONDITION_FAILED} or (status == _NOT_FOUND and gone):
                return False
            if status >= _SERVER_ERROR:
                raise _LostError(str(error)) from error
            raise HeadGuardUnreachable("The guard refuses to be written", why=str(error)) from error
        except (self._errors.BotoCoreError, OSError) as error:
            raise _LostError(str(error)) from error
        return True


def _client(place: Place, wait_s: float) -> tuple[Any, Any]:
    """The SDK's client and its module of errors; imported here, so that nobody else needs the SDK."""
    try:
        boto3 = importlib.import_module("boto3")
        config = importlib.import_module("botocore.config")
        errors = importlib.import_module("botocore.exceptions")
    except ImportError as error:
        raise HeadGuardUnreachable("The S3 guard needs boto3", why=str(error)) from error
    # The client repeats nothing by itself: whether a write may be repeated is decided here.
    once = config.Config(connect_timeout=wait_s, read_timeout=wait_s, retries={"total_max_attempts": 1})
    made = boto3.session.Session().client("s3", endpoint_url=place.endpoint, region_name=place.region, config=once)
    return made, errors
