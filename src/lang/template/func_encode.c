/* SPDX-License-Identifier: MIT */
/* sprig's encodings and checksums. Decoders answer a mistake with its text, as sprig
 * does. */
#include "adapter/crypto/crypto.h"
#include "base/limits.h"
#include "lang/template/functions.h"

#define TEXT_BUF BUF_INIT(LIMIT_TEMPLATE_STRING)

/* A base of 2^bits: an alphabet and how many digits make a group. */
struct base {
	const char *name;
	const char *alphabet;
	unsigned bits;
	size_t group;
	bool counts_breaks; /* Go removes line breaks before it counts, or does not */
};

static const struct base base64 = {
	"base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6,
	4, true
};
static const struct base base32 = { "base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8,
				    false };

static struct gval encode(struct gcall *call, const struct base *base)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	unsigned held = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < s.len && !out.full; i++) {
		held = (held << 8 | (unsigned char)s.ptr[i]) & 0xFFFFF;
		bits += 8;
		for (; bits >= base->bits; bits -= base->bits)
			buf_putc(&out, base->alphabet[held >> (bits - base->bits) &
						      ((1U << base->bits) - 1)]);
	}
	if (bits > 0)
		buf_putc(&out, base->alphabet[held << (base->bits - bits) &
					      ((1U << base->bits) - 1)]);
	while (out.len % base->group != 0 && !out.full)
		buf_putc(&out, '=');
	return call_string(call, &out);
}

static int digit_of(const struct base *base, char c)
{
	const char *at = c ? strchr(base->alphabet, c) : NULL;
	return at ? (int)(at - base->alphabet) : -1;
}

/* Decodes; the offset of the first mistake, SIZE_MAX when there is none. */
static size_t decode(const struct base *base, struct str s, struct buf *out)
{
	unsigned held = 0;
	unsigned bits = 0;
	size_t digits = 0;
	size_t i = 0;
	for (; i < s.len && s.ptr[i] != '='; i++) {
		if (s.ptr[i] == '\r' || s.ptr[i] == '\n')
			continue;
		int digit = digit_of(base, s.ptr[i]);
		if (digit < 0)
			return i;
		held = (held << base->bits | (unsigned)digit) & 0xFFFFF;
		bits += base->bits;
		digits++;
		if (bits >= 8) {
			bits -= 8;
			buf_putc(out, (char)(held >> bits & 0xFF));
		}
	}
	size_t rest = digits % base->group;
	size_t pads = 0;
	size_t first_pad = i;
	for (; i < s.len; i++) {
		if (s.ptr[i] == '=' && rest + pads < base->group && rest > 0)
			pads++;
		else if (s.ptr[i] != '\r' && s.ptr[i] != '\n')
			return i;
	}
	if (rest == 0)
		return SIZE_MAX;
	if (pads == 0) /* as many bytes back as the last group has digits */
		return base->counts_breaks ? s.len - rest : digits - rest;
	/* digits that hold no whole byte more than one digit fewer would */
	if (rest * base->bits / 8 == (rest - 1) * base->bits / 8)
		return first_pad;
	return rest + pads != base->group ? s.len : SIZE_MAX;
}

static struct gval decode_text(struct gcall *call, const struct base *base)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	size_t bad = decode(base, s, &out);
	if (bad == SIZE_MAX)
		return call_string(call, &out);
	buf_truncate(&out, 0);
	buf_printf(&out, "illegal %s data at input byte %zu", base->name, bad);
	return call_string(call, &out);
}

static struct gval fn_b64enc(struct gcall *call)
{
	return encode(call, &base64);
}

static struct gval fn_b64dec(struct gcall *call)
{
	return decode_text(call, &base64);
}

static struct gval fn_b32enc(struct gcall *call)
{
	return encode(call, &base32);
}

static struct gval fn_b32dec(struct gcall *call)
{
	return decode_text(call, &base32);
}

static struct gval sum(struct gcall *call, enum hash_kind kind)
{
	char hex[HASH_MAX_HEX];
	gctx_step(call->ctx, call_str(call, 0).len / 256);
	hash_hex(kind, call_str(call, 0), hex);
	return gval_string(gctx_str(call->ctx, str_of(hex)));
}

static struct gval fn_sha1(struct gcall *call)
{
	return sum(call, HASH_SHA1);
}

static struct gval fn_sha256(struct gcall *call)
{
	return sum(call, HASH_SHA256);
}

static struct gval fn_sha512(struct gcall *call)
{
	return sum(call, HASH_SHA512);
}

static struct gval fn_adler32(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	uint32_t a = 1;
	uint32_t b = 0;
	for (size_t i = 0; i < s.len; i++) {
		a = (a + (unsigned char)s.ptr[i]) % 65521;
		b = (b + a) % 65521;
	}
	buf_printf(&out, "%u", b << 16 | a);
	return call_string(call, &out);
}

static const struct gfunc rows[] = {
	{ "b64enc", "s:s", fn_b64enc },    { "b64dec", "s:s", fn_b64dec },
	{ "b32enc", "s:s", fn_b32enc },    { "b32dec", "s:s", fn_b32dec },
	{ "sha1sum", "s:s", fn_sha1 },     { "sha256sum", "s:s", fn_sha256 },
	{ "sha512sum", "s:s", fn_sha512 }, { "adler32sum", "s:s", fn_adler32 },
};

const struct gfunc_table functions_encode = FUNCTION_TABLE(rows);
