/* SPDX-License-Identifier: MIT */
/* Hashes, HMAC and randomness by libcrypto's EVP; base64 is our own, because libcrypto's
 * neither knows the URL alphabet nor refuses malformed text. */
#include "adapter/crypto/crypto.h"
#include "adapter/crypto/libcrypto.h"
#include <unistd.h>

/* A hash or random bytes that fail leave nothing sane to go on with. */
NORETURN static void die_without_crypto(const char *what)
{
	static const char head[] = "imagehook: libcrypto failed: ";
	ssize_t done = write(STDERR_FILENO, head, sizeof(head) - 1);
	done += write(STDERR_FILENO, what, strlen(what));
	done += write(STDERR_FILENO, "\n", 1);
	_exit(done > 0 ? 70 : 71);
}

static void load_library(void)
{
	struct err err = ERR_INIT;
	if (libcrypto_load(&err))
		die_without_crypto(err.text);
}

/* Fetched once for the life of the process: to find an algorithm costs libcrypto more
 * than to hash a line with it. */
static const EVP_MD *find_digest(enum hash_kind kind)
{
	static const char *const names[] = {
		[HASH_SHA1] = "SHA1", [HASH_SHA256] = "SHA256", [HASH_SHA512] = "SHA512"
	};
	static EVP_MD *fetched[ARRAY_LEN(names)];
	load_library();
	if (!fetched[kind])
		fetched[kind] = EVP_MD_fetch(NULL, names[kind], NULL);
	if (!fetched[kind])
		die_without_crypto("hash");
	return fetched[kind];
}

static void write_hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

size_t hash_bytes(enum hash_kind kind, struct str data, unsigned char *out)
{
	unsigned int len = 0;
	const void *bytes = data.ptr ? data.ptr : "";
	const EVP_MD *digest = find_digest(kind);
	if (EVP_Digest(bytes, data.len, out, &len, digest, NULL) != 1)
		die_without_crypto("hash");
	return len;
}

void hash_hex(enum hash_kind kind, struct str data, char *out)
{
	unsigned char bytes[HASH_MAX_BYTES];
	write_hex(bytes, hash_bytes(kind, data, bytes), out);
}

void hmac_hex(enum hash_kind kind, struct str key, struct str data, char *out)
{
	unsigned char block[HASH_MAX_BYTES];
	unsigned char bytes[HASH_MAX_BYTES];
	unsigned int len = 0;
	const unsigned char *text = (const unsigned char *)(data.ptr ? data.ptr : "");
	/* HMAC() takes the key's length as int; a longer key is its hash (RFC 2104 2) */
	if (key.len > (size_t)HASH_MAX_BYTES * 2) {
		key.len = hash_bytes(kind, key, block);
		key.ptr = (const char *)block;
	}
	const EVP_MD *digest = find_digest(kind);
	if (!HMAC(digest, key.ptr ? key.ptr : "", (int)key.len, text, data.len, bytes,
		  &len))
		die_without_crypto("hmac");
	write_hex(bytes, len, out);
}

void random_hex(size_t n_bytes, char *out)
{
	unsigned char bytes[64];
	load_library();
	out[0] = '\0';
	while (n_bytes > 0) {
		size_t n = n_bytes < sizeof(bytes) ? n_bytes : sizeof(bytes);
		if (RAND_bytes(bytes, (int)n) != 1)
			die_without_crypto("no randomness");
		write_hex(bytes, n, out);
		out += 2 * n;
		n_bytes -= n;
	}
}

static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint32_t take_byte(struct str data, size_t off)
{
	return off < data.len ? (unsigned char)data.ptr[off] : 0;
}

void base64_encode(struct buf *out, struct str data, bool url)
{
	const char *alphabet = url ? url_alphabet : standard_alphabet;
	for (size_t i = 0; i < data.len; i += 3) {
		uint32_t group = take_byte(data, i) << 16 | take_byte(data, i + 1) << 8 |
				 take_byte(data, i + 2);
		char quad[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63],
				 alphabet[group >> 6 & 63], alphabet[group & 63] };
		size_t used = data.len - i < 3 ? data.len - i + 1 : 4;
		for (size_t k = used; k < 4 && !url; k++)
			quad[k] = '=';
		(void)buf_append(out, (struct str){ quad, url ? used : 4 });
	}
}

static bool find_digit(char c, bool url, uint32_t *digit)
{
	const char *alphabet = url ? url_alphabet : standard_alphabet;
	const char *at = c ? strchr(alphabet, c) : NULL;
	if (!at)
		return false;
	*digit = (uint32_t)(at - alphabet);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct base64_state {
	uint32_t group;
	unsigned digits; /* in this group */
	unsigned padding;
};

/* Takes one character; a full group is appended. */
static bool decode_char(struct base64_state *state, char c, bool url, struct buf *out)
{
	uint32_t digit = 0;
	if (c == '=') {
		state->padding++;
		return state->digits >= 2 && state->digits + state->padding <= 4;
	}
	if (state->padding || !find_digit(c, url, &digit))
		return false;
	state->group = state->group << 6 | digit;
	if (++state->digits < 4)
		return true;
	char bytes[3] = { (char)(unsigned char)(state->group >> 16),
			  (char)(unsigned char)(state->group >> 8),
			  (char)(unsigned char)state->group };
	*state = (struct base64_state){ 0 };
	return buf_append(out, (struct str){ bytes, 3 });
}

/* The last, partial group; bits beyond its bytes must be zero, so that a text has one
 * decoding. */
static bool decode_rest(const struct base64_state *state, struct buf *out)
{
	if (state->padding && state->digits + state->padding != 4)
		return false;
	if (state->digits == 0)
		return true;
	if (state->digits == 1)
		return false;
	uint32_t group = state->group << 6 * (4 - state->digits);
	char bytes[2] = { (char)(unsigned char)(group >> 16),
			  (char)(unsigned char)(group >> 8) };
	if (group & (state->digits == 2 ? 0xffffU : 0xffU))
		return false;
	return buf_append(out, (struct str){ bytes, state->digits - 1 });
}

bool base64_decode(struct buf *out, struct str text, bool url)
{
	size_t start = out->len;
	struct base64_state state = { 0 };
	bool good = true;
	for (size_t i = 0; good && i < text.len; i++)
		good =
		    is_space(text.ptr[i]) || decode_char(&state, text.ptr[i], url, out);
	if (good && decode_rest(&state, out))
		return true;
	buf_truncate(out, start);
	return false;
}
