# SPDX-License-Identifier: MIT
# awk -f layers.awk layers.table FILE...: which include or call crosses a border of the table.

# The folder of the table that a path below the top belongs to; "" for none.
function home(path,    i) {
	for (i = 1; i <= n_folders; i++) {
		if (family[i] && index(path, folder[i]) == 1) {
			rest = substr(path, length(folder[i]) + 1)
			sub(/\/.*/, "", rest)
			home_rank = rank[i]
			return folder[i] rest
		}
		if (!family[i] && index(path, folder[i] "/") == 1) {
			home_rank = rank[i]
			return folder[i]
		}
	}
	return ""
}
function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	bad = 1
}
function below(path, place) {
	return path == place || index(path, place "/") == 1
}

FNR == 1 {
	table = (FILENAME == ARGV[1])
	mine = home(FILENAME)
	my_rank = home_rank
}
table && $1 == "folder" {
	n_folders++
	rank[n_folders] = $2
	family[n_folders] = sub(/\*$/, "", $3)
	folder[n_folders] = $3
}
table && $1 == "except" { except[$2, $3] = 1 }
table && $1 == "library" { library[$2] = $3 }
table && $1 == "only" {
	n_only++
	pattern[n_only] = "(^|[^A-Za-z0-9_>.\"])(" $2 ")[ ]*\\("
	places[n_only] = ""
	for (i = 3; i <= NF; i++)
		places[n_only] = places[n_only] " " $i
}
table { next }

/^#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	theirs = home(quoted[2] ~ /^hooks\// ? quoted[2] : "src/" quoted[2])
	if (theirs == "")
		complain("'" quoted[2] "' belongs to no folder of the table")
	else if (theirs != mine && home_rank >= my_rank && !((mine, theirs) in except))
		complain(mine " may not include " quoted[2])
}
/^#[ \t]*include[ \t]*</ {
	name = $0
	gsub(/.*<|>.*/, "", name)
	for (l in library)
		if (index(name, l) == 1 && !below(FILENAME, library[l]))
			complain("only " library[l] " includes <" name ">")
}
!/^[ \t]*(\/?\*|\/\/)/ {
	for (i = 1; i <= n_only; i++) {
		if ($0 !~ pattern[i])
			continue
		allowed = 0
		n = split(places[i], where, " ")
		for (w = 1; w <= n; w++)
			allowed = allowed || below(FILENAME, where[w])
		if (!allowed)
			complain("only" places[i] " may call this: " $0)
	}
}
END { exit bad }
