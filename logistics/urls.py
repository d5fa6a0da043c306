"""Doors for couriers. No page lives here."""

from django.urls import path

from logistics.couriers.jd import webhook as jd
from logistics.couriers.kuaidi100 import webhook as kuaidi100
from logistics.couriers.sf import webhook as sf

app_name = "logistics"
urlpatterns = [
    path("couriers/sf/<str:token>/routes", sf.routes, name="sf_routes"),
    path("couriers/sf/<str:token>/orders", sf.orders, name="sf_orders"),
    path("couriers/jd/routes", jd.routes, name="jd_routes"),
    path("couriers/jd/orders", jd.orders, name="jd_orders"),
    path("couriers/kuaidi100/routes", kuaidi100.routes, name="kuaidi100_routes"),
    path("couriers/kuaidi100/orders/<str:number>/<str:proof>", kuaidi100.orders, name="kuaidi100_orders"),
]
