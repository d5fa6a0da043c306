from django.urls import path

from refunds.payouts import views

urlpatterns = [
    path("channels/<slug:channel>/notify/", views.channel_news, name="channel_news"),
]
