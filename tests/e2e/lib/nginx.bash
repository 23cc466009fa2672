# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# nginx with TLS on a free loopback port, in front of a plain server. The certificates are those of
# registry.bash: DIR/ca.pem, DIR/server.pem for 127.0.0.1; nginx_start makes them.
#
#   nginx_start DIR HOST:PORT [DIRECTIVE...]   sets NGINX to HOST:PORT; DIRECTIVEs stand in its server block
#   nginx_stop DIR

nginx_start() {
	local dir=$1 upstream=$2 port
	shift 2
	mkdir -p "$dir"
	[ -f "$dir/server.pem" ] || registry_certificates "$dir" >&2 || return
	for port in $(shuf -i 10000-32000 -n 20); do
		cat >"$dir/conf" <<-END
			pid $dir/pid;
			error_log stderr;
			events {}
			http {
				access_log off;
				client_body_temp_path $dir/t1; proxy_temp_path $dir/t2;
				fastcgi_temp_path $dir/t3; uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
				server {
					listen 127.0.0.1:$port ssl http2;
					ssl_certificate $dir/server.pem; ssl_certificate_key $dir/server.key;
					${*/%/;}
					location / { proxy_pass http://$upstream; }
				}
			}
		END
		NGINX=127.0.0.1:$port
		nginx -c "$dir/conf" 3>&- 2>"$dir/log" && return
	done
	return 1
}

nginx_stop() {
	[ -f "$1/pid" ] || return 0
	kill "$(<"$1/pid")"
}
