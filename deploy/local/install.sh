#!/usr/bin/env bash
# Installs what is missing, and says so before it does: Debian packages, then pinned tools in .tools.
# Every step can be interrupted and is done again; a step that is done costs milliseconds.
#   install.sh              what builds and runs
#   install.sh deploy       also what checks and packs a deployment
#   install.sh containers   and what makes and runs images
#   install.sh kubernetes   and a Kubernetes API to try the chart on, built from its source
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/deploy/local tools=$root/.tools
grpcurl=github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
openapi=github.com/google/gnostic/cmd/protoc-gen-openapi@v0.7.1
helm=helm.sh/helm/v3/cmd/helm@v3.19.4
# Kinds that the chart uses and Kubernetes itself does not have: module, then the files.
kinds=(
  "github.com/cert-manager/cert-manager@v1.19.2/deploy/crds/cert-manager.io_{certificates,issuers,clusterissuers}.yaml"
  "github.com/prometheus-operator/prometheus-operator@v0.85.0/example/prometheus-operator-crd/monitoring.coreos.com_{podmonitors,prometheusrules}.yaml"
  "sigs.k8s.io/gateway-api@v1.4.1/config/crd/experimental/gateway.networking.k8s.io_tlsroutes.yaml"
)

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() { printf 'carillon: %s\n' "$*" >&2; exit 1; }

