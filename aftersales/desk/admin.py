"""The staff's pages of cases and tasks. Nothing is edited here: every change is a service with a named right."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aftersales.desk import queries, reviewing, services, words
from aftersales.desk.forms import APPROVE, ASK, REFUSE, CloseForm, DecideForm, MissingForm, SayForm, SecondForm, Step
from aftersales.desk.front import page_of
from aftersales.desk.models import (
    Appeal,
    DoubtfulInspection,
    GoodsTask,
    LateTask,
    Lease,
    OtherTask,
    ParcelTask,
    PlatformReview,
    ReplacementTask,
    SecondPerson,
)
from aftersales.desk.reviewing import Reader
from aftersales.desk.services import Taken
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.names import KINDS, shop_name
from aftersales.returns.services import decisions, money
from aftersales.returns.services.messages import write_message
from orders.merchants.models import Merchant
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, Refused, WrongState
from returns_platform.kernel.look_only import LookOnly

posted = method_decorator(require_POST)


def reader_of(request: HttpRequest) -> Reader:
    return Reader(request.user, clock.now())


# --- columns and filters ----------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request, model_admin):
        return list(words.STATES.items())

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() in words.STATES else queryset


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("kind"), "kind"

    def lookups(self, request, model_admin):
        return list(KINDS.items())

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() in KINDS else queryset


class ActingFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("waits for"), "waits_for"

    def lookups(self, request, model_admin):
        return list(words.ACTING.items())

    def queryset(self, request, queryset):
        return queryset.filter(waits_for=self.value()) if self.value() in words.ACTING else queryset


class ShopFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("shop"), "shop"

    def lookups(self, request, model_admin):
        return [(shop.code, shop_name(shop)) for shop in Merchant.objects.order_by("name")]

    def queryset(self, request, queryset):
        return queryset.filter(merchant__code=self.value()) if self.value() else queryset


class RequestColumns:
    """What the lists of requests show; no query per row."""

    list_display = ("number", "shop", "kind_in_words", "sum", "state_in_words", "who_acts", "due", "filed")
    list_select_related = ("merchant", "bill", "order")
    list_per_page, show_full_result_count = 50, False
    actions = None

    @admin.display(description=gettext_lazy("request"), ordering="return_no")
    def number(self, row) -> str:
        return row.return_no

    @admin.display(description=gettext_lazy("shop"))
    def shop(self, row) -> str:
        return shop_name(row.merchant)

    @admin.display(description=gettext_lazy("kind"))
    def kind_in_words(self, row) -> str:
        return KINDS[row.kind]

    @admin.display(description=gettext_lazy("amount"), ordering="bill__refund")
    def sum(self, row) -> str:
        return ui.money(row.bill.refund, row.bill.currency) if row.bill else "–"

    @admin.display(description=gettext_lazy("state"))
    def state_in_words(self, row) -> str:
        return words.state_name(row)

    @admin.display(description=gettext_lazy("waits for"))
    def who_acts(self, row) -> str:
        return "–" if row.is_ended else words.ACTING[row.waits_for]

    @admin.display(description=gettext_lazy("due"), ordering="due_at", empty_value="–")
    def due(self, row) -> str | None:
        return ui.clock(row.due_at, now=clock.now()).text if row.due_at else None

    @admin.display(description=gettext_lazy("filed"), ordering="filed_at")
    def filed(self, row) -> str:
        return ui.moment(row.filed_at, now=clock.now(), style="plain")


# --- the review page --------------------------------------------------------------------------------------


@admin.register(ReturnRequest)
class ReturnRequestAdmin(RequestColumns, LookOnly, admin.ModelAdmin):
    """Every case that somebody may see, and the page on which it is decided."""

    list_filter = (StateFilter, ActingFilter, KindFilter, ShopFilter)
    search_fields = ("=return_no", "=order__order_no")
    ordering = ("-filed_at", "-pk")

    def get_queryset(self, request):
        return queries.cases_for(request.user, now=clock.now())

    def get_urls(self):
        site, doors = self.admin_site, [
            ("decide", self.decide_view, "aftersales.ask_evidence"),
            ("second", self.second_view, "refunds.agree_as_second"),
            ("missing", self.missing_view, "aftersales.decide_request"),
            ("say", self.say_view, "aftersales.add_message"),
            ("give_back", self.give_back_view, "aftersales.view_returnrequest"),
        ]  # fmt: skip
        own = [
            path(f"<int:pk>/{name}/", site.door(view, right), name=f"aftersales_returnrequest_{name}")
            for name, view, right in doors
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The review page. Opening it holds a case that waits for the reader, so that nobody else is handed it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        reader = reader_of(request)
        row = queries.case_for(reader.user, object_id, now=reader.now)
        if request.method == "GET" and reviewing.is_work(row, reader):
            self._hold(row, reader)
        return self._page(request, row, reader)

    def _hold(self, row, reader) -> None:
        try:
            services.take(row.return_no, user=reader.user, now=reader.now)
        except Taken:
            pass  # the page says who has it

    def _page(self, request, row, reader, *, status: int = 200, **more) -> HttpResponse:
        queue = queries.QUEUES.get(request.POST.get("queue") or request.GET.get("queue", ""))
        lease = queries.lease_of(row.return_no, now=reader.now)
        context = {
            **self.admin_site.each_context(request),
            **reviewing.review_page(row, reader, lease),
            "opts": self.opts,
            "decide_fields": fields_of_decision(request),
            "queue": queue and {
                "code": queue.code,
                "name": queue.name,
                "url": reverse(f"admin:aftersales_{queue.code}_changelist"),
                "more": queries.waiting(queue, now=reader.now).count,
            },
            **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/desk/review.html", context, status=status)

    # --- deciding: fill in, read back, say yes ---

    @posted
    def decide_view(self, request, pk):
        reader, row = self._opened(request, pk)
        offered = reviewing.choices(row, reader)
        form = DecideForm(request.POST, choices=[(one.value, one.label) for one in offered])

        def act(said):
            must_be_offered(said["do"], offered)
            services.take(row.return_no, user=reader.user, now=reader.now)
            decide(row, said, reader)

        return self._step(request, row, reader, form, act, name="decide")

    @posted
    def second_view(self, request, pk):
        reader, row = self._opened(request, pk)

        def act(said):
            money.agree_as_second(row.pk, by=reader.actor, now=reader.now)

        return self._step(request, row, reader, SecondForm(request.POST), act, name="second")

    @posted
    def missing_view(self, request, pk):
        reader, row = self._opened(request, pk)

        def act(said):
            services.take(row.return_no, user=reader.user, now=reader.now)
            services.settle_missing(row.pk, way=said["do"], note=said["text"], by=reader.actor, now=reader.now)

        return self._step(request, row, reader, MissingForm(request.POST), act, name="missing")

    def _opened(self, request, pk) -> tuple[Reader, ReturnRequest]:
        reader = reader_of(request)
        return reader, queries.case_for(reader.user, pk, now=reader.now)

    def _step(self, request, row, reader, form: Step, act, *, name: str) -> HttpResponse:
        """Wrong input: the page again. Not confirmed: what will happen, read back. Overtaken: who was faster."""
        try:
            must_be_as_seen(row, form)
            must_be_allowed(row, form, reader)
            if not form.is_valid():
                return self._page(request, row, reader, status=422, **{f"{name}_form": form})
            if not form.cleaned_data["confirmed"]:
                return self._read_back(request, row, reader, form, name)
            act(form.cleaned_data)
        except Taken as taken:
            return self._page(request, again(row), reader, status=409, overtaken=held_by(taken.lease))
        except WrongState as wrong:
            told = overtaken_by(row, reader, form) or str(wrong.message)
            return self._page(request, again(row), reader, status=409, overtaken=told)
        except Invalid as refused:
            form.refuse(refused)
            return self._page(request, row, reader, status=422, **{f"{name}_form": form})
        return self._go_on(request, row, reader, form.cleaned_data, name)

    def _read_back(self, request, row, reader, form, name: str) -> HttpResponse:
        said = form.cleaned_data
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "title": question(name, said.get("do", "")),
            "label": yes(name, said.get("do", ""), row),
            "facts": read_back(name, said, row, reader),
            "sent": [(key, value) for key, values in request.POST.lists() for value in values if key in form.fields],
            "action": reverse(f"admin:aftersales_returnrequest_{name}", args=[row.pk]),
            "back": page_of(row, said["queue"] if said["queue"] in queries.QUEUES else ""),
            "takes_next": said["queue"] in queries.QUEUES and queries.QUEUES[said["queue"]].handed_out,
        }
        return TemplateResponse(request, "admin/desk/confirm.html", context)

    def _go_on(self, request, row, reader, said, name: str) -> HttpResponse:
        messages.success(request, _("%(number)s: done.") % {"number": row.return_no})
        services.give_back(row.return_no, user=reader.user, now=reader.now)
        if said["then"] == "next" and said["queue"] in queries.QUEUES:
            return hand_out(request, queries.QUEUES[said["queue"]], reader)
        return redirect(page_of(row))

    # --- notes, the lease ---

    @posted
    def say_view(self, request, pk):
        reader, row = self._opened(request, pk)
        form = SayForm(request.POST)
        try:
            if form.is_valid():
                said = form.cleaned_data
                write_message(
                    row.pk, text=said["text"], audience=said["audience"], by=reader.actor, now=reader.now
                )
                messages.success(request, _("Written."))
                return redirect(page_of(row))
        except Refused as refused:
            form.refuse(refused)
        return self._page(request, row, reader, status=422, say_form=form)

    @posted
    def give_back_view(self, request, pk):
        reader, row = self._opened(request, pk)
        services.give_back(row.return_no, user=reader.user, now=reader.now)
        messages.success(request, _("%(number)s is back in its queue.") % {"number": row.return_no})
        return redirect("admin:index")


def fields_of_decision(request) -> dict:
    """The options of the decision's fields, and which were picked before something was wrong."""
    form = DecideForm(choices=())
    return {
        "code": form.fields["code"].choices,
        "classes": form.fields["classes"].choices,
        "picked": request.POST.getlist("classes"),
    }


