# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A real docker-registry on a free loopback port, for tests, the demo and benchmarks.
#
#   registry_start DIR [FLAG...]     starts one with its data in DIR, sets REGISTRY to HOST:PORT
#       --user NAME --password WORD  htpasswd (Basic)
#       --tls                        https with a certificate of DIR/ca.pem for 127.0.0.1, localhost
#       --token REALM                Bearer; tokens are signed with DIR/token.key (registry_token)
#       --data DIR                   serve the data of another registry
#   registry_push REPOSITORY TAG...  pushes a small image, a different one per tag, to $REGISTRY
#   registry_tag REPOSITORY TAG...   many tags for one image, fast
#   registry_docker_config HOST USER PASSWORD   prints a docker config
#   registry_token DIR SUBJECT REPOSITORY...    prints a JWT that allows to pull them
#   registry_stop DIR
#
# Pushes go with $REGISTRY_USER:$REGISTRY_PASSWORD, which registry_start sets, and by https when
# $REGISTRY_CA names the CA. For a --token registry, push through a second one on the same data.

registry_start() {
	local dir=$1 data=$1/data user='' password='' tls='' realm=''
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--user) user=$2 && shift ;;
		--password) password=$2 && shift ;;
		--tls) tls=yes ;;
		--token) realm=$2 && shift ;;
		--data) data=$2/data && shift ;;
		*) echo "registry_start: unknown flag $1" >&2 && return 2 ;;
		esac
		shift
	done
	mkdir -p "$dir" "$data" || return
	REGISTRY_USER=$user REGISTRY_PASSWORD=$password REGISTRY_CA=''
	{
		printf 'version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\n'
		printf 'storage:\n  filesystem: {rootdirectory: "%s"}\n  delete: {enabled: true}\n' "$data"
		printf 'http:\n  addr: 127.0.0.1:0\n  relativeurls: true\n'
		if [ -n "$tls" ]; then
			registry_certificates "$dir" >&2 || return
			REGISTRY_CA=$dir/ca.pem
			printf '  tls: {certificate: "%s/server.pem", key: "%s/server.key"}\n' "$dir" "$dir"
		fi
		if [ -n "$user" ]; then
			htpasswd -Bbn -C 4 "$user" "$password" >"$dir/htpasswd" || return
			printf 'auth:\n  htpasswd: {realm: registry, path: "%s/htpasswd"}\n' "$dir"
		elif [ -n "$realm" ]; then
			registry_token_key "$dir" >&2 || return
			printf 'auth:\n  token: {realm: "%s", service: registry, issuer: tests, rootcertbundle: "%s/token.pem"}\n' \
				"$realm" "$dir"
		fi
	} >"$dir/config.yml"
	registry_launch "$dir"
}

# Starts the program and waits for the line that tells its port.
registry_launch() {
	local dir=$1 line follower
	: >"$dir/log" # it must be there, and empty, before anybody follows it
	docker-registry serve "$dir/config.yml" >>"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/pid"
	exec {follower}< <(exec tail -n +1 -f --pid="$(cat "$dir/pid")" "$dir/log" 3>&- 2>/dev/null)
	while read -r line <&"$follower"; do
		if [[ $line =~ listening\ on\ ([0-9.]+:[0-9]+) ]]; then
			REGISTRY=${BASH_REMATCH[1]}
			break
		fi
	done
	exec {follower}<&-
	[[ $line =~ listening\ on ]] || {
		echo "docker-registry did not start:" >&2
		cat "$dir/log" >&2
		return 1
	}
}

registry_stop() {
	local dir=$1 pid
	[ -f "$dir/pid" ] || return 0
	pid=$(cat "$dir/pid")
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	rm -f "$dir/pid"
}

# A CA, and a certificate of it for loopback, in DIR.
registry_certificates() {
	local dir=$1
	[ -f "$dir/server.pem" ] && return
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=test CA' \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
		-keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null || return
	registry_certificate "$dir" server 'subjectAltName=IP:127.0.0.1,DNS:localhost'
}

# registry_certificate DIR NAME EXTENSION: NAME.pem and NAME.key, signed by DIR/ca.pem.
registry_certificate() {
	local dir=$1 name=$2 extension=$3
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
		-keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null || return
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
		-extfile <(printf '%s\n' "$extension") -out "$dir/$name.pem" 2>/dev/null
}

