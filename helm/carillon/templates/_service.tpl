{{/*
One service, whichever: headless Service, StatefulSet, PodDisruptionBudget, HorizontalPodAutoscaler, ServiceAccount.
Call with (dict "root" $ "name" "routing" "facts" <its entry of files/platform.json>).

A StatefulSet, not a Deployment: a process is known by its name (setting `instance`) to Kafka's groups, to the owner of a
durable task and to routing's leases; the same name again takes all of it up at once (ADR 100).
*/}}
{{- define "carillon.service" -}}
{{- $root := .root -}}
{{- $name := .name -}}
{{- $facts := .facts -}}
{{- $v := get $root.Values.services $name -}}
{{- $prefix := printf "CARILLON_%s" (upper $name) -}}
{{- if and $facts.single (gt (int $v.replicas) 1) }}
{{- fail (printf "services.%s.replicas: one process holds a tenant's switches; more than one would refuse each other's work" $name) }}
{{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: carillon-{{ $name }}
  labels: {{- include "carillon.labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: carillon-{{ $name }}
  labels: {{- include "carillon.labels" . | nindent 4 }}
spec:
  # Headless: gRPC connections live long, so the caller chooses among processes, not the network.
  clusterIP: None
  {{- if and (eq (int $v.replicas) 1) (not $v.autoscaling.enabled) }}
  # One process: its name is there as soon as it has an address. Callers that find no name wait longer from one look to the
  # next (gRPC: up to 2 minutes); one that refuses them for now is tried again within a second.
  publishNotReadyAddresses: true
  {{- end }}
  selector: {{- include "carillon.selector" . | nindent 4 }}
  ports:
    - {name: grpc, port: {{ $facts.port }}, targetPort: grpc}
    - {name: metrics, port: {{ $facts.metrics }}, targetPort: metrics}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: carillon-{{ $name }}
  labels: {{- include "carillon.labels" . | nindent 4 }}
spec:
  serviceName: carillon-{{ $name }}
  {{- if not $v.autoscaling.enabled }}
  replicas: {{ $v.replicas }}
  {{- end }}
  podManagementPolicy: Parallel
  revisionHistoryLimit: 3
  selector:
    matchLabels: {{- include "carillon.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "carillon.labels" . | nindent 8 }}
      {{- with $root.Values.restartedAt }}
      annotations: {carillon/restarted-at: {{ . | quote }}}
      {{- end }}
    spec:
      {{- include "carillon.pod" . | nindent 6 }}
      {{- include "carillon.spread" . | nindent 6 }}
      # What the host takes at most: sleep, drain_ms, 20 s for running calls, 10 s for the outbox, and 5 s in hand.
      terminationGracePeriodSeconds: {{ add $root.Values.drain.sleepSeconds (div (add (int $v.drainMs) 999) 1000) 35 }}
      containers:
        - name: {{ $name }}
          image: {{ include "carillon.image" (dict "root" $root "name" $name) }}
          {{- include "carillon.container" . | nindent 10 }}
          env:
            - {name: {{ $prefix }}_INSTANCE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: {{ $prefix }}_LISTEN, value: "0.0.0.0:{{ $facts.port }}"}
            - {name: {{ $prefix }}_METRICS, value: "0.0.0.0:{{ $facts.metrics }}"}
            - {name: {{ $prefix }}_TLS_CA, value: /etc/carillon/tls/ca.crt}
            - {name: {{ $prefix }}_TLS_CERT, value: /etc/carillon/tls/tls.crt}
            - {name: {{ $prefix }}_TLS_KEY, value: /etc/carillon/tls/tls.key}
            - {name: {{ $prefix }}_PROFILE, value: production}
            - {name: {{ $prefix }}_LOG_LEVEL, value: {{ $root.Values.logLevel }}}
            - {name: {{ $prefix }}_DRAIN_MS, value: {{ $v.drainMs | quote }}}
            - {name: {{ $prefix }}_PEERS, value: {{ include "carillon.peers" . | quote }}}
            - {name: {{ $prefix }}_DB_POOL_SIZE, value: {{ $v.databaseConnections | quote }}}
            - {name: {{ $prefix }}_KAFKA_BROKERS, value: {{ include "carillon.brokers" $root | quote }}}
            - {name: {{ $prefix }}_KAFKA_USERNAME, value: {{ $name }}}
            - {name: {{ $prefix }}_KAFKA_MECHANISM, value: {{ $root.Values.kafka.mechanism }}}
            {{- if $root.Values.kafka.caSecret }}
            - {name: {{ $prefix }}_KAFKA_CA, value: /etc/carillon/kafka/ca.crt}
            {{- end }}
            {{- if eq $name "access" }}
            - {name: {{ $prefix }}_PUBLIC_URL, value: {{ printf "https://%s" $root.Values.gateway.host | quote }}}
            {{- end }}
            {{- if has $name $facts.peers }}
            # Where the others of its kind reach this one: they hand on what only it may answer.
            - {name: {{ $prefix }}_SHARD_ADDRESS, value: "$({{ $prefix }}_INSTANCE).carillon-{{ $name }}.{{ $root.Release.Namespace }}.svc:{{ $facts.port }}"}
            {{- end }}
            {{- range $facts.secrets }}
            - {name: {{ $prefix }}_{{ upper . }}_FILE, value: /etc/carillon/secrets/{{ . }}}
            {{- end }}
            {{- range $key, $value := $v.settings }}
            - {name: {{ $prefix }}_{{ upper (replace "." "_" $key) }}, value: {{ $value | toString | quote }}}
            {{- end }}
          ports:
            - {name: grpc, containerPort: {{ $facts.port }}}
            - {name: metrics, containerPort: {{ $facts.metrics }}}
          {{- include "carillon.probes" (dict "prefix" $prefix) | nindent 10 }}
          lifecycle:
            preStop: {sleep: {seconds: {{ $root.Values.drain.sleepSeconds }}}}
          resources: {{- toYaml $v.resources | nindent 12 }}
          volumeMounts:
            - {name: tls, mountPath: /etc/carillon/tls, readOnly: true}
            - {name: secrets, mountPath: /etc/carillon/secrets, readOnly: true}
            {{- include "carillon.kafkaMount" $root | nindent 12 }}
      volumes:
        {{- include "carillon.tlsVolume" . | nindent 8 }}
        {{- include "carillon.secretVolume" . | nindent 8 }}
        {{- include "carillon.kafkaVolume" $root | nindent 8 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: carillon-{{ $name }}
  labels: {{- include "carillon.labels" . | nindent 4 }}
spec:
  # One at a time. Of a part that runs once, that one: it hands its work over and is back in seconds.
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "carillon.selector" . | nindent 6 }}
{{- if $v.autoscaling.enabled }}
---
{{ include "carillon.autoscaler" (dict "root" $root "name" $name "kind" "StatefulSet" "v" $v) }}
{{- end }}
{{- end }}

{{/* name=host:port of those it asks, and of nobody else. */}}
{{- define "carillon.peers" -}}
{{- $services := (include "carillon.platform" .root | fromJson).services -}}
{{- $rows := list -}}
{{- range .facts.peers }}{{ $rows = append $rows (printf "%s=carillon-%s:%v" . . (get $services .).port) }}{{ end -}}
{{ join "," $rows }}
{{- end }}

{{/*
gRPC health over mutual TLS, which the kubelet's own gRPC probe cannot speak: carillon-health asks the process it stands
beside (ADR 101). Alive is who answers at all, so a process that waits for its database is left alone; and only after
two minutes without a word, since one that hangs may hold work in doubt (docs/failure.md).
*/}}
{{- define "carillon.probes" -}}
startupProbe:
  exec: {command: [/usr/bin/carillon-health, --prefix, {{ .prefix }}, --alive]}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 30
readinessProbe:
  exec: {command: [/usr/bin/carillon-health, --prefix, {{ .prefix }}]}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  exec: {command: [/usr/bin/carillon-health, --prefix, {{ .prefix }}, --alive]}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 8
{{- end }}

{{/* By processor, and, where the cluster serves our metrics, by what waits for the part. */}}
{{- define "carillon.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: carillon-{{ .name }}
  labels: {{- include "carillon.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .kind }}, name: carillon-{{ .name }}}
  minReplicas: {{ .v.replicas }}
  maxReplicas: {{ .v.autoscaling.most }}
  behavior:
    # Up within a minute, down over ten: a floor that breathes does not move its connections all day.
    scaleUp: {stabilizationWindowSeconds: 30}
    scaleDown: {stabilizationWindowSeconds: 600, policies: [{type: Pods, value: 1, periodSeconds: 120}]}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .v.autoscaling.cpuPercent }}}}
    {{- range $metric, $target := .v.autoscaling.metrics }}
    - type: Pods
      pods: {metric: {name: {{ $metric }}}, target: {type: AverageValue, averageValue: {{ $target | quote }}}}
    {{- end }}
    {{- range $metric, $target := .v.autoscaling.external }}
    - type: External
      external: {metric: {name: {{ $metric }}}, target: {type: AverageValue, averageValue: {{ $target | quote }}}}
    {{- end }}
{{- end }}
