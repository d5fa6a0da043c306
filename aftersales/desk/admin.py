"""The staff's pages of cases and tasks. Nothing is edited here: every change is a service with a named right."""

from contextlib import suppress

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
from django.views.decorators.http import require_POST

from aftersales.desk import columns, queries, reviewing, services, words
from aftersales.desk.forms import CloseForm, DecideForm, SayForm
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
from aftersales.desk.queries import QUEUES, Queue
from aftersales.desk.readers import Reader
from aftersales.desk.reviewing import GRADE
from aftersales.desk.services import Taken
from aftersales.desk.steps import STEPS, Step, held_by
from aftersales.evidence.services import grade_photo
from aftersales.returns import part_forms
from aftersales.returns.merchant_forms import GradeForm
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services import undoing
from aftersales.returns.services.messages import write_message
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, Refused, WrongState
from returns_platform.kernel.look_only import LookOnly

posted = method_decorator(require_POST)


def reader_of(request: HttpRequest) -> Reader:
    return Reader(request.user, clock.now())


class ReadPage(LookOnly):
    """Rows whose page is drawn by us and takes no form of Django's."""

    def changelist_view(self, request, extra_context=None):
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:]} | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.read_view(request, object_id)


# --- the review page --------------------------------------------------------------------------------------


@admin.register(ReturnRequest)
class ReturnRequestAdmin(columns.OfRequests, ReadPage, admin.ModelAdmin):
    """Every case that somebody may see, and the page on which it is decided."""

    list_filter = (columns.StateFilter, columns.ActingFilter, columns.KindFilter, columns.ShopFilter)
    search_fields = ("=return_no", "=order__order_no")
    ordering = ("-filed_at", "-pk")

    def get_queryset(self, request):
        return queries.cases_for(request.user, now=clock.now())

    def get_urls(self):
        doors = [(step.name, self.view_of(step), step.right) for step in STEPS]
        doors += [
            ("say", self.say_view, "aftersales.add_message"),
            ("grade", self.grade_view, GRADE),
            ("undo", self.undo_view, "aftersales.decide_request"),
            ("give_back", self.give_back_view, "aftersales.view_returnrequest"),
            ("order", self.order_view, "aftersales.view_returnrequest"),
        ]
        pay_part = self.admin_site.door(self.pay_part_view, "aftersales.decide_any_request")
        own = [path("order/<int:order_id>/part/", pay_part, name="aftersales_returnrequest_pay_part")]
        own += [
            path(f"<int:pk>/{name}/", self.admin_site.door(view, right), name=f"aftersales_returnrequest_{name}")
            for name, view, right in doors
        ]
        return [*own, *super().get_urls()]

    def read_view(self, request, object_id):
        """Opening a case that waits for the reader holds it, so that nobody else is handed it."""
        reader = reader_of(request)
        row = queries.case_for(reader.user, object_id, now=reader.now)
        if request.method == "GET" and reviewing.is_work(row, reader):
            with suppress(Taken):  # the page says who has it
                services.take(row.return_no, user=reader.user, now=reader.now)
        return self._page(request, row, reader)

    def _page(self, request, row, reader, *, status: int = 200, **more) -> HttpResponse:
        queue = QUEUES.get(request.POST.get("queue") or request.GET.get("queue", ""))
        context = {
            **self.admin_site.each_context(request),
            **reviewing.review_page(row, reader, queries.lease_of(row.return_no, now=reader.now)),
            "opts": self.opts,
            "decide_fields": fields_of_decision(request),
            "queue": _told(queue, reader) if queue else None,
            **more,
        }
        return TemplateResponse(request, "admin/desk/review.html", context, status=status)

    def order_view(self, request, pk):
        """The whole life of the case's order, also for who sees cases and no orders (S105)."""
        _reader, row = self._opened(request, pk)
        title = _("Order %(number)s") % {"number": row.order.order_no}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "row": row, "title": title}
        return TemplateResponse(request, "admin/desk/order.html", context)

    # --- deciding: fill in, read back, say yes ---

    def view_of(self, kind: type[Step]):
        @require_POST
        def view(request, pk):
            reader, row = self._opened(request, pk)
            return self._take_step(request, kind(row, reader, request.POST))

        return view

    def _opened(self, request, pk) -> tuple[Reader, ReturnRequest]:
        reader = reader_of(request)
        return reader, queries.case_for(reader.user, pk, now=reader.now)

    def _take_step(self, request, step: Step) -> HttpResponse:
        """Wrong input: the page again. Not confirmed: what will happen, read back. Too late: who was faster."""
        try:
            step.must_be_as_seen()
            step.must_be_allowed()
            if not step.form.is_valid():
                return self._as_typed(request, step, status=422)
            if step.said["then"] == "back":
                return self._as_typed(request, step)
            if not step.said["confirmed"]:
                return self._read_back(request, step)
            step.carry_out()
        except Taken as taken:
            return self._too_late(request, step, held_by(taken.lease))
        except WrongState as wrong:
            return self._too_late(request, step, step.overtaken() or str(wrong.message))
        except Invalid as refused:
            step.form.refuse(refused)
            return self._as_typed(request, step, status=422)
        return self._go_on(request, step)

    def _as_typed(self, request, step: Step, *, status: int = 200) -> HttpResponse:
        return self._page(request, step.row, step.reader, status=status, **{f"{step.name}_form": step.form})

    def _too_late(self, request, step: Step, told: str) -> HttpResponse:
        row = queries.case_for(step.reader.user, step.row.pk, now=step.reader.now)
        return self._page(request, row, step.reader, status=409, overtaken=told)

    def _read_back(self, request, step: Step) -> HttpResponse:
        queue, fields = QUEUES.get(step.said["queue"]), step.form.fields
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": step.row,
            "title": step.question,
            "label": step.yes,
            "facts": step.read_back(),
            "sent": [(name, value) for name, sent in request.POST.lists() for value in sent if name in fields],
            "action": reverse(f"admin:aftersales_returnrequest_{step.name}", args=[step.row.pk]),
            "back": page_of(step.row, queue.code if queue else ""),
            "takes_next": queue is not None and queue.handed_out,
        }
        return TemplateResponse(request, "admin/desk/confirm.html", context)

    def _go_on(self, request, step: Step) -> HttpResponse:
        messages.success(request, _("%(number)s: done.") % {"number": step.row.return_no})
        services.give_back(step.row.return_no, user=step.reader.user, now=step.reader.now)
        queue = QUEUES.get(step.said["queue"])
        if step.said["then"] == "next" and queue:
            return hand_out(request, queue, step.reader)
        return redirect(page_of(step.row))

    # --- one click takes a yes back ---

    @posted
    def undo_view(self, request, pk):
        reader, row = self._opened(request, pk)
        anybodys = reader.may("aftersales.decide_any_request")
        try:
            undoing.undo_decision(row.pk, by=reader.actor, anybodys=anybodys, now=reader.now)
        except WrongState as late:
            return self._page(request, queries.case_for(reader.user, pk, now=reader.now), reader, status=409,
                              overtaken=str(late.message))  # fmt: skip
        messages.success(request, _("Taken back. No money has moved, and the request waits for a decision again."))
        return redirect(page_of(row))

    # --- a part of the price, unasked ---

    def pay_part_view(self, request, order_id):
        reader = reader_of(request)
        order = queries.order_by(order_id)
        form = part_forms.PayPartForm(request.POST if request.method == "POST" else None, order=order)
        if paid := part_forms.pay(form, order, by=reader.actor, now=reader.now):
            messages.success(request, _("%(number)s: done.") % {"number": paid.return_no})
            return redirect(page_of(paid))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "order": order, "form": form,
            "title": _("Pay back a part of the price"),
        }  # fmt: skip
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/desk/pay_part.html", context, status=status)

    # --- messages and notes, the lease ---

    @posted
    def say_view(self, request, pk):
        reader, row = self._opened(request, pk)
        form = SayForm(request.POST)
        try:
            if form.is_valid():
                write_message(row.pk, **form.cleaned_data, by=reader.actor, now=reader.now)
                messages.success(request, _("Written."))
                return redirect(page_of(row))
        except Refused as refused:
            form.refuse(refused)
        return self._page(request, row, reader, status=422, say_form=form)

    @posted
    def grade_view(self, request, pk):
        reader, row = self._opened(request, pk)
        form = GradeForm(request.POST, prefix="grade")
        if not form.is_valid():
            messages.error(request, _("Choose how much of the photo's goods you see as bad."))
            return redirect(page_of(row))
        saw = form.cleaned_data
        grade_photo(saw["photo"], case_ref=row.return_no, share=saw["share"], by=reader.actor, now=reader.now)
        messages.success(request, _("Your grade is kept. It helps with the photos to come."))
        return redirect(page_of(row))

    @posted
    def give_back_view(self, request, pk):
        reader, row = self._opened(request, pk)
        services.give_back(row.return_no, user=reader.user, now=reader.now)
        messages.success(request, _("%(number)s is back in its queue.") % {"number": row.return_no})
        return redirect("admin:index")


