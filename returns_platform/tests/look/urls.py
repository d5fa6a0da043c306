"""Pages that do one thing each, so that the frame, the answers and the guard can be tested alone."""

from django.contrib import admin
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from returns_platform.kernel import choices, errors, pages

handler400 = "returns_platform.kernel.answers.malformed"
handler403 = "returns_platform.kernel.answers.not_allowed"
handler404 = "returns_platform.kernel.answers.not_there"
handler429 = "returns_platform.kernel.answers.too_often"
handler500 = "returns_platform.kernel.answers.broken"


def home(request):
    return pages.render(request, "errors/page.html", {"said": {"title": "Home", "line": "", "mark": "now"}})


@pages.repeats("pick")
def echo(request):
    return HttpResponse(",".join((request.POST or request.GET).getlist("pick")) or "nothing")


@csrf_exempt
def machine(request):
    return HttpResponse(str(len(request.body)))


def refuse(request, kind):
    raise getattr(errors, kind)()


def told(request):
    raise errors.Conflict("Sold out at 14:51", fields={"slot": "Choose another time"})


def fault(request):
    raise ValueError("broken on purpose")


def database_away(request):
    raise OperationalError("gone")


urlpatterns = [
    path("", home, name="home"),
    path("echo/", echo),
    path("machine/", machine),
    path("refuse/<str:kind>/", refuse),
    path("told/", told),
    path("fault/", fault),
    path("away/", database_away),
    path("form/", require_POST(home)),
    path("accounts/", include("allauth.urls")),
    path("language/", choices.choose_language, name="choose_language"),
    path("theme/", choices.choose_theme, name="choose_theme"),
    path("admin/", admin.site.urls),
]
