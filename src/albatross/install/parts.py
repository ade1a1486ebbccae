"""The templates of the chart: the objects of an installation, and the parts of them that values replace, add or leave out."""

from collections.abc import Iterator, Mapping
from typing import Any

from albatross.install import account, deployment, grant, issuer, service
from albatross.install.installation import WEBHOOK_SERVICE, Body, Installation, Item
from albatross.install.template import ACCOUNT_NAME, Marks, extra, instead, template

PLAIN = Installation(cluster_name="")
"""The installation that the templates are made from. Values insert the name of the cluster."""


def templates() -> Mapping[str, str]:
    """Every template with objects by its name."""
    return {
        "serviceaccount": _if(".Values.serviceAccount.create", template(account.account(PLAIN), {"ServiceAccount": _account})),
        "rbac": _if(".Values.rbac.create", template(grant.objects(PLAIN), dict.fromkeys(_ROLES, _role))),
        "ingressclass": _classes(),
        "service": _services(),
        "certificates": _if(f"and .Values.enableCertManager ({WEBHOOK})", _certificates()),
        "budget": _if("gt (int .Values.replicaCount) 1", template(deployment.budget(PLAIN), {"PodDisruptionBudget": _budget})),
        "deployment": template(deployment.deployment(PLAIN), {"Deployment": _deployment}),
        "servicemonitor": _if(".Values.serviceMonitor.enabled", MONITOR),
    }


_ROLES = ("ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding")


def _if(condition: str, text: str) -> str:
    return f"{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n"


def _account(marks: Marks, body: Body) -> None:
    body["metadata"]["name"] = marks.mark(ACCOUNT_NAME)
    extra(marks, body["metadata"], "annotations", ".Values.serviceAccount.annotations")
    body[
        marks.mark(
            "{{- if eq .Values.serviceAccount.automountServiceAccountToken false }}\nautomountServiceAccountToken: false\n{{- end }}"
        )
    ] = None
    extra(marks, body, "imagePullSecrets", ".Values.serviceAccount.imagePullSecrets")


SECRETS = """{{- if .Values.clusterSecretsPermissions.allowAllSecrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch]
{{- end }}"""


def _role(marks: Marks, body: Body) -> None:
    if body["kind"] == "ClusterRole":
        body["rules"].append(marks.mark(SECRETS))
    for subject in body.get("subjects", ()):
        subject |= {"name": marks.mark(ACCOUNT_NAME), "namespace": marks.mark("{{ .Release.Namespace }}")}


def _classes() -> str:
    given = Installation(cluster_name="", default_class=True, parameters={"scheme": "internal"})
    params, found = service.classes(given)
    name = '{{ .Values.ingressClassParams.name | default .Values.ingressClass | default "alb" }}'
    spec = "and .Values.ingressClassParams.create .Values.ingressClassParams.spec"

    def parameters(marks: Marks, body: Body) -> None:
        body["metadata"]["name"] = marks.mark(name)
        body["spec"] = {marks.mark("{{- toYaml .Values.ingressClassParams.spec | nindent @same }}"): None}

    def ingress_class(marks: Marks, body: Body) -> None:
        body["metadata"]["name"] = marks.mark('{{ .Values.ingressClass | default "alb" }}')
        _when(marks, body["metadata"], "annotations", ".Values.ingressClassConfig.default")
        body["spec"]["parameters"]["name"] = marks.mark(name)
        _when(marks, body["spec"], "parameters", f"or .Values.ingressClassParams.name ({spec})")

    why = "Ingresses of this class belong to this controller."
    return _if(spec, template([params], {"IngressClassParams": parameters})) + _if(
        ".Values.createIngressClassResource", template([Item(why, found.body)], {"IngressClass": ingress_class})
    )


def _when(marks: Marks, body: Body, key: str, condition: str) -> None:
    """Keep a part of an object only under a condition."""
    part = body.pop(key)
    body |= {marks.mark(f"{{{{- if {condition} }}}}"): None, key: part, marks.mark("{{- end }}"): None}


