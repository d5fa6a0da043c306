"""The kinds of races: each sets its stage, says who runs, and what must hold afterwards whoever won."""

from datetime import timedelta

from aftersales.inspection.models import Disposition
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import balance, deadlines, decisions, intake, undoing, withdrawal
from aftersales.returns.services.money import agree_as_second
from orders.purchases.models import OrderLine, Payment
from refunds.payouts import services as payout
from refunds.payouts import states
from refunds.payouts.models import Refund
from refunds.wallet import services as wallet
from refunds.wallet.models import WalletEntry
from returns_platform.drill import town, workers
from returns_platform.drill.races import Job, Races, asked
from returns_platform.kernel.actors import rule
from returns_platform.kernel.fsm import reload

PATIENCE = 12  # looks at a channel that takes its time


def file_and_file(races: Races, writers: int) -> None:
    """The last units: never more are taken than were bought."""
    units = races.chance.randint(1, 4)
    order = races.bought(quantity=units).order
    wish = asked("UN.NOT_SHIPPED", 1)
    results = races.at_once(
        [lambda: intake.submit_return(order.pk, wish, by=town.ANN, now=races.clock.now)] * writers
    )  # fmt: skip
    filed = [each for each in results if isinstance(each, ReturnRequest)]
    races.cases += len(filed)
    line = OrderLine.objects.get(order=order)
    races.must(line.unshipped_in_use == len(filed) <= units, f"{len(filed)} took {line.unshipped_in_use} of {units}")
    races.must(races.told_to_wait or len(filed) == min(units, writers), f"only {len(filed)} of {units} were filed")


def double_click(races: Races, writers: int) -> None:
    """One form, sent many times, is one case (I49)."""
    order = races.bought(quantity=3).order
    wish = asked("UN.NOT_SHIPPED", 1, token=f"t{races.number}")
    races.at_once([lambda: intake.submit_return(order.pk, wish, by=town.ANN, now=races.clock.now)] * writers)
    filed = ReturnRequest.objects.filter(order=order).count()
    races.cases += filed
    races.must(filed == 1, f"{filed} cases from one form")


def approve_withdraw_silence(races: Races, writers: int) -> None:
    """Yes, no, taken back, and the end of the shop's time: one of them wins, and units and money fit it."""
    bought = races.bought(unit_price=60000, signed=True)
    case = races.filed(bought, reason="OT.OTHER", kind="return_refund", send_back="self_ship")
    later = case.due_at + timedelta(seconds=1)
    jobs = [
        lambda: decisions.approve_return(case.pk, by=town.MIA, now=later),
        lambda: withdrawal.withdraw_return(case.pk, by=town.ANN, now=later),
        lambda: deadlines.sweep_deadlines(now=later),
        lambda: decisions.refuse_return(case.pk, code="R_QTY", text="No.", by=town.SAM, now=later),
    ]
    races.at_once(races.chance.choices(jobs, k=writers))
    line, free = OrderLine.objects.get(order=bought.order), reload(case).state in ("rejected", "withdrawn")
    races.must((line.shipped_in_use == 0) == free, f"{case.state} holds {line.shipped_in_use} units")


def refund_and_refund(races: Races, writers: int) -> None:
    """Many decisions about one payment: never more than was paid (I2)."""
    order = races.bought(unit_price=10000).order
    payment, amount = Payment.objects.get(order=order), races.chance.randint(800, 6000)

    def open_one(serial: int) -> Refund:
        by, case = rule("platform.drill", 1), f"RT9{races.number[1:]}"
        granted = payout.authorise(
            case_ref=case, amount=amount, currency="CNY", by=by, rule="platform.drill", rule_version=1,
            now=races.clock.now,
        )  # fmt: skip
        return payout.open_refund(
            payment=payment, case_ref=case, serial=serial, amount=amount, authorisation=granted,
            customer=order.customer, hold_s=0, second_person=False, now=races.clock.now,
        )  # fmt: skip

    results = races.at_once([lambda serial=serial: open_one(serial) for serial in range(1, writers + 1)])
    opened = [each for each in results if isinstance(each, Refund)]
    reserved = Payment.objects.get(pk=payment.pk).reserved
    races.must(reserved == len(opened) * amount <= 10000, f"{len(opened)} of {amount} reserved {reserved} of 10000")
    if opened:  # no case stands behind them: they are taken back before the books are looked at
        payout.cancel_refunds(opened[0].case_ref, by=town.SAM, now=races.clock.now)


