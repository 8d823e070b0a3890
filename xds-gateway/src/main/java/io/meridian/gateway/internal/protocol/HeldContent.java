package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * The {@link Fingerprint} of what a client holds of a type once it has everything that it asks for. Of one stream: remembers the last, so that
 * a change costs what changed. Not thread-safe.
 */
final class HeldContent {
    private final Differences differences;
    private NameSet names = NameSet.EMPTY;
    private PSortedMap<String, XdsResource> map = Standing.NOTHING;
    private long sum;

    HeldContent(Differences differences) {
        this.differences = differences;
    }

    long of(Standing standing) {
        return standing.wildcard ? differences.sum(standing.current) : named(standing.names, standing.current);
    }

    @SuppressWarnings("ReferenceEquality") // the same names are the same object; of others the sum is looked up
    private long named(NameSet asked, PSortedMap<String, XdsResource> current) {
        if (asked != names) {
            sum = differences.sum(asked, current);
        } else if (current != map) {
            for (String name : differences.between(map, current)) {
                if (asked.contains(name)) {
                    sum += of(current.get(name)) - of(map.get(name));
                }
            }
        }
        names = asked;
        map = current;
        return sum;
    }

    private static long of(@Nullable XdsResource resource) {
        return resource == null ? 0 : Fingerprint.of(resource);
    }
}
