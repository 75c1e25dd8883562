"""Walks the whole audit chain: `python -m ct_keyvault.verify_audit`; exit code 1 on a fault."""

import asyncio
import sys

from ct_keyvault.adapters.mongo import MongoAudit, MongoKeyrings, MongoKeys
from ct_keyvault.adapters.root_key import FileRootKey
from ct_keyvault.app.barrier import Barrier
from ct_keyvault.domain.audit import ChainCheck, Fault
from ct_keyvault.settings import KeyvaultSettings
from ct_kit.mongo import async_client, database
from ct_kit.settings import load_settings


async def verify(settings: KeyvaultSettings) -> tuple[int, Fault | None]:
    """Return how many entries hold, and the first that does not."""
    client = async_client(settings.mongodb_uri)
    try:
        vault_database = database(client, "keyvault", settings.mongodb_prefix)
        barrier = Barrier(
            FileRootKey(settings.root_key_file),
            MongoKeyrings(vault_database),
            MongoKeys(vault_database),
        )
        await barrier.unseal()
        check = ChainCheck(barrier.audit_key())
        async for entry in MongoAudit(vault_database).walk():
            if fault := check.accept(entry):
                return check.checked, fault
        return check.checked, None
    finally:
        await client.close()


def main() -> int:
    """Say whether the chain holds, and where it first does not."""
    checked, fault = asyncio.run(verify(load_settings(KeyvaultSettings)))
    if fault is None:
        sys.stdout.write(f"The audit chain holds: {checked} entries.\n")
        return 0
    sys.stderr.write(f"Entry {fault.sequence} of the audit chain does not hold: {fault.reason}.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
