{{/* Names and labels. Most definitions take (dict "root" $ "component" "ticker"). */}}

{{- define "tasker.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What every name begins with: the release's name, which has the chart's name in it or gets it. */}}
{{- define "tasker.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "tasker.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tasker.componentName" -}}
{{- printf "%s-%s" (include "tasker.fullname" .root) .component -}}
{{- end -}}

{{/* What selects all pods of the release. Selectors can't be changed: nothing else may ever come in here. */}}
{{- define "tasker.releaseSelector" -}}
app.kubernetes.io/name: {{ include "tasker.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "tasker.selector" -}}
{{ include "tasker.releaseSelector" . }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "tasker.labels" -}}
{{ include "tasker.releaseSelector" . }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tasker
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The values of a component: those of log-sink are called logSink. */}}
{{- define "tasker.values" -}}
{{- index .root.Values (.component | replace "log-sink" "logSink") | toJson -}}
{{- end -}}

{{- define "tasker.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "tasker.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* The image of a component, unless its own `image` names another one, such as an executor with plug-ins. */}}
{{- define "tasker.image" -}}
{{- $own := (index .root.Values (.component | replace "log-sink" "logSink") | default dict).image -}}
{{- $own | default (printf "%s/%s:%s" .root.Values.image.prefix .component (.root.Values.image.tag | default .root.Chart.AppVersion)) -}}
{{- end -}}

{{/* What the API answers to: the names of the services, and those that ingress and values bring. */}}
{{- define "tasker.allowedHosts" -}}
{{- $hosts := list -}}
{{- range $component := list "api" "web" -}}
{{- $name := include "tasker.componentName" (dict "root" $ "component" $component) -}}
{{- $namespace := $.Release.Namespace -}}
{{- $hosts = concat $hosts (list $name (printf "%s.%s" $name $namespace) (printf "%s.%s.svc" $name $namespace) (printf "%s.%s.svc.%s" $name $namespace $.Values.clusterDomain)) -}}
{{- end -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = concat $hosts .Values.ingress.hosts -}}
{{- end -}}
{{- with .Values.callbacks.baseUrl -}}
{{- $hosts = append $hosts (urlParse .).hostname -}}
{{- end -}}
{{- concat $hosts .Values.api.allowedHosts | uniq | join "," -}}
{{- end -}}
