/* SPDX-License-Identifier: MIT */
/* Kinds that are recognised, with their metadata and spec, and not read field by field.
 */
#include "stage/document/schema.h"

static void add_plain(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->others, *(const struct plain_document *)form);
}

#define LOOKED_AT(kind_name, kind_group, kind_versions)                          \
	.name = (kind_name), .group = (kind_group), .versions = (kind_versions), \
	.form_bytes = sizeof(struct plain_document), .add = add_plain

const struct kind kind_git_repository = {
	LOOKED_AT("GitRepository", "source.toolkit.fluxcd.io", "v1beta1 v1beta2 v1"),
	.summary =
	    "What an automation's sourceRef names. Its url is compared with this "
	    "repository's own path, and its ref is the checkout when the automation "
	    "gives none.",
};

const struct kind kind_kustomization = {
	LOOKED_AT("Kustomization", "kustomize.toolkit.fluxcd.io", "v1beta1 v1beta2 v1"),
	.summary = "Looked at by alerts only.",
};

const struct kind kind_helm_release = {
	LOOKED_AT("HelmRelease", "helm.toolkit.fluxcd.io", "v2beta1 v2beta2 v2"),
	.summary = "Looked at by alerts only.",
};

#define SOURCE(kind_name, kind_versions)                                 \
	LOOKED_AT(kind_name, "source.toolkit.fluxcd.io", kind_versions), \
	    .summary = "Looked at by alerts only."

const struct kind kind_bucket = { SOURCE("Bucket", "v1beta1 v1beta2 v1") };
const struct kind kind_helm_chart = { SOURCE("HelmChart", "v1beta1 v1beta2 v1") };
const struct kind kind_helm_repository = { SOURCE("HelmRepository",
						  "v1beta1 v1beta2 v1") };
const struct kind kind_oci_repository = { SOURCE("OCIRepository", "v1beta2 v1") };
const struct kind kind_external_artifact = { SOURCE("ExternalArtifact", "v1") };

const struct kind kind_artifact_generator = {
	LOOKED_AT("ArtifactGenerator", "source.extensions.fluxcd.io", "v1beta1"),
	.summary = "Looked at by alerts only.",
};

const struct kind kind_namespace = {
	LOOKED_AT("Namespace", "", "v1"),
	.summary = "Its labels are what accessFrom of an ImageRepository selects by.",
};

const struct kind kind_secret = {
	LOOKED_AT("Secret", "", "v1"),
	.summary =
	    "Never read: secrets are kept on the server. One with data that is not "
	    "encrypted is a finding.",
};
