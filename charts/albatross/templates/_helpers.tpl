{{/* Written by `make docs` from the catalog; edits are lost. */}}

{{/* A value as the text of a flag: a map as k=v,k=v, a list as a,b. Empty if it is not set. */}}
{{- define "albatross.text" -}}
{{- if kindIs "map" . -}}
{{- $parts := list -}}
{{- range $key, $value := . -}}{{- $parts = append $parts (printf "%s=%v" $key $value) -}}{{- end -}}
{{- join "," $parts -}}
{{- else if kindIs "slice" . -}}{{- join "," . -}}
{{- else if kindIs "float64" . -}}{{- int64 . -}}
{{- else if not (kindIs "invalid" .) -}}{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* The port of an address such as :8080, given as a list of the value and its default. Empty if it is switched off. */}}
{{- define "albatross.port" -}}
{{- $port := regexFind "[0-9]+$" (include "albatross.text" (index . 0) | default (index . 1)) -}}
{{- if ne $port "0" -}}{{- $port -}}{{- end -}}
{{- end -}}

{{/* The arguments of the container. A setting with its default value is left out. */}}
{{- define "albatross.arguments" -}}
- run
{{- $rows := list -}}
{{- $rows = append $rows (list "cluster-name" (tpl (required "clusterName is missing: names and tags in AWS depend on it; set it with --set clusterName=NAME" .Values.clusterName) .) "") -}}
{{- $rows = append $rows (list "aws-region" (tpl (default "" .Values.region) .) "") -}}
{{- $rows = append $rows (list "aws-vpc-id" (tpl (default "" .Values.vpcId) .) "") -}}
{{- $rows = append $rows (list "aws-vpc-tags" .Values.vpcTags "") -}}
{{- $rows = append $rows (list "ingress-class" .Values.ingressClass "alb") -}}
{{- $rows = append $rows (list "load-balancer-class" .Values.loadBalancerClass "service.k8s.aws/nlb") -}}
{{- $rows = append $rows (list "watch-namespace" .Values.watchNamespace "") -}}
{{- $rows = append $rows (list "default-tags" .Values.defaultTags "") -}}
{{- $rows = append $rows (list "external-managed-tags" .Values.externalManagedTags "") -}}
{{- $rows = append $rows (list "default-target-type" .Values.defaultTargetType "instance") -}}
{{- $rows = append $rows (list "default-load-balancer-scheme" .Values.defaultLoadBalancerScheme "internal") -}}
{{- $rows = append $rows (list "default-ssl-policy" .Values.defaultSSLPolicy "ELBSecurityPolicy-2016-08") -}}
{{- $rows = append $rows (list "default-pca-arn" ((.Values.certManagement).defaultPCAARN) "") -}}
{{- $rows = append $rows (list "allowed-certificate-authority-arns" ((.Values.certDiscovery).allowedCertificateAuthorityARNs) "") -}}
{{- $rows = append $rows (list "service-target-eni-security-group-tags" .Values.serviceTargetENISGTags "") -}}
{{- $rows = append $rows (list "enable-backend-security-group" .Values.enableBackendSecurityGroup "true") -}}
{{- $rows = append $rows (list "backend-security-group" .Values.backendSecurityGroup "") -}}
{{- $rows = append $rows (list "enable-manage-backend-security-group-rules" .Values.enableManageBackendSecurityGroupRules "false") -}}
{{- $rows = append $rows (list "disable-restricted-sg-rules" .Values.disableRestrictedSecurityGroupRules "false") -}}
{{- $rows = append $rows (list "max-targets-per-target-group" .Values.maxTargetsPerTargetGroup "0") -}}
{{- $rows = append $rows (list "tolerate-non-existent-backend-service" .Values.tolerateNonExistentBackendService "true") -}}
{{- $rows = append $rows (list "tolerate-non-existent-backend-action" .Values.tolerateNonExistentBackendAction "true") -}}
{{- $rows = append $rows (list "enable-waf" .Values.enableWaf "true") -}}
{{- $rows = append $rows (list "enable-wafv2" .Values.enableWafv2 "true") -}}
{{- $rows = append $rows (list "enable-shield" .Values.enableShield "true") -}}
{{- $rows = append $rows (list "enable-dns" .Values.enableDns "false") -}}
{{- $rows = append $rows (list "allow-deletions" .Values.allowDeletions "10") -}}
{{- $rows = append $rows (list "targets-before-rules" .Values.targetsBeforeRules "2m") -}}
{{- $rows = append $rows (list "replace-grace" .Values.replaceGrace "5m") -}}
{{- $rows = append $rows (list "first-come-hosts" .Values.firstComeHosts "false") -}}
{{- $rows = append $rows (list "disable-ingress-class-annotation" .Values.disableIngressClassAnnotation "false") -}}
{{- $rows = append $rows (list "disable-ingress-group-name-annotation" .Values.disableIngressGroupNameAnnotation "false") -}}
{{- $rows = append $rows (list "enable-pod-readiness-gate-inject" .Values.enablePodReadinessGateInject "true") -}}
{{- $rows = append $rows (list "feature-gates" ((.Values.controllerConfig).featureGates) "") -}}
{{- $rows = append $rows (list "log-level" .Values.logLevel "info") -}}
{{- $rows = append $rows (list "metrics-bind-addr" .Values.metricsBindAddr ":8080") -}}
{{- $rows = append $rows (list "page-bind-address" .Values.pageBindAddress "127.0.0.1:8088") -}}
{{- $rows = append $rows (list "page-hosts" .Values.pageHosts "") -}}
{{- $rows = append $rows (list "page-health-period" .Values.pageHealthPeriod "0") -}}
{{- $rows = append $rows (list "sync-period" .Values.syncPeriod "10h") -}}
{{- $rows = append $rows (list "drift-interval" .Values.driftInterval "30m") -}}
{{- $rows = append $rows (list "ingress-max-concurrent-reconciles" .Values.ingressMaxConcurrentReconciles "100") -}}
{{- $rows = append $rows (list "service-max-concurrent-reconciles" .Values.serviceMaxConcurrentReconciles "20") -}}
{{- $rows = append $rows (list "targetgroupbinding-max-concurrent-reconciles" .Values.targetgroupbindingMaxConcurrentReconciles "100") -}}
{{- $rows = append $rows (list "targetgroupbinding-max-exponential-backoff-delay" .Values.targetgroupbindingMaxExponentialBackoffDelay "16m40s") -}}
{{- $rows = append $rows (list "targetgroupbinding-requeue-duration" .Values.targetgroupbindingRequeueDuration "15s") -}}
{{- $rows = append $rows (list "aws-api-endpoints" .Values.awsApiEndpoints "") -}}
{{- $rows = append $rows (list "aws-api-throttle" .Values.awsApiThrottle "") -}}
{{- $rows = append $rows (list "aws-api-share" .Values.awsApiShare "1") -}}
{{- $rows = append $rows (list "aws-max-retries" .Values.awsMaxRetries "10") -}}
{{- $rows = append $rows (list "manage-crds" "false" "true") -}}
{{- $rows = append $rows (list "webhook-bind-port" .Values.webhookBindPort "9443") -}}
{{- $rows = append $rows (list "webhook-certificates" (ternary "cert-manager" "" (default false .Values.enableCertManager)) "auto") -}}
{{- $rows = append $rows (list "enable-endpoint-slices" .Values.enableEndpointSlices "true") -}}
{{- $rows = append $rows (list "alb-gateway-max-concurrent-reconciles" .Values.albGatewayMaxConcurrentReconciles "3") -}}
{{- $rows = append $rows (list "nlb-gateway-max-concurrent-reconciles" .Values.nlbGatewayMaxConcurrentReconciles "3") -}}
{{- $rows = append $rows (list "globalaccelerator-max-concurrent-reconciles" .Values.globalAcceleratorMaxConcurrentReconciles "1") -}}
{{- $rows = append $rows (list "globalaccelerator-max-exponential-backoff-delay" .Values.globalAcceleratorMaxExponentialBackoffDelay "16m40s") -}}
{{- $rows = append $rows (list "lb-stabilization-monitor-interval" .Values.lbStabilizationMonitorInterval "2m") -}}
{{- range $row := $rows }}
{{- $text := include "albatross.text" (index $row 1) }}
{{- if and $text (ne $text (index $row 2)) }}
- {{ printf "--%s=%s" (index $row 0) $text | quote }}
{{- end }}
{{- end }}
{{- end -}}