# --- one step, told and checked ---------------------------------------------------------------------------


def again(row: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.select_related("order", "merchant", "customer", "bill").get(pk=row.pk)


def must_be_as_seen(row: ReturnRequest, form: Step) -> None:
    """The case has not moved since the page was opened."""
    seen = form.data.get("seen", "")
    if seen.isascii() and seen.isdigit() and seen != str(row.version):
        raise WrongState(state=row.state)


def must_be_allowed(row: ReturnRequest, form: Step, reader: Reader) -> None:
    """What the reader's groups, or the shop's running time, forbid is a 403, not a wrong input."""
    wanted = form.data.get("do", "")
    if wanted in (APPROVE, REFUSE) and not reader.may("aftersales.decide_request"):
        raise NotAllowed
    if wanted in (APPROVE, REFUSE, ASK) and not reviewing.may_decide_now(row, reader) and row.awaits_decision:
        raise NotAllowed(_("The shop's time to answer still runs. A senior may decide before."))


def must_be_offered(wanted: str, offered: list[ui.Choice]) -> None:
    if wanted not in {one.value for one in offered}:
        raise WrongState


def decide(row: ReturnRequest, said: dict, reader: Reader) -> None:
    by, now, text = reader.actor, reader.now, said["text"]
    if said["do"] == REFUSE:
        decisions.refuse_return(row.pk, code=said["code"], text=text, by=by, now=now)
    elif said["do"] == ASK:
        decisions.ask_for_evidence(row.pk, text=text, classes=said["classes"], by=by, now=now)
    else:
        decisions.approve_return(row.pk, by=by, now=now)
        if text:
            write_message(row.pk, text=text, by=by, now=now)


def held_by(lease: Lease) -> str:
    until = f"{ui.in_zone(lease.until):%H:%M}"
    return _("%(who)s works on this until %(until)s.") % {"who": reviewing.name_of(lease.user), "until": until}


def overtaken_by(row: ReturnRequest, reader: Reader, form: Step) -> str:
    """Who moved the case after the page was opened, in a sentence; empty when nobody did."""
    seen = form.data.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        return ""
    move = row.moves.filter(seq__gt=int(seen)).last()
    return reviewing.teller_of(row, reader).overtaken(move) if move else ""


def question(name: str, do: str) -> str:
    return {
        ("decide", APPROVE): _("Approve this request?"),
        ("decide", ASK): _("Ask the customer for evidence?"),
        ("decide", REFUSE): _("Refuse this request?"),
        ("second", ""): _("Let this money go?"),
        ("missing", "pay"): _("Pay the units that were missing?"),
        ("missing", "release"): _("Release the units that are missing?"),
    }[name, do]


def yes(name: str, do: str, row: ReturnRequest) -> str:
    """The button: verb and object."""
    if (name, do) == ("decide", APPROVE):
        return reviewing.approve_label(row)
    return {
        ("decide", ASK): _("Ask for evidence"),
        ("decide", REFUSE): _("Refuse the request"),
        ("second", ""): _("Agree"),
        ("missing", "pay"): _("Pay them"),
        ("missing", "release"): _("Release them"),
    }[name, do]


def read_back(name: str, said: dict, row: ReturnRequest, reader: Reader) -> list[ui.Fact]:
    """What will happen, and what was written, before anything happens."""
    form = DecideForm(choices=())
    facts = [ui.Fact(_("Request"), f"{row.return_no}: {reviewing.teller_of(row, reader).title()}")]
    if (name, said.get("do")) == ("decide", APPROVE):
        facts.append(ui.Fact(_("Then"), reviewing.effect(row)))
    if said.get("code"):
        facts.append(ui.Fact(_("Ground"), dict(form.fields["code"].choices)[said["code"]]))
    for one in said.get("classes") or ():
        facts.append(ui.Fact(_("Asked for"), dict(form.fields["classes"].choices)[one]))
    if name == "second":
        facts.append(ui.Fact(_("Then"), _("the money leaves after the hold")))
    if said.get("text"):
        reads = _("Colleagues read") if name == "missing" else _("The customer reads")
        facts.append(ui.Fact(reads, said["text"]))
    return facts


def hand_out(request: HttpRequest, queue: queries.Queue, reader: Reader) -> HttpResponse:
    """The next case of a queue that nobody has, held for this reader."""
    rows = queue.rows(reader.now)
    if issubclass(queue.model, ReturnRequest) and not reader.may("aftersales.decide_any_request"):
        rows = rows.filter(queries.platforms_turn(reader.now))
    row = services.next_of(rows, user=reader.user, now=reader.now)
    if row is None:
        messages.info(request, _("%(queue)s: nothing else waits for you here.") % {"queue": queue.name})
        return redirect("admin:index")
    return redirect(where_worked(row, queue.code))


def where_worked(row: ReturnRequest | SupportTask, queue: str) -> str:
    """A task about a request is worked on the request's page."""
    if isinstance(row, ReturnRequest):
        return page_of(row, queue)
    if row.request_id:
        return page_of(row.request, queue)
    return reverse("admin:aftersales_supporttask_change", args=[row.pk]) + f"?queue={queue}"


# --- queues -----------------------------------------------------------------------------------------------


class QueueList(ChangeList):
    """Each row leads to where it is worked."""

    def url_for_result(self, result):
        return where_worked(result, self.model_admin.queue.code)


class QueueAdmin(LookOnly, admin.ModelAdmin):
    """One queue as an entry of its own: a list, and the next one of it."""

    change_list_template = "admin/desk/queue.html"
    list_per_page, show_full_result_count = 50, False
    actions = None

    @property
    def queue(self) -> queries.Queue:
        return queries.QUEUES[self.opts.model_name]

    def get_urls(self):
        site, name = self.admin_site, f"aftersales_{self.queue.code}"
        return [
            path("", site.door(self.changelist_view, self.queue.right), name=f"{name}_changelist"),
            path("next/", site.door(self.next_view, self.queue.right), name=f"{name}_next"),
        ]

    def get_changelist(self, request, **kwargs):
        return QueueList

    def get_queryset(self, request):
        leases = Lease.objects.filter(about=OuterRef(self.numbered_by), until__gt=clock.now())
        rows = self.queue.rows(clock.now())
        return rows.annotate(holder=Subquery(leases.values("user__first_name")[:1]))

    def changelist_view(self, request, extra_context=None):
        hands_out = self.queue.handed_out and reader_of(request).works_cases
        more = {"title": self.queue.name, "about": self.queue.note}
        more["next_url"] = reverse(f"admin:aftersales_{self.queue.code}_next") if hands_out else ""
        return super().changelist_view(request, more | (extra_context or {}))

    @posted
    def next_view(self, request):
        reader = reader_of(request)
        if not (self.queue.handed_out and reader.works_cases):
            raise PermissionDenied
        return hand_out(request, self.queue, reader)

    @admin.display(description=gettext_lazy("with"), empty_value="–")
    def held(self, row) -> str | None:
        return row.holder


@admin.register(PlatformReview, DoubtfulInspection, SecondPerson)
class RequestQueue(RequestColumns, QueueAdmin):
    numbered_by = "return_no"
    list_display = ("number", "shop", "kind_in_words", "sum", "who_acts", "due", "filed", "held")
    search_fields = ("=return_no", "=order__order_no")


@admin.register(Appeal, GoodsTask, ParcelTask, LateTask, ReplacementTask, OtherTask)
class TaskQueue(QueueAdmin):
    numbered_by = "request__return_no"
    list_display = ("about", "name", "shop", "opened", "due", "held")
    list_select_related = ("request__merchant", "order__merchant")
    search_fields = ("=request__return_no", "=order__order_no")

    @admin.display(description=gettext_lazy("about"))
    def about(self, task) -> str:
        return task.request.return_no if task.request_id else task.reference

    @admin.display(description=gettext_lazy("task"))
    def name(self, task) -> str:
        return words.task_name(task)

    @admin.display(description=gettext_lazy("shop"), empty_value="–")
    def shop(self, task) -> str | None:
        about = task.request or task.order
        return shop_name(about.merchant) if about else None

    @admin.display(description=gettext_lazy("opened"), ordering="opened_at")
    def opened(self, task) -> str:
        return ui.moment(task.opened_at, now=clock.now(), style="plain")

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, task) -> str:
        return ui.clock(task.due_at, now=clock.now()).text


