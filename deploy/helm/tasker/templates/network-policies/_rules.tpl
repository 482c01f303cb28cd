{{/* Selects the pods of some components: (dict "root" $ "components" (list …)). */}}
{{- define "tasker.componentsSelector" -}}
matchLabels:
  {{- include "tasker.releaseSelector" . | nindent 2 }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: [{{ join ", " .components }}]
{{- end -}}

{{- define "tasker.networkPolicyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "tasker.fullname" .root }}-{{ .name }}
  labels:
    {{- include "tasker.labels" (dict "root" .root) | nindent 4 }}
{{- end -}}

{{/* Destinations of a backend of the user's: `to` as given, or anything, at the ports as given or found in the addresses. */}}
{{- define "tasker.backendEgress" -}}
- {{ if .own.to }}to:
    {{- toYaml .own.to | nindent 4 }}
  {{ end }}ports:
    {{- range .own.ports | default .ports | uniq }}
    - {protocol: TCP, port: {{ . | int }}}
    {{- end }}
{{- end -}}
