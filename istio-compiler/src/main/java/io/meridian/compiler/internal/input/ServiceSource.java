package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** One of the objects that make a service. {@code source} names it. */
public record ServiceSource(ServiceKey service, String source) implements Comparable<ServiceSource> {
    private static final Comparator<ServiceSource> ORDER =
            Comparator.comparing(ServiceSource::service).thenComparing(ServiceSource::source);

    @Override
    public int compareTo(ServiceSource other) {
        return ORDER.compare(this, other);
    }
}
