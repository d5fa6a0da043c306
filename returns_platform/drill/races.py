"""Many at once on one row: 2 to 32 writers with connections of their own start at the same moment.

Each kind of race sets its stage, says who runs, and what must hold afterwards whoever won. A refusal is an answer; a
deadlock, a fault or two winners where there can be one are violations.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import OperationalError, connection

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import intake
from aftersales.returns.services.wishes import Wish, WishLine
from orders.merchants.models import Merchant
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import services as payout
from refunds.payouts.models import Refund
from returns_platform.drill import town, truth, workers
from returns_platform.drill.clock import Clock
from returns_platform.drill.outside import Outside
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.fsm import reload
from returns_platform.kernel.work import LostClaim

WRITERS = (*(2,) * 12, *(3,) * 4, *(4,) * 4, 8, 8, 16, 32)
MOST_WRITERS = max(WRITERS)
Job = Callable[[], object]


@dataclass
class Races:
    """Runs races over one world, one after the other; `violations` is empty when all was well."""

    outside: Outside
    clock: Clock
    faults: truth.Faults
    shop: Merchant
    kinds: Sequence[Callable[["Races", int], None]]
    violations: list[str] = field(default_factory=list)
    cases: int = 0
    writers: int = 0
    told_to_wait: int = 0

    def __post_init__(self):
        self._threads = ThreadPoolExecutor(MOST_WRITERS, thread_name_prefix="writer")

    def close(self) -> None:
        """Each thread ends its own connection."""
        start = threading.Barrier(MOST_WRITERS)
        list(self._threads.map(lambda _: (start.wait(30), connection.close()), range(MOST_WRITERS)))
        self._threads.shutdown()

    def race(self, seed: int) -> None:
        """One race; everything about it but who wins follows from its seed."""
        self.chance = Random(seed)
        kind, self.channel = self.chance.choice(self.kinds), self.chance.choice(self.outside.channels)
        self.number = f"R{seed}"
        before = len(self.violations)
        kind(self, self.chance.choice(WRITERS))
        self.violations += self.faults.take()
        self.violations[before:] = [
            f"{kind.__name__} over {self.channel} {seed}: {line}" for line in self.violations[before:]
        ]
        self.clock.forward(timedelta(minutes=2))

    def at_once(self, jobs: Iterable[Job]) -> list:
        """What each returned, or the refusal it met."""
        jobs = list(jobs)[:MOST_WRITERS]
        self.writers += len(jobs)
        start = threading.Barrier(len(jobs))
        return list(self._threads.map(lambda job: self._run(job, start), jobs))

    def _run(self, job: Job, start: threading.Barrier) -> object:
        connection.ensure_connection()
        start.wait(timeout=60)
        try:
            return job()
        except (Refused, LostClaim) as refused:
            return refused
        except OperationalError as error:
            if "lock timeout" in str(error):  # a busy machine: the page says "in a moment", and nothing was written
                self.told_to_wait += 1
                return error
            self.violations.append(repr(error))
            return error
        except Exception as error:
            self.violations.append(repr(error))
            connection.close()
            return error

    def must(self, holds: bool, what: str) -> None:
        if not holds:
            self.violations.append(what)

    # --- what a race begins with --------------------------------------------------------------------------

    def bought(self, **shape) -> town.Bought:
        return town.buy(self.chance, self.shop, number=self.number, now=self.clock.now,
                        **{"quantity": 1, "channel": self.channel} | shape)  # fmt: skip

    def filed(self, bought: town.Bought, *, reason: str = "UN.NOT_SHIPPED", units: int = 1, **how) -> ReturnRequest:
        self.cases += 1
        return intake.submit_return(bought.order.pk, asked(reason, units, **how), by=town.ANN, now=self.clock.now)

    def promised(self, **shape) -> Refund:
        """A refund that is due now, approved by the rules."""
        case = self.filed(self.bought(**shape))
        workers.follow_cases(self.clock.now)
        return Refund.objects.get(case_ref=case.return_no)

    def accepted(self, behaviour: str = "ok") -> Refund:
        """Handed to the channel, which behaves so about this one."""
        refund = self.promised()
        self.outside.behave(self.channel, behaviour, number=refund.number)
        payout.pay_due_refunds(self.clock.now)
        return reload(refund)

    def everything_told(self) -> None:
        """What stand-ins have still to do they do, and what they say is taken in."""
        for name, job in self.outside.promised():
            self.outside.keep_promise(name, job)
        payout.take_in_channel_news(self.clock.now)

    def arrivals(self, refund: Refund) -> int:
        return LedgerTransaction.objects.filter(reference=f"arrived:{refund.number}").count()


def asked(
    reason: str, quantity: int, *, kind: str = "refund_only", send_back: str = "none", token: str = "",
    to_balance_at: datetime | None = None,
) -> Wish:  # fmt: skip
    """One line's wish. to_balance_at: when she agreed that the money goes to her balance."""
    return Wish(
        kind=kind, lines=(WishLine("1", quantity, reason),), send_back=send_back, form_token=token or None,
        refund_to="balance" if to_balance_at else "original", refund_to_agreed_at=to_balance_at,
    )  # fmt: skip