METRICS = 'include "albatross.port" (list .Values.metricsBindAddr ":8080")'
WEBHOOK = 'include "albatross.port" (list .Values.webhookBindPort "9443")'


def _services() -> str:
    webhook, metrics = service.services(PLAIN)

    def hooks(marks: Marks, body: Body) -> None:
        extra(marks, body["metadata"], "annotations", ".Values.serviceAnnotations")

    def measured(marks: Marks, body: Body) -> None:
        body["spec"]["ports"][0]["port"] = marks.mark("{{ " + METRICS + " }}")

    return _if(WEBHOOK, template([webhook], {"Service": hooks})) + _if(METRICS, template([metrics], {"Service": measured}))


OWN_ISSUER = ".Values.certManager.issuerRef"


def _certificates() -> str:
    """The objects of cert-manager. With an issuer of the user, only the Certificate of the webhooks."""
    *above, served = issuer.made(PLAIN.namespace)

    def authority(marks: Marks, body: Body) -> None:
        body["spec"]["duration"] = marks.mark(
            f'{{{{ ((.Values.certManager).rootCert).duration | default "{issuer.AUTHORITY_DURATION}" }}}}'
        )

    def certificate(marks: Marks, body: Body) -> None:
        host = f"{WEBHOOK_SERVICE}." + "{{ .Release.Namespace }}.svc"
        spec = body["spec"] | {
            "dnsNames": [marks.mark(f"- {host}"), marks.mark(f"- {host}." + "{{ .Values.cluster.dnsDomain }}")],
            "duration": marks.mark(f'{{{{ .Values.certManager.duration | default "{issuer.DURATION}" }}}}'),
            "renewBefore": marks.mark(f'{{{{ .Values.certManager.renewBefore | default "{issuer.RENEWAL}" }}}}'),
        }
        body["spec"] = spec
        instead(marks, spec, "issuerRef", OWN_ISSUER)
        limit = "{{- with .Values.certManager.revisionHistoryLimit }}\nrevisionHistoryLimit: {{ . }}\n{{- end }}"
        spec[marks.mark(limit)] = None

    own = template(above, {"Certificate": authority})
    return _if(f"not {OWN_ISSUER}", own) + template([served], {"Certificate": certificate})


def _budget(marks: Marks, body: Body) -> None:
    spec = body["spec"]
    part = {"maxUnavailable": spec.pop("maxUnavailable")}
    opened = "{{- with .Values.podDisruptionBudget }}\n{{- toYaml . | nindent @same }}\n{{- else }}"
    body["spec"] = {marks.mark(opened): None, **part, marks.mark("{{- end }}"): None, **spec}


ENVIRONMENT = """{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with .Values.envSecretName }}
- name: AWS_ACCESS_KEY_ID
  valueFrom: {secretKeyRef: {name: {{ . }}, key: key_id, optional: true}}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ . }}, key: access_key, optional: true}}
{{- end }}"""


def _deployment(marks: Marks, body: Body) -> None:
    extra(marks, body["metadata"], "annotations", ".Values.deploymentAnnotations")
    spec = body["spec"]
    spec |= {"replicas": marks.mark("{{ .Values.replicaCount }}"), "revisionHistoryLimit": marks.mark("{{ .Values.revisionHistoryLimit }}")}
    instead(marks, spec, "strategy", ".Values.updateStrategy")
    head = spec["template"]["metadata"]
    head["labels"][
        marks.mark("{{- with (merge (dict) .Values.podLabels .Values.additionalLabels) }}\n{{- toYaml . | nindent @same }}\n{{- end }}")
    ] = None
    annotations = head.pop("annotations")
    annotations["prometheus.io/port"] = marks.mark("{{ " + METRICS + " | quote }}")
    inner = {
        marks.mark(f"{{{{- if and ({METRICS}) (not .Values.serviceMonitor.enabled) }}}}"): None,
        **annotations,
        marks.mark("{{- end }}"): None,
    }
    head["annotations"] = inner | {marks.mark("{{- with .Values.podAnnotations }}\n{{- toYaml . | nindent @same }}\n{{- end }}"): None}
    _pod(marks, spec["template"]["spec"])


