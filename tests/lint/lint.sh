#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Everything that is judged without running the program. lint.sh [CHECK...]   (default: all, two at a time)
# Checks: layers style format shell gcc tidy cppcheck
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

log=build/lint
mkdir -p $log
mapfile -t sources < <(find src hooks -name '*.c' | sort)
mapfile -t shims < <(find src -name '*.cc' | sort)
mapfile -t headers < <(find src hooks -name '*.h' | sort)
mapfile -t units < <(find tests -name '*.[ch]' | sort)
mapfile -t shells < <(find tests hooks .ci -type f | sort | xargs awk 'FNR == 1 && (/^#!.*(sh|bats)$/ || FILENAME ~ /\.(bash|bats)$/) {print FILENAME}')
flags=(-std=c17 -D_GNU_SOURCE -Isrc -I.)
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
	-Wmissing-prototypes -Wold-style-definition -Wcast-qual -Wcast-align -Wwrite-strings -Wpointer-arith
	-Wvla -Wundef -Wformat=2 -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough)

# Runs a shell text for each source as $1; $see makes it read analysis.h first.
each() {
	printf '%s\0' "${sources[@]}" | xargs -0 -r -P2 -n1 sh -c \
		'see="-include tests/lint/analysis.h"; [ "$1" != src/base/err.c ] || see=; '"$1" each
}

check_layers() {
	awk -f tests/lint/layers.awk tests/lint/layers.table "${sources[@]}" "${headers[@]}" "${shims[@]}"
}
check_style() {
	awk -f tests/lint/style.awk "${sources[@]}" "${headers[@]}" "${units[@]}" "${shells[@]}" "${shims[@]}"
}
check_format() {
	clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" "${units[@]}" "${shims[@]}"
}
check_shell() {
	shellcheck -x "${shells[@]}"
}
# One file a process: clang 14 takes the va_list of a second file for uninitialised.
check_gcc() {
	each "gcc ${flags[*]} "'$see -O1 -fanalyzer -Werror -c -o /dev/null "$1"'
}
check_tidy() {
	each 'clang-tidy --quiet "$1" -- '"${flags[*]} ${warnings[*]}"' $see 2>/dev/null'
}
check_cppcheck() {
	cppcheck -q -j2 --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
		--suppressions-list=tests/lint/cppcheck.suppress --error-exitcode=1 -D_GNU_SOURCE -Isrc -I. "${sources[@]}"
}

[ $# -gt 0 ] || set -- layers style format shell cppcheck gcc tidy
passed=0 failed=0
for check; do
	start=$SECONDS
	if "check_$check" >"$log/$check" 2>&1; then
		passed=$((passed + 1))
		cat "$log/$check"
		printf 'ok lint %s (%d s)\n' "$check" $((SECONDS - start))
	else
		failed=$((failed + 1))
		cat "$log/$check"
		printf 'not ok lint %s\n' "$check"
	fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
