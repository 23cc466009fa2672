# SPDX-License-Identifier: MIT
# awk -f style.awk FILE...: licence line, length of files (a warning) and of functions.

function complain(line, text) {
	printf "%s:%d: %s\n", FILENAME, line, text
	bad = 1
}
function end_file() {
	if (name != "" && !licensed)
		complain(1, "no SPDX line within the first three lines")
	if (lines > 500 && name ~ /\.(c|cc)$/)
		printf "%s: warning: %d lines (500 is the mark)\n", name, lines
}

FNR == 1 {
	end_file()
	name = FILENAME
	licensed = 0
	begin = 0
}
FNR <= 3 && /SPDX-License-Identifier: MIT/ { licensed = 1 }
{ lines = FNR }
/(^|[^A-Za-z0-9_])(TODO|FIXME|XXX)([^A-Za-z0-9_]|$)/ && FILENAME !~ /lint\// { complain(FNR, "a note to self: " $0) }
FILENAME ~ /\.(c|cc|h)$/ && /^\{/ { begin = FNR }
FILENAME ~ /\.(c|cc|h)$/ && /^\}/ && begin {
	if (FNR - begin + 1 > 80 && FILENAME ~ /^tests/)
		printf "%s:%d: warning: a function of %d lines\n", FILENAME, begin, FNR - begin + 1
	else if (FNR - begin + 1 > 80)
		complain(begin, "a function of " (FNR - begin + 1) " lines (80 is the limit)")
	begin = 0
}
END {
	end_file()
	exit bad
}
