#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Storing secrets: values come from stdin and are seen nowhere again.

load lib/common

setup() {
	common_setup
	repo=$(make_bare r.git)
	id=0123456789abcdef0123456789abcdef
	git --git-dir="$repo" config imagehook.id $id
	folder=$BASE/state/$id/secrets
	cd "$repo" || return
}

# Everything that a run printed, both streams; sets out and status.
shown() {
	status=0
	out=$("$@" 2>&1) || status=$?
}

@test "a value of one line loses its line end, anything else is kept to the byte" {
	echo hunter2 | "$IMAGEHOOK" secret set flux-system/slack address
	[ "$(od -An -c "$folder/flux-system/slack/address")" = "$(printf hunter2 | od -An -c)" ]
	printf 'hunter2\r\n' | "$IMAGEHOOK" secret set flux-system/slack address
	[ "$(od -An -c "$folder/flux-system/slack/address")" = "$(printf hunter2 | od -An -c)" ]
	echo hunter2 | "$IMAGEHOOK" secret set --raw flux-system/slack raw
	[ "$(od -An -c "$folder/flux-system/slack/raw")" = "$(echo hunter2 | od -An -c)" ]
	openssl genpkey -algorithm ed25519 >"$BASE/key"
	"$IMAGEHOOK" secret set flux-system/slack tls.key <"$BASE/key"
	cmp "$BASE/key" "$folder/flux-system/slack/tls.key"
	[ "$(find "$BASE/state" -type f -printf '%m\n' | sort -u)" = 600 ]
	[ "$(find "$BASE/state" -type d -printf '%m\n' | sort -u)" = 700 ]
}

@test "no output ever holds a value" {
	echo hunter2 >"$BASE/value"
	shown "$IMAGEHOOK" secret set slack <"$BASE/value"
	[ "$status" -eq 0 ]
	[ "$out" = "secret flux-system/slack: key 'token' stored" ]
	shown "$IMAGEHOOK" secret list
	[ "$out" = "$(printf 'NAME               KEYS\nflux-system/slack  token')" ]
	shown "$IMAGEHOOK" secret list -o json
	[ "$(jq -c . <<<"$out")" = '[{"namespace":"flux-system","name":"slack","keys":["token"],"grants":[]}]' ]
	shown "$IMAGEHOOK" secret set slack token hunter2
	[ "$status" -eq 2 ]
	[[ $out != *hunter2* ]]
	[[ $out == *"a value is never given on the command line"* ]]
	shown "$IMAGEHOOK" secret set slack .dockerconfigjson <"$BASE/value"
	[ "$status" -eq 1 ]
	[[ $out != *hunter2* ]]
}

@test "a registry login is what flux create secret makes" {
	echo 'p:a ss' | "$IMAGEHOOK" secret set ghcr-credentials --docker-server ghcr.io --docker-username bot
	[ "$(jq -cS . "$folder/flux-system/ghcr-credentials/.dockerconfigjson")" = \
		"$(jq -cnS --arg auth "$(printf 'bot:p:a ss' | base64)" \
			'{auths: {"ghcr.io": {username: "bot", password: "p:a ss", auth: $auth}}}')" ]
	shown "$IMAGEHOOK" secret set a --docker-server ghcr.io </dev/null
	[ "$status" -eq 2 ]
	shown "$IMAGEHOOK" secret set a/b --docker-server h --docker-username u </dev/null
	[ "$status" -eq 1 ]
	[ "$out" = 'imagehook: the value is empty; nothing was stored' ]
	# a whole docker config needs no KEY
	echo '{"auths":{}}' | "$IMAGEHOOK" secret set a/b
	[ -f "$folder/a/b/.dockerconfigjson" ]
}

