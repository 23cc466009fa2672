#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that are missing, as root or by sudo; elsewhere it names them.
#   deps.sh [GROUP...]    groups: build test lint fuzz docs bench (default: build test)
# No service is started, and none that came with a package is left enabled.
set -euo pipefail

declare -A groups=(
	[build]='gcc g++ make pkg-config libgit2-dev libyaml-dev libcjson-dev libcurl4-openssl-dev libre2-dev libsqlite3-dev libssl-dev libdeflate-dev'
	[test]='git bats libcmocka-dev docker-registry apache2-utils nginx-light openssh-server openssh-client openssl curl ca-certificates sqlite3 jq perl procps strace prometheus-alertmanager shellcheck time tinyproxy'
	[lint]='clang clang-tidy clang-format cppcheck shellcheck'
	[fuzz]='clang libclang-rt-14-dev llvm'
	[docs]='scdoc'
	[bench]='wrk skopeo golang-go golang-github-masterminds-semver-dev golang-gopkg-yaml.v3-dev'
)
services='docker-registry ssh nginx prometheus-alertmanager tinyproxy'

[ $# -gt 0 ] || set -- build test
wanted=
for group; do
	[ -n "${groups[$group]-}" ] || {
		echo "deps: no group '$group' (${!groups[*]})" >&2
		exit 2
	}
	wanted+=" ${groups[$group]}"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "deps: this is no Debian; make sure to have what these packages hold:$wanted" >&2
	exit 0
fi

missing=()
for package in $wanted; do
	status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=
	[ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		as_root=(sudo)
	else
		echo "deps: missing packages; as root: apt-get install ${missing[*]}" >&2
		exit 1
	fi
fi

# Debian starts what it installs unless a policy forbids it; an existing policy stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap '"${as_root[@]}" rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
	"${as_root[@]}" chmod 755 $policy
fi

install() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2
}
echo "deps: installing ${missing[*]}" >&2
install || { "${as_root[@]}" apt-get update -qq >&2 && install; }

for service in $services; do
	case " ${missing[*]} " in
	*" $service "* | *" openssh-server "*)
		! command -v systemctl >/dev/null || "${as_root[@]}" systemctl disable --quiet "$service" 2>/dev/null || true
		;;
	esac
done
echo "deps: installed ${missing[*]}"
