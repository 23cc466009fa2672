#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `imagehook scan` against the real docker-registry and against one that misbehaves.

load lib/registry
load lib/faults
load lib/nginx

setup_file() {
	export IMAGEHOOK=${IMAGEHOOK:-${BUILD:-build}/imagehook}
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	dir=$BATS_TEST_TMPDIR
}

teardown() {
	registry_stop "$dir/registry"
	registry_stop "$dir/second"
	faults_stop "$dir/faults"
	nginx_stop "$dir/nginx"
}

# Runs with stdout in $output and stderr in $stderr.
scan() {
	status=0
	output=$("$IMAGEHOOK" scan "$@" 2>"$dir/stderr") || status=$?
	stderr=$(cat "$dir/stderr")
}

# fails TEXT ARGUMENT...: exit 1, nothing on stdout, TEXT in the last line of stderr.
fails() {
	local text=$1 last
	shift
	scan "$@"
	last=$(tail -n 1 <<<"$stderr")
	echo "status $status, stdout '$output', stderr '$stderr'"
	[ "$status" -eq 1 ] && [ -z "$output" ] && [[ $last == "imagehook: "*"$text"* ]]
}

is() {
	echo "got:  $1"
	echo "want: $2"
	[ "$1" = "$2" ]
}

# lacks TEXT FILE: no line of FILE holds TEXT.
lacks() {
	if grep -F -e "$1" "$2"; then return 1; fi
}

@test "anonymous: every tag, by bytes descending, one a line" {
	registry_start "$dir/registry"
	registry_push your-org/grade-api 1.5.1 1.5.2 1.6.0-rc.1 latest 20260601-a stable-1
	scan --insecure "$REGISTRY/your-org/grade-api"
	is "$output" "$(printf 'stable-1\nlatest\n20260601-a\n1.6.0-rc.1\n1.5.2\n1.5.1')"
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
	scan --insecure -o json "$REGISTRY/your-org/grade-api"
	is "$output" "{\"image\":\"$REGISTRY/your-org/grade-api\",\"canonical\":\"$REGISTRY/your-org/grade-api\",\"tags\":[\"stable-1\",\"latest\",\"20260601-a\",\"1.6.0-rc.1\",\"1.5.2\",\"1.5.1\"],\"dropped\":0}"
}

@test "a registry with plain HTTP needs --insecure" {
	registry_start "$dir/registry"
	registry_push a/b 1
	fails "'$REGISTRY': the TLS handshake failed: what answers is not TLS, perhaps plain HTTP" "$REGISTRY/a/b"
}

@test "an unknown repository says what the registry says" {
	registry_start "$dir/registry"
	fails "unexpected status code 404 Not Found: NAME_UNKNOWN: repository name not known to registry" \
		--insecure "$REGISTRY/a/none"
}

@test "htpasswd and TLS: the right pair, the wrong pair, none" {
	registry_start "$dir/registry" --user me --password 'p:a ss' --tls
	registry_push a/b 1.0 2.0
	registry_docker_config "https://$REGISTRY/v2/" me 'p:a ss' >"$dir/right.json"
	registry_docker_config "$REGISTRY" me wrong >"$dir/wrong.json"
	registry_docker_config elsewhere.example me 'p:a ss' >"$dir/other.json"
	scan --ca-file "$REGISTRY_CA" --secret "$dir/right.json" "$REGISTRY/a/b"
	is "$output" "$(printf '2.0\n1.0')"
	fails "UNAUTHORIZED: authentication required (the credentials were refused)" \
		--ca-file "$REGISTRY_CA" --secret "$dir/wrong.json" "$REGISTRY/a/b"
	fails "(there are no credentials for this registry)" \
		--ca-file "$REGISTRY_CA" --secret "$dir/other.json" "$REGISTRY/a/b"
	lacks 'p:a ss' "$dir/stderr"
}

@test "TLS: an unknown CA, a wrong name and no fallback to plain HTTP" {
	registry_start "$dir/registry" --tls
	registry_push a/b 1
	fails "the server's certificate is not trusted" --insecure "$REGISTRY/a/b"
	scan --ca-file "$REGISTRY_CA" "${REGISTRY/127.0.0.1/localhost}/a/b"
	is "$output" 1
	registry_stop "$dir/registry"
	registry_certificate "$dir/registry" server 'subjectAltName=DNS:elsewhere.example'
	registry_start "$dir/registry" --tls
	fails "the server's certificate is not trusted: SSL: no alternative certificate subject name" \
		--ca-file "$REGISTRY_CA" "$REGISTRY/a/b"
}

