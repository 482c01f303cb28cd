{{/* How many pods, as a line, unless `autoscaling` decides: then as many as there are, since an upgrade that takes the line
     away would leave one pod until the autoscaler acts. (Nothing is known to `helm template`: no line.) */}}
{{- define "tasker.replicas" -}}
{{- $own := include "tasker.values" . | fromJson -}}
{{- if not $own.autoscaling.enabled -}}
replicas: {{ $own.replicas }}
{{- else -}}
{{- with lookup "apps/v1" "Deployment" .root.Release.Namespace (include "tasker.componentName" .) -}}
replicas: {{ .spec.replicas }}
{{- end -}}
{{- end -}}
{{- end -}}