def _told(queue: Queue, reader: Reader) -> dict:
    return {
        "code": queue.code,
        "name": queue.name,
        "url": reverse(f"admin:aftersales_{queue.code}_changelist"),
        "more": queries.waiting(queue, now=reader.now).count,
    }


def fields_of_decision(request) -> dict:
    """The options of the decision's fields, and which were picked before something was wrong."""
    fields = DecideForm(choices=()).fields
    found = {name: fields[name].choices for name in ("code", "classes")}
    return found | {"picked": request.POST.getlist("classes")}


# --- from one case to the next ----------------------------------------------------------------------------


def hand_out(request: HttpRequest, queue: Queue, reader: Reader) -> HttpResponse:
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
    """One queue as an entry of its own: a list, and the next one of it. numbered_by: the column of the number."""

    change_list_template = "admin/desk/queue.html"
    numbered_by = ""

    @property
    def queue(self) -> Queue:
        return QUEUES[self.opts.model_name]

    def get_urls(self):
        door, name, right = self.admin_site.door, f"aftersales_{self.queue.code}", self.queue.right
        return [
            path("", door(self.changelist_view, right), name=f"{name}_changelist"),
            path("next/", door(self.next_view, right), name=f"{name}_next"),
        ]

    def get_changelist(self, request, **kwargs):
        return QueueList

    def get_queryset(self, request):
        now = clock.now()
        leases = Lease.objects.filter(about=OuterRef(self.numbered_by), until__gt=now)
        return self.queue.rows(now).annotate(holder=Subquery(leases.values("user__first_name")[:1]))

    def changelist_view(self, request, extra_context=None):
        next_url = reverse(f"admin:aftersales_{self.queue.code}_next") if self._hands_out(request) else ""
        told = {"title": self.queue.name, "about": self.queue.note, "next_url": next_url}
        return super().changelist_view(request, told | (extra_context or {}))

    @posted
    def next_view(self, request):
        if not self._hands_out(request):
            raise PermissionDenied
        return hand_out(request, self.queue, reader_of(request))

    def _hands_out(self, request) -> bool:
        return self.queue.handed_out and reader_of(request).works_cases


