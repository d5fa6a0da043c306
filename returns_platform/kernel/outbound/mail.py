"""Letters out, through Django's mail backend (EMAIL_URL); raises NotTaken, or SenderDown when nobody is there."""

import hashlib
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from returns_platform.kernel.outbound.http import must_be_outside_transactions
from returns_platform.kernel.outbound.sms import NotTaken, SenderDown

THIS_LETTER_ONLY = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError, SMTPNotSupportedError)


def send(to: str, subject: str, text: str, *, html: str = "", reference: str) -> None:
    """One letter to one person. A line break in the subject would start a header of its own: made a space.

    reference: the same on every try; it becomes the Message-ID, so that a mailbox shows a letter once.
    """
    must_be_outside_transactions()
    letter = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to], headers=_headers(reference))
    if html:
        letter.attach_alternative(html, "text/html")
    try:
        letter.send()
    except THIS_LETTER_ONLY as error:
        raise NotTaken(str(error)) from error
    except OSError as error:  # SMTPException is one
        raise SenderDown(str(error)) from error


def _headers(reference: str) -> dict[str, str]:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    digest = hashlib.sha256(reference.encode()).hexdigest()[:32]
    return {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