def pay_and_pay(races: Races, writers: int) -> None:
    """Many workers, one refund: it is sent once."""
    refund = races.promised()
    races.at_once([lambda: payout.pay_due_refunds(races.clock.now)] * writers)
    sent = refund.attempts.filter(kind="create").count()
    races.must(sent == 1, f"sent {sent} times")


def undo_and_send(races: Races, writers: int) -> None:
    """Taken back, or sent: never both."""
    refund = races.promised()
    case = ReturnRequest.objects.get(return_no=refund.case_ref)
    undo = lambda: withdrawal.withdraw_return(case.pk, by=town.ANN, now=races.clock.now)  # noqa: E731
    send = lambda: payout.pay_due_refunds(races.clock.now)  # noqa: E731
    races.at_once([undo, send, *races.chance.choices((undo, send), k=writers - 2)])
    sent, ended = refund.attempts.filter(kind="create").exists(), reload(refund).state
    races.must(sent != (ended == states.CANCELLED), f"{ended}, sent: {sent}")


def callback_and_query(races: Races, writers: int) -> None:
    """The channel calls while we ask: it arrives once."""
    refund = races.accepted()
    at = races.clock.forward(timedelta(seconds=70))
    for name, job in races.outside.promised():
        races.outside.keep_promise(name, job)
    told = [lambda pair=pair: races.outside.keep_promise(*pair, again=True) for pair in races.outside.promised()]
    jobs = [lambda: payout.pay_due_refunds(at), lambda: payout.take_in_channel_news(at)]
    races.at_once([*told, *jobs, *races.chance.choices([*told, *jobs], k=max(0, writers - len(told) - 2))])
    for name, job in races.outside.promised():
        races.outside.keep_promise(name, job)
    workers.look_at_everything(at)
    races.must(reload(refund).state == states.ARRIVED, f"{refund.state} {refund.problem}")
    races.must(races.arrivals(refund) == 1, f"{races.arrivals(refund)} arrivals")


def second_and_second(races: Races, writers: int) -> None:
    """Many second persons and a withdrawal: one agreement, or none and no money."""
    bought = races.bought(unit_price=600_000)
    case = races.filed(bought)
    workers.follow_cases(races.clock.now)
    agree = lambda by: lambda: agree_as_second(case.pk, by=by, now=races.clock.now)  # noqa: E731
    jobs = [agree(by) for by in (town.SAM, town.SUE, town.FAY)]
    jobs.append(lambda: withdrawal.withdraw_return(case.pk, by=town.ANN, now=races.clock.now))
    results = races.at_once(races.chance.choices(jobs, k=writers))
    refund = Refund.objects.get(case_ref=case.return_no)
    agreed = refund.moves.filter(note="second_person").count()
    races.must(agreed <= 1, f"{agreed} agreed")
    races.must(refund.state in (states.HELD, states.PROMISED, states.CANCELLED), f"{refund.state}: {results}")


def count_and_count(races: Races, writers: int) -> None:
    """Two benches: the same count is one, another is refused, and the money follows one of them."""
    bought = races.bought(quantity=3, signed=True)
    case = races.filed(bought, reason="NR.NO_LONGER_WANT", units=3, kind="return_refund", send_back="self_ship")
    workers.follow_cases(races.clock.now)
    count = lambda units: lambda: count_goods(case.pk, [Arrived("1", units)], by=town.MIA, now=races.clock.now)  # noqa: E731
    races.at_once([count(races.chance.choice((2, 3))) for _ in range(writers)])
    line = case.lines.get()
    graded = [Graded("1", line.counted, "A", Disposition.RESTOCK)]
    races.at_once([lambda: inspect_goods(case.pk, graded, by=town.MIA, now=races.clock.now)] * writers)
    workers.follow_cases(races.clock.now)
    opened = Refund.objects.filter(case_ref=case.return_no)
    races.must(sum(refund.amount for refund in opened) == 4000 * line.counted, f"{list(opened)} for {line.counted}")


