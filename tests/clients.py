"""A browser for tests: on one host, reading every page it gets with `tests.page`."""

from flask.testing import FlaskClient

from portal.auth.identity import HospitalIdentity, PlatformIdentity
from portal.tenancy.current import Hospital
from tests.page import Page

CONSOLE = "http://127.0.0.1:8000"


class PageClient(FlaskClient):
    """Opens addresses on the console, or on a hospital's host, and checks every HTML answer."""

    def __init__(self, *args, hospital: Hospital | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.hospital = hospital
        self.base_url = f"http://{hospital.subdomain}.localhost:8000" if hospital else CONSOLE

    def open(self, *args, **kwargs):
        """As Flask's; every whole HTML page must keep the rules of a page."""
        if not kwargs.get("environ_overrides") and args and isinstance(args[0], str):
            kwargs.setdefault("base_url", self.base_url)
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.get_data(as_text=True).lstrip().lower().startswith("<!doctype"):
            Page(answer.get_data(as_text=True)).check()
        return answer

    def page(self, path: str, status: int = 200, **kwargs) -> Page:
        """The page at this path, which must answer with this status."""
        answer = self.get(path, **kwargs)
        assert answer.status_code == status, f"{path} answered {answer.status_code}"
        return Page(answer.get_data(as_text=True))

    def sign_in_as(self, user) -> None:
        """Start a session as this user, as the sign-in page would."""
        if self.hospital is None:
            identity = PlatformIdentity(user)
        else:
            identity = HospitalIdentity(self.hospital, user, user.session_epoch)
        with self.session_transaction(base_url=self.base_url) as session:
            session["_user_id"] = identity.get_id()
            session["_fresh"] = True
