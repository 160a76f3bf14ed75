{{- define "sallyport.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.server.name" -}}{{ include "sallyport.fullname" . }}-server{{- end -}}
{{- define "sallyport.client.name" -}}{{ include "sallyport.fullname" . }}-client{{- end -}}

{{/* What selects the pods of a part; takes a list: the context, and the part. */}}
{{- define "sallyport.selector" -}}
{{- $context := index . 0 -}}
app.kubernetes.io/name: {{ default $context.Chart.Name $context.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ $context.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* The labels of everything of a part. */}}
{{- define "sallyport.labels" -}}
{{- $context := index . 0 -}}
{{ include "sallyport.selector" . }}
app.kubernetes.io/version: {{ $context.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $context.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $context.Chart.Name $context.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sallyport.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.server.host" -}}
{{ .Values.server.externalHost | default (printf "%s.%s.svc" (include "sallyport.server.name" .) .Release.Namespace) }}
{{- end -}}

{{/* What a pod may do: the profile "restricted" of Kubernetes. */}}
{{- define "sallyport.podSecurity" -}}
# Variables of Services would look like options of the program.
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "sallyport.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* Where a pod runs; takes the values of a part. */}}
{{- define "sallyport.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
