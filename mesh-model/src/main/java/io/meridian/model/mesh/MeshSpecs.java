package io.meridian.model.mesh;

import com.google.protobuf.Duration;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import io.meridian.api.type.v1.MeshSpec.LoadBalancing;
import io.meridian.api.type.v1.MeshSpec.MtlsMode;
import io.meridian.api.type.v1.MeshSpec.OutboundTrafficPolicy;
import io.meridian.model.envoy.CommandOperators;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Defaults and limits of a mesh's spec. Defaults are written into the event, so that a later version's defaults don't change it. */
final class MeshSpecs {
    /** Istio's own default share of traced requests (istio.io, "Configure trace sampling"). */
    static final double DEFAULT_SAMPLING_PERCENT = 1;

    static final String DEFAULT_TRUST_DOMAIN = "cluster.local";
    static final String DEFAULT_ROOT_NAMESPACE = "istio-system";

    /** See {@code MeshSpec.Failover.lease} in types.proto. */
    static final Duration DEFAULT_LEASE = Duration.newBuilder().setSeconds(10).build();

    /** See {@code MeshSpec.Rollout.halt_percent} in types.proto. */
    static final double DEFAULT_HALT_PERCENT = 20;

    private static final long MIN_LEASE_SECONDS = 3;
    private static final long MAX_LEASE_SECONDS = 300;
    private static final int NANO_DIGITS = 9;

    private static final int MAX_DISPLAY_NAME_CHARS = 256;
    private static final int MAX_ACCESS_LOG_FORMAT_CHARS = 4096;
    private static final int MAX_TRUST_DOMAIN_CHARS = 255;

