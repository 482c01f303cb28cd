{{/* The secret with the API's keys: ours, or the user's. */}}
{{- define "tasker.keysSecret" -}}
{{- .Values.api.keys.existingSecret.name | default (printf "%s-api-keys" (include "tasker.fullname" .)) -}}
{{- end -}}

{{/* A whole secret as a volume, not a part of it by subPath: so a changed one reaches the pods that run. */}}
{{- define "tasker.keysVolume" -}}
{{- $of := .Values.api.keys.existingSecret -}}
- name: keys
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ include "tasker.keysSecret" . | quote }}
          items:
            - {key: {{ ternary $of.key "keys.json" (ne $of.name "") | quote }}, path: keys.json}
{{- end -}}