registry_token_key() {
	local dir=$1
	[ -f "$dir/token.pem" ] && return
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=tokens' -keyout "$dir/token.key" \
		-out "$dir/token.pem" 2>/dev/null
}

registry_base64url() {
	openssl base64 -A | tr '+/' '-_' | tr -d '='
}

registry_token() {
	local dir=$1 subject=$2 now repository access='' head claims
	shift 2
	now=$(date +%s)
	for repository; do
		access+="${access:+,}{\"type\":\"repository\",\"name\":\"$repository\",\"actions\":[\"pull\"]}"
	done
	head=$(printf '{"typ":"JWT","alg":"RS256","x5c":["%s"]}' \
		"$(openssl x509 -in "$dir/token.pem" -outform DER | openssl base64 -A)" | registry_base64url)
	claims=$(printf '{"iss":"tests","sub":"%s","aud":"registry","exp":%d,"nbf":%d,"iat":%d,"jti":"1","access":[%s]}' \
		"$subject" $((now + 600)) $((now - 60)) "$now" "$access" | registry_base64url)
	printf '%s.%s.%s' "$head" "$claims" \
		"$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -sign "$dir/token.key" -binary | registry_base64url)"
}

registry_docker_config() {
	printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$1" "$(printf '%s:%s' "$2" "$3" | openssl base64 -A)"
}

# curl with the credentials and the CA of the registry.
registry_curl() {
	curl -sS --fail-with-body ${REGISTRY_USER:+-u "$REGISTRY_USER:$REGISTRY_PASSWORD"} \
		${REGISTRY_CA:+--cacert "$REGISTRY_CA"} "$@"
}

registry_url() {
	printf '%s://%s' "$([ -n "$REGISTRY_CA" ] && echo https || echo http)" "$REGISTRY"
}

registry_put_blob() {
	local repository=$1 file=$2 digest location
	digest=sha256:$(sha256sum <"$file" | cut -d' ' -f1)
	location=$(registry_curl -X POST -D - -o /dev/null "$(registry_url)/v2/$repository/blobs/uploads/" |
		tr -d '\r' | sed -n 's/^[Ll]ocation: //p') || return
	[[ $location == http* ]] || location=$(registry_url)$location
	registry_curl -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$file" \
		"$location$([[ $location == *\?* ]] && echo '&' || echo '?')digest=$digest" >/dev/null || return
	printf '{"mediaType":"%s","digest":"%s","size":%d}' "$3" "$digest" "$(stat -c %s "$file")"
}

# The manifest of an image without layers whose configuration holds NOTE, on stdout.
registry_put_image() {
	local repository=$1 note=$2 file config
	file=$(mktemp)
	printf '{"architecture":"amd64","os":"linux","config":{"Labels":{"note":"%s"}},"rootfs":{"type":"layers","diff_ids":[]}}' \
		"$note" >"$file"
	config=$(registry_put_blob "$repository" "$file" application/vnd.oci.image.config.v1+json)
	rm -f "$file"
	[ -n "$config" ] || return
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[]}' \
		"$config"
}

# Puts the manifest on stdin under every tag.
registry_put_tags() {
	local repository=$1 manifest tag
	shift
	manifest=$(mktemp)
	cat >"$manifest"
	for tag; do
		printf 'url="%s/v2/%s/manifests/%s"\nrequest=PUT\noutput=/dev/null\ndata-binary="@%s"\n' \
			"$(registry_url)" "$repository" "$tag" "$manifest"
		printf 'header="Content-Type: application/vnd.oci.image.manifest.v1+json"\n'
		[ -z "$REGISTRY_USER" ] || printf 'user="%s:%s"\n' "$REGISTRY_USER" "$REGISTRY_PASSWORD"
		[ -z "$REGISTRY_CA" ] || printf 'cacert="%s"\n' "$REGISTRY_CA"
		printf 'fail\nnext\n'
	done | sed '$d' | curl -sS -K -
	local status=$?
	rm -f "$manifest"
	return $status
}

registry_push() {
	local repository=$1 tag manifest
	shift
	for tag; do
		manifest=$(registry_put_image "$repository" "$repository:$tag") || return
		printf '%s' "$manifest" | registry_put_tags "$repository" "$tag" || return
	done
}

registry_tag() {
	local repository=$1 manifest
	shift
	manifest=$(registry_put_image "$repository" "$repository") || return
	printf '%s' "$manifest" | registry_put_tags "$repository" "$@"
}
