/* SPDX-License-Identifier: MIT */
#include "stage/deliver/room.h"
#include "adapter/json/json.h"
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"
#include "tests/unit/unit.h"

enum {
	MESSAGE_CHARS = 20000,
	PAIRS = 200,
	VALUE_CHARS = 2000
};

/* n of the same character, three bytes each. */
static const char *repeat(const char *character, size_t n, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&out, character);
	return arena_strndup(arena, buf_str(&out));
}

static struct event make_event(size_t chars, size_t pairs, struct arena *arena)
{
	struct event event = {
		.object = { .kind = "Kustomization",
			    .namespace = "flux-system",
			    .name = "apps",
			    .uid = "",
			    .api_version = "",
			    .resource_version = "",
			    .field_path = "" },
		.severity = EVENT_ERROR,
		.message = repeat("\u4e2d", chars, arena),
		.reason = "BuildFailed",
		.reporting_controller = "imagehook",
		.reporting_instance = "",
	};
	for (size_t i = 0; i < pairs; i++) {
		struct label label = { arena_printf(arena, "key%03zu", i), NULL };
		label.value = repeat("\u00e9", VALUE_CHARS, arena);
		VEC_PUSH(arena, &event.metadata, label);
	}
	return event;
}

/* What each receiver takes, as its vendor says; of Discord the texts count. */
static const struct taker {
	const char *type, *address;
	size_t bytes;
} takers[] = {
	{ "msteams", "https://prod.logic.azure.com/w", 24 * 1024 },
	{ "msteams", "https://x.webhook.office.com/w", 24 * 1024 },
	{ "webex", "https://webexapis.com/v1/messages", 7439 },
	{ "lark", "https://open.larksuite.com/x", 20000 },
	{ "googlechat", "https://chat.googleapis.com/x", 32000 },
	{ "matrix", "https://m.example", 65536 },
	{ "discord", "https://discord.com/api/webhooks/1/x", SIZE_MAX },
};

static struct str body_of(const struct taker *taker, const struct event *event,
			  struct arena *arena)
{
	struct provider provider = {
		.uid = "u",
		.type = taker->type,
		.channel = "c",
		.username = "",
		.address = taker->address,
		.proxy = "",
	};
	struct delivery delivery = { .provider = &provider, .event = *event };
	struct provider_secret secret = { .token = "T" };
	struct deliver_state state = { .delivery = &delivery,
				       .secret = &secret,
				       .arena = arena };
	struct http_request request = { 0 };
	enum deliver_next next = DELIVER_SEND;
	struct err err = ERR_INIT;
	assert_int_equal(deliver_step(&state, NULL, &request, &next, &err), 0);
	return request.body;
}

static void test_receivers_get_what_they_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(takers); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct event event = make_event(MESSAGE_CHARS, PAIRS, &arena);
		struct str body = body_of(&takers[i], &event, &arena);
		assert_true(body.len <= takers[i].bytes);
		/* something of both */
		assert_true(str_find(body, STR("\u4e2d\u4e2d...")) < body.len);
		assert_true(str_find(body, STR("key000")) < body.len);
		assert_true(str_find(body, STR("key199")) == body.len);
	}
}

static void test_discord_takes_6000_characters(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct event event = make_event(MESSAGE_CHARS, PAIRS, &arena);
	const struct taker *discord = &takers[ARRAY_LEN(takers) - 1];
	struct str body = body_of(discord, &event, &arena);
	/* with all that is around them */
	assert_true(words_units(body) < 6000);
}

static void test_what_fits_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(takers); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct event event = make_event(1000, 0, &arena);
		struct label label = { "env", "prod" };
		VEC_PUSH(&arena, &event.metadata, label);
		struct str body = body_of(&takers[i], &event, &arena);
		assert_true(str_find(body, str_of(event.message)) < body.len);
		assert_true(str_find(body, STR("prod")) < body.len);
	}
}

static void test_both_parts_are_cut_in_turn(void **state)
{
	(void)state;
	struct room room = { NULL, 100, 90 };
	assert_true(room_shrink(&room));
	assert_int_equal(room.message, 75);
	assert_true(room_shrink(&room));
	assert_int_equal(room.metadata, 66);
	for (int i = 0; i < 20; i++)
		(void)room_shrink(&room);
	assert_false(room_shrink(&room));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receivers_get_what_they_take),
		cmocka_unit_test(test_discord_takes_6000_characters),
		cmocka_unit_test(test_what_fits_is_whole),
		cmocka_unit_test(test_both_parts_are_cut_in_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
