/* SPDX-License-Identifier: MIT */
/* One look into /etc/passwd. */
#include "hooks/account.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"

/* `name:password:uid:gid:gecos:home:shell` */
static bool parse_line(struct str line, uid_t uid, struct arena *arena,
		       struct account *out)
{
	struct str fields[7];
	size_t n = 0;
	uint64_t number = 0;
	while (n < ARRAY_LEN(fields) && str_split(&line, ':', &fields[n]))
		n++;
	if (n < 6 || !number_parse(fields[2], UINT32_MAX, &number) || number != uid)
		return false;
	out->name = arena_strndup(arena, fields[0]);
	out->home = arena_strndup(arena, fields[5]);
	return true;
}

bool account_find(uid_t uid, struct arena *arena, struct account *out)
{
	struct err ignored = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	if (file_read("/etc/passwd", &text, &ignored))
		return false;
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line))
		if (parse_line(line, uid, arena, out))
			return true;
	return false;
}
