"""What the demo tells people: where it is, who may sign in, and five things to try that work as printed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from console.demo.facts import DemoFacts
from console.demo.plan import CODE_OR_DATA

BANNER = (
    "This is a demo. Its passwords and tokens lie in var/demo.json, its private keys on this machine,",
    "and its policies ask for no witness. Nothing in it is evidence that anyone should rely on.",
)
PROVED_INDEX = 1
OWN = '{"type":"note.written","payload":{"text":"Hello, evidence."}}'
MANAGE = "./manage.py"
_RULE = "-" * 96


@dataclass(frozen=True)
class Trial:
    """One thing to try: what it shows, and links to open or commands to paste into a shell."""

    title: str
    shows: str
    lines: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that a shell runs; links are not among them."""
        return tuple(line for line in self.lines if not line.startswith("http"))


@dataclass(frozen=True)
class _Words:
    """The parts of which the commands are made."""

    facts: DemoFacts
    checkout: Path
    python: str

    @property
    def page(self) -> str:
        return f"{self.facts['url']}/streams/{CODE_OR_DATA.path}/"

    @property
    def events(self) -> str:
        return f"{self.facts['url']}/api/v1/streams/{CODE_OR_DATA.path}/events/"

    @property
    def curl(self) -> str:
        keys = (key for key in self.facts["keys"] if key["namespace"] == CODE_OR_DATA.namespace)
        return f"curl -fsS -H 'Authorization: Bearer {next(keys)['token']}'"

    def verify(self, kind: str, file: str) -> str:
        held = self.facts["bundles"]
        verifier, policy, trust = (self.path(path) for path in (held["verifier"], held["policy"], held["trust"]))
        return f"{self.python} -S {verifier} {kind} {file} --policy {policy} --trust {trust}"

    def path(self, text: str) -> str:
        """A path as it is typed in the checkout: relative where it lies below."""
        place = Path(text)
        below = place.is_relative_to(self.checkout)
        return shlex.quote(str(place.relative_to(self.checkout) if below else place))


def trials(facts: DemoFacts, checkout: Path, python: str) -> tuple[Trial, ...]:
    """The five things, for the demo as it runs now."""
    words = _Words(facts, checkout, python)
    opened = Trial(
        "Open a stream",
        "Five health paths, windows, checkpoints; every event page recomputes its proof in front of you.",
        (words.page,),
    )
    good = Trial(
        "Verify the bundle",
        "Also with this server stopped (Ctrl-C), or on another machine. It answers: verified.",
        (words.verify("bundle", words.path(facts["bundles"]["good"])),),
    )
    tampered = Trial(
        "See a tampered bundle rejected",
        "One character of one payload was changed. It answers: rejected, payload_digest_mismatch.",
        (words.verify("bundle", words.path(facts["bundles"]["tampered"])),),
    )
    return opened, _proved(words), good, tampered, _own(words)


def _proved(words: _Words) -> Trial:
    folder = Path(words.facts["bundles"]["policy"]).parent
    proof = words.path(str(folder / f"event-{PROVED_INDEX}.tlog-proof"))
    return Trial(
        "Prove one event offline",
        "The proof is fetched once; the second command uses no network. It answers: verified.",
        (
            f"{words.curl} '{words.events}{PROVED_INDEX}/proof/?format=tlog-proof' -o {proof}",
            words.verify("proof", proof),
        ),
    )


def _own(words: _Words) -> Trial:
    return Trial(
        "Post an event of your own",
        "The answer carries its receipt, leaf and salts; the page shows it on top.",
        (
            f"{words.curl} -H 'Content-Type: application/json' {words.events} -d '{OWN}'",
            f"{words.page}events/",
        ),
    )


def told(facts: DemoFacts, checkout: Path, python: str) -> str:
    """Everything that stands on the terminal when the demo is ready."""
    tries = trials(facts, checkout, python)
    lines = (
        _RULE,
        *BANNER,
        _RULE,
        f"  {facts['url']}",
        "",
        *_logins(facts),
        "",
        "Five things to try, from this folder:",
        *(line for number, trial in enumerate(tries, 1) for line in _try(number, trial)),
        _RULE,
    )
    return "\n".join(lines)


def _logins(facts: DemoFacts) -> list[str]:
    users = [
        f"  {user['role'].replace('_', ' '):<20} {user['email']:<40} {user['password']}" for user in facts["users"]
    ]
    head = f"  {'role':<20} {'e-mail':<40} password"
    code = f"  {MANAGE} demo --code {facts['users'][0]['email']}"
    return [head, *users, "", "  The authenticator's code of one of them, now:", code]


def python_command() -> str:
    """`python3` where that is new enough for the verifier, else the interpreter behind this virtualenv."""
    found = shutil.which("python3")
    question = "import sys; print(sys.version_info[:2] >= (3, 11))"
    if found is not None:
        answer = subprocess.run([found, "-c", question], capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
        if answer.stdout.strip() == "True":
            return "python3"
    return shlex.quote(str(Path(sys.base_prefix) / "bin" / "python3.11"))


def _try(number: int, trial: Trial) -> list[str]:
    return ["", f"{number}. {trial.title}. {trial.shows}", *(f"   {line}" for line in trial.lines)]
