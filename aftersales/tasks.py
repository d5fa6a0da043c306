"""Workers' doors: each looks at what is due and says that it ran."""

from datetime import timedelta

from celery import shared_task

from aftersales.desk import services as desk
from aftersales.evidence import services as evidence
from aftersales.examination import services as examination
from aftersales.notifications import sending
from aftersales.notifications import services as telling
from aftersales.notifications.models import Notice
from aftersales.replay import services as replay
from aftersales.returns.services import boxes, deadlines, following, goods, news, paying, waiting
from aftersales.risk.services import measures, scoring, signals
from orders.accounts.services import beat
from returns_platform.kernel import clock, nudge, work
from returns_platform.kernel.aside import Aside

A_TURN = timedelta(seconds=4)  # then the other queues have theirs: money leaves within ten seconds
CASES_AT_ONCE = 5  # each is claimed for half a minute, so no more than are surely followed by then

senders = Aside("sender", at_once=2)


@shared_task(name="aftersales.follow_cases")
def follow_cases():
    now = clock.now()
    until = now + A_TURN
    beat("follow_cases", now=now)
    while now < until and following.follow_due_cases(now=now, limit=CASES_AT_ONCE):
        now = clock.now()


@shared_task(name="aftersales.follow_replacements")
def follow_replacements():
    now = clock.now()
    beat("follow_replacements", now=now)
    while waiting.follow_due_replacements(now=now):
        pass
    paying.follow_charges(now=clock.now())


@shared_task(name="aftersales.sweep_deadlines")
def sweep_deadlines():
    deadlines.sweep_deadlines(now=clock.now())
    news.catch_up(now=clock.now())
    goods.find_ungraded(now=clock.now())
    boxes.find_boxes_that_never_came(now=clock.now())
    examination.find_late(now=clock.now())
    desk.tell_owners(now=clock.now())
    desk.alert_owners(now=clock.now())
    beat("sweep_deadlines", now=clock.now())


@shared_task(name="aftersales.look_at_credit")
def look_at_credit():
    now = clock.now()
    measures.end_due(now=now)
    signals.forget_old_traces(now=now)
    scoring.look_at_credit(now=now)
    beat(scoring.BEAT, now=now)


@shared_task(name="aftersales.mail.send_due_notices")
def send_due_notices():
    now = clock.now()
    beat("send_due_notices", now=now)
    wanted = work.due_rows(Notice, now=now)[: senders.at_once].count()
    senders.work_off(lambda: sending.send_due_notices(now=clock.now()), wanted=wanted)


@shared_task(name="aftersales.mail.announce_policies")
def announce_policies():
    now = clock.now()
    until = now + A_TURN
    while clock.now() < until and telling.announce_policies(now=clock.now()):
        pass
    beat("announce_policies", now=now)


@shared_task(name=evidence.WORKER)
def look_at_evidence():
    now = clock.now()
    until = now + A_TURN
    beat("look_at_evidence", now=now)
    while now < until and evidence.look_at_evidence(now=now):
        now = clock.now()


@shared_task(name=evidence.READER)
def read_waybill_photos():
    now = clock.now()
    until = now + A_TURN
    beat("read_waybill_photos", now=now)
    while now < until and evidence.read_waybill_photos(now=now):
        now = clock.now()


@shared_task(name="aftersales.media.clear_unused_evidence")
def clear_unused_evidence():
    evidence.clear_unused_evidence(now=clock.now())
    evidence.clear_waybill_photos(now=clock.now())
    beat("clear_unused_evidence", now=clock.now())


@shared_task(name=replay.WORKER)
def try_drafts():
    """Chunk after chunk for some seconds; then photos have their turn, and what is left is asked for again."""
    now = clock.now()
    until = now + A_TURN
    beat("try_drafts", now=now)
    while now < until:
        if not replay.try_further(now=now):
            return
        now = clock.now()
    nudge.after_commit(replay.WORKER)
