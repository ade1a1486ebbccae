"""Addresses and ports stay with their load balancers."""

import socket
from pathlib import Path

from albatross_sandbox.envoy.address import Ledger, bindable
from albatross_sandbox.envoy.state import Listener, LoadBalancer, State


def state(*names: str, ports: tuple[int, ...] = (80, 443)) -> State:
    listeners = tuple(Listener(f"l/{port}", port, "HTTP") for port in ports)
    return State(tuple(LoadBalancer(name, name, "", "internal", "application", listeners=listeners) for name in names))


def test_addresses_are_given_in_order(tmp_path: Path) -> None:
    places = Ledger("127.9.0.0/16", tmp_path / "a.json", lambda *_: True).places(state("a", "b"))
    assert [places["a"].address, places["b"].address] == ["127.9.240.1", "127.9.240.2"]
    assert places["a"].ports == {80: 80, 443: 443}


def test_addresses_outlive_deletion_and_restart(tmp_path: Path) -> None:
    Ledger("127.9.0.0/16", tmp_path / "a.json", lambda *_: True).places(state("a", "b"))
    again = Ledger("127.9.0.0/16", tmp_path / "a.json", lambda *_: True)
    assert again.places(state("b", "c"))["c"].address == "127.9.240.3"
    assert again.places(state("b"))["b"].address == "127.9.240.2"


def test_ports_that_cannot_be_bound_get_others(tmp_path: Path) -> None:
    ledger = Ledger("127.9.0.0/16", tmp_path / "a.json", lambda _, port: port >= 1024 and port != 8443)
    assert ledger.places(state("a"))["a"].ports == {80: 8080, 443: 20000}


def test_a_port_taken_by_a_listener_is_no_fallback(tmp_path: Path) -> None:
    ledger = Ledger("127.9.0.0/16", tmp_path / "a.json", lambda _, port: port >= 1024)
    assert ledger.places(state("a", ports=(80, 8080)))["a"].ports == {80: 20000, 8080: 8080}


def test_ports_are_probed_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def probe(_: str, port: int) -> bool:
        asked.append(port)
        return True

    ledger = Ledger("127.9.0.0/16", tmp_path / "a.json", probe)
    ledger.places(state("a", ports=(80,)))
    ledger.places(state("a"))
    ledger.places(state("a", ports=()))
    ledger.places(state("a"))
    assert asked == [80, 443]


def test_bindable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not bindable("127.0.0.1", server.getsockname()[1])
    assert bindable("127.0.0.1", 0)
