"""The web UI's server logs no token of a callback: neither a request, nor what went wrong with one."""

import re
from pathlib import Path

NGINX = Path(__file__).parents[2] / "deploy/docker/web/nginx.conf.template"


def test_what_goes_wrong_with_a_callback_is_not_logged_with_its_token() -> None:
    """Lines of the error log hold that of the request, whatever their level."""
    config = NGINX.read_text(encoding="utf-8")
    (location,) = re.findall(r"location \^~ /api/v1/callbacks/ \{(.*?)\n    \}", config, re.DOTALL)
    assert "error_log /dev/null" in location
    assert "proxy_pass $api;" in location
    for answer in ("error_page 413 @too_large;", "error_page 502 504 @no_api;"):
        assert answer in location


def test_a_callback_is_not_kept_in_a_file() -> None:
    config = NGINX.read_text(encoding="utf-8")
    (location,) = re.findall(r"location \^~ /api/v1/callbacks/ \{(.*?)\n    \}", config, re.DOTALL)
    assert "proxy_request_buffering off;" in location


def test_the_access_log_has_no_tokens() -> None:
    config = NGINX.read_text(encoding="utf-8")
    assert '"~^/api/v1/callbacks/" "/api/v1/callbacks/-";' in config
