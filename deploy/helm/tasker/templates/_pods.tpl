{{/* What all pods have in common. Definitions take (dict "root" $ "component" "ticker"), some with more. */}}

{{/* The environment that all Python services share: the data of the config map. */}}
{{- define "tasker.config" -}}
KAFKA_BOOTSTRAP_SERVERS: {{ include "tasker.bootstrapServers" . | quote }}
TASKER_TOPIC_PREFIX: {{ .Values.kafka.topicPrefix | quote }}
TASKER_PARTITIONS: {{ .Values.kafka.partitions | int | quote }}
TASKER_REPLICAS: {{ include "tasker.replicationFactor" . | quote }}
TASKER_KAFKA_SECURITY_PROTOCOL: {{ include "tasker.securityProtocol" . }}
{{- with .Values.kafka.sasl }}
{{- if .mechanism }}
TASKER_KAFKA_SASL_MECHANISM: {{ .mechanism }}
{{- if .username }}
TASKER_KAFKA_SASL_USERNAME: {{ .username | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.kafka.tls.enabled }}
{{- if .Values.kafka.tls.caSecret.name }}
TASKER_KAFKA_CA_FILE: /etc/tasker/kafka/ca.crt
{{- end }}
{{- if .Values.kafka.tls.clientCertSecret.name }}
TASKER_KAFKA_CERT_FILE: /etc/tasker/kafka/tls.crt
TASKER_KAFKA_KEY_FILE: /etc/tasker/kafka/tls.key
{{- end }}
{{- end }}
{{- if .Values.mongodb.tls.caSecret.name }}
TASKER_MONGODB_CA_FILE: /etc/tasker/mongodb/ca.crt
{{- end }}
{{- if .Values.mongodb.tls.clientCertSecret.name }}
TASKER_MONGODB_CERT_FILE: /etc/tasker/mongodb/client.pem
{{- end }}
TASKER_ALLOW_OPEN: "true"
TASKER_METRICS_HOST: {{ .Values.listenAddress | quote }}
TASKER_METRICS_PORT: "9090"
TASKER_LOG_FORMAT: json
TASKER_LOG_LEVEL: {{ .Values.logLevel }}
TASKER_DRAIN_SECONDS: {{ .Values.drainSeconds | quote }}
{{- range $what, $duration := .Values.logSink.retention }}
{{- if $duration }}
TASKER_LOG_SINK_RETENTION_{{ $what | snakecase | upper }}: {{ $duration | quote }}
{{- end }}
{{- end }}
{{- if .Values.tracing.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .Values.tracing.endpoint | quote }}
OTEL_EXPORTER_OTLP_PROTOCOL: http/protobuf
OTEL_TRACES_SAMPLER_ARG: {{ .Values.tracing.sampleShare | quote }}
{{- end }}
{{- end -}}

