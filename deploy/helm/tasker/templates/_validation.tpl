{{/* What can't work is refused before anything is installed; each message names the value to set. */}}

{{- define "tasker.validate" -}}
{{- $v := .Values -}}
{{- if $v.devDependencies.enabled -}}
  {{- if $v.kafka.bootstrapServers -}}
    {{- fail "kafka.bootstrapServers and devDependencies.enabled=true exclude each other: devDependencies bring a Kafka of their own. Take one of them away." -}}
  {{- end -}}
  {{- if or $v.mongodb.url $v.mongodb.existingSecret.name -}}
    {{- fail "mongodb.url (or mongodb.existingSecret) and devDependencies.enabled=true exclude each other: devDependencies bring a MongoDB of their own. Take one of them away." -}}
  {{- end -}}
  {{- if or $v.kafka.tls.enabled $v.kafka.sasl.mechanism -}}
    {{- fail "kafka.tls and kafka.sasl are for a Kafka of your own: the one of devDependencies has neither. Set kafka.bootstrapServers, or take them away." -}}
  {{- end -}}
{{- else -}}
  {{- if not $v.kafka.bootstrapServers -}}
    {{- fail "kafka.bootstrapServers is empty: set it to your Kafka (host:port,host:port), or set devDependencies.enabled=true for a one-node Kafka and MongoDB to try Tasker with." -}}
  {{- end -}}
  {{- if not (or $v.mongodb.url $v.mongodb.existingSecret.name) -}}
    {{- fail "mongodb.existingSecret.name and mongodb.url are empty: set mongodb.existingSecret.name to a secret that holds your MongoDB's URL (or mongodb.url to the URL), or set devDependencies.enabled=true for a one-node Kafka and MongoDB to try Tasker with." -}}
  {{- end -}}
{{- end -}}
{{- if and $v.mongodb.url $v.mongodb.existingSecret.name -}}
  {{- fail "mongodb.url and mongodb.existingSecret.name are both set: keep one of them." -}}
{{- end -}}
{{- if regexMatch "^mongodb(\\+srv)?://[^/@]*:[^/@]*@" $v.mongodb.url -}}
  {{- fail "mongodb.url bears a password: put the URL into a secret, and set mongodb.existingSecret.name to it." -}}
{{- end -}}
{{- with $v.kafka.sasl -}}
  {{- if and .mechanism (not .existingSecret.name) -}}
    {{- fail "kafka.sasl.existingSecret.name is empty: set it to the secret that holds the password for kafka.sasl.mechanism." -}}
  {{- end -}}
  {{- if and (not .mechanism) (or .existingSecret.name .username) -}}
    {{- fail "kafka.sasl.mechanism is empty though kafka.sasl is set: set it to PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512." -}}
  {{- end -}}
{{- end -}}
{{- with $v.kafka.tls -}}
  {{- if and (not .enabled) (or .caSecret.name .clientCertSecret.name) -}}
    {{- fail "kafka.tls.enabled is false though kafka.tls names a secret: set kafka.tls.enabled=true." -}}
  {{- end -}}
{{- end -}}
{{- with $v.callbacks -}}
  {{- if and .baseUrl (not .existingSecret.name) -}}
    {{- fail "callbacks.existingSecret.name is empty: set it to a secret that holds what signs the URLs of callbacks, at least 32 random characters." -}}
  {{- end -}}
{{- end -}}
{{- if $v.ingress.enabled -}}
  {{- if not $v.web.enabled -}}
    {{- fail "ingress.enabled=true needs web.enabled=true: the ingress leads to the web service." -}}
  {{- end -}}
  {{- if not $v.ingress.hosts -}}
    {{- fail "ingress.hosts is empty: set it to the host names by which Tasker is called; it answers to no others." -}}
  {{- end -}}
  {{- if not (or $v.ingress.tls $v.ingress.allowOpenIngress) -}}
    {{- fail "ingress.tls is empty: API keys would go to the ingress as they are, for anybody on the way to read. Set ingress.tls; or, if TLS ends before the ingress (or nobody is on the way), say so: ingress.allowOpenIngress=true." -}}
  {{- end -}}
  {{- if and $v.networkPolicy.enabled (not $v.networkPolicy.webFrom) -}}
    {{- fail "networkPolicy.webFrom is empty: set it to the pods of the ingress controller, [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}] for instance. Any other pod that reached the web service would get round the login at the ingress." -}}
  {{- end -}}
{{- end -}}
{{- with $v.api.autoscaling -}}
  {{- if and .enabled (gt (.minReplicas | int) (.maxReplicas | int)) -}}
    {{- fail (printf "api.autoscaling.minReplicas is %d, more than its maxReplicas (%d)." (.minReplicas | int) (.maxReplicas | int)) -}}
  {{- end -}}
{{- end -}}
{{- $partitions := $v.kafka.partitions | int -}}
{{- range $component := list "ticker" "executor" "logSink" -}}
  {{- $own := index $v $component -}}
  {{- if gt ($own.replicas | int) $partitions -}}
    {{- fail (printf "%s.replicas is %d, more than kafka.partitions (%d): the rest would have nothing to do. Lower it." $component ($own.replicas | int) $partitions) -}}
  {{- end -}}
  {{- with $own.autoscaling -}}
    {{- /* Without a number KEDA's own least holds, which is none. */ -}}
    {{- if and .enabled (lt (.minReplicas | int) 1) -}}
      {{- fail (printf "%s.autoscaling.minReplicas has to be 1 or more: KEDA would end the last pod while nothing waits, and what becomes due then would wait for KEDA's next look (%s.autoscaling.pollingSeconds) and for a pod to start, longer than 10 s." $component $component) -}}
    {{- end -}}
    {{- if and .enabled (gt (.maxReplicas | int) $partitions) -}}
      {{- fail (printf "%s.autoscaling.maxReplicas is %d, more than kafka.partitions (%d): the rest would have nothing to do. Lower it." $component (.maxReplicas | int) $partitions) -}}
    {{- end -}}
    {{- if and .enabled (gt (.minReplicas | int) (.maxReplicas | int)) -}}
      {{- fail (printf "%s.autoscaling.minReplicas is %d, more than its maxReplicas (%d)." $component (.minReplicas | int) (.maxReplicas | int)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}
