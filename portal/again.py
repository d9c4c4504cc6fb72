"""A change that lost to another one at the same instant is done again, on what is there now (docs/decisions/0017)."""

from copy import deepcopy
from http import HTTPStatus

import sqlalchemy as sa
import structlog
from flask import Flask, request, session
from sqlalchemy.orm.exc import StaleDataError

from portal.extensions import db
from portal.record import Overtaken
from portal.tenancy.current import find_current_hospital, is_writing
from portal.tenancy.databases.errors import lost_to_another

log = structlog.get_logger(__name__)
TIMES = 3


class Portal(Flask):
    """Flask, whose views of a hospital are called once more where somebody else was faster.

    Nothing of what they did is kept then, for a request is one transaction; the second time they read what the other
    one kept, and say what there is to say about it.
    """

    def dispatch_request(self):
        """As Flask's; what is to be kept has been sent to the database when it ends."""
        if not (find_current_hospital() and is_writing()):
            return super().dispatch_request()
        before = deepcopy(dict(session))
        for _time in range(TIMES - 1):
            try:
                return self._sent(super().dispatch_request())
            except (Overtaken, StaleDataError, sa.exc.DBAPIError) as error:
                if isinstance(error, sa.exc.DBAPIError) and not lost_to_another(error.orig):
                    raise
                log.info("again", route=request.endpoint, lost_to=type(error).__name__)
                _begin_again(before)
        return self._sent(super().dispatch_request())

    def _sent(self, answer):
        answer = self.make_response(answer)
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            db.session.flush()
        return answer


def _begin_again(before: dict) -> None:
    """As if the request came only now: nothing done, nothing said, nothing read of what was sent."""
    db.session.rollback()
    if dict(session) != before:
        session.clear()
        session.update(before)
    for _name, upload in request.files.items(multi=True):
        upload.stream.seek(0)
