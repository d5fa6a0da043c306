"""Every address of the product. Apps bring their own; the highest app's pages come first."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from returns_platform.kernel import choices

admin.site.login = secure_admin_login(admin.site.login)
handler400 = "returns_platform.kernel.answers.malformed"
handler403 = "returns_platform.kernel.answers.not_allowed"
handler404 = "returns_platform.kernel.answers.not_there"
handler500 = "returns_platform.kernel.answers.broken"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", choices.choose_language, name="choose_language"),
    path("theme/", choices.choose_theme, name="choose_theme"),
]