# --- tasks ------------------------------------------------------------------------------------------------


class OpenFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "open"

    def lookups(self, request, model_admin):
        return [("yes", _("Open")), ("no", _("Closed"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "yes")


@admin.register(SupportTask)
class SupportTaskAdmin(LookOnly, admin.ModelAdmin):
    """Every task, closed ones with their note."""

    list_display = ("name", "reference", "opened", "closed_by", "closing_note")
    list_filter = (OpenFilter,)
    list_select_related = ("request", "order")
    list_per_page, show_full_result_count = 50, False
    search_fields = ("=reference", "=request__return_no")
    ordering = ("-opened_at", "-pk")
    actions = None

    name, opened = TaskQueue.name, TaskQueue.opened

    def get_urls(self):
        close = self.admin_site.door(self.close_view, "aftersales.close_task")
        return [path("<int:pk>/close/", close, name="aftersales_supporttask_close"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        task = queries.task_by(object_id)
        return self._page(request, task)

    def _page(self, request, task, *, status: int = 200, **more) -> HttpResponse:
        reader = reader_of(request)
        order = task.order if reader.may("orders.view_order") else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": words.task_name(task),
            "task": task,
            "told": reviewing.task_facts(task, reader),
            "order_url": reverse("admin:orders_order_change", args=[order.pk]) if order else "",
            "case_url": page_of(task.request) if task.request_id else "",
            **more,
        }
        return TemplateResponse(request, "admin/desk/task.html", context, status=status)

    @posted
    def close_view(self, request, pk):
        reader, task = reader_of(request), queries.task_by(pk)
        form = CloseForm(request.POST)
        if not form.is_valid():
            return self._page(request, task, status=422, close_form=form)
        if task.kind == "units_missing":
            raise NotAllowed(_("Say whether the missing units are paid or released."))
        try:
            services.take(services.about(task), user=reader.user, now=reader.now)
            services.finish_task(task.pk, note=form.cleaned_data["note"], by=reader.actor, now=reader.now)
        except Taken as taken:
            raise Conflict(held_by(taken.lease)) from taken
        messages.success(request, _("%(task)s: closed.") % {"task": words.task_name(task)})
        queue = queries.QUEUES.get(pages.one_of(request.POST, "queue", queries.QUEUES))
        if queue and request.POST.get("then") == "next":
            services.give_back(services.about(task), user=reader.user, now=reader.now)
            return hand_out(request, queue, reader)
        return redirect(page_of(task.request) if task.request_id else "admin:index")
