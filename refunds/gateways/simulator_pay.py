"""Where a stand-in's customer pays: charges kept in its book as notes, and one honest page for all channels."""

from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit

from returns_platform.kernel.stand_in import BadInput, Reply, Request
from returns_platform.kernel.stand_in.book import Book, Payment

KIND = "charge"


class Till:
    """The charges of one stand-in. A charge: {number, amount, currency, title, state, return_url, notify_url, …}."""

    def __init__(self, book: Book, *, name: str):
        self.book, self.name = book, name

    def open(self, number: str, **facts: Any) -> dict[str, Any]:
        """The charge as kept: the first opening counts."""
        with self.book.writing():
            kept = self.book.note(KIND, number)
            if kept is None:
                kept = {"number": number, "state": "unpaid", "paid_at": "", "transaction_id": "", **facts}
                self.book.write_note(KIND, number, kept)
        return kept

    def find(self, number: str) -> dict[str, Any] | None:
        return self.book.note(KIND, number)

    def find_by(self, **fact: Any) -> dict[str, Any] | None:
        ((name, value),) = fact.items()
        return next((kept for kept in self.book.notes(KIND) if kept.get(name) == value), None)

    def pay(self, number: str, *, transaction_id: str) -> dict[str, Any] | None:
        """The charge once it is paid; None where it was paid or closed before. Its money can be refunded then."""
        with self.book.writing():
            kept = self.book.note(KIND, number)
            if kept is None or kept["state"] != "unpaid":
                return None
            now = datetime.now(UTC)
            kept |= {"state": "paid", "transaction_id": transaction_id, "paid_at": now.isoformat()}
            self.book.write_note(KIND, number, kept)
            self.book.open_payment(Payment(transaction_id, kept["amount"], kept["currency"], now))
        return kept

    def close(self, number: str) -> str:
        """In which state it is then; closed only where it was not paid."""
        with self.book.writing():
            kept = self.book.note(KIND, number)
            if kept is None:
                return "unknown"
            if kept["state"] == "unpaid":
                kept["state"] = "closed"
                self.book.write_note(KIND, number, kept)
        return kept["state"]

    # --- the page ---

    def page(self, kept: dict[str, Any] | None, request: Request) -> Reply:
        """What is paid, to whom, and one button; what became of it, and the way back."""
        if kept is None:
            raise BadInput("There is nothing to pay here.", status=404)
        sums = f"{kept['amount'] / 100:.2f} {kept['currency']}"
        back = kept["return_url"] if urlsplit(kept["return_url"]).scheme in ("http", "https") else ""
        button = f'<form method="post" action="{escape(request.target)}"><button>支付 Pay {sums}</button></form>'
        done = {"paid": "已支付 Paid", "closed": "已关闭，不能支付 Closed"}.get(kept["state"], "")
        body = PAGE.format(
            name=escape(self.name), title=escape(str(kept["title"])), sums=sums, number=escape(kept["number"]),
            act=f"<p class=done>{done}</p>" if done else button,
            back=f'<p><a href="{escape(back)}">返回商城 Back to the shop</a></p>' if back else "",
        )  # fmt: skip
        policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        return Reply(200, body.encode(), headers)


PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name} {sums}</title><style>
:root{{color-scheme:light dark}}
body{{font:16px/1.6 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}}
b{{font-size:2rem;display:block}}button{{font:inherit;padding:.7rem 1.4rem;width:100%;cursor:pointer}}
.done{{padding:.7rem;border:1px solid}}small{{opacity:.75}}</style>
<main><small>{name} · 模拟收银台 stand-in checkout</small>
<h1>{title}</h1><b>{sums}</b><p>{number}</p>{act}{back}</main></html>"""
