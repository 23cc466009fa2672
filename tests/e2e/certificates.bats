#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Receivers behind nginx with TLS: certSecretRef and proxySecretRef. Documents are pushed before the
# hook is installed, so that only the commands of a test send anything.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash
load lib/registry.bash
load lib/nginx.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	certs=$BASE/nginx
	mkdir "$certs"
	registry_certificates "$certs"
}

teardown() {
	capture_stop "$BASE/cap"
	nginx_stop "$certs"
	[ ! -f "$BASE/proxy/pid" ] || kill "$(<"$BASE/proxy/pid")"
}

# ready ADDRESS [FIELD...]: a provider with certSecretRef, nothing sent yet
ready() {
	kustomization_setup
	git --git-dir="$repo" config --add imagehook.allowHost "$NGINX"
	provider hook generic "address: $1" 'certSecretRef: {name: tls}' "${@:2}"
	alert hook
	kustomization ./apps first
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
}

# secret NAME KEY FILE: granted for the receiver
secret() {
	"$IMAGEHOOK" secret set -C "$repo" "flux-system/$1" "$2" --for generic --address "https://$NGINX" <"$3"
}

fail_once() {
	run "$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps \
		--severity error --message 'apply failed'
	[ "$status" -eq 0 ]
}

sent() {
	[ "$output" = "imagehook: 1 delivery, 1 sent, 0 waiting" ]
	[ "$(<"$BASE/cap/log")" = "POST /hook" ]
}

# refused STATUS ERROR: nothing came through, and it shows
refused() {
	[ ! -e "$BASE/cap/log" ]
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	[ "$(jq -r '.[].status' <<<"$output")" = "$1" ]
	[[ $(jq -r '.[].lastError' <<<"$output") == *"$2"* ]]
	run "$IMAGEHOOK" get alert-providers -C "$repo" -o wide
	[[ ${lines[0]} == *"LAST ERROR"* ]]
	[[ ${lines[1]} == *"$2"* ]]
}

demand_client() {
	nginx_start "$certs" "$CAPTURE" "ssl_client_certificate $certs/ca.pem" 'ssl_verify_client on'
}

@test "a client certificate and its CA open what asks for one" {
	demand_client
	registry_certificate "$certs" client 'extendedKeyUsage=clientAuth'
	ready "https://$NGINX/hook"
	secret tls ca.crt "$certs/ca.pem"
	secret tls tls.crt "$certs/client.pem"
	secret tls tls.key "$certs/client.key"
	fail_once
	sent
}

@test "without a client certificate it is given up, and says why" {
	demand_client
	ready "https://$NGINX/hook"
	secret tls ca.crt "$certs/ca.pem"
	fail_once
	[ "$output" = "imagehook: 1 delivery, 0 sent, 0 waiting" ]
	refused dead 'No required SSL certificate was sent'
}

@test "a client certificate of another CA is given up" {
	demand_client
	mkdir "$BASE/other"
	registry_certificates "$BASE/other"
	registry_certificate "$BASE/other" client 'extendedKeyUsage=clientAuth'
	ready "https://$NGINX/hook"
	secret tls ca.crt "$certs/ca.pem"
	secret tls tls.crt "$BASE/other/client.pem"
	secret tls tls.key "$BASE/other/client.key"
	fail_once
	refused dead 'The SSL certificate error'
}

@test "a CA alone is trusted, from a manifest as well" {
	nginx_start "$certs" "$CAPTURE"
	ready "https://$NGINX/hook"
	jq -n --rawfile ca "$certs/ca.pem" '{apiVersion: "v1", kind: "Secret",
		metadata: {name: "tls", namespace: "flux-system"}, stringData: {"ca.crt": $ca}}' |
		"$IMAGEHOOK" secret set -C "$repo" -f - --for generic --address "https://$NGINX"
	fail_once
	sent
}

@test "a wrong CA is tried again at leisure, and shows" {
	nginx_start "$certs" "$CAPTURE"
	mkdir "$BASE/other"
	registry_certificates "$BASE/other"
	ready "https://$NGINX/hook"
	secret tls ca.crt "$BASE/other/ca.pem"
	fail_once
	refused waiting "the server's certificate is not trusted"
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	local due
	due=$(date -d "$(jq -r '.[].dueAt' <<<"$output")" +%s)
	[ "$due" -ge $(($(date +%s) + 540)) ]
	# whoever mends it does not wait
	secret tls ca.crt "$certs/ca.pem"
	run "$IMAGEHOOK" deliver -C "$repo" --retry "$(jq -r '.[].id' <<<"$output")"
	[ "$status" -eq 0 ]
	[ "$(<"$BASE/cap/log")" = "POST /hook" ]
}

@test "a CA without a grant is not used: it says whom to trust with secrets" {
	nginx_start "$certs" "$CAPTURE"
	ready "https://$NGINX/hook"
	"$IMAGEHOOK" secret set -C "$repo" flux-system/tls ca.crt <"$certs/ca.pem"
	run "$IMAGEHOOK" get alert-providers -C "$repo"
	[[ ${lines[1]} == *"False"*"secret 'flux-system/tls' not found; store it with 'imagehook secret set flux-system/tls ca.crt --for generic --address https://$NGINX/hook'"* ]]
	fail_once
	refused waiting "secret 'flux-system/tls' not found"
}

@test "a certificate without its key is a mistake that shows" {
	nginx_start "$certs" "$CAPTURE"
	ready "https://$NGINX/hook"
	secret tls tls.crt "$certs/server.pem"
	fail_once
	refused waiting "failed to get TLS config: the secret has 'tls.crt' but not 'tls.key'"
}

# Starts tinyproxy with a login on a free port: sets PROXY.
proxy_start() {
	local dir=$BASE/proxy port
	mkdir "$dir"
	for port in $(shuf -i 10000-32000 -n 20); do
		printf '%s\n' "Port $port" 'Listen 127.0.0.1' "PidFile \"$dir/pid\"" "LogFile \"$dir/log\"" \
			'LogLevel Connect' 'BasicAuth me secret' 'Allow 127.0.0.1' "ConnectPort ${NGINX#*:}" \
			'MaxClients 10' >"$dir/conf"
		PROXY=127.0.0.1:$port
		tinyproxy -c "$dir/conf" 3>&- && wait_for test -s "$dir/pid" && return
	done
	return 1
}

@test "a proxy with a login carries it, and one without does not" {
	nginx_start "$certs" "$CAPTURE"
	proxy_start
	ready "https://$NGINX/hook" 'proxySecretRef: {name: proxy}'
	git --git-dir="$repo" config --add imagehook.allowHost "$PROXY"
	secret tls ca.crt "$certs/ca.pem"
	echo "http://$PROXY" >"$BASE/address"
	secret proxy address "$BASE/address"
	fail_once
	[ "$output" = "imagehook: 1 delivery, 0 sent, 1 waiting" ]
	refused waiting 'CONNECT tunnel failed'
	echo me >"$BASE/user"
	echo secret >"$BASE/password"
	secret proxy username "$BASE/user"
	secret proxy password "$BASE/password"
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	run "$IMAGEHOOK" deliver -C "$repo" --retry "$(jq -r '.[].id' <<<"$output")"
	[ "$status" -eq 0 ]
	[ "$(<"$BASE/cap/log")" = "POST /hook" ]
	grep -q "CONNECT $NGINX" "$BASE/proxy/log"
}
