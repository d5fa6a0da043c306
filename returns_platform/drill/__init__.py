"""The drill: the real services, the real stand-ins, seeded chance, and every way we know to break them.

Three lanes, each over databases of its own that vanish afterwards: walks (random lives of orders, cases and refunds
while the outside world misbehaves), races (many writers on one row) and kills (real workers that die). After each
the books are checked, and what the stand-ins really did is compared with our ledger, to the fen.
"""
