"""Records as they may be seen: nothing sealed passes through here."""

from ct_keyvault.app.trail import AuditTrail
from ct_keyvault.domain.audit import Entry
from ct_keyvault.domain.records import KeyRecord
from ct_kit.contracts.keys import Key, KeyAuditEntry, KeyPermissions


async def key_view(record: KeyRecord, trail: AuditTrail) -> Key:
    """Return the public face of a record, with its last use out of the audit chain."""
    last_use = await trail.last_use(record.owner, record.id)
    told = record.permissions
    return Key(
        id=record.id,
        venue="binance",
        label=record.label,
        kind=record.kind,
        purpose=record.purpose,
        api_key_hint=record.api_key_hint,
        state=record.state,
        state_reason=record.state_reason,
        permissions=KeyPermissions.model_validate(told, from_attributes=True) if told else None,
        created_at=record.created_at,
        verified_at=record.verified_at,
        last_used_at=last_use.event.at if last_use else None,
    )


def audit_view(entry: Entry) -> KeyAuditEntry:
    """Return the public face of one link of the chain."""
    event = entry.event
    return KeyAuditEntry(
        at=event.at, event=event.event, caller=event.caller, detail=event.detail, hash=entry.hash
    )