def _pod(marks: Marks, pod: Body) -> None:
    pod |= {
        "serviceAccountName": marks.mark(ACCOUNT_NAME),
        "automountServiceAccountToken": marks.mark("{{ .Values.serviceAccount.automountServiceAccountToken }}"),
        "priorityClassName": marks.mark("{{ .Values.priorityClassName | quote }}"),
        "terminationGracePeriodSeconds": marks.mark("{{ .Values.terminationGracePeriodSeconds }}"),
    }
    instead(marks, pod, "securityContext", ".Values.podSecurityContext")
    instead(marks, pod, "affinity", ".Values.affinity", "{{- else if .Values.configureDefaultAffinity }}")
    instead(marks, pod, "topologySpreadConstraints", ".Values.topologySpreadConstraints")
    for key in ("imagePullSecrets", "nodeSelector", "tolerations"):
        extra(marks, pod, key, f".Values.{key}")
    for key in ("runtimeClassName", "dnsPolicy"):
        pod[marks.mark(f"{{{{- with .Values.{key} }}}}\n{key}: {{{{ . }}}}\n{{{{- end }}}}")] = None
    pod[marks.mark("{{- if .Values.hostNetwork }}\nhostNetwork: true\n{{- end }}")] = None
    pod["volumes"].append(marks.mark("{{- with .Values.extraVolumes }}\n{{- toYaml . | nindent @same }}\n{{- end }}"))
    _container(marks, pod["containers"][0])


def _container(marks: Marks, container: Body) -> None:
    container |= {
        "image": marks.mark('{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}'),
        "imagePullPolicy": marks.mark("{{ .Values.image.pullPolicy }}"),
        "args": [marks.mark('{{- include "albatross.arguments" . | nindent @same }}')],
    }
    container["env"].append(marks.mark(ENVIRONMENT))
    container["volumeMounts"].append(marks.mark("{{- with .Values.extraVolumeMounts }}\n{{- toYaml . | nindent @same }}\n{{- end }}"))
    container["ports"] = [line for port in container["ports"] for line in _port(marks, port)]
    for key in ("resources", "securityContext", "livenessProbe", "readinessProbe"):
        instead(marks, container, key, f".Values.{key}")
    extra(marks, container, "envFrom", ".Values.envFrom")


def _port(marks: Marks, port: Body) -> Iterator[Any]:
    """A port that is left out if it is switched off."""
    found = {"webhook-server": WEBHOOK, "metrics-server": METRICS}.get(port["name"])
    if found is None:
        yield port
        return
    yield marks.mark(f"{{{{- if {found} }}}}")
    yield {**port, "containerPort": marks.mark("{{ " + found + " }}")}
    yield marks.mark("{{- end }}")


MONITOR = """---
# Prometheus reads the metrics of all replicas.
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: albatross
  namespace: {{ .Values.serviceMonitor.namespace | default .Release.Namespace }}
  labels:
    app.kubernetes.io/name: albatross
    {{- with (merge (dict) .Values.serviceMonitor.additionalLabels .Values.additionalLabels) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  namespaceSelector:
    matchNames:
    - {{ .Release.Namespace }}
  selector:
    matchLabels:
      app.kubernetes.io/name: albatross
  endpoints:
  - port: metrics-server
    interval: {{ .Values.serviceMonitor.interval }}
    {{- with .Values.serviceMonitor.scrapeTimeout }}
    scrapeTimeout: {{ . }}
    {{- end }}
    {{- with .Values.serviceMonitor.relabelings }}
    relabelings:
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.serviceMonitor.metricRelabelings }}
    metricRelabelings:
    {{- toYaml . | nindent 4 }}
    {{- end }}
"""
