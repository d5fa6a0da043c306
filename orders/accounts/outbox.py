"""Django's mail backend of a demonstration: letters that others write (a new password) lie in the outbox too."""

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from orders.accounts.models import SentMessage
from returns_platform.kernel import clock


class Outbox(BaseEmailBackend):
    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        for letter in email_messages:
            for to in letter.recipients():
                self._keep(letter, to)
        return len(email_messages)

    def _keep(self, letter: EmailMessage, to: str) -> None:
        reference = f"{letter.message()['Message-ID']} {to}"[:150]
        kept = {"to": to, "subject": letter.subject[:300], "text": letter.body, "at": clock.now()}
        SentMessage.objects.create(channel=SentMessage.Channel.MAIL, reference=reference, **kept)
