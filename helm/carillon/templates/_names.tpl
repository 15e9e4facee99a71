{{/* What the templates share: the platform's facts, names, labels and the walls around every container. */}}

{{/* Facts of the code, not choices: ports, who asks whom, which secrets. Kept true by tests/deploy. */}}
{{- define "carillon.platform" -}}
{{ .Files.Get "files/platform.json" }}
{{- end }}

{{/* The services that own a database, by spaces. */}}
{{- define "carillon.serviceNames" -}}
{{ keys (include "carillon.platform" . | fromJson).services | sortAlpha | join " " }}
{{- end }}

{{/* An image of ours. Call with (dict "root" $ "name" "routing"). */}}
{{- define "carillon.image" -}}
{{- $i := .root.Values.image -}}
{{- $digest := get $i.digests .name -}}
{{- $repository := printf "%scarillon-%s" (ternary (printf "%s/" (trimSuffix "/" $i.registry)) "" (ne $i.registry "")) .name -}}
{{- if $digest }}{{ $repository }}@{{ $digest }}{{ else }}{{ $repository }}:{{ $i.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end }}

{{- define "carillon.selector" -}}
app.kubernetes.io/part-of: carillon
app.kubernetes.io/name: {{ .name }}
{{- end }}

{{- define "carillon.labels" -}}
{{ include "carillon.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* PodSecurity "restricted", and no token of the cluster. */}}
{{- define "carillon.pod" -}}
serviceAccountName: carillon-{{ .account | default .name }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.scheduling.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.scheduling.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.scheduling.priorityClass }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "carillon.container" -}}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* No two on one node, and zones evenly, as far as there are any. */}}
{{- define "carillon.spread" -}}
topologySpreadConstraints:
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $.root.Values.scheduling.spread }}
    labelSelector: {matchLabels: {app.kubernetes.io/part-of: carillon, app.kubernetes.io/name: {{ $.name }}}}
{{- end }}
{{- end }}

{{/* Where a part's secrets come from, mounted at /etc/carillon/secrets: one file a secret. */}}
{{- define "carillon.secretVolume" -}}
{{- $s := .root.Values.secrets -}}
{{- $name := get $s.names .name | default (printf "carillon-%s" .name) -}}
- name: secrets
{{- if eq $s.source "csi" }}
  csi:
    driver: {{ $s.csiDriver }}
    readOnly: true
    volumeAttributes: {secretProviderClass: {{ $name }}}
{{- else }}
  secret: {secretName: {{ $name }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "carillon.tlsVolume" -}}
- name: tls
  secret: {secretName: carillon-{{ .name }}-tls, defaultMode: 0440}
{{- end }}

{{/* Where Kafka is, as one line of brokers, and who signs its certificates, mounted at /etc/carillon/kafka. */}}
{{- define "carillon.brokers" -}}
{{ ternary "carillon-kafka:9092" (join "," .Values.kafka.brokers) .Values.kafka.bundled }}
{{- end }}

{{- define "carillon.kafkaVolume" -}}
{{- with .Values.kafka.caSecret }}
- name: kafka
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}

{{- define "carillon.kafkaMount" -}}
{{- if .Values.kafka.caSecret }}
- {name: kafka, mountPath: /etc/carillon/kafka, readOnly: true}
{{- end }}
{{- end }}

{{- define "carillon.databaseHost" -}}
{{ if .Values.postgres.bundled }}carillon-postgres{{ else }}{{ .Values.postgres.host }}{{ end }}
{{- end }}

{{/* A password of a trial: the same for the same seed and name. */}}
{{- define "carillon.trialPassword" -}}
{{ printf "%s/%s" .root.Values.secrets.trialSeed .name | sha256sum | trunc 40 }}
{{- end }}

{{- define "carillon.trialUrl" -}}
{{- $p := include "carillon.trialPassword" (dict "root" .root "name" (printf "db_%s_%s" .service .role)) -}}
postgresql://{{ .service }}_{{ .role }}:{{ $p }}@carillon-postgres:5432/{{ .service }}?sslmode=disable
{{- end }}
