"""Gathers the packages' operations for the API."""

from ninja import Router

from aftersales.inspection.api import router as bench
from aftersales.returns.api import router as requests

router = Router()
router.add_router("", requests)
router.add_router("", bench)
