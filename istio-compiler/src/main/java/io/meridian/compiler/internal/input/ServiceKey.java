package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** A service: the same host in several clusters is one; the same host in several namespaces is not. */
public record ServiceKey(String host, String namespace) implements Comparable<ServiceKey> {
    private static final Comparator<ServiceKey> ORDER =
            Comparator.comparing(ServiceKey::host).thenComparing(ServiceKey::namespace);

    @Override
    public int compareTo(ServiceKey other) {
        return ORDER.compare(this, other);
    }
}