@test "TLS: what the files hold is checked" {
	echo nonsense >"$dir/nonsense.pem"
	registry_start "$dir/registry" --tls
	fails "" --ca-file "$dir/nonsense.pem" "$REGISTRY/a/b"
	fails "" --ca-file "$REGISTRY_CA" --cert "$dir/nonsense.pem" --key "$dir/nonsense.pem" "$REGISTRY/a/b"
	fails "No such file" --ca-file "$dir/none.pem" "$REGISTRY/a/b"
}

@test "a client certificate opens what asks for one" {
	registry_start "$dir/registry"
	registry_push a/b 1
	mkdir -p "$dir/nginx"
	registry_certificates "$dir/nginx"
	registry_certificate "$dir/nginx" client 'extendedKeyUsage=clientAuth'
	nginx_start "$dir/nginx" "$REGISTRY" "ssl_client_certificate $dir/nginx/ca.pem" 'ssl_verify_client on'
	scan --ca-file "$dir/nginx/ca.pem" --cert "$dir/nginx/client.pem" --key "$dir/nginx/client.key" "$NGINX/a/b"
	is "$output" 1
	fails "" --ca-file "$dir/nginx/ca.pem" "$NGINX/a/b"
	scan --cert "$dir/nginx/client.pem" "$NGINX/a/b"
	[ "$status" -eq 2 ]
}

@test "Bearer: docker-registry takes the token that the token server gives" {
	registry_start "$dir/second"
	registry_push a/b 1 2
	faults_start "$dir/faults" --token-file "$dir/token"
	registry_start "$dir/registry" --token "http://$FAULTS/token/fixed" --data "$dir/second"
	registry_token "$dir/registry" me a/b >"$dir/token"
	registry_docker_config "$REGISTRY" me secret >"$dir/config.json"
	scan --insecure --secret "$dir/config.json" "$REGISTRY/a/b"
	is "$output" "$(printf '2\n1')"
	is "$(cat "$dir/faults/requests")" \
		"GET /token/fixed?service=registry&scope=repository%3Aa%2Fb%3Apull&client_id=imagehook&account=me Basic $(printf me:secret | base64) "
	fails "401 Unauthorized: UNAUTHORIZED" --insecure "$REGISTRY/a/other"
}

# bearer KIND [FLAG...]: a registry that wants the token `good` of its token server's KIND.
bearer() {
	local kind=$1
	shift
	faults_start "$dir/faults" --want 'Bearer good' "$@" \
		--challenge "Bearer realm=\"http://%h/token/$kind\",service=\"s\",scope=\"aws\""
}

@test "Bearer: either name of the token, and a stale one is replaced once" {
	bearer access
	scan --insecure "$FAULTS/ok"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	is "$(cut -d' ' -f1,2 "$dir/faults/requests")" "$(
		cat <<-END
			GET /v2/
			GET /token/access?service=s&scope=repository%3Aok%3Apull&client_id=imagehook
			GET /v2/ok/tags/list?n=1000
		END
	)"
	faults_stop "$dir/faults"
	bearer stale --refusal 'Basic realm="harbor"'
	registry_docker_config "$FAULTS" me secret >"$dir/config.json"
	scan --insecure --secret "$dir/config.json" "$FAULTS/ok"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	# the password went to the token server alone, whatever the refusal asked for
	grep '/v2/' "$dir/faults/requests" >"$dir/registry-requests"
	lacks Basic "$dir/registry-requests"
}

@test "Bearer: an identity token goes by POST, and by GET where there is no POST" {
	bearer plain
	printf '{"auths":{"%s":{"identitytoken":"refresh me"}}}' "$FAULTS" >"$dir/config.json"
	scan --insecure --secret "$dir/config.json" "$FAULTS/ok"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	grep -qxF 'POST /token/plain - grant_type=refresh_token&refresh_token=refresh%20me&service=s&client_id=imagehook&scope=repository%3Aok%3Apull' \
		"$dir/faults/requests"
	faults_stop "$dir/faults"
	bearer get-only
	printf '{"auths":{"%s":{"identitytoken":"x","username":"me","password":"pw"}}}' "$FAULTS" >"$dir/config.json"
	scan --insecure --secret "$dir/config.json" "$FAULTS/ok"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	printf '{"auths":{"%s":{"registrytoken":"good"}}}' "$FAULTS" >"$dir/config.json"
	: >"$dir/faults/requests"
	scan --insecure --secret "$dir/config.json" "$FAULTS/ok"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	lacks /token/ "$dir/faults/requests"
}

