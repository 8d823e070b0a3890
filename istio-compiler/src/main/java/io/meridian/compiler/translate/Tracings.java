package io.meridian.compiler.translate;

import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing;
import io.envoyproxy.envoy.type.metadata.v3.MetadataKey;
import io.envoyproxy.envoy.type.metadata.v3.MetadataKey.PathSegment;
import io.envoyproxy.envoy.type.metadata.v3.MetadataKind;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import io.meridian.api.type.v1.MeshSpec;

/**
 * Which requests are traced, and with which tags. Those of Istio's tags that every proxy of the mesh shares; the others (cluster, namespace,
 * canonical service and revision) would make every proxy's listeners its own.
 */
final class Tracings {
    private static final String DRY_RUN = "istio.authorization.dry_run.";
    private static final String RBAC = "envoy.filters.http.rbac";

    private Tracings() {}

    static Tracing of(MeshSpec mesh) {
        return Tracing.newBuilder()
                // What a client asks to be traced is.
                .setClientSampling(ProtoValues.percent(100))
                .setRandomSampling(ProtoValues.percent(mesh.getTracing().getSamplingPercent()))
                .setOverallSampling(ProtoValues.percent(100))
                .addCustomTags(dryRun("allow_policy.name", "istio_dry_run_allow_shadow_effective_policy_id"))
                .addCustomTags(dryRun("allow_policy.result", "istio_dry_run_allow_shadow_engine_result"))
                .addCustomTags(dryRun("deny_policy.name", "istio_dry_run_deny_shadow_effective_policy_id"))
                .addCustomTags(dryRun("deny_policy.result", "istio_dry_run_deny_shadow_engine_result"))
                .addCustomTags(CustomTag.newBuilder()
                        .setTag("istio.mesh_id")
                        .setLiteral(CustomTag.Literal.newBuilder().setValue(mesh.getTrustDomain())))
                .build();
    }

    private static CustomTag dryRun(String tag, String metadata) {
        return CustomTag.newBuilder()
                .setTag(DRY_RUN + tag)
                .setMetadata(CustomTag.Metadata.newBuilder()
                        .setKind(MetadataKind.newBuilder().setRequest(MetadataKind.Request.getDefaultInstance()))
                        .setMetadataKey(MetadataKey.newBuilder()
                                .setKey(RBAC)
                                .addPath(PathSegment.newBuilder().setKey(metadata))))
                .build();
    }
}