# step NAME KEY FUNCTION: runs the function unless its stamp says it was done for this key.
step() {
  local stamp=$tools/stamps/$1 key
  key=$(printf '%s' "$2" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && return
  "$3"
  printf '%s\n' "$key" >"$stamp"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Packages that start daemons must not: the local stack runs its own. An interrupted run's leavings are ours as well.
policy=/usr/sbin/policy-rc.d no_cluster=/etc/postgresql-common/createcluster.d/carillon.conf
allow_daemons() {
  if grep -qs carillon "$policy"; then as_root rm -f "$policy"; fi
  as_root rm -f "$no_cluster"
}
no_daemons() {
  trap allow_daemons EXIT
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n# carillon, while it installs\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  as_root mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
}

debian_packages() {
  (. /etc/os-release && [ "$ID $VERSION_ID" = "debian 12" ]) 2>/dev/null ||
    fail "this machine is not Debian 12, which the packages are for; use a container of it"
  local missing=() installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null | sed -n 's/ installed$//p')
  local reasons=()
  while read -r name reason; do
    grep -qxF -- "$name" <<<"$installed" || { missing+=("$name") reasons+=("$(printf '%-24s %s' "$name" "$reason")"); }
  done < <(cat "${lists[@]}" | grep -v '^#')
  [ ${#missing[@]} = 0 ] && return
  say "installing ${#missing[@]} Debian packages:"
  printf '     %s\n' "${reasons[@]}"
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail "no right to install them: as root, run  apt-get install --no-install-recommends ${missing[*]}"
  fi
  no_daemons
  as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >"$tools/apt.log" 2>&1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold \
    install --no-install-recommends "${missing[@]}" >>"$tools/apt.log" 2>&1 ||
    { tail -n 30 "$tools/apt.log" >&2; fail "apt-get failed; all of it is in $tools/apt.log"; }
  allow_daemons
  trap - EXIT
}

python_tools() {
  say "installing the pinned tools (requirements-dev.txt) into .tools/venv"
  [ -x "$tools/venv/bin/pip" ] || { rm -rf "$tools/venv"; python3 -m venv "$tools/venv"; }
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/requirements-dev.txt"
}

# Google's annotations where buf finds them (buf.yaml).
protos() {
  rm -rf "$tools/protos"
  mkdir -p "$tools/protos/google"
  cp -r "$tools"/venv/lib/python3*/site-packages/google/{api,rpc,type} "$tools/protos/google/"
  find "$tools/protos" -type f ! -name '*.proto' -delete
}

# Java reads its own list of authorities; one that only SSL_CERT_FILE names (a proxy's) is added to a copy of it.
java_trust() {
  [ -f "${SSL_CERT_FILE:-}" ] || return 0
  local work known file print count=0
  work=$(mktemp -d "$tools/trust.XXXXXX")
  awk -v d="$work" '/BEGIN CERT/ {n++} n {print > (d "/" n ".pem")}' "$SSL_CERT_FILE"
  print="openssl x509 -noout -fingerprint -sha256 -in"
  known=$(for file in /etc/ssl/certs/*.pem; do $print "$file" 2>/dev/null || true; done)
  for file in "$work"/*.pem; do
    grep -qxF -- "$($print "$file")" <<<"$known" && continue
    [ $count -gt 0 ] || cp -L /etc/ssl/certs/java/cacerts "$tools/cacerts"
    keytool -importcert -noprompt -trustcacerts -keystore "$tools/cacerts" -storepass changeit \
      -alias "carillon-$((++count))" -file "$file" >/dev/null 2>&1
  done
  rm -rf "$work"
  [ $count = 0 ] || export MAVEN_OPTS="${MAVEN_OPTS:-} -Djavax.net.ssl.trustStore=$tools/cacerts"
}

kafka_jars() {
  say "fetching Kafka's jars (deploy/kafka/pom.xml) into .tools/kafka"
  java_trust
  rm -rf "$tools/kafka.new"
  mvn -q -B -Dstyle.color=never -f "$root/deploy/kafka/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$tools/kafka.new/libs"
  rm -rf "$tools/kafka"
  mv "$tools/kafka.new" "$tools/kafka"
}

# run_go ARGUMENT...: the pinned Go; modules in .tools/go, programs into .tools/bin
run_go() {
  local go
  go=$(echo "$tools"/venv/lib/python3*/site-packages/go/bin/go)
  chmod +x "$go" "${go%/bin/go}"/pkg/tool/*/* 2>/dev/null || true
  GOROOT=${go%/bin/go} GOPATH=$tools/go GOBIN=$tools/bin GOTOOLCHAIN=local GOFLAGS='-modcacherw -trimpath' \
    CGO_ENABLED=0 "$go" "$@" >"$tools/go.log" 2>&1 ||
    { tail -n 20 "$tools/go.log" >&2; fail "go $* failed"; }
}

# go_install MODULE...: each into .tools/bin
go_install() {
  for module in "$@"; do run_go install -ldflags='-s -w' "$module"; done
  rm -rf "$tools/go"
}

go_tools() {
  say "building grpcurl and protoc-gen-openapi into .tools/bin"
  go_install $grpcurl $openapi
}

chart_tool() {
  say "building helm into .tools/bin (2 minutes of processor, once)"
  go_install $helm
}

kubernetes_tools() {
  say "building kube-apiserver and kube-controller-manager into .tools/bin (15 minutes of processor, once)"
  local version flags='-s -w'
  version=$(sed -n 's#.*k8s.io/kubernetes v\([0-9.]*\).*#\1#p' "$root/tests/deploy/kubernetes/go.mod")
  flags+=" -X k8s.io/component-base/version.gitVersion=v$version" # as which Helm knows it
  (cd "$root/tests/deploy/kubernetes" && run_go install -ldflags="$flags" tool)
  rm -rf "$tools/kinds"
  mkdir -p "$tools/kinds"
  for kind in "${kinds[@]}"; do
    run_go mod download "$(grep -oE '^[^@]+@[^/]+' <<<"$kind")"
    eval "cp $tools/go/pkg/mod/$kind $tools/kinds/" # the braces name several files
  done
  rm -rf "$tools/go"
}

ecmascript() {
  say "fetching the source of the ECMAScript engine into .tools/quickjs"
  "$here/fetch_quickjs.sh" "$tools"
}

mkdir -p "$tools/stamps"
exec 9>"$tools/lock"
flock -n 9 || { say "another carillon is installing; waiting for it"; flock 9; }
lists=("$here/packages.txt")
for name in $(printf '%s\n' ${1:+deploy "$1"} | sort -u); do lists+=("$here/packages-$name.txt"); done
debian_packages
step python "$(cat "$root/requirements-dev.txt")" python_tools
step protos "$(cat "$root/requirements-dev.txt")" protos
step kafka "$(cat "$root/deploy/kafka/pom.xml")" kafka_jars
step go "$grpcurl $openapi" go_tools
[ -z "${1:-}" ] || step helm "$helm" chart_tool
[ "${1:-}" != kubernetes ] || step kubernetes "$(cat "$root/tests/deploy/kubernetes/go.mod") ${kinds[*]} $(declare -f kubernetes_tools)" kubernetes_tools
[ ! -f "$here/quickjs.txt" ] || step ecmascript "$(cat "$here/quickjs.txt")" ecmascript
