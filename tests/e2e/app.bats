#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A commit status by a GitHub App, at a server that stands for a GitHub Enterprise one: the key signs
# a claim, the claim buys a token, the token sets the status.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	kustomization_setup "$CAPTURE"
	"$IMAGEHOOK" install "$repo"
	openssl genrsa -traditional -out "$BASE/app.pem" 2048 2>/dev/null
	openssl rsa -in "$BASE/app.pem" -pubout -out "$BASE/app.pub" 2>/dev/null
	address=http://$CAPTURE/your-org/fleet
	provider forge github "address: $address" 'secretRef: {name: app}'
}

teardown() {
	capture_stop "$BASE/cap"
}

# secret KEY VALUE
secret() {
	printf '%s' "$2" | "$IMAGEHOOK" secret set -C "$repo" flux-system/app "githubApp$1" \
		--for github --address "$address"
}

# answer PATH TEXT: what the server says there
answer() {
	mkdir -p "$BASE/cap/answers/api/v3/${1%/*}"
	printf '%s' "$2" >"$BASE/cap/answers/api/v3/$1"
}

# request METHOD PATH: the one that came
request() {
	local file
	file=$(grep -la "^$1 /api/v3/$2 HTTP" "$BASE"/cap/request-*) && tr -d '\r' <"$file"
}

# bearer METHOD PATH: with which it came
bearer() {
	request "$1" "$2" | sed -n 's/^Authorization: Bearer //p'
}

decode() {
	tr -- '-_' '+/' | awk '{while (length($0) % 4) $0 = $0 "="; print}' | base64 -d
}

# is_claim JWT: of app 12345, signed by its key, short
is_claim() {
	local head body signature now
	IFS=. read -r head body signature <<<"$1"
	now=$(date +%s)
	[ "$(decode <<<"$head")" = '{"alg":"RS256","typ":"JWT"}' ]
	decode <<<"$signature" >"$BASE/signature"
	printf '%s.%s' "$head" "$body" |
		openssl dgst -sha256 -verify "$BASE/app.pub" -signature "$BASE/signature"
	decode <<<"$body" | jq -e --argjson now "$now" \
		'.iss == "12345" and .exp - .iat == 120 and .iat <= $now and .exp > $now'
}

@test "the owner's installation is found, its token sets the status" {
	answer orgs/your-org/installation '404 {"message":"Not Found"}'
	answer users/your-org/installation '200 {"id":42}'
	answer app/installations/42/access_tokens '201 {"token":"ghs_XYZZY","expires_at":"2099-01-01T00:00:00Z"}'
	secret ID 12345
	secret InstallationOwner your-org
	secret PrivateKey "$(<"$BASE/app.pem")"
	kustomization ./apps first
	run push "$clone" "$repo"
	[[ $output != *XYZZY* ]]
	local commit
	commit=$(git -C "$clone" rev-parse HEAD)
	wait_for grep -q "POST /api/v3/repos/your-org/fleet/statuses/$commit" "$BASE/cap/log"
	[ "$(<"$BASE/cap/log")" = "GET /api/v3/orgs/your-org/installation
GET /api/v3/users/your-org/installation
POST /api/v3/app/installations/42/access_tokens
GET /api/v3/repos/your-org/fleet/commits/$commit/statuses?per_page=50
POST /api/v3/repos/your-org/fleet/statuses/$commit" ]
	is_claim "$(bearer GET orgs/your-org/installation)"
	is_claim "$(bearer POST app/installations/42/access_tokens)"
	[ "$(bearer GET "repos/your-org/fleet/commits/$commit/statuses?per_page=50")" = ghs_XYZZY ]
	[ "$(bearer POST "repos/your-org/fleet/statuses/$commit")" = ghs_XYZZY ]
	[ "$(request POST "repos/your-org/fleet/statuses/$commit" | sed '1,/^$/d')" = \
		'{"state":"success","description":"succeeded","context":"imagehook/fleet"}' ]
	wait_for bash -c "'$IMAGEHOOK' deliver -C '$repo' --list | grep -q 'nothing waits'"
}

@test "an installation that is known is not looked for; the key may be PKCS 8" {
	answer app/installations/7/access_tokens '201 {"token":"ghs_XYZZY"}'
	secret ID 12345
	secret InstallationID 7
	secret PrivateKey "$(openssl pkcs8 -topk8 -nocrypt -in "$BASE/app.pem")"
	kustomization ./apps first
	push "$clone" "$repo"
	wait_for grep -q "POST /api/v3/repos/your-org/fleet/statuses/" "$BASE/cap/log"
	[ "$(head -n 1 "$BASE/cap/log")" = "POST /api/v3/app/installations/7/access_tokens" ]
	is_claim "$(bearer POST app/installations/7/access_tokens)"
}

@test "an App that is refused shows, without its claim" {
	answer app/installations/7/access_tokens '401 {"message":"A JSON web token could not be decoded"}'
	secret ID 12345
	secret InstallationID 7
	secret PrivateKey "$(<"$BASE/app.pem")"
	kustomization ./apps first
	push "$clone" "$repo"
	wait_for bash -c "'$IMAGEHOOK' deliver -C '$repo' --list | grep -qw dead"
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	[[ $(jq -r '.[].lastError' <<<"$output") == *'status code 401: {"message":"A JSON web token could not be decoded"}' ]]
	[[ $output != *eyJ* ]]
	[ "$(<"$BASE/cap/log")" = "POST /api/v3/app/installations/7/access_tokens" ]
}

@test "a key that is none is a finding of the push, and nothing is sent" {
	secret ID 12345
	secret InstallationID 7
	secret PrivateKey 'XYZZY is no key'
	kustomization ./apps first
	run push "$clone" "$repo"
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"Provider flux-system/forge: could not parse private key: not a PEM private key for RSA"* ]]
	[[ $output != *XYZZY* ]]
	run "$IMAGEHOOK" deliver -C "$repo"
	[ ! -e "$BASE/cap/log" ]
}

