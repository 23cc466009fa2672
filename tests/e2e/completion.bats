#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What bash offers, asked as bash asks.

load lib/common.bash

setup() {
	common_setup
	"$IMAGEHOOK" completion bash >"$BASE/completion"
}

# offers WORD... WORDS: behind `imagehook WORD...`, whose last is being typed, WORDS in any order
offers() {
	local expected=${*: -1} got
	got=$(
		COMP_WORDS=(imagehook "${@:1:$#-1}")
		# shellcheck disable=SC2034
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		# shellcheck disable=SC2317
		complete() { :; }
		# shellcheck source=/dev/null
		source "$BASE/completion"
		_imagehook
		printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
	)
	[ "$got" = "$(tr ' ' '\n' <<<"$expected" | sort | xargs)" ] || {
		printf 'expected: %s\ngot:      %s\n' "$expected" "$got"
		return 1
	}
}

@test "the script is clean bash" {
	bash -n "$BASE/completion"
	shellcheck -s bash "$BASE/completion"
}

@test "commands, and what they are about" {
	offers re 'reconcile render resume rewrite'
	offers get '' 'all image source kustomizations helmreleases alert-providers alerts'
	offers get image '' 'all repository policy update'
	offers suspend source '' git
	offers get source '' git
	offers create '' 'alert-provider alert image'
	offers create image '' 'repository policy update'
	offers create al 'alert-provider alert'
	offers describe '' 'image source kustomization helmrelease alert-provider alert'
	offers describe image '' 'repository policy update'
	offers describe source '' git
	offers reconcile '' 'image source kustomization helmrelease'
	offers reconcile image p policy
	offers suspend al 'alert alert-provider'
	offers suspend '' 'image source kustomization helmrelease alert-provider alert'
	offers resume image '' 'repository policy update'
	offers explain '' policy
	offers secret '' 'set list delete'
	offers help des describe
	offers config imagehook.no imagehook.notifyHost
}

@test "options, and the values that they take" {
	offers create --cha --channel
	offers describe --c --cluster
	offers get image all -o '' 'wide json yaml'
	offers get --output j json
	offers create alert --event-severity '' 'info error'
	offers create alert-provider --type sl slack
	offers secret set --for pager pagerduty
	offers create image policy --select-alpha '' 'asc desc'
}