    /** SPIFFE ID specification, 2.1 Trust Domain. */
    private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]+");

    private MeshSpecs() {}

    static MeshSpec withDefaults(MeshSpec asked) {
        MeshSpec.Builder spec = asked.toBuilder();
        if (asked.getVersion().isEmpty()) {
            spec.setVersion(SupportedVersions.NEWEST);
        }
        if (!asked.hasTracing()) {
            spec.getTracingBuilder().setSamplingPercent(DEFAULT_SAMPLING_PERCENT);
        }
        if (asked.getOutboundTrafficPolicy() == OutboundTrafficPolicy.OUTBOUND_TRAFFIC_POLICY_UNSPECIFIED) {
            spec.setOutboundTrafficPolicy(OutboundTrafficPolicy.ALLOW_ANY);
        }
        if (asked.getMtlsMode() == MtlsMode.MTLS_MODE_UNSPECIFIED) {
            spec.setMtlsMode(MtlsMode.MTLS_PERMISSIVE);
        }
        if (asked.getDefaultLoadBalancing() == LoadBalancing.LOAD_BALANCING_UNSPECIFIED) {
            spec.setDefaultLoadBalancing(LoadBalancing.ROUND_ROBIN);
        }
        if (asked.getTrustDomain().isEmpty()) {
            spec.setTrustDomain(DEFAULT_TRUST_DOMAIN);
        }
        if (asked.getRootNamespace().isEmpty()) {
            spec.setRootNamespace(DEFAULT_ROOT_NAMESPACE);
        }
        if (asked.getFailover().getDivergencePolicy() == DivergencePolicy.DIVERGENCE_POLICY_UNSPECIFIED) {
            spec.getFailoverBuilder().setDivergencePolicy(DivergencePolicy.MANUAL);
        }
        if (asked.getFailover().getAutomatic() && !asked.getFailover().hasLease()) {
            spec.getFailoverBuilder().setLease(DEFAULT_LEASE);
        }
        if (asked.getRollout().getCanaryPercent() > 0 && asked.getRollout().getHaltPercent() == 0) {
            spec.getRolloutBuilder().setHaltPercent(DEFAULT_HALT_PERCENT);
        }
        if (asked.getRollout().equals(MeshSpec.Rollout.getDefaultInstance())) {
            spec.clearRollout();
        }
        // Presence of an empty message is no difference; with both always present, equal specs are equal messages.
        spec.getAccessLogBuilder();
        spec.getDurabilityBuilder();
        return spec.build();
    }

    /** Everything but the version, whose rule depends on the command. */
    static Violations check(MeshId mesh, MeshSpec spec) {
        Violations violations = new Violations("mesh " + mesh);
        violations.require(
                spec.getDisplayName().length() <= MAX_DISPLAY_NAME_CHARS,
                "spec.display_name",
                () -> "has " + spec.getDisplayName().length() + " characters; at most " + MAX_DISPLAY_NAME_CHARS
                        + " are allowed");
        violations.require(
                spec.getAccessLog().getFormat().length() <= MAX_ACCESS_LOG_FORMAT_CHARS,
                "spec.access_log.format",
                () -> "has " + spec.getAccessLog().getFormat().length() + " characters; at most "
                        + MAX_ACCESS_LOG_FORMAT_CHARS + " are allowed");
        CommandOperators.problem(spec.getAccessLog().getFormat())
                .ifPresent(problem -> violations.add(RejectionCode.INVALID_FIELD, "spec.access_log.format", problem));
        double sampling = spec.getTracing().getSamplingPercent();
        violations.require(
                sampling >= 0 && sampling <= 100,
                "spec.tracing.sampling_percent",
                () -> "is " + sampling + "; must be 0 to 100");
        double canaries = spec.getRollout().getCanaryPercent();
        violations.require(
                canaries >= 0 && canaries <= 100,
                "spec.rollout.canary_percent",
                () -> "is " + canaries + "; must be 0 (off) to 100");
        double halt = spec.getRollout().getHaltPercent();
        violations.require(
                halt >= 0 && halt <= 100,
                "spec.rollout.halt_percent",
                () -> "is " + halt + "; must be more than 0, and 100 at most");
        int replicas = spec.getDurability().getSyncReplicas();
        violations.require(
                replicas >= 0 && replicas < RegionId.MAX_REGIONS,
                "spec.durability.sync_replicas",
                () -> "is " + replicas + "; must be 0 (asynchronous) to " + (RegionId.MAX_REGIONS - 1));
        if (spec.getFailover().hasLease()) {
            violations.require(
                    isLease(spec.getFailover().getLease()),
                    "spec.failover.lease",
                    () -> "is " + seconds(spec.getFailover().getLease()) + " s; must be " + MIN_LEASE_SECONDS + " to "
                            + MAX_LEASE_SECONDS + " s");
        }
        violations.require(
                spec.getFailover().getDivergencePolicy() != DivergencePolicy.UNRECOGNIZED,
                "spec.failover.divergence_policy",
                () -> "must be MANUAL, REAPPLY_NON_CONFLICTING or DISCARD");
        violations.require(
                spec.getOutboundTrafficPolicy() != OutboundTrafficPolicy.UNRECOGNIZED,
                "spec.outbound_traffic_policy",
                () -> "must be ALLOW_ANY or REGISTRY_ONLY");
        violations.require(
                spec.getMtlsMode() != MtlsMode.UNRECOGNIZED,
                "spec.mtls_mode",
                () -> "must be MTLS_DISABLE, MTLS_PERMISSIVE or MTLS_STRICT");
        violations.require(
                spec.getDefaultLoadBalancing() != LoadBalancing.UNRECOGNIZED,
                "spec.default_load_balancing",
                () -> "must be ROUND_ROBIN, LEAST_REQUEST or RANDOM");
        violations.require(
                spec.getTrustDomain().length() <= MAX_TRUST_DOMAIN_CHARS
                        && TRUST_DOMAIN.matcher(spec.getTrustDomain()).matches(),
                "spec.trust_domain",
                () -> "'" + spec.getTrustDomain()
                        + "' is not a trust domain: up to 255 lower-case letters, digits, '.', '-' and '_'");
        violations.require(
                MeshId.isValid(spec.getRootNamespace()),
                "spec.root_namespace",
                () -> "'" + spec.getRootNamespace() + "' is not a namespace's name (a DNS label)");
        return violations;
    }

    private static boolean isLease(Duration lease) {
        long seconds = lease.getSeconds();
        int nanos = lease.getNanos();
        return nanos >= 0
                && seconds >= MIN_LEASE_SECONDS
                && (seconds < MAX_LEASE_SECONDS || (seconds == MAX_LEASE_SECONDS && nanos == 0));
    }

    private static BigDecimal seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getNanos(), NANO_DIGITS)
                .add(BigDecimal.valueOf(duration.getSeconds()))
                .stripTrailingZeros();
    }
}
