"""Doors for customers: one order by its number, phone and a code; signing in by a code.

Opening a link changes nothing: chat programs fetch links before people do. What a person asked for waits in
their session; the answers are the same whether an order or account exists or not.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from orders.accounts.doors import client_address
from orders.accounts.models import OneTimeCode
from orders.purchases.models import Order
from orders.visitors.forms import AddressForm, CodeForm, FindOrderForm, WayForm, ways
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL, customer_of_link
from orders.visitors.services.accounts import ask_to_sign_in, sign_in_with
from orders.visitors.services.guests import ask_for_order, open_order
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Invalid, NotThere

ASKED, FOUND = "asked_code", "found_orders"  # session keys
GUEST_FOR = timedelta(hours=2)


# --- one order, without an account ------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def find_order(request: HttpRequest) -> HttpResponse:
    form = FindOrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = ask_for_order(
            form.cleaned_data["order_no"],
            phone=form.cleaned_data["phone"],
            now=clock.now(),
            **_asker(request),
        )
        _remember(request, code)
        return redirect("orders:find_code")
    return _page(request, "find.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def find_code(request: HttpRequest) -> HttpResponse:
    code = _asked(request, OneTimeCode.Purpose.ORDER)
    if code is None:
        return redirect("orders:find")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = open_order(
                code, guess=form.cleaned_data["code"], asked_from=client_address(request), now=clock.now()
            )
        except Invalid as refused:
            form.refuse(refused)
        else:
            return _let_in(request, found)
    return _page(request, "code.html", form, sent_to=_masked(code), again="orders:find")


@require_http_methods(["GET", "HEAD", "POST"])
def find_shop(request: HttpRequest) -> HttpResponse:
    """Two shops used the same order number for the same buyer: which one?"""
    orders = list(Order.objects.filter(pk__in=request.session.get(FOUND, [])).select_related("merchant"))
    if not orders:
        return redirect("orders:find")
    if request.method == "POST":
        chosen = [order for order in orders if str(order.pk) == request.POST.get("order")]
        if chosen:
            return _let_in(request, chosen)
    return pages.render(request, "orders/visitors/shop.html", {"orders": orders})


def _let_in(request: HttpRequest, orders: list[Order]) -> HttpResponse:
    if not orders:
        raise NotThere
    request.session.cycle_key()
    where = _forget(request)
    if len(orders) > 1:
        request.session[FOUND] = [order.pk for order in orders]
        return redirect("orders:find_shop")
    request.session.pop(FOUND, None)
    request.session[GUEST_ORDER] = orders[0].pk
    request.session[GUEST_UNTIL] = (clock.now() + GUEST_FOR).timestamp()
    return redirect(where)


# --- signing in with a code -------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _send_sign_in_code(request, form.cleaned_data["address"])
    return _page(request, "sign_in.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_from_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a notice says which customer; the code proves that it is them."""
    customer = customer_of_link(token)
    if request.user.is_authenticated and customer.user_id == request.user.pk:
        return redirect(pages.back(request, _home()))
    form = WayForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        return _send_sign_in_code(request, str(getattr(customer, form.cleaned_data["way"])))
    return _page(request, "link.html", form, shop=customer.merchant, ways=ways(customer))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    code = _asked(request, OneTimeCode.Purpose.SIGN_IN)
    if code is None:
        return redirect("orders:sign_in_link")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in_with(
                code, guess=form.cleaned_data["code"], asked_from=client_address(request), now=clock.now()
            )
        except Invalid as refused:
            form.refuse(refused)
        else:
            where = _forget(request)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(where)
    return _page(request, "code.html", form, sent_to=_masked(code), again="orders:sign_in_link")


def _send_sign_in_code(request: HttpRequest, address: str) -> HttpResponse:
    _remember(request, ask_to_sign_in(address, now=clock.now(), **_asker(request)))
    return redirect("orders:sign_in_code")


# --- shared -----------------------------------------------------------------------------------------------


def _page(request: HttpRequest, template: str, form, **context) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    response = pages.render(request, f"orders/visitors/{template}", {"form": form, **context}, status=status)
    add_never_cache_headers(response)
    return response


def _asker(request: HttpRequest) -> dict:
    return {"asked_from": client_address(request), "language": request.LANGUAGE_CODE}


def _remember(request: HttpRequest, code: OneTimeCode) -> None:
    request.session[ASKED] = {"code": code.pk, "next": pages.back(request, _home())}


def _asked(request: HttpRequest, purpose: str) -> OneTimeCode | None:
    asked = request.session.get(ASKED) or {}
    return OneTimeCode.objects.filter(pk=asked.get("code"), purpose=purpose).first()


def _masked(code: OneTimeCode) -> str:
    return ui.mask_email(code.address) if "@" in code.address else ui.mask_phone(code.address)


def _forget(request: HttpRequest) -> str:
    """Where the person wanted to go."""
    return (request.session.pop(ASKED, None) or {}).get("next") or _home()


def _home() -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)
