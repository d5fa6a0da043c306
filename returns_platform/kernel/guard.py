"""Turns away what no page of ours sends, before a view has to think of it."""

from django.http import HttpRequest, HttpResponse

from returns_platform.kernel import answers, texts
from returns_platform.kernel.errors import Malformed, Refused

LONGEST_QUERY = 8_000
READ_AWAY, READ_AT_ONCE = 50_000_000, 65_536  # bytes
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Django's admin and the API read their own input and answer in their own way.
ELSEWHERE = ("/admin/", "/api/")
FORM_TOKENS = frozenset({"csrfmiddlewaretoken"})


class Guard:
    """Over-long addresses (414); characters that no text can hold and values sent twice (400)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
            return answers.plain(request, 414)
        response = self.get_response(request)
        if response.status_code == 413:
            read_away(request)
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        try:
            must_be_readable(request.path)
            for values in sent(request, view):
                must_be_clean(values, repeats=getattr(view, "repeats", frozenset()), path=request.path)
        except Refused as refused:
            return answers.refusal(request, refused)
        return None


def read_away(request: HttpRequest) -> None:
    """Take in the rest of a body that is refused, up to a point: who still sends would never read the answer."""
    left = READ_AWAY
    while left > 0 and (chunk := request.read(READ_AT_ONCE)):
        left -= len(chunk)


def sent(request: HttpRequest, view) -> list:
    """The address, and the form where there is one. Machine doors (csrf_exempt) check their raw bytes themselves."""
    found = [request.GET]
    if request.method == "POST" and request.content_type in FORMS and not getattr(view, "csrf_exempt", False):
        found.append(request.POST)
    return found


def must_be_clean(values, *, repeats: frozenset, path: str) -> None:
    for name, sent_values in values.lists():
        must_be_readable(name)
        for value in sent_values:
            must_be_readable(value)
        if len(sent_values) > 1 and name not in repeats | FORM_TOKENS and not path.startswith(ELSEWHERE):
            raise Malformed


def must_be_readable(value: str) -> None:
    if texts.broken(value):
        raise Malformed
