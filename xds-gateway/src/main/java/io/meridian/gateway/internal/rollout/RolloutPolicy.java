package io.meridian.gateway.internal.rollout;

import io.meridian.api.type.v1.MeshSpec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who is a canary, and when a resource's roll-out halts; see {@code MeshSpec.Rollout} in types.proto.
 *
 * @param canaryPercent share of the node ids that are canaries, more than 0 and at most 100
 * @param haltPercent share of the canaries that were sent a resource whose refusal halts it, more than 0 and at most 100
 */
public record RolloutPolicy(double canaryPercent, double haltPercent) {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final int DOUBLE_BITS = 53;

    /** Null if the mesh has no canaries, so that every change goes to all at once. */
    public static @Nullable RolloutPolicy of(MeshSpec spec) {
        MeshSpec.Rollout rollout = spec.getRollout();
        return rollout.getCanaryPercent() > 0
                ? new RolloutPolicy(rollout.getCanaryPercent(), rollout.getHaltPercent())
                : null;
    }

    boolean isCanary(String node) {
        return percentile(node) < canaryPercent;
    }

    /**
     * Where a node stands among all, from 0 to below 100: a hash of its id alone, so that a proxy is on one side wherever and whenever it
     * connects, and stays a canary when the share grows. FNV-1a, then the last step of MurmurHash3, which spreads ids that differ in their
     * end only.
     */
    static double percentile(String node) {
        long hash = FNV_OFFSET;
        for (byte b : node.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return (hash >>> (Long.SIZE - DOUBLE_BITS)) * (100.0 / (1L << DOUBLE_BITS));
    }

    boolean halts(int refused, int sent) {
        return refused > 0 && refused * 100.0 >= haltPercent * sent;
    }
}
