/* SPDX-License-Identifier: MIT */
/* The table of kinds: adding one is a file with its rows, its place in enum document_kind
 * and a line here. */
#include "stage/document/document.h"
#include "stage/document/schema.h"

#define KINDS(X)                                                     \
	X(DOCUMENT_IMAGE_REPOSITORY, image_repository)               \
	X(DOCUMENT_IMAGE_POLICY, image_policy)                       \
	X(DOCUMENT_IMAGE_UPDATE_AUTOMATION, image_update_automation) \
	X(DOCUMENT_PROVIDER, provider)                               \
	X(DOCUMENT_ALERT, alert)                                     \
	X(DOCUMENT_GIT_REPOSITORY, git_repository)                   \
	X(DOCUMENT_KUSTOMIZATION, kustomization)                     \
	X(DOCUMENT_HELM_RELEASE, helm_release)                       \
	X(DOCUMENT_BUCKET, bucket)                                   \
	X(DOCUMENT_HELM_CHART, helm_chart)                           \
	X(DOCUMENT_HELM_REPOSITORY, helm_repository)                 \
	X(DOCUMENT_OCI_REPOSITORY, oci_repository)                   \
	X(DOCUMENT_EXTERNAL_ARTIFACT, external_artifact)             \
	X(DOCUMENT_ARTIFACT_GENERATOR, artifact_generator)           \
	X(DOCUMENT_NAMESPACE, namespace)                             \
	X(DOCUMENT_SECRET, secret)

#define KIND_EXTERN(number, name) extern const struct kind kind_##name;
KINDS(KIND_EXTERN)
#undef KIND_EXTERN

#define KIND_ROW(number, name) [number] = &kind_##name,
const struct kind *const document_kinds[DOCUMENT_KINDS] = { KINDS(KIND_ROW) };
#undef KIND_ROW
