"""A job that the worker executes is the job that Python executes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from multipress.workflow.worker.messages import PROCESS, SOCKET, STATUS, THREADS, receive_number, send_number
from multipress.workflow.worker.start import Worker, start

ROOT = Path(__file__).parents[3]
LAUNCHER = [sys.executable, "-m", "multipress.workflow.worker.launcher"]

PROBE = """
import json, multiprocessing, os, signal, sys, tempfile
main = sys.modules["__main__"]
print(json.dumps({
    "argv": sys.argv, "orig": sys.orig_argv[1:], "path": sys.path, "folder": os.getcwd(), "name": __name__,
    "spec": main.__spec__.name, "file": main.__file__, "temporary": tempfile.gettempdir(), "input": sys.stdin.read(),
    "environment": {name: value for name, value in os.environ.items() if name not in ("_", "LC_CTYPE")},
    "signals": [str(signal.getsignal(number)) for number in signal.valid_signals()],
    "own": sorted(name for name in sys.modules if name.startswith(("multipress", "workflow_scripts"))),
    "streams": [(stream.encoding, stream.errors) for stream in (sys.stdout, sys.stderr)],
    "method": multiprocessing.get_start_method(), "group": os.getpgid(0) == os.getpgrp(),
    "umask": os.umask(0),
}))
import numpy, threadpoolctl
print(json.dumps([pool["num_threads"] for pool in threadpoolctl.threadpool_info() if "openblas" in str(pool)][:1]))
"""


@pytest.fixture(scope="module")
def environment():
    threads = dict.fromkeys(THREADS, "2")
    kept = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {**kept, "PYTHONPATH": str(ROOT), "TMPDIR": "/tmp", **threads}


def start_worker(environment):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", environment["PYTHONPATH"])
        patch.delenv("PYTEST_CURRENT_TEST")
        return Worker()


@pytest.fixture(scope="module")
def worker(environment):
    running = start_worker(environment)
    yield running
    running.process.stdin.close()
    assert running.process.wait(30) == 0
    assert not running.place.parent.exists()


@pytest.fixture
def python(tmp_path, worker, environment):
    """A function that starts a module, by the worker or not, with the text of its code."""

    def start(code, *arguments, place=worker.place, command=LAUNCHER, **variables):
        (tmp_path / "probe.py").write_text(code, encoding="utf-8")
        return subprocess.Popen(
            [*command, "-m", "probe", *arguments],
            cwd=tmp_path,
            env={**environment, SOCKET: str(place), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def plainly(python, code, *arguments, **variables):
    process = python(code, *arguments, command=[sys.executable], **variables)
    output = process.communicate("typed\n")
    return process.returncode, *output


def by_worker(python, code, *arguments, **variables):
    process = python(code, *arguments, **variables)
    output = process.communicate("typed\n")
    return process.returncode, *output


def test_a_child_finds_what_a_process_of_its_own_would_find(python, worker):
    arguments = ["--params", '{"a": "ü \' \\" $x"}', ""]
    own, forked = (way(python, PROBE, *arguments) for way in (plainly, by_worker))
    assert own[0] == forked[0] == 0
    expected, found = (json.loads(output[1].splitlines()[0]) for output in (own, forked))
    expected["environment"].pop(SOCKET)
    assert found == expected
    assert own[1].splitlines()[1] == forked[1].splitlines()[1]
    assert own[2] == forked[2] == ""


def test_libraries_are_loaded_already(python):
    code = "import sys; print('torch' in sys.modules, 'pandas' in sys.modules)"
    assert by_worker(python, code) == (0, "True True\n", "")
    assert plainly(python, code) == (0, "False False\n", "")


ENDS = {
    "a number": "import sys; sys.exit(7)",
    "a message": "import sys; sys.exit('what, where, remedy')",
    "nothing": "import sys; sys.exit()",
    "at once": "import os; os._exit(9)",
    "by a signal": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "by its default": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "functions at the end": "import atexit; atexit.register(print, 'last'); print('first')",
    "a thread": "import threading, time; threading.Thread(target=lambda: (time.sleep(0.2), print('done'))).start()",
}


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS.keys())
def test_a_child_ends_as_a_process_of_its_own_does(python, code):
    assert by_worker(python, code) == plainly(python, code)


def test_an_error_ends_with_a_traceback(python):
    status, _, error = by_worker(python, "1 / 0")
    assert status == 1
    assert error.splitlines()[-1] == "ZeroDivisionError: division by zero"


SLOW = """
import signal, sys, time
def note(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(5)
signal.signal(getattr(signal, sys.argv[1]), note)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_signals_are_forwarded(python, name):
    process = python(SLOW, name)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, name))
    assert process.communicate()[0] == f"{name}\n"
    assert process.returncode == 5


