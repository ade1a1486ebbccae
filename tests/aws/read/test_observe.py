import pytest

from albatross.aws.read.observe import guess
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref


@pytest.mark.parametrize(("protocol", "id"), [("HTTP", "53"), ("HTTPS", "53"), ("TCP", "TCP-53"), ("UDP", "UDP-53")])
def test_an_untagged_listener_is_known_by_its_port_and_where_that_may_be_shared_by_its_protocol(protocol: str, id: str) -> None:
    assert guess(Listener(id="", load_balancer=Ref("LoadBalancer", "", "arn"), port=53, protocol=protocol)) == id
