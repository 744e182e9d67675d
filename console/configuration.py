"""What the environment says, checked: pure functions from variables to values and complaints."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from console.addresses import parse_proxies
from console.mail import mail_settings
from governance.identity.core.authenticators import UNTOLD, is_aaguid
from governance.identity.core.bucket import parse_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEFAULT_ANONYMOUS_RATE = "60/60"
DEFAULT_BACKUP_DAYS = 30
MOST_BACKUP_DAYS = 36_600
MODES = ("production", "demo", "test")
SEAL_KEY_BYTES = 32
SIGNERS = ("sealed",)
STEP_UPS = ("passkey", "totp")
CONNECT_SECONDS = 2
SHORTEST_SECRET = 32
YEAR_SECONDS = 365 * 24 * 60 * 60
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
TEST_SEAL_KEY = base64.b64encode(bytes(range(SEAL_KEY_BYTES))).decode()


@dataclass
class Environment:
    """Values of the environment; `problems` are sentences, and with any of them nothing may start."""

    mode: str
    secret_key: str
    seal_key: bytes
    public_name: str
    database_url: str
    database_owner_url: str
    broker_url: str
    head_guard: str
    debug: bool
    allowed_hosts: list[str]
    trusted_origins: list[str]
    insecure_cookies: bool
    behind_proxy: bool
    hsts_seconds: int
    log_level: str
    seal_keys_before: tuple[bytes, ...] = ()
    signer: str = "sealed"
    trusted_proxies: str = ""
    rates: tuple[str, str] = ("", "")
    backup_days: int = 0
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    mail_url: str = ""
    site_url: str = ""
    sign_origin: str = ""
    rp_id: str = ""
    step_up: str = "passkey"
    passkey_models: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)

    @property
    def site_origin(self) -> str:
        """Scheme, host and port of this site."""
        parts = urlsplit(self.site_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def passkey_origins(self) -> list[str]:
        """Where a passkey may be used: this site, and the signing page."""
        return list(dict.fromkeys([self.site_origin, self.sign_origin]))


def read(environ: Mapping[str, str]) -> Environment:
    """Read every variable and collect all complaints at once. Raises nothing."""
    mode = environ.get("COUNTERSIGN_ENV", "production")
    fallback = _TEST_VALUES if mode == "test" else {}

    def value(name: str) -> str:
        return environ.get(name) or fallback.get(name, "")

    name = value("COUNTERSIGN_PUBLIC_NAME")
    (seal_key, *before), complaint = _seal_keys(value("COUNTERSIGN_SEAL_KEY"))
    found = Environment(
        mode=mode, secret_key=value("DJANGO_SECRET_KEY"), seal_key=seal_key, public_name=name,
        database_url=value("DATABASE_URL"), database_owner_url=value("DATABASE_OWNER_URL"),
        broker_url=value("REDIS_URL") or "filesystem://localhost//",
        head_guard=value("COUNTERSIGN_HEAD_GUARD"),
        debug=_is_set(environ, "COUNTERSIGN_DEBUG"),
        allowed_hosts=_hosts(environ, mode, name),
        trusted_origins=_listed(environ, "COUNTERSIGN_TRUSTED_ORIGINS"),
        insecure_cookies=_is_set(environ, "COUNTERSIGN_INSECURE_COOKIES"),
        behind_proxy=_is_set(environ, "COUNTERSIGN_BEHIND_PROXY"),
        hsts_seconds=YEAR_SECONDS if mode == "production" else 0,
        log_level=environ.get("COUNTERSIGN_LOG_LEVEL", "INFO").upper(),
        seal_keys_before=tuple(before),
        signer=environ.get("COUNTERSIGN_SIGNER") or "sealed",
        trusted_proxies=environ.get("COUNTERSIGN_TRUSTED_PROXIES", ""),
        rates=(
            environ.get("COUNTERSIGN_API_RATE", ""),
            environ.get("COUNTERSIGN_ANONYMOUS_RATE", DEFAULT_ANONYMOUS_RATE),
        ),
        mail_url=environ.get("COUNTERSIGN_MAIL_URL", ""),
        site_url=environ.get("COUNTERSIGN_SITE_URL", "") or f"https://{name}",
    )  # fmt: skip
    _read_passkeys(found, environ)
    days, doubt = _backup_days(environ.get("COUNTERSIGN_BACKUP_DAYS", ""))
    found.backup_days = days
    found.webhook_networks, odd = _networks(environ.get("COUNTERSIGN_WEBHOOK_NETWORKS", ""))
    found.problems = [*complaint, *doubt, *odd, *_problems(found)]
    return found


def _read_passkeys(found: Environment, environ: Mapping[str, str]) -> None:
    """Where passkeys work, which are taken, and whether they confirm decisions."""
    found.rp_id = environ.get("COUNTERSIGN_RP_ID", "") or (urlsplit(found.site_url).hostname or "")
    found.sign_origin = (environ.get("COUNTERSIGN_SIGN_ORIGIN", "") or found.site_origin).rstrip("/")
    found.step_up = environ.get("COUNTERSIGN_STEP_UP", "") or ("totp" if found.mode == "demo" else "passkey")
    found.passkey_models = frozenset(one.lower() for one in _listed(environ, "COUNTERSIGN_PASSKEY_MODELS"))


def _networks(text: str) -> tuple[tuple[IPv4Network | IPv6Network, ...], list[str]]:
    """The networks inside which webhooks may go, and what is wrong with the text."""
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip()), []
    except ValueError:
        return (), [_missing("COUNTERSIGN_WEBHOOK_NETWORKS", "networks such as 10.1.0.0/16, with commas between")]


def pool(environ: Mapping[str, str]) -> dict[str, Any]:
    """Django's options: how long a connection may take, and a pool where COUNTERSIGN_DB_POOL asks for one (threads).

    A pool that went on trying would wait ever longer between two tries, up to minutes after the database is back; one
    that gives up soon tries anew for the next caller.
    """
    patience = {"connect_timeout": CONNECT_SECONDS}
    if not _is_set(environ, "COUNTERSIGN_DB_POOL"):
        return patience
    size = int(environ.get("COUNTERSIGN_DB_POOL_SIZE", "20"))
    return {
        **patience,
        "pool": {"min_size": 1, "max_size": size, "timeout": CONNECT_SECONDS, "reconnect_timeout": CONNECT_SECONDS},
    }


def broker_options(url: str, state: Path) -> dict[str, Any]:
    """Directories of the filesystem broker, made if missing; nothing for Redis."""
    if not url.startswith("filesystem:"):
        return {}
    queue, control = state / "broker" / "queue", state / "broker" / "control"
    for directory in (queue, control):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    places = {"data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(control)}
    return {**places, "store_processed": False, "polling_interval": 0.1}


_TEST_VALUES = {
    "DJANGO_SECRET_KEY": "only-for-tests-and-static-analysis-never-for-a-server",
    "COUNTERSIGN_SEAL_KEY": TEST_SEAL_KEY,
    "COUNTERSIGN_PUBLIC_NAME": "test.localhost",
}


def _problems(found: Environment) -> list[str]:
    """Everything that must not be, each with its next step."""
    rules = [
        (found.mode not in MODES, f"COUNTERSIGN_ENV is {found.mode!r}. Next: use one of {', '.join(MODES)}."),
        (
            len(found.secret_key) < SHORTEST_SECRET,
            _missing("DJANGO_SECRET_KEY", "32 random characters or more"),
        ),
        (found.signer not in SIGNERS, _missing("COUNTERSIGN_SIGNER", f"one of {', '.join(SIGNERS)}")),
        (not found.public_name, _missing("COUNTERSIGN_PUBLIC_NAME", "the host name that origins begin with")),
        (
            not _is_parsed(parse_proxies, found.trusted_proxies),
            _missing("COUNTERSIGN_TRUSTED_PROXIES", "a number of hops from 1 to 8, or networks such as 10.0.0.0/8"),
        ),
        (not _is_parsed(parse_rate, found.rates[0]), _missing("COUNTERSIGN_API_RATE", "calls/seconds, as 600/60")),
        (not _is_parsed(parse_rate, found.rates[1]), _missing("COUNTERSIGN_ANONYMOUS_RATE", "calls/seconds, as 60/60")),
        (
            not _is_parsed(mail_settings, found.mail_url),
            _missing("COUNTERSIGN_MAIL_URL", "smtp+starttls://user:password@host:587, smtps://, smtp:// or console:"),
        ),
        (
            not all(is_aaguid(one) and one != UNTOLD for one in found.passkey_models),
            _missing("COUNTERSIGN_PASSKEY_MODELS", "AAGUIDs of authenticators, with commas between"),
        ),
        (found.step_up not in STEP_UPS, _missing("COUNTERSIGN_STEP_UP", f"one of {', '.join(STEP_UPS)}")),
        (
            bool(found.public_name) and not _is_below(found.rp_id, found.passkey_origins),
            _missing("COUNTERSIGN_RP_ID", "the host of COUNTERSIGN_SITE_URL and COUNTERSIGN_SIGN_ORIGIN, or one above"),
        ),
        (not found.database_url and found.mode != "test", _missing("DATABASE_URL", "the runtime role's URL")),
    ]
    rules += _unsafe(found) if found.mode == "production" else []
    return [sentence for applies, sentence in rules if applies]


def _unsafe(found: Environment) -> list[tuple[bool, str]]:
    """What production refuses to start with."""
    unsafe = "is not for production. Next: unset it."
    return [
        (found.debug, f"COUNTERSIGN_DEBUG {unsafe}"),
        (found.step_up != "passkey", f"COUNTERSIGN_STEP_UP={found.step_up} {unsafe}"),
        (found.insecure_cookies, f"COUNTERSIGN_INSECURE_COOKIES {unsafe}"),
        (found.head_guard.startswith("memory"), "COUNTERSIGN_HEAD_GUARD=memory: forgets. Next: name a guard."),
        ("*" in found.allowed_hosts, "COUNTERSIGN_ALLOWED_HOSTS may not be '*'. Next: name the hosts."),
        (found.secret_key == _TEST_VALUES["DJANGO_SECRET_KEY"], f"The tests' DJANGO_SECRET_KEY {unsafe}"),
        (
            bytes(range(SEAL_KEY_BYTES)) in (found.seal_key, *found.seal_keys_before),
            f"The tests' COUNTERSIGN_SEAL_KEY {unsafe}",
        ),
    ]


def _seal_keys(text: str) -> tuple[list[bytes], list[str]]:
    """The ring, separated by commas: the first one seals, all of them open."""
    found = [_decoded(part.strip()) for part in text.split(",")]
    if all(len(key) == SEAL_KEY_BYTES for key in found) and len(set(found)) == len(found):
        return found, []
    what = "base64 of 32 random bytes, for instance: openssl rand -base64 32; while you rotate it NEW,OLD"
    return [b""], [_missing("COUNTERSIGN_SEAL_KEY", what)]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _is_below(rp_id: str, origins: list[str]) -> bool:
    """Whether the id is the host of each origin, or a domain above it (WebAuthn, relying party identifier)."""
    hosts = [urlsplit(origin).hostname or "" for origin in origins]
    return bool(rp_id) and all(host == rp_id or host.endswith(f".{rp_id}") for host in hosts)


def _backup_days(text: str) -> tuple[int, list[str]]:
    if not text:
        return DEFAULT_BACKUP_DAYS, []
    if text.isascii() and text.isdecimal() and int(text) <= MOST_BACKUP_DAYS:
        return int(text), []
    return DEFAULT_BACKUP_DAYS, [_missing("COUNTERSIGN_BACKUP_DAYS", "the days a backup is kept, such as 30")]


def _hosts(environ: Mapping[str, str], mode: str, public_name: str) -> list[str]:
    named = _listed(environ, "COUNTERSIGN_ALLOWED_HOSTS") or [host for host in (public_name,) if host]
    signing = urlsplit(environ.get("COUNTERSIGN_SIGN_ORIGIN", "")).hostname
    named = [*named, signing] if signing else named
    return named if mode == "production" else [*named, *LOCAL_HOSTS, ".localhost"]


def _missing(name: str, what: str) -> str:
    return f"{name} is missing or unusable. Next: set it to {what}."


def _is_parsed(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _listed(environ: Mapping[str, str], name: str) -> list[str]:
    return [item.strip() for item in environ.get(name, "").split(",") if item.strip()]
