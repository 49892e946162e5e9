"""Opens .docx packages that may be hostile: unpacking is limited, entities and outside files are not read."""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planloom_schemas.errors import Location, Problem, SchemaError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_FILE = 64 * 1024 * 1024
MAX_PARTS = 5_000
MAX_TOTAL = 256 * 1024 * 1024
MAX_XML = 16 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM = 4 * 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

_MESSAGES: Mapping[str, tuple[str, str]] = {
    "OldWord": ("{file} has the format of Word 97 to 2003 (.doc)",
        "open it in Word or WPS, choose “Save as”, and choose .docx"),
    "Encrypted": ("{file} is protected by a password", "open it, remove the password, and save it anew"),
    "NotDocx": ("{file} is no Word document: it is not a .docx inside, whatever its name says",
        "open it in Word or WPS and save it anew as .docx"),
    "Damaged": ("{file} is damaged and cannot be read ({detail})",
        "open it in Word or WPS, let it be repaired, and save it anew"),
    "Unsafe": ("{file} is refused: {detail}", "open it in Word or WPS and save it anew as .docx"),
    "TooLarge": ("{file} is larger than {wanted} MB", "remove the pictures, or split it"),
}  # fmt: skip


def refused(code: str, file: str, **params: object) -> SchemaError:
    """The error that says why a document cannot be read."""
    message, fix = _MESSAGES[code]
    given = {"file": file, **params}
    return SchemaError(
        Problem(code=code, message=message, fix=fix, params=given, location=Location(file=file))
    )


class WordPackage:
    """The XML parts of a .docx.

    Args:
        content: The whole file.
        file: Its name, for messages.

    Raises:
        SchemaError: It is no .docx, is protected, damaged, or built to exhaust the machine.
    """

    def __init__(self, content: bytes, file: str) -> None:
        self._file = file
        if content.startswith(_OLE):
            raise refused("Encrypted" if _ENCRYPTED_STREAM in content else "OldWord", file)
        if len(content) > MAX_FILE:
            raise refused("TooLarge", file, wanted=MAX_FILE // 1024 // 1024)
        if not content.startswith(b"PK"):
            raise refused("NotDocx", file)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise refused("Damaged", file, detail=str(error)) from None
        self._check(infos, len(content))
        self._names = {info.filename: info for info in infos}
        self.main = self._related("_rels/.rels", "", "/officeDocument")
        if self.main not in self._names:
            raise refused("NotDocx", file)

    def _check(self, infos: list[zipfile.ZipInfo], packed: int) -> None:
        # Reading stops at the size a part declares, so the declared sizes bound what can be unpacked.
        total = sum(info.file_size for info in infos)
        if any(info.flag_bits & 1 for info in infos):
            raise refused("Encrypted", self._file)
        if len(infos) > MAX_PARTS:
            raise refused("Unsafe", self._file, detail=f"{len(infos)} > {MAX_PARTS} parts")
        if total > MAX_TOTAL or (total > _RATIO_FROM and total > MAX_RATIO * packed):
            raise refused("Unsafe", self._file, detail=f"{packed} → {total} bytes")

    def _read(self, name: str) -> bytes:
        info = self._names[name]
        if info.file_size > MAX_XML:
            raise refused("Unsafe", self._file, detail=f"{name}: {info.file_size} > {MAX_XML} bytes")
        try:
            return self._zip.read(info)
        except (
            zipfile.BadZipFile,
            OSError,
            EOFError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise refused("Damaged", self._file, detail=f"{name}: {error}") from None
        except Exception as error:  # zlib.error and its like from other compressions share no root
            raise refused("Damaged", self._file, detail=f"{name}: {error}") from None

    def xml(self, name: str) -> "Element":
        """A part as a tree without entities.

        Raises:
            SchemaError: The part is damaged, too large, or declares entities.
        """
        from lxml import etree

        content = self._read(name)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise refused("Unsafe", self._file, detail=f"{name}: DOCTYPE")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root: Any = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise refused("Damaged", self._file, detail=f"{name}: {error.msg}") from None
        # Another encoding hides the mark from the bytes, not from the tree.
        if root.getroottree().docinfo.doctype:
            raise refused("Unsafe", self._file, detail=f"{name}: DOCTYPE")
        element: Element = root
        return element

    def part(self, kind: str) -> "Element | None":
        """A part that the main one refers to, by the end of its relationship's type: ``/styles``."""
        folder, name = posixpath.split(self.main)
        target = self._related(f"{folder}/_rels/{name}.rels", folder, kind)
        return self.xml(target) if target in self._names else None

    def _related(self, relations: str, folder: str, kind: str) -> str:
        """The part that a relationship leads to; those that lead out of the package are not looked at."""
        if relations not in self._names:
            return ""
        for relation in self.xml(relations):
            is_outside = (relation.get("TargetMode") or "").lower() == "external"
            if not is_outside and (relation.get("Type") or "").endswith(kind):
                target = relation.get("Target") or ""
                return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        return ""


def local(tag: object) -> str:
    """A tag without its namespace, so that both editions of the format read alike; "" for comments."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
