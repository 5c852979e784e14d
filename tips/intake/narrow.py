"""What of a request the intake process gets to see: by a list of what it needs. Addresses, browsers, cookies, whatever a proxy
adds and whatever will be invented are not on it, so that no later code can store or log them."""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

KEPT = {
    *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"),
    *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_SEC_FETCH_SITE", "HTTP_ACCEPT_LANGUAGE"),
}


def narrowed(application: Application) -> Application:
    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kept = {name: value for name, value in environ.items() if name in KEPT or name.startswith("wsgi.")}
        kept["wsgi.errors"] = environ["wsgi.errors"]
        return application(kept, start_response)

    return call
