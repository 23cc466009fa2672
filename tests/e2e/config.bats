#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is configured, and what a mistake says.

load lib/common

setup() {
	common_setup
	repo=$(make_bare r.git)
	cd "$repo" || return
}

@test "every key has a value, a source and a meaning" {
	git config imagehook.branch release
	git config --add imagehook.allowHost one:5000
	git config --add imagehook.allowHost scan=two
	run "$IMAGEHOOK" config -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[] | select(.key == "imagehook.branch") | .value, .source' <<<"$output")" = \
		"$(printf 'release\n%s/config' "$repo")" ]
	[ "$(jq -c '.[] | select(.key == "imagehook.allowHost") | .value' <<<"$output")" = '["one:5000","scan=two"]' ]
	[ "$(jq -r '.[] | select(.key == "imagehook.namespace") | .value, .source' <<<"$output")" = \
		"$(printf 'flux-system\ndefault')" ]
	[ "$(jq 'map(select(.meaning == "")) | length' <<<"$output")" = 0 ]
	run "$IMAGEHOOK" config
	[ "$status" -eq 0 ]
	[[ $output == *"imagehook.branch = release  ($repo/config)"* ]]
	[[ $output == *"imagehook.allowHost = one:5000, scan=two  ("* ]]
}

@test "one key prints its values alone" {
	git config --add imagehook.path a
	git config --add imagehook.path b
	[ "$("$IMAGEHOOK" config path)" = "$(printf 'a\nb')" ]
	[ "$("$IMAGEHOOK" config imagehook.FOREGROUND)" = 5s ]
	[ -z "$("$IMAGEHOOK" config -C "$repo" proxy)" ]
	run "$IMAGEHOOK" config brnch
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: there is no key 'brnch'; did you mean 'branch'?" ]
}

@test "setting is git's: the command says how" {
	run "$IMAGEHOOK" config allowHost registry:5000
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: this command only shows; set a value with: git config --add imagehook.allowHost 'registry:5000'" ]
	[ -z "$(git config imagehook.allowHost)" ]
}

@test "mistakes name file, line and key" {
	git config imagehook.foreground '5 m'
	git config imagehook.brnch main
	status=0
	"$IMAGEHOOK" config >"$BASE/out" 2>"$BASE/err" || status=$?
	[ "$status" -eq 1 ]
	[ ! -s "$BASE/out" ]
	line=$(grep -n foreground config | cut -d: -f1)
	[ "$(cat "$BASE/err")" = "$(
		cat <<-EOT
			$repo/config:$line: error: imagehook.foreground: '5 m' is not a duration such as 5s or 1m30s [config-bad-value]
			$repo/config:$((line + 1)): error: unknown key 'imagehook.brnch'; did you mean 'imagehook.branch'? [config-unknown-key]
			imagehook: 2 mistakes in the configuration
		EOT
	)" ]
}

@test "others who may write the file cannot widen trust" {
	git config --unset imagehook.state
	git config imagehook.pushBranch '*'
	chmod g+w config
	run "$IMAGEHOOK" config pushBranch
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *"warning: imagehook.pushBranch is ignored: others than the owner may write this file or its folder [config-untrusted]" ]]
	[ "${#lines[@]}" -eq 2 ]
	chmod g-w config
	run "$IMAGEHOOK" config pushBranch
	[ "$output" = '*' ]
}

@test "the manual page is made from the table" {
	run "$IMAGEHOOK" help --manual config
	[ "$status" -eq 0 ]
	for key in $("$IMAGEHOOK" config -o json | jq -r '.[].key'); do
		[[ $output == *"*$key*"* ]]
	done
}
