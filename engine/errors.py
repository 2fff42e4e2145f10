"""The error tree. Every error says what happened in one sentence and, in `hint`, what to do.

TuneworthError
├── InputError         a file, option or value from the user cannot be used
│   ├── MappingError   columns are not mapped to what is needed
│   └── DatasetError   the rows themselves are not enough or not right
├── NotFound           a project, record, job or file does not exist
├── Conflict           right request, wrong moment (state does not allow it)
├── JobError           a job failed; the message is fit for the screen
├── UnsafeModel        a model folder could run code or is not what it says
├── MissingPackage     an optional part of Tuneworth is not installed
├── StorageError       disk full, read-only, cannot write
├── AuditBroken        the audit chain does not verify
├── EndpointError      a model server did not answer as it should
└── ConsentRequired    bytes would leave the machine without a consent record
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Where:
    """Place of a problem. `row` is a 0-based data row, `line` a 1-based line in the file."""

    file: str | None = None
    row: int | None = None
    column: str | None = None
    line: int | None = None


class TuneworthError(Exception):
    """A failure the user can understand: one sentence and a hint."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "", *, where: Where | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where

    def to_json(self) -> dict[str, Any]:
        """Return the contract's body: `{"error": {"code", "message", "hint", "where"}}`."""
        where = asdict(self.where or Where())
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint, "where": where}}


class InputError(TuneworthError):
    """A file, option or value from the user cannot be used."""

    code = "input"


class MappingError(InputError):
    """Columns are not mapped to what is needed."""

    code = "mapping"


class DatasetError(InputError):
    """The rows themselves are not enough or not right."""

    code = "dataset"


class NotFound(TuneworthError):
    """A project, record, job or file does not exist."""

    code = "not_found"


class Conflict(TuneworthError):
    """The request is right but the state does not allow it now."""

    code = "conflict"


class JobError(TuneworthError):
    """A job failed; the message is fit for the screen."""

    code = "job"


class UnsafeModel(TuneworthError):
    """A model folder could run code on this machine, or is not what it says."""

    code = "unsafe_model"


class MissingPackage(TuneworthError):
    """An optional part of Tuneworth is not installed."""

    code = "missing_package"


class StorageError(TuneworthError):
    """Disk full, read-only folder, or another reason why nothing could be written."""

    code = "storage"


class AuditBroken(TuneworthError):
    """The audit chain does not verify."""

    code = "audit"


class EndpointError(TuneworthError):
    """A model server did not answer as it should; `final` when asking it again cannot help."""

    code = "endpoint"

    def __init__(self, message: str, hint: str = "", *, where: Where | None = None, final: bool = False) -> None:
        super().__init__(message, hint, where=where)
        self.final = final


class ConsentRequired(TuneworthError):
    """Bytes would leave this machine without a consent record."""

    code = "consent"


ERRORS: dict[str, type[TuneworthError]] = {
    cls.code: cls
    for cls in (
        TuneworthError,
        InputError,
        MappingError,
        DatasetError,
        NotFound,
        Conflict,
        JobError,
        UnsafeModel,
        MissingPackage,
        StorageError,
        AuditBroken,
        EndpointError,
        ConsentRequired,
    )
}


def error_from_json(body: dict[str, Any]) -> TuneworthError:
    """Rebuild an error that another process wrote with `to_json` (the inner or outer object)."""
    inner = body.get("error", body)
    where = Where(**inner["where"]) if inner.get("where") else None
    kind = ERRORS.get(str(inner.get("code")), TuneworthError)
    return kind(str(inner.get("message", "")), str(inner.get("hint", "")), where=where)
