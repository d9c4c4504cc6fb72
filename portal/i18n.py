"""Every visible text passes through `_`, so that a language can be added without touching a page."""

import gettext

_translations = gettext.NullTranslations()


def _(text: str, **values) -> str:
    """The text in the reader's language; `values` fill its {names}."""
    translated = _translations.gettext(text)
    return translated.format(**values) if values else translated


def ngettext(singular: str, plural: str, count: int, **values) -> str:
    """The text for this count; `{count}` and `values` are filled in."""
    return _translations.ngettext(singular, plural, count).format(count=f"{count:,}", **values)


def install(app) -> None:
    """Give templates `_`, `gettext` and `ngettext` through Jinja's own extension."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)
