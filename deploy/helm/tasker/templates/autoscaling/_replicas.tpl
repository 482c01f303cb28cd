{{/* How many pods, as a line, unless `autoscaling` decides: then as many as there are, since an upgrade that takes the line
     away would leave one pod until the autoscaler acts; at least its least, since it never acts where there is none, as
     after `kubectl scale --replicas=0`. (Nothing is known to `helm template`: no line.) */}}
{{- define "tasker.replicas" -}}
{{- $own := include "tasker.values" . | fromJson -}}
{{- if not $own.autoscaling.enabled -}}
replicas: {{ $own.replicas }}
{{- else -}}
{{- with lookup "apps/v1" "Deployment" .root.Release.Namespace (include "tasker.componentName" .) -}}
replicas: {{ max (.spec.replicas | int) ($own.autoscaling.minReplicas | int) }}
{{- end -}}
{{- end -}}
{{- end -}}
