#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whom receivers' certificates may come from, with a system's folder of CA certificates that the test
# mounts for its commands alone; needs root for that.

load ../lib/common.bash
load ../lib/capture.bash
load ../lib/kustomization.bash
load ../lib/registry.bash
load ../lib/nginx.bash

setup() {
	common_setup
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	capture_start "$BASE/cap"
	certs=$BASE/nginx
	mkdir "$certs" "$BASE/system"
	registry_certificates "$certs"
	nginx_start "$certs" "$CAPTURE"
	cp "$certs/ca.pem" "$BASE/system/ca.pem"
	openssl rehash "$BASE/system"
	kustomization_setup
	git --git-dir="$repo" config --add imagehook.allowHost "$NGINX"
}

teardown() {
	capture_stop "$BASE/cap"
	nginx_stop "$certs"
}

# fail_once FIELD...: an event to a provider with these fields, in a system that trusts nginx's CA
fail_once() {
	provider hook generic "address: https://$NGINX/hook" "$@"
	alert hook
	kustomization ./apps first
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
	[ ! -f "$BASE/ca.pem" ] ||
		"$IMAGEHOOK" secret set -C "$repo" flux-system/tls ca.crt --for generic --address "https://$NGINX" <"$BASE/ca.pem"
	# shellcheck disable=SC2016
	run unshare -m sh -c 'mount --bind "$0" /etc/ssl/certs && exec "$@"' "$BASE/system" \
		"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps --severity error --message failed
	[ "$status" -eq 0 ]
}

@test "without certSecretRef the system's CAs are trusted" {
	fail_once
	[ "$output" = "imagehook: 1 delivery, 1 sent, 0 waiting" ]
}

@test "a CA of certSecretRef stands in the place of the system's" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=other CA' \
		-keyout "$BASE/ca.key" -out "$BASE/ca.pem" 2>/dev/null
	fail_once 'certSecretRef: {name: tls}'
	[ "$output" = "imagehook: 1 delivery, 0 sent, 1 waiting" ]
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[[ $output == *"the server's certificate is not trusted"* ]]
	[ ! -e "$BASE/cap/log" ]
}
