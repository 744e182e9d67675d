"""What the signer refuses: each with a stable code, a reason and a next step. Nothing was signed."""

from __future__ import annotations

from ledger.errors import RequestError


class SignerRefused(RequestError):
    """Base of the refusals of this package."""

    code = "signer_refused"


class ArgumentsWrong(SignerRefused):
    """The command line itself."""

    code = "arguments"
    default_next = "Read --help; it has an example."


class FileUnusable(SignerRefused):
    """A file that cannot be read, or must not be written."""

    code = "file_unusable"
    default_next = "Name another file."


class KeyFileMalformed(SignerRefused):
    """Not a wrapped key of the form countersign-key/1; `path` names the field."""

    code = "key_file_malformed"
    default_next = "Use the encrypted key file as it was written; docs/signing.md has the form."


class PassphraseWrong(SignerRefused):
    """The wrapped key does not open: another passphrase, or a changed header."""

    code = "passphrase_wrong"
    default_next = "Type the passphrase again; if it is right, the file was changed: use the backup."


class PassphraseWeak(SignerRefused):
    """A passphrase that is guessed too soon."""

    code = "passphrase_weak"
    default_next = "Take at least 12 characters: five random words are better than one strange one."


class PayloadTypeWrong(SignerRefused):
    """A payload type that is none of ours, or another verb's."""

    code = "payload_type_wrong"
    default_next = "Load the statement again from the page of the change. If it stays so, tell the others who sign."


class CodeDiffers(SignerRefused):
    """The short code that was typed, or told by the server, is not that of these bytes."""

    code = "code_differs"
    default_next = "Compare the statement with what another signer shows. Do not sign before they agree."


class KeyDiffers(SignerRefused):
    """The statement asks for another person's key, or for another key of this person."""

    code = "key_differs"
    default_next = "Use the key that the statement names, or load a statement for this key."


class WindowClosed(SignerRefused):
    """The statement's last moment is past."""

    code = "window_closed"
    default_next = "Load a new statement from the page of the change."


class PolicyDiffers(SignerRefused):
    """The policy's text is not the one whose digest the statement names, or has another rule for the change."""

    code = "policy_differs"
    default_next = "Do not sign. Tell the others who sign, and compare the policy with the log."


class EnvelopeWrong(SignerRefused):
    """Not one signature, by this key, over this statement."""

    code = "envelope_wrong"
    default_next = "Ask for the envelope again, and compare the key with the record of its enrolment."
