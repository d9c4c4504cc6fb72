"""The page on which the hospital says what each role may do."""

from flask import flash, request, url_for

from modules.core import module
from modules.core.find import roles
from modules.core.grid import change, granted, is_fixed, read_cells, sections
from portal.kit import go, is_htmx, ngettext, page


@module.form("/roles/", needs="role_change")
def role_grid():
    """Permissions against roles; each tick is sent at once, or all of them by the button."""
    if request.method == "GET":
        grid = {"sections": sections(), "roles": roles(), "granted": granted(), "is_fixed": is_fixed}
        return page("core/roles.html", **grid)
    count = change(read_cells(request.form.get("shown", "").split()), read_cells(request.form.getlist("tick")))
    if is_htmx():
        return page("core/_shown.html", granted=granted(), saved=True)
    flash(ngettext("{count} permission is changed.", "{count} permissions are changed.", count), "success")
    return go(url_for(".role_grid"))