def anew_and_anew(races: Races, writers: int) -> None:
    """The channel gave it up, as it says itself or when it is asked: one new refund takes its place."""
    refund = races.accepted("closed")
    for _ in range(PATIENCE):
        if reload(refund).state == states.CLOSED:
            break
        races.everything_told()
        payout.pay_due_refunds(races.clock.forward(timedelta(minutes=5)))
    races.at_once([lambda: payout.send_anew(refund.pk, by=town.FAY, now=races.clock.now)] * writers)
    opened = Refund.objects.filter(replaces=refund).count()
    races.must(opened == 1, f"{opened} in place of one ({reload(refund).state})")


def settle_and_callback(races: Races, writers: int) -> None:
    """Two people say that it was paid while the channel says the same: it arrives once."""
    refund = races.accepted("callback_wrong_amount")
    races.everything_told()
    races.everything_told()
    if reload(refund).state != states.MANUAL:
        return races.must(False, f"{refund.state}: a wrong amount was believed")
    proposed = payout.propose_settlement(
        refund.pk, outcome="paid", proof="its console", by=town.FAY, now=races.clock.now
    )  # fmt: skip
    payout.ask_again(refund.pk, by=town.FAY, now=races.clock.now)
    jobs = [
        lambda: payout.confirm_settlement(proposed.pk, by=town.SUE, now=races.clock.now),
        lambda: payout.pay_due_refunds(races.clock.now),
    ]
    races.at_once([*jobs, *races.chance.choices(jobs, k=writers - 2)])
    races.must(reload(refund).state == states.ARRIVED, f"{refund.state} {refund.problem}")
    races.must(races.arrivals(refund) == 1, f"{races.arrivals(refund)} arrivals")


def undo_and_pay(races: Races, writers: int) -> None:
    """A person's yes is taken back in the moment in which its money leaves: one of the two."""
    case = races.filed(races.bought(unit_price=60000, signed=True), reason="OT.OTHER")
    decisions.approve_return(case.pk, by=town.MIA, now=races.clock.now)
    workers.follow_cases(races.clock.now)
    at = races.clock.forward(timedelta(minutes=6))  # the hold is over
    undo = lambda: undoing.undo_decision(case.pk, by=town.MIA, anybodys=True, now=at)  # noqa: E731
    send = lambda: payout.pay_due_refunds(at)  # noqa: E731
    races.at_once([undo, send, *races.chance.choices((undo, send), k=writers - 2)])
    refund = Refund.objects.get(case_ref=case.return_no)
    sent = refund.attempts.filter(kind="create").exists()
    races.must(sent != (refund.state == states.CANCELLED), f"{refund.state}, sent: {sent}")


def spend_and_move(races: Races, writers: int) -> None:
    """One balance: spent, or taken to the bank, and never below zero (I13)."""
    order = races.bought().order
    wish = asked("UN.NOT_SHIPPED", 1, to_balance_at=races.clock.now)
    case = intake.submit_return(order.pk, wish, by=town.ANN, now=races.clock.now)
    races.cases += 1
    workers.look_at_everything(races.clock.now)

    def spend(nth: int) -> Job:
        reference = f"{case.return_no}/{nth}"
        return lambda: wallet.spend(
            order.customer, amount=3000, reference=reference, now=races.clock.now, order=order
        )

    move = lambda: balance.take_to_the_bank(case.pk, by=town.ANN, now=races.clock.now)  # noqa: E731
    results = races.at_once([*(spend(nth) for nth in range(writers - 1)), move])
    spent = sum(isinstance(each, WalletEntry) for each in results)
    moved = isinstance(results[-1], ReturnRequest)
    races.must(spent + moved <= 1, f"spent {spent} times, moved: {moved}")


def compensate_and_compensate(races: Races, writers: int) -> None:
    """Trouble is made good for once per ground (I15)."""
    case = races.filed(races.bought())

    def give() -> object:
        return wallet.compensate(
            case.order, case_ref=case.return_no, ground="wait", what="balance", amount=500, payer="merchant",
            reason="It took long.", by=town.SAM, now=races.clock.now,
        )  # fmt: skip

    results = races.at_once([give] * writers)
    given = [each for each in results if not isinstance(each, Exception)]
    races.must(len(given) == 1, f"given {len(given)} times")


KINDS = (
    file_and_file, double_click, approve_withdraw_silence, refund_and_refund, pay_and_pay, undo_and_send,
    callback_and_query, second_and_second, count_and_count, anew_and_anew, settle_and_callback,
    undo_and_pay, spend_and_move, compensate_and_compensate,
)  # fmt: skip
