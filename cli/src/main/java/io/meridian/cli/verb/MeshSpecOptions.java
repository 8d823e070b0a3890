package io.meridian.cli.verb;

import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.cli.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A mesh's settings; each that is given is put into the spec and its path into the mask. */
final class MeshSpecOptions {
    @Option(names = "--display-name", paramLabel = "TEXT", description = "A name for people.")
    @Nullable
    String displayName;

    @Option(
            names = "--access-log",
            negatable = true,
            arity = "0..1",
            fallbackValue = "true",
            description = "Whether proxies write an access log.")
    @Nullable
    Boolean accessLog;

    @Option(
            names = "--access-log-format",
            paramLabel = "FORMAT",
            description = "Envoy's command operators; Istio's default format if not given.")
    @Nullable
    String accessLogFormat;

    @Option(names = "--tracing-sampling", paramLabel = "PERCENT", description = "Share of requests traced, 0 to 100.")
    @Nullable
    Double tracingSampling;

    @Option(
            names = "--outbound-traffic-policy",
            paramLabel = "POLICY",
            description = "For unknown destinations: allow-any or registry-only.")
    @Nullable
    String outboundTrafficPolicy;

    @Option(names = "--mtls", paramLabel = "MODE", description = "disable, permissive or strict.")
    @Nullable
    String mtls;

    @Option(
            names = "--sync-replicas",
            paramLabel = "N",
            description = "Regions besides the home that hold a write before it is acknowledged; 0 for none.")
    @Nullable
    Integer syncReplicas;

    @Option(
            names = "--load-balancing",
            paramLabel = "POLICY",
            description = "Where no rule says: round-robin, least-request or random.")
    @Nullable
    String loadBalancing;

    @Option(names = "--trust-domain", paramLabel = "DOMAIN", description = "SPIFFE trust domain.")
    @Nullable
    String trustDomain;

    @Option(
            names = "--root-namespace",
            paramLabel = "NAMESPACE",
            description = "Whose objects apply to the whole mesh.")
    @Nullable
    String rootNamespace;

    @Option(
            names = "--automatic-failover",
            negatable = true,
            arity = "0..1",
            fallbackValue = "true",
            description =
                    "Whether another region takes over by itself when the home is silent for longer than its lease.")
    @Nullable
    Boolean automaticFailover;

    @Option(
            names = "--lease",
            paramLabel = "DURATION",
            description = "For automatic failover: how long a home may write on a majority's word, 3s to 5m.")
    @Nullable
    Duration lease;

    @Option(
            names = "--divergence-policy",
            paramLabel = "POLICY",
            description = "For what a forced failover left behind: manual, reapply-non-conflicting or discard.")
    @Nullable
    String divergencePolicy;

    /** Puts what was given into {@code spec}; returns the paths, empty if nothing was. */
    List<String> into(MeshSpec.Builder spec) {
        List<String> mask = new ArrayList<>();
        if (displayName != null) {
            spec.setDisplayName(displayName);
            mask.add("display_name");
        }
        if (accessLog != null) {
            spec.getAccessLogBuilder().setEnabled(accessLog);
            mask.add("access_log.enabled");
        }
        if (accessLogFormat != null) {
            spec.getAccessLogBuilder().setFormat(accessLogFormat);
            mask.add("access_log.format");
        }
        if (tracingSampling != null) {
            spec.getTracingBuilder().setSamplingPercent(tracingSampling);
            mask.add("tracing.sampling_percent");
        }
        if (outboundTrafficPolicy != null) {
            spec.setOutboundTrafficPolicy(Words.parse(
                    "--outbound-traffic-policy", outboundTrafficPolicy, MeshSpec.OutboundTrafficPolicy.values(), ""));
            mask.add("outbound_traffic_policy");
        }
        if (mtls != null) {
            spec.setMtlsMode(Words.parse("--mtls", mtls, MeshSpec.MtlsMode.values(), "MTLS_"));
            mask.add("mtls_mode");
        }
        if (syncReplicas != null) {
            spec.setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas));
            mask.add("durability.sync_replicas");
        }
        if (loadBalancing != null) {
            spec.setDefaultLoadBalancing(
                    Words.parse("--load-balancing", loadBalancing, MeshSpec.LoadBalancing.values(), ""));
            mask.add("default_load_balancing");
        }
        if (trustDomain != null) {
            spec.setTrustDomain(trustDomain);
            mask.add("trust_domain");
        }
        if (rootNamespace != null) {
            spec.setRootNamespace(rootNamespace);
            mask.add("root_namespace");
        }
        failoverInto(spec, mask);
        return mask;
    }

    private void failoverInto(MeshSpec.Builder spec, List<String> mask) {
        if (automaticFailover != null) {
            spec.getFailoverBuilder().setAutomatic(automaticFailover);
            mask.add("failover.automatic");
        }
        if (lease != null) {
            spec.getFailoverBuilder().setLease(Durations.proto(lease));
            mask.add("failover.lease");
        }
        if (divergencePolicy != null) {
            spec.getFailoverBuilder()
                    .setDivergencePolicy(Words.parse(
                            "--divergence-policy", divergencePolicy, MeshSpec.DivergencePolicy.values(), ""));
            mask.add("failover.divergence_policy");
        }
    }
}
