"""Calls to other services: signed, timed, never repeated, their problems raised as our errors."""

from ct_kit.http.client import ServiceClient
from ct_kit.http.sync_client import SyncServiceClient
from ct_kit.http.wire import Timeouts

__all__ = ["ServiceClient", "SyncServiceClient", "Timeouts"]
