"""Addresses of orders: the customers' doors, and each shop's own settings."""

from django.urls import path

from orders.customers import views as customers
from orders.merchants import views as merchants

app_name = "orders"
urlpatterns = [
    path("orders/find/", customers.find_order, name="find"),
    path("orders/find/code/", customers.find_code, name="find_code"),
    path("orders/find/shop/", customers.find_shop, name="find_shop"),
    path("sign-in/", customers.sign_in, name="sign_in_link"),
    path("sign-in/code/", customers.sign_in_code, name="sign_in_code"),
    path("sign-in/link/<str:token>/", customers.sign_in_from_link, name="link"),
]

# Part of the namespace "merchant", below /merchant/<code>/.
merchant_urlpatterns = [
    path("setup/", merchants.settings, name="settings"),
    path("setup/token/", merchants.new_token, name="new_token"),
]
