"""The API's door: who a token is, what it may do, how often, and that the same key does a thing once."""

import functools
import hashlib

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from orders.merchants.models import ApiToken, KeptAnswer
from orders.merchants.queries import authenticate
from orders.merchants.rules import KEPT_FOR
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Malformed, NotAllowed, TooMany

WAIT_S = 10


class Bearer(HttpBearer):
    """Sets request.token, request.merchant and request.actor."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        known = authenticate(token)
        if known is None:
            return None
        _must_be_within_rate(known)
        request.token, request.merchant = known, known.merchant
        request.actor = Actor("token", str(known.pk), known.label or known.merchant.name)
        return known


def _must_be_within_rate(token: ApiToken) -> None:
    if not settings.API_RATE_PER_MINUTE:
        return
    key = f"api-rate:{token.pk}:{int(clock.now().timestamp() // 60)}"
    cache.add(key, 0, timeout=120)
    if cache.incr(key) > settings.API_RATE_PER_MINUTE:
        raise TooMany(retry_after_s=60)


def needs(scope: str):
    """The token must carry this scope."""

    def decorate(operation):
        @functools.wraps(operation)
        def guarded(request, *args, **kwargs):
            if scope not in request.token.scopes:
                raise NotAllowed(_("This token may not do that: it lacks the scope “%(scope)s”.") % {"scope": scope})
            return operation(request, *args, **kwargs)

        guarded.scope = scope
        return guarded

    return decorate


def once_per_key(operation):
    """With an Idempotency-Key the effect and its kept answer are committed together, once.

    A second caller with the same key waits for the first on the unique row, at most 10 s.
    Only 2xx answers are kept: a refusal rolls the row back with everything else.
    """

    @functools.wraps(operation)
    def kept(request, *args, **kwargs):
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return operation(request, *args, **kwargs)
        if not 1 <= len(key) <= 128 or not (key.isascii() and key.isprintable()):
            raise Malformed(_("An Idempotency-Key has 1 to 128 printable characters."))
        row = KeptAnswer(token=request.token, path=request.path[:300], key=key, digest=_body_digest(request))
        with transaction.atomic():
            if not _first(row):
                return _again(row)
            response = operation(request, *args, **kwargs)
            row.status, row.body = response.status_code, response.content
            row.save()
            return response

    return kept


def _body_digest(request: HttpRequest) -> str:
    if not request.FILES:
        return hashlib.sha256(request.body).hexdigest()
    sums = hashlib.sha256()
    for name, file in sorted(request.FILES.items()):
        sums.update(name.encode())
        for chunk in file.chunks():
            sums.update(chunk)
        file.seek(0)
    return sums.hexdigest()


def _first(row: KeptAnswer) -> bool:
    """Insert the row, or wait until whoever inserted it first has finished; False when it is kept already."""
    row.created_at = clock.now()
    same = KeptAnswer.objects.filter(token=row.token, path=row.path, key=row.key)
    same.filter(created_at__lt=row.created_at - KEPT_FOR).delete()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_S}s'; SET LOCAL statement_timeout = '{WAIT_S + 1}s'")
            row.save(force_insert=True)
            cursor.execute("SET LOCAL lock_timeout = DEFAULT; SET LOCAL statement_timeout = DEFAULT")
    except IntegrityError:
        return False
    except OperationalError as busy:
        raise _StillRunning from busy
    return True


class _StillRunning(Conflict):
    code, retry_after_s = "still_running", 5


def _again(row: KeptAnswer) -> HttpResponse:
    kept = KeptAnswer.objects.get(token=row.token, path=row.path, key=row.key)
    if kept.digest != row.digest:
        raise Conflict(_("This Idempotency-Key was used with another body."), code="key_reused")
    return HttpResponse(bytes(kept.body), status=kept.status, content_type="application/json; charset=utf-8")
