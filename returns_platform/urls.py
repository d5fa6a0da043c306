"""Every address of the product. Apps bring their own; the highest app's pages come first."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from aftersales.returns.views.start import home
from aftersales.urls import centre_urlpatterns as work_of_a_centre
from aftersales.urls import merchant_urlpatterns as after_sales_of_a_shop
from orders.urls import centre_urlpatterns as people_of_a_centre
from orders.urls import merchant_urlpatterns as settings_of_a_shop
from returns_platform.api import api
from returns_platform.health import healthz, readyz
from returns_platform.kernel import choices

admin.site.login = secure_admin_login(admin.site.login)
handler400 = "returns_platform.kernel.answers.malformed"
handler403 = "returns_platform.kernel.answers.not_allowed"
handler404 = "returns_platform.kernel.answers.not_there"
handler429 = "returns_platform.kernel.answers.too_often"
handler500 = "returns_platform.kernel.answers.broken"

urlpatterns = [
    path("", home, name="home"),
    path("", include("aftersales.urls")),
    path("", include("orders.urls")),
    path("merchant/<slug:code>/", include((after_sales_of_a_shop + settings_of_a_shop, "merchant"))),
    path("centre/<slug:code>/", include((work_of_a_centre + people_of_a_centre, "centre"))),
    path("", include("refunds.urls")),
    path("", include("logistics.urls")),
    path("demo/", include("aftersales.demo.urls")),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", choices.choose_language, name="choose_language"),
    path("theme/", choices.choose_theme, name="choose_theme"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
