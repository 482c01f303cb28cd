{{/* Scaled by KEDA: (dict "root" $ "component" "executor" "topics" (list …)). */}}

{{- define "tasker.scaledObjectSpec" -}}
{{- $own := (include "tasker.values" . | fromJson).autoscaling -}}
{{- $kafka := .root.Values.kafka -}}
scaleTargetRef:
  name: {{ include "tasker.componentName" . }}
minReplicaCount: {{ $own.minReplicas }}
maxReplicaCount: {{ $own.maxReplicas }}
pollingInterval: {{ $own.pollingSeconds }}
# (Its cooldownPeriod is only for the step to none at all.)
advanced:
  horizontalPodAutoscalerConfig:
    behavior:
      scaleDown:
        stabilizationWindowSeconds: {{ $own.cooldownSeconds }}
triggers:
  {{- range $topic := .topics }}
  - type: kafka
    metadata:
      bootstrapServers: {{ include "tasker.kedaBootstrapServers" $.root | quote }}
      consumerGroup: {{ $kafka.topicPrefix }}-{{ $.component }}
      topic: {{ $kafka.topicPrefix }}.{{ $topic }}
      lagThreshold: {{ $own.lagThreshold | int | quote }}
      offsetResetPolicy: earliest
      {{- if $kafka.tls.enabled }}
      tls: enable
      {{- end }}
      {{- with $kafka.sasl.mechanism }}
      sasl: {{ get (dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512") . }}
      {{- end }}
    {{- if include "tasker.kedaAuthenticates" $.root }}
    authenticationRef:
      name: {{ include "tasker.fullname" $.root }}-keda-kafka
    {{- end }}
  {{- end }}
{{- end -}}

{{/* Whether KEDA needs secrets for Kafka: TLS alone, by an authority that everybody trusts, needs none. */}}
{{- define "tasker.kedaAuthenticates" -}}
{{- with .Values.kafka -}}
{{- if or .sasl.mechanism (and .tls.enabled (or .tls.caSecret.name .tls.clientCertSecret.name)) }}true{{ end -}}
{{- end -}}
{{- end -}}

{{/* KEDA asks from a namespace of its own. */}}
{{- define "tasker.kedaBootstrapServers" -}}
{{- if .Values.devDependencies.enabled -}}
{{ include "tasker.componentName" (dict "root" . "component" "kafka") }}.{{ .Release.Namespace }}.svc:9092
{{- else -}}
{{ .Values.kafka.bootstrapServers }}
{{- end -}}
{{- end -}}
