"""Hostile programs that talk to the network, to the services of the machine, or to the terminal."""

import json
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from sandbox_abuse import Attempt, Stage, cases
from sandbox_backends import backends

from sandbox.local.inside import landlock

CASES, case = cases()
REFUSED = {
    "EAFNOSUPPORT",
    "EACCES",
    "ENETUNREACH",
    "EPERM",
    "EHOSTUNREACH",
    "ECONNREFUSED",
    "EADDRNOTAVAIL",
    "ENODEV",
    "EINVAL",
}


@contextmanager
def listeners() -> Iterator[tuple[dict[str, object], list[socket.socket]]]:
    """What a program would reach if it got out: on every address of this machine, on its names and its paths."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)

        def bind(family: int, kind: int, address: object) -> socket.socket:
            bound = stack.enter_context(socket.socket(family, kind))
            bound.bind(address)
            if kind == socket.SOCK_STREAM:
                bound.listen()
            bound.setblocking(False)
            return bound

        stream, datagram, name = socket.SOCK_STREAM, socket.SOCK_DGRAM, f"gradproof-canary-{os.getpid()}"
        tcp, udp = bind(socket.AF_INET, stream, ("0.0.0.0", 0)), bind(socket.AF_INET, datagram, ("0.0.0.0", 0))
        waiting = [tcp, udp]
        for group in ("224.0.0.251",):
            with suppress(OSError):
                both = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
                udp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, both)
        six = [bind(socket.AF_INET6, kind, ("::", 0)) for kind in (stream, datagram)] if socket.has_ipv6 else []
        waiting += six
        waiting += [bind(socket.AF_UNIX, stream, "\0" + name), bind(socket.AF_UNIX, datagram, f"\0{name}-datagram")]
        waiting += [bind(socket.AF_UNIX, stream, f"{folder}/s"), bind(socket.AF_UNIX, datagram, f"{folder}/d")]
        for path in ("s", "d"):
            Path(folder, path).chmod(0o777)
        for server in ("127.0.0.1", "127.0.0.53"):
            with suppress(OSError):  # where there is a resolver, or this is no root
                waiting.append(bind(socket.AF_INET, datagram, (server, 53)))
        ports = {"tcp": tcp, "udp": udp} | dict(zip(("tcp6", "udp6"), six, strict=False))
        numbers = {key: bound.getsockname()[1] for key, bound in ports.items()}
        names = {"abstract": name, "abstract datagram": f"{name}-datagram", "paths": [f"{folder}/s", f"{folder}/d"]}
        yield {"tcp6": 9, "udp6": 9, **numbers, **names, "addresses": own_addresses()}, waiting


def own_addresses() -> list[str]:
    """The address that this machine would speak from, if it has one; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return [probe.getsockname()[0]]
    return []


def reached(waiting: list[socket.socket]) -> list[str]:
    found = []
    for listener in waiting:
        with suppress(BlockingIOError):
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(1)
            found.append(str(listener.getsockname()))
    return found


def reaching(stage: Stage) -> Attempt:
    with listeners() as (there, waiting):
        result = stage.execute("reaches_the_network.py", json.dumps(there))
        found = reached(waiting)
        with socket.create_connection(("127.0.0.1", int(str(there["tcp"])))):
            pass
        assert reached(waiting), "the listeners of this test hear nothing at all"
    assert result.status == "ok", result
    return Attempt(result, {"reached": found})


def assert_refused(stage: Stage, number: str, outcomes: set[str] = REFUSED) -> Attempt:
    """Nobody was reached, and each attempt was refused in a way that says so, at once."""
    attempt = stage.once(reaching)
    reached = [name for name in attempt.seen["reached"] if name.startswith("/") == (number == "C8")]
    assert reached == []
    tried = {what: outcome for what, outcome in attempt.of(number).items() if not what.endswith(" took")}
    if stage.name not in ("A", "A-user"):  # there the loopback is up, and a run may send to itself
        tried = {what: outcome for what, outcome in tried.items() if outcome not in ("DONE 6", "EINPROGRESS")}
    assert not {what: outcome for what, outcome in tried.items() if outcome not in outcomes}
    times = {what: float(took) for what, took in attempt.of(number).items() if what.endswith(" took")}
    assert not {what: took for what, took in times.items() if took > 1}
    return attempt


