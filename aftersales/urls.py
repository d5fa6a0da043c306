"""Addresses of after-sales: the customers' pages, and each shop's."""

from django.urls import path

from aftersales.returns.views import filing

app_name = "aftersales"
urlpatterns = [
    path("orders/<int:order_id>/return/", filing.file_return, name="file"),
]

# Part of the namespace "merchant", below /merchant/<code>/.
merchant_urlpatterns: list = []
