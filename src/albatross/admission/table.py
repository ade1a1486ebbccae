"""Every handler by its path. The paths are those of kubernetes-sigs/aws-load-balancer-controller."""

from collections.abc import Mapping

from albatross.admission.binding import HANDLER as BINDING
from albatross.admission.complete import HANDLER as COMPLETE
from albatross.admission.handler import Handler
from albatross.admission.ingress import HANDLER as INGRESS
from albatross.admission.parameters import HANDLER as PARAMETERS
from albatross.admission.quic import HANDLER as QUIC
from albatross.admission.readiness import HANDLER as READINESS
from albatross.admission.service import HANDLER as SERVICE

HANDLERS: Mapping[str, Handler] = {
    "/mutate-v1-pod": READINESS,
    "/mutate-v1-pod-server-id": QUIC,
    "/mutate-v1-service": SERVICE,
    "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding": COMPLETE,
    "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding": BINDING,
    "/validate-elbv2-k8s-aws-v1beta1-ingressclassparams": PARAMETERS,
    "/validate-networking-v1-ingress": INGRESS,
}
