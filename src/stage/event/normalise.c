/* SPDX-License-Identifier: MIT */
/* What makes two messages the same: identities of objects, and messages without what
 * differs from run to run. */
#include "adapter/crypto/crypto.h"
#include "base/cursor.h"
#include "model/event.h"
#include "stage/event/event.h"

enum {
	HEX_ID_MIN = 7 /* git's short ids, and everything longer */
};

static size_t hex_len(struct str s)
{
	size_t n = 0;
	while (n < s.len && char_is_hex(s.ptr[n]))
		n++;
	return n;
}

/* Each takes one kind of run-to-run noise from the front; false when there is none. */
static bool take_uuid(struct str *rest)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	struct str at = *rest;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if ((i && !cursor_char(&at, '-')) || hex_len(at) != groups[i])
			return false;
		at = str_from(at, groups[i]);
	}
	*rest = at;
	return true;
}

static bool take_clock(struct str *rest)
{
	struct str at = *rest;
	uint64_t n = 0;
	if (!cursor_digits(&at, 2, &n) || !cursor_char(&at, ':') ||
	    !cursor_digits(&at, 2, &n))
		return false;
	if (cursor_char(&at, ':') && !cursor_digits(&at, 2, &n))
		return false;
	if (cursor_char(&at, '.'))
		(void)cursor_while(&at, char_is_digit);
	if (at.len && (at.ptr[0] == '+' || at.ptr[0] == '-')) {
		struct str zone = str_from(at, 1);
		if (cursor_digits(&zone, 2, &n) &&
		    (cursor_char(&zone, ':') || zone.len) && cursor_digits(&zone, 2, &n))
			at = zone;
	} else {
		(void)cursor_char(&at, 'Z');
	}
	*rest = at;
	return true;
}

static bool take_time(struct str *rest)
{
	struct str at = *rest;
	uint64_t n = 0;
	bool slash = false;
	if (!cursor_digits(&at, 4, &n))
		return take_clock(rest);
	slash = cursor_char(&at, '/');
	if (!slash && !cursor_char(&at, '-'))
		return false;
	if (!cursor_digits(&at, 2, &n) || !cursor_char(&at, slash ? '/' : '-') ||
	    !cursor_digits(&at, 2, &n))
		return false;
	struct str clock = at;
	if ((cursor_char(&clock, 'T') || cursor_char(&clock, ' ')) && take_clock(&clock))
		at = clock;
	*rest = at;
	return true;
}

static bool take_duration(struct str *rest)
{
	static const char *const units[] = {
		"ms", "ns", "us", "\xc2\xb5s", "h", "m", "s"
	};
	struct str at = *rest;
	size_t parts = 0;
	for (;;) {
		struct str part = at;
		bool found = false;
		if (cursor_while(&part, char_is_digit).len == 0)
			break;
		if (cursor_char(&part, '.'))
			(void)cursor_while(&part, char_is_digit);
		for (size_t i = 0; !found && i < ARRAY_LEN(units); i++)
			found = cursor_text(&part, units[i]);
		if (!found)
			break;
		at = part;
		parts++;
	}
	if (parts)
		*rest = at;
	return parts != 0;
}

static bool take_hex(struct str *rest)
{
	size_t n = hex_len(*rest);
	bool digit = false;
	for (size_t i = 0; i < n; i++)
		digit = digit || char_is_digit(rest->ptr[i]);
	if (n < HEX_ID_MIN || !digit)
		return false;
	*rest = str_from(*rest, n);
	return true;
}

/* A piece counts as a whole word only. */
static const char *take_noise(struct str *rest)
{
	static const struct {
		bool (*take)(struct str *rest);
		const char *mask;
	} rows[] = {
		{ take_uuid, "<uuid>" },
		{ take_time, "<time>" },
		{ take_duration, "<duration>" },
		{ take_hex, "<id>" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str at = *rest;
		if (!rows[i].take(&at) ||
		    (at.len && (char_is_alnum(at.ptr[0]) || at.ptr[0] == '_')))
			continue;
		*rest = at;
		return rows[i].mask;
	}
	return NULL;
}

const char *event_normalise(const char *message, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	struct str rest = str_of(message);
	bool inside = false; /* a word */
	while (rest.len) {
		const char *mask = inside ? NULL : take_noise(&rest);
		if (mask) {
			(void)buf_puts(&out, mask);
			continue;
		}
		char c = rest.ptr[0];
		inside = char_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
		(void)buf_putc(&out, c);
		rest = str_from(rest, 1);
	}
	return arena_strndup(arena, buf_str(&out));
}

void event_uid(const char *repo_id, const char *kind, const char *namespace,
	       const char *name, char out[37])
{
	/* the namespace of these UUIDs, drawn once */
	static const unsigned char space[16] = { 0x4b, 0x1f, 0xd3, 0x6a, 0x92, 0x57,
						 0x4e, 0x0c, 0xa8, 0x35, 0x6d, 0xe1,
						 0x70, 0x29, 0xbc, 0x58 };
	const char *const parts[] = { repo_id, kind, namespace, name };
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	unsigned char hash[HASH_MAX_BYTES];
	size_t at = 0;
	(void)buf_append(&text, (struct str){ (const char *)space, sizeof(space) });
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)buf_puts(&text, parts[i] ? parts[i] : "");
		(void)buf_putc(&text, '\0');
	}
	(void)hash_bytes(HASH_SHA1, buf_str(&text), hash);
	hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x50);
	hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < 16; i++) {
		static const char digits[] = "0123456789abcdef";
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[hash[i] >> 4];
		out[at++] = digits[hash[i] & 15];
	}
	out[at] = '\0';
}

static const char *fill_uid(const char *repo_id, const struct object_meta *meta,
			    const char *uid, struct arena *arena)
{
	char made[37];
	if (uid && uid[0])
		return uid;
	event_uid(repo_id, meta->kind_name, meta->namespace, meta->name, made);
	return arena_strdup(arena, made);
}

void event_fill_uids(const char *repo_id, struct document_set *set)
{
	for (size_t i = 0; i < set->providers.len; i++) {
		struct provider *provider = &set->providers.items[i];
		provider->uid =
		    fill_uid(repo_id, &provider->meta, provider->uid, set->arena);
	}
	for (size_t i = 0; i < set->alerts.len; i++) {
		struct alert *alert = &set->alerts.items[i];
		alert->uid = fill_uid(repo_id, &alert->meta, alert->uid, set->arena);
	}
}
