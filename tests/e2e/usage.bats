#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What every command has in common: help, hints, streams and exit status.

bats_require_minimum_version 1.5.0
load lib/common.bash

setup() {
	common_setup
}

# run_split WORDS...: sets status, out and errors, whole
run_split() {
	status=0
	"$IMAGEHOOK" "$@" >"$BASE/out" 2>"$BASE/errors" </dev/null || status=$?
	out=$(<"$BASE/out")
	errors=$(<"$BASE/errors")
}

commands() {
	"$IMAGEHOOK" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'
}

@test "every command has help with an example, on stdout" {
	[ "$(commands | wc -l)" -gt 20 ]
	local name
	for name in $(commands); do
		for words in "$name --help" "$name -h" "help $name"; do
			# shellcheck disable=SC2086
			run_split $words
			[ "$status" -eq 0 ]
			[ -z "$errors" ]
			[[ $out == "usage: imagehook $name"*"example:"*"imagehook $name"* ]]
		done
	done
}

@test "without a command the list goes to stderr" {
	run_split
	[ "$status" -eq 2 ]
	[ -z "$out" ]
	[[ $errors == "usage: imagehook COMMAND"*"commands:"* ]]
	run_split help
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
	[[ $out == "usage: imagehook COMMAND"*"commands:"* ]]
	run_split --help
	[ "$status" -eq 0 ]
	run_split --version
	[[ $out =~ ^imagehook\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown command or option gives the nearest, on stderr" {
	for words in 'gett' 'help gett'; do
		# shellcheck disable=SC2086
		run_split $words
		[ "$status" -eq 2 ]
		[ -z "$out" ]
		[ "$errors" = "imagehook: unknown command 'gett'
hint: did you mean 'imagehook get'?" ]
	done
	run_split logs
	[ "$errors" = "imagehook: unknown command 'logs'
hint: here that is 'imagehook events'" ]
	local name
	for name in $(commands); do
		run_split "$name" --helpp
		[ "$status" -eq 2 ]
		[ -z "$out" ]
		[ "${errors%%$'\n'*}" = "imagehook: unknown option '--helpp'" ]
		run_split "$name" --rep=x
		[ "$status" -eq 2 ]
		[[ ${errors%%$'\n'*} == "imagehook: unknown option '--rep=x'"* ]]
	done
	run_split get --repp=x
	[ "${errors%%$'\n'*}" = "imagehook: unknown option '--repp=x'; did you mean '--repo'?" ]
}

@test "commands on a repository say that there is none" {
	local name
	cd "$BASE"
	for name in run plan 'explain policy x' 'get alerts' 'describe alert-provider x' 'reconcile ks x' \
		'suspend alert x' 'resume alert x' deliver events 'secret list' 'event --kind Kustomization --name a -m b' \
		'notify --test x'; do
		# shellcheck disable=SC2086
		run_split $name
		[ "$status" -eq 1 ]
		[ -z "$out" ]
		[[ $errors == "imagehook: "*"no git repository; name one with --repo DIR" ]]
	done
}

@test "a reader that goes away and a full disk end a command quietly" {
	local words
	git init -q "$BASE/plain"
	git -C "$BASE/plain" commit -q --allow-empty -m one
	git -C "$BASE/plain" worktree add -q "$BASE/linked"
	cd "$BASE/linked"
	for words in help 'help --manual imagehook' 'completion bash' config 'get --help'; do
		# shellcheck disable=SC2086
		"$IMAGEHOOK" $words 2>"$BASE/errors" | head -n 1 >/dev/null
		[ ! -s "$BASE/errors" ]
	done
	run -1 --separate-stderr "$BASH" -c '"$1" help >/dev/full' _ "$IMAGEHOOK"
	[ -z "$stderr" ]
	run -1 --separate-stderr "$BASH" -c '"$1" help >&-' _ "$IMAGEHOOK"
	[ -z "$stderr" ]
}

@test "a state folder that cannot be made is named" {
	local repo
	repo=$(make_bare r.git)
	"$IMAGEHOOK" install "$repo"
	touch "$BASE/file"
	git --git-dir="$repo" config imagehook.state "$BASE/file"
	run_split events -C "$repo"
	[ "$status" -eq 1 ]
	[ -z "$out" ]
	[ "$errors" = "imagehook: state folder: '$BASE/file' is not a folder" ]
	git --git-dir="$repo" config imagehook.state "$BASE/file/below"
	run_split events -C "$repo"
	[ "$status" -eq 1 ]
	[ "$errors" = "imagehook: state folder: cannot make the folder '$BASE/file/below': Not a directory" ]
	git --git-dir="$repo" config imagehook.state /proc/imagehook
	run_split get alerts -C "$repo"
	[ "$status" -eq 1 ]
	[[ $errors == "imagehook: state folder: cannot make the folder '/proc/imagehook': "* ]]
}
