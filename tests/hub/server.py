"""A hub on the loopback: the file interface of huggingface.co over a folder, for the real clients."""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"

_API = re.compile(r"/api/(?P<kind>models|datasets)/(?P<repository>[^/]+/[^/]+)(?:/(?P<rest>.*))?")
_FILE = re.compile(r"/(?P<kind>datasets/)?(?P<repository>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


class HubServer:
    """Serves ``root/{models,datasets}/<owner>/<name>/`` as repositories with the one commit ``COMMIT``."""

    def __init__(self, root: Path):
        self.root = root
        self.requests: list[str] = []
        self.cut: set[str] = set()
        """Names of files whose body breaks off half-way."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "HubServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the port; harmless when done twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._route()

    def do_HEAD(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def log_message(self, format: str, *values: object) -> None:
        self.hub.requests.append(format % values)

    def _route(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        if match := _API.fullmatch(path):
            self._answer_api(match["kind"], match["repository"], match["rest"] or "", parse_qs(address.query))
        elif match := _FILE.fullmatch(path):
            kind = "datasets" if match["kind"] else "models"
            self._answer_file(self.hub.root / kind / match["repository"], match["revision"], match["path"])
        else:
            self._refuse(404, "EntryNotFound")

    def _answer_api(self, kind: str, repository: str, rest: str, query: dict[str, list[str]]) -> None:
        folder = self.hub.root / kind / repository
        call, _, tail = rest.partition("/")
        revision, _, path = tail.partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not folder.is_dir():
            self._refuse(401, "RepoNotFound")  # as the hub answers without a token
        elif revision not in ("", "main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif call in ("", "revision"):
            siblings = [{"rfilename": str(file.relative_to(folder))} for file in _files(folder)]
            self._send_json({"id": repository, "sha": COMMIT, "siblings": siblings, "private": False, "tags": []})
        elif call == "tree":
            if not (folder / path).is_dir():
                self._refuse(404, "EntryNotFound")
                return
            recursive = query.get("recursive", ["false"])[0].lower() in ("true", "1")
            paths = (folder / path).rglob("*") if recursive else (folder / path).glob("*")
            self._send_json([_entry(folder, entry) for entry in sorted(paths)])
        elif call == "paths-info":
            wanted = json.loads(body)["paths"]
            self._send_json([_entry(folder, folder / name) for name in wanted if (folder / name).exists()])
        else:
            self._refuse(404, "EntryNotFound")

    def _answer_file(self, folder: Path, revision: str, path: str) -> None:
        file = folder / path
        if not folder.is_dir():
            self._refuse(401, "RepoNotFound")
        elif revision not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif not file.is_file():
            self._refuse(404, "EntryNotFound")
        else:
            self._send_file(file)

    def _send_file(self, file: Path) -> None:
        data = file.read_bytes()
        first = int(re.sub(r"\D.*", "", self.headers.get("Range", "bytes=0").removeprefix("bytes=")))
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{_oid(file)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            cut = file.name in self.hub.cut
            self.wfile.write(data[first : len(data) // 2] if cut else data[first:])
            self.close_connection = self.close_connection or cut

    def _send_json(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _oid(file: Path) -> str:
    """Large files go by their SHA-256, small ones by a git hash."""
    kind = "sha256" if file.suffix in (".safetensors", ".parquet") else "sha1"
    return hashlib.new(kind, file.read_bytes()).hexdigest()


def _entry(folder: Path, path: Path) -> dict[str, object]:
    name = str(path.relative_to(folder))
    if path.is_dir():
        return {"type": "directory", "oid": hashlib.sha1(name.encode()).hexdigest(), "size": 0, "path": name}
    return {"type": "file", "oid": _oid(path), "size": path.stat().st_size, "path": name}
