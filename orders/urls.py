"""Addresses of orders: the customers' doors, and each shop's own settings."""

from django.urls import path

from orders.centres import views as centre
from orders.merchants.views import people, settings
from orders.visitors import views as visitors

app_name = "orders"
urlpatterns = [
    path("orders/find/", visitors.find_order, name="find"),
    path("orders/find/code/", visitors.find_code, name="find_code"),
    path("orders/find/shop/", visitors.find_shop, name="find_shop"),
    path("sign-in/", visitors.sign_in, name="sign_in_link"),
    path("sign-in/code/", visitors.sign_in_code, name="sign_in_code"),
    path("sign-in/link/<str:token>/", visitors.sign_in_from_link, name="link"),
]

# Part of the namespace "centre", below /centre/<code>/.
centre_urlpatterns = [
    path("people/", centre.people, name="people"),
    path("people/<int:pk>/", centre.person, name="person"),
    path("people/<int:pk>/link/", centre.new_link, name="person_link"),
    path("people/<int:pk>/remove/", centre.remove, name="remove_person"),
]

# Part of the namespace "merchant", below /merchant/<code>/.
merchant_urlpatterns = [
    path("setup/", settings.settings, name="settings"),
    path("setup/token/", settings.new_token, name="new_token"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/link/", people.new_link, name="person_link"),
    path("people/<int:pk>/remove/", people.remove, name="remove_person"),
]