{{/* A change of the configuration brings new pods. */}}
{{- define "tasker.podAnnotations" -}}
{{- $own := include "tasker.values" . | fromJson -}}
checksum/config: {{ printf "%s\n%s" (include "tasker.config" .root) (include "tasker.mongodbUrl" .root) | sha256sum }}
{{- with merge (dict) ($own.podAnnotations | default dict) .root.Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Without the chart's version: a new chart alone is no reason for new pods. */}}
{{- define "tasker.podLabels" -}}
{{ include "tasker.selector" . }}
{{- with .root.Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Pod security standard "restricted". `user` is the image's. */}}
{{- define "tasker.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .group | default .user }}
fsGroup: {{ .group | default .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tasker.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The fields of a pod that say who runs it and where. No service links: their variables, such as
     TASKER_API_PORT=tcp://…, would be taken for settings. */}}
{{- define "tasker.podPlacement" -}}
{{- $own := include "tasker.values" . | fromJson -}}
{{- $all := .root.Values -}}
serviceAccountName: {{ include "tasker.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $all.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.priorityClassName | default $all.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $own.nodeSelector | default $all.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations | default $all.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity | default $all.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Pods of one component on different nodes and zones, as far as there are any. */}}
{{- define "tasker.topologySpread" -}}
{{- $own := include "tasker.values" . | fromJson -}}
topologySpreadConstraints:
{{- if $own.topologySpreadConstraints }}
  {{- toYaml $own.topologySpreadConstraints | nindent 2 }}
{{- else }}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "tasker.selector" $ | nindent 8 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* /healthz fails when a loop of the service hangs, which only a restart ends; /readyz while it does not do its work. */}}
{{- define "tasker.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* The pod template of a Python service. `mongodb`: whether it uses MongoDB. */}}
{{- define "tasker.podTemplate" -}}
{{- $own := include "tasker.values" . | fromJson -}}
{{- $all := .root.Values -}}
metadata:
  labels:
    {{- include "tasker.podLabels" . | nindent 4 }}
  annotations:
    {{- include "tasker.podAnnotations" . | nindent 4 }}
spec:
  {{- include "tasker.podPlacement" . | nindent 2 }}
  {{- include "tasker.topologySpread" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ add $all.drainSeconds 20 }}
  securityContext:
    {{- include "tasker.podSecurity" (dict "user" 10001) | nindent 4 }}
  initContainers:
    # The topics are made by the job of the same release: wait for it.
    - name: wait-for-topics
      image: {{ include "tasker.image" . }}
      imagePullPolicy: {{ $all.image.pullPolicy }}
      command: [python, -m, tasker_runtime.topic_setup, --check, --wait, {{ $all.setup.waitSeconds | quote }}]
      envFrom:
        - configMapRef:
            name: {{ include "tasker.fullname" .root }}-config
      {{- with include "tasker.kafkaEnv" .root }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "tasker.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- include "tasker.kafkaMounts" .root | nindent 8 }}
  containers:
    - name: {{ .component }}
      image: {{ include "tasker.image" . }}
      imagePullPolicy: {{ $all.image.pullPolicy }}
      envFrom:
        - configMapRef:
            name: {{ include "tasker.fullname" .root }}-config
        {{- with $own.extraEnvFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      env:
        - name: OTEL_SERVICE_NAME
          value: {{ printf "tasker-%s" .component }}
        {{- with include "tasker.kafkaEnv" .root }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if .mongodb }}
        {{- include "tasker.mongodbEnv" .root | nindent 8 }}
        {{- end }}
        {{- with .env }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with concat $all.extraEnv ($own.extraEnv | default list) }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - {name: metrics, containerPort: 9090}
        {{- with .ports }}
        {{- . | nindent 8 }}
        {{- end }}
      {{- include "tasker.probes" . | nindent 6 }}
      {{- with .lifecycle }}
      lifecycle:
        {{- . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "tasker.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- include "tasker.kafkaMounts" .root | nindent 8 }}
        {{- if .mongodb }}
        {{- include "tasker.mongodbMounts" .root | nindent 8 }}
        {{- end }}
        {{- with .mounts }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $own.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 256Mi}
    {{- include "tasker.kafkaVolumes" .root | nindent 4 }}
    {{- if .mongodb }}
    {{- include "tasker.mongodbVolumes" .root | nindent 4 }}
    {{- end }}
    {{- with .volumes }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with $own.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* At most one pod of a component at a time may be taken by a drain. */}}
{{- define "tasker.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "tasker.componentName" . }}
  labels:
    {{- include "tasker.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "tasker.selector" . | nindent 6 }}
{{- end -}}

{{/* The ports of a component, for others in the cluster. Headless unless `ports` are given: then only for metrics. */}}
{{- define "tasker.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "tasker.componentName" . }}
  labels:
    {{- include "tasker.labels" . | nindent 4 }}
spec:
  {{- if .ports }}
  type: ClusterIP
  {{- else }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "tasker.selector" . | nindent 4 }}
  ports:
    {{- with .ports }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if not .noMetrics }}
    - {name: metrics, port: 9090, targetPort: metrics}
    {{- end }}
{{- end -}}
