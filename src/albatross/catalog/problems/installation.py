"""LB73#: the installation of the controller itself."""

from albatross.catalog.problems.row import ProblemRow

_PLACE = "it depends on the cluster and the account, which are not in a manifest"
_PODS = "it depends on the nodes and the image of a cluster, which are not in a manifest"
_KEYS = (
    "names and tags in AWS have the name of the cluster: with another name, the controller finds no load balancers and no subnets "
    "of this one"
)

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB730",
        slug="other-cluster-name",
        severity="error",
        summary="--cluster-name={given} does not match {source}, which has {found}",
        why=_KEYS,
        fix="use --cluster-name={found}; if the cluster really is {given}, correct what says {found}",
        unshown=_PLACE,
    ),
    ProblemRow(
        code="LB731",
        slug="other-region",
        severity="error",
        summary="region {given} does not match {source}, which has {found}",
        why="the controller would look for the VPC and the subnets in a region where they do not exist",
        fix="use --aws-region={found}",
        unshown=_PLACE,
    ),
    ProblemRow(
        code="LB732",
        slug="other-vpc",
        severity="error",
        summary="VPC {given} does not match {source}, which has {found}",
        why="load balancers in another VPC cannot reach the pods and nodes of this cluster",
        fix="use --aws-vpc-id={found}",
        unshown=_PLACE,
    ),
    ProblemRow(
        code="LB733",
        slug="unknown-cluster-name",
        severity="error",
        summary="the name of the cluster is unknown: {asked}",
        why=_KEYS,
        fix="pass --cluster-name NAME; `aws eks list-clusters` lists the names",
        unshown=_PLACE,
    ),
    ProblemRow(
        code="LB734",
        slug="image-not-pulled",
        severity="error",
        summary='node {node} cannot pull image {image}: "{said}"',
        why="the pod starts only after its node has the image",
        fix="push the image to a registry that the nodes can reach, let the node role read it, and pass its name with --image",
        unshown=_PODS,
        source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html",
    ),
    ProblemRow(
        code="LB735",
        slug="pod-not-scheduled",
        severity="error",
        summary='no node can run the pod: "{said}"',
        why="the scheduler needs a node with enough free CPU and memory, and without a taint that the pod does not tolerate",
        fix="add a node, or free some of the resources that the message names",
        unshown=_PODS,
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/",
    ),
    ProblemRow(
        code="LB736",
        slug="controller-ended",
        severity="error",
        summary="the controller ended with exit code {exit}; it wrote: {said}",
        why="the controller ends at start if it cannot work, for example without permissions, and writes the reason as its last message",
        fix="{remedy}",
        unshown=_PODS,
    ),
    ProblemRow(
        code="LB737",
        slug="controller-not-ready",
        severity="error",
        summary="the controller is not ready: {said}",
        why="without a ready replica that is the leader, Ingresses do not change",
        fix="{remedy}",
        unshown=_PODS,
    ),
    ProblemRow(
        code="LB738",
        slug="objects-still-held",
        severity="error",
        summary="{number} objects still have load balancers of the controller: {names}",
        why="their finalizers block their deletion until a controller removes them, and nobody would delete their load balancers",
        fix="pass --drain to delete these objects and their load balancers first, or --orphan to remove only the finalizers and leave "
        "everything in AWS",
        unshown="it depends on the objects of a cluster that the command reads",
    ),
    ProblemRow(
        code="LB739",
        slug="object-of-another-installation",
        severity="error",
        summary="{object} has fields that {managers} set to other values: {fields}",
        why="two tools that write different values to one object undo each other's changes",
        fix="remove the other installation first; or pass --force to replace its values",
        unshown="it depends on the objects of a cluster that the command reads",
        source="https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts",
    ),
    ProblemRow(
        code="LB758",
        slug="cert-manager-missing",
        severity="error",
        summary="the cluster does not serve the kinds of cert-manager",
        why="cert-manager makes the certificate of the webhooks from an Issuer and a Certificate (cert-manager.io/v1)",
        fix="install cert-manager first; or leave out --cert-manager: then the controller makes the certificate itself",
        unshown="it depends on the kinds of a cluster that the command reads",
        source="https://cert-manager.io/docs/installation/",
    ),
)