@case("C1")
def no_address_is_reached(stage: Stage) -> None:
    assert_refused(stage, "C1")


@case("C2")
def no_service_on_the_loopback_is_reached(stage: Stage) -> None:
    assert_refused(stage, "C2")


@case("C3")
def no_datagram_gets_out(stage: Stage) -> None:
    assert_refused(stage, "C3")


@case("C4")
def no_name_is_looked_up(stage: Stage) -> None:
    assert_refused(stage, "C4", REFUSED | {"gaierror", "herror", "ENOENT"})


@case("C5")
def neither_ipv6_nor_multicast_gets_out(stage: Stage) -> None:
    assert_refused(stage, "C5")


@case("C6")
def metadata_of_a_cloud_is_not_reached(stage: Stage) -> None:
    assert_refused(stage, "C6", REFUSED | {"URLError"})


@case("C7")
def no_abstract_socket_is_reached(stage: Stage) -> None:
    assert_refused(stage, "C7")


@case("C8")
def no_socket_with_a_path_is_reached(stage: Stage) -> None:
    assert_refused(stage, "C8", {"ENOENT"})


@case("C9")
def no_vsock_can_be_made(stage: Stage) -> None:
    assert_refused(stage, "C9", {"EAFNOSUPPORT"})


@case("C10")
def no_socket_of_another_family_can_be_made(stage: Stage) -> None:
    attempt = assert_refused(stage, "C10", {"EAFNOSUPPORT", "EPERM", "EACCES", "ESOCKTNOSUPPORT", "EPROTONOSUPPORT"})
    families = {outcome for what, outcome in attempt.of("C10").items() if what.startswith("family")}
    assert families == {"EAFNOSUPPORT"}


@case("C11")
def io_uring_is_refused(stage: Stage) -> None:
    assert_refused(stage, "C11", {"EPERM"})


@case("C12")
def the_network_of_a_run_cannot_be_set_up(stage: Stage) -> None:
    attempt = stage.once(reaching)
    assert not attempt.worked("C12")
    assert attempt.of("C12")["interfaces"] == "['lo']"
    if stage.name in ("A", "A-user"):
        assert int(attempt.of("C12")["flags of lo"], 16) & 1 == 0


@case("C13")
def a_program_that_listens_is_not_reached(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    knocking, connected = threading.Event(), []

    def knock() -> None:
        while not knocking.wait(0.02):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2) as connection:
                connected.append(connection.getpeername())
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, suppress(OSError):
                datagram.sendto(b"knock", ("127.0.0.1", port))

    thread = threading.Thread(target=knock)
    thread.start()
    try:
        attempt = Attempt(stage.execute("listens.py", str(port), "0.6"))
    finally:
        knocking.set()
        thread.join()
    assert connected == []
    assert attempt.of("C13")["reached"] == "0"
    if landlock.abi() >= 4 and stage.name != "docker":
        assert attempt.of("C13")["tcp"] in ("EACCES", "EAFNOSUPPORT")


@case("C14")
def a_download_fails_at_once(stage: Stage) -> None:
    attempt = Attempt(stage.execute("downloads.py"))
    assert attempt.result.status == "ok", attempt.result
    assert not attempt.worked("C14")
    assert float(attempt.of("C14")["urllib took"]) < 1
    assert float(attempt.of("C14")["pip took"]) < 15


@case("C16")
def there_is_no_terminal(stage: Stage) -> None:
    attempt = stage.once(reaching)
    assert not attempt.worked("C16")
    assert not [what for what, outcome in attempt.of("C16").items() if "terminal" in what and outcome == "True"]
    assert attempt.of("C16")["leads its session"] == "True"
    injections = {what: outcome for what, outcome in attempt.of("C16").items() if what.startswith(("TIOCS", "TIOCL"))}
    assert {outcome for what, outcome in injections.items() if "TIOCSTI" in what} == {"EPERM"}


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "A-user", "B"))
def test_nothing_is_reached(stage: Stage, name: str) -> None:
    stage.check(name, CASES)
