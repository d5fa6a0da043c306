"""Addresses of the demo's own page; every one is 404 unless DEMO is set."""

from django.urls import path

from aftersales.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("parcels/<int:parcel_id>/", views.move_parcel, name="move_parcel"),
    path("behaviours/", views.next_behaviours, name="behaviours"),
    path("behaviours/<slug:name>/", views.behave_next, name="behave_next"),
    path("letters/<int:notice_id>/", views.letter, name="letter"),
    path("as/<slug:username>/", views.sign_in_as, name="sign_in_as"),
]