@test "Bearer: token servers that fail" {
	for kind in none html inject status-401 status-403 redirect; do
		bearer "$kind"
		fails "/token/$kind" --insecure "$FAULTS/ok"
		faults_stop "$dir/faults"
	done
}

@test "challenges that cannot be met" {
	for challenge in '' 'Negotiate' 'Bearer realm="https://a/t' 'Bearer service="s"'; do
		faults_start "$dir/faults" --challenge "$challenge"
		fails "" --insecure "$FAULTS/ok"
		faults_stop "$dir/faults"
	done
	faults_start "$dir/faults" --challenge 'Bearer realm="http://192.0.2.1:81/t"'
	fails "192.0.2.1" --insecure --timeout 2s "$FAULTS/ok"
}

@test "an answer that is no list fails the scan" {
	faults_start "$dir/faults"
	for fault in garbage html errors truncated bad-link same-link; do
		fails "$fault" --insecure "$FAULTS/$fault"
	done
	for status in 400 401 403 404 405 410 501; do
		fails "unexpected status code $status" --insecure "$FAULTS/status-$status"
		[[ $stderr == *'as \x1b[31masked'* ]]
	done
	fails "a redirect is not followed" --insecure "$FAULTS/redirect"
	fails "limit: 33554432 bytes" --insecure "$FAULTS/huge"
	fails "limit: 2000 pages of one tag list" --insecure "$FAULTS/endless"
}

@test "half a list is none, on any page" {
	faults_start "$dir/faults"
	for fault in half page2-half reset page2-reset page2-500 page2-404 page2-403; do
		fails "" --insecure --timeout 1s "$FAULTS/$fault"
	done
}

@test "no answer in time" {
	faults_start "$dir/faults"
	for fault in hang drip page2-hang; do
		fails "no answer in time" --insecure --timeout 1s "$FAULTS/$fault"
	done
}

@test "null is empty, invalid tags are dropped and counted" {
	faults_start "$dir/faults"
	for fault in null missing empty-link; do
		scan --insecure "$FAULTS/$fault"
		[ "$status" -eq 0 ] && [ -z "$output" ] && [ -z "$stderr" ]
	done
	scan --insecure -o json "$FAULTS/invalid"
	is "$output" "{\"image\":\"$FAULTS/invalid\",\"canonical\":\"$FAULTS/invalid\",\"tags\":[\"1.1\",\"1.0.0\"],\"dropped\":4}"
}

@test "pages follow the query of Link, never its host" {
	faults_start "$dir/faults"
	scan --insecure "$FAULTS/pages"
	is "$output" "$(printf '1.2.0\n1.1.0\n1.0.0')"
	scan --insecure "$FAULTS/link-elsewhere"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	scan --insecure "$FAULTS/page2-gone"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	scan --insecure "$FAULTS/size"
	is "$output" "$(printf '1.1.0\n1.0.0')"
	scan --insecure "$FAULTS/many"
	is "$(wc -l <<<"$output")" 100000
}

@test "what may pass is tried again, and Retry-After is kept" {
	faults_start "$dir/faults"
	for fault in once-429 once-500 once-503 once-408 later; do
		scan --insecure "$FAULTS/$fault"
		is "$output" "$(printf '1.1.0\n1.0.0')"
	done
	fails "unexpected status code 429" --insecure "$FAULTS/much-later"
	is "$(grep -c much-later "$dir/faults/requests")" 1
}

@test "usage and references" {
	scan
	[ "$status" -eq 2 ]
	scan a b
	[ "$status" -eq 2 ]
	fails "image 'https://ghcr.io/a/b' should not include URL scheme; remove 'https://'" https://ghcr.io/a/b
	fails "image 'ghcr.io/a/b:1' should not include a tag; remove ':1'" ghcr.io/a/b:1
	fails "could not parse reference: ghcr.io/A/b" ghcr.io/A/b
}

@test "a proxy that is named is used, with its credentials" {
	faults_start "$dir/faults"
	fails "" --insecure --timeout 2s --proxy "http://me:word@$FAULTS" registry.example/a/b
	grep -q '^GET http://registry.example/v2/\|^CONNECT registry.example:443' "$dir/faults/requests"
	lacks word "$dir/stderr"
	fails "the proxy is not an http, https or socks5 URL" --proxy ftp://x registry.example/a/b
}
