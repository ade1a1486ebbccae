"""Questions to AWS, in words for users."""

from typing import assert_never

from albatross.model import facts
from albatross.model.facts import Question


def words(question: Question) -> str:
    """The fact that the question asks for."""
    match question:
        case facts.SubnetsOfVpc():
            return "the subnets of the VPC"
        case facts.SubnetsById():
            return f"subnets {', '.join(question.ids)}"
        case facts.RouteTables():
            return "the route tables of the VPC"
        case facts.Zones():
            return "the Availability Zones of the region"
        case facts.SecurityGroupsById():
            return f"security groups {', '.join(question.ids)}"
        case facts.SecurityGroupsByName():
            return f"security groups named {', '.join(question.names)}"
        case facts.BackendSecurityGroup():
            return "the cluster's backend security group"
        case facts.ClusterSecurityGroups():
            return "the security groups of the cluster's nodes and pods"
        case facts.Certificates():
            return "the certificates of the account"
        case facts.TargetGroupByName():
            return f"target group {question.name}"
        case facts.TargetGroupByArn():
            return f"target group {question.arn}"
        case facts.TargetGroupOf():
            by = f" with role {question.role}" if question.role else ""
            return f"the type, VPC and protocol of target group {question.arn or question.name}{by}"
        case facts.TrustStoreByName():
            return f"trust store {question.name}"
        case facts.WebAclByName():
            return f"web ACL {question.name}"
        case facts.LoadBalancersOfStack():
            return f"load balancers of {question.stack}"
        case facts.Vpc():
            return "the VPC"
        case facts.HostedZones():
            return "the hosted zones of the account"
        case facts.RecordsOf():
            return f"the DNS records of {', '.join(question.names)}"
        case _:
            assert_never(question)
