package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;

/**
 * 64 bits over a name and a version. Those of a set are summed, so that a set's fingerprint is kept up to date with what changes in it;
 * the same for the same content in every gateway.
 */
final class Fingerprint {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private Fingerprint() {}

    static long of(XdsResource resource) {
        return mix(mix(hash(resource.name())) + hash(resource.version()));
    }

    /** As an xDS version. */
    static String text(long sum) {
        return Long.toHexString(sum);
    }

    /** FNV-1a. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long value) {
        long z = value + GOLDEN_RATIO;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
