"""Doors for couriers. No page lives here."""

from django.urls import path

from logistics.couriers.sf import webhook

app_name = "logistics"
urlpatterns = [
    path("couriers/sf/<str:token>/routes", webhook.routes, name="sf_routes"),
    path("couriers/sf/<str:token>/orders", webhook.orders, name="sf_orders"),
]
