"""Routes on the second factor and on the account's audit."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ct_auth.api.user import json, nothing, session_required, signed_in, visitor
from ct_auth.app.door import Door
from ct_auth.app.second_factor import SecondFactor
from ct_auth.ports import Audit
from ct_kit.contracts.auth import (
    AuditEntry,
    AuditList,
    RecoveryCodes,
    TotpConfirm,
    TotpEnrolment,
)

_AUDIT_ENTRIES = 200


def routes(second_factor: SecondFactor, door: Door, audit: Audit) -> APIBlueprint:
    """Return the routes on factors and audit."""
    api = APIBlueprint("factors", __name__, url_prefix="/v1/auth", abp_tags=[Tag(name="factors")])

    @api.post("/totp/enrol", responses={200: TotpEnrolment})
    @session_required
    def enrol() -> Response:
        """Make an authenticator's secret, shown this once, to be confirmed by a code."""
        secret, uri = second_factor.enrol(signed_in().account)
        return json(TotpEnrolment(secret=secret, otpauth_uri=uri))

    @api.post("/totp/confirm", responses={200: RecoveryCodes})
    @session_required
    def confirm(body: TotpConfirm) -> Response:
        """Enable the authenticator; the recovery codes are shown this once."""
        account = signed_in().account
        codes = second_factor.confirm(account, body.code)
        door.note(account.id, "totp_enabled")
        return json(RecoveryCodes(codes=codes))

    @api.post("/totp/disable", responses={204: None})
    @session_required
    def disable(body: TotpConfirm) -> Response:
        """Remove the authenticator; takes one of its codes, or a recovery code."""
        account = signed_in().account
        door.check_code(account, body.code, visitor())
        second_factor.remove(account)
        door.note(account.id, "totp_disabled")
        return nothing()

    @api.get("/audit", responses={200: AuditList})
    @session_required
    def list_audit() -> Response:
        """List the account's security events, newest first."""
        records = audit.of_owner(signed_in().account.id, _AUDIT_ENTRIES)
        items = [AuditEntry(at=one.at, event=one.event, detail=one.detail) for one in records]
        return json(AuditList(items=items))

    return api