CHILD_PID = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


def state_of(process):
    """The letter that Linux has for it; empty if there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def comes_to(condition):
    """Whether it is true within some seconds."""
    for _ in range(300):
        if condition():
            return True
        time.sleep(0.1)
    return False


def has_ended(process):
    return comes_to(lambda: state_of(process) in ("", "Z"))


def test_a_killed_launcher_takes_its_child_with_it(python):
    process = python(CHILD_PID)
    child = int(process.stdout.readline())
    assert child != process.pid
    process.kill()
    assert has_ended(child)
    process.communicate()


def test_a_stopped_launcher_stops_its_child(python):
    process = python("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(1)\nprint('end', flush=True)")
    child = process.stdout.readline().strip()
    process.send_signal(signal.SIGTSTP)
    os.waitpid(process.pid, os.WUNTRACED)
    assert comes_to(lambda: state_of(child) == "T")
    process.send_signal(signal.SIGCONT)
    assert process.communicate()[0] == "end\n"
    assert process.returncode == 0


def test_a_job_in_another_environment_starts_by_itself(python):
    code = "import os, sys; print('torch' in sys.modules, os.environ['MALLOC_ARENA_MAX'])"
    assert by_worker(python, code, MALLOC_ARENA_MAX="1") == (0, "False 1\n", "")


def test_a_job_that_does_not_say_its_threads_starts_by_itself(python):
    code = "import os, sys; print('torch' in sys.modules, os.environ['OMP_NUM_THREADS'])"
    assert by_worker(python, code, OMP_NUM_THREADS="") == (0, "False \n", "")


def test_a_job_starts_by_itself_where_no_worker_answers(python, tmp_path):
    code = "import sys; print('torch' in sys.modules)"
    assert by_worker(python, code, place=tmp_path / "none") == (0, "False\n", "")


def test_a_job_starts_again_by_itself_if_the_worker_is_killed(python, environment, tmp_path):
    other = start_worker(environment)
    code = (
        "import os, pathlib, sys, time\nonce = pathlib.Path('once')\nprint(os.getpid(), flush=True)\n"
        "if not once.exists():\n    once.touch()\n    time.sleep(60)\nprint('torch' in sys.modules)"
    )
    process = python(code, place=other.place)
    child = int(process.stdout.readline())
    other.process.kill()
    output, error = process.communicate()
    assert output.splitlines() == [str(process.pid), "False"]
    assert "the worker ended before probe did" in error
    assert has_ended(child)
    other.process.communicate()
    assert by_worker(python, "print(1)", place=other.place) == (0, "1\n", "")


def test_the_worker_ends_with_its_last_job_once_the_run_has_ended(python, environment):
    other = start_worker(environment)
    process = python("import sys, time\nprint('ready', flush=True)\nsys.stdin.read()\nprint('end')", place=other.place)
    assert process.stdout.readline() == "ready\n"
    other.process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        other.process.wait(0.3)
    assert by_worker(python, "import sys; print('torch' in sys.modules)", place=other.place)[1] == "False\n"
    assert process.communicate("typed\n")[0] == "end\n"
    assert other.process.wait(30) == 0
    assert not other.place.parent.exists()


def test_where_no_worker_can_start_jobs_are_started_as_ever(monkeypatch, tmp_path, capsys):
    folder = tmp_path / ("a" * 120)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert start() == ""
    assert "each job loads its libraries itself" in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_status_is_not_taken_for_a_process():
    worker, launcher = socket.socketpair()
    with worker, launcher:
        send_number(worker, STATUS, 9)
        with pytest.raises(ConnectionError):
            receive_number(launcher, PROCESS)
        send_number(worker, PROCESS, 9)
        assert receive_number(launcher, PROCESS) == 9
