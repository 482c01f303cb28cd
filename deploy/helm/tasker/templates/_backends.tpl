{{/* What signs the URLs of callbacks, of which the executor and the API know. */}}
{{- define "tasker.callbackSecretEnv" -}}
{{- if .Values.callbacks.baseUrl -}}
- name: TASKER_CALLBACK_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ .Values.callbacks.existingSecret.name | quote }}
      key: {{ .Values.callbacks.existingSecret.key | quote }}
{{- end -}}
{{- end -}}

{{/* Kafka and MongoDB: where they are, and what is mounted to reach them. */}}

{{- define "tasker.bootstrapServers" -}}
{{- if .Values.devDependencies.enabled -}}
{{- include "tasker.componentName" (dict "root" . "component" "kafka") }}:9092
{{- else -}}
{{- .Values.kafka.bootstrapServers -}}
{{- end -}}
{{- end -}}

{{- define "tasker.securityProtocol" -}}
{{- if .Values.kafka.sasl.mechanism -}}
{{- ternary "SASL_SSL" "SASL_PLAINTEXT" .Values.kafka.tls.enabled -}}
{{- else -}}
{{- ternary "SSL" "PLAINTEXT" .Values.kafka.tls.enabled -}}
{{- end -}}
{{- end -}}

{{/* Copies of each partition: 1 on the one-node Kafka, else 3. */}}
{{- define "tasker.replicationFactor" -}}
{{- .Values.kafka.replicationFactor | default (ternary 1 3 .Values.devDependencies.enabled) -}}
{{- end -}}

{{/* The one-node MongoDB calls itself localhost, and so it is reached directly: no name of a pod has to be resolved. */}}
{{- define "tasker.mongodbUrl" -}}
{{- if .Values.devDependencies.enabled -}}
mongodb://{{ include "tasker.componentName" (dict "root" . "component" "mongodb") }}:27017/tasker?directConnection=true
{{- else -}}
{{- .Values.mongodb.url -}}
{{- end -}}
{{- end -}}

{{/* The secret that holds MongoDB's URL, which bears a password: ours, or the user's. */}}
{{- define "tasker.mongodbSecret" -}}
{{- if .Values.mongodb.existingSecret.name -}}
name: {{ .Values.mongodb.existingSecret.name | quote }}
key: {{ .Values.mongodb.existingSecret.key | quote }}
{{- else -}}
name: {{ include "tasker.fullname" . }}-mongodb-url
key: url
{{- end -}}
{{- end -}}

{{/* Environment of containers that use Kafka, besides the config map. */}}
{{- define "tasker.kafkaEnv" -}}
{{- with .Values.kafka.sasl }}
{{- if .mechanism }}
{{- if not .username }}
- name: TASKER_KAFKA_SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret.name | quote }}
      key: {{ .existingSecret.usernameKey | quote }}
{{- end }}
- name: TASKER_KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret.name | quote }}
      key: {{ .existingSecret.passwordKey | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Environment of containers that use MongoDB. */}}
{{- define "tasker.mongodbEnv" -}}
- name: MONGODB_URL
  valueFrom:
    secretKeyRef:
      {{- include "tasker.mongodbSecret" . | nindent 6 }}
{{- end -}}

{{/* Certificates, as projected volumes: a renewed secret is seen without a new pod. */}}
{{- define "tasker.kafkaVolumes" -}}
{{- if .Values.kafka.tls.enabled }}
{{- if or .Values.kafka.tls.caSecret.name .Values.kafka.tls.clientCertSecret.name }}
- name: kafka-tls
  projected:
    defaultMode: 0440
    sources:
      {{- with .Values.kafka.tls.caSecret }}
      {{- if .name }}
      - secret:
          name: {{ .name | quote }}
          items:
            - {key: {{ .key | quote }}, path: ca.crt}
      {{- end }}
      {{- end }}
      {{- with .Values.kafka.tls.clientCertSecret }}
      {{- if .name }}
      - secret:
          name: {{ .name | quote }}
          items:
            - {key: {{ .certKey | quote }}, path: tls.crt}
            - {key: {{ .keyKey | quote }}, path: tls.key}
      {{- end }}
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "tasker.kafkaMounts" -}}
{{- if .Values.kafka.tls.enabled }}
{{- if or .Values.kafka.tls.caSecret.name .Values.kafka.tls.clientCertSecret.name }}
- {name: kafka-tls, mountPath: /etc/tasker/kafka, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{- define "tasker.mongodbVolumes" -}}
{{- if or .Values.mongodb.tls.caSecret.name .Values.mongodb.tls.clientCertSecret.name }}
- name: mongodb-tls
  projected:
    defaultMode: 0440
    sources:
      {{- with .Values.mongodb.tls.caSecret }}
      {{- if .name }}
      - secret:
          name: {{ .name | quote }}
          items:
            - {key: {{ .key | quote }}, path: ca.crt}
      {{- end }}
      {{- end }}
      {{- with .Values.mongodb.tls.clientCertSecret }}
      {{- if .name }}
      - secret:
          name: {{ .name | quote }}
          items:
            - {key: {{ .key | quote }}, path: client.pem}
      {{- end }}
      {{- end }}
{{- end }}
{{- end -}}

{{- define "tasker.mongodbMounts" -}}
{{- if or .Values.mongodb.tls.caSecret.name .Values.mongodb.tls.clientCertSecret.name }}
- {name: mongodb-tls, mountPath: /etc/tasker/mongodb, readOnly: true}
{{- end }}
{{- end -}}
