"""Which operations cannot be tried from every seat by an id alone."""

from __future__ import annotations

WITHIN = {
    *(
        f"{method} /intake/api/v1/requests/{{request}}/papers{path}"
        for method, path in (("GET", ""), ("POST", ""), ("POST", "/reuse"))
    ),
    *(f"{method} /intake/api/v1/requests/{{request}}/papers/{{paper}}" for method in ("GET", "DELETE")),
    *(
        f"{method} /intake/api/v1/requests/{{request}}/consents/{{consent}}/withdraw"
        for method in ("GET", "POST")
    ),
    *(
        f"POST /intake/api/v1/requests/{{request}}/legs/{{leg}}/{verb}"
        for verb in ("messages", "more-time", "rate", "record", "refuse-reissue", "reopen", "supply")
    ),
    *(f"{method} /intake/api/v1/drafts/{{draft}}" for method in ("GET", "PATCH", "DELETE")),
    *(
        f"{method} /intake/api/v1/drafts/{{draft}}/{path}"
        for method, path in (
            ("GET", "papers"),
            ("POST", "papers"),
            ("GET", "papers/{paper}"),
            ("DELETE", "papers/{paper}"),
            ("POST", "submit"),
        )
    ),
    *(
        f"{method} /intake/api/v1/requests/{{request}}{path}"
        for method, path in (
            ("PATCH", ""),
            ("POST", "/approve"),
            ("POST", "/follow-up"),
            ("POST", "/legs"),
            ("POST", "/merge"),
            ("POST", "/move"),
            ("POST", "/send-back"),
            ("POST", "/submit"),
            ("GET", "/household"),
            ("PUT", "/household"),
        )
    ),
    "POST /intake/api/v1/tasks/{task}/done",
    *(f"GET /referrals/api/v1/referrals/{{referral_id}}/papers{path}" for path in ("", "/{which}")),
    *(f"{verb} /referrals/api/v1/referrals/{{referral_id}}/slips" for verb in ("GET", "POST")),
    "GET /referrals/api/v1/referrals/{referral_id}/slips/{slip}",
}
"""Operations that need more than an id to be tried: the tests of their own use cases try them from others' seats."""
