"""Documents of a record: added by a form, listed on its page, and served after the check on the record (CORE-8).

A module gives a record that has documents two routes of its own, each with the permission it needs:

    @takes_files(module)
    @module.form("/<int:record_id>/documents/new", needs="document_add")
    def document_new(record_id):
        patient = get_or_404(Patient, record_id)
        return attach_page(AttachmentForm.of(KINDS), patient, url_for(".show", record_id=record_id, tab="documents"))

    @module.get("/<int:record_id>/documents/<int:attachment_id>", needs="document_view")
    def document(record_id, attachment_id):
        return send_attachment(get_or_404(Patient, record_id), attachment_id)

and lists them, with the form where the person may add one (None where not):

    fragment("records/_attachments.html", documents=attachments_of(patient), kinds=KINDS,
             url_of=lambda one: url_for(".document", record_id=patient.id, attachment_id=one.id),
             form=AttachmentForm.of(KINDS, formdata=None), upload_url=url_for(".document_new", record_id=patient.id))
"""

import errno
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath

import sqlalchemy as sa
import structlog
from flask import abort, flash, request, send_file
from werkzeug.datastructures import FileStorage

from portal.auth.models import User
from portal.extensions import db
from portal.i18n import _
from portal.kit import files
from portal.kit.file_types import PLAIN, TYPES, FileType, type_of
from portal.kit.forms import NewForm, Pick, Upload
from portal.kit.models import Attachment
from portal.kit.module import Module
from portal.kit.reading import audit_reading
from portal.kit.records import once
from portal.pages.answers import error_page, form_page, go
from portal.record import Record, Refused

log = structlog.get_logger(__name__)
MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
AROUND = MEGABYTE // 2  # the rest of the form
LONGEST_NAME = 200
NOT_IN_NAMES = re.compile(r'[<>:"|?*\\/]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
Keep = Callable[[Record, FileStorage, str], Attachment]
SEEN_ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"  # styles: the browser's own
)


class AttachmentForm(NewForm):
    """Adds a document to a record; sent twice it adds one."""

    file = Upload(_("File"), _("Choose a file"))
    kind = Pick(_("Kind of document"), _("Select the kind of document"))

    @classmethod
    def of(cls, kinds: Mapping[str, str], **kwargs) -> "AttachmentForm":
        """The form with the kinds of document (value: words) that the module knows."""
        form = cls(**kwargs)
        form.kind.choices = {"": _("Select")} | dict(kinds)
        return form


def takes_files(module: Module) -> Callable:
    """Let a page of the module take what is as large as a file; stands above the `@module.form` of the view."""

    def register(view: Callable) -> Callable:
        def allow(endpoint: str | None, values: dict | None) -> None:
            if endpoint == f"{module.blueprint.name}.{view.__name__}":
                request.max_content_length = LARGEST + AROUND

        module.blueprint.url_value_preprocessor(allow)  # before the form is read, which the check of its token does
        return view

    return register


def attach_page(form: AttachmentForm, record: Record, done: str, keep: Keep | None = None):
    """The page that adds a document to a record and then goes to `done`; wrong answers are 422 with their sentences.

    `keep` is the verb that adds it where there is more to it than `attach`, such as a record that takes none.
    """
    attachment = once(form, Attachment, lambda: (keep or attach)(record, form.file.data, form.kind.data))
    if attachment is None:
        return form_page("records/attach.html", form, record=record, back=done)
    flash(_("{name} is added.", name=attachment.filename), "success")
    return go(done)


def attach(record: Record, upload: FileStorage, kind: str) -> Attachment:
    """Keep a file with a record; the file is on the disk before the row is committed.

    Raises `Refused` for an empty or too large file, for a type that is not kept, and where the disk is full.
    """
    content = upload.stream.read(LARGEST + 1)
    found = type_of(content, upload.filename or "")
    if not content:
        raise Refused(_("The file is empty. Choose another one"), "file")
    if len(content) > LARGEST:
        raise Refused(_("The file must be {most} MB or smaller", most=LARGEST // MEGABYTE), "file")
    if found is None:
        raise Refused(_("The file must be a PDF, a picture (PNG, JPEG or WebP) or plain text"), "file")
    attachment = Attachment(
        content_type=record.__tablename__,
        object_id=record.id,
        filename=clean_name(upload.filename or "", found),
        mime=found.mime,
        kind=kind,
        **_kept(content),
    )
    db.session.add(attachment)
    return attachment


def _kept(content: bytes) -> dict:
    try:
        return asdict(files.keep(content))
    except OSError as error:
        if error.errno not in FULL:
            raise
        log.error("disk_full", size=len(content))
        sentence = _("There is no room left for files, so this one was not saved. Tell the platform’s administrator")
        raise Refused(sentence, "file") from error


def clean_name(name: str, found: FileType) -> str:
    """The name under which a document is shown and saved: no folders, nothing invisible, and an ending that is true."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(char for char in last if unicodedata.category(char) not in UNSEEN)
    plain = " ".join(NOT_IN_NAMES.sub("_", visible).split()).strip(". ")
    if not plain.lower().endswith(found.endings):
        plain = (plain or _("document")) + found.endings[0]
    if DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    ending = PurePath(plain).suffix
    return plain[: LONGEST_NAME - len(ending)].removesuffix(ending) + ending


@dataclass(frozen=True)
class Document:
    """A document of a record as its page lists it: the row, and the name of who added it."""

    attachment: Attachment
    by: str


def attachments_of(record: Record) -> list[Document]:
    """The documents of a record, newest first; one query."""
    query = (
        sa.select(Attachment, User)
        .outerjoin(User, User.id == Attachment.created_by)
        .where(Attachment.content_type == record.__tablename__, Attachment.object_id == record.id)
        .order_by(Attachment.id.desc())
    )
    return [Document(row, user.full_name if user else "") for row, user in db.session.execute(query)]


def send_attachment(record: Record, attachment_id: int):
    """The answer that gives out a document of this record; the caller has checked that the person may see the record.

    404 for a document of another record, 410 in words where the file is gone or is not the one that was kept. Pictures
    are shown, everything else is saved; that somebody looked is noted at the record.
    """
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or (attachment.content_type, attachment.object_id) != (record.__tablename__, record.id):
        abort(404)
    try:
        content = files.read(attachment)
    except files.FileChanged as error:
        log.error("file_changed", attachment=attachment.id, reason=str(error))
        sentence = _("The file is gone, or it is not the one that was kept. It is not given out; the log says more.")
        return error_page(_("This document cannot be opened"), sentence, 410)
    audit_reading("view_sensitive", record, {"document": attachment.filename})
    return _answer(attachment, content)


def _answer(attachment: Attachment, content: bytes):
    kind = TYPES.get(attachment.mime, TYPES[PLAIN])
    answer = send_file(
        io.BytesIO(content),
        mimetype=kind.mime,
        as_attachment=not kind.image,
        download_name=attachment.filename,
        conditional=False,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = SEEN_ALONE
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
