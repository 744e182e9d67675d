"""Tenants, people and keys of the demo, made by the same audited actions as everybody else's.

Everything is looked up first: a seed that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from console.demo.cast import GUEST_DAYS, House, Player
from console.demo.facts import KeyFacts, UserFacts
from console.demo.secret import DemoSecret
from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.found_platform import found_platform
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.names import is_platform_name
from governance.identity.core.principal import Scope, machine
from governance.identity.core.roles import EXPIRING_ROLES
from governance.identity.models import Authenticator, Membership, Namespace, Person, SystemKey, Tenant
from governance.identity.moment import Moment
from governance.identity.one_time import otpauth_url, secret_text
from governance.identity.tokens import SECRET_BYTES, Token, TokenKind
from ledger.services.streams import PLATFORM

SEED = machine("machine:demo")
PLATFORM_NAMESPACES = tuple(sorted({namespace for namespace, _ in PLATFORM}))
KEY_NAME = "demo"


@dataclass(frozen=True)
class Founder:
    """Founds what is missing. `moment` gives time and randomness, `issuer` is our name in authenticators."""

    secret: DemoSecret
    moment: Callable[[], Moment]
    issuer: str

    def platform(self) -> None:
        """The platform's own streams and namespaces, which every audited action needs."""
        found_platform(by=SEED, moment=self.moment)

    def tenant(self, house: House) -> Tenant:
        """The tenant, and the namespace of the same name."""
        found = Tenant.objects.filter(slug=house.slug).first()
        tenant = found or create_tenant(house.name, house.slug, by=SEED, at=self.moment())
        if not Namespace.objects.filter(name=house.slug).exists():
            create_namespace(tenant, house.slug, by=SEED, at=self.moment())
        return tenant

    def person(self, player: Player) -> UserFacts:
        """Somebody with a password, an authenticator and a role in each of their places."""
        password, otp = self.secret.password(player.email), self.secret.totp(player.email)
        found = Person.objects.filter(email=player.email).first()
        person = found or create_person(
            player.email, player.name, password, unit=player.unit, by=SEED, at=self.moment()
        )
        if not Authenticator.objects.filter(user=person).exists():
            enrol_totp(person, otp, by=SEED, at=self.moment())
        for place in player.places:
            self._role(person, player, place)
        return _told(player, password, otp, self.issuer)

    def key(self, namespace: str) -> KeyFacts:
        """The system key of the namespace: it reads, and appends where programs may."""
        scopes = {Scope.READ} if is_platform_name(namespace) else {Scope.APPEND, Scope.READ}
        row = SystemKey.objects.filter(namespace__name=namespace, name=KEY_NAME).first()
        if row is None:
            owner = Namespace.objects.get(name=namespace)
            row = create_system_key(owner, KEY_NAME, scopes, by=SEED, at=self._moment_for(namespace)).key
        token = Token(TokenKind.SYSTEM_KEY, row.public_id, self.secret.token(namespace))
        words = sorted(scope.value for scope in scopes)
        return KeyFacts(namespace=namespace, name=KEY_NAME, scopes=words, token=token.reveal())

    def _moment_for(self, namespace: str) -> Moment:
        """A moment whose draw of a token's 32 bytes is the derived secret; ids stay random."""
        at = self.moment()
        token = self.secret.token(namespace)
        return Moment(at.now, lambda size: token if size == SECRET_BYTES else at.entropy(size))

    def _role(self, person: Person, player: Player, place: str | None) -> None:
        at = self.moment()
        tenant = Tenant.objects.get(slug=place) if place else None
        held = Membership.objects.live(at.now).filter(person=person, tenant=tenant, role=player.role.value)
        if not held.exists():
            expires = at.now + timedelta(days=GUEST_DAYS) if player.role in EXPIRING_ROLES else None
            grant_membership(person, tenant, player.role, by=SEED, at=at, expires=expires)


def _told(player: Player, password: str, otp: bytes, issuer: str) -> UserFacts:
    tenants = [place for place in player.places if place]
    return UserFacts(
        name=player.name,
        email=player.email,
        role=player.role.value,
        tenant=tenants[0] if len(tenants) == 1 else "",
        tenants=tenants,
        password=password,
        totp_secret=secret_text(otp),
        otpauth=otpauth_url(otp, player.email, issuer),
        key_file="",
    )
