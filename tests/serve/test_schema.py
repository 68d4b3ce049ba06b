"""Whatever its document allows, and what it does not, the JSON interface never fails by our fault."""

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

EXAMPLES = 15


def test_no_request_is_a_failure_of_ours(app, started):
    document = schemathesis.openapi.from_dict(app.openapi())
    document.app = app
    seen = 0
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/jobs") and operation.method.upper() == "POST":
            continue  # it starts real work

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def check(case):
            answer = case.call(base_url="http://127.0.0.1:8765", headers={"host": "127.0.0.1:8765"})
            assert answer.status_code < 500 or answer.status_code == 503, (case.path, answer.text)

        check()
        seen += 1
    assert seen >= 10
