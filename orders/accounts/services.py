"""People's doors: counted attempts, one-time codes, the messages that carry them; and heartbeats of sweeps."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from orders.accounts.models import Attempt, Heartbeat, OneTimeCode, SentMessage, User
from returns_platform.kernel import nudge, references, work
from returns_platform.kernel.errors import TooMany
from returns_platform.kernel.outbound import mail, sms

CODE_LIVES = timedelta(minutes=10)
LOCKED_FOR = timedelta(minutes=15)
GUESSES = 5  # wrong codes before one code is dead
SEND_AGAIN_MINUTES = (1, 2, 3)


def beat(name: str, *, now: datetime) -> None:
    """Note that a sweep has run: `readyz` and the alarms read it."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def colleague_account(username: str, *, name: str, language: str) -> User:
    """The account of somebody who is invited to work somewhere: a new one has no password until they choose one."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, first_name=name, language=language)
        user.set_unusable_password()
        user.save()
    return user


# --- attempts ---------------------------------------------------------------------------------------------


def must_not_be_locked(limits: dict[str, tuple[str, int]], *, now: datetime) -> None:
    """Raises TooMany when a door was tried too often within LOCKED_FOR.

    limits: {what: (key, most)}. Doors that lead nowhere are counted like the others, so a lock tells nothing.
    """
    for what, (key, most) in limits.items():
        tries = Attempt.objects.filter(what=what, key=_key(key), at__gt=now - LOCKED_FOR)
        if tries.count() >= most:
            raise TooMany(_("Too many tries. Please wait 15 minutes."), retry_after_s=int(LOCKED_FOR.total_seconds()))


def count_attempts(limits: dict[str, tuple[str, int]], *, now: datetime) -> None:
    Attempt.objects.bulk_create(Attempt(what=what, key=_key(key), at=now) for what, (key, _most) in limits.items())


def _key(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def forget_old_doors(*, now: datetime) -> None:
    """Attempts and codes a day old serve nobody any more."""
    Attempt.objects.filter(at__lt=now - timedelta(days=1)).delete()
    OneTimeCode.objects.filter(created_at__lt=now - timedelta(days=1)).delete()


# --- codes ------------------------------------------------------------------------------------------------


def order_code(
    address: str, *, purpose: str, reference: str = "", language: str, decoy: bool = False, now: datetime
) -> OneTimeCode:
    """A new code for a phone or mailbox, sent by a worker. A decoy is never sent and never opens anything."""
    code = OneTimeCode.objects.create(
        address=address, purpose=purpose, reference=reference, language=language, decoy=decoy,
        salt=references.token(24), created_at=now, expires_at=now + CODE_LIVES,
        next_try_at=None if decoy else now,
    )  # fmt: skip
    nudge.after_commit("orders.send_due_codes")
    return code


def redeem_code(code_id: int, guess: str, *, now: datetime) -> OneTimeCode | None:
    """The code row when the guess is right, once; None for anything else. Call inside a transaction."""
    code = OneTimeCode.objects.select_for_update().filter(pk=code_id, used_at=None, expires_at__gte=now).first()
    if code is None or code.guesses >= GUESSES:
        return None
    right = constant_time_compare(digits_of(code), guess) and not code.decoy
    code.guesses += not right
    code.used_at = now if right else None
    code.save(update_fields=["guesses", "used_at"])
    return code if right else None


def digits_of(code: OneTimeCode) -> str:
    """The six digits. They follow from the salt and the secret key, so a copy of the table opens nothing."""
    mac = salted_hmac("orders.one-time-code", code.salt, algorithm="sha256").digest()
    return f"{int.from_bytes(mac) % 1_000_000:06d}"


def send_due_codes(*, now: datetime) -> int:
    """Send what is due; how many were handed over. A code that has expired is not sent any more."""
    sent = 0
    for code in work.claim_due(OneTimeCode, now=now):
        if code.expires_at <= now or code.used_at:
            _settle_code(code, done=True, now=now)
            continue
        sent += _send_code(code, now=now)
    return sent


def _send_code(code: OneTimeCode, *, now: datetime) -> bool:
    digits = digits_of(code)
    with translation.override(code.language):
        subject = _("Your code: %(code)s") % {"code": digits}
        text = _("%(code)s is your code. It is good for 10 minutes. Never give it to anybody, not even to us.")
        text = text % {"code": digits}
    try:
        send_message(code.address, subject, text, language=code.language, reference=code.salt, code=digits, now=now)
    except sms.NotTaken as error:
        _settle_code(code, done=False, error=str(error), now=now)
        return False
    _settle_code(code, done=True, now=now)
    return True


def _settle_code(code: OneTimeCode, *, done: bool, now: datetime, error: str = "") -> None:
    if done:
        work.done(code)
        code.sent_at = now
    else:
        work.retry_later(code, now=now, minutes=SEND_AGAIN_MINUTES, error=error)
    code.save(update_fields=["next_try_at", "claimed_until", "tries", "last_error", "sent_at"])


# --- messages ---------------------------------------------------------------------------------------------


def send_message(
    to: str,
    subject: str,
    text: str,
    *,
    language: str,
    reference: str,
    now: datetime,
    html: str = "",
    code: str = "",
) -> None:
    """One message to a mailbox or, without an @, by SMS to a phone; raises NotTaken.

    reference: the same on every retry. In a demonstration nothing leaves the house, whatever the settings
    say: there is no number range that surely belongs to nobody.
    """
    channel = SentMessage.Channel.MAIL if "@" in to else SentMessage.Channel.SMS
    if settings.DEMO:
        kept = {"channel": channel, "to": to, "subject": subject[:300], "text": text, "code": code, "at": now}
        SentMessage.objects.get_or_create(reference=reference, defaults=kept)
    elif channel == SentMessage.Channel.MAIL:
        mail.send(to, subject, text, html=html, reference=reference)
    else:
        sms.sender().send(to, text, language=language, reference=reference, now=now)
