"""A browser, the stand-ins of the outside world, and the workers' part done by the test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from aftersales.returns.services import following, news
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels import services as parcels
from logistics.tracking import services as tracking
from refunds.gateways.wechat import simulator
from refunds.gateways.wechat.simulator import WeChatPay
from refunds.payouts import services as payouts
from returns_platform.kernel import clock
from returns_platform.kernel.stand_in import serve

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("There is no Chromium here; INSTALL_BROWSER=1 make test installs Debian's.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's own loop runs in this thread
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser. wrong: whatever the console says, and every request to another origin."""

    base: str
    context: BrowserContext
    page: Page
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str):
        return self.page.goto(self.base + path)

    def sign_in(self, username: str, password: str = "demo-pass-2026") -> None:
        self.open("/accounts/login/")
        self.page.fill("[name=login]", username)
        self.page.fill("[name=password]", password)
        self.page.click("main form button")

    def press(self, name: str, value: str) -> None:
        self.page.click(f'button[name="{name}"][value="{value}"]')

    @property
    def text(self) -> str:
        return self.page.inner_text("main")

    @property
    def is_wider_than_the_window(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture
def visit(chromium, live_server):
    """`visit(width=360, script=False)`: a browser of its own, checked at the end for what it complained about."""
    visitors = []

    def come(*, width: int = 1280, language: str = "zh-CN", theme: str = "light", script: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, locale=language, color_scheme=theme, java_script_enabled=script
        )
        visitor = Visitor(live_server.url, context, context.new_page())
        _listen(visitor)
        visitors.append(visitor)
        return visitor

    yield come
    complaints = [told for visitor in visitors for told in visitor.wrong]
    for visitor in visitors:
        visitor.context.close()
    assert not complaints


def _listen(visitor: Visitor) -> None:
    page, ours = visitor.page, (visitor.base, "data:", "blob:")
    page.on("console", lambda told: told.type in ("error", "warning") and visitor.wrong.append(told.text))
    page.on("pageerror", lambda fault: visitor.wrong.append(str(fault)))
    page.on("request", lambda sent: sent.url.startswith(ours) or visitor.wrong.append(f"went to {sent.url}"))


@pytest.fixture
def outside(tmp_path, settings, live_server, monkeypatch):
    """WeChat Pay and SF over real HTTP, calling back to the live server; money arrives at once."""
    monkeypatch.setattr(simulator, "ARRIVES_AFTER_S", 0.05)
    settings.DATA_DIR, settings.SITE_URL = tmp_path, live_server.url
    with serve(WeChatPay(tmp_path)) as wechat, serve(SFExpress(tmp_path)) as sf:
        settings.WECHAT_BASE_URL, settings.SF_BASE_URL = wechat.url, sf.url
        yield


def let_workers_work() -> None:
    """One round of every sweep that moves a case."""
    following.follow_due_cases(now=clock.now())
    parcels.book_due_parcels(clock.now())
    tracking.take_in_courier_news(clock.now())
    payouts.pay_due_refunds(clock.now())
    payouts.take_in_channel_news(clock.now())
    news.catch_up(now=clock.now())