@admin.register(PlatformReview, DoubtfulInspection, SecondPerson)
class RequestQueue(columns.OfRequests, QueueAdmin):
    numbered_by = "return_no"
    list_display = ("number", "due", "held", "who_acts", "shop", "kind_in_words", "sum", "filed")
    search_fields = ("=return_no", "=order__order_no")


@admin.register(Appeal, GoodsTask, ParcelTask, LateTask, ReplacementTask, OtherTask)
class TaskQueue(columns.OfTasks, QueueAdmin):
    numbered_by = "request__return_no"
    list_display = ("about", "due", "held", "name", "shop", "opened")
    search_fields = ("=request__return_no", "=order__order_no")


# --- tasks ------------------------------------------------------------------------------------------------


@admin.register(SupportTask)
class SupportTaskAdmin(columns.OfTasks, ReadPage, admin.ModelAdmin):
    """Every task, closed ones with their note."""

    list_display = ("about", "name", "shop", "opened", "closed_by", "closing_note")
    list_filter = (columns.OpenFilter,)
    search_fields = ("=reference", "=request__return_no")
    ordering = ("-opened_at", "-pk")

    def get_urls(self):
        close = self.admin_site.door(self.close_view, "aftersales.close_task")
        return [path("<int:pk>/close/", close, name="aftersales_supporttask_close"), *super().get_urls()]

    def read_view(self, request, object_id):
        return self._page(request, queries.task_by(object_id))

    def _page(self, request, task, *, status: int = 200, **more) -> HttpResponse:
        reader = reader_of(request)
        sees_order = task.order_id and reader.may("orders.view_order")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": words.task_name(task),
            "task": task,
            "told": reviewing.task_facts(task, reader),
            "order_url": reverse("admin:orders_order_change", args=[task.order_id]) if sees_order else "",
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
        self._close(task, form.cleaned_data["note"], reader)
        messages.success(request, _("%(task)s: closed.") % {"task": words.task_name(task)})
        services.give_back(services.about(task), user=reader.user, now=reader.now)
        queue = QUEUES.get(request.POST.get("queue", ""))
        if queue and request.POST.get("then") == "next":
            return hand_out(request, queue, reader)
        return redirect(page_of(task.request) if task.request_id else "admin:index")

    def _close(self, task: SupportTask, note: str, reader: Reader) -> None:
        if task.kind == "units_missing" and not task.closed_at:
            raise NotAllowed(_("Say whether the missing units are paid or released."))
        if task.kind in reviewing.SETTLED_APART and not task.closed_at:
            raise NotAllowed(_("Agree to it or decline it, on the page of the case."))
        try:
            services.take(services.about(task), user=reader.user, now=reader.now)
        except Taken as taken:
            raise Conflict(held_by(taken.lease)) from taken
        services.finish_task(task.pk, note=note, by=reader.actor, now=reader.now)
