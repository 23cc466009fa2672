/* SPDX-License-Identifier: MIT */
/* Which addresses may be connected to: judged on what the resolver gave, not on names. */
#ifndef ADAPTER_HTTP_ADDRESS_H
#define ADAPTER_HTTP_ADDRESS_H

#include "base/err.h"
#include "base/vec.h"
#include <sys/socket.h>

/* One address in IPv6 form, IPv4 as ::ffff:a.b.c.d. */
struct address {
	unsigned char bytes[16];
};

struct address_range {
	struct address base;
	unsigned bits; /* of the 128 */
};

struct address_ranges {
	struct address_range *items;
	size_t len;
	size_t cap;
};

enum address_class {
	ADDRESS_NEVER,  /* unspecified, link-local, multicast, metadata, denied by the
			   admin */
	ADDRESS_LISTED, /* loopback, private, this machine's own, its networks */
	ADDRESS_PUBLIC
};

/* False for a family that is neither IPv4 nor IPv6. */
bool address_of(const struct sockaddr *sockaddr, struct address *out);
/* An address literal, IPv6 with or without brackets. */
bool address_parse(struct str text, struct address *out);
/* `10.0.0.0/8`, `fd00::/8` or one address. */
bool address_range_parse(struct str text, struct address_range *out);
/* Compares the first bits; an IPv4 address counts as ::ffff:a.b.c.d. */
bool address_in(const struct address *address, const struct address_range *range);
/* Without brackets, IPv4 dotted. */
void address_format(const struct address *address, char out[64]);
/* This machine's own addresses and the networks they are in, into the arena. */
void address_local(struct arena *arena, struct address_ranges *out);
/* The strictest class of the address and of an IPv4 address inside it (mapped,
 * compatible, translated, NAT64, 6to4). `denied` and `local` may be empty. */
enum address_class address_judge(const struct address *address,
				 const struct address_ranges *denied,
				 const struct address_ranges *local);

#endif
