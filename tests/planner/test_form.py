from tests.planner.stand import CONFIG, LB

from albatross.model.resources.addon import WebAclAssociation
from albatross.planner import form


def test_a_noun_without_spellings_is_read_as_it_is() -> None:
    current = WebAclAssociation(id="a", resource=LB, web_acl_arn="acl")
    assert form.project(WebAclAssociation(id="b", resource=LB, web_acl_arn=""), current, CONFIG) is current
