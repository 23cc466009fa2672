/* SPDX-License-Identifier: MIT */
/*
 * The address rules. Decides only by the bytes of an address; who is listed is decided
 * elsewhere.
 */
#include "adapter/http/address.h"
#include "base/cursor.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

static const struct {
	const char *range;
	enum address_class class;
} rules[] = {
	{ "0.0.0.0/8", ADDRESS_NEVER },
	{ "10.0.0.0/8", ADDRESS_LISTED },
	{ "100.100.100.200", ADDRESS_NEVER }, /* metadata, Alibaba */
	{ "100.64.0.0/10", ADDRESS_LISTED },
	{ "127.0.0.0/8", ADDRESS_LISTED },
	{ "168.63.129.16", ADDRESS_NEVER }, /* wire server, Azure */
	{ "169.254.0.0/16", ADDRESS_NEVER },
	{ "172.16.0.0/12", ADDRESS_LISTED },
	{ "192.0.0.192", ADDRESS_NEVER }, /* metadata, Oracle */
	{ "192.0.0.0/24", ADDRESS_LISTED },
	{ "192.168.0.0/16", ADDRESS_LISTED },
	{ "198.18.0.0/15", ADDRESS_LISTED },
	{ "224.0.0.0/4", ADDRESS_NEVER },
	{ "240.0.0.0/4", ADDRESS_NEVER },
	{ "::", ADDRESS_NEVER },
	{ "::1", ADDRESS_LISTED },
	{ "64:ff9b:1::/48", ADDRESS_LISTED },
	{ "100::/64", ADDRESS_NEVER },
	{ "2001::/32", ADDRESS_NEVER }, /* Teredo: hides where it leads */
	{ "fc00::/7", ADDRESS_LISTED },
	{ "fd00:ec2::/32", ADDRESS_NEVER }, /* metadata, Amazon */
	{ "fd20:ce::/32", ADDRESS_NEVER },  /* metadata, Google */
	{ "fe80::/10", ADDRESS_NEVER },
	{ "fec0::/10", ADDRESS_LISTED },
	{ "ff00::/8", ADDRESS_NEVER },
};

/* Where an IPv4 address stands inside an IPv6 one. */
static const struct {
	const char *prefix;
	size_t off;
} wrappers[] = {
	{ "::/96", 12 },          { "::ffff:0:0:0/96", 12 }, { "64:ff9b::/96", 12 },
	{ "64:ff9b:1::/96", 12 }, { "2002::/16", 2 },
};

static struct address map_v4(const void *bytes)
{
	struct address out = { { 0 } };
	out.bytes[10] = out.bytes[11] = 0xff;
	memcpy(out.bytes + 12, bytes, 4);
	return out;
}

static bool is_v4(const struct address *address)
{
	static const unsigned char prefix[12] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
	};
	return memcmp(address->bytes, prefix, sizeof(prefix)) == 0;
}

bool address_of(const struct sockaddr *sockaddr, struct address *out)
{
	if (sockaddr->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sockaddr, sizeof(in));
		*out = map_v4(&in.sin_addr);
		return true;
	}
	if (sockaddr->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sockaddr, sizeof(in6));
		memcpy(out->bytes, &in6.sin6_addr, sizeof(out->bytes));
		return true;
	}
	return false;
}

bool address_parse(struct str text, struct address *out)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char v4[4];
	if (text.len > 1 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = str_slice(text, 1, text.len - 2);
	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, v4) == 1) {
		*out = map_v4(v4);
		return true;
	}
	return inet_pton(AF_INET6, copy, out->bytes) == 1;
}

bool address_range_parse(struct str text, struct address_range *out)
{
	struct address_range range = { .bits = 128 };
	size_t slash = str_find_char(text, '/');
	struct str base = str_slice(text, 0, slash);
	if (!address_parse(base, &range.base))
		return false;
	if (slash < text.len) {
		bool dotted = str_find_char(base, ':') == base.len;
		uint64_t bits = 0;
		if (!number_parse(str_from(text, slash + 1), dotted ? 32 : 128, &bits))
			return false;
		range.bits = (unsigned)bits + (dotted ? 96 : 0);
	}
	*out = range;
	return true;
}

bool address_in(const struct address *address, const struct address_range *range)
{
	size_t whole = range->bits / 8;
	unsigned rest = range->bits % 8;
	if (memcmp(address->bytes, range->base.bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	unsigned mask = (0xff00U >> rest) & 0xffU;
	return (address->bytes[whole] & mask) == (range->base.bytes[whole] & mask);
}

void address_format(const struct address *address, char out[64])
{
	const char *text = is_v4(address)
			       ? inet_ntop(AF_INET, address->bytes + 12, out, 64)
			       : inet_ntop(AF_INET6, address->bytes, out, 64);
	if (!text)
		out[0] = '\0';
}

static unsigned count_bits(const struct address *mask, size_t from)
{
	unsigned bits = (unsigned)from * 8;
	for (size_t i = from; i < sizeof(mask->bytes); i++)
		for (unsigned bit = 0x80; bit && (mask->bytes[i] & bit); bit >>= 1)
			bits++;
	return bits;
}

static void free_interfaces(struct ifaddrs *const *list)
{
	if (*list)
		freeifaddrs(*list);
}

void address_local(struct arena *arena, struct address_ranges *out)
{
	struct ifaddrs *list CLEANUP(free_interfaces) = NULL;
	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		struct address_range own = { .bits = 128 };
		struct address mask;
		if (!at->ifa_addr || !address_of(at->ifa_addr, &own.base))
			continue;
		VEC_PUSH(arena, out, own);
		if (!at->ifa_netmask || !address_of(at->ifa_netmask, &mask))
			continue;
		bool dotted = at->ifa_addr->sa_family == AF_INET;
		struct address_range net = { own.base,
					     count_bits(&mask, dotted ? 12 : 0) };
		/* a point-to-point link with an empty mask would be everything */
		if (net.bits > (dotted ? 96U : 0U))
			VEC_PUSH(arena, out, net);
	}
}

static bool in_any(const struct address *address, const struct address_ranges *ranges)
{
	for (size_t i = 0; i < ranges->len; i++)
		if (address_in(address, &ranges->items[i]))
			return true;
	return false;
}

static enum address_class judge_one(const struct address *address,
				    const struct address_ranges *denied,
				    const struct address_ranges *local)
{
	enum address_class class = ADDRESS_PUBLIC;
	struct address_range range;
	if (in_any(address, denied))
		return ADDRESS_NEVER;
	if (in_any(address, local))
		class = ADDRESS_LISTED;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].class < class &&
		    address_range_parse(str_of(rules[i].range), &range) &&
		    address_in(address, &range))
			class = rules[i].class;
	return class;
}

enum address_class address_judge(const struct address *address,
				 const struct address_ranges *denied,
				 const struct address_ranges *local)
{
	static const struct address loopback = { { [15] = 1 } };
	enum address_class class = judge_one(address, denied, local);
	if (is_v4(address) || memcmp(address, &loopback, sizeof(loopback)) == 0)
		return class;
	for (size_t i = 0; i < ARRAY_LEN(wrappers); i++) {
		struct address_range range;
		if (!address_range_parse(str_of(wrappers[i].prefix), &range) ||
		    !address_in(address, &range))
			continue;
		struct address inner = map_v4(address->bytes + wrappers[i].off);
		enum address_class inner_class = judge_one(&inner, denied, local);
		if (inner_class < class)
			class = inner_class;
	}
	return class;
}
