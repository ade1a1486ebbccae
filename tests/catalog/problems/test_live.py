"""Rows that no manifest can show: each has a test that makes the problem happen, by name."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from albatross.catalog.problems import PROBLEMS

TESTS = Path(__file__).parents[2]

LIVE: Mapping[str, str] = {
    "LB190": "manifests/test_load.py::test_a_missing_file_costs_only_itself",
    "LB210": "planner/builders/test_target_group.py::test_ports_that_are_missing",
    "LB313": "planner/builders/test_facts.py::test_a_refusal_stops_the_group_and_says_which_call",
    "LB314": "planner/builders/test_facts.py::test_offline_everything_is_left_open_and_said",
    "LB320": "test_pipeline.py::test_a_resource_without_an_id_is_told_of",
    "LB325": "planner/builders/test_record.py::test_what_is_not_known_stays_as_it_is",
    "LB446": "planner/test_safety.py::test_a_replacement_without_an_outage_says_how_long_the_old_one_stays",
    "LB447": "planner/test_safety.py::test_a_replacement_with_an_outage_says_how_long_and_why",
    "LB448": "planner/test_safety.py::test_what_a_replacement_waits_for_is_told",
    "LB449": "planner/test_safety.py::test_a_replaced_load_balancer_says_until_when_it_answers",
    "LB440": "test_understand.py::test_from_memory",
    "LB441": "test_understand.py::test_an_unusable_one_is_told",
    "LB501": "planner/test_safety.py::test_a_replacement_says_what_changes_and_which_name_goes",
    "LB502": "planner/test_safety.py::test_too_many_at_once",
    "LB503": "test_pipeline.py::test_a_load_balancer_that_shall_be_protected_is_not_replaced",
    "LB504": "planner/test_safety.py::test_a_protection_that_nobody_asks_for_is_told_before_it_goes",
    "LB505": "controller/test_guard.py::test_further_ones_are_held_back",
    "LB506": "planner/test_safety.py::test_a_load_balancer_that_goes_while_its_objects_stay_is_named",
    **dict.fromkeys(
        ("LB510", "LB513", "LB514", "LB515", "LB516", "LB517", "LB518", "LB519"), "controller/test_fault.py::test_each_class_is_its_row"
    ),
    "LB511": "flows/test_edit.py::test_a_denied_edit_says_what_is_missing_and_the_rest_is_done",
    "LB512": "controller/test_fault.py::test_a_denial_names_the_action",
    "LB520": "controller/test_fault.py::test_the_cluster_and_ourselves",
    "LB521": "controller/test_fault.py::test_the_cluster_and_ourselves",
    "LB522": "controller/test_fault.py::test_refused_records_have_a_row_of_their_own",
    "LB704": "controller/test_identity.py::test_the_role_of_the_node_is_not_the_intended_one",
    "LB705": "flows/test_identity.py::test_it_says_who_it_is",
    "LB710": "flows/test_identity.py::test_without_required_access_it_waits_until_the_rule_is_there",
    "LB711": "flows/test_identity.py::test_without_optional_access_it_goes_on",
    "LB712": "controller/test_identity.py::test_a_denied_feature_is_said_once_and_comes_back",
    "LB713": "test_pipeline.py::test_a_denied_feature_is_reported_where_it_is_asked_for",
    "LB714": "frontend/ingress/test_rule.py::test_a_secret_that_may_not_be_read_names_the_rule_to_add",
    "LB720": "catalog/test_denial.py::test_a_deny_is_removed_where_it_is",
    "LB721": "catalog/test_denial.py::test_a_boundary_must_allow_it_too",
    "LB722": "controller/test_account.py::test_a_role_that_trusts_others_is_changed_in_its_account",
    "LB730": "cli/test_install.py::test_a_wrong_name_is_refused_before_any_change",
    "LB731": "install/test_place.py::test_a_region_that_contradicts",
    "LB732": "install/test_place.py::test_what_is_given_comes_first_and_contradictions_are_problems",
    "LB733": "install/test_place.py::test_an_unknown_name",
    "LB734": "install/test_rollout.py::test_one_look",
    "LB735": "install/test_rollout.py::test_one_look",
    "LB736": "install/test_rollout.py::test_one_look",
    "LB737": "install/test_rollout.py::test_one_look",
    "LB738": "flows/test_install.py::test_from_an_empty_cluster_and_back",
    "LB739": "cli/test_install.py::test_another_tool_owns_the_account",
    "LB750": "install/test_webhooks.py::test_the_message_of_the_api_server_names_the_cause",
    "LB751": "controller/webhook/test_register.py::test_what_is_not_reached_is_never_registered",
    "LB752": "controller/webhook/test_register.py::test_another_certificate_is_told_apart",
    "LB753": "controller/webhook/test_register.py::test_no_answer_of_the_api_server_ends_the_rounds",
    "LB754": "controller/webhook/test_keeper.py::test_cert_manager_makes_it_otherwise",
    "LB755": "controller/webhook/test_server.py::test_an_unanswered_question_does_not_hold_up_what_is_checked_again",
    "LB756": "install/test_rollout.py::test_the_leader_says_why_webhooks_are_not_registered",
    "LB188": "test_bounds.py::test_ports_without_end_are_refused_before_they_are_built",
    "LB766": "test_bounds.py::test_values_that_are_too_long_are_not_parsed",
    "LB767": "test_bounds.py::test_lists_and_maps_have_a_largest_number_of_entries",
    "LB768": "test_bounds.py::test_an_ingress_with_too_many_paths_is_refused_and_the_rest_of_its_group_is_served",
    "LB769": "test_bounds.py::test_of_many_problems_the_first_are_kept_and_the_others_counted",
    "LB523": "controller/groups/test_served.py::test_a_switched_service_waits_and_only_its_member_is_told",
    "LB524": "planner/test_safety.py::test_who_leaves_a_load_balancer_that_stays_is_told_its_name",
    "LB525": "frontend/test_report.py::test_another_address_is_named_with_the_old_one",
    "LB526": "planner/test_safety.py::test_addresses_that_go_are_named",
    "LB600": "cli/test_world.py::test_why_without_a_controller",
    "LB601": "flows/test_why.py::test_a_class_that_is_mistyped",
    "LB602": "diagnose/test_subject.py::test_a_finalizer_that_is_left",
    "LB603": "diagnose/test_subject.py::test_the_last_warning",
    "LB604": "diagnose/test_subject.py::test_the_load_balancer",
    "LB605": "diagnose/test_subject.py::test_the_load_balancer",
    "LB606": "diagnose/test_targets.py::test_no_target",
    "LB607": "diagnose/test_targets.py::test_ready_endpoints_that_are_not_registered",
    "LB608": "diagnose/test_subject.py::test_the_load_balancer",
    "LB610": "diagnose/test_targets.py::test_another_code",
    "LB611": "diagnose/test_targets.py::test_a_port_that_nobody_has",
    "LB612": "diagnose/test_targets.py::test_rules",
    "LB613": "diagnose/test_targets.py::test_rules",
    "LB614": "diagnose/test_targets.py::test_other_reasons",
    "LB615": "diagnose/test_targets.py::test_other_reasons",
    "LB616": "diagnose/test_targets.py::test_pods_that_still_start",
    "LB617": "diagnose/test_targets.py::test_other_reasons",
    "LB620": "diagnose/test_subject.py::test_records",
    "LB621": "diagnose/test_subject.py::test_records",
    "LB760": "diagnose/test_subject.py::test_what_the_resolver_says",
    "LB761": "diagnose/test_subject.py::test_what_the_resolver_says",
    "LB630": "diagnose/test_chain.py::test_the_way_to_the_api",
    "LB631": "diagnose/test_chain.py::test_the_way_to_the_api",
    "LB632": "diagnose/test_chain.py::test_definitions",
    "LB633": "diagnose/test_chain.py::test_definitions",
    "LB634": "diagnose/test_subject.py::test_no_controller",
    "LB635": "diagnose/test_subject.py::test_two_controllers",
    "LB636": "diagnose/test_subject.py::test_auto_mode",
    "LB640": "diagnose/test_identity.py::test_the_service_account",
    "LB641": "cli/test_world.py::test_doctor_reads_every_part",
    "LB642": "diagnose/test_identity.py::test_trust_policies",
    "LB643": "diagnose/test_identity.py::test_roles",
    "LB644": "diagnose/test_identity.py::test_policies",
    "LB645": "diagnose/test_identity.py::test_no_role_at_all",
    "LB646": "diagnose/test_identity.py::test_instance_metadata",
    "LB647": "diagnose/test_identity.py::test_pods",
    "LB650": "diagnose/test_network.py::test_subnets",
    "LB651": "diagnose/test_network.py::test_subnets",
    "LB652": "diagnose/test_network.py::test_subnets",
    "LB653": "diagnose/test_network.py::test_subnets",
    "LB654": "diagnose/test_network.py::test_subnets",
    "LB655": "diagnose/test_network.py::test_security_groups",
    "LB656": "diagnose/test_network.py::test_the_port_of_the_webhooks",
    "LB657": "diagnose/test_network.py::test_pods_outside_of_the_vpc",
    "LB659": "diagnose/test_certificates.py::test_hosts_that_no_certificate_covers",
    "LB660": "diagnose/test_certificates.py::test_certificates",
    "LB661": "diagnose/test_certificates.py::test_certificates",
    "LB662": "diagnose/test_webhooks.py::test_the_ca_of_webhooks",
    "LB663": "diagnose/test_webhooks.py::test_the_ca_of_webhooks",
    "LB664": "diagnose/test_webhooks.py::test_webhooks_that_nobody_answers",
    "LB665": "flows/test_why.py::test_a_quota_that_is_reached",
    "LB666": "diagnose/test_chain.py::test_objects",
    "LB669": "diagnose/test_chain.py::test_every_link_without_what_it_needs",
    "LB670": "cli/test_gate.py::test_a_comment_that_ignores_nothing_is_a_note",
    "LB715": "aws/session/test_errors.py::test_a_role_that_gives_no_credentials_is_a_problem",
    "LB758": "cli/test_install.py::test_cert_manager_is_not_there",
    "LB680": "cli/test_gc.py::test_what_an_object_names_is_kept",
    "LB681": "cli/test_gc.py::test_another_cluster_must_be_confirmed",
    "LB682": "cli/test_gc.py::test_a_refusal_is_told_and_a_delay_is_waited_for",
}
"""The test of each row, below tests/."""


def test_every_row_without_an_example_has_a_test() -> None:
    assert set(LIVE) == {row.code for row in PROBLEMS.values() if row.unshown}


@pytest.mark.parametrize("code", LIVE)
def test_the_test_names_the_row(code: str) -> None:
    path, _, name = LIVE[code].partition("::")
    text = (TESTS / path).read_text()
    functions = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    (function,) = [each for each in functions if each.name == name]
    first = min(each.lineno for each in (function, *function.decorator_list))
    assert code in "\n".join(text.splitlines()[first - 1 : function.end_lineno])
