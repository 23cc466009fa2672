/* SPDX-License-Identifier: MIT */
/*
 * SHA-1 (FIPS 180-4), for what git names and seals with it: object ids and the trailer of
 * a pack. Nothing here relies on it against an attacker.
 */
#include "adapter/git/internal.h"
#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

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

static void take_block_plain(uint32_t state[5], const unsigned char block[64])
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

#ifdef __x86_64__

/* The same by the processor's own instructions, four steps each, where it has them: a
 * cold run hashes every file several times. */
FOR_PROCESSOR("sha,sse4.1")

static void take_block_fast(uint32_t state[5], const unsigned char block[64])
{
	const __m128i swap = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	__m128i w[20];
	for (size_t i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
		    swap);
	for (size_t i = 4; i < 20; i++)
		w[i] = _mm_sha1msg2_epu32(
		    _mm_xor_si128(_mm_sha1msg1_epu32(w[i - 4], w[i - 3]), w[i - 2]),
		    w[i - 1]);
	__m128i abcd = _mm_shuffle_epi32(
	    _mm_loadu_si128((const __m128i *)(const void *)state), 0x1b);
	const __m128i abcd_before = abcd;
	const __m128i e_before = _mm_set_epi32((int)state[4], 0, 0, 0);
	__m128i last = abcd;
	abcd = _mm_sha1rnds4_epu32(abcd, _mm_add_epi32(e_before, w[0]), 0);
	for (size_t i = 1; i < 20; i++) {
		__m128i e = _mm_sha1nexte_epu32(last, w[i]);
		last = abcd;
		if (i < 5)
			abcd = _mm_sha1rnds4_epu32(abcd, e, 0);
		else if (i < 10)
			abcd = _mm_sha1rnds4_epu32(abcd, e, 1);
		else if (i < 15)
			abcd = _mm_sha1rnds4_epu32(abcd, e, 2);
		else
			abcd = _mm_sha1rnds4_epu32(abcd, e, 3);
	}
	__m128i e = _mm_sha1nexte_epu32(last, e_before);
	state[4] = (uint32_t)_mm_extract_epi32(e, 3);
	abcd = _mm_shuffle_epi32(_mm_add_epi32(abcd, abcd_before), 0x1b);
	_mm_storeu_si128((__m128i *)(void *)state, abcd);
}

static bool has_instructions(void)
{
	unsigned a = 0;
	unsigned b = 0;
	unsigned c = 0;
	unsigned d = 0;
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

static void take_block(uint32_t state[5], const unsigned char block[64])
{
	static enum {
		UNKNOWN,
		PLAIN,
		FAST
	} way;

	if (way == UNKNOWN)
		way = has_instructions() ? FAST : PLAIN;
	if (way == FAST)
		take_block_fast(state, block);
	else
		take_block_plain(state, block);
}

#else

static void take_block(uint32_t state[5], const unsigned char block[64])
{
	take_block_plain(state, block);
}

#endif

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
