"""The protobuf field numbers of the messages that clients send: kubectl's typed commands and Go controllers.

A field is written `name=number:type`, a string where no type is given. Types: `s` string, `i` integer, `b` boolean, whose zero
is the same as absent; `S I B` those that Go keeps behind a pointer, whose zero counts; `y` bytes; `T` Time, `U` MicroTime;
`N` IntOrString, `M` the same behind a pointer; `Q` Quantity; `F` FieldsV1; otherwise a message. Before the type, `*` is a list,
`%` a map by string, `!` a message whose fields stand in its parent. Numbers: generated.proto in k8s.io/api and k8s.io/apimachinery.
"""

_META = "metadata=1:ObjectMeta"

MESSAGES: dict[str, str] = {
    # meta/v1
    "ObjectMeta": "name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7:i creationTimestamp=8:T "
    "deletionTimestamp=9:T deletionGracePeriodSeconds=10:I labels=11:%s annotations=12:%s ownerReferences=13:*OwnerReference "
    "finalizers=14:*s managedFields=17:*ManagedFieldsEntry",
    "OwnerReference": "kind=1 name=3 uid=4 apiVersion=5 controller=6:B blockOwnerDeletion=7:B",
    "ManagedFieldsEntry": "manager=1 operation=2 apiVersion=3 time=4:T fieldsType=6 fieldsV1=7:F subresource=8",
    "DeleteOptions": "gracePeriodSeconds=1:I preconditions=2:Preconditions orphanDependents=3:B propagationPolicy=4 dryRun=5:*s "
    "ignoreStoreReadErrorWithClusterBreakingPotential=6:B",
    "Preconditions": "uid=1 resourceVersion=2",
    "LabelSelector": "matchLabels=1:%s matchExpressions=2:*LabelSelectorRequirement",
    "LabelSelectorRequirement": "key=1 operator=2 values=3:*s",
    "Condition": "type=1 status=2 observedGeneration=3:i lastTransitionTime=4:T reason=5 message=6",
    # core/v1
    "Namespace": f"{_META} spec=2:NamespaceSpec status=3:NamespaceStatus",
    "NamespaceSpec": "finalizers=1:*s",
    "NamespaceStatus": "phase=1",
    "ConfigMap": f"{_META} data=2:%s binaryData=3:%y immutable=4:B",
    "Secret": f"{_META} data=2:%y type=3 stringData=4:%s immutable=5:B",
    "ServiceAccount": f"{_META} secrets=2:*ObjectReference imagePullSecrets=3:*LocalObjectReference automountServiceAccountToken=4:B",
    "ObjectReference": "kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7",
    "LocalObjectReference": "name=1",
    "TypedLocalObjectReference": "apiGroup=1:S kind=2 name=3",
    "Binding": f"{_META} target=2:ObjectReference",
    "Service": f"{_META} spec=2:ServiceSpec status=3:ServiceStatus",
    "ServiceSpec": "ports=1:*ServicePort selector=2:%s clusterIP=3 type=4 externalIPs=5:*s sessionAffinity=7 loadBalancerIP=8 "
    "loadBalancerSourceRanges=9:*s externalName=10 externalTrafficPolicy=11 healthCheckNodePort=12:i publishNotReadyAddresses=13:b "
    "sessionAffinityConfig=14:SessionAffinityConfig ipFamilyPolicy=17 clusterIPs=18:*s ipFamilies=19:*s "
    "allocateLoadBalancerNodePorts=20:B loadBalancerClass=21:S internalTrafficPolicy=22 trafficDistribution=23",
    "SessionAffinityConfig": "clientIP=1:ClientIPConfig",
    "ClientIPConfig": "timeoutSeconds=1:I",
    "ServicePort": "name=1 protocol=2 port=3:i targetPort=4:N nodePort=5:i appProtocol=6:S",
    "ServiceStatus": "loadBalancer=1:LoadBalancerStatus conditions=2:*Condition",
    "LoadBalancerStatus": "ingress=1:*LoadBalancerIngress",
    "LoadBalancerIngress": "ip=1 hostname=2 ipMode=3 ports=4:*PortStatus",
    "PortStatus": "port=1:i protocol=2 error=3",
    "Endpoints": f"{_META} subsets=2:*EndpointSubset",
    "EndpointSubset": "addresses=1:*EndpointAddress notReadyAddresses=2:*EndpointAddress ports=3:*EndpointPort",
    "EndpointAddress": "ip=1 targetRef=2:ObjectReference hostname=3 nodeName=4",
    "Event": f"{_META} involvedObject=2:ObjectReference reason=3 message=4 source=5:EventSource firstTimestamp=6:T lastTimestamp=7:T "
    "count=8:i type=9 eventTime=10:U series=11:EventSeries action=12 related=13:ObjectReference reportingComponent=14 "
    "reportingInstance=15",
    "EventSource": "component=1 host=2",
    "EventSeries": "count=1:i lastObservedTime=2:U",
    "Pod": f"{_META} spec=2:PodSpec status=3:PodStatus",
    "PodTemplateSpec": f"{_META} spec=2:PodSpec",
    "PodSpec": "volumes=1:*Volume containers=2:*Container restartPolicy=3 terminationGracePeriodSeconds=4:I activeDeadlineSeconds=5:I "
    "dnsPolicy=6 nodeSelector=7:%s serviceAccountName=8 serviceAccount=9 nodeName=10 hostNetwork=11:b hostPID=12:b hostIPC=13:b "
    "securityContext=14:PodSecurityContext imagePullSecrets=15:*LocalObjectReference hostname=16 subdomain=17 schedulerName=19 "
    "initContainers=20:*Container automountServiceAccountToken=21:B tolerations=22:*Toleration priorityClassName=24 priority=25:I "
    "shareProcessNamespace=27:B readinessGates=28:*PodReadinessGate runtimeClassName=29:S enableServiceLinks=30:B preemptionPolicy=31:S "
    "affinity=18:Affinity hostAliases=23:*HostAlias dnsConfig=26:PodDNSConfig overhead=32:%Q topologySpreadConstraints=33:*TopologySpread "
    "setHostnameAsFQDN=35:B hostUsers=37:B schedulingGates=38:*ForZone",
    "PodReadinessGate": "conditionType=1",
    "Affinity": "nodeAffinity=1:NodeAffinity podAffinity=2:PodAffinity podAntiAffinity=3:PodAffinity",
    "NodeAffinity": "requiredDuringSchedulingIgnoredDuringExecution=1:NodeSelector "
    "preferredDuringSchedulingIgnoredDuringExecution=2:*PreferredTerm",
    "NodeSelector": "nodeSelectorTerms=1:*NodeSelectorTerm",
    "NodeSelectorTerm": "matchExpressions=1:*LabelSelectorRequirement matchFields=2:*LabelSelectorRequirement",
    "PreferredTerm": "weight=1:i preference=2:NodeSelectorTerm",
    "PodAffinity": "requiredDuringSchedulingIgnoredDuringExecution=1:*PodAffinityTerm "
    "preferredDuringSchedulingIgnoredDuringExecution=2:*WeightedPodTerm",
    "PodAffinityTerm": "labelSelector=1:LabelSelector namespaces=2:*s topologyKey=3 namespaceSelector=4:LabelSelector "
    "matchLabelKeys=5:*s mismatchLabelKeys=6:*s",
    "WeightedPodTerm": "weight=1:i podAffinityTerm=2:PodAffinityTerm",
    "TopologySpread": "maxSkew=1:i topologyKey=2 whenUnsatisfiable=3 labelSelector=4:LabelSelector minDomains=5:I nodeAffinityPolicy=6:S "
    "nodeTaintsPolicy=7:S matchLabelKeys=8:*s",
    "HostAlias": "ip=1 hostnames=2:*s",
    "PodDNSConfig": "nameservers=1:*s searches=2:*s options=3:*EnvVar",
    "PodSecurityContext": "runAsUser=2:I runAsNonRoot=3:B supplementalGroups=4:*i fsGroup=5:I runAsGroup=6:I fsGroupChangePolicy=9 "
    "seccompProfile=10:SeccompProfile",
    "SeccompProfile": "type=1 localhostProfile=2:S",
    "Toleration": "key=1 operator=2 value=3 effect=4 tolerationSeconds=5:I",
    "Container": "name=1 image=2 command=3:*s args=4:*s workingDir=5 ports=6:*ContainerPort env=7:*EnvVar resources=8:ResourceRequirements "
    "volumeMounts=9:*VolumeMount livenessProbe=10:Probe readinessProbe=11:Probe terminationMessagePath=13 imagePullPolicy=14 "
    "securityContext=15:SecurityContext stdin=16:b stdinOnce=17:b tty=18:b envFrom=19:*EnvFromSource terminationMessagePolicy=20 "
    "startupProbe=22:Probe restartPolicy=24:S lifecycle=12:Lifecycle",
    "Lifecycle": "postStart=1:LifecycleHandler preStop=2:LifecycleHandler stopSignal=3:S",
    "LifecycleHandler": "exec=1:ExecAction httpGet=2:HTTPGetAction tcpSocket=3:TCPSocketAction sleep=4:SleepAction",
    "SleepAction": "seconds=1:i",
    "ContainerPort": "name=1 hostPort=2:i containerPort=3:i protocol=4 hostIP=5",
    "EnvVar": "name=1 value=2 valueFrom=3:EnvVarSource",
    "EnvVarSource": "fieldRef=1:ObjectFieldSelector resourceFieldRef=2:ResourceFieldSelector configMapKeyRef=3:KeySelector "
    "secretKeyRef=4:KeySelector",
    "ObjectFieldSelector": "apiVersion=1 fieldPath=2",
    "ResourceFieldSelector": "containerName=1 resource=2 divisor=3:Q",
    "KeySelector": "name=1:!LocalObjectReference key=2 optional=3:B",
    "EnvFromSource": "prefix=1 configMapRef=2:EnvSource secretRef=3:EnvSource",
    "EnvSource": "name=1:!LocalObjectReference optional=2:B",
    "ResourceRequirements": "limits=1:%Q requests=2:%Q",
    "VolumeMount": "name=1 readOnly=2:b mountPath=3 subPath=4 mountPropagation=5 subPathExpr=6 recursiveReadOnly=7",
    "Volume": "name=1 source=2:!VolumeSource",
    "VolumeSource": "hostPath=1:HostPath emptyDir=2:EmptyDir secret=6:SecretVolume persistentVolumeClaim=10:ClaimVolume "
    "downwardAPI=16:DownwardVolume configMap=19:ConfigMapVolume projected=26:Projected",
    "DownwardVolume": "items=1:*DownwardFile defaultMode=2:I",
    "DownwardFile": "path=1 fieldRef=2:ObjectFieldSelector resourceFieldRef=3:ResourceFieldSelector mode=4:I",
    "Projected": "sources=1:*Projection defaultMode=2:I",
    "Projection": "secret=1:ProjectedItems downwardAPI=2:DownwardVolume configMap=3:ProjectedItems serviceAccountToken=4:ProjectedToken",
    "ProjectedItems": "name=1:!LocalObjectReference items=2:*KeyToPath optional=4:B",
    "ProjectedToken": "audience=1 expirationSeconds=2:I path=3",
    "HostPath": "path=1 type=2:S",
    "EmptyDir": "medium=1 sizeLimit=2:Q",
    "SecretVolume": "secretName=1 items=2:*KeyToPath defaultMode=3:I optional=4:B",
    "ClaimVolume": "claimName=1 readOnly=2:b",
    "ConfigMapVolume": "name=1:!LocalObjectReference items=2:*KeyToPath defaultMode=3:I optional=4:B",
    "KeyToPath": "key=1 path=2 mode=3:I",
    "Probe": "handler=1:!ProbeHandler initialDelaySeconds=2:i timeoutSeconds=3:i periodSeconds=4:i successThreshold=5:i "
    "failureThreshold=6:i terminationGracePeriodSeconds=7:I",
    "ProbeHandler": "exec=1:ExecAction httpGet=2:HTTPGetAction tcpSocket=3:TCPSocketAction grpc=4:GRPCAction",
    "GRPCAction": "port=1:i service=2:S",
    "ExecAction": "command=1:*s",
    "HTTPGetAction": "path=1 port=2:N host=3 scheme=4 httpHeaders=5:*HTTPHeader",
    "HTTPHeader": "name=1 value=2",
    "TCPSocketAction": "port=1:N host=2",
    "SecurityContext": "capabilities=1:Capabilities privileged=2:B runAsUser=4:I runAsNonRoot=5:B readOnlyRootFilesystem=6:B "
    "allowPrivilegeEscalation=7:B runAsGroup=8:I seccompProfile=11:SeccompProfile",
    "Capabilities": "add=1:*s drop=2:*s",
    "PodStatus": "phase=1 conditions=2:*PodCondition message=3 reason=4 hostIP=5 podIP=6 startTime=7:T "
    "containerStatuses=8:*ContainerStatus qosClass=9 initContainerStatuses=10:*ContainerStatus nominatedNodeName=11 podIPs=12:*PodIP "
    "ephemeralContainerStatuses=13:*ContainerStatus resize=14 hostIPs=16:*PodIP observedGeneration=17:i",
    "PodIP": "ip=1",
    "PodCondition": "type=1 status=2 lastProbeTime=3:T lastTransitionTime=4:T reason=5 message=6 observedGeneration=7:i",
    "ContainerStatus": "name=1 state=2:ContainerState lastState=3:ContainerState ready=4:b restartCount=5:i image=6 imageID=7 "
    "containerID=8 started=9:B allocatedResources=10:%Q resources=11:ResourceRequirements",
    "ContainerState": "waiting=1:ContainerWaiting running=2:ContainerRunning terminated=3:ContainerTerminated",
    "ContainerWaiting": "reason=1 message=2",
    "ContainerRunning": "startedAt=1:T",
    "ContainerTerminated": "exitCode=1:i signal=2:i reason=3 message=4 startedAt=5:T finishedAt=6:T containerID=7",
    "Node": f"{_META} spec=2:NodeSpec status=3:NodeStatus",
    "NodeSpec": "podCIDR=1 providerID=3 unschedulable=4:b taints=5:*Taint podCIDRs=7:*s",
    "Taint": "key=1 value=2 effect=3 timeAdded=4:T",
    "NodeStatus": "capacity=1:%Q allocatable=2:%Q phase=3 conditions=4:*NodeCondition addresses=5:*NodeAddress "
    "daemonEndpoints=6:NodeDaemons nodeInfo=7:NodeInfo images=8:*NodeImage",
    "NodeCondition": "type=1 status=2 lastHeartbeatTime=3:T lastTransitionTime=4:T reason=5 message=6",
    "NodeAddress": "type=1 address=2",
    "NodeDaemons": "kubeletEndpoint=1:NodeDaemon",
    "NodeDaemon": "Port=1:i",
    "NodeInfo": "machineID=1 systemUUID=2 bootID=3 kernelVersion=4 osImage=5 containerRuntimeVersion=6 kubeletVersion=7 "
    "kubeProxyVersion=8 operatingSystem=9 architecture=10",
    "NodeImage": "names=1:*s sizeBytes=2:i",
    # networking, discovery, coordination, events
    "Ingress": f"{_META} spec=2:IngressSpec status=3:IngressStatus",
    "IngressSpec": "defaultBackend=1:IngressBackend tls=2:*IngressTLS rules=3:*IngressRule ingressClassName=4:S",
    "IngressTLS": "hosts=1:*s secretName=2",
    "IngressRule": "host=1 value=2:!IngressRuleValue",
    "IngressRuleValue": "http=1:HTTPIngressRuleValue",
    "HTTPIngressRuleValue": "paths=1:*HTTPIngressPath",
    "HTTPIngressPath": "path=1 backend=2:IngressBackend pathType=3",
    "IngressBackend": "resource=3:TypedLocalObjectReference service=4:IngressServiceBackend",
    "IngressServiceBackend": "name=1 port=2:ServiceBackendPort",
    "ServiceBackendPort": "name=1 number=2:i",
    "IngressStatus": "loadBalancer=1:LoadBalancerStatus",
    "IngressClass": f"{_META} spec=2:IngressClassSpec",
    "IngressClassSpec": "controller=1 parameters=2:IngressClassParameters",
    "IngressClassParameters": "apiGroup=1:S kind=2 name=3 scope=4:S namespace=5:S",
    "EndpointSlice": f"{_META} endpoints=2:*Endpoint ports=3:*EndpointPort addressType=4",
    "Endpoint": "addresses=1:*s conditions=2:EndpointConditions hostname=3:S targetRef=4:ObjectReference deprecatedTopology=5:%s "
    "nodeName=6:S zone=7:S hints=8:EndpointHints",
    "EndpointConditions": "ready=1:B serving=2:B terminating=3:B",
    "EndpointHints": "forZones=1:*ForZone",
    "ForZone": "name=1",
    "EndpointPort": "name=1 port=2:i protocol=3 appProtocol=4:S",
    "discovery.k8s.io/EndpointPort": "name=1:S protocol=2:S port=3:I appProtocol=4:S",
    "Lease": f"{_META} spec=2:LeaseSpec",
    "LeaseSpec": "holderIdentity=1:S leaseDurationSeconds=2:I acquireTime=3:U renewTime=4:U leaseTransitions=5:I strategy=6 "
    "preferredHolder=7",
    "events.k8s.io/Event": f"{_META} eventTime=2:U series=3:EventSeries reportingController=4 reportingInstance=5 action=6 reason=7 "
    "regarding=8:ObjectReference related=9:ObjectReference note=10 type=11 deprecatedSource=12:EventSource "
    "deprecatedFirstTimestamp=13:T deprecatedLastTimestamp=14:T deprecatedCount=15:i",
    # apps, policy, autoscaling, scheduling
    "Deployment": f"{_META} spec=2:DeploymentSpec status=3:DeploymentStatus",
    "DeploymentSpec": "replicas=1:I selector=2:LabelSelector template=3:PodTemplateSpec strategy=4:DeploymentStrategy "
    "minReadySeconds=5:i revisionHistoryLimit=6:I paused=7:b progressDeadlineSeconds=9:I",
    "DeploymentStrategy": "type=1 rollingUpdate=2:RollingUpdate",
    "RollingUpdate": "maxUnavailable=1:M maxSurge=2:M",
    "DeploymentStatus": "observedGeneration=1:i replicas=2:i updatedReplicas=3:i availableReplicas=4:i unavailableReplicas=5:i "
    "conditions=6:*DeploymentCondition readyReplicas=7:i collisionCount=8:I terminatingReplicas=9:I",
    "DeploymentCondition": "type=1 status=2 reason=4 message=5 lastUpdateTime=6:T lastTransitionTime=7:T",
    "ReplicaSetStatus": "replicas=1:i fullyLabeledReplicas=2:i observedGeneration=3:i readyReplicas=4:i availableReplicas=5:i "
    "conditions=6:*ReplicaSetCondition terminatingReplicas=7:I",
    "ReplicaSetCondition": "type=1 status=2 lastTransitionTime=3:T reason=4 message=5",
    "Unread": "?",
    "ReplicaSet": f"{_META} spec=2:ReplicaSetSpec status=3:ReplicaSetStatus",
    "ReplicaSetSpec": "replicas=1:I selector=2:LabelSelector template=3:PodTemplateSpec minReadySeconds=4:i",
    "Eviction": f"{_META} deleteOptions=2:DeleteOptions",
    "PodDisruptionBudget": f"{_META} spec=2:PodDisruptionBudgetSpec status=3:Unread",
    "PodDisruptionBudgetSpec": "minAvailable=1:M selector=2:LabelSelector maxUnavailable=3:M unhealthyPodEvictionPolicy=4",
    "Scale": f"{_META} spec=2:ScaleSpec status=3:Unread",
    "ScaleSpec": "replicas=1:i",
    "PriorityClass": f"{_META} value=2:i globalDefault=3:b description=4 preemptionPolicy=5",
    # authentication, authorization, rbac
    "SelfSubjectReview": f"{_META} status=2:Unread",
    "TokenReview": f"{_META} spec=2:TokenReviewSpec status=3:Unread",
    "TokenReviewSpec": "token=1 audiences=2:*s",
    "TokenRequest": f"{_META} spec=2:TokenRequestSpec status=3:Unread",
    "TokenRequestSpec": "audiences=1:*s boundObjectRef=3:BoundObjectReference expirationSeconds=4:I",
    "BoundObjectReference": "kind=1 apiVersion=2 name=3 uid=4",
    "SelfSubjectAccessReview": f"{_META} spec=2:AccessSpec status=3:Unread",
    "SubjectAccessReview": f"{_META} spec=2:AccessSpec status=3:Unread",
    "LocalSubjectAccessReview": f"{_META} spec=2:AccessSpec status=3:Unread",
    "AccessSpec": "resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes user=3 groups=4:*s uid=6",
    "ResourceAttributes": "namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7",
    "NonResourceAttributes": "path=1 verb=2",
    "SelfSubjectRulesReview": f"{_META} spec=2:RulesSpec status=3:Unread",
    "RulesSpec": "namespace=1",
    "Role": f"{_META} rules=2:*PolicyRule",
    "ClusterRole": f"{_META} rules=2:*PolicyRule aggregationRule=3:AggregationRule",
    "AggregationRule": "clusterRoleSelectors=1:*LabelSelector",
    "PolicyRule": "verbs=1:*s apiGroups=2:*s resources=3:*s resourceNames=4:*s nonResourceURLs=5:*s",
    "RoleBinding": f"{_META} subjects=2:*Subject roleRef=3:RoleRef",
    "ClusterRoleBinding": f"{_META} subjects=2:*Subject roleRef=3:RoleRef",
    "RoleRef": "apiGroup=1 kind=2 name=3",
    "Subject": "kind=1 apiGroup=2 name=3 namespace=4",
    # admissionregistration
    "MutatingWebhookConfiguration": f"{_META} webhooks=2:*MutatingWebhook",
    "ValidatingWebhookConfiguration": f"{_META} webhooks=2:*ValidatingWebhook",
    "MutatingWebhook": "name=1 clientConfig=2:WebhookClientConfig rules=3:*RuleWithOperations failurePolicy=4 "
    "namespaceSelector=5:LabelSelector sideEffects=6 timeoutSeconds=7:I admissionReviewVersions=8:*s matchPolicy=9 "
    "reinvocationPolicy=10 objectSelector=11:LabelSelector",
    "ValidatingWebhook": "name=1 clientConfig=2:WebhookClientConfig rules=3:*RuleWithOperations failurePolicy=4 "
    "namespaceSelector=5:LabelSelector sideEffects=6 timeoutSeconds=7:I admissionReviewVersions=8:*s matchPolicy=9 "
    "objectSelector=10:LabelSelector",
    "WebhookClientConfig": "service=1:ServiceReference caBundle=2:y url=3:S",
    "ServiceReference": "namespace=1 name=2 path=3:S port=4:I",
    "RuleWithOperations": "operations=1:*s rule=2:!Rule",
    "Rule": "apiGroups=1:*s apiVersions=2:*s resources=3:*s scope=4:S",
}
"""Message → its fields; `?` stands for a message that is read over, as the server sets it itself."""
