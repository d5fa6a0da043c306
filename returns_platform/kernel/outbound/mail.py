"""Letters out, through Django's mail backend (EMAIL_URL); raises NotTaken when the server is not there."""

from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives

from returns_platform.kernel.outbound.sms import NotTaken


def send(to: str, subject: str, text: str, *, html: str = "", headers: dict[str, str] | None = None) -> None:
    """One letter to one person. A line break in the subject would start a header of its own: made a space."""
    letter = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to], headers=headers or {})
    if html:
        letter.attach_alternative(html, "text/html")
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        raise NotTaken(str(error)) from error
