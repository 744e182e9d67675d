"""Steps that end in findings, whatever they raise: hostile input never gives a traceback, nor an exit code by
accident.

An exception that nobody foresaw is a fault of the verifier and is reported as that: the step is
`not_evaluated`, which leaves the outcome incomplete and never verified.
"""

from __future__ import annotations

from collections.abc import Callable
from traceback import extract_tb

from ledger.core.report import Findings
from ledger.errors import LedgerError


def guarded(findings: Findings, step: str, run: Callable[[], object]) -> None:
    """Run one step; its refusals and its faults are recorded at `step`.

    Raises OSError alone: the streams are the caller's.
    """
    try:
        run()
    except LedgerError as error:
        findings.refused(error, step)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - what nobody foresaw must end in a code as well
        findings.problem("not_evaluated", step, own_fault(error))


def own_fault(error: Exception) -> str:
    """Words for an exception that nobody foresaw, with the place where it was raised."""
    last = extract_tb(error.__traceback__)[-1:]
    place = "".join(f" in {_name(frame.filename)} line {frame.lineno}" for frame in last)
    return (
        f"The verifier failed here by its own fault ({type(error).__name__}{place}), and nothing is said about what "
        "it was checking. Please report this, with the file if you may"
    )


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