# installation JSON: an App whose installation 7 gives this answer, and an Alert that makes a second status
installation() {
	answer app/installations/7/access_tokens "201 $1"
	secret ID 12345
	secret InstallationID 7
	secret PrivateKey "$(<"$BASE/app.pem")"
	alert forge info
	kustomization ./apps first
	push "$clone" "$repo"
	wait_for bash -c "'$IMAGEHOOK' deliver -C '$repo' --list | grep -q 'nothing waits'"
	[ "$(grep -c "^POST /api/v3/repos/your-org/fleet/statuses/" "$BASE/cap/log")" -eq 2 ]
}

# bought: how many tokens
bought() {
	grep -c '^POST /api/v3/app/installations/7/access_tokens$' "$BASE/cap/log"
}

@test "a token serves every delivery until shortly before it expires" {
	installation '{"token":"ghs_XYZZY","expires_at":"2099-01-01T00:00:00Z"}'
	[ "$(bought)" -eq 1 ]
	run grep -rl ghs_ "$BASE/state"
	[ -z "$output" ]
}

@test "a token that expires soon, or does not say when, serves one" {
	installation "{\"token\":\"ghs_XYZZY\",\"expires_at\":\"$(date -u -d '+4 minutes' +%FT%TZ)\"}"
	[ "$(bought)" -eq 2 ]
	answer app/installations/7/access_tokens '201 {"token":"ghs_XYZZY"}'
	commit "$clone" notes
	push "$clone" "$repo"
	wait_for bash -c "'$IMAGEHOOK' deliver -C '$repo' --list | grep -q 'nothing waits'"
	[ "$(bought)" -eq 4 ]
}

@test "the token that was bought is shown nowhere" {
	installation '{"token":"ghs_XYZZY","expires_at":"2099-01-01T00:00:00Z"}'
	run "$IMAGEHOOK" notify --test flux-system/forge -C "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *'{"token":"*****","expires_at":"2099-01-01T00:00:00Z"}'* ]]
	[[ $output != *ghs_* ]]
	commit "$clone" notes
	answer "repos/your-org/fleet/statuses/$(git -C "$clone" rev-parse HEAD)" '403 {"message":"ghs_XYZZY may not"}'
	push "$clone" "$repo"
	wait_for bash -c "'$IMAGEHOOK' deliver -C '$repo' --list | grep -qw dead"
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[[ $output == *'{"message":"***** may not"}'* ]]
	run grep -rl ghs_ "$BASE/state"
	[ -z "$output" ]
}
