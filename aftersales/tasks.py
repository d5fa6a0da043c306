"""Workers' doors: each looks at what is due and says that it ran."""

from celery import shared_task

from aftersales.evidence import services as evidence
from aftersales.notifications import sending
from aftersales.returns.services import deadlines, following, news
from orders.accounts.services import beat
from returns_platform.kernel import clock


@shared_task(name="aftersales.follow_cases")
def follow_cases():
    following.follow_due_cases(now=clock.now())
    beat("follow_cases", now=clock.now())


@shared_task(name="aftersales.sweep_deadlines")
def sweep_deadlines():
    deadlines.sweep_deadlines(now=clock.now())
    news.catch_up(now=clock.now())
    beat("sweep_deadlines", now=clock.now())


@shared_task(name="aftersales.mail.send_due_notices")
def send_due_notices():
    sending.send_due_notices(now=clock.now())
    beat("send_due_notices", now=clock.now())


@shared_task(name="aftersales.media.clear_unused_evidence")
def clear_unused_evidence():
    evidence.clear_unused_evidence(now=clock.now())
    beat("clear_unused_evidence", now=clock.now())