@test "a manifest replaces the secret, or nothing of it is stored" {
	echo old | "$IMAGEHOOK" secret set a/b gone
	cat >"$BASE/s.yaml" <<-EOT
		apiVersion: v1
		kind: Secret
		metadata: {name: b, namespace: a}
		data: {token: aHVudGVyMg==}
		stringData: {address: https://example.com/x}
		---
		apiVersion: v1
		kind: Secret
		metadata: {name: c}
		stringData: {k: v}
	EOT
	shown "$IMAGEHOOK" secret set -f - <"$BASE/s.yaml"
	[ "$status" -eq 0 ]
	[ "$out" = "$(printf 'secret a/b stored: address token\nsecret flux-system/c stored: k')" ]
	[ "$(cat "$folder/a/b/token")" = hunter2 ]
	[ "$(ls "$folder/a/b")" = "$(printf 'address\ntoken')" ]
	sed -i 's/name: b/name: d/; s/{k: v}/{k: 12}/' "$BASE/s.yaml"
	shown "$IMAGEHOOK" secret set -f "$BASE/s.yaml"
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: $BASE/s.yaml:10:17: key 'k': not a string but a integer: quote it" ]
	[ ! -e "$folder/a/d" ]
}

@test "delete removes a key or the whole secret" {
	echo 1 | "$IMAGEHOOK" secret set a/b one
	echo 2 | "$IMAGEHOOK" secret set a/b two
	"$IMAGEHOOK" secret delete a/b one
	[ "$(ls "$folder/a/b")" = two ]
	"$IMAGEHOOK" secret delete a/b
	[ ! -e "$folder/a" ]
	shown "$IMAGEHOOK" secret delete a/b
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: secret 'a/b' not found" ]
}

@test "a shared secret is of use to the repositories that its patterns match" {
	echo one | "$IMAGEHOOK" secret set a/b token --shared --repo "$BASE/*.git" --repo '/srv/**' \
		--for gitea --address https://git.example/org
	[ "$(cat "$BASE/state/shared/secrets/a/b/token")" = one ]
	shown "$IMAGEHOOK" secret list
	[ "$out" = "$(printf 'NAME  KEYS\na/b   token  for gitea https://git.example/org  shared with %s, /srv/**' "$BASE/*.git")" ]
	"$IMAGEHOOK" secret set a/b token --shared --repo '/srv/**' <<<two
	shown "$IMAGEHOOK" secret list
	[ "$out" = '' ]
	shown "$IMAGEHOOK" secret list --shared -o json
	[ "$(jq -c '.[0].repositories' <<<"$out")" = '["/srv/**"]' ]
	"$IMAGEHOOK" secret delete --shared a/b
	[ -z "$(find "$BASE/state/shared" -type f)" ]
	shown "$IMAGEHOOK" secret set a/b token --shared --repo 'team/*' <<<x
	[ "$status" -eq 1 ]
	[[ $out == *"'team/*' is not the pattern of an absolute path"* ]]
	[ -z "$(find "$BASE/state/shared" -type f)" ]
	shown "$IMAGEHOOK" secret delete --shared --repo /srv a/b
	[ "$status" -eq 2 ]
}

@test "the list says which documents name a secret, and deleting takes the grants" {
	git --git-dir="$repo" config --unset imagehook.id
	"$IMAGEHOOK" install "$repo"
	clone=$(make_clone work)
	commit "$clone" p.yaml "$(printf 'apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\nmetadata: {name: p, namespace: a}\nspec: {type: gitea, address: "https://git.example/o/r", secretRef: {name: b}}')"
	push "$clone" "$repo"
	echo one | "$IMAGEHOOK" secret set a/b token --for gitea --address https://git.example
	shown "$IMAGEHOOK" secret list
	[ "$out" = "$(printf 'NAME  KEYS\na/b   token  for gitea https://git.example  named by Provider/a/p')" ]
	"$IMAGEHOOK" secret delete a/b
	echo two | "$IMAGEHOOK" secret set a/b token
	shown "$IMAGEHOOK" secret list
	[ "$out" = "$(printf 'NAME  KEYS\na/b   token  named by Provider/a/p')" ]
}

@test "names that lead elsewhere and links are refused" {
	(umask 077 && mkdir -p "$folder")
	for name in ../../x/y a/../b A/b a/b/c; do
		shown "$IMAGEHOOK" secret set "$name" key <<<v
		[ "$status" -eq 1 ]
		[[ $out == *"is not a name of a-z, 0-9, '-' and '.'" ]]
	done
	shown "$IMAGEHOOK" secret set a/b ../key <<<v
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: key '../key' is not a name of letters, digits, '.', '_' and '-'" ]
	[ -z "$(ls "$folder")" ]
	mkdir "$BASE/elsewhere"
	ln -s "$BASE/elsewhere" "$folder/a"
	shown "$IMAGEHOOK" secret set a/b key <<<v
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: secret 'a/b': 'a' is a link or no folder" ]
	[ -z "$(ls "$BASE/elsewhere")" ]
}

@test "on a terminal the value is asked for and not echoed" {
	local asked shown pid
	coproc script -qec "'$IMAGEHOOK' secret set a/b key" /dev/null
	pid=$COPROC_PID
	read -r -t 20 -d : -u "${COPROC[0]}" asked
	[ "$asked" = 'key for a/b' ]
	printf 'hunterx\b2\n' >&"${COPROC[1]}"
	shown=$(bounded cat <&"${COPROC[0]}" || true)
	wait "$pid" || true
	[ "$(cat "$folder/a/b/key")" = hunter2 ]
	[[ $shown == *"secret a/b: key 'key' stored"* ]]
	[[ $shown != *hunter* ]]
}

@test "a repository that is not installed is named with what to do" {
	git config --unset imagehook.id
	shown "$IMAGEHOOK" secret list
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: '$repo' is not installed; run 'imagehook install $repo' first" ]
	shown "$IMAGEHOOK" secret list --repo "$BASE"
	[ "$status" -eq 1 ]
	[ "$out" = "imagehook: '$BASE' is no git repository; name one with --repo DIR" ]
}

@test "in a clone a command says where it is to be called" {
	make_clone work >"$BASE/made"
	commit "$BASE/work" file
	cd "$BASE/work"
	local told="imagehook: '$BASE/work/.git' is that of a work tree; name the bare repository that is pushed to with --repo DIR"
	shown "$IMAGEHOOK" secret list
	[ "$status" -eq 1 ]
	[ "$out" = "$told" ]
	shown "$IMAGEHOOK" get image all
	[ "$status" -eq 1 ]
	[ "$out" = "$told" ]
	shown "$IMAGEHOOK" status
	[ "$status" -eq 1 ]
	[ "$(tail -n 2 <<<"$out")" = "error: imagehook is not installed here [not-installed]
hint: name the bare repository that is pushed to" ]
	[[ $out != *'move it out'* ]]
}

@test "a use that there is not, or an address that is none, stores nothing" {
	shown "$IMAGEHOOK" secret set a/b token --for slak <<<v
	[ "$status" -eq 1 ]
	[[ $out == "imagehook: 'slak' is not a use; did you mean 'slack'? There are: scan, generic, generic-hmac, slack, "*"incident.io, "* ]]
	[[ $out != *nats* ]]
	shown "$IMAGEHOOK" secret set a/b token --for nats <<<v
	[ "$status" -eq 1 ]
	[[ $out == "imagehook: 'nats' is not a use; "* ]]
	for address in github.com ftp://github.com 'https://a b' https://; do
		shown "$IMAGEHOOK" secret set a/b token --for github --address "$address" <<<v
		[ "$status" -eq 1 ]
		[[ $out == "imagehook: "*address* ]]
	done
	[ -z "$(ls "$folder")" ]
	shown "$IMAGEHOOK" secret set a/b token --for incident.io --for scan --address https://a.example --address https://b.example <<<v
	[ "$status" -eq 0 ]
	[ "$(grep -c granted <<<"$out")" -eq 4 ]
}

@test "a value among the words is neither stored nor repeated" {
	for words in 'a/b token hunter2' 'a/b token=hunter2'; do
		# shellcheck disable=SC2086
		shown "$IMAGEHOOK" secret set $words <<<v
		[ "$status" -eq 2 ]
		[[ $out == "imagehook: a value is never given on the command line"* ]]
		[[ $out != *hunter2* ]]
	done
	[ -z "$(ls "$folder")" ]
}

@test "remove is delete" {
	"$IMAGEHOOK" secret set a/b token <<<v
	shown "$IMAGEHOOK" secret remove a/b
	[ "$status" -eq 0 ]
	[ "$out" = 'secret a/b deleted' ]
}
