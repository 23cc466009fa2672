/* SPDX-License-Identifier: MIT */
/*
 * What happened, whom it concerns and what is to be sent: the nouns between events,
 * alerts and providers, in the shapes of Flux's notification API.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include "model/document.h"

/* Metadata of this group an event has whatever its object's group is. */
#define EVENT_GROUP "event.toolkit.fluxcd.io/"

enum event_severity {
	EVENT_TRACE,
	EVENT_INFO,
	EVENT_ERROR
};

/* involvedObject; empty texts where absent. */
struct event_object {
	const char *kind, *namespace, *name, *uid, *api_version, *resource_version,
	    *field_path;
};

/* Its members as JSON names them, in the order in which upstream writes them. */
#define EVENT_OBJECT_TEXTS(X)                  \
	X("kind", kind)                        \
	X("namespace", namespace)              \
	X("name", name)                        \
	X("uid", uid)                          \
	X("apiVersion", api_version)           \
	X("resourceVersion", resource_version) \
	X("fieldPath", field_path)

struct event {
	struct event_object object;
	enum event_severity severity;
	int64_t timestamp_ms; /* 0: null */
	const char *message;
	const char *reason;
	struct label_list
	    metadata; /* keys as on the wire, with their group prefix when raw */
	const char *reporting_controller, *reporting_instance;
	/* The involved object's labels, for matchLabels; object_missing: it is not in the
	 * tree. */
	struct label_list labels;
	bool object_missing;
};

/* What a type of provider does; provider_types.list has them all. */
enum provider_flag {
	PROVIDER_COMMIT_STATUS = 1, /* sets statuses on commits: no Alert is needed */
	PROVIDER_COMMENT = 2,       /* comments on a change request */
	PROVIDER_TAKES_UPDATES = 4, /* is also told what is for commit statuses only */
	PROVIDER_KEEPS_ALERTS = 8,  /* keeps what failed until it is told that this has
				       ended: delivery->recovered */
	PROVIDER_UNSUPPORTED = 16,  /* known to Flux, not done here */
	PROVIDER_OWN_HOST = 32,     /* goes to its own host, whatever the address */
	PROVIDER_KNOWS_ADDRESS = 64 /* its service has one address for everybody */
};

struct provider {
	struct object_meta meta;
	const char *uid;                                  /* metadata.uid, or "" */
	const char *type;                                 /* as written */
	const char *channel, *username, *address, *proxy; /* "" when not given */
	int64_t timeout_ms;                               /* 15 s by default */
	const char *secret_ref, *proxy_secret_ref, *cert_secret_ref,
	    *service_account; /* or NULL */
	bool suspend;
	const char *commit_status_expr; /* NULL: none */
	struct place type_place, address_place, expr_place;
};

struct event_source {
	const char *api_version;             /* or NULL; not looked at */
	const char *kind, *namespace, *name; /* namespace: the alert's when not given */
	bool has_labels;
	struct label_list match_labels;
	struct place place;
};

struct alert {
	struct object_meta meta;
	const char *uid;
	const char *provider_ref;
	struct place provider_place;
	bool errors_only; /* eventSeverity: error */
	VEC_OF(struct event_source) sources;
	struct strings inclusion_list, exclusion_list;
	VEC_OF(struct place) inclusion_places, exclusion_places; /* of each entry */
	struct label_list event_metadata;
	const char *summary; /* "" when not given */
	bool suspend;
};

/* One event on its way to one provider. */
struct delivery {
	const struct provider *provider;
	const struct alert *alert; /* NULL: sent as it is */
	/* other alerts that make the same of the event: it is sent once */
	VEC_OF(const struct alert *) also;
	struct event event;        /* metadata merged, prefixes stripped */
	const char *commit_status; /* context of a commit status, or NULL */
	const char *status_text;   /* its description; NULL: the reason in words */
	const char *id; /* stable, for the outbox and receivers that take one */
	/* The failure that this event ends, as it was delivered, or NULL: receivers that
	 * keep alerts resolve that one. */
	const struct event *recovered;
};

struct delivery_list {
	struct delivery *items;
	size_t len;
	size_t cap;
};

/* What a provider's secrets give; all texts NULL when absent. */
struct provider_secret {
	const char *address, *token, *username, *password, *proxy;
	struct label_list headers;
	const char *app_id, *app_private_key, *app_installation_id,
	    *app_installation_owner, *app_base_url;
	const char *ca_pem, *cert_pem, *key_pem;
	const char *proxy_username, *proxy_password;
	bool half_basic_auth; /* exactly one of username and password */
	bool own_tls;         /* the PEM texts are secretRef's, not certSecretRef's */
};

#endif
