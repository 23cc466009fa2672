/* SPDX-License-Identifier: MIT */
/*
 * SHA-1 (FIPS 180-4), for what git names and seals with it: object ids and the trailer of
 * a pack. Nothing here relies on it against an attacker.
 */
#include "adapter/git/internal.h"

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t choose(uint32_t b, uint32_t c, uint32_t d)
{
	return d ^ (b & (c ^ d));
}

static uint32_t parity(uint32_t b, uint32_t c, uint32_t d)
{
	return b ^ c ^ d;
}

static uint32_t majority(uint32_t b, uint32_t c, uint32_t d)
{
	return (b & c) | (d & (b | c));
}

/* The five words change their roles with every step instead of their places. */
static void step(uint32_t added, uint32_t a, uint32_t *b, uint32_t *e)
{
	*e += rotate(a, 5) + added;
	*b = rotate(*b, 30);
}

static void take_block(uint32_t state[5], const unsigned char block[64])
{
	uint32_t w[80];
	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | (uint32_t)block[4 * i + 3];
	for (size_t i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	uint32_t a = state[0];
	uint32_t b = state[1];
	uint32_t c = state[2];
	uint32_t d = state[3];
	uint32_t e = state[4];
	for (size_t i = 0; i < 20; i += 5) {
		step(choose(b, c, d) + 0x5a827999U + w[i], a, &b, &e);
		step(choose(a, b, c) + 0x5a827999U + w[i + 1], e, &a, &d);
		step(choose(e, a, b) + 0x5a827999U + w[i + 2], d, &e, &c);
		step(choose(d, e, a) + 0x5a827999U + w[i + 3], c, &d, &b);
		step(choose(c, d, e) + 0x5a827999U + w[i + 4], b, &c, &a);
	}
	for (size_t i = 20; i < 40; i += 5) {
		step(parity(b, c, d) + 0x6ed9eba1U + w[i], a, &b, &e);
		step(parity(a, b, c) + 0x6ed9eba1U + w[i + 1], e, &a, &d);
		step(parity(e, a, b) + 0x6ed9eba1U + w[i + 2], d, &e, &c);
		step(parity(d, e, a) + 0x6ed9eba1U + w[i + 3], c, &d, &b);
		step(parity(c, d, e) + 0x6ed9eba1U + w[i + 4], b, &c, &a);
	}
	for (size_t i = 40; i < 60; i += 5) {
		step(majority(b, c, d) + 0x8f1bbcdcU + w[i], a, &b, &e);
		step(majority(a, b, c) + 0x8f1bbcdcU + w[i + 1], e, &a, &d);
		step(majority(e, a, b) + 0x8f1bbcdcU + w[i + 2], d, &e, &c);
		step(majority(d, e, a) + 0x8f1bbcdcU + w[i + 3], c, &d, &b);
		step(majority(c, d, e) + 0x8f1bbcdcU + w[i + 4], b, &c, &a);
	}
	for (size_t i = 60; i < 80; i += 5) {
		step(parity(b, c, d) + 0xca62c1d6U + w[i], a, &b, &e);
		step(parity(a, b, c) + 0xca62c1d6U + w[i + 1], e, &a, &d);
		step(parity(e, a, b) + 0xca62c1d6U + w[i + 2], d, &e, &c);
		step(parity(d, e, a) + 0xca62c1d6U + w[i + 3], c, &d, &b);
		step(parity(c, d, e) + 0xca62c1d6U + w[i + 4], b, &c, &a);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void sha1_init(struct sha1 *sha)
{
	*sha = (struct sha1){ .state = { 0x67452301U, 0xefcdab89U, 0x98badcfeU,
					 0x10325476U, 0xc3d2e1f0U } };
}

void sha1_update(struct sha1 *sha, struct str bytes)
{
	size_t have = (size_t)(sha->bytes % sizeof(sha->block));
	sha->bytes += bytes.len;
	while (bytes.len) {
		size_t n = sizeof(sha->block) - have;
		n = n < bytes.len ? n : bytes.len;
		memcpy(sha->block + have, bytes.ptr, n);
		bytes = str_from(bytes, n);
		have += n;
		if (have < sizeof(sha->block))
			break;
		take_block(sha->state, sha->block);
		have = 0;
	}
}

void sha1_final(struct sha1 *sha, struct raw_oid *out)
{
	uint64_t bits = sha->bytes * 8;
	char tail[8];
	for (size_t i = 0; i < 8; i++)
		tail[i] = (char)(unsigned char)(bits >> (56 - 8 * i));
	sha1_update(sha, STR("\x80"));
	while (sha->bytes % 64 != 56)
		sha1_update(sha, (struct str){ "", 1 });
	sha1_update(sha, (struct str){ tail, sizeof(tail) });
	for (size_t i = 0; i < RAW_OID_BYTES; i++)
		out->bytes[i] =
		    (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
}

void object_id(enum object_type type, struct str bytes, struct raw_oid *out)
{
	struct sha1 sha;
	char header[40];
	int n =
	    snprintf(header, sizeof(header), "%s %zu", object_type_name(type), bytes.len);
	sha1_init(&sha);
	sha1_update(&sha, (struct str){ header, (size_t)n + 1 });
	sha1_update(&sha, bytes);
	sha1_final(&sha, out);
}
