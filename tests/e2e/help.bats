#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the program tells of itself, from its tables.

load lib/common

setup() {
	common_setup
}

names() {
	imagehook help | sed -n 's/^  \([a-z]*\) .*/\1/p'
}

# The paragraphs of a command's --help between its summary and its options, in one line.
details() {
	imagehook "$1" --help | awk 'NR > 4 && /^options:/ { exit } NR > 4' | tr -s '\n ' ' ' | sed 's/ $//'
}

@test "what explains a command or an option is wrapped for a terminal" {
	for name in $(names); do
		imagehook "$name" --help | awk -v name="$name" '
			/^(usage|example):/ { skip = 1 } /^$/ { skip = 0 }
			!skip && length > 80 && !/^ {0,6}-[^ ]* / { print name ": " $0; bad = 1 } END { exit bad }'
	done
}

@test "the manual has every explanation whole" {
	local manual
	manual=$(imagehook help --manual imagehook | sed 's/\\//g' | tr -s '\n ' ' ')
	for name in $(names); do
		[[ $manual == *"$(details "$name")"* ]] || { echo "$name: $(details "$name")" && return 1; }
	done
}
