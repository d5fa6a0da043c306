"""What a person or a program can be told went wrong. Pages and the API turn these into answers."""

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Base of every refusal that is an answer, not a fault.

    code: stable, for programs. message: one sentence in the reader's language (lazy).
    fields: {field name: sentence}. status: the HTTP status the answer carries.
    """

    status = 422
    code = "invalid"
    default = _("That did not work.")

    def __init__(self, message=None, *, code: str | None = None, fields: dict | None = None):
        self.message = message or self.default
        self.code = code or self.code
        self.fields = fields or {}
        super().__init__(self.code)


class Malformed(Refused):
    status, code, default = 400, "malformed", _("The request could not be read.")


class NotSignedIn(Refused):
    status, code, default = 401, "unauthorized", _("Please sign in first.")


class NotAllowed(Refused):
    status, code, default = 403, "forbidden", _("You may see this but not do it.")


class NotThere(Refused):
    """Not there, or not yours: the two are told in the same words."""

    status, code, default = 404, "not_found", _("There is nothing here that you can see.")


class Conflict(Refused):
    status, code, default = 409, "conflict", _("Something changed in the meantime.")


class WrongState(Conflict):
    """The row is in a state from which this cannot be done; `state` is the one it is in."""

    code = "wrong_state"
    default = _("This cannot be done any more.")

    def __init__(self, message=None, *, state: str = "", code: str | None = None, fields: dict | None = None):
        super().__init__(message, code=code, fields=fields)
        self.state = state


class TooLarge(Refused):
    status, code, default = 413, "too_large", _("That is too large.")


class WrongType(Refused):
    status, code, default = 415, "unsupported_media_type", _("This kind of file or body is not taken here.")


class Invalid(Refused):
    """Understood, and not acceptable as it stands."""

    default = _("Some fields are not accepted.")


class TooMany(Refused):
    """Too often. retry_after_s: seconds until it may work again."""

    status, code, default = 429, "too_many_requests", _("That was too often. Please wait a moment.")

    def __init__(self, message=None, *, retry_after_s: int = 60, **kwargs):
        super().__init__(message, **kwargs)
        self.retry_after_s = retry_after_s
