"""Signed reports, kept as they were signed: a folder a version, in the reader's data folder.

A version holds the report in every form that it is handed over in, and signature.json with the
digest of each of these files and of the version before. A file that is not as it was is not shown.
No Qt.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_error, write_file
from endoscope_app.base.errors import AppError
from endoscope_app.base.unfinished import noted
from endoscope_app.report import wording
from endoscope_app.report.report_values import Signature
from kd_core.schema.atomic_file import sync_folder
from kd_core.schema.json_text import JsonError, read_json

RECORD = "signature.json"
STEM = "report"
_VERSION = "version-{:03d}"


class SignatureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``report``: digest of what it says; ``files``: sha256 of each file by its name; ``before``:
    sha256 of the record of the version before, empty for the first.
    """

    format: int = 1
    version: int
    signed_by: str
    signed_utc: str
    report: str
    model_version: str
    files: dict[str, str]
    before: str = ""


@dataclass(frozen=True)
class SignedReport:
    """A version that is kept."""

    folder: Path
    record: SignatureRecord

    @property
    def signature(self) -> Signature:
        """Who signed it, and when."""
        return Signature(self.record.version, self.record.signed_by, self.record.signed_utc)

    def content(self, suffix: str) -> bytes:
        """The file in this form as it was signed. AppError where it is not that any more."""
        name = f"{STEM}.{suffix}"
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise AppError(*wording.CHANGED_SINCE, f"errno {error.errno}") from error
        if hashlib.sha256(content).hexdigest() != self.record.files.get(name):
            raise AppError(*wording.CHANGED_SINCE, "digest")
        return content


class SignedReports:
    """``folder``: of all procedures, each below its fingerprint."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def versions(self, fingerprint: str) -> list[SignedReport]:
        """Newest first. A folder without a readable record is no version."""
        found: list[SignedReport] = []
        for folder in sorted(self._of(fingerprint).glob("version-*"), reverse=True):
            try:
                record = read_json(folder / RECORD, SignatureRecord)
            except (OSError, JsonError):
                continue
            found.append(SignedReport(folder, record))
        return sorted(found, key=lambda item: -item.record.version)

    def next_version(self, fingerprint: str) -> int:
        """Never a number that was given before, readable or not."""
        numbers = [
            int(folder.name.removeprefix("version-"))
            for folder in self._of(fingerprint).glob("version-*")
            if folder.name.removeprefix("version-").isdigit()
        ]
        return max(numbers, default=0) + 1

    def keep(
        self,
        fingerprint: str,
        signature: Signature,
        digest: str,
        model_version: str,
        files: Mapping[str, bytes],
    ) -> SignedReport:
        """Keep the files by suffix; after a crash there is the whole version or none.

        AppError where it cannot be written.
        """
        before = self.versions(fingerprint)
        record = SignatureRecord(
            version=signature.version,
            signed_by=signature.signed_by,
            signed_utc=signature.signed_utc,
            report=digest,
            model_version=model_version,
            files={
                f"{STEM}.{suffix}": hashlib.sha256(content).hexdigest()
                for suffix, content in files.items()
            },
            before=_digest(before[0].folder / RECORD) if before else "",
        )
        target = self._of(fingerprint) / _VERSION.format(signature.version)
        try:
            self._of(fingerprint).mkdir(parents=True, exist_ok=True)
            unfinished = self._of(fingerprint) / f".signing-{secrets.token_hex(4)}"
            with noted(unfinished):
                unfinished.mkdir(mode=0o700)
                try:
                    for suffix, content in files.items():
                        write_file(unfinished / f"{STEM}.{suffix}", content)
                    encoded = msgspec.json.format(msgspec.json.encode(record), indent=2)
                    write_file(unfinished / RECORD, encoded)
                    for file in unfinished.iterdir():
                        file.chmod(0o400)
                    os.rename(unfinished, target)
                    sync_folder(target.parent)
                except BaseException:
                    shutil.rmtree(unfinished, ignore_errors=True)
                    raise
        except OSError as error:
            raise write_error(error, wording.THE_SIGNATURE) from error
        return SignedReport(target, record)

    def _of(self, fingerprint: str) -> Path:
        return self._folder / fingerprint


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
